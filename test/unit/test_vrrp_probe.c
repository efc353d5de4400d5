/* ARP and ND: the frames, byte for byte, and the wire, in network namespaces. */
#include "test/unit/netns.h"
#include "vrrp/probe.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mac_1[6] = { 0x02, 0, 0, 0, 0, 0x01 };
static const uint8_t mac_a0[6] = { 0x02, 0, 0, 0, 0x0a, 0 };
static const uint8_t mac_b0[6] = { 0x02, 0, 0, 0, 0x0b, 0 };

/* Captured from keepalived 2.2.7, VIP 10.77.0.100. */
static const uint8_t golden_arp[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0, 0, 0, 0x01, 0x08, 0x06, 0, 0x01,
	0x08, 0, 0x06, 0x04, 0, 0x01, 0x02, 0, 0, 0, 0, 0x01, 0x0a, 0x4d, 0, 0x64, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0x0a, 0x4d, 0, 0x64 };

/* The same, VIP fe80::100 and fd77::100. */
static const uint8_t golden_na[] = { 0x33, 0x33, 0, 0, 0, 0x01, 0x02, 0, 0, 0, 0, 0x01, 0x86, 0xdd, 0x60, 0, 0, 0, 0,
	0x20, 0x3a, 0xff, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0, 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0x01, 0x88, 0, 0x55, 0x9d, 0x20, 0, 0, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01,
	0, 0x02, 0x01, 0x02, 0, 0, 0, 0, 0x01 };

struct sightings {
	unsigned count;
	struct vrrp_probe_sighting last;
};

static void
on_sighting(void *userdata, const struct vrrp_probe_sighting *sighting)
{
	struct sightings *sightings = userdata;

	sightings->count++;
	sightings->last = *sighting;
}

/* ---- frames ---- */

START_TEST(test_gratuitous_arp_is_keepaliveds)
{
	struct ha_address vip = netns_address("10.77.0.100");
	uint8_t frame[VRRP_PROBE_FRAME];

	ck_assert_uint_eq(vrrp_probe_build_announcement(mac_1, &vip, frame), sizeof(golden_arp));
	ck_assert_mem_eq(frame, golden_arp, sizeof(golden_arp));
}
END_TEST

START_TEST(test_unsolicited_na_is_keepaliveds)
{
	struct ha_address vip = netns_address("fe80::100");
	uint8_t frame[VRRP_PROBE_FRAME];

	ck_assert_uint_eq(vrrp_probe_build_announcement(mac_1, &vip, frame), sizeof(golden_na));
	ck_assert_mem_eq(frame, golden_na, sizeof(golden_na));
	vip = netns_address("fd77::100");
	ck_assert_uint_eq(vrrp_probe_build_announcement(mac_1, &vip, frame), sizeof(golden_na));
	ck_assert_mem_eq(frame + 56, "\x57\xaf", 2);
}
END_TEST

START_TEST(test_probe_has_no_sender)
{
	/* RFC 5227 2.1.1: sender address and target hardware address are zero. */
	struct ha_address vip = netns_address("10.77.0.100");
	uint8_t frame[VRRP_PROBE_FRAME];

	ck_assert_uint_eq(vrrp_probe_build_probe(mac_1, &vip, frame), 42);
	ck_assert_mem_eq(frame, golden_arp, 28);
	ck_assert_mem_eq(frame + 28, "\0\0\0\0\0\0\0\0\0\0\x0a\x4d\0\x64", 14);
}
END_TEST

START_TEST(test_solicitation_has_no_sender)
{
	/* RFC 4862 5.4.2: source unspecified, to the solicited-node group, no source link-layer address option. */
	struct ha_address vip = netns_address("fd00::12:3456");
	uint8_t frame[VRRP_PROBE_FRAME];

	ck_assert_uint_eq(vrrp_probe_build_probe(mac_1, &vip, frame), 78);
	ck_assert_mem_eq(frame, "\x33\x33\xff\x12\x34\x56\x02\0\0\0\0\x01\x86\xdd\x60\0\0\0\0\x18\x3a\xff", 22);
	ck_assert_mem_eq(frame + 22, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	ck_assert_mem_eq(frame + 38, "\xff\x02\0\0\0\0\0\0\0\0\0\x01\xff\x12\x34\x56", 16);
	ck_assert_mem_eq(frame + 54, "\x87\0", 2);
	ck_assert_mem_eq(frame + 62, vip.bytes, 16);
}
END_TEST

START_TEST(test_request_mixes_no_families)
{
	struct ha_address v4 = netns_address("10.77.0.1"), v6 = netns_address("fd00::1"), none = { 0 };
	uint8_t frame[VRRP_PROBE_FRAME];

	ck_assert_uint_eq(vrrp_probe_build_request(mac_1, &v4, &v6, frame), 0);
	ck_assert_uint_eq(vrrp_probe_build_request(mac_1, &none, &none, frame), 0);
	ck_assert_uint_eq(vrrp_probe_build_probe(mac_1, &none, frame), 0);
	ck_assert_uint_eq(vrrp_probe_build_announcement(mac_1, &none, frame), 0);
	ck_assert_uint_eq(vrrp_probe_build_request(mac_1, &v4, &v4, frame), 42);
	ck_assert_uint_eq(vrrp_probe_build_request(mac_1, &v6, &v6, frame), 86);
}
END_TEST

struct saying {
	const char *name;
	const uint8_t *frame;
	size_t length;
	struct {
		size_t at;
		uint8_t value;
	} change[2]; /* value at offset; 0, 0: none */
	int result;
	enum vrrp_probe_sighting_type type;
	bool reply;
	const char *address;
};

static const struct saying sayings[] = {
	{ "gratuitous request", golden_arp, 42, { { 0 } }, 0, VRRP_PROBE_IN_USE, false, "10.77.0.100" },
	{ "reply", golden_arp, 42, { { 21, 2 } }, 0, VRRP_PROBE_IN_USE, true, "10.77.0.100" },
	{ "request for another with it", golden_arp, 42, { { 41, 9 } }, 0, VRRP_PROBE_IN_USE, false, "10.77.0.100" },
	{ "reverse ARP", golden_arp, 42, { { 21, 3 } }, -ENOMSG, 0, false, NULL },
	{ "not Ethernet", golden_arp, 42, { { 15, 6 } }, -EBADMSG, 0, false, NULL },
	{ "not IPv4", golden_arp, 42, { { 17, 1 } }, -EBADMSG, 0, false, NULL },
	{ "long hardware address", golden_arp, 42, { { 18, 8 } }, -EBADMSG, 0, false, NULL },
	{ "long protocol address", golden_arp, 42, { { 19, 16 } }, -EBADMSG, 0, false, NULL },
	{ "other ethertype", golden_arp, 42, { { 13, 0 } }, -ENOMSG, 0, false, NULL },
	{ "unsolicited NA", golden_na, 86, { { 0 } }, 0, VRRP_PROBE_IN_USE, false, "fe80::100" },
	{ "solicited NA", golden_na, 86, { { 58, 0x60 } }, 0, VRRP_PROBE_IN_USE, true, "fe80::100" },
	{ "NS from an address", golden_na, 86, { { 54, 135 } }, 0, VRRP_PROBE_IN_USE, false, "fe80::100" },
	{ "not ND", golden_na, 86, { { 54, 134 } }, -ENOMSG, 0, false, NULL },
	{ "code", golden_na, 86, { { 55, 1 } }, -ENOMSG, 0, false, NULL },
	{ "routed", golden_na, 86, { { 21, 254 } }, -ENOMSG, 0, false, NULL },
	{ "not ICMPv6", golden_na, 86, { { 20, 17 } }, -ENOMSG, 0, false, NULL },
	{ "IP version", golden_na, 86, { { 14, 0x40 } }, -EBADMSG, 0, false, NULL },
	{ "payload longer than the frame", golden_na, 86, { { 19, 0x21 } }, -EBADMSG, 0, false, NULL },
	{ "option of length 0", golden_na, 86, { { 79, 0 } }, -EBADMSG, 0, false, NULL },
	{ "option beyond the end", golden_na, 86, { { 79, 2 } }, -EBADMSG, 0, false, NULL },
	{ "unknown option", golden_na, 86, { { 78, 14 } }, 0, VRRP_PROBE_IN_USE, false, "fe80::100" },
};

START_TEST(test_what_a_frame_says)
{
	const struct saying *saying = &sayings[_i];
	struct vrrp_probe_sighting sighting = { .index = 4711 };
	uint8_t frame[VRRP_PROBE_FRAME];
	struct ha_address address;

	memcpy(frame, saying->frame, saying->length);
	for (unsigned i = 0; i < 2; i++)
		if (saying->change[i].at)
			frame[saying->change[i].at] = saying->change[i].value;
	ck_assert_msg(vrrp_probe_parse(frame, saying->length, &sighting) == saying->result, "%s", saying->name);
	if (saying->result < 0) {
		ck_assert_uint_eq(sighting.index, 4711);
		return;
	}
	address = netns_address(saying->address);
	ck_assert_msg(sighting.type == saying->type && sighting.reply == saying->reply, "%s", saying->name);
	ck_assert_msg(ha_address_equal(&sighting.address, &address), "%s", saying->name);
	ck_assert_mem_eq(sighting.mac, mac_1, 6);
}
END_TEST

START_TEST(test_truncated_frames)
{
	struct vrrp_probe_sighting sighting;

	/* In a buffer of its exact size, so that a sanitizer sees a read beyond. */
	for (size_t length = 0; length < sizeof(golden_na); length++) {
		uint8_t *frame = malloc(length ? length : 1);

		ck_assert_ptr_nonnull(frame);
		memcpy(frame, golden_na, length);
		ck_assert_int_eq(vrrp_probe_parse(frame, length, &sighting), -EBADMSG);
		if (length < sizeof(golden_arp)) {
			memcpy(frame, golden_arp, length);
			ck_assert_int_eq(vrrp_probe_parse(frame, length, &sighting), -EBADMSG);
		}
		free(frame);
	}
}
END_TEST

/* ---- the wire ---- */

static const char *const texts[] = { "10.0.0.100", "10.0.0.2", "10.0.0.254", "fd00::100", "fd00::2" };

static void
open_probe(struct vrrp_probe *probe, const char *interface, unsigned count)
{
	struct ha_address watched[sizeof(texts) / sizeof(texts[0])];

	for (unsigned i = 0; i < count; i++)
		watched[i] = netns_address(texts[i]);
	ck_assert_int_eq(vrrp_probe_open(probe, if_nametoindex(interface), watched, count), 0);
}

/* The next sighting, and no second one with it. */
static struct vrrp_probe_sighting
expect_one(struct vrrp_probe *probe, int fd)
{
	struct sightings sightings = { 0 };

	while (sightings.count == 0) {
		ck_assert(netns_wait(fd));
		ck_assert_int_ge(vrrp_probe_receive(probe, 16, on_sighting, &sightings), 0);
	}
	ck_assert_uint_eq(sightings.count, 1);
	return sightings.last;
}

START_TEST(test_nobody_answers_and_somebody_answers)
{
	struct ha_address free_address = netns_address("10.0.0.100"), taken = netns_address("10.0.0.2");
	struct vrrp_probe probe;
	struct vrrp_probe_sighting sighting;
	ha_time before = ha_now();

	open_probe(&probe, "a0", 3);
	ck_assert_int_eq(probe.nd_fd, -1);
	ck_assert_mem_eq(probe.mac, mac_a0, 6);
	ck_assert_int_eq(vrrp_probe_send(&probe, &free_address), 0);
	ck_assert_int_eq(vrrp_probe_send(&probe, &taken), 0);
	/* Answers come in the order of the questions: the first question had none. */
	sighting = expect_one(&probe, probe.arp_fd);
	ck_assert_int_eq(sighting.type, VRRP_PROBE_IN_USE);
	ck_assert(sighting.reply);
	ck_assert_uint_eq(sighting.index, 1);
	ck_assert(ha_address_equal(&sighting.address, &taken));
	ck_assert_mem_eq(sighting.mac, mac_b0, 6);
	ck_assert_uint_ge(sighting.received, before);
	/* And B has learnt nothing from being asked. */
	netns_enter(netns_b);
	netns_run("! ip neigh show dev b0 | grep -q 02:00:00:00:0a:00");
	vrrp_probe_close(&probe);
	ck_assert_int_eq(probe.arp_fd, -1);
}
END_TEST

START_TEST(test_vip_on_another_interface_of_the_other_host_answers)
{
	/* Linux answers for any of its addresses on any interface: a VIP left on B's loopback is found, too. */
	struct ha_address vip = netns_address("10.0.0.100");
	struct vrrp_probe probe;

	netns_enter(netns_b);
	netns_run("ip addr add 10.0.0.100/32 dev lo");
	netns_enter(netns_a);
	open_probe(&probe, "a0", 1);
	ck_assert_int_eq(vrrp_probe_send(&probe, &vip), 0);
	ck_assert_mem_eq(expect_one(&probe, probe.arp_fd).mac, mac_b0, 6);
	vrrp_probe_close(&probe);
}
END_TEST

START_TEST(test_announcement_is_seen_by_the_other_only)
{
	struct ha_address vip = netns_address("10.0.0.100");
	struct vrrp_probe a, b;
	struct vrrp_probe_sighting sighting;
	struct sightings sightings = { 0 };

	netns_enter(netns_b);
	open_probe(&b, "b0", 3);
	netns_enter(netns_a);
	open_probe(&a, "a0", 3);
	ck_assert_int_eq(vrrp_probe_announce(&b, &vip), 0);
	sighting = expect_one(&a, a.arp_fd);
	ck_assert_int_eq(sighting.type, VRRP_PROBE_IN_USE);
	ck_assert(!sighting.reply);
	ck_assert_uint_eq(sighting.index, 0);
	ck_assert_mem_eq(sighting.mac, mac_b0, 6);
	ck_assert_int_eq(vrrp_probe_receive(&b, 16, on_sighting, &sightings), 0);
	ck_assert_uint_eq(sightings.count, 0);
	ck_assert_uint_eq(b.counters.received, 0);
	vrrp_probe_close(&a);
	vrrp_probe_close(&b);
}
END_TEST

START_TEST(test_announcement_moves_the_neighbours_entry)
{
	struct ha_address vip = netns_address("10.0.0.100");
	struct vrrp_probe probe;

	open_probe(&probe, "a0", 1);
	netns_enter(netns_b);
	netns_run("ip neigh add 10.0.0.100 lladdr 02:00:00:00:99:99 dev b0 nud stale");
	ck_assert_int_eq(vrrp_probe_announce(&probe, &vip), 0);
	netns_run("ip neigh show 10.0.0.100 dev b0 | grep -q 02:00:00:00:0a:00");
	vrrp_probe_close(&probe);
}
END_TEST

START_TEST(test_own_frames_coming_back_are_ignored)
{
	/* A switch loop, or a second interface of ours on the same LAN. */
	struct ha_address vip = netns_address("10.0.0.100");
	struct vrrp_probe a, mirror;
	struct sightings sightings = { 0 };

	netns_enter(netns_b);
	open_probe(&mirror, "b0", 1);
	netns_enter(netns_a);
	open_probe(&a, "a0", 1);
	vrrp_probe_set_mac(&mirror, mac_a0);
	ck_assert_int_eq(vrrp_probe_announce(&mirror, &vip), 0);
	vrrp_probe_set_mac(&mirror, mac_1);
	ck_assert_int_eq(vrrp_probe_add_own_mac(&a, mac_1), 0);
	ck_assert_int_eq(vrrp_probe_announce(&mirror, &vip), 0);
	while (a.counters.own < 2) {
		ck_assert(netns_wait(a.arp_fd));
		ck_assert_int_ge(vrrp_probe_receive(&a, 16, on_sighting, &sightings), 0);
	}
	ck_assert_uint_eq(sightings.count, 0);
	for (unsigned i = 1; i < VRRP_PROBE_OTHERS; i++)
		ck_assert_int_eq(vrrp_probe_add_own_mac(&a, mac_1), 0);
	ck_assert_int_eq(vrrp_probe_add_own_mac(&a, mac_1), -ENOSPC);
	vrrp_probe_close(&a);
	vrrp_probe_close(&mirror);
}
END_TEST

START_TEST(test_probe_of_the_other_is_wanted)
{
	struct ha_address vip = netns_address("10.0.0.100");
	struct vrrp_probe a, b;
	struct vrrp_probe_sighting sighting;

	netns_enter(netns_b);
	open_probe(&b, "b0", 1);
	netns_enter(netns_a);
	open_probe(&a, "a0", 1);
	ck_assert_int_eq(vrrp_probe_send(&b, &vip), 0);
	sighting = expect_one(&a, a.arp_fd);
	ck_assert_int_eq(sighting.type, VRRP_PROBE_WANTED);
	ck_assert_mem_eq(sighting.mac, mac_b0, 6);
	vrrp_probe_close(&a);
	vrrp_probe_close(&b);
}
END_TEST

START_TEST(test_gateway_is_asked)
{
	struct ha_address own = netns_address("10.0.0.1"), gateway = netns_address("10.0.0.254");
	struct vrrp_probe probe;
	struct vrrp_probe_sighting sighting;

	netns_enter(netns_b);
	netns_run("ip addr add 10.0.0.254/24 dev b0");
	netns_enter(netns_a);
	open_probe(&probe, "a0", 3);
	ck_assert_int_eq(vrrp_probe_request(&probe, &own, &gateway), 0);
	sighting = expect_one(&probe, probe.arp_fd);
	ck_assert(sighting.reply);
	ck_assert_uint_eq(sighting.index, 2);
	netns_enter(netns_b);
	netns_run("ip neigh show dev b0 | grep -q '10.0.0.1 .*02:00:00:00:0a:00'"); /* an ordinary question */
	vrrp_probe_close(&probe);
}
END_TEST

START_TEST(test_only_watched_addresses_wake_us)
{
	struct ha_address unwatched = netns_address("10.0.0.200"), vip = netns_address("10.0.0.100");
	struct vrrp_probe a, b;

	netns_enter(netns_b);
	open_probe(&b, "b0", 1);
	netns_enter(netns_a);
	open_probe(&a, "a0", 1);
	ck_assert_int_eq(vrrp_probe_announce(&b, &unwatched), 0);
	ck_assert_int_eq(vrrp_probe_send(&b, &unwatched), 0);
	ck_assert_int_eq(vrrp_probe_announce(&b, &vip), 0);
	expect_one(&a, a.arp_fd);
	ck_assert_uint_eq(a.counters.received, 1);
	vrrp_probe_close(&a);
	vrrp_probe_close(&b);
}
END_TEST

/* Every address of a long list is found again, with and without the kernel's filter. */
START_TEST(test_long_watch_lists)
{
	static const unsigned counts[] = { 1, 2, 31, 32, 33, 600 };
	unsigned count = counts[_i];
	struct ha_address *watched = calloc(count, sizeof(*watched));
	struct vrrp_probe a, b;
	unsigned a0 = if_nametoindex("a0");

	ck_assert_ptr_nonnull(watched);
	for (unsigned i = 0; i < count; i++) {
		char text[32];

		snprintf(text, sizeof(text), "10.9.%u.%u", 9 - i / 250, 250 - i % 250); /* not in order */
		watched[i] = netns_address(text);
	}
	ck_assert_int_eq(vrrp_probe_open(&a, a0, watched, count), 0);
	netns_enter(netns_b);
	open_probe(&b, "b0", 1);
	for (unsigned i = 0; i < count; i++) {
		ck_assert_int_eq(vrrp_probe_announce(&b, &watched[i]), 0);
		ck_assert_uint_eq(expect_one(&a, a.arp_fd).index, i);
		ck_assert_int_eq(vrrp_probe_send(&b, &watched[i]), 0);
		ck_assert_uint_eq(expect_one(&a, a.arp_fd).index, i);
	}
	vrrp_probe_close(&a);
	free(watched);
	vrrp_probe_close(&b);
}
END_TEST

START_TEST(test_frames_of_a_vlan_are_not_this_lans)
{
	struct ha_address vip = netns_address("10.0.0.100");
	struct vrrp_probe a, a20, b20;

	if (netns_try("ip link add link a0 name a0.20 type vlan id 20 2>/dev/null") != 0) {
		fprintf(stderr, "skipped: test_frames_of_a_vlan_are_not_this_lans: no VLANs on this machine\n");
		return;
	}
	netns_run("ip link set a0.20 up");
	netns_enter(netns_b);
	netns_run("ip link add link b0 name b0.20 type vlan id 20; ip link set b0.20 up");
	open_probe(&b20, "b0.20", 1);
	netns_enter(netns_a);
	open_probe(&a, "a0", 1);
	open_probe(&a20, "a0.20", 1);
	ck_assert_int_eq(vrrp_probe_announce(&b20, &vip), 0);
	expect_one(&a20, a20.arp_fd);
	ck_assert_int_ge(vrrp_probe_receive(&a, 16, on_sighting, &(struct sightings){ 0 }), 0);
	ck_assert_uint_eq(a.counters.received, 0);
	vrrp_probe_close(&a);
	vrrp_probe_close(&a20);
	vrrp_probe_close(&b20);
}
END_TEST

START_TEST(test_link_down_and_up)
{
	struct ha_address taken = netns_address("10.0.0.2");
	struct sightings sightings = { 0 };
	struct vrrp_probe probe;

	open_probe(&probe, "a0", 3);
	netns_run("ip link set a0 down");
	ck_assert_int_eq(vrrp_probe_send(&probe, &taken), -ENETDOWN);
	ck_assert_int_ge(vrrp_probe_receive(&probe, 16, on_sighting, &sightings), 0);
	netns_run("ip link set a0 up");
	ck_assert_int_eq(vrrp_probe_send(&probe, &taken), 0);
	ck_assert_uint_eq(expect_one(&probe, probe.arp_fd).index, 1);
	netns_run("ip link del a0");
	ck_assert_int_eq(vrrp_probe_send(&probe, &taken), -ENODEV);
	vrrp_probe_close(&probe);
}
END_TEST

START_TEST(test_not_ethernet)
{
	struct vrrp_probe probe;

	ck_assert_int_eq(vrrp_probe_open(&probe, 4711, NULL, 0), -ENODEV);
	ck_assert_int_eq(probe.arp_fd, -1);
	ck_assert_int_eq(vrrp_probe_open(&probe, if_nametoindex("lo"), NULL, 0), -EOPNOTSUPP);
	ck_assert_int_eq(vrrp_probe_receive(&probe, 1, on_sighting, NULL), -EBADF);
	vrrp_probe_close(&probe);
}
END_TEST

START_TEST(test_no_ipv6_socket_without_need)
{
	struct ha_address vip = netns_address("fd00::100");
	struct vrrp_probe probe;

	open_probe(&probe, "a0", 3);
	ck_assert_int_eq(vrrp_probe_send(&probe, &vip), -EAFNOSUPPORT);
	vrrp_probe_close(&probe);
}
END_TEST

START_TEST(test_ipv6_nobody_and_somebody)
{
	struct ha_address free_address = netns_address("fd00::100"), taken = netns_address("fd00::2");
	struct ha_address own = netns_address("fd00::1");
	struct vrrp_probe_sighting sighting;
	struct vrrp_probe probe;

	netns_ipv6();
	open_probe(&probe, "a0", 5);
	ck_assert_int_eq(vrrp_probe_send(&probe, &free_address), 0);
	ck_assert_int_eq(vrrp_probe_send(&probe, &taken), 0);
	sighting = expect_one(&probe, probe.nd_fd);
	ck_assert_int_eq(sighting.type, VRRP_PROBE_IN_USE);
	ck_assert_uint_eq(sighting.index, 4);
	ck_assert_mem_eq(sighting.mac, mac_b0, 6);
	netns_enter(netns_b);
	netns_run("! ip -6 neigh show dev b0 | grep -q 02:00:00:00:0a:00");
	ck_assert_int_eq(vrrp_probe_request(&probe, &own, &taken), 0);
	sighting = expect_one(&probe, probe.nd_fd);
	ck_assert(sighting.reply);
	ck_assert_uint_eq(sighting.index, 4);
	vrrp_probe_close(&probe);
}
END_TEST

START_TEST(test_ipv6_announcement)
{
	struct ha_address vip = netns_address("fd00::100");
	struct vrrp_probe a, b;
	struct vrrp_probe_sighting sighting;

	netns_ipv6();
	netns_enter(netns_b);
	open_probe(&b, "b0", 5);
	netns_run("ip neigh add fd00::100 lladdr 02:00:00:00:99:99 dev b0 nud stale");
	netns_enter(netns_a);
	open_probe(&a, "a0", 5);
	ck_assert_int_eq(vrrp_probe_announce(&a, &vip), 0);
	sighting = expect_one(&b, b.nd_fd);
	ck_assert_int_eq(sighting.type, VRRP_PROBE_IN_USE);
	ck_assert_uint_eq(sighting.index, 3);
	ck_assert_mem_eq(sighting.mac, mac_a0, 6);
	ck_assert_int_eq(vrrp_probe_send(&a, &vip), 0);
	ck_assert_int_eq(expect_one(&b, b.nd_fd).type, VRRP_PROBE_WANTED);
	ck_assert_uint_eq(a.counters.received, 0);
	netns_enter(netns_b);
	/* The kernel took the announcement: its checksum is right and override works. */
	netns_run("ip neigh show fd00::100 dev b0 | grep -q 02:00:00:00:0a:00");
	vrrp_probe_close(&a);
	vrrp_probe_close(&b);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vrrp probe");
	TCase *frames = tcase_create("frames");
	TCase *wire = tcase_create("wire");

	tcase_set_timeout(wire, 60);
	tcase_add_checked_fixture(wire, netns_setup, NULL);
	suite_add_tcase(suite, frames);
	suite_add_tcase(suite, wire);
	tcase_add_test(frames, test_gratuitous_arp_is_keepaliveds);
	tcase_add_test(frames, test_unsolicited_na_is_keepaliveds);
	tcase_add_test(frames, test_probe_has_no_sender);
	tcase_add_test(frames, test_solicitation_has_no_sender);
	tcase_add_test(frames, test_request_mixes_no_families);
	tcase_add_loop_test(frames, test_what_a_frame_says, 0, (int)(sizeof(sayings) / sizeof(sayings[0])));
	tcase_add_test(frames, test_truncated_frames);
	tcase_add_test(wire, test_nobody_answers_and_somebody_answers);
	tcase_add_test(wire, test_vip_on_another_interface_of_the_other_host_answers);
	tcase_add_test(wire, test_announcement_is_seen_by_the_other_only);
	tcase_add_test(wire, test_announcement_moves_the_neighbours_entry);
	tcase_add_test(wire, test_own_frames_coming_back_are_ignored);
	tcase_add_test(wire, test_probe_of_the_other_is_wanted);
	tcase_add_test(wire, test_gateway_is_asked);
	tcase_add_test(wire, test_only_watched_addresses_wake_us);
	tcase_add_loop_test(wire, test_long_watch_lists, 0, 6);
	tcase_add_test(wire, test_frames_of_a_vlan_are_not_this_lans);
	tcase_add_test(wire, test_link_down_and_up);
	tcase_add_test(wire, test_not_ethernet);
	tcase_add_test(wire, test_no_ipv6_socket_without_need);
	netns_add_ipv6_test(wire, test_ipv6_nobody_and_somebody);
	netns_add_ipv6_test(wire, test_ipv6_announcement);
	return netns_main(suite);
}
