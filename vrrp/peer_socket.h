/* vrrp/peer_socket.h -- the UDP socket for peer messages on one link.
 *
 * The promise: a datagram handed up came in on this link's device, to this link's address, from the peer's address;
 * the same source spoofed through another LAN never gets here (FAULTS 80). Whether it is authentic is for
 * vrrp_message_decode(). Refusals and other ICMP errors are counted and end nothing. Nothing blocks, nothing
 * allocates after open. */
#ifndef HA_VRRP_PEER_SOCKET_H
#define HA_VRRP_PEER_SOCKET_H

#include "lib/net.h"
#include "lib/time.h"
#include "vrrp/datagram.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRRP_PEER_SOCKET_BYTES 1536 /* longer datagrams are handed up cut and marked */

struct vrrp_peer_socket_config {
	char interface[IF_NAMESIZE];
	struct ha_address local; /* our address on the link */
	struct ha_address peer;  /* the peer's; same family */
	uint16_t local_port;     /* 1112 */
	uint16_t peer_port;      /* 1112; datagrams from another port are marked */
};

struct vrrp_peer_datagram {
	const uint8_t *data; /* valid during the call only */
	size_t length;
	bool truncated;   /* was longer than VRRP_PEER_SOCKET_BYTES */
	bool right_port;  /* from peer_port. Else: the peer's address, but not its daemon; S8 decides, never believed */
	uint8_t ttl;      /* or hop limit; links may be routed, so it is only reported */
	ha_time received; /* arrival in the kernel; never later than now, never before the last time the queue was empty
			   */
};

struct vrrp_peer_socket_counters {
	uint64_t sent, send_errors, received;
	uint64_t foreign;          /* from another address, other interface or to another address: dropped */
	uint64_t port_unreachable; /* ICMP: the peer's kernel lives, its daemon does not listen */
	uint64_t unreachable;      /* other ICMP or neighbour errors */
	uint64_t kernel_drops;     /* by the kernel: queue full, or filtered because it is not for us */
};

struct vrrp_peer_socket {
	struct vrrp_datagram_socket io; /* io.fd: for EPOLLIN (and EPOLLERR, always reported); changes on reopen */
	struct vrrp_peer_socket_config config;
	struct vrrp_peer_socket_counters counters;
};

typedef void (*vrrp_peer_socket_handler)(void *userdata, const struct vrrp_peer_datagram *datagram);

/* Open in the caller's network namespace. Needs CAP_NET_RAW (device binding). Returns 0 or -errno: -ENODEV (no such
 * interface), -EADDRINUSE (somebody has the port), -EINVAL (families differ). The local address need not exist yet;
 * until it does, sends fail. On failure io.fd is -1 and reopen may be tried later. */
int vrrp_peer_socket_open(struct vrrp_peer_socket *socket, const struct vrrp_peer_socket_config *config);
int vrrp_peer_socket_reopen(struct vrrp_peer_socket *socket); /* as vrrp_socket_reopen */
void vrrp_peer_socket_close(struct vrrp_peer_socket *socket);

/* Returns 0 or -errno: -EADDRNOTAVAIL or -ENETUNREACH (our address is not configured),
 * -ENETDOWN, -EHOSTUNREACH, -EPERM (a firewall of ours), -EAGAIN, -ENOBUFS, -EBADF (not open). A refusal that an
 * earlier datagram earned is not an error of this one. */
int vrrp_peer_socket_send(struct vrrp_peer_socket *socket, const uint8_t *data, size_t length);

/* As vrrp_socket_receive(). Drains queued ICMP errors too. */
int vrrp_peer_socket_receive(
	struct vrrp_peer_socket *socket, unsigned max, vrrp_peer_socket_handler handler, void *userdata);

#endif
