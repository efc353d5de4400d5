/* lib/net.h -- IP addresses as plain values.
 *
 * Pure. The promise: numeric text only, no name is ever resolved (a resolver can block for seconds). */
#ifndef HA_LIB_NET_H
#define HA_LIB_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HA_ADDRESS_TEXT 46 /* INET6_ADDRSTRLEN */

/* family: AF_INET (4 bytes used), AF_INET6 (16), or 0: none. Unused bytes are zero, so memcmp compares. */
struct ha_address {
	uint8_t family;
	uint8_t bytes[16];
};

/* "192.168.1.98" or "fe80::1". Returns 0 or -EINVAL. */
int ha_address_parse(const char *text, struct ha_address *ret);
/* Writes numeric text, "-" for none. Returns `buffer`. */
const char *ha_address_format(const struct ha_address *address, char buffer[HA_ADDRESS_TEXT]);
bool ha_address_equal(const struct ha_address *a, const struct ha_address *b);
size_t ha_address_length(const struct ha_address *address); /* 4, 16 or 0 */

#endif
