/* vrrp/probe.h -- ask the wire who has an address, and tell the wire who has it now (S5, S12), on one Ethernet link.
 *
 * The promise: a probe never puts an entry into anybody's cache (RFC 5227 2.1.1: sender address 0; IPv6: DAD's
 * unspecified source, RFC 4862 5.4.2), and every ARP or ND frame on this link in which another MAC than ours says it
 * has a watched address is reported, asked for or not. How often, how far apart and what an answer means is the
 * caller's. Nothing blocks, nothing allocates after open. */
#ifndef HA_VRRP_PROBE_H
#define HA_VRRP_PROBE_H

#include "vrrp/probe_frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRRP_PROBE_OTHERS 4

struct vrrp_probe_watched;

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
 * empty. -errno only if a socket is of no more use. A link that is down is no error here; one that is gone is
 * reported by sends (-ENODEV) and by vrrp/monitor. */
int vrrp_probe_receive(struct vrrp_probe *probe, unsigned max, vrrp_probe_handler handler, void *userdata);

#endif
