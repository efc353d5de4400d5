/* Virtual addresses and the monitor against the real kernel, in network namespaces. */
#include "test/unit/netns.h"
#include "vrrp/address.h"
#include "vrrp/monitor.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MANY      1000u
#define VERY_MANY 4000u

struct answers {
	unsigned count, good;
	struct vrrp_address_answer last;
	uint32_t next_token;
	bool in_order;
};

static void
on_answer(void *userdata, const struct vrrp_address_answer *answer)
{
	struct answers *answers = userdata;

	answers->count++;
	answers->good += answer->result == 0;
	answers->in_order = answers->in_order && answer->token == answers->next_token++;
	answers->last = *answer;
}

static struct config_vip
vip_of(const char *address, uint8_t prefix_length)
{
	return (struct config_vip){ .address = netns_address(address), .prefix_length = prefix_length };
}

/* Wait for the answers of everything asked. */
static struct answers
settle(struct vrrp_address *address)
{
	struct answers answers = { .in_order = true };

	answers.next_token = 0;
	for (;;) {
		int n = vrrp_address_receive(address, 100, on_answer, &answers);

		ck_assert_int_ge(n, 0);
		ck_assert_int_le(n, 100);
		if (vrrp_address_open_requests(address) == 0)
			return answers;
		ck_assert(n == 100 || netns_wait(address->fd));
	}
}

static int
add(struct vrrp_address *address, const struct config_vip *vip, unsigned ifindex)
{
	struct answers answers;

	ck_assert_int_eq(vrrp_address_add(address, vip, ifindex, 7), 0);
	answers = settle(address);
	ck_assert_uint_eq(answers.count, 1);
	ck_assert_uint_eq(answers.last.token, 7);
	ck_assert_int_eq(answers.last.operation, VRRP_ADDRESS_ADD);
	ck_assert(ha_address_equal(&answers.last.address, &vip->address));
	return answers.last.result;
}

static int
drop(struct vrrp_address *address, const struct config_vip *vip, unsigned ifindex)
{
	struct answers answers;

	ck_assert_int_eq(vrrp_address_remove(address, &vip->address, vip->prefix_length, ifindex, 8), 0);
	answers = settle(address);
	ck_assert_uint_eq(answers.count, 1);
	ck_assert_uint_eq(answers.last.token, 8);
	ck_assert_int_eq(answers.last.operation, VRRP_ADDRESS_REMOVE);
	return answers.last.result;
}

START_TEST(test_add_and_remove)
{
	struct config_vip vip = vip_of("10.0.0.100", 24);
	struct vrrp_address address;
	unsigned a0 = if_nametoindex("a0");

	ck_assert_int_eq(vrrp_address_open(&address, 4), 0);
	ck_assert_int_eq(add(&address, &vip, a0), 0);
	netns_run("ip addr show dev a0 | grep -q 'inet 10.0.0.100/24 scope global secondary noprefixroute a0'");
	ck_assert_int_eq(drop(&address, &vip, a0), 0);
	netns_run("! ip addr show | grep -q 10.0.0.100");
	vrrp_address_close(&address);
	ck_assert_int_eq(address.fd, -1);
}
END_TEST

START_TEST(test_there_already_and_gone_already)
{
	struct config_vip vip = vip_of("10.0.0.100", 24);
	struct vrrp_address address;
	unsigned a0 = if_nametoindex("a0");

	ck_assert_int_eq(vrrp_address_open(&address, 4), 0);
	ck_assert_int_eq(add(&address, &vip, a0), 0);
	ck_assert_int_eq(add(&address, &vip, a0), 0);
	ck_assert_int_eq(drop(&address, &vip, a0), 0);
	ck_assert_int_eq(drop(&address, &vip, a0), 0);
	ck_assert_int_eq(drop(&address, &vip, 4711), 0); /* no such interface: the address is not there */
	ck_assert_int_eq(add(&address, &vip, 4711), -ENODEV);
	vrrp_address_close(&address);
}
END_TEST

START_TEST(test_label_scope_broadcast_host_prefix)
{
	struct config_vip vip = vip_of("10.0.0.100", 32);
	struct vrrp_address address;

	snprintf(vip.label, sizeof(vip.label), "a0:vip");
	snprintf(vip.scope, sizeof(vip.scope), "link");
	vip.broadcast = netns_address("10.0.0.255");
	ck_assert_int_eq(vrrp_address_open(&address, 4), 0);
	ck_assert_int_eq(add(&address, &vip, if_nametoindex("a0")), 0);
	netns_run("ip addr show dev a0 | grep -q 'inet 10.0.0.100/32 brd 10.0.0.255 scope link a0:vip'");
	snprintf(vip.scope, sizeof(vip.scope), "nonsense");
	ck_assert_int_eq(add(&address, &vip, if_nametoindex("a1")), -EINVAL);
	vrrp_address_close(&address);
}
END_TEST

START_TEST(test_ipv6)
{
	struct config_vip host = vip_of("fd00::100", 128), network = vip_of("fe80::100", 64);
	struct vrrp_address address;
	unsigned a0 = if_nametoindex("a0");

	/* With DAD on, an address without IFA_F_NODAD would be tentative. */
	netns_run("echo 1 >/proc/sys/net/ipv6/conf/a0/accept_dad");
	ck_assert_int_eq(vrrp_address_open(&address, 4), 0);
	ck_assert_int_eq(add(&address, &host, a0), 0);
	ck_assert_int_eq(add(&address, &network, a0), 0);
	netns_run("ip addr show dev a0 | grep -q 'inet6 fd00::100/128 scope global nodad deprecated'");
	netns_run("ip addr show dev a0 | grep -A1 'inet6 fd00::100/128' | grep -q 'valid_lft forever preferred_lft "
		  "0sec'");
	netns_run("ip addr show dev a0 | grep -q 'inet6 fe80::100/64 scope link nodad noprefixroute'");
	netns_run("! ip addr show dev a0 | grep -q 'fd00::100.*tentative'");
	ck_assert_int_eq(add(&address, &host, a0), 0);
	ck_assert_int_eq(drop(&address, &host, a0), 0);
	ck_assert_int_eq(drop(&address, &host, a0), 0);
	ck_assert_int_eq(drop(&address, &network, a0), 0);
	netns_run("! ip addr show | grep -q ::100");
	vrrp_address_close(&address);
}
END_TEST

START_TEST(test_what_is_refused_at_once)
{
	struct config_vip vip = vip_of("10.0.0.100", 33), none = { .prefix_length = 24 };
	struct vrrp_address address;
	struct answers answers;
	unsigned a0 = if_nametoindex("a0");

	ck_assert_int_eq(vrrp_address_open(&address, 1), 0);
	ck_assert_int_eq(vrrp_address_add(&address, &vip, a0, 0), -EINVAL);
	ck_assert_int_eq(vrrp_address_add(&address, &none, a0, 0), -EINVAL);
	vip.prefix_length = 24;
	ck_assert_int_eq(vrrp_address_add(&address, &vip, 0, 0), -EINVAL);
	ck_assert_int_eq(vrrp_address_add(&address, &vip, a0, 0), 0);
	ck_assert_int_eq(vrrp_address_add(&address, &vip, a0, 1), -ENOBUFS);
	answers = settle(&address);
	ck_assert_uint_eq(answers.good, 1);
	ck_assert_int_eq(vrrp_address_add(&address, &vip, a0, 1), 0);
	vrrp_address_close(&address);
}
END_TEST

START_TEST(test_without_privilege)
{
	struct config_vip vip = vip_of("10.0.0.100", 24);
	struct vrrp_address address;
	unsigned a0 = if_nametoindex("a0");

	if (getuid() != 0) {
		fprintf(stderr, "skipped: test_without_privilege: only root can give the privilege up\n");
		return;
	}
	ck_assert_int_eq(setuid(65534), 0); /* check runs each test in a process of its own */
	ck_assert_int_eq(vrrp_address_open(&address, 4), 0);
	ck_assert_int_eq(add(&address, &vip, a0), -EPERM);
	ck_assert_int_eq(drop(&address, &vip, a0), -EPERM);
	vrrp_address_close(&address);
}
END_TEST

struct inventory {
	unsigned links, addresses, wanted;
	struct ha_address address;
	unsigned ifindex;
	uint8_t prefix_length;
};

static void
on_listed(void *userdata, const struct vrrp_monitor_event *event)
{
	struct inventory *inventory = userdata;

	inventory->links += event->type == VRRP_MONITOR_LINK_CHANGED;
	inventory->addresses += event->type == VRRP_MONITOR_ADDRESS_APPEARED;
	if (event->type == VRRP_MONITOR_ADDRESS_APPEARED &&
		ha_address_equal(&event->address.address, &inventory->address)) {
		inventory->wanted++;
		inventory->ifindex = event->address.ifindex;
		inventory->prefix_length = event->address.prefix_length;
	}
}

static unsigned
count_addresses(void)
{
	struct inventory inventory = { 0 };

	ck_assert_int_eq(vrrp_monitor_list(on_listed, &inventory), 0);
	return inventory.addresses;
}

/* `count` addresses 10.9.x.y put up and taken down in one go; how long it took. */
static void
put_up_and_take_down(unsigned count, ha_time *ret_add, ha_time *ret_remove)
{
	struct config_vip *vips = calloc(count, sizeof(*vips));
	struct vrrp_address address;
	struct answers answers;
	unsigned a0 = if_nametoindex("a0"), before = count_addresses();
	ha_time start;

	ck_assert_ptr_nonnull(vips);
	ck_assert_int_eq(vrrp_address_open(&address, count), 0);
	start = ha_now();
	for (unsigned i = 0; i < count; i++) {
		char text[32];

		snprintf(text, sizeof(text), "10.9.%u.%u", i / 250, i % 250 + 1);
		vips[i] = vip_of(text, 32);
		ck_assert_int_eq(vrrp_address_add(&address, &vips[i], a0, i), 0);
	}
	answers = settle(&address);
	*ret_add = ha_now() - start;
	ck_assert_uint_eq(answers.good, count);
	ck_assert_uint_eq(answers.count, count);
	ck_assert(answers.in_order);
	ck_assert_uint_eq(count_addresses(), before + count);
	start = ha_now();
	for (unsigned i = count; i > 0; i--)
		ck_assert_int_eq(vrrp_address_remove(&address, &vips[i - 1].address, 32, a0, count - i), 0);
	answers = settle(&address);
	*ret_remove = ha_now() - start;
	ck_assert_uint_eq(answers.good, count);
	ck_assert(answers.in_order);
	ck_assert_uint_eq(count_addresses(), before);
	vrrp_address_close(&address);
	free(vips);
}

START_TEST(test_many_addresses)
{
	static const unsigned counts[] = { MANY, VERY_MANY };
	ha_time added, removed;

	for (unsigned i = 0; i < 2; i++) {
		put_up_and_take_down(counts[i], &added, &removed);
		printf("%u addresses: added in %llu ms, removed in %llu ms\n", counts[i],
			(unsigned long long)(added / HA_MS), (unsigned long long)(removed / HA_MS));
		fflush(stdout);
	}
}
END_TEST

START_TEST(test_mixed_results_keep_their_order)
{
	struct config_vip good[3] = { vip_of("10.0.0.100", 24), vip_of("10.0.0.101", 24), vip_of("10.0.0.102", 24) };
	struct config_vip bad = vip_of("10.0.0.103", 24);
	struct vrrp_address address;
	struct answers answers;
	unsigned a0 = if_nametoindex("a0");

	snprintf(bad.scope, sizeof(bad.scope), "nonsense"); /* fails before it is even sent */
	ck_assert_int_eq(vrrp_address_open(&address, 8), 0);
	ck_assert_int_eq(vrrp_address_add(&address, &good[0], a0, 0), 0);
	ck_assert_int_eq(vrrp_address_add(&address, &bad, a0, 1), 0);
	ck_assert_int_eq(vrrp_address_add(&address, &good[1], 4711, 2), 0); /* the kernel refuses */
	ck_assert_int_eq(vrrp_address_add(&address, &good[2], a0, 3), 0);
	answers = settle(&address);
	ck_assert_uint_eq(answers.count, 4);
	ck_assert_uint_eq(answers.good, 2);
	ck_assert(answers.in_order);
	vrrp_address_close(&address);
}
END_TEST

START_TEST(test_lost_answers_are_errors)
{
	/* A receive queue too small for the window: some confirmations are lost, and none of those may read as 0. */
	struct config_vip *vips = calloc(64, sizeof(*vips));
	struct vrrp_address address;
	struct answers answers;
	unsigned a0 = if_nametoindex("a0"), there = count_addresses();
	int small = 1;

	ck_assert_ptr_nonnull(vips);
	ck_assert_int_eq(vrrp_address_open(&address, 64), 0);
	ck_assert_int_eq(setsockopt(address.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	for (unsigned i = 0; i < 64; i++) {
		char text[32];

		snprintf(text, sizeof(text), "10.9.0.%u", i + 1);
		vips[i] = vip_of(text, 32);
		ck_assert_int_eq(vrrp_address_add(&address, &vips[i], a0, i), 0);
	}
	answers = settle(&address);
	ck_assert_uint_eq(answers.count, 64);
	ck_assert_uint_lt(answers.good, 64);
	ck_assert_int_eq(answers.last.result, -ENOBUFS);
	ck_assert_uint_eq(count_addresses(), there + 64);
	vrrp_address_close(&address);
	free(vips);
}
END_TEST

/* ---- monitor ---- */

struct story {
	unsigned events, overruns;
	struct vrrp_monitor_event wanted; /* type and ifindex to look for */
	bool running;                     /* of a wanted LINK_CHANGED */
	const char *name;                 /* of a wanted LINK_CHANGED; NULL: any */
	unsigned found;
	struct vrrp_monitor_event last;
};

static void
on_event(void *userdata, const struct vrrp_monitor_event *event)
{
	struct story *story = userdata;
	const struct vrrp_monitor_event *wanted = &story->wanted;
	bool match = event->type == wanted->type;

	story->events++;
	story->overruns += event->type == VRRP_MONITOR_OVERRUN;
	switch (event->type) {
	case VRRP_MONITOR_ADDRESS_APPEARED:
	case VRRP_MONITOR_ADDRESS_VANISHED:
		match = match && event->address.ifindex == wanted->address.ifindex &&
			ha_address_equal(&event->address.address, &wanted->address.address);
		break;
	case VRRP_MONITOR_LINK_CHANGED:
		match = match && event->link.ifindex == wanted->link.ifindex && event->link.running == story->running &&
			(!story->name || strcmp(event->link.name, story->name) == 0);
		break;
	case VRRP_MONITOR_LINK_GONE:
		match = match && event->link.ifindex == wanted->link.ifindex;
		break;
	case VRRP_MONITOR_OVERRUN:
		break;
	}
	if (match) {
		story->found++;
		story->last = *event;
	}
}

static void
wait_for(struct vrrp_monitor *monitor, struct story *story)
{
	while (story->found == 0) {
		ck_assert(netns_wait(monitor->fd));
		ck_assert_int_ge(vrrp_monitor_receive(monitor, 8, on_event, story), 0);
	}
	story->found = 0;
}

/* Read what is there: after this nothing old is told any more. */
static void
catch_up(struct vrrp_monitor *monitor, struct story *story)
{
	while (vrrp_monitor_receive(monitor, 8, on_event, story) > 0)
		;
}

START_TEST(test_foreign_change_of_an_address)
{
	struct story story = { .wanted.type = VRRP_MONITOR_ADDRESS_APPEARED };
	struct config_vip vip = vip_of("10.0.0.100", 24);
	struct vrrp_monitor monitor;
	struct vrrp_address address;
	unsigned a0 = if_nametoindex("a0");

	ck_assert_int_eq(vrrp_monitor_open(&monitor), 0);
	ck_assert_int_eq(vrrp_address_open(&address, 4), 0);
	story.wanted.address = (struct vrrp_monitor_address){ .ifindex = a0, .address = vip.address };
	ck_assert_int_eq(add(&address, &vip, a0), 0);
	wait_for(&monitor, &story);
	ck_assert_uint_eq(story.last.address.prefix_length, 24);
	ck_assert(story.last.address.secondary);
	ck_assert_str_eq(story.last.address.label, "a0");
	netns_run("ip addr del 10.0.0.100/24 dev a0"); /* FAULTS 54 */
	story.wanted.type = VRRP_MONITOR_ADDRESS_VANISHED;
	wait_for(&monitor, &story);
	ck_assert_int_eq(add(&address, &vip, a0), 0);
	story.wanted.type = VRRP_MONITOR_ADDRESS_APPEARED;
	wait_for(&monitor, &story);
	vrrp_monitor_close(&monitor);
	ck_assert_int_eq(monitor.fd, -1);
	vrrp_address_close(&address);
}
END_TEST

START_TEST(test_secondary_goes_with_its_primary)
{
	/* Without promote_secondaries the kernel takes the VIP along with the last other address of its network. */
	struct story story = { .wanted.type = VRRP_MONITOR_ADDRESS_VANISHED };
	struct config_vip vip = vip_of("10.0.0.100", 24);
	struct vrrp_monitor monitor;
	struct vrrp_address address;
	unsigned a0 = if_nametoindex("a0");

	netns_run("echo 0 >/proc/sys/net/ipv4/conf/all/promote_secondaries");
	netns_run("echo 0 >/proc/sys/net/ipv4/conf/a0/promote_secondaries");
	ck_assert_int_eq(vrrp_monitor_open(&monitor), 0);
	ck_assert_int_eq(vrrp_address_open(&address, 4), 0);
	story.wanted.address = (struct vrrp_monitor_address){ .ifindex = a0, .address = vip.address };
	ck_assert_int_eq(add(&address, &vip, a0), 0);
	netns_run("ip addr del 10.0.0.1/24 dev a0");
	wait_for(&monitor, &story);
	vrrp_address_close(&address);
	vrrp_monitor_close(&monitor);
}
END_TEST

/* What the check promote-secondaries warns of: the host's own address, added again beside the VIP, is gone with it. */
static bool
own_survives(unsigned promote, uint8_t prefix_length)
{
	struct config_vip vip = vip_of("10.0.0.100", prefix_length);
	struct vrrp_address address;
	unsigned a0 = if_nametoindex("a0");

	netns_run("echo 0 >/proc/sys/net/ipv4/conf/all/promote_secondaries");
	netns_run("echo %u >/proc/sys/net/ipv4/conf/a0/promote_secondaries", promote);
	ck_assert_int_eq(vrrp_address_open(&address, 4), 0);
	netns_run("ip addr flush dev a0");
	ck_assert_int_eq(add(&address, &vip, a0), 0);
	netns_run("ip addr add 10.0.0.1/24 dev a0");
	ck_assert_int_eq(vrrp_address_remove(&address, &vip.address, prefix_length, a0, 0), 0);
	ck_assert_uint_eq(settle(&address).good, 1);
	vrrp_address_close(&address);
	return netns_try("ip -o addr show dev a0 | grep -qw 10.0.0.1/24") == 0;
}

START_TEST(test_own_address_goes_with_the_vip)
{
	ck_assert(!own_survives(0, 24));
	ck_assert(own_survives(1, 24));
	ck_assert(own_survives(0, 32));
}
END_TEST

START_TEST(test_address_of_ipv6_appears_and_vanishes)
{
	struct story story = { .wanted.type = VRRP_MONITOR_ADDRESS_APPEARED };
	struct vrrp_monitor monitor;
	unsigned a0 = if_nametoindex("a0");

	ck_assert_int_eq(vrrp_monitor_open(&monitor), 0);
	story.wanted.address = (struct vrrp_monitor_address){ .ifindex = a0, .address = netns_address("fd00::100") };
	netns_run("ip addr add fd00::100/64 dev a0 nodad");
	wait_for(&monitor, &story);
	ck_assert(!story.last.address.tentative);
	netns_run("ip link set a0 down"); /* takes IPv6 addresses along */
	story.wanted.type = VRRP_MONITOR_ADDRESS_VANISHED;
	wait_for(&monitor, &story);
	vrrp_monitor_close(&monitor);
}
END_TEST

START_TEST(test_carrier)
{
	unsigned a0 = if_nametoindex("a0");
	struct story story = { .wanted.type = VRRP_MONITOR_LINK_CHANGED, .wanted.link.ifindex = a0 };
	struct vrrp_monitor monitor;

	ck_assert_int_eq(vrrp_monitor_open(&monitor), 0);
	netns_enter(netns_b);
	netns_run("ip link set b0 down");
	wait_for(&monitor, &story);
	ck_assert(story.last.link.up); /* the cable is out, the interface is not down */
	ck_assert_str_eq(story.last.link.name, "a0");
	netns_run("ip link set b0 up");
	story.running = true;
	wait_for(&monitor, &story);
	netns_enter(netns_a);
	netns_run("ip link set a0 down");
	story.running = false;
	wait_for(&monitor, &story);
	while (story.last.link.up)
		wait_for(&monitor, &story);
	vrrp_monitor_close(&monitor);
}
END_TEST

START_TEST(test_short_loss_of_carrier_is_counted)
{
	/* The kernel may tell of the carrier when it is back, and never that it was gone. */
	struct vrrp_monitor_link before, after;

	ck_assert_int_eq(vrrp_monitor_link_by_name("a0", &before), 0);
	netns_enter(netns_b);
	netns_run("ip link set b0 down; ip link set b0 up");
	netns_enter(netns_a);
	ck_assert_int_eq(vrrp_monitor_link_by_name("a0", &after), 0);
	ck_assert_uint_gt(after.downs, before.downs);
	netns_run("ip link set a0 mtu 1400"); /* any other change is none of the carrier */
	ck_assert_int_eq(vrrp_monitor_link_by_name("a0", &before), 0);
	ck_assert_uint_eq(before.mtu, 1400);
	ck_assert_uint_eq(before.downs, after.downs);
}
END_TEST

START_TEST(test_dormant_is_not_running)
{
	/* Carrier alone is not enough: 802.1X or a bond without a partner leaves the link dormant. */
	unsigned a0 = if_nametoindex("a0");
	struct story story = { .wanted.type = VRRP_MONITOR_LINK_CHANGED, .wanted.link.ifindex = a0 };
	struct vrrp_monitor monitor;

	ck_assert_int_eq(vrrp_monitor_open(&monitor), 0);
	netns_run("ip link set a0 mode dormant; ip link set a0 state dormant");
	wait_for(&monitor, &story);
	ck_assert(story.last.link.up);
	netns_run("ip link set a0 state up");
	story.running = true;
	wait_for(&monitor, &story);
	vrrp_monitor_close(&monitor);
}
END_TEST

START_TEST(test_renamed_and_removed)
{
	unsigned a0 = if_nametoindex("a0");
	struct story story = {
		.wanted.type = VRRP_MONITOR_LINK_CHANGED, .wanted.link.ifindex = a0, .name = "renamed0"
	};
	struct vrrp_monitor monitor;

	ck_assert_int_eq(vrrp_monitor_open(&monitor), 0);
	netns_run("ip link set a0 down; ip link set a0 name renamed0");
	wait_for(&monitor, &story);
	netns_run("ip link del renamed0");
	story.wanted.type = VRRP_MONITOR_LINK_GONE;
	wait_for(&monitor, &story);
	vrrp_monitor_close(&monitor);
}
END_TEST

START_TEST(test_leaving_a_bridge_is_not_gone)
{
	unsigned a1 = if_nametoindex("a1");
	struct story story = { .wanted.type = VRRP_MONITOR_LINK_GONE, .wanted.link.ifindex = a1 };
	struct vrrp_monitor monitor;

	if (netns_try("ip link add br0 type bridge 2>/dev/null") != 0) {
		fprintf(stderr, "skipped: test_leaving_a_bridge_is_not_gone: no bridges on this machine\n");
		return;
	}
	ck_assert_int_eq(vrrp_monitor_open(&monitor), 0);
	netns_run("ip link set a1 master br0; ip link set a1 nomaster; ip link del br0");
	catch_up(&monitor, &story);
	ck_assert_uint_gt(story.events, 0);
	ck_assert_uint_eq(story.found, 0);
	vrrp_monitor_close(&monitor);
}
END_TEST

START_TEST(test_overrun_is_announced)
{
	struct story story = { .wanted.type = VRRP_MONITOR_OVERRUN };
	struct vrrp_monitor monitor;
	int small = 1;

	ck_assert_int_eq(vrrp_monitor_open(&monitor), 0);
	ck_assert_int_eq(setsockopt(monitor.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	netns_run("for i in 1 2 3 4 5 6 7 8 9; do ip addr add 10.9.0.$i/32 dev a0; done");
	wait_for(&monitor, &story);
	catch_up(&monitor, &story);
	/* And it goes on. */
	story.found = 0;
	story.wanted.type = VRRP_MONITOR_ADDRESS_VANISHED;
	story.wanted.address =
		(struct vrrp_monitor_address){ .ifindex = if_nametoindex("a0"), .address = netns_address("10.9.0.5") };
	netns_run("ip addr del 10.9.0.5/32 dev a0");
	wait_for(&monitor, &story);
	vrrp_monitor_close(&monitor);
}
END_TEST

START_TEST(test_list_finds_an_address_on_any_interface)
{
	struct inventory inventory = { .address = netns_address("10.0.0.100") };

	netns_run(
		"ip link add other0 type veth peer name other1; ip addr add 10.0.0.100/32 dev other1"); /* down, too */
	ck_assert_int_eq(vrrp_monitor_list(on_listed, &inventory), 0);
	ck_assert_uint_eq(inventory.links, 5);
	ck_assert_uint_eq(inventory.wanted, 1);
	ck_assert_uint_eq(inventory.ifindex, if_nametoindex("other1"));
	ck_assert_uint_eq(inventory.prefix_length, 32);
}
END_TEST

START_TEST(test_look_up)
{
	struct ha_address known = netns_address("10.1.0.1"), unknown = netns_address("10.1.0.99");
	struct vrrp_monitor_link link;

	ck_assert_int_eq(vrrp_monitor_link_by_address(&known, &link), 0);
	ck_assert_str_eq(link.name, "a1");
	ck_assert_uint_eq(link.ifindex, if_nametoindex("a1"));
	ck_assert_uint_eq(link.mtu, 1500);
	ck_assert(link.ethernet && link.up && link.running && !link.loopback);
	ck_assert_mem_eq(link.mac, "\x02\x00\x00\x00\x0a\x01", 6);
	ck_assert_int_eq(vrrp_monitor_link_by_address(&unknown, &link), -EADDRNOTAVAIL);
	ck_assert_int_eq(vrrp_monitor_link_by_name("lo", &link), 0);
	ck_assert(link.loopback && !link.ethernet);
	ck_assert_int_eq(vrrp_monitor_link_by_name("nosuch0", &link), -ENODEV);
}
END_TEST

static TCase *
tcase_of(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, netns_setup, NULL);
	suite_add_tcase(suite, tcase);
	return tcase;
}

int
main(void)
{
	Suite *suite = suite_create("vrrp addresses");
	TCase *address = tcase_of(suite, "address");
	TCase *monitor = tcase_of(suite, "monitor");

	tcase_add_test(address, test_add_and_remove);
	tcase_add_test(address, test_there_already_and_gone_already);
	tcase_add_test(address, test_label_scope_broadcast_host_prefix);
	netns_add_ipv6_test(address, test_ipv6);
	tcase_add_test(address, test_what_is_refused_at_once);
	tcase_add_test(address, test_without_privilege);
	tcase_add_test(address, test_many_addresses);
	tcase_add_test(address, test_mixed_results_keep_their_order);
	tcase_add_test(address, test_lost_answers_are_errors);
	tcase_add_test(monitor, test_foreign_change_of_an_address);
	tcase_add_test(monitor, test_secondary_goes_with_its_primary);
	tcase_add_test(monitor, test_own_address_goes_with_the_vip);
	netns_add_ipv6_test(monitor, test_address_of_ipv6_appears_and_vanishes);
	tcase_add_test(monitor, test_carrier);
	tcase_add_test(monitor, test_short_loss_of_carrier_is_counted);
	tcase_add_test(monitor, test_dormant_is_not_running);
	tcase_add_test(monitor, test_renamed_and_removed);
	tcase_add_test(monitor, test_leaving_a_bridge_is_not_gone);
	tcase_add_test(monitor, test_overrun_is_announced);
	tcase_add_test(monitor, test_list_finds_an_address_on_any_interface);
	tcase_add_test(monitor, test_look_up);
	return netns_main(suite);
}
