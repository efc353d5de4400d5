/* test/model/model.c -- a bounded model check of the claim and consent rule on the real code.
 *
 *     model [--depth N] [--faults N] [--states N] [--ways N] [ROOT...]
 *     model check | list
 *
 * Two real nodes (node_step() with everything below it: election, grant table, fence plan, freshness) in a world where
 * everything that can happen happens in every order: messages lost, doubled, late and out of order; crashes, restarts
 * that resume, with the record lost or unreadable; a daemon that dies between the record and the add; power cuts and
 * power-ons; readings that lag or are late; power-downs that are late, refused, unanswered and executed all the same;
 * link losses; stalls; an administrator's switchover, stop and confirm-off; writers and requests to the kernel that
 * outlive the daemon. After every move the judge (judge.c) looks.
 *
 * A fault is what goes wrong beyond the loss and delay of messages, which are free; how many there may be on one way is
 * a bound like its length. A root is a situation to start from: the list, or those named. `check` goes from each as far
 * as a minute of one core allows. Prints for each what was seen, then "N passed, N failed"; a counterexample is printed
 * move by move, and is a shortest one. */
#include "test/model/search.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 400

/* Everything goes well, for a round. */
static void
round_of(struct model *m)
{
	for (unsigned host = 0; host < HOSTS; host++) {
		struct model_host *h = &m->world.hosts[host];
		struct move moves[MOVES];
		unsigned count;

		if (h->powered && !h->alive)
			host_start(m, host);
		if (!h->alive)
			continue;
		if (h->kernel.count > 0)
			host_kernel(m, host, false);
		if (h->stop_asked)
			host_stopped(m, host, true);
		if (h->write_token != 0)
			host_disk(m, host);
		count = fence_moves(&m->world, host, moves);
		if (count > 0 && !h->worker.orders[moves[0].arg].cancelled)
			fence_move(m, &moves[0]);
		for (unsigned i = 0; i < m->world.to[host].count; i++)
			host_message(m, host, i, true);
		host_timer(m, host);
	}
}

static bool
serves(const struct world *w, unsigned host)
{
	const struct model_host *h = &w->hosts[host];

	return h->alive && h->node.state == NODE_MASTER && h->node.late_until == 0 && h->kernel.count == 0 && h->vip &&
	       h->write_token == 0;
}

static bool
stands_by(const struct world *w, unsigned host)
{
	const struct model_host *h = &w->hosts[host];

	return !h->powered || (h->alive && h->node.state == NODE_BACKUP && h->node.peer.heard &&
				      h->node.peer.message.state == NODE_MASTER && h->write_token == 0);
}

static bool
until_serves(struct model *m, unsigned host)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		round_of(m);
		if (serves(&m->world, host) && stands_by(&m->world, 1 - host))
			return true;
	}
	return false;
}

/* What is left on the way from how it came to be is not part of the situation. */
static void
at_rest(struct model *m)
{
	for (unsigned host = 0; host < HOSTS; host++) {
		struct model_bag *bag = &m->world.to[host];

		bag->advert = bag->resigns = false;
		memset(bag->messages, 0, sizeof(bag->messages));
		bag->count = 0;
	}
}

static bool
both_start(struct model *m)
{
	world_start(m);
	return true;
}

static bool
a_serves(struct model *m)
{
	world_start(m);
	if (!until_serves(m, A))
		return false;
	at_rest(m);
	return true;
}

static bool
b_serves(struct model *m)
{
	if (!a_serves(m))
		return false;
	m->event.command = (struct node_command){ .type = NODE_CMD_SWITCHOVER, .token = 1 };
	host_event(m, A, NODE_EV_COMMAND, true);
	if (!until_serves(m, B))
		return false;
	at_rest(m);
	return true;
}

static bool
b_serves_alone(struct model *m)
{
	if (!a_serves(m))
		return false;
	host_power_off(m, A);
	if (!until_serves(m, B))
		return false;
	at_rest(m);
	return true;
}

/* A has crashed as a master, services run on; B was beside it. */
static bool
a_crashed(struct model *m)
{
	if (!a_serves(m))
		return false;
	host_crash(m, A);
	return true;
}

/* Both stand by: the master's release has been proven and its grant was lost. */
static bool
nobody_serves(struct model *m)
{
	if (!a_serves(m))
		return false;
	for (unsigned host = 0; host < HOSTS; host++)
		host_crash(m, host);
	m->world.hosts[A].vip = m->world.hosts[A].service = false;
	m->world.hosts[A].record = (struct node_record){ .state = NODE_RECORD_NONE };
	for (unsigned host = 0; host < HOSTS; host++) {
		host_start(m, host);
		host_kernel(m, host, false);
		host_stopped(m, host, true);
	}
	for (unsigned i = 0; i < 3; i++) {
		for (unsigned host = 0; host < HOSTS; host++) {
			for (unsigned k = 0; k < m->world.to[host].count; k++)
				host_message(m, host, k, true);
		}
	}
	at_rest(m);
	return true;
}

static void
go(struct model *m, enum model_move kind, unsigned host)
{
	struct move move = { .kind = (uint8_t)kind, .host = (uint8_t)host };

	world_move(m, &move);
}

/* B's claim goes on against a silent A until its plan has come to `phase`. */
static bool
until_phase(struct model *m, enum fence_plan_phase phase)
{
	struct move moves[MOVES];

	for (unsigned i = 0; i < ROUNDS; i++) {
		if (m->world.hosts[B].node.plan.phase == phase &&
			(phase != FENCE_PLAN_CONFIRMING || m->world.hosts[B].node.plan.samples > 0))
			return true;
		if (fence_moves(&m->world, B, moves) > 0)
			world_move(m, &moves[0]);
		else
			go(m, MOVE_RUN, B);
	}
	return false;
}

/* B has ordered a power-down of A, which is on. */
static bool
b_powers_down(struct model *m)
{
	return a_serves(m) && until_phase(m, FENCE_PLAN_ORDERED);
}

/* B was about to replace A, which was off; its claim ended, A came back, and serves by B's grant. A reading of that
 * claim is still under way. */
static bool
a_returned(struct model *m)
{
	struct move moves[MOVES];

	if (!a_serves(m))
		return false;
	host_power_off(m, A);
	if (!until_phase(m, FENCE_PLAN_CONFIRMING))
		return false;
	if (fence_moves(&m->world, B, moves) > 0) {
		moves[0].kind = MOVE_SAMPLE;
		world_move(m, &moves[0]);
	}
	go(m, MOVE_LINK_DOWN, B);
	go(m, MOVE_POWER_ON, A);
	for (unsigned i = 0; i < ROUNDS && !serves(&m->world, A); i++)
		round_of(m);
	go(m, MOVE_LINK_UP, B);
	if (!until_serves(m, A))
		return false;
	at_rest(m);
	return true;
}

/* A gives its address to B, which has asked for it. */
static bool
a_releases(struct model *m)
{
	if (!a_serves(m))
		return false;
	go(m, MOVE_SWITCHOVER, B);
	host_message(m, A, m->world.to[A].count - 1u, false);
	at_rest(m);
	return m->world.hosts[A].node.state == NODE_RELEASING;
}

/* ... and B adds it. */
static bool
b_adds(struct model *m)
{
	if (!a_releases(m))
		return false;
	go(m, MOVE_STOPPED, A);
	go(m, MOVE_KERNEL, A);
	host_message(m, B, m->world.to[B].count - 1u, false);
	for (unsigned i = 0; i < ROUNDS && m->world.hosts[B].node.state == NODE_CLAIMING; i++)
		go(m, MOVE_RUN, B);
	at_rest(m);
	return m->world.hosts[B].node.state == NODE_ADDING;
}

/* A had to release and could not prove it. */
static bool
a_dirty(struct model *m)
{
	if (!a_serves(m))
		return false;
	go(m, MOVE_CRASH, A);
	go(m, MOVE_RECORD_DIRTY, A);
	go(m, MOVE_START, A);
	return m->world.hosts[A].node.state == NODE_DIRTY;
}

static const struct root {
	const char *name, *text;
	bool (*make)(struct model *m);
} roots[] = {
	{ "serves", "A serves, B stands by", a_serves },
	{ "reversed", "B serves, A stands by", b_serves },
	{ "start", "both machines run, no daemon does", both_start },
	{ "alone", "B serves, A has lost its power", b_serves_alone },
	{ "crashed", "A served and its daemon has crashed", a_crashed },
	{ "nobody", "both daemons have started and heard each other", nobody_serves },
	{ "shooting", "B has ordered a power-down of A, which serves", b_powers_down },
	{ "returned", "A was off while B claimed, came back and serves", a_returned },
	{ "releases", "A gives its address to B, which has asked", a_releases },
	{ "adds", "B adds on A's consent", b_adds },
	{ "dirty", "A's record cannot be read", a_dirty },
};

#define ROOTS (sizeof(roots) / sizeof(roots[0]))

/* Of `model check`: far without a fault, less far with every pair of faults. */
static const struct search_limits passes[] = {
	{ .faults = 0, .depth = 11 },
	{ .faults = 1, .depth = 7 },
	{ .faults = 2, .depth = 5 },
};

#define PASSES (sizeof(passes) / sizeof(passes[0]))
#define STATES 30000000

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
run(struct model *m, const struct root *root, const struct search_limits *limits, unsigned *ways)
{
	struct search_result result;
	double began = now(), seconds;
	int r;

	if (!root->make(m) || m->world.wrong != MODEL_GOOD) {
		printf("FAIL %s: cannot be reached (%s)\n", root->name, judge_text(m->world.wrong));
		return false;
	}
	r = search(m, limits, &result);
	seconds = now() - began;
	if (r < 0) {
		printf("FAIL %s: %s\n", root->name, strerror(-r));
		return false;
	}
	printf("%-4s %-10s %zu states, %zu moves, depth %u%s, %u faults at most, %.1f s (%.0f moves/s)%s: %s\n",
		result.wrong != MODEL_GOOD || result.full ? "FAIL" : "ok", root->name, result.states, result.moves,
		result.depth, result.whole ? " (whole)" : "", limits->faults, seconds, (double)result.moves / seconds,
		result.full ? ", TOO MANY STATES" : "", root->text);
	fflush(stdout);
	*ways += result.wrong != MODEL_GOOD;
	return result.wrong == MODEL_GOOD && !result.full;
}

static int
usage(void)
{
	fputs("usage: model [--depth N] [--faults N] [--states N] [--ways N] [ROOT...]\n       model check | "
	      "list\n",
		stderr);
	return 2;
}

static bool
chosen(const char *name, int count, char **words)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(name, words[i]) == 0)
			return true;
	}
	return count == 0;
}

static int
list(void)
{
	for (size_t i = 0; i < ROOTS; i++)
		printf("%-10s %s\n", roots[i].name, roots[i].text);
	return 0;
}

/* From each root named, all if none is. Returns how many failed. */
static unsigned
run_all(struct model *m, const struct search_limits *limits, int count, char **names, unsigned *passed)
{
	unsigned failed = 0, ways = 0;

	for (size_t i = 0; i < ROOTS && ways < limits->ways; i++) {
		if (!chosen(roots[i].name, count, names))
			continue;
		if (run(m, &roots[i], limits, &ways))
			++*passed;
		else
			failed++;
	}
	return failed;
}

/* A search that never came to an add proves nothing. */
static bool
went_far(const struct model *m)
{
	return m->adds[NODE_PROOF_CONSENT] > 0 && m->adds[NODE_PROOF_OFF] > 0 && m->adds[NODE_PROOF_OPERATOR] > 0 &&
	       m->resumes > 0 && m->downs > 0;
}

static void
print_done(const struct model *m)
{
	printf("on these ways: %" PRIu64 " addresses added on consent, %" PRIu64 " on a seen power-off, %" PRIu64
	       " on an operator's word; %" PRIu64 " resumes; %" PRIu64 " power-downs ordered\n",
		m->adds[NODE_PROOF_CONSENT], m->adds[NODE_PROOF_OFF], m->adds[NODE_PROOF_OPERATOR], m->resumes,
		m->downs);
}

static unsigned
check(struct model *m, unsigned *passed)
{
	unsigned failed = 0;

	for (size_t i = 0; i < PASSES; i++) {
		struct search_limits limits = passes[i];

		limits.states = STATES;
		limits.ways = UINT_MAX;
		failed += run_all(m, &limits, 0, NULL, passed);
	}
	if (!went_far(m)) {
		puts("FAIL: not every kind of add was reached");
		failed++;
	}
	return failed;
}

int
main(int argc, char **argv)
{
	struct search_limits limits = { .depth = 7, .faults = 1, .states = STATES, .ways = UINT_MAX };
	unsigned passed = 0, failed;
	struct model *m;
	int i = 1;

	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list();
	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		unsigned long value = strtoul(argv[i + 1], NULL, 0);

		if (strcmp(argv[i], "--depth") == 0)
			limits.depth = (unsigned)value;
		else if (strcmp(argv[i], "--faults") == 0)
			limits.faults = (unsigned)value;
		else if (strcmp(argv[i], "--states") == 0)
			limits.states = value;
		else if (strcmp(argv[i], "--ways") == 0)
			limits.ways = (unsigned)value;
		else
			return usage();
	}
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return 1;
	world_config(m);
	if (argc == 2 && strcmp(argv[1], "check") == 0)
		failed = check(m, &passed);
	else
		failed = run_all(m, &limits, argc - i, argv + i, &passed);
	print_done(m);
	free(m);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
