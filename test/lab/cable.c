/* test/lab/cable.c -- a bad cable between two interfaces: what comes in on one goes out on the other, or not so well.
 *
 *	cable [-l LOSS%] [-d DUPLICATES%] [-j JITTER_MS] [-r CODE] -s FILE INTERFACE INTERFACE
 *
 * Each frame is lost, sent twice, and kept back for 0 to JITTER_MS (so that later ones overtake it), each by chance of
 *its own, both ways. -r: the RMCP+ Open Session Response (IPMI 2.0 section 13.18) that passes says CODE instead, as an
 *IMM does that has no such cipher suite (0x11). FILE is kept up to date with what was done: "passed N lost N twice N
 *overtaken N refused N". Needs PACKET_VNET_HDR: between veths a checksum is not there until somebody asks for it. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define KEPT       512
#define FRAME      2048
#define HEAD       sizeof(struct virtio_net_hdr)
#define ETHER_IP   (HEAD + 14)
#define UDP        (ETHER_IP + 20) /* the IMMs send no IP options */
#define RMCP       (UDP + 8)
#define RESPONSE   0x11 /* payload type of the Open Session Response */
#define SHORT_BODY 8    /* its length when it says no */

struct kept {
	int64_t due; /* 0: free */
	uint64_t turn;
	int to;
	size_t length;
	uint8_t frame[FRAME];
};

struct cable {
	int ends[2];
	unsigned loss, twice, refuse;
	int64_t jitter_us;
	uint64_t turn, newest_out[2], passed, lost, doubled, overtaken, refused;
	struct kept kept[KEPT];
};

static void
die(const char *what)
{
	fprintf(stderr, "cable: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
now_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static bool
chance(unsigned percent)
{
	return (unsigned)(random() % 100) < percent;
}

static int
open_end(const char *interface)
{
	int one = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(interface)
	};
	if (fd < 0 || address.sll_ifindex == 0 || setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) != 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) != 0 ||
		bind(fd, (const void *)&address, sizeof(address)) != 0)
		die(interface);
	return fd;
}

static uint16_t
ip_checksum(const uint8_t *ip)
{
	uint32_t sum = 0;
	for (unsigned i = 0; i < 20; i += 2)
		if (i != 10)
			sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

static void
put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* The IMM's "yes" becomes a "no". Without a UDP checksum: IPv4 allows that. */
static void
refuse(struct cable *c, uint8_t *frame, size_t *length)
{
	uint8_t *ip = frame + ETHER_IP, *udp = frame + UDP, *rmcp = frame + RMCP;
	if (c->refuse == 0 || *length < RMCP + 16 + SHORT_BODY || frame[HEAD + 12] != 0x08 || ip[9] != IPPROTO_UDP ||
		(udp[0] << 8 | udp[1]) != 623 || rmcp[4] != 6 || rmcp[5] != RESPONSE)
		return;
	rmcp[17] = (uint8_t)c->refuse;
	rmcp[14] = SHORT_BODY;
	rmcp[15] = 0;
	*length = RMCP + 16 + SHORT_BODY;
	put16(ip + 2, *length - ETHER_IP);
	put16(ip + 10, ip_checksum(ip));
	put16(udp + 4, *length - UDP);
	put16(udp + 6, 0);
	memset(frame, 0, HEAD);
	c->refused++;
}

static void
keep(struct cable *c, int to, const uint8_t *frame, size_t length)
{
	for (unsigned i = 0; i < KEPT; i++)
		if (c->kept[i].due == 0) {
			c->kept[i].due = now_us() + (c->jitter_us ? random() % c->jitter_us : 0);
			c->kept[i].turn = c->turn;
			c->kept[i].to = to;
			c->kept[i].length = length;
			memcpy(c->kept[i].frame, frame, length);
			return;
		}
	c->lost++;
}

static void
take(struct cable *c, unsigned from)
{
	uint8_t frame[FRAME];
	ssize_t got;
	while ((got = recv(c->ends[from], frame, sizeof(frame), 0)) > (ssize_t)HEAD) {
		size_t length = (size_t)got;
		c->turn++;
		if (chance(c->loss)) {
			c->lost++;
			continue;
		}
		refuse(c, frame, &length);
		keep(c, (int)(1 - from), frame, length);
		if (chance(c->twice)) {
			c->doubled++;
			keep(c, (int)(1 - from), frame, length);
		}
	}
}

/* Sends what is due; returns how long the next one may wait, in ms. */
static int
give(struct cable *c)
{
	int64_t at = now_us(), next = at + 100000;
	for (unsigned i = 0; i < KEPT; i++) {
		struct kept *k = &c->kept[i];
		if (k->due == 0)
			continue;
		if (k->due > at) {
			next = k->due < next ? k->due : next;
			continue;
		}
		/* A cable has no answer for who cannot take it. */
		(void)!send(c->ends[k->to], k->frame, k->length, 0);
		c->passed++;
		c->overtaken += k->turn < c->newest_out[k->to];
		if (k->turn > c->newest_out[k->to])
			c->newest_out[k->to] = k->turn;
		k->due = 0;
	}
	return (int)((next - at) / 1000);
}

static void
tell(const struct cable *c, const char *path)
{
	char text[200], fresh[600];
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	FILE *out = fopen(fresh, "we");
	if (!out)
		die(fresh);
	snprintf(text, sizeof(text), "passed %llu lost %llu twice %llu overtaken %llu refused %llu",
		(unsigned long long)c->passed, (unsigned long long)c->lost, (unsigned long long)c->doubled,
		(unsigned long long)c->overtaken, (unsigned long long)c->refused);
	fprintf(out, "%s\n", text);
	fclose(out);
	if (rename(fresh, path) != 0)
		die(path);
}

int
main(int argc, char **argv)
{
	static struct cable c;
	const char *path = NULL;
	int option;

	while ((option = getopt(argc, argv, "l:d:j:r:s:")) != -1) {
		switch (option) {
		case 'l':
			c.loss = (unsigned)atoi(optarg);
			break;
		case 'd':
			c.twice = (unsigned)atoi(optarg);
			break;
		case 'j':
			c.jitter_us = atoi(optarg) * (int64_t)1000;
			break;
		case 'r':
			c.refuse = (unsigned)strtoul(optarg, NULL, 0);
			break;
		case 's':
			path = optarg;
			break;
		default:
			return 2;
		}
	}
	if (argc != optind + 2 || !path) {
		fputs("usage: cable [-l LOSS] [-d DUPLICATES] [-j JITTER_MS] [-r CODE] -s FILE INTERFACE INTERFACE\n",
			stderr);
		return 2;
	}
	for (int i = 0; i < 2; i++)
		c.ends[i] = open_end(argv[optind + i]);
	srandom(1);
	tell(&c, path);
	for (int64_t told = 0;;) {
		struct pollfd polled[2] = { { c.ends[0], POLLIN, 0 }, { c.ends[1], POLLIN, 0 } };
		if (poll(polled, 2, give(&c)) < 0 && errno != EINTR)
			die("poll");
		for (unsigned i = 0; i < 2; i++)
			if (polled[i].revents)
				take(&c, i);
		if (now_us() - told > 200000) {
			told = now_us();
			tell(&c, path);
		}
	}
}
