/* vrrp/socket.h -- the raw VRRP socket of one link (IP protocol 112, RFC 9568 section 5.1), IPv4 or IPv6.
 *
 * The promise: what is sent leaves on this device, from this source address, with TTL 255, to the group or to the
 * peer and nowhere else; what is handed up came in on this device for our VRID and was not sent by us. Nothing here
 * blocks, and nothing allocates after open. Validity (TTL, checksum, content) is the packet codec's to judge: the
 * shell reports what it saw (S8). */
#ifndef HA_VRRP_SOCKET_H
#define HA_VRRP_SOCKET_H

#include "lib/net.h"
#include "lib/time.h"
#include "vrrp/datagram.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vrrp_socket_config {
	char interface[IF_NAMESIZE];
	struct ha_address source; /* our primary address on the link; its family is the socket's (IPv6: link-local) */
	struct ha_address peer;   /* the peer's address on the link: marks its packets; destination if `unicast` */
	bool unicast;
	uint8_t vrid;
};

struct vrrp_socket_packet {
	const uint8_t *payload; /* from the VRRP header on; valid during the call only */
	size_t length;
	struct ha_address source, destination;
	uint8_t ttl;      /* or hop limit */
	bool from_peer;   /* source is config.peer */
	ha_time received; /* arrival in the kernel; never later than now, never before the last time the queue was empty
			   */
};

struct vrrp_socket_counters {
	uint64_t sent, send_errors, received;
	uint64_t own;          /* from our own source address: dropped */
	uint64_t short_ip;     /* without a whole IP header: dropped */
	uint64_t kernel_drops; /* by the kernel: queue full, or filtered because it is not for us */
};

struct vrrp_socket {
	struct vrrp_datagram_socket io; /* io.fd: for EPOLLIN; changes on reopen */
	struct vrrp_socket_config config;
	struct vrrp_socket_counters counters;
};

typedef void (*vrrp_socket_handler)(void *userdata, const struct vrrp_socket_packet *packet);

/* Open in the caller's network namespace. Needs CAP_NET_RAW. Returns 0 or -errno: -ENODEV (no such interface),
 * -EAFNOSUPPORT (IPv6 off), -EINVAL (families of source and peer differ). On failure `socket->io.fd` is -1 and
 * everything else is kept, so vrrp_socket_reopen() may be tried later. The source need not exist yet. */
int vrrp_socket_open(struct vrrp_socket *socket, const struct vrrp_socket_config *config);

/* Once more with the same configuration, by interface name: after the interface was deleted and made anew. Counters are
 * kept. Take the old fd out of the event loop first. */
int vrrp_socket_reopen(struct vrrp_socket *socket);

/* Leave and join the multicast group again (sends a new membership report): after link-up, for snooping switches that
 * forgot us, and after an address flush. Unicast: does nothing. Returns 0 or -errno. */
int vrrp_socket_rejoin(struct vrrp_socket *socket);

void vrrp_socket_close(struct vrrp_socket *socket);

/* Send one VRRP packet (`length` bytes from the VRRP header on, checksum included). Returns 0 or -errno: -EADDRNOTAVAIL
 * or -ENETUNREACH (the source is not configured), -ENETDOWN, -ENOBUFS, -EAGAIN (queue full: lost), -EBADF (not open).
 */
int vrrp_socket_send(struct vrrp_socket *socket, const uint8_t *payload, size_t length);

/* Hand up to `max` waiting packets to `handler`. Returns how many datagrams were taken from the queue (also those
 * dropped here); less than `max`: the queue is empty. -errno only if the socket is of no more use (reopen it). */
int vrrp_socket_receive(struct vrrp_socket *socket, unsigned max, vrrp_socket_handler handler, void *userdata);

#endif
