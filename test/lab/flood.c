/* test/lab/flood.c -- a hostile neighbour: frames as fast as they go, valid ones, forged ones, old ones, broken ones.
 *
 *	flood [-r RATE] [-m PERCENT] [-t MAC] -n SECONDS INTERFACE FRAMES...
 *
 *	FRAMES	vrrp:SOURCE:HEX			a VRRP advert of that payload from that address to 224.0.0.18
 *		udp:SOURCE:TARGET:MAC:PORT:HEX	a datagram from PORT to PORT
 *		arp:ADDRESS			"ADDRESS is at my MAC": a gratuitous ARP request and a reply
 *		pcap:FILE			the captured frames, as they were but for the source MAC
 *	-m	so many of a hundred are broken: bits flipped behind the IP header, the end cut off, rubbish appended
 *	-t	to that MAC instead of where they belong: the same load for this machine, and nobody listens (the
 *control)
 *
 * The source MAC is always the interface's own: the switch's table stays as it is. All frames, the broken ones, too,
 *are made before the first is sent, and a process of real-time priority sends them many at a time, so that what other
 *work the machine has does not decide how hard the flood is. Prints "N frames in S s: R a second". */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAMES 1024
#define FRAME  1514
#define POOL   4096 /* what is sent, over and over */
#define BATCH  64
#define ETHER  14
#define IP     20

struct frame {
	size_t length;
	uint8_t bytes[FRAME];
};

struct flood {
	int fd;
	struct sockaddr_ll wire;
	uint8_t mac[6];
	unsigned broken;
	struct frame frames[FRAMES], pool[POOL];
	unsigned count;
	struct iovec vectors[POOL];
	struct mmsghdr messages[POOL];
};

static void
die(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
now_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static bool
read_mac(const char *text, uint8_t *ret)
{
	return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &ret[0], &ret[1], &ret[2], &ret[3], &ret[4],
		       &ret[5]) == 6;
}

static size_t
read_hex(const char *text, uint8_t *ret, size_t room)
{
	size_t length = strlen(text) / 2;
	for (size_t i = 0; i < length; i++)
		if (i >= room || sscanf(text + 2 * i, "%2hhx", &ret[i]) != 1)
			die(text);
	return length;
}

/* Length and checksum of the IP header, and no UDP checksum, for whatever the frame has become. */
static void
seal(struct frame *f)
{
	uint8_t *ip = f->bytes + ETHER;
	uint32_t sum = 0;
	if (f->length < ETHER + IP || f->bytes[12] != 0x08 || f->bytes[13] != 0)
		return;
	put16(ip + 2, f->length - ETHER);
	put16(ip + 10, 0);
	for (unsigned i = 0; i < IP; i += 2)
		sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, (uint16_t) ~(sum + (sum >> 16)));
	if (ip[9] == IPPROTO_UDP && f->length >= ETHER + IP + 8) {
		put16(ip + IP + 4, f->length - ETHER - IP);
		put16(ip + IP + 6, 0);
	}
}

static struct frame *
add(struct flood *f)
{
	if (f->count == FRAMES) {
		errno = E2BIG;
		die("frames");
	}
	return &f->frames[f->count++];
}

static struct frame *
add_ip(struct flood *f, const char *source, const char *target, uint8_t protocol)
{
	static const uint8_t group[] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x12 };
	struct frame *frame = add(f);
	uint8_t *ip = frame->bytes + ETHER;
	memcpy(frame->bytes, group, sizeof(group));
	frame->bytes[12] = 0x08;
	ip[0] = 0x45;
	ip[1] = 0xc0;
	ip[8] = 255;
	ip[9] = protocol;
	if (inet_pton(AF_INET, source, ip + 12) != 1 || inet_pton(AF_INET, target, ip + 16) != 1)
		die(source);
	frame->length = ETHER + IP;
	return frame;
}

static void
add_vrrp(struct flood *f, char *text)
{
	const char *source = strsep(&text, ":");
	struct frame *frame = add_ip(f, source, "224.0.0.18", 112);
	frame->length += read_hex(text, frame->bytes + frame->length, FRAME - frame->length);
}

static void
add_udp(struct flood *f, char *text)
{
	char mac[24];
	const char *source = strsep(&text, ":"), *target = strsep(&text, ":");
	struct frame *frame = add_ip(f, source, target, IPPROTO_UDP);
	snprintf(mac, sizeof(mac), "%.17s", text);
	if (strlen(text) < 19 || !read_mac(mac, frame->bytes))
		die(text);
	text += 18;
	unsigned port = (unsigned)atoi(strsep(&text, ":"));
	put16(frame->bytes + frame->length, port);
	put16(frame->bytes + frame->length + 2, port);
	frame->length += 8;
	frame->length += read_hex(text, frame->bytes + frame->length, FRAME - frame->length);
}

static void
add_arp(struct flood *f, const char *address)
{
	static const uint8_t head[] = { 0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4, 0 };
	for (uint8_t operation = 1; operation <= 2; operation++) {
		struct frame *frame = add(f);
		uint8_t *arp = frame->bytes + ETHER;
		memset(frame->bytes, 0xff, 6);
		memcpy(frame->bytes + 12, head, sizeof(head));
		arp[7] = operation;
		memcpy(arp + 8, f->mac, 6);
		if (inet_pton(AF_INET, address, arp + 14) != 1)
			die(address);
		memcpy(arp + 24, arp + 14, 4);
		frame->length = 60;
	}
}

static void
add_pcap(struct flood *f, const char *path)
{
	uint32_t header[6], record[4];
	FILE *in = fopen(path, "re");
	if (!in || fread(header, sizeof(header), 1, in) != 1 || header[0] != 0xa1b2c3d4)
		die(path);
	while (f->count < FRAMES && fread(record, sizeof(record), 1, in) == 1 && record[2] <= FRAME) {
		struct frame *frame = add(f);
		frame->length = record[2];
		if (fread(frame->bytes, record[2], 1, in) != 1)
			f->count--;
	}
	fclose(in);
}

static void
add_frames(struct flood *f, char *text)
{
	char *kind = strsep(&text, ":");
	if (!text || !*text)
		die(kind);
	if (strcmp(kind, "vrrp") == 0)
		add_vrrp(f, text);
	else if (strcmp(kind, "udp") == 0)
		add_udp(f, text);
	else if (strcmp(kind, "arp") == 0)
		add_arp(f, text);
	else if (strcmp(kind, "pcap") == 0)
		add_pcap(f, text);
	else
		die(kind);
}

/* From the original to something that was never meant. */
static void
spoil(struct frame *f)
{
	size_t body = f->length > ETHER + IP ? f->length - ETHER - IP : 0;
	switch (random() % 4) {
	case 0:
		f->length -= body ? (size_t)random() % body : 0;
		break;
	case 1:
		while (f->length < FRAME && random() % 16 != 0)
			f->bytes[f->length++] = (uint8_t)random();
		break;
	default: /* not the ports: it shall arrive */
		for (unsigned bits = 1 + (unsigned)random() % 4; bits > 0 && body > 8; bits--) {
			size_t at = ETHER + IP + (f->bytes[ETHER + 9] == IPPROTO_UDP ? 8 : 0);
			f->bytes[at + (size_t)random() % (body - 8)] ^= (uint8_t)(1 << random() % 8);
		}
	}
	seal(f);
}

static void
fill_pool(struct flood *f)
{
	for (unsigned i = 0; i < POOL; i++) {
		f->pool[i] = f->frames[i % f->count];
		if ((unsigned)(random() % 100) < f->broken)
			spoil(&f->pool[i]);
		f->vectors[i] = (struct iovec){ f->pool[i].bytes, f->pool[i].length };
		f->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &f->wire, .msg_namelen = sizeof(f->wire), .msg_iov = &f->vectors[i], .msg_iovlen = 1
		};
	}
}

static void
send_batch(struct flood *f, unsigned *next)
{
	for (int sent = 0, n; sent < BATCH; sent += n) {
		n = sendmmsg(f->fd, f->messages + *next + sent, (unsigned)(BATCH - sent), 0);
		if (n < 0 && (errno == ENOBUFS || errno == EINTR))
			n = 0;
		else if (n < 0)
			die("send");
	}
	*next = (*next + BATCH) % POOL;
}

/* The lowest real-time priority: below the daemons'. One processor stays free for them. */
static void
hurry(void)
{
	struct sched_param lowest = { .sched_priority = sched_get_priority_min(SCHED_FIFO) };
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t last;
	CPU_ZERO(&last);
	CPU_SET((size_t)(processors > 0 ? processors - 1 : 0), &last);
	if (processors > 1 && sched_setaffinity(0, sizeof(last), &last) == 0 &&
		sched_setscheduler(0, SCHED_FIFO, &lowest) != 0)
		perror("flood: real-time priority");
}

static void
open_wire(struct flood *f, const char *interface)
{
	struct ifreq request = { 0 };
	int bypass = 1;
	f->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	(void)setsockopt(f->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, sizeof(bypass));
	f->wire = (struct sockaddr_ll){ .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface) };
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (f->fd < 0 || f->wire.sll_ifindex == 0 || ioctl(f->fd, SIOCGIFHWADDR, &request) != 0)
		die(interface);
	memcpy(f->mac, request.ifr_hwaddr.sa_data, sizeof(f->mac));
}

static void
run(struct flood *f, double rate, double seconds)
{
	int64_t begun = now_us(), end = begun + (int64_t)(seconds * 1e6), at;
	uint64_t sent = 0;
	unsigned next = 0;
	while ((at = now_us()) < end) {
		if ((double)sent > rate * (double)(at - begun) / 1e6) {
			usleep(200);
			continue;
		}
		send_batch(f, &next);
		sent += BATCH;
	}
	double took = (double)(now_us() - begun) / 1e6;
	printf("%llu frames in %.1f s: %.0f a second\n", (unsigned long long)sent, took, (double)sent / took);
}

int
main(int argc, char **argv)
{
	static struct flood f;
	double rate = 100000, seconds = 0;
	uint8_t target[6];
	bool redirected = false;
	int option;

	while ((option = getopt(argc, argv, "r:m:t:n:")) != -1) {
		switch (option) {
		case 'r':
			rate = atof(optarg);
			break;
		case 'm':
			f.broken = (unsigned)atoi(optarg);
			break;
		case 't':
			redirected = read_mac(optarg, target);
			break;
		case 'n':
			seconds = atof(optarg);
			break;
		default:
			return 2;
		}
	}
	if (seconds <= 0 || argc < optind + 2) {
		fputs("usage: flood [-r RATE] [-m PERCENT] [-t MAC] -n SECONDS INTERFACE FRAMES...\n", stderr);
		return 2;
	}
	open_wire(&f, argv[optind]);
	for (int i = optind + 1; i < argc; i++)
		add_frames(&f, argv[i]);
	if (f.count == 0)
		die("no frames");
	for (unsigned i = 0; i < f.count; i++) {
		if (redirected)
			memcpy(f.frames[i].bytes, target, sizeof(target));
		memcpy(f.frames[i].bytes + 6, f.mac, sizeof(f.mac));
		seal(&f.frames[i]);
	}
	srandom(1);
	fill_pool(&f);
	hurry();
	run(&f, rate, seconds);
	return 0;
}
