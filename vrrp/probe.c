#include "vrrp/probe.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEND_BUFFER_BYTES (4 << 20) /* announcements of thousands of addresses at once */
#define FILTERED_WATCHED  32u       /* up to so many IPv4 addresses are compared in the kernel */
#define IPV6_HEADER       40

struct vrrp_probe_watched {
	struct ha_address address;
	unsigned index;
};

static int
compare_watched(const void *a, const void *b)
{
	const struct vrrp_probe_watched *left = a, *right = b;

	if (left->address.family != right->address.family)
		return left->address.family < right->address.family ? -1 : 1;
	return memcmp(left->address.bytes, right->address.bytes, sizeof(left->address.bytes));
}

static unsigned
count_family(const struct vrrp_probe *probe, uint8_t family)
{
	unsigned count = 0;

	for (unsigned i = 0; i < probe->watched_count; i++)
		if (probe->watched[i].address.family == family)
			count++;
	return count;
}

static int
attach(int fd, struct sock_filter *code, unsigned length)
{
	struct sock_fprog program = { .len = (unsigned short)length, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0 ? 0 : -errno;
}

/* One comparison per watched IPv4 address; a match jumps `beyond` instructions past the last of them. */
static unsigned
compare_addresses(const struct vrrp_probe *probe, struct sock_filter *code, unsigned beyond)
{
	unsigned left = count_family(probe, AF_INET), n = 0;

	for (unsigned i = 0; i < probe->watched_count; i++) {
		const uint8_t *b = probe->watched[i].address.bytes;
		uint32_t value = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];

		if (probe->watched[i].address.family != AF_INET)
			continue;
		left--;
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, (uint8_t)(left + beyond), 0);
	}
	return n;
}

/* Of a LAN's many ARP frames only those about our addresses wake us: sent with one, or sent without any and asking
 * for one. With very many addresses every ARP frame is read. */
static int
filter_arp(const struct vrrp_probe *probe, int fd)
{
	unsigned count = count_family(probe, AF_INET), n = 0;
	struct sock_filter code[2 * FILTERED_WATCHED + 8];

	if (count > FILTERED_WATCHED)
		return 0;
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 28); /* sender protocol address */
	n += compare_addresses(probe, code + n, count + 3);                     /* past all that follows but "accept" */
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, (uint8_t)(count + 1));
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 38); /* target protocol address */
	n += compare_addresses(probe, code + n, 1);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	return attach(fd, code, n);
}

static int
filter_nd(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETHER_HDR_LEN + 6), /* next header */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 4),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETHER_HDR_LEN + IPV6_HEADER), /* ICMPv6 type */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_SOLICIT, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_ADVERT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return attach(fd, code, sizeof(code) / sizeof(code[0]));
}

/* The filter comes before the binding that lets frames in. The link's MAC comes with the binding. */
static int
prepare(struct vrrp_probe *probe, int fd, uint16_t protocol)
{
	struct sockaddr_ll link = {
		.sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)probe->ifindex
	};
	socklen_t length = sizeof(link);
	int bytes = SEND_BUFFER_BYTES;
	int r;

	r = protocol == ETHERTYPE_ARP ? filter_arp(probe, fd) : filter_nd(fd);
	if (r < 0)
		return r;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)); /* smaller: -EAGAIN comes earlier */
	if (bind(fd, (const struct sockaddr *)&link, sizeof(link)) != 0)
		return -errno;
	if (getsockname(fd, (struct sockaddr *)&link, &length) != 0)
		return -errno;
	if (link.sll_hatype != ARPHRD_ETHER || link.sll_halen != VRRP_PROBE_MAC)
		return -EOPNOTSUPP;
	memcpy(probe->mac, link.sll_addr, VRRP_PROBE_MAC);
	return 0;
}

static int
open_socket(struct vrrp_probe *probe, uint16_t protocol)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return -errno;
	r = prepare(probe, fd, protocol);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

int
vrrp_probe_open(struct vrrp_probe *probe, unsigned ifindex, const struct ha_address *watched, unsigned count)
{
	int r;

	*probe = (struct vrrp_probe){ .arp_fd = -1, .nd_fd = -1, .ifindex = ifindex, .watched_count = count };
	probe->watched = calloc(count ? count : 1, sizeof(*probe->watched));
	if (!probe->watched)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++)
		probe->watched[i] = (struct vrrp_probe_watched){ .address = watched[i], .index = i };
	qsort(probe->watched, count, sizeof(*probe->watched), compare_watched);
	r = probe->arp_fd = open_socket(probe, ETHERTYPE_ARP);
	if (r >= 0 && count_family(probe, AF_INET6) > 0)
		r = probe->nd_fd = open_socket(probe, ETHERTYPE_IPV6);
	if (r < 0) {
		vrrp_probe_close(probe);
		return r;
	}
	return 0;
}

void
vrrp_probe_close(struct vrrp_probe *probe)
{
	if (probe->arp_fd >= 0)
		close(probe->arp_fd);
	if (probe->nd_fd >= 0)
		close(probe->nd_fd);
	free(probe->watched);
	*probe = (struct vrrp_probe){ .arp_fd = -1, .nd_fd = -1 };
}

void
vrrp_probe_set_mac(struct vrrp_probe *probe, const uint8_t mac[VRRP_PROBE_MAC])
{
	memcpy(probe->mac, mac, VRRP_PROBE_MAC);
}

int
vrrp_probe_add_own_mac(struct vrrp_probe *probe, const uint8_t mac[VRRP_PROBE_MAC])
{
	if (probe->other_count == VRRP_PROBE_OTHERS)
		return -ENOSPC;
	memcpy(probe->others[probe->other_count++], mac, VRRP_PROBE_MAC);
	return 0;
}

static int
transmit(struct vrrp_probe *probe, uint8_t family, const uint8_t *frame, size_t length)
{
	int fd = family == AF_INET6 ? probe->nd_fd : probe->arp_fd;
	ssize_t n;

	if (probe->arp_fd < 0)
		return -EBADF;
	if (fd < 0)
		return -EAFNOSUPPORT;
	if (length == 0)
		return -EINVAL;
	do
		n = send(fd, frame, length, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		probe->counters.send_errors++;
		return errno == ENXIO ? -ENODEV : -errno;
	}
	probe->counters.sent++;
	return 0;
}

int
vrrp_probe_send(struct vrrp_probe *probe, const struct ha_address *address)
{
	uint8_t frame[VRRP_PROBE_FRAME];

	return transmit(probe, address->family, frame, vrrp_probe_build_probe(probe->mac, address, frame));
}

int
vrrp_probe_announce(struct vrrp_probe *probe, const struct ha_address *address)
{
	uint8_t frame[VRRP_PROBE_FRAME];

	return transmit(probe, address->family, frame, vrrp_probe_build_announcement(probe->mac, address, frame));
}

int
vrrp_probe_request(struct vrrp_probe *probe, const struct ha_address *source, const struct ha_address *target)
{
	uint8_t frame[VRRP_PROBE_FRAME];

	return transmit(probe, target->family, frame, vrrp_probe_build_request(probe->mac, source, target, frame));
}

static bool
is_own_mac(const struct vrrp_probe *probe, const uint8_t mac[VRRP_PROBE_MAC])
{
	if (memcmp(probe->mac, mac, VRRP_PROBE_MAC) == 0)
		return true;
	for (unsigned i = 0; i < probe->other_count; i++)
		if (memcmp(probe->others[i], mac, VRRP_PROBE_MAC) == 0)
			return true;
	return false;
}

static void
take(struct vrrp_probe *probe, const uint8_t *frame, size_t length, vrrp_probe_handler handler, void *userdata)
{
	struct vrrp_probe_watched key = { 0 };
	const struct vrrp_probe_watched *found;
	struct vrrp_probe_sighting sighting;
	int r;

	probe->counters.received++;
	r = vrrp_probe_parse(frame, length, &sighting);
	if (r == -EBADMSG)
		probe->counters.malformed++;
	if (r < 0)
		return;
	key.address = sighting.address;
	found = bsearch(&key, probe->watched, probe->watched_count, sizeof(key), compare_watched);
	if (!found)
		return;
	if (is_own_mac(probe, sighting.mac)) {
		probe->counters.own++;
		return;
	}
	sighting.index = found->index;
	sighting.received = ha_now();
	handler(userdata, &sighting);
}

/* A frame of a VLAN on this link is also shown to us, but as one of the VLAN's interface, or, if that does not
 * exist, as one for somebody else; so are frames that only a promiscuous interface lets in. They are not this LAN's. */
static bool
is_of_this_link(const struct vrrp_probe *probe, const struct sockaddr_ll *from)
{
	return from->sll_ifindex == (int)probe->ifindex && from->sll_pkttype != PACKET_OTHERHOST &&
	       from->sll_pkttype != PACKET_OUTGOING;
}

static int
receive(struct vrrp_probe *probe, int fd, unsigned max, vrrp_probe_handler handler, void *userdata)
{
	uint8_t frame[2048];
	unsigned count;

	for (count = 0; count < max; count++) {
		struct sockaddr_ll from = { 0 };
		socklen_t length = sizeof(from);
		ssize_t n = recvfrom(fd, frame, sizeof(frame), MSG_DONTWAIT, (struct sockaddr *)&from, &length);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && errno != ENETDOWN && errno != EINTR && errno != ENOBUFS)
			return -errno;
		if (n >= 0 && is_of_this_link(probe, &from))
			take(probe, frame, (size_t)n, handler, userdata);
	}
	return (int)count;
}

int
vrrp_probe_receive(struct vrrp_probe *probe, unsigned max, vrrp_probe_handler handler, void *userdata)
{
	int arp, nd = 0;

	if (probe->arp_fd < 0)
		return -EBADF;
	arp = receive(probe, probe->arp_fd, max, handler, userdata);
	if (arp < 0)
		return arp;
	if (probe->nd_fd >= 0)
		nd = receive(probe, probe->nd_fd, max, handler, userdata);
	return nd < 0 || nd > arp ? nd : arp;
}
