#include "vrrp/probe_frame.h"

#include "lib/wire.h"

#include <errno.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/icmp6.h>
#include <string.h>

#define ND_HOPS      255
#define ND_SOLICITED 0x40000000u /* RFC 4861 4.4 */
#define ND_OVERRIDE  0x20000000u

static const uint8_t broadcast_mac[VRRP_PROBE_MAC] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t zero_mac[VRRP_PROBE_MAC];
static const uint8_t unspecified[16];
static const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 0x01 };

static size_t
build_arp(const uint8_t mac[VRRP_PROBE_MAC], const uint8_t source[4], const uint8_t target_mac[VRRP_PROBE_MAC],
	const uint8_t target[4], uint8_t frame[VRRP_PROBE_FRAME])
{
	struct wire_writer w;

	wire_write_begin(&w, frame, VRRP_PROBE_FRAME);
	wire_write_bytes(&w, broadcast_mac, VRRP_PROBE_MAC);
	wire_write_bytes(&w, mac, VRRP_PROBE_MAC);
	wire_write_u16(&w, ETHERTYPE_ARP);
	wire_write_u16(&w, ARPHRD_ETHER);
	wire_write_u16(&w, ETHERTYPE_IP);
	wire_write_u8(&w, VRRP_PROBE_MAC);
	wire_write_u8(&w, 4);
	wire_write_u16(&w, ARPOP_REQUEST);
	wire_write_bytes(&w, mac, VRRP_PROBE_MAC);
	wire_write_bytes(&w, source, 4);
	wire_write_bytes(&w, target_mac, VRRP_PROBE_MAC);
	wire_write_bytes(&w, target, 4);
	return w.failed ? 0 : w.at;
}

static uint32_t
sum_words(const uint8_t *data, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)data[i] << 8 | data[i + 1];
	return sum;
}

/* RFC 4443 2.3: the ICMPv6 checksum covers a pseudo header. All lengths here are even. */
static uint16_t
icmpv6_checksum(const uint8_t source[16], const uint8_t destination[16], const uint8_t *data, size_t length)
{
	uint32_t sum = sum_words(source, 16) + sum_words(destination, 16) + (uint32_t)length + IPPROTO_ICMPV6 +
		       sum_words(data, length);

	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* A neighbour solicitation or advertisement; `option` 0: without link-layer address. */
static size_t
build_nd(const uint8_t mac[VRRP_PROBE_MAC], uint8_t type, uint32_t flags, const uint8_t source[16],
	const uint8_t destination[16], const uint8_t target[16], uint8_t option, uint8_t frame[VRRP_PROBE_FRAME])
{
	uint16_t length = option ? 32 : 24;
	struct wire_writer w;
	uint16_t checksum;
	size_t icmp;

	wire_write_begin(&w, frame, VRRP_PROBE_FRAME);
	wire_write_u16(&w, 0x3333); /* RFC 2464 7: multicast */
	wire_write_bytes(&w, destination + 12, 4);
	wire_write_bytes(&w, mac, VRRP_PROBE_MAC);
	wire_write_u16(&w, ETHERTYPE_IPV6);
	wire_write_u32(&w, 0x60000000);
	wire_write_u16(&w, length);
	wire_write_u8(&w, IPPROTO_ICMPV6);
	wire_write_u8(&w, ND_HOPS);
	wire_write_bytes(&w, source, 16);
	wire_write_bytes(&w, destination, 16);
	icmp = w.at;
	wire_write_u8(&w, type);
	wire_write_u8(&w, 0);
	wire_write_u16(&w, 0);
	wire_write_u32(&w, flags);
	wire_write_bytes(&w, target, 16);
	if (option) {
		wire_write_u8(&w, option);
		wire_write_u8(&w, 1);
		wire_write_bytes(&w, mac, VRRP_PROBE_MAC);
	}
	if (w.failed)
		return 0;
	checksum = icmpv6_checksum(source, destination, frame + icmp, length);
	frame[icmp + 2] = (uint8_t)(checksum >> 8);
	frame[icmp + 3] = (uint8_t)checksum;
	return w.at;
}

/* RFC 4291 2.7.1 */
static void
solicited_node(const uint8_t target[16], uint8_t ret[16])
{
	static const uint8_t prefix[13] = { 0xff, 0x02, [11] = 0x01, [12] = 0xff };

	memcpy(ret, prefix, sizeof(prefix));
	memcpy(ret + 13, target + 13, 3);
}

size_t
vrrp_probe_build_probe(
	const uint8_t mac[VRRP_PROBE_MAC], const struct ha_address *address, uint8_t frame[VRRP_PROBE_FRAME])
{
	uint8_t group[16];

	if (address->family == AF_INET)
		return build_arp(mac, unspecified, zero_mac, address->bytes, frame);
	if (address->family != AF_INET6)
		return 0;
	solicited_node(address->bytes, group);
	return build_nd(mac, ND_NEIGHBOR_SOLICIT, 0, unspecified, group, address->bytes, 0, frame);
}

/* As keepalived announces: LAB.md, and captured from 2.2.7 (target hardware address all ones). */
size_t
vrrp_probe_build_announcement(
	const uint8_t mac[VRRP_PROBE_MAC], const struct ha_address *address, uint8_t frame[VRRP_PROBE_FRAME])
{
	if (address->family == AF_INET)
		return build_arp(mac, address->bytes, broadcast_mac, address->bytes, frame);
	if (address->family != AF_INET6)
		return 0;
	return build_nd(mac, ND_NEIGHBOR_ADVERT, ND_OVERRIDE, address->bytes, all_nodes, address->bytes,
		ND_OPT_TARGET_LINKADDR, frame);
}

size_t
vrrp_probe_build_request(const uint8_t mac[VRRP_PROBE_MAC], const struct ha_address *source,
	const struct ha_address *target, uint8_t frame[VRRP_PROBE_FRAME])
{
	uint8_t group[16];

	if (source->family != target->family)
		return 0;
	if (source->family == AF_INET)
		return build_arp(mac, source->bytes, zero_mac, target->bytes, frame);
	if (source->family != AF_INET6)
		return 0;
	solicited_node(target->bytes, group);
	return build_nd(
		mac, ND_NEIGHBOR_SOLICIT, 0, source->bytes, group, target->bytes, ND_OPT_SOURCE_LINKADDR, frame);
}

static int
parse_arp(struct wire_reader *r, struct vrrp_probe_sighting *sighting)
{
	uint16_t hardware = wire_read_u16(r);
	uint16_t protocol = wire_read_u16(r);
	uint8_t hardware_bytes = wire_read_u8(r);
	uint8_t protocol_bytes = wire_read_u8(r);
	uint16_t operation = wire_read_u16(r);
	uint8_t sender[4], target[4], target_mac[VRRP_PROBE_MAC];
	bool unknown_sender;

	wire_read_bytes(r, sighting->mac, VRRP_PROBE_MAC);
	wire_read_bytes(r, sender, 4);
	wire_read_bytes(r, target_mac, VRRP_PROBE_MAC);
	wire_read_bytes(r, target, 4);
	if (r->failed || hardware != ARPHRD_ETHER || protocol != ETHERTYPE_IP || hardware_bytes != VRRP_PROBE_MAC ||
		protocol_bytes != 4)
		return -EBADMSG;
	if (operation != ARPOP_REQUEST && operation != ARPOP_REPLY)
		return -ENOMSG;
	unknown_sender = memcmp(sender, unspecified, 4) == 0;
	if (unknown_sender && operation == ARPOP_REPLY)
		return -ENOMSG;
	sighting->type = unknown_sender ? VRRP_PROBE_WANTED : VRRP_PROBE_IN_USE;
	sighting->reply = operation == ARPOP_REPLY;
	sighting->address.family = AF_INET;
	memcpy(sighting->address.bytes, unknown_sender ? target : sender, 4);
	return 0;
}

/* Link-layer address option of type `wanted`, if there is one (RFC 4861 4.6.1). */
static int
read_options(struct wire_reader *r, uint8_t wanted, uint8_t mac[VRRP_PROBE_MAC])
{
	while (wire_read_left(r) >= 8) {
		uint8_t type = wire_read_u8(r);
		size_t left = (size_t)wire_read_u8(r) * 8;
		uint8_t value[VRRP_PROBE_MAC];

		if (left < 8 || left - 2 > wire_read_left(r))
			return -EBADMSG;
		wire_read_bytes(r, value, VRRP_PROBE_MAC);
		if (type == wanted && left == 8)
			memcpy(mac, value, VRRP_PROBE_MAC);
		for (left -= 8; left > 0; left--)
			(void)wire_read_u8(r);
	}
	return 0;
}

/* The checksum is not verified: of a frame from a machine on the same host the kernel has not even computed it. */
static int
parse_icmpv6(const uint8_t *data, size_t length, const uint8_t source[16], struct vrrp_probe_sighting *sighting)
{
	bool unknown_sender = memcmp(source, unspecified, 16) == 0;
	struct wire_reader r;
	uint8_t type, code, target[16];
	uint32_t flags;

	wire_read_begin(&r, data, length);
	type = wire_read_u8(&r);
	code = wire_read_u8(&r);
	(void)wire_read_u16(&r);
	flags = wire_read_u32(&r);
	wire_read_bytes(&r, target, 16);
	if (r.failed)
		return -EBADMSG;
	if (code != 0 || (type != ND_NEIGHBOR_SOLICIT && type != ND_NEIGHBOR_ADVERT))
		return -ENOMSG;
	sighting->address.family = AF_INET6;
	if (type == ND_NEIGHBOR_ADVERT) {
		sighting->type = VRRP_PROBE_IN_USE;
		sighting->reply = flags & ND_SOLICITED;
		memcpy(sighting->address.bytes, target, 16);
		return read_options(&r, ND_OPT_TARGET_LINKADDR, sighting->mac);
	}
	sighting->type = unknown_sender ? VRRP_PROBE_WANTED : VRRP_PROBE_IN_USE;
	memcpy(sighting->address.bytes, unknown_sender ? target : source, 16);
	return read_options(&r, ND_OPT_SOURCE_LINKADDR, sighting->mac);
}

static int
parse_ipv6(struct wire_reader *r, struct vrrp_probe_sighting *sighting)
{
	uint32_t head = wire_read_u32(r);
	uint16_t length = wire_read_u16(r);
	uint8_t next = wire_read_u8(r);
	uint8_t hops = wire_read_u8(r);
	uint8_t source[16], destination[16];

	wire_read_bytes(r, source, 16);
	wire_read_bytes(r, destination, 16);
	if (r->failed || head >> 28 != 6 || length > wire_read_left(r))
		return -EBADMSG;
	if (next != IPPROTO_ICMPV6 || hops != ND_HOPS) /* RFC 4861 7.1: a lower limit came from another link */
		return -ENOMSG;
	return parse_icmpv6(r->data + r->at, length, source, sighting);
}

int
vrrp_probe_parse(const uint8_t *frame, size_t length, struct vrrp_probe_sighting *ret)
{
	struct vrrp_probe_sighting sighting = { 0 };
	uint8_t destination[VRRP_PROBE_MAC];
	struct wire_reader r;
	uint16_t type;
	int result;

	wire_read_begin(&r, frame, length);
	wire_read_bytes(&r, destination, VRRP_PROBE_MAC);
	wire_read_bytes(&r, sighting.mac, VRRP_PROBE_MAC);
	type = wire_read_u16(&r);
	if (r.failed)
		return -EBADMSG;
	if (type == ETHERTYPE_ARP)
		result = parse_arp(&r, &sighting);
	else if (type == ETHERTYPE_IPV6)
		result = parse_ipv6(&r, &sighting);
	else
		result = -ENOMSG;
	if (result == 0)
		*ret = sighting;
	return result;
}
