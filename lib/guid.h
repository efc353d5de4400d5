/* lib/guid.h -- system GUIDs, and whether two of them name the same machine (S10).
 *
 * Pure. The promise: ha_guid_same() accepts the byte orders met in the field (straight, fully reversed, SMBIOS 2.6
 * mixed-endian) and nothing else; an unset GUID (all 00 or all ff) is the same as none, itself included. */
#ifndef HA_LIB_GUID_H
#define HA_LIB_GUID_H

#include <stdbool.h>
#include <stdint.h>

#define HA_GUID_TEXT 37

struct ha_guid {
	uint8_t bytes[16];
};

/* "01234567-89ab-cdef-0123-456789abcdef", dashes optional. Returns 0 or -EINVAL. */
int ha_guid_parse(const char *text, struct ha_guid *ret);
const char *ha_guid_format(const struct ha_guid *guid, char buffer[HA_GUID_TEXT]);
bool ha_guid_is_set(const struct ha_guid *guid);
bool ha_guid_equal(const struct ha_guid *a, const struct ha_guid *b); /* byte for byte */
bool ha_guid_same(const struct ha_guid *a, const struct ha_guid *b);

#endif
