/* vrrp/probe.h -- ask the wire who has an address, and tell the wire who has it now (S5, S12), on one Ethernet link.
 *
 * The promise: a probe never puts an entry into anybody's cache (RFC 5227 2.1.1: sender address 0; IPv6: DAD's
 * unspecified source, RFC 4862 5.4.2), and every ARP or ND frame on this link in which another MAC than ours says it
 * has a watched address is reported, asked for or not. How often, how far apart and what an answer means is the
 * caller's. Nothing blocks, nothing allocates after open. */
#ifndef HA_VRRP_PROBE_H
#define HA_VRRP_PROBE_H

#include "lib/net.h"
#include "lib/time.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRRP_PROBE_MAC    6
#define VRRP_PROBE_FRAME  128 /* upper bound of a frame made here */
#define VRRP_PROBE_OTHERS 4

struct vrrp_probe_watched;

enum vrrp_probe_sighting_type {
	VRRP_PROBE_IN_USE, /* `mac` says that it has `address`: reply, announcement, or a request sent with it */
	VRRP_PROBE_WANTED, /* `mac` sends a probe for `address`: it is about to use it */
};

struct vrrp_probe_sighting {
	enum vrrp_probe_sighting_type type;
	unsigned index; /* of the address in the caller's watch list */
	struct ha_address address;
	uint8_t mac[VRRP_PROBE_MAC]; /* the claimed one (ARP sender, ND target link-layer address), never one of ours */
	bool reply;                  /* an ARP reply or solicited NA: answers a question */
	ha_time received;
};

struct vrrp_probe_counters {
	uint64_t sent, send_errors, received, malformed, own;
};

struct vrrp_probe {
	int arp_fd; /* for EPOLLIN; -1: not open */
	int nd_fd;  /* for EPOLLIN; -1 if no IPv6 address is watched */
	unsigned ifindex;
	uint8_t mac[VRRP_PROBE_MAC];
	uint8_t others[VRRP_PROBE_OTHERS][VRRP_PROBE_MAC]; /* further MACs that are ours */
	unsigned other_count;
	struct vrrp_probe_watched *watched; /* sorted by address */
	unsigned watched_count;
	struct vrrp_probe_counters counters;
};

typedef void (*vrrp_probe_handler)(void *userdata, const struct vrrp_probe_sighting *sighting);

/* Listen on `ifindex` for `count` watched addresses (copied; VIPs, and gateways that are to be asked by ARP). The
 * link must be Ethernet (-EOPNOTSUPP else). Needs CAP_NET_RAW. Returns 0 or -errno. After the interface was made anew:
 * close and open. */
int vrrp_probe_open(struct vrrp_probe *probe, unsigned ifindex, const struct ha_address *watched, unsigned count);
void vrrp_probe_close(struct vrrp_probe *probe);

/* The link's own MAC changed (bonding), or another of our interfaces is on the same LAN. */
void vrrp_probe_set_mac(struct vrrp_probe *probe, const uint8_t mac[VRRP_PROBE_MAC]);
int vrrp_probe_add_own_mac(struct vrrp_probe *probe, const uint8_t mac[VRRP_PROBE_MAC]); /* 0 or -ENOSPC */

/* Ask who has `address`: ARP probe or neighbour solicitation. All sends return 0 or -errno: -ENETDOWN (link down),
 * -EAGAIN or -ENOBUFS (queue full: not sent, try again), -EAFNOSUPPORT (no IPv6 socket), -EBADF (not open). */
int vrrp_probe_send(struct vrrp_probe *probe, const struct ha_address *address);

/* Say that we have `address`: gratuitous ARP as keepalived sends it, or an unsolicited NA with override to ff02::1. */
int vrrp_probe_announce(struct vrrp_probe *probe, const struct ha_address *address);

/* An ordinary question from `source`, which must be ours (IPv4 ARP request, or NS to the solicited-node group): the
 * answer of a watched `target` comes as IN_USE with `reply`. For gateways of required_to_fence checks. */
int vrrp_probe_request(struct vrrp_probe *probe, const struct ha_address *source, const struct ha_address *target);

/* Read up to `max` frames of each socket. Returns how many were read from the busier one; less than `max`: both are
 * empty. -errno only if a socket is of no more use (interface gone: -ENODEV). */
int vrrp_probe_receive(struct vrrp_probe *probe, unsigned max, vrrp_probe_handler handler, void *userdata);

/* Pure part, for tests: the frames, and what a received frame says. */
size_t vrrp_probe_build_probe(
	const uint8_t mac[VRRP_PROBE_MAC], const struct ha_address *address, uint8_t frame[VRRP_PROBE_FRAME]);
size_t vrrp_probe_build_announcement(
	const uint8_t mac[VRRP_PROBE_MAC], const struct ha_address *address, uint8_t frame[VRRP_PROBE_FRAME]);
size_t vrrp_probe_build_request(const uint8_t mac[VRRP_PROBE_MAC], const struct ha_address *source,
	const struct ha_address *target, uint8_t frame[VRRP_PROBE_FRAME]);
/* Parse an Ethernet frame: address, mac, type and reply of *ret. Returns 0, -EBADMSG (malformed) or -ENOMSG (well
 * formed, says nothing about an address). */
int vrrp_probe_parse(const uint8_t *frame, size_t length, struct vrrp_probe_sighting *ret);

#endif
