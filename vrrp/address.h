/* vrrp/address.h -- put virtual addresses on interfaces and take them off again, with the kernel's word for each.
 *
 * The promise: every request is answered exactly once through the handler, and 0 is answered only when the kernel has
 * confirmed that the address is there (add) or is not there (remove) (S3). A lost confirmation is an error, never a
 * success. Requests queue here and go out a window at a time, so that 4096 of them cost linear time and no blocking.
 *
 * Record before add (S4) is the caller's. Watching for other people's changes: vrrp/monitor.h. */
#ifndef HA_VRRP_ADDRESS_H
#define HA_VRRP_ADDRESS_H

#include "lib/config.h"
#include "lib/net.h"

#include <stdbool.h>
#include <stdint.h>

struct nl_sock;
struct vrrp_address_request;

enum vrrp_address_operation { VRRP_ADDRESS_ADD, VRRP_ADDRESS_REMOVE };

struct vrrp_address_answer {
	uint32_t token; /* the caller's */
	enum vrrp_address_operation operation;
	struct ha_address address;
	unsigned ifindex;
	int result; /* 0 or -errno: -ENODEV, -EPERM, -EINVAL, -ENOBUFS (the kernel's answer was lost: state unknown) ...
		     */
};

struct vrrp_address {
	int fd; /* for EPOLLIN */
	struct nl_sock *sock;
	struct vrrp_address_request *ring; /* of `capacity` */
	unsigned capacity;
	unsigned head, sent, queued; /* oldest unanswered; of the queued ones, the first `sent` are with the kernel */
	uint32_t sequence;           /* of the request at `head` */
};

typedef void (*vrrp_address_handler)(void *userdata, const struct vrrp_address_answer *answer);

/* `capacity`: most requests open at a time (twice the number of VIPs is plenty). Returns 0 or -errno. */
int vrrp_address_open(struct vrrp_address *address, unsigned capacity);
/* Requests still open are forgotten without an answer; the kernel may or may not have executed those sent. */
void vrrp_address_close(struct vrrp_address *address);

/* Ask for `vip` on `ifindex`: noprefixroute (unless it is a host prefix), with label, scope and broadcast as
 * configured; IPv6 without DAD (S5 has asked already) and, with prefix 128, deprecated, so that it is never picked as a
 * source. EEXIST counts as there. `vip` must stay valid until answered. Returns 0 (an answer will come), -ENOBUFS
 * (capacity used up) or -EINVAL (bad vip); never calls the handler. */
int vrrp_address_add(struct vrrp_address *address, const struct config_vip *vip, unsigned ifindex, uint32_t token);

/* Ask for removal, of what the kernel shows (vrrp_monitor_list) or of what was configured. EADDRNOTAVAIL counts as
 * absent, and so does an interface that is gone (ENODEV). Returns as vrrp_address_add(). */
int vrrp_address_remove(struct vrrp_address *address, const struct ha_address *vip, uint8_t prefix_length,
	unsigned ifindex, uint32_t token);

/* Take up to `max` answers and send what the window then allows. Call it when `fd` is readable, and once after a batch
 * of requests to start them. Returns the number of answers given to the handler (== max: call again) or -errno if the
 * socket is of no more use. The handler may make new requests. */
int vrrp_address_receive(struct vrrp_address *address, unsigned max, vrrp_address_handler handler, void *userdata);

/* Requests not yet answered. */
unsigned vrrp_address_open_requests(const struct vrrp_address *address);

#endif
