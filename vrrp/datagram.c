#include "vrrp/datagram.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Room for a burst of some thousands of packets while the loop is away (S7, S13: what arrived is there to be read). */
#define RECEIVE_BUFFER_BYTES (4 << 20)
#define TOS_NETWORK_CONTROL  0xC0 /* precedence 6, RFC 791; what routers and keepalived use for VRRP */
#define PRIORITY_CONTROL     6    /* TC_PRIO_INTERACTIVE: the highest without a capability */

union control {
	struct cmsghdr align;
	char bytes[256];
};

int
vrrp_datagram_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == 0 ? 0 : -errno;
}

static int
set_options_ipv4(int fd)
{
	int r;

	if ((r = vrrp_datagram_option(fd, IPPROTO_IP, IP_TTL, 255)) < 0 ||
		(r = vrrp_datagram_option(fd, IPPROTO_IP, IP_TOS, TOS_NETWORK_CONTROL)) < 0 ||
		(r = vrrp_datagram_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)) < 0 ||
		(r = vrrp_datagram_option(fd, IPPROTO_IP, IP_PKTINFO, 1)) < 0 ||
		(r = vrrp_datagram_option(fd, IPPROTO_IP, IP_RECVTTL, 1)) < 0)
		return r;
	return 0;
}

static int
set_options_ipv6(int fd)
{
	int r;

	if ((r = vrrp_datagram_option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 255)) < 0 ||
		(r = vrrp_datagram_option(fd, IPPROTO_IPV6, IPV6_TCLASS, TOS_NETWORK_CONTROL)) < 0 ||
		(r = vrrp_datagram_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)) < 0 ||
		(r = vrrp_datagram_option(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1)) < 0)
		return r;
	return 0;
}

static int
set_options(int fd, int family, const char *interface)
{
	int r;

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface) + 1) != 0)
		return -errno;
	r = family == AF_INET ? set_options_ipv4(fd) : set_options_ipv6(fd);
	if (r < 0)
		return r;
	/* After the TOS, which sets a priority of its own. */
	if ((r = vrrp_datagram_option(fd, SOL_SOCKET, SO_PRIORITY, PRIORITY_CONTROL)) < 0 ||
		(r = vrrp_datagram_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1)) < 0 ||
		(r = vrrp_datagram_option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1)) < 0)
		return r;
	/* Beyond net.core.rmem_max only with CAP_NET_ADMIN. */
	if (vrrp_datagram_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES) < 0)
		return vrrp_datagram_option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
	return 0;
}

int
vrrp_datagram_open(struct vrrp_datagram_socket *datagrams, int family, int type, int protocol, const char *interface)
{
	unsigned ifindex = if_nametoindex(interface);
	int fd, r;

	vrrp_datagram_close(datagrams);
	if (ifindex == 0)
		return -ENODEV;
	fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -errno;
	r = set_options(fd, family, interface);
	if (r < 0) {
		close(fd);
		return r;
	}
	*datagrams = (struct vrrp_datagram_socket){ .fd = fd, .ifindex = ifindex, .empty = ha_now() };
	return 0;
}

void
vrrp_datagram_close(struct vrrp_datagram_socket *datagrams)
{
	if (datagrams->fd >= 0)
		close(datagrams->fd);
	datagrams->fd = -1;
}

socklen_t
vrrp_datagram_sockaddr(const struct ha_address *address, uint16_t port, unsigned ifindex, struct sockaddr_storage *ret)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	memset(ret, 0, sizeof(*ret));
	if (address->family == AF_INET) {
		memcpy(&in.sin_addr, address->bytes, 4);
		memcpy(ret, &in, sizeof(in));
		return sizeof(in);
	}
	memcpy(&in6.sin6_addr, address->bytes, 16);
	if (IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&in6.sin6_addr))
		in6.sin6_scope_id = ifindex;
	memcpy(ret, &in6, sizeof(in6));
	return sizeof(in6);
}

static void
take_source(const struct sockaddr_storage *from, struct vrrp_datagram *datagram)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (from->ss_family == AF_INET) {
		memcpy(&in, from, sizeof(in));
		datagram->source.family = AF_INET;
		memcpy(datagram->source.bytes, &in.sin_addr, 4);
		datagram->port = ntohs(in.sin_port);
	} else if (from->ss_family == AF_INET6) {
		memcpy(&in6, from, sizeof(in6));
		datagram->source.family = AF_INET6;
		memcpy(datagram->source.bytes, &in6.sin6_addr, 16);
		datagram->port = ntohs(in6.sin6_port);
	}
}

static ha_time
arrival(const struct timespec *stamp, ha_time now, ha_time floor)
{
	struct timespec wall;
	int64_t age;

	if (clock_gettime(CLOCK_REALTIME, &wall) != 0)
		return now;
	age = ((int64_t)wall.tv_sec - stamp->tv_sec) * (int64_t)HA_SEC + (wall.tv_nsec - stamp->tv_nsec) / 1000;
	if (age <= 0)
		return now;
	if (floor > now || (ha_time)age > now - floor)
		return ha_time_min(floor, now);
	return now - (ha_time)age;
}

static void
take_control(struct cmsghdr *cmsg, struct vrrp_datagram *datagram, struct timespec *stamp)
{
	const void *data = CMSG_DATA(cmsg);
	struct in_pktinfo info;
	struct in6_pktinfo info6;
	int ttl;

	if (cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_TIMESTAMPNS) {
		memcpy(stamp, data, sizeof(*stamp));
	} else if (cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SO_RXQ_OVFL) {
		memcpy(&datagram->kernel_drops, data, sizeof(datagram->kernel_drops));
	} else if (cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_PKTINFO) {
		memcpy(&info, data, sizeof(info));
		datagram->ifindex = (unsigned)info.ipi_ifindex;
		datagram->destination.family = AF_INET;
		memcpy(datagram->destination.bytes, &info.ipi_addr, 4);
	} else if (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_PKTINFO) {
		memcpy(&info6, data, sizeof(info6));
		datagram->ifindex = info6.ipi6_ifindex;
		datagram->destination.family = AF_INET6;
		memcpy(datagram->destination.bytes, &info6.ipi6_addr, 16);
	} else if ((cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_TTL) ||
		   (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_HOPLIMIT)) {
		memcpy(&ttl, data, sizeof(ttl));
		datagram->ttl = (uint8_t)ttl;
	}
}

int
vrrp_datagram_receive(int fd, void *buffer, size_t size, ha_time now, ha_time floor, struct vrrp_datagram *ret)
{
	struct vrrp_datagram datagram = { 0 };
	struct sockaddr_storage from = { 0 };
	struct iovec vector = { .iov_base = buffer, .iov_len = size };
	union control control;
	struct msghdr message = { .msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct timespec stamp = { 0 };
	ssize_t n;

	do
		n = recvmsg(fd, &message, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	take_source(&from, &datagram);
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message); cmsg; cmsg = CMSG_NXTHDR(&message, cmsg))
		take_control(cmsg, &datagram, &stamp);
	datagram.truncated = message.msg_flags & MSG_TRUNC;
	datagram.received = stamp.tv_sec ? arrival(&stamp, now, floor) : now;
	*ret = datagram;
	return (int)n;
}

int
vrrp_datagram_receive_all(struct vrrp_datagram_socket *datagrams, void *buffer, size_t size, unsigned max,
	vrrp_datagram_handler take, void *userdata)
{
	struct vrrp_datagram datagram;
	unsigned count;

	if (datagrams->fd < 0)
		return -EBADF;
	for (count = 0; count < max; count++) {
		ha_time now = ha_now();
		int n = vrrp_datagram_receive(datagrams->fd, buffer, size, now, datagrams->empty, &datagram);

		if (n == -EAGAIN) {
			datagrams->empty = now;
			break;
		}
		if (n >= 0)
			take(userdata, (size_t)n, &datagram);
		else if (!vrrp_datagram_transient(n))
			return n;
	}
	return (int)count;
}

uint32_t
vrrp_datagram_drops(struct vrrp_datagram_socket *datagrams, const struct vrrp_datagram *datagram)
{
	uint32_t drops = datagram->kernel_drops - datagrams->drops_seen;

	datagrams->drops_seen = datagram->kernel_drops;
	return drops;
}

static void
put_source(struct msghdr *message, const struct ha_address *source, unsigned ifindex)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(message);
	struct in_pktinfo info = { .ipi_ifindex = (int)ifindex };
	struct in6_pktinfo info6 = { .ipi6_ifindex = ifindex };

	if (source->family == AF_INET) {
		memcpy(&info.ipi_spec_dst, source->bytes, 4);
		cmsg->cmsg_level = IPPROTO_IP;
		cmsg->cmsg_type = IP_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(cmsg), &info, sizeof(info));
		message->msg_controllen = CMSG_SPACE(sizeof(info));
	} else {
		memcpy(&info6.ipi6_addr, source->bytes, 16);
		cmsg->cmsg_level = IPPROTO_IPV6;
		cmsg->cmsg_type = IPV6_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(info6));
		memcpy(CMSG_DATA(cmsg), &info6, sizeof(info6));
		message->msg_controllen = CMSG_SPACE(sizeof(info6));
	}
}

int
vrrp_datagram_send(int fd, const struct ha_address *source, unsigned ifindex, const struct ha_address *destination,
	uint16_t port, const void *data, size_t length)
{
	struct sockaddr_storage to;
	struct iovec vector = { .iov_base = (void *)data, .iov_len = length };
	union control control = { 0 };
	struct msghdr message = { .msg_name = &to,
		.msg_namelen = vrrp_datagram_sockaddr(destination, port, ifindex, &to),
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t n;

	put_source(&message, source, ifindex);
	do
		n = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EINVAL ? -EADDRNOTAVAIL
				       : -errno; /* what the kernel says of a source that is not there */
	return 0;
}

bool
vrrp_datagram_transient(int error)
{
	return error == -ECONNREFUSED || error == -EHOSTUNREACH || error == -ENETUNREACH || error == -ENETDOWN ||
	       error == -EHOSTDOWN || error == -ENOPROTOOPT || error == -EPROTO || error == -EMSGSIZE ||
	       error == -EACCES || error == -EOPNOTSUPP || error == -ENONET || error == -ENOBUFS || error == -ENOMEM;
}
