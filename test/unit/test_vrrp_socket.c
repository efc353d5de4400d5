/* The raw VRRP socket and the peer socket on real links, in network namespaces. */
#include "test/unit/netns.h"
#include "vrrp/datagram.h"
#include "vrrp/peer_socket.h"
#include "vrrp/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define PORT 1112

/* LAB.md: v2 PASS "1111", VRID 51, prio 100, adv 1 s, VIP 10.77.0.100 */
static const uint8_t golden[] = { 0x21, 0x33, 0x64, 0x01, 0x01, 0x01, 0x0c, 0xb7, 0x0a, 0x4d, 0x00, 0x64, 0x31, 0x31,
	0x31, 0x31, 0, 0, 0, 0 };
static const uint8_t golden_other_vrid[] = { 0x21, 0x34, 0x64, 0x01, 0x01, 0x01, 0x0c, 0xb6, 0x0a, 0x4d, 0x00, 0x64,
	0x31, 0x31, 0x31, 0x31, 0, 0, 0, 0 };

struct heard {
	unsigned count;
	struct vrrp_socket_packet packet; /* the last */
	uint8_t payload[64];
	struct vrrp_peer_datagram datagram;
};

static void
on_packet(void *userdata, const struct vrrp_socket_packet *packet)
{
	struct heard *heard = userdata;

	ck_assert_uint_le(packet->length, sizeof(heard->payload));
	heard->count++;
	heard->packet = *packet;
	memcpy(heard->payload, packet->payload, packet->length);
}

static void
on_datagram(void *userdata, const struct vrrp_peer_datagram *datagram)
{
	struct heard *heard = userdata;

	heard->count++;
	heard->datagram = *datagram;
	memcpy(heard->payload, datagram->data,
		datagram->length < sizeof(heard->payload) ? datagram->length : sizeof(heard->payload));
}

static struct vrrp_socket_config
config_of(const char *interface, const char *source, const char *peer, bool unicast)
{
	struct vrrp_socket_config config = {
		.source = netns_address(source), .peer = netns_address(peer), .unicast = unicast, .vrid = 51
	};

	snprintf(config.interface, sizeof(config.interface), "%s", interface);
	return config;
}

/* The pair's two sockets, A and B; leaves us in A. */
static void
open_pair(struct vrrp_socket *a, struct vrrp_socket *b, const char *address_a, const char *address_b, bool unicast)
{
	struct vrrp_socket_config config_a = config_of("a0", address_a, address_b, unicast);
	struct vrrp_socket_config config_b = config_of("b0", address_b, address_a, unicast);

	netns_enter(netns_b);
	ck_assert_int_eq(vrrp_socket_open(b, &config_b), 0);
	netns_enter(netns_a);
	ck_assert_int_eq(vrrp_socket_open(a, &config_a), 0);
}

/* Exactly one packet, the golden one, gets to `to`. */
static void
expect_golden(struct vrrp_socket *to, const char *source, const char *destination)
{
	struct heard heard = { 0 };
	struct ha_address wanted = netns_address(source);

	ck_assert(netns_wait(to->io.fd));
	ck_assert_int_ge(vrrp_socket_receive(to, 16, on_packet, &heard), 1);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert_uint_eq(heard.packet.length, sizeof(golden));
	ck_assert_mem_eq(heard.payload, golden, sizeof(golden));
	ck_assert_uint_eq(heard.packet.ttl, 255);
	ck_assert(ha_address_equal(&heard.packet.source, &wanted));
	wanted = netns_address(destination);
	ck_assert(ha_address_equal(&heard.packet.destination, &wanted));
	ck_assert(heard.packet.from_peer);
	ck_assert_uint_le(heard.packet.received, ha_now());
	ck_assert_int_eq(vrrp_socket_receive(to, 16, on_packet, &heard), 0);
}

/* Kernels differ in what they say of a source that is not there. */
static bool
is_no_source(int error)
{
	return error == -EADDRNOTAVAIL || error == -ENETUNREACH;
}

static int
open_tap(const char *interface, uint16_t protocol)
{
	struct sockaddr_ll link = {
		.sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)if_nametoindex(interface)
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&link, sizeof(link)), 0);
	return fd;
}

START_TEST(test_multicast)
{
	struct vrrp_socket a, b;

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", false);
	ck_assert_int_eq(vrrp_socket_send(&a, golden, sizeof(golden)), 0);
	expect_golden(&b, "10.0.0.1", "224.0.0.18");
	ck_assert_int_eq(vrrp_socket_send(&b, golden, sizeof(golden)), 0);
	expect_golden(&a, "10.0.0.2", "224.0.0.18");
	ck_assert_uint_eq(a.counters.own, 0); /* not even looped back */
	ck_assert_uint_eq(a.counters.sent, 1);
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
	ck_assert_int_eq(a.io.fd, -1);
}
END_TEST

START_TEST(test_unicast)
{
	struct vrrp_socket a, b;

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", true);
	ck_assert_int_eq(vrrp_socket_send(&a, golden, sizeof(golden)), 0);
	expect_golden(&b, "10.0.0.1", "10.0.0.2");
	ck_assert_int_eq(vrrp_socket_rejoin(&a), 0);
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
}
END_TEST

START_TEST(test_bytes_on_the_wire)
{
	/* LAB.md: TTL 255, TOS 0xC0, DF clear, protocol 112, to 224.0.0.18 from the primary address. */
	struct vrrp_socket a, b;
	uint8_t frame[128];
	int tap;

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", false);
	netns_enter(netns_b);
	tap = open_tap("b0", ETHERTYPE_IP);
	ck_assert_int_eq(vrrp_socket_send(&a, golden, sizeof(golden)), 0);
	ck_assert(netns_wait(tap));
	ck_assert_int_eq(recv(tap, frame, sizeof(frame), 0), ETHER_HDR_LEN + 20 + (int)sizeof(golden));
	ck_assert_mem_eq(frame, "\x01\x00\x5e\x00\x00\x12\x02\x00\x00\x00\x0a\x00\x08\x00", 14);
	ck_assert_mem_eq(frame + 14, "\x45\xc0\x00\x28", 4);
	ck_assert_mem_eq(frame + 20, "\x00\x00\xff\x70", 4);
	ck_assert_mem_eq(frame + 26, "\x0a\x00\x00\x01\xe0\x00\x00\x12", 8);
	ck_assert_mem_eq(frame + 34, golden, sizeof(golden));
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
}
END_TEST

START_TEST(test_other_vrid_is_filtered)
{
	struct vrrp_socket a, b;
	struct heard heard = { 0 };

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", false);
	ck_assert_int_eq(vrrp_socket_send(&a, golden_other_vrid, sizeof(golden)), 0);
	ck_assert_int_eq(vrrp_socket_send(&a, golden, 1), 0); /* too short to have a VRID: handed up (S8) */
	ck_assert(netns_wait(b.io.fd));
	ck_assert_int_ge(vrrp_socket_receive(&b, 16, on_packet, &heard), 1);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert_uint_eq(heard.packet.length, 1);
	ck_assert(heard.packet.from_peer);
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
}
END_TEST

START_TEST(test_own_source_from_outside)
{
	struct vrrp_socket a, b;
	struct vrrp_socket_config forged = config_of("b0", "10.0.0.1", "", false);
	struct vrrp_socket liar;
	struct heard heard = { 0 };

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", false);
	netns_run("echo 1 >/proc/sys/net/ipv4/conf/a0/accept_local"); /* else the kernel drops it before us */
	netns_enter(netns_b);
	netns_run("ip addr add 10.0.0.1/32 dev b0");
	ck_assert_int_eq(vrrp_socket_open(&liar, &forged), 0);
	ck_assert_int_eq(vrrp_socket_send(&liar, golden, sizeof(golden)), 0);
	ck_assert_int_eq(vrrp_socket_send(&b, golden, sizeof(golden)), 0);
	ck_assert(netns_wait(a.io.fd));
	while (heard.count == 0 && netns_wait(a.io.fd))
		ck_assert_int_ge(vrrp_socket_receive(&a, 16, on_packet, &heard), 0);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert_uint_eq(a.counters.own, 1);
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
	vrrp_socket_close(&liar);
}
END_TEST

START_TEST(test_stranger_is_marked)
{
	struct vrrp_socket a, b, stranger;
	struct vrrp_socket_config config = config_of("b0", "10.0.0.77", "", false);
	struct heard heard = { 0 };

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", false);
	netns_enter(netns_b);
	netns_run("ip addr add 10.0.0.77/24 dev b0");
	ck_assert_int_eq(vrrp_socket_open(&stranger, &config), 0);
	ck_assert_int_eq(vrrp_socket_send(&stranger, golden, sizeof(golden)), 0);
	ck_assert(netns_wait(a.io.fd));
	vrrp_socket_receive(&a, 16, on_packet, &heard);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert(!heard.packet.from_peer);
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
	vrrp_socket_close(&stranger);
}
END_TEST

START_TEST(test_other_device_is_not_heard)
{
	struct vrrp_socket a, b, storage;
	struct vrrp_socket_config config = config_of("b1", "10.1.0.2", "", false);
	struct heard heard = { 0 };
	int tap = open_tap("a1", ETHERTYPE_IP);

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", false);
	netns_enter(netns_b);
	ck_assert_int_eq(vrrp_socket_open(&storage, &config), 0);
	ck_assert_int_eq(vrrp_socket_send(&storage, golden, sizeof(golden)), 0);
	ck_assert(netns_wait(tap)); /* it did arrive at the host */
	ck_assert_int_eq(vrrp_socket_send(&b, golden, sizeof(golden)), 0);
	ck_assert(netns_wait(a.io.fd));
	vrrp_socket_receive(&a, 16, on_packet, &heard);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert(heard.packet.from_peer);
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
	vrrp_socket_close(&storage);
}
END_TEST

START_TEST(test_maximum_per_call)
{
	struct vrrp_socket a, b;
	struct heard heard = { 0 };
	unsigned total = 0;

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", false);
	for (unsigned i = 0; i < 2000; i++)
		ck_assert_int_eq(vrrp_socket_send(&a, golden, sizeof(golden)), 0);
	while (total < 2000) {
		int n;

		ck_assert(netns_wait(b.io.fd));
		n = vrrp_socket_receive(&b, 7, on_packet, &heard);
		ck_assert_int_ge(n, 1);
		ck_assert_int_le(n, 7);
		total += (unsigned)n;
	}
	ck_assert_uint_eq(heard.count, 2000); /* a burst while the loop was away is there to be read (S7) */
	ck_assert_uint_eq(b.counters.kernel_drops, 0);
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
}
END_TEST

/* Send one packet, be away for 100 ms, then read it. Returns how long after its sending it is said to have arrived. */
static ha_time
arrival_delay(struct vrrp_socket *from, struct vrrp_socket *to)
{
	struct heard heard = { 0 };
	ha_time before;

	ck_assert_int_eq(vrrp_socket_receive(to, 16, on_packet, &heard), 0);
	before = ha_now();
	ck_assert_int_eq(vrrp_socket_send(from, golden, sizeof(golden)), 0);
	ck_assert(netns_wait(to->io.fd));
	usleep(100000);
	ck_assert_int_ge(vrrp_socket_receive(to, 16, on_packet, &heard), 1);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert_uint_ge(heard.packet.received + 5 * HA_MS, before); /* the wall clock may be slewed meanwhile */
	ck_assert_uint_le(heard.packet.received, ha_now());
	return ha_time_since(heard.packet.received, before);
}

START_TEST(test_arrival_time)
{
	struct vrrp_socket a, b;
	unsigned tries = 0;

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", false);
	/* The kernel takes a moment after the socket option until it stamps packets as they arrive, and not as they are
	 * read; and this machine may be busy. */
	while (arrival_delay(&a, &b) > 50 * HA_MS)
		ck_assert_uint_lt(++tries, 50);
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
}
END_TEST

START_TEST(test_arrival_time_has_bounds)
{
	/* Whatever the wall clock says: not later than now, and not before the queue was last empty (FAULTS 45). */
	struct vrrp_socket a, b;
	struct vrrp_datagram datagram;
	uint8_t buffer[128];

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", false);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_int_eq(vrrp_socket_send(&a, golden, sizeof(golden)), 0);
		ck_assert(netns_wait(b.io.fd));
		usleep(1000);
		switch (i) {
		case 0: /* the stamp lies before the floor: a jump forward */
			ck_assert_int_gt(vrrp_datagram_receive(b.io.fd, buffer, sizeof(buffer), ha_now() + 9 * HA_SEC,
						 ha_now() + 9 * HA_SEC, &datagram),
				0);
			ck_assert_uint_gt(datagram.received, ha_now() + 8 * HA_SEC);
			break;
		case 1: /* a floor after now, which must not be, does not lead into the future */
			ck_assert_int_gt(vrrp_datagram_receive(b.io.fd, buffer, sizeof(buffer), 5, 9, &datagram), 0);
			ck_assert_uint_eq(datagram.received, 5);
			break;
		default: /* within the bounds it is the kernel's */
			ck_assert_int_gt(
				vrrp_datagram_receive(b.io.fd, buffer, sizeof(buffer), ha_now(), 0, &datagram), 0);
			ck_assert_uint_le(datagram.received, ha_now());
			break;
		}
	}
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
}
END_TEST

START_TEST(test_link_down_and_up)
{
	struct vrrp_socket a, b;

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", false);
	netns_run("ip link set a0 down");
	ck_assert_int_lt(vrrp_socket_send(&a, golden, sizeof(golden)), 0);
	ck_assert_uint_eq(a.counters.send_errors, 1);
	netns_run("ip link set a0 up");
	ck_assert_int_eq(vrrp_socket_rejoin(&a), 0);
	ck_assert_int_eq(vrrp_socket_send(&a, golden, sizeof(golden)), 0);
	expect_golden(&b, "10.0.0.1", "224.0.0.18");
	ck_assert_int_eq(vrrp_socket_send(&b, golden, sizeof(golden)), 0);
	expect_golden(&a, "10.0.0.2", "224.0.0.18");
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
}
END_TEST

START_TEST(test_address_flushed_and_back)
{
	struct vrrp_socket a, b;

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", false);
	netns_run("ip addr flush dev a0");
	ck_assert(is_no_source(vrrp_socket_send(&a, golden, sizeof(golden))));
	netns_run("ip addr add 10.0.0.9/24 dev a0");
	ck_assert(is_no_source(vrrp_socket_send(&a, golden, sizeof(golden)))); /* never from another source */
	netns_run("ip addr add 10.0.0.1/24 dev a0");
	ck_assert_int_eq(vrrp_socket_send(&a, golden, sizeof(golden)), 0);
	expect_golden(&b, "10.0.0.1", "224.0.0.18");
	ck_assert_int_eq(vrrp_socket_send(&b, golden, sizeof(golden)), 0);
	expect_golden(&a, "10.0.0.2", "224.0.0.18");
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
}
END_TEST

START_TEST(test_interface_made_anew)
{
	struct vrrp_socket a, b;

	open_pair(&a, &b, "10.0.0.1", "10.0.0.2", false);
	netns_run("ip link del a0");
	ck_assert_int_lt(vrrp_socket_send(&a, golden, sizeof(golden)), 0);
	ck_assert_int_eq(vrrp_socket_reopen(&a), -ENODEV);
	ck_assert_int_eq(vrrp_socket_send(&a, golden, sizeof(golden)), -EBADF);
	netns_wire(0);
	ck_assert_int_eq(vrrp_socket_reopen(&b), 0);
	netns_enter(netns_a);
	ck_assert_int_eq(vrrp_socket_reopen(&a), 0);
	ck_assert_int_eq(vrrp_socket_send(&a, golden, sizeof(golden)), 0);
	expect_golden(&b, "10.0.0.1", "224.0.0.18");
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
}
END_TEST

START_TEST(test_multicast_ipv6)
{
	struct vrrp_socket a, b;
	struct heard heard = { 0 };

	netns_ipv6();
	open_pair(&a, &b, "fe80::1", "fe80::2", false);
	ck_assert_int_eq(vrrp_socket_send(&a, golden, sizeof(golden)), 0);
	expect_golden(&b, "fe80::1", "ff02::12");
	ck_assert_int_eq(vrrp_socket_rejoin(&b), 0);
	ck_assert_int_eq(vrrp_socket_send(&a, golden_other_vrid, sizeof(golden)), 0);
	ck_assert_int_eq(vrrp_socket_send(&a, golden, 1), 0);
	ck_assert(netns_wait(b.io.fd));
	vrrp_socket_receive(&b, 16, on_packet, &heard);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert_uint_eq(heard.packet.length, 1);
	netns_run("ip -6 addr flush dev a0");
	ck_assert(is_no_source(vrrp_socket_send(&a, golden, sizeof(golden))));
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
}
END_TEST

START_TEST(test_unicast_ipv6)
{
	struct vrrp_socket a, b;

	netns_ipv6();
	open_pair(&a, &b, "fd00::1", "fd00::2", true);
	ck_assert_int_eq(vrrp_socket_send(&a, golden, sizeof(golden)), 0);
	expect_golden(&b, "fd00::1", "fd00::2");
	vrrp_socket_close(&a);
	vrrp_socket_close(&b);
}
END_TEST

START_TEST(test_bad_configuration)
{
	struct vrrp_socket_config mixed = config_of("a0", "10.0.0.1", "fe80::2", true);
	struct vrrp_socket_config nowhere = config_of("nosuch0", "10.0.0.1", "10.0.0.2", false);
	struct vrrp_socket_config lonely = config_of("a0", "10.0.0.1", "", true);
	struct vrrp_socket socket;

	ck_assert_int_eq(vrrp_socket_open(&socket, &mixed), -EINVAL);
	ck_assert_int_eq(vrrp_socket_open(&socket, &lonely), -EINVAL);
	ck_assert_int_eq(vrrp_socket_open(&socket, &nowhere), -ENODEV);
	ck_assert_int_eq(socket.io.fd, -1);
	ck_assert_int_eq(vrrp_socket_receive(&socket, 1, on_packet, NULL), -EBADF);
	vrrp_socket_close(&socket);
}
END_TEST

/* ---- peer sockets ---- */

static void
open_peer(struct vrrp_peer_socket *socket, const char *interface, const char *local, const char *peer)
{
	struct vrrp_peer_socket_config config = {
		.local = netns_address(local), .peer = netns_address(peer), .local_port = PORT, .peer_port = PORT
	};

	snprintf(config.interface, sizeof(config.interface), "%s", interface);
	ck_assert_int_eq(vrrp_peer_socket_open(socket, &config), 0);
}

static void
open_peers(struct vrrp_peer_socket *a, struct vrrp_peer_socket *b)
{
	netns_enter(netns_b);
	open_peer(b, "b0", "10.0.0.2", "10.0.0.1");
	netns_enter(netns_a);
	open_peer(a, "a0", "10.0.0.1", "10.0.0.2");
}

/* Exactly `text` gets to `to`, from the right port. */
static void
expect_text(struct vrrp_peer_socket *to, const char *text)
{
	struct heard heard = { 0 };

	while (heard.count == 0 && netns_wait(to->io.fd))
		ck_assert_int_ge(vrrp_peer_socket_receive(to, 16, on_datagram, &heard), 0);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert_uint_eq(heard.datagram.length, strlen(text));
	ck_assert_mem_eq(heard.payload, text, strlen(text));
	ck_assert(heard.datagram.right_port);
	ck_assert(!heard.datagram.truncated);
	ck_assert_uint_eq(heard.datagram.ttl, 255);
	ck_assert_uint_le(heard.datagram.received, ha_now());
}

static int
send_text(struct vrrp_peer_socket *from, const char *text)
{
	return vrrp_peer_socket_send(from, (const uint8_t *)text, strlen(text));
}

/* A plain UDP socket for whom the tests need beside the pair. */
static int
plain_udp(const char *interface, const char *address, uint16_t port)
{
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(inet_pton(AF_INET, address, &local.sin_addr), 1);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface) + 1), 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&local, sizeof(local)), 0);
	return fd;
}

static void
plain_send(int fd, const char *to, const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	ck_assert_int_eq(inet_pton(AF_INET, to, &address.sin_addr), 1);
	ck_assert_int_eq(
		sendto(fd, text, strlen(text), 0, (struct sockaddr *)&address, sizeof(address)), (int)strlen(text));
}

START_TEST(test_peers_talk)
{
	struct vrrp_peer_socket a, b;
	struct heard heard = { 0 };
	uint8_t frame[128];
	int tap = open_tap("a0", ETHERTYPE_IP);

	open_peers(&a, &b);
	ck_assert_int_eq(send_text(&a, "hello"), 0);
	expect_text(&b, "hello");
	ck_assert_int_eq(send_text(&b, "well, hello"), 0);
	expect_text(&a, "well, hello");
	ck_assert_int_eq(vrrp_peer_socket_receive(&a, 16, on_datagram, &heard), 0);
	ck_assert(netns_wait(tap));
	ck_assert_int_gt(recv(tap, frame, sizeof(frame), 0), 34);
	ck_assert_mem_eq(frame + 14, "\x45\xc0", 2);
	ck_assert_uint_eq(frame[22], 255);
	vrrp_peer_socket_close(&a);
	vrrp_peer_socket_close(&b);
}
END_TEST

START_TEST(test_source_spoofed_through_other_lan)
{
	/* FAULTS 80: B's service address, sent to A's service address, but over the storage LAN. */
	struct vrrp_peer_socket a, b;
	struct heard heard = { 0 };
	int spoof, control;

	open_peers(&a, &b);
	control = plain_udp("a1", "10.0.0.1", PORT); /* sees what comes in there */
	netns_enter(netns_b);
	spoof = plain_udp("b1", "10.0.0.2", PORT);
	plain_send(spoof, "10.0.0.1", "spoofed");
	ck_assert(netns_wait(control));
	ck_assert_int_eq(vrrp_peer_socket_receive(&a, 16, on_datagram, &heard), 0);
	ck_assert_int_eq(send_text(&b, "true"), 0);
	expect_text(&a, "true");
	ck_assert_uint_eq(a.counters.received, 1);
	vrrp_peer_socket_close(&a);
	vrrp_peer_socket_close(&b);
}
END_TEST

START_TEST(test_strangers_and_wrong_ports)
{
	struct vrrp_peer_socket a, b;
	struct heard heard = { 0 };
	int stranger, port;

	open_peers(&a, &b);
	netns_enter(netns_b);
	netns_run("ip addr add 10.0.0.77/24 dev b0");
	stranger = plain_udp("b0", "10.0.0.77", PORT);
	port = plain_udp("b0", "10.0.0.2", 4711);
	plain_send(stranger, "10.0.0.1", "I am nobody");
	plain_send(port, "10.0.0.1", "wrong port");
	ck_assert(netns_wait(a.io.fd));
	vrrp_peer_socket_receive(&a, 16, on_datagram, &heard);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert_mem_eq(heard.payload, "wrong port", 10);
	ck_assert(!heard.datagram.right_port);
	ck_assert_int_eq(send_text(&b, "right"), 0);
	expect_text(&a, "right");
	vrrp_peer_socket_close(&a);
	vrrp_peer_socket_close(&b);
}
END_TEST

START_TEST(test_flood_of_strangers_does_not_drown_the_peer)
{
	struct vrrp_peer_socket a, b;
	int stranger;

	open_peers(&a, &b);
	netns_enter(netns_b);
	netns_run("ip addr add 10.0.0.77/24 dev b0");
	stranger = plain_udp("b0", "10.0.0.77", PORT);
	for (unsigned i = 0; i < 50000; i++)
		plain_send(stranger, "10.0.0.1", "flood");
	ck_assert_int_eq(send_text(&b, "still here"), 0);
	expect_text(&a, "still here");
	vrrp_peer_socket_close(&a);
	vrrp_peer_socket_close(&b);
}
END_TEST

START_TEST(test_refusal_is_counted_and_ends_nothing)
{
	struct vrrp_peer_socket a, b;
	struct heard heard = { 0 };

	open_peer(&a, "a0", "10.0.0.1", "10.0.0.2");
	ck_assert_int_eq(send_text(&a, "anybody there?"), 0);
	while (a.counters.port_unreachable == 0 && netns_wait(a.io.fd))
		ck_assert_int_ge(vrrp_peer_socket_receive(&a, 16, on_datagram, &heard), 0);
	ck_assert_uint_eq(a.counters.port_unreachable, 1);
	/* And one that nobody has read when the next message goes out. */
	ck_assert_int_eq(send_text(&a, "anybody there?"), 0);
	ck_assert(netns_wait(a.io.fd));
	netns_enter(netns_b);
	open_peer(&b, "b0", "10.0.0.2", "10.0.0.1");
	ck_assert_int_eq(send_text(&a, "now?"), 0);
	expect_text(&b, "now?");
	ck_assert_int_eq(send_text(&b, "yes"), 0);
	expect_text(&a, "yes");
	ck_assert_uint_eq(heard.count, 0);
	vrrp_peer_socket_close(&a);
	vrrp_peer_socket_close(&b);
}
END_TEST

START_TEST(test_long_datagram_is_marked)
{
	struct vrrp_peer_socket a, b;
	struct heard heard = { 0 };
	char text[3000];

	memset(text, 'x', sizeof(text));
	open_peers(&a, &b);
	ck_assert_int_eq(vrrp_peer_socket_send(&a, (const uint8_t *)text, sizeof(text)), 0);
	ck_assert(netns_wait(b.io.fd));
	vrrp_peer_socket_receive(&b, 1, on_datagram, &heard);
	ck_assert_uint_eq(heard.count, 1);
	ck_assert(heard.datagram.truncated);
	ck_assert_uint_eq(heard.datagram.length, VRRP_PEER_SOCKET_BYTES);
	vrrp_peer_socket_close(&a);
	vrrp_peer_socket_close(&b);
}
END_TEST

START_TEST(test_peer_address_comes_later)
{
	struct vrrp_peer_socket a, b;

	netns_run("ip addr flush dev a0");
	open_peers(&a, &b);
	ck_assert(is_no_source(send_text(&a, "too early")));
	netns_run("ip addr add 10.0.0.9/24 dev a0");
	ck_assert(is_no_source(send_text(&a, "still too early")));
	netns_run("ip addr add 10.0.0.1/24 dev a0");
	ck_assert_int_eq(send_text(&a, "hello"), 0);
	expect_text(&b, "hello");
	netns_run("ip link set a0 down; ip link set a0 up");
	ck_assert_int_eq(send_text(&b, "again"), 0);
	expect_text(&a, "again");
	vrrp_peer_socket_close(&a);
	vrrp_peer_socket_close(&b);
}
END_TEST

START_TEST(test_peer_port_taken)
{
	struct vrrp_peer_socket a;
	struct vrrp_peer_socket_config config = { .interface = "a0",
		.local = netns_address("10.0.0.1"),
		.peer = netns_address("10.0.0.2"),
		.local_port = PORT,
		.peer_port = PORT };
	int other = plain_udp("a0", "10.0.0.1", PORT);

	ck_assert_int_eq(vrrp_peer_socket_open(&a, &config), -EADDRINUSE);
	close(other);
	ck_assert_int_eq(vrrp_peer_socket_reopen(&a), 0);
	vrrp_peer_socket_close(&a);
}
END_TEST

static void
peers_talk_ipv6(const char *address_a, const char *address_b)
{
	struct vrrp_peer_socket a, b;
	struct heard heard = { 0 };

	netns_ipv6();
	open_peer(&a, "a0", address_a, address_b);
	ck_assert_int_eq(send_text(&a, "anybody there?"), 0);
	while (a.counters.port_unreachable == 0 && netns_wait(a.io.fd))
		ck_assert_int_ge(vrrp_peer_socket_receive(&a, 16, on_datagram, &heard), 0);
	netns_enter(netns_b);
	open_peer(&b, "b0", address_b, address_a);
	ck_assert_int_eq(send_text(&a, "hello"), 0);
	expect_text(&b, "hello");
	ck_assert_int_eq(send_text(&b, "yes"), 0);
	expect_text(&a, "yes");
	vrrp_peer_socket_close(&a);
	vrrp_peer_socket_close(&b);
}

START_TEST(test_peers_talk_ipv6)
{
	peers_talk_ipv6("fd00::1", "fd00::2");
}
END_TEST

START_TEST(test_peers_talk_ipv6_link_local)
{
	peers_talk_ipv6("fe80::1", "fe80::2");
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
	Suite *suite = suite_create("vrrp sockets");
	TCase *raw = tcase_of(suite, "raw VRRP socket");
	TCase *peer = tcase_of(suite, "peer socket");

	tcase_add_test(raw, test_multicast);
	tcase_add_test(raw, test_unicast);
	tcase_add_test(raw, test_bytes_on_the_wire);
	tcase_add_test(raw, test_other_vrid_is_filtered);
	tcase_add_test(raw, test_own_source_from_outside);
	tcase_add_test(raw, test_stranger_is_marked);
	tcase_add_test(raw, test_other_device_is_not_heard);
	tcase_add_test(raw, test_maximum_per_call);
	tcase_add_test(raw, test_arrival_time);
	tcase_add_test(raw, test_arrival_time_has_bounds);
	tcase_add_test(raw, test_link_down_and_up);
	tcase_add_test(raw, test_address_flushed_and_back);
	tcase_add_test(raw, test_interface_made_anew);
	netns_add_ipv6_test(raw, test_multicast_ipv6);
	netns_add_ipv6_test(raw, test_unicast_ipv6);
	tcase_add_test(raw, test_bad_configuration);
	tcase_add_test(peer, test_peers_talk);
	tcase_add_test(peer, test_source_spoofed_through_other_lan);
	tcase_add_test(peer, test_strangers_and_wrong_ports);
	tcase_add_test(peer, test_flood_of_strangers_does_not_drown_the_peer);
	tcase_add_test(peer, test_refusal_is_counted_and_ends_nothing);
	tcase_add_test(peer, test_long_datagram_is_marked);
	tcase_add_test(peer, test_peer_address_comes_later);
	tcase_add_test(peer, test_peer_port_taken);
	netns_add_ipv6_test(peer, test_peers_talk_ipv6);
	netns_add_ipv6_test(peer, test_peers_talk_ipv6_link_local);
	return netns_main(suite);
}
