/* vrrp/monitor.h -- what the kernel says about links and addresses: lists when asked, events when it changes.
 *
 * The promise: a change is either reported or announced as lost (VRRP_MONITOR_OVERRUN: list again); it is never
 * silently missed. Events may repeat what is known already. The monitor keeps no state of its own. Open it before the
 * first list, so that nothing falls between the two. */
#ifndef HA_VRRP_MONITOR_H
#define HA_VRRP_MONITOR_H

#include "lib/net.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#define VRRP_MONITOR_MAC 6

struct nl_sock;

struct vrrp_monitor_link {
	unsigned ifindex;
	char name[IF_NAMESIZE]; /* may have changed: renamed */
	bool up;                /* administratively */
	bool running;           /* up, with carrier, and operational: packets can pass (S13) */
	unsigned downs; /* how often its carrier has gone; a short loss is told when it is over, or not at all */
	bool loopback;
	unsigned mtu;
	uint8_t mac[VRRP_MONITOR_MAC]; /* zero if the link has no Ethernet address */
	bool ethernet;
};

struct vrrp_monitor_address {
	unsigned ifindex;
	struct ha_address address; /* the local one */
	uint8_t prefix_length;
	bool secondary;
	bool tentative;  /* IPv6: not usable yet */
	bool dad_failed; /* IPv6: never usable */
	char label[IF_NAMESIZE];
};

enum vrrp_monitor_event_type {
	VRRP_MONITOR_ADDRESS_APPEARED, /* or changed */
	VRRP_MONITOR_ADDRESS_VANISHED,
	VRRP_MONITOR_LINK_CHANGED, /* appeared, up, down, carrier, renamed, MAC or MTU changed */
	VRRP_MONITOR_LINK_GONE,
	VRRP_MONITOR_OVERRUN, /* events were lost: vrrp_monitor_list() everything and compare */
};

struct vrrp_monitor_event {
	enum vrrp_monitor_event_type type;
	struct vrrp_monitor_link link;       /* LINK_* */
	struct vrrp_monitor_address address; /* ADDRESS_* */
};

struct vrrp_monitor {
	int fd; /* for EPOLLIN */
	struct nl_sock *sock;
};

typedef void (*vrrp_monitor_handler)(void *userdata, const struct vrrp_monitor_event *event);

/* Subscribe to links and IPv4 and IPv6 addresses of the caller's network namespace. Returns 0 or -errno. */
int vrrp_monitor_open(struct vrrp_monitor *monitor);
void vrrp_monitor_close(struct vrrp_monitor *monitor);

/* Hand over the events of up to `max` netlink datagrams. Returns how many were read; less than `max`: none is left.
 * -errno only if the socket is of no more use. */
int vrrp_monitor_receive(struct vrrp_monitor *monitor, unsigned max, vrrp_monitor_handler handler, void *userdata);

/* What is there now: first every link as LINK_CHANGED, then every address as ADDRESS_APPEARED. On a socket of its own;
 * waits for the kernel (milliseconds; at most 2 s, then -ETIMEDOUT). A list that changed while it was read is read
 * again, so the handler may see an entry more than once; on an error what it saw is incomplete. Returns 0 or -errno. */
int vrrp_monitor_list(vrrp_monitor_handler handler, void *userdata);

/* The same, filtered. -ENODEV: no such link; -EADDRNOTAVAIL: no interface has `address`. */
int vrrp_monitor_link_by_name(const char *name, struct vrrp_monitor_link *ret);
int vrrp_monitor_link_by_address(const struct ha_address *address, struct vrrp_monitor_link *ret);

#endif
