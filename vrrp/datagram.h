/* vrrp/datagram.h -- what the raw VRRP socket and the peer socket have in common: one datagram in, one datagram out.
 *
 * The promise: a datagram is reported with the interface, the addresses and the arrival time that the kernel recorded,
 * not with what its sender claims; sending uses exactly the interface and source asked for. Never blocks. */
#ifndef HA_VRRP_DATAGRAM_H
#define HA_VRRP_DATAGRAM_H

#include "lib/net.h"
#include "lib/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct vrrp_datagram {
	struct ha_address source, destination;
	uint16_t port;    /* of the source; 0 on raw sockets */
	unsigned ifindex; /* where it came in */
	uint8_t ttl;      /* or hop limit */
	bool truncated;
	ha_time received;
	uint32_t kernel_drops; /* drop counter of the socket (wraps), when it was queued; 0 while nothing was dropped */
};

/* The socket of either kind. */
struct vrrp_datagram_socket {
	int fd; /* for EPOLLIN; -1: not open. Changes on reopen. */
	unsigned ifindex;
	ha_time empty; /* when the queue was last seen empty */
	uint32_t drops_seen;
};

/* Close what is open, and make a socket that does not block, is closed on exec and bound to `interface`, with
 * everything that vrrp_datagram_receive() needs, and packets marked as network control (TOS 0xC0, TTL 255). Returns 0
 * or -errno: -ENODEV, there is no such interface. On failure it is not open and the rest is kept. */
int vrrp_datagram_open(struct vrrp_datagram_socket *socket, int family, int type, int protocol, const char *interface);
void vrrp_datagram_close(struct vrrp_datagram_socket *socket);

/* Hand up to `max` waiting datagrams to `take`, each in `buffer`. Returns how many were taken from the queue; less than
 * `max`: it is empty. -errno only if the socket is of no more use: -EBADF, it is not open. */
typedef void (*vrrp_datagram_handler)(void *userdata, size_t length, const struct vrrp_datagram *datagram);
int vrrp_datagram_receive_all(struct vrrp_datagram_socket *socket, void *buffer, size_t size, unsigned max,
	vrrp_datagram_handler take, void *userdata);

/* How many the kernel has dropped since the last datagram that was asked about. */
uint32_t vrrp_datagram_drops(struct vrrp_datagram_socket *socket, const struct vrrp_datagram *datagram);

/* Read one datagram into `buffer`. `now` is the time before the call; `floor` the last time the queue was
 * known to be empty: a kernel time stamp is believed only in between, so a jump of the wall clock cannot make a
 * packet look older or newer than it can be. Returns the length or -errno; -EAGAIN: none. */
int vrrp_datagram_receive(int fd, void *buffer, size_t size, ha_time now, ha_time floor, struct vrrp_datagram *ret);

/* Send from `source` out of `ifindex`. Returns 0 or -errno; -EADDRNOTAVAIL or -ENETUNREACH: `source` is not configured
 * here. */
int vrrp_datagram_send(int fd, const struct ha_address *source, unsigned ifindex, const struct ha_address *destination,
	uint16_t port, const void *data, size_t length);

/* Errors that say something about one datagram or about the network, not about the socket. */
bool vrrp_datagram_transient(int error);

/* Fill a socket address; link-local IPv6 gets `ifindex` as scope. Returns its length. */
socklen_t vrrp_datagram_sockaddr(
	const struct ha_address *address, uint16_t port, unsigned ifindex, struct sockaddr_storage *ret);

/* setsockopt() of an int, as 0 or -errno. */
int vrrp_datagram_option(int fd, int level, int name, int value);

#endif
