#include "health/arp.h"

#include "health/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define ARP_BYTES 28 /* RFC 826 for Ethernet and IPv4 */

struct health_arp {
	struct health_probe *probe;
	int fd;
	sd_event_source *source;
	bool running;
};

struct egress {
	unsigned ifindex;
	uint8_t mac[ETH_ALEN], address[4];
};

static bool
same_network(const struct ifaddrs *entry, const uint8_t target[4])
{
	uint32_t own, mask, wanted;

	if (!entry->ifa_addr || entry->ifa_addr->sa_family != AF_INET || !entry->ifa_netmask ||
		(entry->ifa_flags & (IFF_LOOPBACK | IFF_NOARP)) || !(entry->ifa_flags & IFF_UP))
		return false;
	own = ((const struct sockaddr_in *)(const void *)entry->ifa_addr)->sin_addr.s_addr;
	mask = ((const struct sockaddr_in *)(const void *)entry->ifa_netmask)->sin_addr.s_addr;
	memcpy(&wanted, target, sizeof(wanted));
	return (own & mask) == (wanted & mask);
}

static bool
read_mac(const struct ifaddrs *all, const char *interface, uint8_t ret[ETH_ALEN])
{
	for (; all; all = all->ifa_next) {
		const struct sockaddr_ll *link = (const void *)all->ifa_addr;

		if (link && link->sll_family == AF_PACKET && link->sll_halen == ETH_ALEN &&
			strcmp(all->ifa_name, interface) == 0) {
			memcpy(ret, link->sll_addr, ETH_ALEN);
			return true;
		}
	}
	return false;
}

static int
find_egress(const uint8_t target[4], struct egress *ret)
{
	struct ifaddrs *all = NULL;
	int r = -ENETUNREACH;

	if (getifaddrs(&all) < 0)
		return -errno;
	for (const struct ifaddrs *entry = all; entry; entry = entry->ifa_next) {
		if (!same_network(entry, target) || !read_mac(all, entry->ifa_name, ret->mac))
			continue;
		ret->ifindex = if_nametoindex(entry->ifa_name);
		memcpy(ret->address, &((const struct sockaddr_in *)(const void *)entry->ifa_addr)->sin_addr, 4);
		r = 0;
		break;
	}
	freeifaddrs(all);
	return r;
}

static void
put16(uint8_t *to, unsigned value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static void
build_request(const struct egress *egress, const uint8_t target[4], uint8_t ret[ARP_BYTES])
{
	memset(ret, 0, ARP_BYTES);
	put16(ret, ARPHRD_ETHER);
	put16(ret + 2, ETH_P_IP);
	ret[4] = ETH_ALEN;
	ret[5] = 4;
	put16(ret + 6, ARPOP_REQUEST);
	memcpy(ret + 8, egress->mac, ETH_ALEN);
	memcpy(ret + 14, egress->address, 4);
	memcpy(ret + 24, target, 4);
}

static bool
is_reply(const uint8_t *data, size_t length, const uint8_t target[4])
{
	static const uint8_t head[] = { 0, ARPHRD_ETHER, ETH_P_IP >> 8, ETH_P_IP & 0xff, ETH_ALEN, 4, 0, ARPOP_REPLY };

	return length >= ARP_BYTES && memcmp(data, head, sizeof(head)) == 0 && memcmp(data + 14, target, 4) == 0;
}

static int
on_frame(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct health_arp *arp = userdata;
	const struct ha_address *address = &arp->probe->check->address;
	char text[HA_ADDRESS_TEXT];

	(void)source;
	(void)events;
	for (unsigned i = 0; i < 64; i++) {
		uint8_t data[128];
		ssize_t n = recv(fd, data, sizeof(data), 0);

		if (n < 0)
			return 0;
		if (!arp->running || !is_reply(data, (size_t)n, address->bytes))
			continue;
		health_arp_stop(arp);
		health_probe_answer(arp->probe, HEALTH_OK, "%s answers by ARP", ha_address_format(address, text));
		return 0;
	}
	return 0;
}

static int
listen_on(const struct health_arp *arp, unsigned ifindex)
{
	struct sockaddr_ll local = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_ifindex = (int)ifindex
	};

	return bind(arp->fd, (struct sockaddr *)&local, sizeof(local)) < 0 ? -errno : 0;
}

/* What came while nothing was asked answers nothing. */
static void
forget_frames(const struct health_arp *arp)
{
	uint8_t data[128];

	while (recv(arp->fd, data, sizeof(data), 0) >= 0)
		;
}

int
health_arp_open(struct health_probe *probe, struct health_arp **ret)
{
	struct health_arp *arp;
	int r;

	if (probe->check->address.family != AF_INET)
		return -EAFNOSUPPORT;
	arp = calloc(1, sizeof(*arp));
	if (!arp)
		return -ENOMEM;
	arp->probe = probe;
	arp->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	r = arp->fd < 0 ? -errno : sd_event_add_io(probe->shared->event, &arp->source, arp->fd, EPOLLIN, on_frame, arp);
	if (r < 0) {
		health_arp_close(arp);
		return r;
	}
	health_arp_stop(arp);
	*ret = arp;
	return 0;
}

int
health_arp_start(struct health_arp *arp)
{
	const uint8_t *target = arp->probe->check->address.bytes;
	struct sockaddr_ll everybody = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_halen = ETH_ALEN
	};
	uint8_t request[ARP_BYTES];
	struct egress egress = { .ifindex = 0 };
	int r = find_egress(target, &egress);

	if (r >= 0)
		r = listen_on(arp, egress.ifindex);
	if (r < 0)
		return r;
	forget_frames(arp);
	build_request(&egress, target, request);
	everybody.sll_ifindex = (int)egress.ifindex;
	memset(everybody.sll_addr, 0xff, ETH_ALEN);
	if (sendto(arp->fd, request, sizeof(request), 0, (struct sockaddr *)&everybody, sizeof(everybody)) < 0)
		return -errno;
	arp->running = true;
	return sd_event_source_set_enabled(arp->source, SD_EVENT_ON);
}

void
health_arp_stop(struct health_arp *arp)
{
	arp->running = false;
	(void)sd_event_source_set_enabled(arp->source, SD_EVENT_OFF); /* the LAN's ARP wakes nobody meanwhile */
}

void
health_arp_close(struct health_arp *arp)
{
	if (!arp)
		return;
	sd_event_source_unref(arp->source);
	if (arp->fd >= 0)
		(void)close(arp->fd);
	free(arp);
}
