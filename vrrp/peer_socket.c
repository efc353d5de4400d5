#include "vrrp/peer_socket.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define IPV4_SOURCE 12 /* offsets in the IP header */
#define IPV6_SOURCE 8

static uint32_t
word(const struct ha_address *address, unsigned index)
{
	const uint8_t *b = address->bytes + index * (size_t)4;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Only the peer's address gets into the queue: a flood from elsewhere cannot fill it. */
static int
attach_filter(int fd, const struct ha_address *peer)
{
	unsigned words = peer->family == AF_INET ? 1 : 4;
	uint32_t offset = (uint32_t)SKF_NET_OFF + (peer->family == AF_INET ? IPV4_SOURCE : IPV6_SOURCE);
	struct sock_filter code[10];
	struct sock_fprog program = { .filter = code };
	unsigned n = 0;

	for (unsigned i = 0; i < words; i++) {
		code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset + 4 * i);
		/* Not equal: to the last instruction. */
		code[n++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, word(peer, i), 0, (uint8_t)(2 * (words - i) - 1));
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	program.len = (unsigned short)n;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0 ? 0 : -errno;
}

/* Free bind: the address may come later, or be flushed and come back; the socket stays good. Error queue: ICMP
 * errors are worth counting ("nobody listens there" shows a living kernel), not worth failing for. */
static int
prepare(const struct vrrp_peer_socket_config *config, unsigned ifindex, int fd)
{
	bool ipv4 = config->local.family == AF_INET;
	int level = ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
	struct sockaddr_storage local;
	socklen_t length = vrrp_datagram_sockaddr(&config->local, config->local_port, ifindex, &local);
	int r;

	r = attach_filter(fd, &config->peer);
	if (r < 0)
		return r;
	if (!ipv4 && (r = vrrp_datagram_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) < 0)
		return r;
	if ((r = vrrp_datagram_option(fd, level, ipv4 ? IP_FREEBIND : IPV6_FREEBIND, 1)) < 0 ||
		(r = vrrp_datagram_option(fd, level, ipv4 ? IP_RECVERR : IPV6_RECVERR, 1)) < 0)
		return r;
	return bind(fd, (const struct sockaddr *)&local, length) == 0 ? 0 : -errno;
}

int
vrrp_peer_socket_reopen(struct vrrp_peer_socket *socket)
{
	int r = vrrp_datagram_open(&socket->io, socket->config.local.family, SOCK_DGRAM, 0, socket->config.interface);

	if (r == 0)
		r = prepare(&socket->config, socket->io.ifindex, socket->io.fd);
	if (r < 0)
		vrrp_datagram_close(&socket->io);
	return r;
}

int
vrrp_peer_socket_open(struct vrrp_peer_socket *socket, const struct vrrp_peer_socket_config *config)
{
	*socket = (struct vrrp_peer_socket){ .io.fd = -1, .config = *config };
	if (config->local.family != AF_INET && config->local.family != AF_INET6)
		return -EINVAL;
	if (config->local.family != config->peer.family)
		return -EINVAL;
	return vrrp_peer_socket_reopen(socket);
}

void
vrrp_peer_socket_close(struct vrrp_peer_socket *socket)
{
	vrrp_datagram_close(&socket->io);
}

int
vrrp_peer_socket_send(struct vrrp_peer_socket *socket, const uint8_t *data, size_t length)
{
	const struct vrrp_peer_socket_config *config = &socket->config;
	int r = -EBADF;

	/* The first try may only hand over the ICMP error of an earlier datagram. */
	for (unsigned tries = 0; socket->io.fd >= 0 && tries < 2; tries++) {
		r = vrrp_datagram_send(socket->io.fd, &config->local, socket->io.ifindex, &config->peer,
			config->peer_port, data, length);
		if (r >= 0 || !vrrp_datagram_transient(r))
			break;
	}
	if (r < 0)
		socket->counters.send_errors++;
	else
		socket->counters.sent++;
	return r;
}

static void
count_error(struct vrrp_peer_socket *socket, const struct sock_extended_err *error)
{
	bool port = (error->ee_origin == SO_EE_ORIGIN_ICMP && error->ee_type == ICMP_DEST_UNREACH &&
			    error->ee_code == ICMP_PORT_UNREACH) ||
		    (error->ee_origin == SO_EE_ORIGIN_ICMP6 && error->ee_type == ICMPV6_DEST_UNREACH &&
			    error->ee_code == ICMPV6_PORT_UNREACH);

	if (port)
		socket->counters.port_unreachable++;
	else
		socket->counters.unreachable++;
}

static void
drain_errors(struct vrrp_peer_socket *socket, unsigned max)
{
	union {
		struct cmsghdr align;
		char bytes[512];
	} control;

	for (unsigned i = 0; i < max; i++) {
		struct msghdr message = { .msg_control = &control, .msg_controllen = sizeof(control) };
		struct sock_extended_err error;

		if (recvmsg(socket->io.fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message); cmsg; cmsg = CMSG_NXTHDR(&message, cmsg)) {
			if ((cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_RECVERR) ||
				(cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_RECVERR)) {
				memcpy(&error, CMSG_DATA(cmsg), sizeof(error));
				count_error(socket, &error);
			}
		}
	}
}

/* The kernel's binding and the filter should leave nothing else; what a changed configuration of the link (VRF, address
 * moved to another interface) lets through all the same ends here. */
static bool
is_from_peer(const struct vrrp_peer_socket *socket, const struct vrrp_datagram *datagram)
{
	return datagram->ifindex == socket->io.ifindex &&
	       ha_address_equal(&datagram->destination, &socket->config.local) &&
	       ha_address_equal(&datagram->source, &socket->config.peer);
}

/* Where the datagrams of one call go. */
struct taker {
	struct vrrp_peer_socket *socket;
	uint8_t *buffer;
	vrrp_peer_socket_handler handler;
	void *userdata;
};

static void
take(void *userdata, size_t length, const struct vrrp_datagram *datagram)
{
	const struct taker *taker = userdata;
	struct vrrp_peer_socket *socket = taker->socket;
	struct vrrp_peer_datagram up = { .data = taker->buffer,
		.length = length,
		.truncated = datagram->truncated,
		.right_port = datagram->port == socket->config.peer_port,
		.ttl = datagram->ttl,
		.received = datagram->received };

	socket->counters.kernel_drops += vrrp_datagram_drops(&socket->io, datagram);
	if (!is_from_peer(socket, datagram)) {
		socket->counters.foreign++;
		return;
	}
	socket->counters.received++;
	taker->handler(taker->userdata, &up);
}

int
vrrp_peer_socket_receive(
	struct vrrp_peer_socket *socket, unsigned max, vrrp_peer_socket_handler handler, void *userdata)
{
	uint8_t buffer[VRRP_PEER_SOCKET_BYTES];
	struct taker taker = { socket, buffer, handler, userdata };

	if (socket->io.fd >= 0)
		drain_errors(socket, max);
	return vrrp_datagram_receive_all(&socket->io, buffer, sizeof(buffer), max, take, &taker);
}
