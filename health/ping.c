#include "health/address.h"
#include "health/arp.h"
#include "health/probe.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#define ECHO_BYTES 16 /* header and as much again */

struct ping {
	int fd;    /* -1: error says why */
	int error; /* positive errno */
	bool raw, running;
	uint16_t identifier, sequence;
	sd_event_source *source;
	struct health_arp *arp; /* instead of all the above */
};

static int
bind_source(int fd, const struct ha_address *source)
{
	struct sockaddr_storage address;
	socklen_t length;

	if (source->family == 0)
		return 0;
	length = health_sockaddr(source, 0, &address);
	return bind(fd, (struct sockaddr *)&address, length) < 0 ? -errno : 0;
}

/* icmp(7): where the group may, no privilege is needed; else a raw socket, opened before the privileges are dropped. */
static int
open_socket(struct ping *ping, const struct config_check *check)
{
	int family = check->address.family, protocol = family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

	ping->fd = socket(family, SOCK_DGRAM | flags, protocol);
	if (ping->fd < 0) {
		ping->fd = socket(family, SOCK_RAW | flags, protocol);
		ping->raw = true;
	}
	return ping->fd < 0 ? -errno : bind_source(ping->fd, &check->source);
}

/* RFC 1071 */
static uint16_t
checksum(const uint8_t *data, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i += 2)
		sum += (uint32_t)data[i] << 8 | data[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
put16(uint8_t *to, uint16_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

/* RFC 792, RFC 4443 4.1. The kernel fills in the ICMPv6 checksum, and without privilege the identifier. */
static int
send_echo(struct ping *ping, const struct config_check *check)
{
	bool six = check->address.family == AF_INET6;
	uint8_t echo[ECHO_BYTES] = { six ? ICMP6_ECHO_REQUEST : ICMP_ECHO };
	struct sockaddr_storage address;
	socklen_t length = health_sockaddr(&check->address, 0, &address);

	put16(echo + 4, ping->identifier);
	put16(echo + 6, ++ping->sequence);
	if (!six)
		put16(echo + 2, checksum(echo, sizeof(echo)));
	return sendto(ping->fd, echo, sizeof(echo), 0, (struct sockaddr *)&address, length) < 0 ? -errno : 0;
}

static bool
is_from(const struct sockaddr_storage *from, const struct ha_address *address)
{
	struct sockaddr_storage wanted;

	(void)health_sockaddr(address, 0, &wanted);
	if (from->ss_family != wanted.ss_family)
		return false;
	if (wanted.ss_family == AF_INET6)
		return memcmp(&((const struct sockaddr_in6 *)from)->sin6_addr,
			       &((const struct sockaddr_in6 *)&wanted)->sin6_addr, sizeof(struct in6_addr)) == 0;
	return memcmp(&((const struct sockaddr_in *)from)->sin_addr, &((const struct sockaddr_in *)&wanted)->sin_addr,
		       sizeof(struct in_addr)) == 0;
}

/* The echo of the newest request. A raw IPv4 socket gives the IP header, too (raw(7)). */
static bool
is_reply(const struct ping *ping, const struct config_check *check, const uint8_t *data, size_t length)
{
	bool six = check->address.family == AF_INET6;

	if (ping->raw && !six) {
		size_t header = length > 0 ? (size_t)(data[0] & 0x0f) * 4 : 0;

		if (header < sizeof(struct iphdr) || header > length)
			return false;
		data += header;
		length -= header;
	}
	if (length < ECHO_BYTES || data[0] != (six ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY))
		return false;
	if (ping->raw && ((unsigned)data[4] << 8 | data[5]) != ping->identifier)
		return false;
	return ((unsigned)data[6] << 8 | data[7]) == ping->sequence;
}

static int
on_reply(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct health_probe *probe = userdata;
	struct ping *ping = probe->state;
	char address[HA_ADDRESS_TEXT];

	(void)source;
	(void)events;
	for (unsigned i = 0; i < 64; i++) {
		uint8_t data[512];
		struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
		socklen_t from_length = sizeof(from);
		ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &from_length);

		if (n < 0)
			return 0;
		if (!ping->running || !is_from(&from, &probe->check->address) ||
			!is_reply(ping, probe->check, data, (size_t)n))
			continue;
		ping->running = false;
		health_probe_answer(probe, HEALTH_OK, "%s answers", ha_address_format(&probe->check->address, address));
	}
	return 0;
}

static void
ping_open(struct health_probe *probe)
{
	struct ping *ping = calloc(1, sizeof(*ping));
	int r;

	probe->state = ping;
	if (!ping)
		return;
	ping->fd = -1;
	if (probe->check->arp) {
		ping->error = -health_arp_open(probe, &ping->arp);
		return;
	}
	r = open_socket(ping, probe->check);
	if (r >= 0 && getrandom(&ping->identifier, sizeof(ping->identifier), 0) < 0)
		r = -errno;
	if (r >= 0)
		r = sd_event_add_io(probe->shared->event, &ping->source, ping->fd, EPOLLIN, on_reply, probe);
	ping->error = r < 0 ? -r : 0;
}

static void
say_error(struct health_probe *probe, int error)
{
	char address[HA_ADDRESS_TEXT];

	(void)ha_address_format(&probe->check->address, address);
	if (error != EACCES && error != EPERM)
		health_probe_answer(probe, HEALTH_FAILED, "%s: %s", address, strerrordesc_np(error));
	else if (probe->check->arp)
		health_probe_answer(probe, HEALTH_UNKNOWN, "%s: ARP needs CAP_NET_RAW at the start", address);
	else
		health_probe_answer(probe, HEALTH_UNKNOWN,
			"%s: not permitted: sysctl net.ipv4.ping_group_range, or CAP_NET_RAW at the start", address);
}

static void
ping_start(struct health_probe *probe)
{
	struct ping *ping = probe->state;
	int r = !ping ? -ENOMEM : -ping->error;

	if (r == 0)
		r = ping->arp ? health_arp_start(ping->arp) : send_echo(ping, probe->check);
	if (r < 0)
		say_error(probe, -r);
	else
		ping->running = true;
}

static void
ping_stop(struct health_probe *probe)
{
	struct ping *ping = probe->state;

	ping->running = false;
	if (ping->arp)
		health_arp_stop(ping->arp);
}

static void
ping_close(struct health_probe *probe)
{
	struct ping *ping = probe->state;

	if (!ping)
		return;
	health_arp_close(ping->arp);
	sd_event_source_unref(ping->source);
	if (ping->fd >= 0)
		(void)close(ping->fd);
	free(ping);
}

const struct health_kind health_ping = {
	.open = ping_open, .start = ping_start, .stop = ping_stop, .close = ping_close
};
