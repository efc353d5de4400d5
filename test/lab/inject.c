/* test/lab/inject.c -- put frames on a wire that no honest host sends.
 *
 *	inject vrrp INTERFACE SOURCE HEX [COUNT [INTERVAL_MS]]	a VRRP payload to 224.0.0.18, from any source address
 *	inject replay INTERFACE FILE.pcap			the captured frames, as they were, in their order
 *	inject relay INTERFACE SOURCE OUT-INTERFACE MAC		what SOURCE sends on INTERFACE, on the other to MAC
 *	inject sessions ADDRESS COUNT				so many RMCP+ sessions of an IMM begun, and never used
 *
 * Prints how many frames it has sent, or sessions it was refused; relay goes on until it is killed. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void
die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
open_wire(const char *interface, struct sockaddr_ll *ret)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	*ret = (struct sockaddr_ll){ .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface) };
	if (fd < 0 || ret->sll_ifindex == 0)
		die(interface);
	return fd;
}

static void
send_frame(int fd, const struct sockaddr_ll *wire, const uint8_t *frame, size_t length)
{
	if (sendto(fd, frame, length, 0, (const void *)wire, sizeof(*wire)) != (ssize_t)length)
		die("send");
}

/* RFC 9568 section 7: TTL 255, protocol 112, to 224.0.0.18 and its Ethernet address. */
static size_t
build_vrrp(uint8_t *frame, const char *source, const char *hex)
{
	static const uint8_t head[] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 0x02, 0, 0, 0, 0, 0x66, 0x08, 0x00, 0x45,
		0xc0, 0, 0, 0, 1, 0, 0, 255, 112, 0, 0, 0, 0, 0, 0, 224, 0, 0, 18 };
	size_t length = strlen(hex) / 2;
	uint8_t *ip = frame + 14;
	uint32_t sum = 0;

	memcpy(frame, head, sizeof(head));
	if (inet_pton(AF_INET, source, ip + 12) != 1 || length > 1400)
		die(source);
	ip[2] = (uint8_t)((20 + length) >> 8);
	ip[3] = (uint8_t)(20 + length);
	for (unsigned i = 0; i < 20; i += 2)
		sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
	for (size_t i = 0; i < length; i++) {
		unsigned byte;
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			die(hex);
		ip[20 + i] = (uint8_t)byte;
	}
	return 34 + length;
}

static long
replay(int fd, const struct sockaddr_ll *wire, const char *file)
{
	uint8_t frame[65536];
	uint32_t header[6], record[4];
	long sent = 0;
	FILE *in = fopen(file, "re");
	if (!in || fread(header, sizeof(header), 1, in) != 1 || header[0] != 0xa1b2c3d4)
		die(file);
	while (fread(record, sizeof(record), 1, in) == 1 && record[2] <= sizeof(frame) &&
		fread(frame, record[2], 1, in) == 1) {
		send_frame(fd, wire, frame, record[2]);
		sent++;
	}
	fclose(in);
	return sent;
}

/* What somebody does who borrows that address elsewhere. Never returns. */
static void
relay(int in, struct sockaddr_ll *wire, const char *source, int out, const struct sockaddr_ll *target, const char *mac)
{
	uint8_t frame[65536], to[6];
	struct in_addr from;

	wire->sll_protocol = htons(ETH_P_ALL); /* a bridge's port shows nothing else */
	if (inet_pton(AF_INET, source, &from) != 1 || bind(in, (const void *)wire, sizeof(*wire)) != 0 ||
		sscanf(mac, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &to[0], &to[1], &to[2], &to[3], &to[4], &to[5]) != 6)
		die("relay");
	for (;;) {
		ssize_t length = recv(in, frame, sizeof(frame), 0);
		if (length < 34 || frame[12] != 0x08 || frame[13] != 0 || memcmp(frame + 26, &from, sizeof(from)) != 0)
			continue;
		memcpy(frame, to, sizeof(to));
		send_frame(out, target, frame, (size_t)length);
	}
}

/* IPMI 2.0 section 13.17, Open Session Request: each makes the IMM set a session aside. Returns the number of refusals.
 */
static long
hoard(const char *address, long count)
{
	static const uint8_t request[] = { 6, 0, 0xff, 7, 6, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0,
		/* tag, highest privilege, session number; then algorithms: HMAC-SHA1, HMAC-SHA1-96, AES-CBC-128 */
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0, 1, 0, 0, 8, 1, 0, 0, 0, 2, 0, 0, 8, 1, 0, 0, 0 };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(623) };
	struct timeval patience = { .tv_sec = 2 };
	uint8_t frame[sizeof(request)], answer[256];
	long refused = 0;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1 || connect(fd, (void *)&to, sizeof(to)) != 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0)
		die(address);
	memcpy(frame, request, sizeof(frame));
	for (long i = 1; i <= count; i++) {
		frame[20] = (uint8_t)i;
		frame[21] = (uint8_t)(i >> 8);
		if (send(fd, frame, sizeof(frame), 0) < 0)
			die("send");
		if (recv(fd, answer, sizeof(answer), 0) < 18)
			die("no answer");
		refused += answer[17] != 0;
	}
	close(fd);
	return refused;
}

int
main(int argc, char **argv)
{
	struct sockaddr_ll wire;
	long sent = 0;

	if (argc >= 5 && strcmp(argv[1], "vrrp") == 0) {
		uint8_t frame[1500];
		long count = argc > 5 ? atol(argv[5]) : 1, interval_ms = argc > 6 ? atol(argv[6]) : 100;
		struct timespec pause = { interval_ms / 1000, interval_ms % 1000 * 1000000 };
		int fd = open_wire(argv[2], &wire);
		size_t length = build_vrrp(frame, argv[3], argv[4]);
		for (; sent < count; sent++) {
			if (sent)
				nanosleep(&pause, NULL);
			send_frame(fd, &wire, frame, length);
		}
	} else if (argc == 4 && strcmp(argv[1], "replay") == 0) {
		int fd = open_wire(argv[2], &wire);
		sent = replay(fd, &wire, argv[3]);
	} else if (argc == 4 && strcmp(argv[1], "sessions") == 0) {
		printf("%ld\n", hoard(argv[2], atol(argv[3])));
		return 0;
	} else if (argc == 6 && strcmp(argv[1], "relay") == 0) {
		struct sockaddr_ll target;
		int fd = open_wire(argv[2], &wire), out = open_wire(argv[4], &target);
		relay(fd, &wire, argv[3], out, &target, argv[5]);
	} else {
		fputs("usage: inject vrrp INTERFACE SOURCE HEX [COUNT [INTERVAL_MS]]\n"
		      "       inject replay INTERFACE FILE.pcap\n"
		      "       inject relay INTERFACE SOURCE OUT-INTERFACE MAC\n"
		      "       inject sessions ADDRESS COUNT\n",
			stderr);
		return 2;
	}
	printf("%ld\n", sent);
	return 0;
}
