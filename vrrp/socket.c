#include "vrrp/socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define PROTOCOL_VRRP     112
#define DATAGRAM_BYTES    65536 /* the largest IP packet: nothing is cut unseen */
#define IPV4_HEADER_BYTES 20

static const struct ha_address group_ipv4 = { .family = AF_INET, .bytes = { 224, 0, 0, 18 } };
static const struct ha_address group_ipv6 = { .family = AF_INET6, .bytes = { 0xff, 0x02, [15] = 0x12 } };

/* Only our VRID wakes us. A packet too short to have one passes: from the peer's address it means something (S8). The
 * kernel shows an IPv4 raw socket the IP header, an IPv6 one only the payload. */
static int
attach_filter(int fd, int family, uint8_t vrid)
{
	struct sock_filter ipv4[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), /* x = IP header length */
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),  /* a = length */
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 2, 0, 2), /* shorter than 2: pass */
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 1),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, vrid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter ipv6[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 2, 0, 2),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 1),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, vrid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program =
		family == AF_INET ? (struct sock_fprog){ .len = sizeof(ipv4) / sizeof(ipv4[0]), .filter = ipv4 }
				  : (struct sock_fprog){ .len = sizeof(ipv6) / sizeof(ipv6[0]), .filter = ipv6 };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0 ? 0 : -errno;
}

static int
change_membership(const struct vrrp_socket *socket, int fd, bool join)
{
	struct ip_mreqn request = { .imr_ifindex = (int)socket->io.ifindex };
	struct ipv6_mreq request6 = { .ipv6mr_interface = socket->io.ifindex };
	int r;

	if (socket->config.source.family == AF_INET) {
		memcpy(&request.imr_multiaddr, group_ipv4.bytes, 4);
		r = setsockopt(
			fd, IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request, sizeof(request));
	} else {
		memcpy(&request6.ipv6mr_multiaddr, group_ipv6.bytes, 16);
		r = setsockopt(
			fd, IPPROTO_IPV6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &request6, sizeof(request6));
	}
	return r == 0 ? 0 : -errno;
}

static int
set_multicast_ipv4(int fd, unsigned ifindex)
{
	struct ip_mreqn outgoing = { .imr_ifindex = (int)ifindex };
	int r;

	if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &outgoing, sizeof(outgoing)) != 0)
		return -errno;
	if ((r = vrrp_datagram_option(fd, IPPROTO_IP, IP_MULTICAST_TTL, 255)) < 0 ||
		(r = vrrp_datagram_option(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0)) < 0 ||
		(r = vrrp_datagram_option(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0)) < 0)
		return r;
	return 0;
}

static int
set_multicast_ipv6(int fd, unsigned ifindex)
{
	int r;

	if ((r = vrrp_datagram_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)ifindex)) < 0 ||
		(r = vrrp_datagram_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 255)) < 0 ||
		(r = vrrp_datagram_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0)) < 0)
		return r;
	return 0;
}

/* Between socket() and the filter, packets of other devices and VRIDs may have been queued. */
static void
drain(int fd)
{
	char byte;

	while (recv(fd, &byte, sizeof(byte), MSG_DONTWAIT) >= 0)
		;
}

static int
prepare(struct vrrp_socket *socket, int fd)
{
	const struct vrrp_socket_config *config = &socket->config;
	int family = config->source.family;
	int r;

	r = attach_filter(fd, family, config->vrid);
	if (r < 0)
		return r;
	r = family == AF_INET ? set_multicast_ipv4(fd, socket->io.ifindex) : set_multicast_ipv6(fd, socket->io.ifindex);
	if (r < 0)
		return r;
	if (!config->unicast) {
		r = change_membership(socket, fd, true);
		if (r < 0)
			return r;
	}
	drain(fd);
	return 0;
}

int
vrrp_socket_reopen(struct vrrp_socket *socket)
{
	int r = vrrp_datagram_open(
		&socket->io, socket->config.source.family, SOCK_RAW, PROTOCOL_VRRP, socket->config.interface);

	if (r == 0)
		r = prepare(socket, socket->io.fd);
	if (r < 0)
		vrrp_datagram_close(&socket->io);
	return r;
}

int
vrrp_socket_open(struct vrrp_socket *socket, const struct vrrp_socket_config *config)
{
	*socket = (struct vrrp_socket){ .io.fd = -1, .config = *config };
	if (config->source.family != AF_INET && config->source.family != AF_INET6)
		return -EINVAL;
	if (config->peer.family != config->source.family && (config->unicast || config->peer.family != 0))
		return -EINVAL;
	return vrrp_socket_reopen(socket);
}

int
vrrp_socket_rejoin(struct vrrp_socket *socket)
{
	int r;

	if (socket->io.fd < 0)
		return -EBADF;
	if (socket->config.unicast)
		return 0;
	r = change_membership(socket, socket->io.fd, false);
	if (r < 0 && r != -EADDRNOTAVAIL) /* EADDRNOTAVAIL: was not a member any more */
		return r;
	return change_membership(socket, socket->io.fd, true);
}

void
vrrp_socket_close(struct vrrp_socket *socket)
{
	vrrp_datagram_close(&socket->io);
}

int
vrrp_socket_send(struct vrrp_socket *socket, const uint8_t *payload, size_t length)
{
	const struct vrrp_socket_config *config = &socket->config;
	const struct ha_address *destination = config->unicast                    ? &config->peer
					       : config->source.family == AF_INET ? &group_ipv4
										  : &group_ipv6;
	int r;

	if (socket->io.fd < 0)
		return -EBADF;
	r = vrrp_datagram_send(socket->io.fd, &config->source, socket->io.ifindex, destination, 0, payload, length);
	if (r < 0)
		socket->counters.send_errors++;
	else
		socket->counters.sent++;
	return r;
}

/* A raw IPv4 socket gets the IP header too. Returns its length, or 0 if it is not whole. */
static size_t
header_bytes(const struct vrrp_socket *socket, const uint8_t *data, size_t length)
{
	size_t header = length > 0 ? (size_t)(data[0] & 0x0f) * 4 : 0;

	return header >= IPV4_HEADER_BYTES && header <= length && socket->config.source.family == AF_INET ? header : 0;
}

/* Where the datagrams of one call go. */
struct taker {
	struct vrrp_socket *socket;
	uint8_t *buffer;
	vrrp_socket_handler handler;
	void *userdata;
};

static void
take(void *userdata, size_t length, const struct vrrp_datagram *datagram)
{
	const struct taker *taker = userdata;
	struct vrrp_socket *socket = taker->socket;
	bool ipv4 = socket->config.source.family == AF_INET;
	size_t header = ipv4 ? header_bytes(socket, taker->buffer, length) : 0;
	struct vrrp_socket_packet packet;

	socket->counters.kernel_drops += vrrp_datagram_drops(&socket->io, datagram);
	if (ipv4 && header == 0) {
		socket->counters.short_ip++;
		return;
	}
	if (ha_address_equal(&datagram->source, &socket->config.source)) {
		socket->counters.own++;
		return;
	}
	socket->counters.received++;
	packet = (struct vrrp_socket_packet){ .payload = taker->buffer + header,
		.length = length - header,
		.source = datagram->source,
		.destination = datagram->destination,
		.ttl = datagram->ttl,
		.from_peer = ha_address_equal(&datagram->source, &socket->config.peer),
		.received = datagram->received };
	taker->handler(taker->userdata, &packet);
}

int
vrrp_socket_receive(struct vrrp_socket *socket, unsigned max, vrrp_socket_handler handler, void *userdata)
{
	uint8_t buffer[DATAGRAM_BYTES];
	struct taker taker = { socket, buffer, handler, userdata };

	return vrrp_datagram_receive_all(&socket->io, buffer, sizeof(buffer), max, take, &taker);
}
