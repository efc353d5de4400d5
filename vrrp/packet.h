/* vrrp/packet.h -- VRRP adverts: VRRPv2 (RFC 3768, without authentication or with PASS) and VRRPv3 (RFC 9568).
 *
 * Pure. The promise: vrrp_packet_parse() says OK only for an advert that obeys every rule of its RFC and every setting
 * of ours; for any other it says precisely why not. It never reads past the packet, and nothing is copied or allocated.
 */
#ifndef HA_VRRP_PACKET_H
#define HA_VRRP_PACKET_H

#include "lib/net.h"
#include "lib/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRRP_PACKET_PROTOCOL  112
#define VRRP_PACKET_TTL       255
#define VRRP_PACKET_ADDRESSES 255  /* the count is one byte */
#define VRRP_PACKET_BYTES     4096 /* upper bound: 8 + 255 x 16 */
#define VRRP_PACKET_PASS      8

enum vrrp_auth { VRRP_AUTH_NONE, VRRP_AUTH_PASS }; /* as on the wire, RFC 2338 5.3.6 */

/* What the checksum of v3 over IPv4 covers beside the VRRP message; the world disagrees. v2 never has a pseudo header,
 * IPv6 always has (RFC 8200 8.1): for these the setting means nothing. */
enum vrrp_checksum {
	VRRP_CHECKSUM_AUTO,   /* received: any of the below, but one must verify; sent: PSEUDO */
	VRRP_CHECKSUM_PSEUDO, /* pseudo header with the real addresses: RFC 5798, keepalived */
	VRRP_CHECKSUM_GROUP,  /* pseudo header to 224.0.0.18 although unicast: keepalived 1.3.5 */
	VRRP_CHECKSUM_NONE,   /* no pseudo header: RFC 9568 5.2.8 */
};

struct vrrp_advert {
	uint8_t version;                     /* 2 or 3 */
	uint8_t vrid;                        /* 1..255 */
	uint8_t priority;                    /* 0: the master leaves */
	ha_time advert_interval;             /* v2: whole seconds, 1..255; v3: centiseconds, 1..4095 */
	enum vrrp_auth auth;                 /* v2 */
	uint8_t auth_pass[VRRP_PACKET_PASS]; /* v2 with PASS, padded with zeros; else zeros */
	enum vrrp_checksum checksum;         /* parse: which one verified (never AUTO); build: which one to make */
	uint8_t family;                      /* of the addresses: AF_INET or AF_INET6 */
	uint8_t address_count;               /* 1..255 */
	const uint8_t *addresses;            /* 4 or 16 bytes each; parse: points into the packet */
};

/* The addresses that go into the adverts, packed once: as many of the configured ones as one packet holds. */
struct vrrp_addresses {
	uint8_t family;
	uint8_t capacity;
	uint8_t count;
	uint8_t bytes[VRRP_PACKET_ADDRESSES * 16];
};

/* Adverts of `family` and `version` over a link of `mtu` bytes; both nodes must have the same MTU. */
void vrrp_addresses_init(struct vrrp_addresses *list, unsigned version, uint8_t family, size_t mtu);
/* Offer the addresses in the configured order. False: not in the adverts ("excluded", as keepalived has it), because it
 * is of the other family, in the list already, or one too many. */
bool vrrp_addresses_add(struct vrrp_addresses *list, const struct ha_address *address);

/* Write `advert` for the IP payload into `buffer`. Returns the length; 0 if a field is out of range, the family does
 * not fit the version, or `size` is too small. `source` and `destination` are those of the IP header (v3). */
size_t vrrp_packet_build(const struct vrrp_advert *advert, const struct ha_address *source,
	const struct ha_address *destination, uint8_t *buffer, size_t size);

/* A received packet: what the IP header said, and its payload. */
struct vrrp_packet {
	struct ha_address source;
	struct ha_address destination;
	uint8_t ttl; /* or hop limit */
	const uint8_t *data;
	size_t length;
};

/* What an advert must be to be one of our pair. */
struct vrrp_rules {
	uint8_t version;
	uint8_t vrid;
	ha_time advert_interval; /* v2; v3 takes the sender's */
	enum vrrp_auth auth;
	uint8_t auth_pass[VRRP_PACKET_PASS];
	enum vrrp_checksum checksum;
	const struct vrrp_addresses *addresses;
};

/* In the order in which they are looked at; the first that applies is the verdict. */
enum vrrp_verdict {
	VRRP_VERDICT_OK,
	VRRP_VERDICT_SHORT,   /* less than the 8 bytes of the header */
	VRRP_VERDICT_VRID,    /* another virtual router: none of our business */
	VRRP_VERDICT_TTL,     /* not 255: came through a router (RFC 9568 5.1.1.3) */
	VRRP_VERDICT_VERSION, /* not ours, or v2 over IPv6 */
	VRRP_VERDICT_TYPE,    /* not an ADVERTISEMENT */
	VRRP_VERDICT_LENGTH,  /* no address, or the length does not fit the count exactly (keepalived 2.2 wants it so
				 too) */
	VRRP_VERDICT_CHECKSUM,
	VRRP_VERDICT_AUTH_TYPE, /* v2 */
	VRRP_VERDICT_AUTH_PASS, /* v2 */
	VRRP_VERDICT_INTERVAL,  /* v2: not ours (RFC 3768 7.1: drop and report); v3: zero */
	VRRP_VERDICT_ADDRESSES, /* not the same set of addresses; the order does not matter */
	VRRP_VERDICTS
};

/* Judge `packet`. *ret is filled for OK and for every verdict after CHECKSUM, so that the report can say what came; for
 * the others it is untouched. ret->addresses lives as long as packet->data. */
enum vrrp_verdict vrrp_packet_parse(
	const struct vrrp_packet *packet, const struct vrrp_rules *rules, struct vrrp_advert *ret);

/* Address `index` (below address_count) of a parsed advert. */
struct ha_address vrrp_advert_address(const struct vrrp_advert *advert, unsigned index);

const char *vrrp_verdict_name(enum vrrp_verdict verdict);    /* "ok", "ttl", "checksum", ... */
const char *vrrp_checksum_name(enum vrrp_checksum checksum); /* "auto", "pseudo", "group", "none" */

#endif
