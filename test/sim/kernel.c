/* test/sim/kernel.c -- a host's addresses, services and disk: they answer late, partly or not, and outlive the daemon.
 */
#include "test/sim/world.h"

#include <string.h>

enum operation { OPERATION_ADD, OPERATION_REMOVE, OPERATION_REFUSED };

bool
kernel_has_vip(const struct world *w, unsigned host)
{
	for (unsigned i = 0; i < VIPS; i++) {
		if (w->hosts[host].vip[i])
			return true;
	}
	return false;
}

static void
answer(struct world *w, unsigned host, enum node_event_type type, bool ok)
{
	w->event.type = type;
	w->event.ok = ok;
	daemon_event(w, host, &w->event);
}

static void
added(struct world *w, const struct sim_event *event)
{
	answer(w, event->host, NODE_EV_VIP_ADDED, event->a);
}

static void
removed(struct world *w, const struct sim_event *event)
{
	answer(w, event->host, NODE_EV_VIP_REMOVED, event->a);
}

static void
seen(struct world *w, const struct sim_event *event)
{
	answer(w, event->host, NODE_EV_VIP_SEEN, false);
}

/* Adds the set of the running daemon, or removes what it or its record names. */
static bool
change(struct sim_host *h, enum operation operation)
{
	unsigned set = operation == OPERATION_ADD ? h->vips : h->vips | h->recorded_vips;
	bool ok = operation != OPERATION_REFUSED;

	for (unsigned i = 0; i < VIPS && ok; i++) {
		if ((set & (1U << i)) == 0)
			continue;
		if (operation == OPERATION_ADD)
			h->vip[i] = h->vip[i] || !h->add_fails[i];
		else
			h->vip[i] = h->vip[i] && h->remove_fails;
	}
	for (unsigned i = 0; i < VIPS; i++)
		ok = ok && ((set & (1U << i)) == 0 || h->vip[i] == (operation == OPERATION_ADD));
	return ok;
}

static void
execute(struct world *w, const struct sim_event *event)
{
	struct sim_host *h = &w->hosts[event->host];
	enum operation operation = (enum operation)event->a;
	bool ok = change(h, operation);

	if (operation == OPERATION_ADD)
		h->adding--;
	trace(w, (int)event->host, "kernel: VIP %s%s", operation == OPERATION_REMOVE ? "removed" : "added",
		ok ? "" : ": FAILED");
	/* Answers come in the order of the requests. */
	if (h->daemon.alive && h->daemon.process == event->process)
		world_push(
			w, HA_MS / 2, SIM_DAEMON, event->host, operation == OPERATION_REMOVE ? removed : added, ok, 0);
	else if (h->daemon.alive && operation == OPERATION_ADD) /* asked for by the process before this one */
		world_push(w, HA_MS / 2, SIM_DAEMON, event->host, seen, 0, 0);
	oracle_state(w);
}

/* Requests to the kernel are executed in order; once written to the socket they happen whatever becomes of the daemon.
 */
static void
request(struct world *w, unsigned host, enum operation operation)
{
	struct sim_host *h = &w->hosts[host];

	h->kernel_at = ha_time_max(h->kernel_at, w->now + sim_between(&w->random, 0, h->kernel_delay));
	world_push(w, h->kernel_at - w->now, SIM_HOST, host, execute, operation, 0);
}

void
kernel_add(struct world *w, unsigned host)
{
	w->hosts[host].adding++;
	request(w, host, OPERATION_ADD);
	oracle_state(w);
}

void
kernel_refuse(struct world *w, unsigned host)
{
	request(w, host, OPERATION_REFUSED);
}

void
kernel_remove(struct world *w, unsigned host)
{
	request(w, host, OPERATION_REMOVE);
}

static void
lost(struct world *w, const struct sim_event *event)
{
	answer(w, event->host, NODE_EV_VIP_LOST, false);
}

void
kernel_foreign_removal(struct world *w, unsigned host)
{
	struct sim_host *h = &w->hosts[host];
	unsigned i = sim_below(&w->random, w->config.addresses);

	if (!h->powered || !h->vip[i])
		return;
	trace(w, (int)host, "somebody removes a VIP");
	h->vip[i] = false;
	if (h->daemon.alive)
		world_push(w, sim_between(&w->random, 0, 5 * HA_MS), SIM_DAEMON, host, lost, 0, 0);
}

void
service_start(struct world *w, unsigned host)
{
	struct sim_host *h = &w->hosts[host];

	if (!h->service) {
		trace(w, (int)host, "services start");
		h->service_ready = w->now + sim_between(&w->random, 0, h->service_time);
	}
	h->service = true;
	h->service_starts++;
	oracle_state(w);
}

static bool
cannot_stop(const struct sim_host *h)
{
	return (h->service && h->unstoppable) || h->nfs_hung;
}

static void
answer_stop(struct world *w, const struct sim_event *event, bool ok)
{
	const struct sim_host *h = &w->hosts[event->host];

	trace(w, (int)event->host, "services %s", ok ? "stopped" : "NOT STOPPED");
	if (h->daemon.alive && h->daemon.process == event->process)
		answer(w, event->host, NODE_EV_SERVICE_STOPPED, ok);
}

/* a: starts before it was asked, b: until when it may try */
static void
service_stopped(struct world *w, const struct sim_event *event)
{
	struct sim_host *h = &w->hosts[event->host];

	if (event->a != h->service_starts) { /* a start job has replaced the stop job */
		answer_stop(w, event, false);
	} else if (!cannot_stop(h)) {
		h->service = false;
		answer_stop(w, event, true);
	} else if (w->now < event->b) {
		/* The unit may stop although the proof (syncfs) does not come. */
		h->service = h->service && h->unstoppable;
		world_push(w, event->b - w->now, SIM_HOST, event->host, service_stopped, event->a, event->b);
	} else {
		answer_stop(w, event, false);
	}
}

void
service_stop(struct world *w, unsigned host, ha_time limit)
{
	world_push(w, sim_between(&w->random, w->hosts[host].stop_delay / 2, w->hosts[host].stop_delay), SIM_HOST, host,
		service_stopped, w->hosts[host].service_starts, w->now + limit);
}

static void
remembered(struct world *w, const struct sim_event *event)
{
	w->event.type = NODE_EV_REMEMBERED;
	w->event.token = (uint32_t)event->a;
	w->event.ok = event->b;
	daemon_event(w, event->host, &w->event);
}

static void
written(struct world *w, const struct sim_event *event)
{
	struct sim_host *h = &w->hosts[event->host];
	bool ok = !h->memory_fails;

	if (ok)
		h->memory = h->writing[event->b % WRITES];
	if (h->daemon.alive && h->daemon.process == event->process)
		world_push(w, sim_between(&w->random, 0, HA_MS), SIM_DAEMON, event->host, remembered, event->a, ok);
}

/* The shell writes a new file, syncs and renames: old or new, never half; a power cut before that loses it. */
void
disk_remember(struct world *w, unsigned host, const struct node_memory *memory, uint32_t token)
{
	struct sim_host *h = &w->hosts[host];

	h->writing[h->writes % WRITES] = *memory;
	h->disk_at = ha_time_max(h->disk_at, w->now + sim_between(&w->random, HA_MS, 30 * HA_MS));
	world_push(w, h->disk_at - w->now, SIM_HOST, host, written, token, h->writes++);
}
