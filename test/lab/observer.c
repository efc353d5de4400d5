/* test/lab/observer.c -- who holds the VIP, seen from outside.
 *
 * It stands in no node: it keeps a netlink socket in each node's network namespace, hears of every address that is
 * added or removed there, and pings and fetches a page through the VIP from the client's namespace. The promise: two
 * holders are reported only when dumps of A, B and A again show the address on both (so both had it at the instant of
 * the middle one). "late_ms" is the longest time for which it was itself kept from running. Moves that were heard in
 *one batch, whose order therefore nobody knows, are counted as "unordered".
 *
 *	observer run -s SOCKET -l LOG -v VIP -n NAME=NETNS,MAC -n NAME=NETNS,MAC -c NETNS [-p PING_MS] [-f FETCH_MS]
 *	observer ask SOCKET holder NAME|none|two TIMEOUT_MS	wait for it; "ok MS", counted from the last mark
 *	observer ask SOCKET page NAME TIMEOUT_MS		wait for a page served by NAME after the last mark
 *	observer ask SOCKET mark TEXT				"ok BOOTTIME": figures count from here
 *	observer ask SOCKET figures				everything measured, as JSON */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define NODES          2
#define NOBODY         NODES
#define FETCHES        64
#define WAITERS        16
#define MOVES          1024
#define POLL_MS        5
#define DUMP_US        200000
#define FETCH_LIMIT_US 1000000

struct node {
	char name[16], page[24];
	uint8_t mac[6];
	int events, dumps; /* netlink sockets: subscribed, and one for questions */
	uint64_t where;    /* interfaces (bit = index modulo 64) that have the VIP */
};

struct fetch {
	int fd; /* -1: free */
	int64_t started;
	char text[2048];
	size_t length;
	bool asked;
};

enum wish { WISH_HOLDER, WISH_TWO, WISH_PAGE };

struct waiter {
	int fd; /* -1: free */
	enum wish wish;
	unsigned who;
	int64_t until;
};

/* One thing that the client sees again and again: an echo reply, a page. */
struct view {
	const char *what;
	int64_t last;
	unsigned who;
	int64_t longest_gap_us; /* since the mark */
	int64_t first[NODES];   /* first time since the mark that this node served */
	uint64_t count;
};

struct move {
	int64_t at, absent_us;
	unsigned who;
};

struct observer {
	struct node nodes[NODES];
	unsigned node_count;
	struct in_addr vip;
	int ping, replies, listener;
	FILE *log;
	uint16_t sequence;
	struct fetch fetches[FETCHES];
	struct waiter waiters[WAITERS];
	struct view reply, page;
	int64_t started, mark, absent_since, two_since;
	int64_t became; /* when the present set of holders became so */
	int64_t two_us, longest_absent_us, late_us;
	unsigned holder; /* NOBODY: none */
	unsigned max_holders, max_holders_since_mark;
	uint64_t events, dumped, unordered, losses_since_mark, lost_events;
	struct move moves[MOVES];
	unsigned move_count;
};

static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
	(void)number;
	stop = 1;
}

static int64_t
now_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
die(const char *what)
{
	fprintf(stderr, "observer: %s: %s\n", what, strerror(errno));
	exit(1);
}

__attribute__((format(printf, 3, 4))) static void
note(struct observer *o, int64_t at, const char *format, ...)
{
	va_list arguments;
	fprintf(o->log, "%lld.%06lld ", (long long)(at / 1000000), (long long)(at % 1000000));
	va_start(arguments, format);
	vfprintf(o->log, format, arguments);
	va_end(arguments);
	fputc('\n', o->log);
	fflush(o->log);
}

static void
enter(const char *netns)
{
	int fd = open(netns, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) != 0)
		die(netns);
	close(fd);
}

/* --- addresses ------------------------------------------------------------------------------------------------- */

static int
netlink_open(uint32_t groups)
{
	int size = 1 << 27; /* a node may be flooded with news while this program waits for a processor */
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = groups };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | (groups ? SOCK_NONBLOCK : 0), NETLINK_ROUTE);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		die("netlink");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

/* The interface on which the message shows the VIP, 0 if it is about something else. */
static unsigned
shows_vip(const struct observer *o, const struct nlmsghdr *header)
{
	const struct ifaddrmsg *message = NLMSG_DATA(header);
	unsigned length = (unsigned)IFA_PAYLOAD(header);
	for (const struct rtattr *a = IFA_RTA(message); RTA_OK(a, length); a = RTA_NEXT(a, length))
		if (a->rta_type == IFA_LOCAL && memcmp(RTA_DATA(a), &o->vip, sizeof(o->vip)) == 0)
			return message->ifa_index;
	return 0;
}

/* Where the VIP is in this node's namespace, asked of the kernel now. */
static uint64_t
dump(struct observer *o, struct node *node)
{
	struct {
		struct nlmsghdr header;
		struct ifaddrmsg body;
	} request = { .header = { .nlmsg_len = sizeof(request),
			      .nlmsg_type = RTM_GETADDR,
			      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.body = { .ifa_family = AF_INET } };
	uint64_t where = 0;
	char buffer[16384];

	o->dumped++;
	if (send(node->dumps, &request, sizeof(request), 0) < 0)
		die("netlink request");
	for (;;) {
		ssize_t got = recv(node->dumps, buffer, sizeof(buffer), 0);
		if (got < 0)
			die("netlink answer");
		unsigned length = (unsigned)got;
		for (struct nlmsghdr *h = (void *)buffer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
			if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
				return where;
			if (h->nlmsg_type == RTM_NEWADDR && shows_vip(o, h))
				where |= 1ULL << (shows_vip(o, h) & 63);
		}
	}
}

/* Read all that waits; true if the node lost or gained the VIP. */
static bool
drain(struct observer *o, struct node *node, int64_t at)
{
	bool had = node->where != 0;
	char buffer[16384];

	for (;;) {
		ssize_t got = recv(node->events, buffer, sizeof(buffer), 0);
		if (got < 0 && errno == ENOBUFS) { /* the kernel dropped events: ask anew */
			o->lost_events++;
			node->where = dump(o, node);
			continue;
		}
		if (got < 0)
			break;
		unsigned length = (unsigned)got;
		for (struct nlmsghdr *h = (void *)buffer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
			if (h->nlmsg_type != RTM_NEWADDR && h->nlmsg_type != RTM_DELADDR)
				continue;
			unsigned interface = shows_vip(o, h);
			if (interface == 0)
				continue;
			uint64_t bit = 1ULL << (interface & 63);
			bool added = h->nlmsg_type == RTM_NEWADDR;
			if (added == ((node->where & bit) != 0))
				continue;
			node->where ^= bit;
			o->events++;
			note(o, at, "%s %s", added ? "vip-added" : "vip-removed", node->name);
			if (!added)
				o->losses_since_mark++;
		}
	}
	return had != (node->where != 0);
}

static void
answer(struct waiter *waiter, bool ok, int64_t us)
{
	char text[64] = "timeout\n";
	if (ok)
		snprintf(text, sizeof(text), "ok %.3f\n", (double)us / 1000.0);
	/* It may have gone away: then nobody minds. */
	(void)!write(waiter->fd, text, strlen(text));
	close(waiter->fd);
	waiter->fd = -1;
}

static unsigned
holders(const struct observer *o)
{
	unsigned count = 0;
	for (unsigned i = 0; i < NODES; i++)
		count += o->nodes[i].where != 0;
	return count;
}

/* Both seem to have it: only three dumps in a row make it a fact. */
static bool
two_confirmed(struct observer *o)
{
	bool first = dump(o, &o->nodes[0]) != 0, second = dump(o, &o->nodes[1]) != 0;
	return first && second && dump(o, &o->nodes[0]) != 0;
}

static void
set_two(struct observer *o, bool two, int64_t at)
{
	if (two == (o->two_since != 0))
		return;
	if (two) {
		note(o, at, "two-holders begin");
		o->two_since = at;
		o->max_holders = o->max_holders_since_mark = 2;
	} else {
		note(o, at, "two-holders end after %.3f ms", (double)(at - o->two_since) / 1000.0);
		o->two_us += at - o->two_since;
		o->two_since = 0;
	}
	o->became = at;
}

static void
set_holder(struct observer *o, unsigned holder, int64_t at)
{
	if (holder == o->holder)
		return;
	if (holder == NOBODY) {
		o->absent_since = at;
	} else {
		int64_t absent = o->holder == NOBODY ? at - o->absent_since : 0;
		if (o->move_count > 0 && absent > o->longest_absent_us)
			o->longest_absent_us = absent;
		note(o, at, "holder %s, absent %.3f ms", o->nodes[holder].name, (double)absent / 1000.0);
		if (o->move_count < MOVES)
			o->moves[o->move_count++] = (struct move){ .at = at, .absent_us = absent, .who = holder };
		if (o->max_holders == 0)
			o->max_holders = 1;
		if (o->max_holders_since_mark == 0)
			o->max_holders_since_mark = 1;
	}
	o->holder = holder;
	o->became = at;
}

static void
evaluate(struct observer *o, int64_t at)
{
	if (holders(o) == 2) {
		if (o->two_since == 0 && !two_confirmed(o)) {
			o->unordered++;
			return; /* the event that resolves it is already on its way */
		}
		set_two(o, true, at);
		return;
	}
	set_two(o, false, at);
	set_holder(o, o->nodes[0].where ? 0 : o->nodes[1].where ? 1 : NOBODY, at);
}

static void
addresses(struct observer *o)
{
	int64_t at = now_us();
	bool changed = false;
	unsigned movers = 0;
	for (unsigned i = 0; i < NODES; i++)
		if (drain(o, &o->nodes[i], at)) {
			movers++;
			changed = true;
		}
	if (movers == 2)
		o->unordered++;
	if (changed)
		evaluate(o, at);
}

/* Does a dump agree with the events? The address may move between the one and the other, but not each time. */
static bool
agrees(struct observer *o, struct node *node)
{
	for (unsigned i = 0; i < 5; i++) {
		uint64_t seen = dump(o, node);
		addresses(o);
		if (seen == node->where)
			return true;
	}
	return false;
}

/* Events may never lie, but who says so? A dump now and then must agree with them. */
static void
cross_check(struct observer *o)
{
	for (unsigned i = 0; i < NODES; i++) {
		if (!agrees(o, &o->nodes[i])) {
			int64_t at = now_us();
			o->lost_events++;
			note(o, at, "events of %s were lost", o->nodes[i].name);
			o->nodes[i].where = dump(o, &o->nodes[i]);
			evaluate(o, at);
		}
	}
}

/* --- the client ------------------------------------------------------------------------------------------------ */

static void
view_seen(struct observer *o, struct view *view, unsigned who, int64_t at)
{
	int64_t since = view->last > o->mark ? view->last : o->mark;
	int64_t gap = at - since;
	bool served = view->last != 0;

	if (served && gap > view->longest_gap_us)
		view->longest_gap_us = gap;
	if (!served || who != view->who || at - view->last > 250000)
		note(o, at, "%s %s, last one %.3f ms ago", view->what, o->nodes[who].name,
			served ? (double)(at - view->last) / 1000.0 : -1.0);
	if (view->first[who] == 0)
		view->first[who] = at;
	view->last = at;
	view->who = who;
	view->count++;
}

static uint16_t
checksum(const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint32_t sum = 0;
	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t) ~(sum + (sum >> 16)));
}

static void
ping(struct observer *o)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = o->vip };
	struct icmphdr echo = { .type = ICMP_ECHO };
	echo.un.echo.id = htons((uint16_t)getpid());
	echo.un.echo.sequence = htons(o->sequence++);
	echo.checksum = checksum(&echo, sizeof(echo));
	/* No route, no neighbour: then there is no reply, which is what is being measured. */
	(void)!sendto(o->ping, &echo, sizeof(echo), MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
}

/* The frame's source says which machine answered: the address cannot. */
static void
replies(struct observer *o)
{
	uint8_t packet[256];
	struct sockaddr_ll from;
	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t got = recvfrom(o->replies, packet, sizeof(packet), MSG_DONTWAIT, (void *)&from, &size);
		if (got < 0)
			return;
		size_t header = (size_t)(packet[0] & 15) * 4;
		if (from.sll_pkttype != PACKET_HOST || (size_t)got < header + 8 || packet[9] != IPPROTO_ICMP ||
			packet[header] != ICMP_ECHOREPLY || memcmp(packet + 12, &o->vip, 4) != 0)
			continue;
		for (unsigned i = 0; i < NODES; i++)
			if (memcmp(from.sll_addr, o->nodes[i].mac, 6) == 0)
				view_seen(o, &o->reply, i, now_us());
	}
}

static void
fetch_end(struct fetch *fetch)
{
	close(fetch->fd);
	fetch->fd = -1;
}

static void
fetch_start(struct observer *o, int64_t at)
{
	for (unsigned i = 0; i < FETCHES; i++) {
		struct fetch *fetch = &o->fetches[i];
		if (fetch->fd >= 0)
			continue;
		struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(80), .sin_addr = o->vip };
		*fetch = (struct fetch){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
			.started = at };
		if (fetch->fd >= 0 && connect(fetch->fd, (void *)&to, sizeof(to)) != 0 && errno != EINPROGRESS)
			fetch_end(fetch);
		return;
	}
}

static void
fetch_step(struct observer *o, struct fetch *fetch)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	if (!fetch->asked) {
		if (send(fetch->fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
			fetch_end(fetch);
		fetch->asked = true;
		return;
	}
	size_t room = sizeof(fetch->text) - 1 - fetch->length;
	ssize_t got = recv(fetch->fd, fetch->text + fetch->length, room, 0);
	if (got < 0 && errno == EAGAIN)
		return;
	if (got > 0) {
		fetch->length += (size_t)got;
		if (fetch->length < sizeof(fetch->text) - 1)
			return;
	}
	fetch->text[fetch->length] = 0;
	for (unsigned i = 0; i < NODES; i++)
		if (strstr(fetch->text, o->nodes[i].page))
			view_seen(o, &o->page, i, now_us());
	fetch_end(fetch);
}

/* --- questions ------------------------------------------------------------------------------------------------- */

static void
views_json(FILE *out, const struct observer *o, const struct view *view)
{
	fprintf(out, "\"%s\":{\"count\":%llu,\"longest_gap_ms\":%.3f", view->what, (unsigned long long)view->count,
		(double)view->longest_gap_us / 1000.0);
	for (unsigned i = 0; i < NODES; i++)
		if (view->first[i])
			fprintf(out, ",\"%s_ms\":%.3f", o->nodes[i].name, (double)(view->first[i] - o->mark) / 1000.0);
	fprintf(out, "}");
}

static void
figures(struct observer *o, FILE *out)
{
	int64_t at = now_us(), two = o->two_us + (o->two_since ? at - o->two_since : 0);
	fprintf(out, "{\"elapsed_ms\":%.3f,\"mark\":%.6f,\"holder\":\"%s\",\"max_holders\":%u,",
		(double)(at - o->started) / 1000.0, (double)o->mark / 1e6,
		o->two_since          ? "two"
		: o->holder == NOBODY ? "none"
				      : o->nodes[o->holder].name,
		o->max_holders);
	fprintf(out, "\"two_holders_ms\":%.3f,\"unordered\":%llu,\"longest_absent_ms\":%.3f,\"late_ms\":%.3f,",
		(double)two / 1000.0, (unsigned long long)o->unordered, (double)o->longest_absent_us / 1000.0,
		(double)o->late_us / 1000.0);
	fprintf(out, "\"losses_since_mark\":%llu,\"lost_events\":%llu,\"events\":%llu,\"dumps\":%llu,",
		(unsigned long long)o->losses_since_mark, (unsigned long long)o->lost_events,
		(unsigned long long)o->events, (unsigned long long)o->dumped);
	views_json(out, o, &o->reply);
	fputc(',', out);
	views_json(out, o, &o->page);
	fprintf(out, ",\"moves\":[");
	for (unsigned i = 0; i < o->move_count; i++)
		fprintf(out, "%s{\"at\":%.6f,\"holder\":\"%s\",\"absent_ms\":%.3f}", i ? "," : "",
			(double)o->moves[i].at / 1e6, o->nodes[o->moves[i].who].name,
			(double)o->moves[i].absent_us / 1000.0);
	fprintf(out, "]}\n");
}

static void
mark(struct observer *o, const char *text)
{
	o->mark = now_us();
	o->losses_since_mark = 0;
	o->max_holders_since_mark = holders(o);
	o->longest_absent_us = 0;
	for (struct view *view = &o->reply; view; view = view == &o->reply ? &o->page : NULL) {
		view->longest_gap_us = 0;
		memset(view->first, 0, sizeof(view->first));
	}
	note(o, o->mark, "mark %s", text);
}

static unsigned
node_named(const struct observer *o, const char *name)
{
	for (unsigned i = 0; i < NODES; i++)
		if (strcmp(o->nodes[i].name, name) == 0)
			return i;
	return NOBODY;
}

static void
wait_for(struct observer *o, int fd, enum wish wish, unsigned who, long timeout_ms)
{
	for (unsigned i = 0; i < WAITERS; i++)
		if (o->waiters[i].fd < 0) {
			o->waiters[i] = (struct waiter){
				.fd = fd, .wish = wish, .who = who, .until = now_us() + timeout_ms * 1000
			};
			return;
		}
	close(fd);
}

static void
question(struct observer *o)
{
	char text[256], what[32] = "", who[32] = "";
	long timeout_ms = 0;
	int fd = accept4(o->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	ssize_t got = recv(fd, text, sizeof(text) - 1, 0);
	text[got > 0 ? got : 0] = 0;
	sscanf(text, "%31s %31s %ld", what, who, &timeout_ms);
	if (strcmp(what, "holder") == 0) {
		wait_for(o, fd, strcmp(who, "two") ? WISH_HOLDER : WISH_TWO, node_named(o, who), timeout_ms);
	} else if (strcmp(what, "page") == 0 && node_named(o, who) != NOBODY) {
		wait_for(o, fd, WISH_PAGE, node_named(o, who), timeout_ms);
	} else {
		FILE *out = fdopen(fd, "w");
		if (strcmp(what, "mark") == 0) {
			mark(o, strlen(text) > 5 ? text + 5 : "");
			fprintf(out, "ok %.6f\n", (double)o->mark / 1e6);
		} else if (strcmp(what, "figures") == 0) {
			figures(o, out);
		} else {
			fprintf(out, "unknown question: %s\n", text);
		}
		fclose(out);
	}
}

static void
waiters(struct observer *o)
{
	int64_t at = now_us();
	for (unsigned i = 0; i < WAITERS; i++) {
		struct waiter *waiter = &o->waiters[i];
		if (waiter->fd < 0)
			continue;
		int64_t since = 0;
		if (waiter->wish == WISH_PAGE)
			since = o->page.first[waiter->who];
		else if (waiter->wish == WISH_TWO)
			since = o->two_since;
		else if (o->two_since == 0 && o->holder == waiter->who)
			since = o->became;
		if (since)
			answer(waiter, true, since > o->mark ? since - o->mark : 0);
		else if (at >= waiter->until)
			answer(waiter, false, 0);
	}
}

/* --- the loop -------------------------------------------------------------------------------------------------- */

static void
add_node(struct observer *o, char *text)
{
	struct node *node = &o->nodes[o->node_count];
	char *netns = strchr(text, '='), *mac = strchr(text, ',');
	unsigned m[6];
	if (o->node_count == NODES || !netns || !mac ||
		sscanf(mac + 1, "%x:%x:%x:%x:%x:%x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]) != 6) {
		errno = EINVAL;
		die(text);
	}
	*netns = *mac = 0;
	snprintf(node->name, sizeof(node->name), "%s", text);
	snprintf(node->page, sizeof(node->page), "Node%s", text);
	for (unsigned i = 0; i < 6; i++)
		node->mac[i] = (uint8_t)m[i];
	enter(netns + 1);
	node->events = netlink_open(RTMGRP_IPV4_IFADDR);
	node->dumps = netlink_open(0);
	node->where = dump(o, node);
	o->node_count++;
}

static void
open_client(struct observer *o, const char *netns)
{
	enter(netns); /* for good: the fetches' sockets are made here too */
	o->ping = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	o->replies = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_IP));
	/* Only ICMP, and no wake-up for anything else: a flood on the LAN is not the client's business. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9), /* protocol of the IP header */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = { .len = sizeof(code) / sizeof(code[0]), .filter = code };
	if (o->ping < 0 || o->replies < 0 ||
		setsockopt(o->replies, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) != 0)
		die("client");
}

static void
open_listener(struct observer *o, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	o->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (o->listener < 0 || bind(o->listener, (void *)&address, sizeof(address)) != 0 ||
		listen(o->listener, 16) != 0)
		die(path);
}

static void
loop(struct observer *o, int64_t ping_us, int64_t fetch_us)
{
	enum { EVENTS_A, EVENTS_B, REPLIES, LISTENER, FIXED };
	int64_t next_ping = 0, next_fetch = 0, next_dump = 0, before = now_us();

	while (!stop) {
		struct pollfd polled[FIXED + FETCHES] = { { o->nodes[0].events, POLLIN, 0 },
			{ o->nodes[1].events, POLLIN, 0 }, { o->replies, POLLIN, 0 }, { o->listener, POLLIN, 0 } };
		for (unsigned i = 0; i < FETCHES; i++)
			polled[FIXED + i] =
				(struct pollfd){ o->fetches[i].fd, o->fetches[i].asked ? POLLIN : POLLOUT, 0 };
		if (poll(polled, FIXED + FETCHES, POLL_MS) < 0 && errno != EINTR)
			die("poll");
		int64_t late = now_us() - before - POLL_MS * 1000;
		before += late + POLL_MS * 1000;
		if (late > o->late_us)
			o->late_us = late;
		addresses(o);
		if (polled[REPLIES].revents)
			replies(o);
		for (unsigned i = 0; i < FETCHES; i++)
			if (polled[FIXED + i].revents && o->fetches[i].fd == polled[FIXED + i].fd)
				fetch_step(o, &o->fetches[i]);
		if (polled[LISTENER].revents)
			question(o);
		int64_t at = now_us();
		if (ping_us && at >= next_ping) {
			ping(o);
			next_ping = at + ping_us;
		}
		if (fetch_us && at >= next_fetch) {
			fetch_start(o, at);
			next_fetch = at + fetch_us;
		}
		for (unsigned i = 0; i < FETCHES; i++)
			if (o->fetches[i].fd >= 0 && at - o->fetches[i].started > FETCH_LIMIT_US)
				fetch_end(&o->fetches[i]);
		if (at >= next_dump) {
			cross_check(o);
			next_dump = at + DUMP_US;
		}
		waiters(o);
	}
}

static int
run(int argc, char **argv)
{
	static struct observer o = { .reply.what = "reply", .page.what = "page", .holder = NOBODY };
	struct sched_param real_time = { .sched_priority = 10 };
	const char *client = NULL, *path = NULL, *log = NULL;
	int64_t ping_us = 10000, fetch_us = 50000;
	int option;

	for (unsigned i = 0; i < FETCHES; i++)
		o.fetches[i].fd = -1;
	for (unsigned i = 0; i < WAITERS; i++)
		o.waiters[i].fd = -1;
	while ((option = getopt(argc, argv, "s:l:v:n:c:p:f:")) != -1) {
		switch (option) {
		case 's':
			path = optarg;
			break;
		case 'l':
			log = optarg;
			break;
		case 'v':
			if (inet_pton(AF_INET, optarg, &o.vip) != 1)
				return 2;
			break;
		case 'n':
			add_node(&o, optarg);
			break;
		case 'c':
			client = optarg;
			break;
		case 'p':
			ping_us = atol(optarg) * 1000;
			break;
		case 'f':
			fetch_us = atol(optarg) * 1000;
			break;
		default:
			return 2;
		}
	}
	if (!path || !log || !client || o.node_count != NODES || !o.vip.s_addr)
		return 2;
	o.log = fopen(log, "ae");
	if (!o.log)
		die(log);
	open_client(&o, client);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	signal(SIGPIPE, SIG_IGN);
	/* Woken at once, it tells apart moves that are 0.1 ms apart; where this is not allowed, it says "unordered". */
	sched_setscheduler(0, SCHED_FIFO, &real_time);
	o.started = o.mark = o.absent_since = now_us();
	evaluate(&o, o.started);
	open_listener(&o, path); /* last: whoever can ask finds everything ready */
	loop(&o, ping_us, fetch_us);
	figures(&o, o.log);
	return 0;
}

static int
ask(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char text[65536] = "";
	size_t length = 0;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[2]);
	for (int i = 3; i < argc; i++)
		length += (size_t)snprintf(text + length, 200, "%s%s", i > 3 ? " " : "", argv[i]);
	if (fd < 0 || connect(fd, (void *)&address, sizeof(address)) != 0 || send(fd, text, length, 0) < 0)
		die(argv[2]);
	ssize_t got;
	bool any = false;
	while ((got = recv(fd, text, sizeof(text), 0)) > 0) {
		if (!any && strncmp(text, "timeout", 7) == 0) {
			puts("timeout");
			return 1;
		}
		any = true;
		fwrite(text, 1, (size_t)got, stdout);
	}
	return any ? 0 : 1;
}

int
main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "ask") == 0)
		return ask(argc, argv);
	if (argc > 2 && strcmp(argv[1], "run") == 0) {
		int status = run(argc - 1, argv + 1);
		if (status != 2)
			return status;
	}
	fputs("usage: observer run -s SOCKET -l LOG -v VIP -n NAME=NETNS,MAC (twice) -c NETNS [-p MS] [-f MS]\n"
	      "       observer ask SOCKET holder|page|mark|figures ...\n",
		stderr);
	return 2;
}
