/* test/sim/health.c -- the health process as health/worker.c runs it, the daemon's part as daemon/health.c has it. */
#include "test/sim/world.h"

#include <string.h>

#define FIRST_ROUND HA_SEC       /* every check soon after the start */
#define SILENCE     (5 * HA_SEC) /* of the process: it is asked, and again so long: it is replaced */
#define LOOK_AGAIN  (20 * HA_MS) /* the daemon does not read at present: its results wait in the socket */
#define HUNG_AGAIN  (500 * HA_MS)

static bool
current(const struct world *w, const struct sim_event *event)
{
	const struct sim_health *k = &w->hosts[event->host].checks;

	return k->up && k->process == (uint32_t)event->b;
}

static void
push(struct world *w, unsigned host, ha_time delay, sim_handler *run, uint64_t a, uint64_t b)
{
	world_push(w, delay, SIM_HOST, host, run, a, w->hosts[host].checks.process | b << 32);
}

static bool
daemon_reads(const struct sim_host *h)
{
	return h->daemon.alive && !h->daemon.stalled && !h->frozen;
}

/* --- the daemon's part --- */

static void
told(struct world *w, const struct sim_event *event)
{
	const struct health_state *state = &w->hosts[event->host].checks.told;

	w->event.type = NODE_EV_HEALTH;
	w->event.health = (struct node_health){ .fit = state->fit,
		.storage = state->storage,
		.storage_since = state->storage_since,
		.effective_priority = state->effective_priority,
		.check_failed = state->check_failed,
		.storage_hung = state->storage_hung };
	daemon_event(w, event->host, &w->event);
}

static void look(struct world *w, unsigned host);

static void
looks_again(struct world *w, const struct sim_event *event)
{
	w->hosts[event->host].checks.armed = HA_NEVER;
	look(w, event->host);
}

static void
answered(struct world *w, const struct sim_event *event)
{
	w->event.type = event->a == HEALTH_ROUND_REQUIRED ? NODE_EV_FIT_PROBE : NODE_EV_STORAGE_PROBE;
	w->event.token = (uint32_t)(event->b >> 1);
	w->event.ok = event->b & 1;
	daemon_event(w, event->host, &w->event);
}

static void
settle(struct world *w, unsigned host)
{
	struct sim_health *k = &w->hosts[host].checks;

	for (unsigned kind = 0; kind < 2; kind++) {
		struct health_round *round = &k->rounds[kind];

		if (round->state != HEALTH_ROUND_GOOD && round->state != HEALTH_ROUND_BAD)
			continue;
		world_push(w, 0, SIM_DAEMON, host, answered, kind,
			(uint64_t)k->questions[kind] << 1 | (round->state == HEALTH_ROUND_GOOD));
		round->state = HEALTH_ROUND_NONE;
	}
}

static bool
same(const struct health_state *a, const struct health_state *b)
{
	return a->fit == b->fit && a->storage == b->storage && a->effective_priority == b->effective_priority &&
	       a->check_failed == b->check_failed && a->storage_hung == b->storage_hung;
}

static void
look(struct world *w, unsigned host)
{
	struct sim_host *h = &w->hosts[host];
	struct sim_health *k = &h->checks;
	ha_time now = host_clock(w, host), at;
	struct health_state state;

	if (!h->daemon.alive)
		return;
	for (unsigned kind = 0; kind < 2; kind++)
		health_round_timer(&k->rounds[kind], now);
	settle(w, host);
	at = health_verdict_deadline(&k->verdict, now);
	state = health_verdict_state(&k->verdict, now);
	for (unsigned kind = 0; kind < 2; kind++)
		at = ha_time_min(at, health_round_deadline(&k->rounds[kind]));
	if (at < k->armed) { /* one that is armed already looks again */
		k->armed = at;
		world_push(w, ha_time_since(at, now), SIM_DAEMON, host, looks_again, 0, 0);
	}
	if (same(&state, &k->told))
		return;
	k->told = state;
	world_push(w, 0, SIM_DAEMON, host, told, 0, 0);
}

static void
lose_rounds(struct world *w, unsigned host)
{
	for (unsigned kind = 0; kind < 2; kind++)
		health_round_lost(&w->hosts[host].checks.rounds[kind]);
	settle(w, host);
}

static void
take(struct world *w, unsigned host, const struct health_report *report)
{
	struct sim_health *k = &w->hosts[host].checks;

	if (health_verdict_report(&k->verdict, report, host_clock(w, host)))
		trace(w, (int)host, "check %s is %s", k->verdict.configured[report->index].name,
			k->verdict.checks[report->index].up ? "up" : "DOWN");
	for (unsigned kind = 0; kind < 2; kind++)
		health_round_report(&k->rounds[kind], report);
	look(w, host);
}

/* --- the process --- */

/* What the host is really like, as this check can see it; HEALTH_TIMEOUT: nothing comes back. */
static enum health_result
truth(const struct world *w, unsigned host, enum config_check_type type)
{
	const struct sim_host *h = &w->hosts[host];

	switch (type) {
	case CONFIG_CHECK_HTTP:
		if (h->nfs_hung)
			return HEALTH_TIMEOUT;
		return h->service && w->now >= h->service_ready && !h->broken ? HEALTH_OK : HEALTH_FAILED;
	case CONFIG_CHECK_UNIT:
		return h->service && !h->broken ? HEALTH_OK : HEALTH_FAILED;
	case CONFIG_CHECK_TCP:
		return h->broken ? HEALTH_FAILED : HEALTH_OK;
	case CONFIG_CHECK_NFS:
		return h->nfs_hung ? HEALTH_TIMEOUT : HEALTH_OK;
	case CONFIG_CHECK_LINK:
		return w->ports[host][STORAGE].cable ? HEALTH_OK : HEALTH_FAILED;
	case CONFIG_CHECK_PING:
		return !h->gateway_lost && network_port_works(w, host, SERVICE) ? HEALTH_OK : HEALTH_TIMEOUT;
	case CONFIG_CHECK_SCRIPT:
		return h->loaded ? HEALTH_FAILED : HEALTH_OK;
	case CONFIG_CHECK_FILE:
		return h->maintenance ? HEALTH_FAILED : HEALTH_OK;
	case CONFIG_CHECK_IMM:
		return h->supply_lost ? HEALTH_FAILED : HEALTH_OK;
	}
	return HEALTH_UNKNOWN;
}

static void start_probe(struct world *w, unsigned host, unsigned index, uint32_t token);

/* a: index */
static void
ends(struct world *w, const struct sim_event *event)
{
	struct sim_host *h = &w->hosts[event->host];
	struct sim_check *check = &h->checks.checks[event->a];

	if (!current(w, event))
		return;
	if (h->checks.hung || (h->daemon.alive && !daemon_reads(h))) {
		push(w, event->host, LOOK_AGAIN, ends, event->a, 0);
		return;
	}
	check->running = false;
	check->report.answered = host_clock(w, event->host);
	if (h->checks.matches && h->daemon.alive)
		take(w, event->host, &check->report);
	if (check->ordered != 0 && !check->running) {
		uint32_t token = check->ordered;

		check->ordered = 0;
		start_probe(w, event->host, (unsigned)event->a, token);
	}
}

static void
start_probe(struct world *w, unsigned host, unsigned index, uint32_t token)
{
	struct sim_host *h = &w->hosts[host];
	struct sim_check *check = &h->checks.checks[index];
	const struct config_check *configured = &h->checks.verdict.configured[index];
	enum health_result result = truth(w, host, configured->type);

	check->running = true;
	check->report = (struct health_report){ .type = HEALTH_REPORT_RESULT,
		.token = token,
		.index = (uint16_t)index,
		.result = result,
		.asked = host_clock(w, host) };
	push(w, host, result == HEALTH_TIMEOUT ? configured->timeout : sim_between(&w->random, HA_MS, 20 * HA_MS), ends,
		index, 0);
}

/* a: index and the run's number */
static void
due(struct world *w, const struct sim_event *event)
{
	struct sim_health *k = &w->hosts[event->host].checks;
	unsigned index = event->a & 0xff;
	struct sim_check *check = &k->checks[index];
	ha_time interval = k->verdict.configured[index].interval;

	if (!current(w, event) || check->runs != event->a >> 8)
		return;
	if (k->hung) {
		push(w, event->host, HUNG_AGAIN, due, event->a, 0);
		return;
	}
	push(w, event->host, interval, due, event->a, 0);
	if (!check->running)
		start_probe(w, event->host, index, 0);
}

static bool
runs_now(const struct sim_health *k, unsigned index)
{
	return k->master || !k->verdict.configured[index].when_master;
}

static void
schedule(struct world *w, unsigned host, unsigned index)
{
	struct sim_health *k = &w->hosts[host].checks;
	const struct config_check *configured = &k->verdict.configured[index];
	uint64_t run = ++k->checks[index].runs;

	if (runs_now(k, index))
		push(w, host, ha_time_min(configured->interval, FIRST_ROUND) * index / k->verdict.count, due,
			index | run << 8, 0);
}

/* a: master */
static void
mode_told(struct world *w, const struct sim_event *event)
{
	struct sim_health *k = &w->hosts[event->host].checks;

	if (!current(w, event) || k->master == event->a)
		return;
	k->master = event->a;
	for (unsigned i = 0; i < k->verdict.count; i++) {
		if (k->verdict.configured[i].when_master)
			schedule(w, event->host, i);
	}
}

/* It begins, and says which configuration it has read. */
static void
process_starts(struct world *w, unsigned host)
{
	struct sim_health *k = &w->hosts[host].checks;

	k->process++;
	k->up = k->matches = true;
	k->hung = k->master = false;
	for (unsigned i = 0; i < k->verdict.count; i++) {
		k->checks[i].running = false;
		k->checks[i].ordered = 0;
		schedule(w, host, i);
	}
	push(w, host, HA_MS, mode_told, k->verdict.master, 0);
}

static void
process_ends(struct world *w, unsigned host)
{
	struct sim_health *k = &w->hosts[host].checks;

	k->up = k->matches = false;
	k->process++;
	if (w->hosts[host].daemon.alive)
		lose_rounds(w, host);
}

/* a: it is back */
static void
process_told(struct world *w, const struct sim_event *event)
{
	struct sim_health *k = &w->hosts[event->host].checks;

	if (event->a && !k->up)
		process_starts(w, event->host);
	w->event.type = NODE_EV_WORKER;
	w->event.worker = 1;
	w->event.up = false; /* not as planned */
	w->event.ok = event->a;
	daemon_event(w, event->host, &w->event);
	look(w, event->host);
}

void
health_restart(struct world *w, unsigned host)
{
	if (!w->hosts[host].checks.up || w->hosts[host].checks.verdict.count == 0)
		return;
	trace(w, (int)host, "health process killed");
	process_ends(w, host);
	world_push(w, HA_MS, SIM_DAEMON, host, process_told, false, 0);
	world_push(w, sim_between(&w->random, 100 * HA_MS, HA_SEC), SIM_DAEMON, host, process_told, true, 0);
}

static void
replaced(struct world *w, const struct sim_event *event)
{
	if (current(w, event) && w->hosts[event->host].checks.hung)
		health_restart(w, event->host);
}

void
health_hang(struct world *w, unsigned host)
{
	if (!w->hosts[host].checks.up)
		return;
	trace(w, (int)host, "health process hangs");
	w->hosts[host].checks.hung = true;
	push(w, host, 2 * SILENCE, replaced, 0, 0);
}

/* --- what the daemon does with it --- */

void
health_start(struct world *w, unsigned host)
{
	struct sim_host *h = &w->hosts[host];
	struct sim_health *k = &h->checks;
	ha_time now = host_clock(w, host);
	unsigned count;
	const struct config_check *checks = checks_of(w->config.checks, &count);

	health_verdict_init(&k->verdict, checks, count, h->daemon.config.priority, now);
	k->rounds[0].state = k->rounds[1].state = HEALTH_ROUND_NONE;
	k->token = 0;
	k->armed = HA_NEVER;
	k->told = health_verdict_state(&k->verdict, now);
	process_starts(w, host);
	told(w, &(struct sim_event){ .host = host });
	look(w, host);
}

void
health_end(struct world *w, unsigned host)
{
	process_ends(w, host);
}

void
health_mode(struct world *w, unsigned host, bool master)
{
	struct sim_health *k = &w->hosts[host].checks;

	if (k->verdict.master == master)
		return;
	health_verdict_mode(&k->verdict, master, host_clock(w, host));
	if (k->matches)
		push(w, host, HA_MS, mode_told, master, 0);
	look(w, host);
}

void
health_configure(struct world *w, unsigned host)
{
	struct sim_host *h = &w->hosts[host];
	unsigned count;
	const struct config_check *checks = checks_of(w->config.checks, &count);

	process_ends(w, host);
	health_verdict_reload(&h->checks.verdict, checks, count, h->daemon.config.priority, host_clock(w, host));
	h->checks.told.effective_priority = 0; /* the node has set it back to the configured one */
	process_starts(w, host);
	look(w, host);
}

static void
ordered(struct world *w, const struct sim_event *event)
{
	struct sim_check *check = &w->hosts[event->host].checks.checks[event->a];
	uint32_t token = (uint32_t)(event->b >> 32);

	if (!current(w, event))
		return;
	if (w->hosts[event->host].checks.hung)
		push(w, event->host, HUNG_AGAIN, ordered, event->a, token);
	else if (check->running)
		check->ordered = token; /* one under way was asked before: another one follows it */
	else
		start_probe(w, event->host, (unsigned)event->a, token);
}

void
health_probe(struct world *w, unsigned host, enum health_round_kind kind, uint32_t question)
{
	struct sim_health *k = &w->hosts[host].checks;
	struct health_round *round = &k->rounds[kind];

	k->questions[kind] = question;
	health_round_begin(round, &k->verdict, kind, ++k->token, host_clock(w, host));
	for (unsigned i = 0; i < k->verdict.count && round->state == HEALTH_ROUND_OPEN; i++) {
		if (!round->wanted[i])
			continue;
		if (!k->matches)
			health_round_lost(round);
		else
			push(w, host, sim_between(&w->random, 20, HA_MS), ordered, i, round->token);
	}
	look(w, host);
}
