/* vrrp/probe_frame.h -- the ARP and neighbour discovery frames of vrrp/probe: built and read.
 *
 * Pure. The promise: a probe carries no sender address (RFC 5227 2.1.1; RFC 4862 5.4.2), an announcement is byte for
 * byte keepalived's, and what a frame is taken to say comes from inside the frame and its bounds. */
#ifndef HA_VRRP_PROBE_FRAME_H
#define HA_VRRP_PROBE_FRAME_H

#include "lib/net.h"
#include "lib/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRRP_PROBE_MAC   6
#define VRRP_PROBE_FRAME 128 /* upper bound of a frame made here */

enum vrrp_probe_sighting_type {
	VRRP_PROBE_IN_USE, /* `mac` says that it has `address`: reply, announcement, or a request sent with it */
	VRRP_PROBE_WANTED, /* `mac` sends a probe for `address`: it is about to use it */
};

struct vrrp_probe_sighting {
	enum vrrp_probe_sighting_type type;
	unsigned index; /* not set by the parser: of the address in the caller's watch list */
	struct ha_address address;
	uint8_t mac[VRRP_PROBE_MAC]; /* the claimed one (ARP sender, ND target link-layer address), never one of ours */
	bool reply;                  /* an ARP reply or solicited NA: answers a question */
	ha_time received;            /* when it was read */
};

/* Each writes a whole Ethernet frame without padding from `mac` into `frame`; returns its length, or 0 if an address
 * has no family or source and target differ in it. Unused bytes of `frame` are left alone. */
size_t vrrp_probe_build_probe(
	const uint8_t mac[VRRP_PROBE_MAC], const struct ha_address *address, uint8_t frame[VRRP_PROBE_FRAME]);
size_t vrrp_probe_build_announcement(
	const uint8_t mac[VRRP_PROBE_MAC], const struct ha_address *address, uint8_t frame[VRRP_PROBE_FRAME]);
size_t vrrp_probe_build_request(const uint8_t mac[VRRP_PROBE_MAC], const struct ha_address *source,
	const struct ha_address *target, uint8_t frame[VRRP_PROBE_FRAME]);
/* What does an Ethernet frame say? Fills address, mac, type and reply of *ret. Returns 0, -EBADMSG (malformed) or
 * -ENOMSG (well formed, says nothing about an address). */
int vrrp_probe_parse(const uint8_t *frame, size_t length, struct vrrp_probe_sighting *ret);

#endif
