#include "test/sim/world.h"

#include "daemon/node_config.h"

#include <string.h>

#define WORLD_BEGINS (1000 * HA_SEC)
#define SPINS        1000

void
world_push(
	struct world *w, ha_time delay, enum sim_bound bound, unsigned host, sim_handler *run, uint64_t a, uint64_t b)
{
	struct sim_event event = { .at = w->now + delay, .run = run, .bound = bound, .host = host, .a = a, .b = b };

	if (bound != SIM_FREE) {
		event.boot = w->hosts[host].boot;
		event.process = w->hosts[host].daemon.process;
	}
	sim_queue_push(&w->queue, &event);
}

static void
init_host(struct world *w, unsigned i)
{
	struct sim_host *h = &w->hosts[i];
	struct sim_daemon *d = &h->daemon;
	unsigned check_count;
	const struct config_check *checks = checks_of(w->config.checks, &check_count);

	h->index = i;
	h->powered = h->running = h->frozen = h->suspended = h->deaf = false;
	h->power_since = w->now;
	h->boot = 0;
	memset(&h->record, 0, sizeof(h->record));
	memset(&h->memory, 0, sizeof(h->memory));
	h->record_fails = h->memory_fails = h->remove_fails = false;
	memset(h->vip, 0, sizeof(h->vip));
	memset(h->add_fails, 0, sizeof(h->add_fails));
	h->file_vips = h->vips = (1U << w->config.addresses) - 1;
	h->recorded_vips = 0;
	h->wall = 0;
	h->adding = 0;
	h->kernel_at = h->disk_at = h->writes = 0;
	h->kernel_delay = 2 * HA_MS;
	h->service = h->unstoppable = h->nfs_hung = h->gateway_lost = false;
	h->broken = h->loaded = h->maintenance = h->supply_lost = false;
	h->service_time = 0;
	h->checks.up = h->checks.matches = false;
	h->checks.process = 0;
	h->service_starts = 0;
	h->stop_delay = 300 * HA_MS;
	h->waiting_count = h->waiting_packets = 0;
	memset(&h->worker, 0, sizeof(h->worker));
	d->alive = d->stalled = false;
	d->enabled = true;
	d->process = 0;
	d->timer = HA_NEVER;
	d->config = w->config.node[i];
	node_config_checks(checks, check_count, &d->config);
	d->backlog_count = d->backlog_packets = d->pending_count = 0;
	d->trap.kind = TRAP_NONE;
	d->jitter = HA_MS;
	d->alarms_seen = 0;
	d->replies = d->spins = 0;
	memset(&w->oracle[i], 0, sizeof(w->oracle[i]));
}

void
world_init(struct world *w, const struct world_config *config, uint64_t seed)
{
	w->config = *config;
	w->random.state = seed;
	w->now = WORLD_BEGINS;
	w->failed = w->operator_lies = w->healing = false;
	w->failure[0] = 0;
	w->keys_differ = w->third_has_vip = false;
	w->last_holder = -1;
	w->lost_at = HA_NEVER;
	w->power_downs = 0;
	memset(w->kills, 0, sizeof(w->kills));
	memset(w->went_off, 0, sizeof(w->went_off));
	w->off_at_takeover = w->relayed = false;
	sim_queue_init(&w->queue);
	for (unsigned i = 0; i < HOSTS; i++)
		init_host(w, i);
	imm_init(w);
	pdu_init(w);
	network_init(w);
	w->stats.runs++;
}

static void
booted(struct world *w, const struct sim_event *event)
{
	struct sim_host *h = &w->hosts[event->host];

	h->running = true;
	trace(w, (int)event->host, "host is up");
	if (h->daemon.enabled)
		daemon_start(w, event->host);
}

void
host_power_on(struct world *w, unsigned host)
{
	struct sim_host *h = &w->hosts[host];

	if (h->powered || !pdu_feeds(w, host))
		return;
	trace(w, (int)host, "POWER ON");
	h->powered = true;
	h->power_since = w->now;
	h->boot++;
	h->epoch = w->now - HA_SEC;
	h->kernel_at = 0;
	world_push(w, w->config.boot_time + sim_between(&w->random, 0, HA_SEC), SIM_HOST, host, booted, 0, 0);
	network_changed(w);
}

void
host_power_off(struct world *w, unsigned host)
{
	struct sim_host *h = &w->hosts[host];

	if (!h->powered)
		return;
	trace(w, (int)host, "POWER OFF");
	h->powered = h->running = h->frozen = h->suspended = false;
	h->power_since = w->now;
	h->boot++;
	network_forget(w, h);
	memset(&h->record, 0, sizeof(h->record));
	h->recorded_vips = 0;
	w->went_off[host] = true;
	memset(h->vip, 0, sizeof(h->vip));
	h->adding = 0;
	h->service = h->unstoppable = h->broken = false;
	h->daemon.alive = h->daemon.stalled = false;
	h->daemon.process++;
	h->daemon.timer = HA_NEVER;
	h->daemon.pending_count = h->daemon.backlog_count = h->daemon.backlog_packets = 0;
	h->daemon.trap.kind = TRAP_NONE;
	worker_end(w, host);
	health_end(w, host);
	oracle_forget(w, host);
	network_changed(w);
}

void
host_freeze(struct world *w, unsigned host, bool suspend)
{
	struct sim_host *h = &w->hosts[host];

	if (!h->powered || h->frozen)
		return;
	trace(w, (int)host, suspend ? "suspended" : "FROZEN");
	h->frozen = true;
	h->suspended = suspend;
	h->frozen_since = w->now;
	oracle_state(w);
	network_changed(w);
}

static void
runs_again(struct world *w, const struct sim_event *event)
{
	daemon_thaw(w, event->host);
}

/* Everything runs again in any order: the daemon before or after what waited for it is delivered. */
void
host_thaw(struct world *w, unsigned host)
{
	struct sim_host *h = &w->hosts[host];
	bool stopped = h->daemon.stalled, suspended = h->suspended;

	if (!h->frozen)
		return;
	trace(w, (int)host, "thawed");
	h->frozen = h->suspended = h->deaf = false;
	h->daemon.stalled = h->daemon.alive;
	for (unsigned i = 0; i < h->waiting_count; i++) {
		h->waiting[i].at = w->now;
		sim_queue_push(&w->queue, &h->waiting[i]);
	}
	h->waiting_count = h->waiting_packets = 0;
	oracle_state(w);
	network_changed(w);
	if (suspended)
		network_tell(w, host);
	if (stopped)
		return;
	if (sim_chance(&w->random, 500))
		daemon_thaw(w, host);
	else
		world_push(w, 0, SIM_DAEMON, host, runs_again, 0, 0);
}

/* A frozen host does nothing; what was for it waits, but only so many packets. */
static void
hold(struct sim_host *h, const struct sim_event *event)
{
	if (event->bound == SIM_PACKET) {
		if (h->suspended || h->deaf || h->waiting_packets == SOCKET_BUFFER)
			return;
		h->waiting_packets++;
	}
	if (h->waiting_count < WAITING)
		h->waiting[h->waiting_count++] = *event;
}

static void
dispatch(struct world *w, const struct sim_event *event)
{
	struct sim_host *h = &w->hosts[event->host];

	if (event->bound != SIM_FREE) {
		if (!h->powered || event->boot != h->boot)
			return;
		if (event->bound == SIM_DAEMON && (event->process != h->daemon.process || !h->daemon.alive))
			return;
		if (h->frozen) {
			hold(h, event);
			return;
		}
	}
	event->run(w, event);
}

static ha_time
timer_of(const struct sim_host *h)
{
	return h->daemon.alive && !h->daemon.stalled && !h->frozen ? h->daemon.timer : HA_NEVER;
}

void
world_run(struct world *w, ha_time until)
{
	ha_time began = w->now;
	struct sim_event event;

	while (!w->failed) {
		ha_time next = sim_queue_next(&w->queue), a = timer_of(&w->hosts[0]), b = timer_of(&w->hosts[1]);
		ha_time timer = ha_time_min(a, b);

		if (ha_time_min(next, timer) > until)
			break;
		if (next <= timer) { /* sockets before timers */
			w->now = ha_time_max(w->now, next);
			sim_queue_pop(&w->queue, &event);
			dispatch(w, &event);
			continue;
		}
		if (timer > w->now) {
			w->now = timer;
			w->hosts[0].daemon.spins = w->hosts[1].daemon.spins = 0;
		} else if (++w->hosts[a > b].daemon.spins > SPINS) {
			oracle_violation(w, "the timer of node %u spins", a > b);
			break;
		}
		daemon_timer(w, a > b);
	}
	if (!w->failed)
		w->now = until;
	w->stats.simulated += w->now - began;
}
