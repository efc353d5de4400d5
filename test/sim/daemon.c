/* test/sim/daemon.c -- the process around the node: it starts, crashes, stalls, is late, and executes actions in order.
 */
#include "test/sim/world.h"

#include <string.h>

#define STOP_TIMEOUT (120 * HA_SEC) /* the service manager's patience */

static void
arm_timer(struct world *w, struct sim_host *h)
{
	ha_time deadline = node_deadline(&h->daemon.node);

	if (deadline == HA_NEVER) {
		h->daemon.timer = HA_NEVER;
		return;
	}
	h->daemon.timer = ha_time_max(w->now, h->epoch + deadline);
	if (h->daemon.timer > w->now)
		h->daemon.timer += sim_between(&w->random, 0, h->daemon.jitter);
}

static void
write_record(struct world *w, struct sim_host *h, const struct node_record *record)
{
	if (h->record_fails) {
		trace(w, (int)h->index, "the record CANNOT BE WRITTEN");
		h->daemon.record_failed = true;
		return;
	}
	h->record = *record;
	h->recorded_vips = record->state == NODE_RECORD_NONE ? 0 : h->recorded_vips | h->vips;
}

static void
starts(struct world *w, const struct sim_event *event)
{
	daemon_start(w, event->host);
}

static void
ended(struct world *w, unsigned host)
{
	struct sim_daemon *d = &w->hosts[host].daemon;

	d->alive = d->stalled = false;
	d->timer = HA_NEVER;
	d->process++;
	d->pending_count = d->backlog_count = d->backlog_packets = 0;
	worker_end(w, host);
	health_end(w, host);
	oracle_state(w);
	if (w->healing) /* the administrator wants it to run */
		world_push(w, HA_SEC, SIM_HOST, host, starts, 0, 0);
}

static void
execute(struct world *w, struct sim_host *h, const struct node_action *action)
{
	unsigned host = h->index;

	oracle_action(w, host, action);
	switch (action->type) {
	case NODE_SEND:
		network_send(w, host, action->links, &action->message);
		break;
	case NODE_SEND_ADVERT:
		network_advert(w, host, action->value);
		break;
	case NODE_WRITE_RECORD:
		write_record(w, h, &action->record);
		break;
	case NODE_ADD_VIP:
		if (h->daemon.record_failed)
			kernel_refuse(w, host);
		else
			kernel_add(w, host);
		break;
	case NODE_REMOVE_VIP:
		kernel_remove(w, host);
		break;
	case NODE_ANNOUNCE:
		network_announce(w, host);
		break;
	case NODE_PROBE:
		network_probe(w, host);
		break;
	case NODE_START_SERVICE:
		service_start(w, host);
		break;
	case NODE_STOP_SERVICE:
		service_stop(w, host, action->time);
		break;
	case NODE_FENCE_ORDER:
		worker_order(w, host, &action->order);
		break;
	case NODE_PROBE_FIT:
		health_probe(w, host, HEALTH_ROUND_REQUIRED, action->token);
		break;
	case NODE_PROBE_STORAGE:
		health_probe(w, host, HEALTH_ROUND_STORAGE, action->token);
		break;
	case NODE_REMEMBER:
		disk_remember(w, host, &action->memory, action->token);
		break;
	case NODE_REPLY_TO:
		h->daemon.reply = action->reply;
		h->daemon.replies++;
		if (h->daemon.reloading && action->reply == NODE_REPLY_DONE)
			health_configure(w, host);
		break;
	case NODE_NOTE:
		if (w->trace)
			trace_note(w, host, &action->note);
		break;
	case NODE_EXIT:
		trace(w, (int)host, "daemon ends");
		ended(w, host);
		break;
	case NODE_ACTION_TYPES:
		break;
	}
}

static bool
trapped(struct world *w, unsigned host, enum node_action_type type)
{
	struct sim_trap trap = w->hosts[host].daemon.trap;

	if (trap.kind == TRAP_NONE || trap.before != type)
		return false;
	w->hosts[host].daemon.trap.kind = TRAP_NONE;
	trace(w, (int)host, "just before action %u:", type);
	return true;
}

static void
wakes(struct world *w, const struct sim_event *event)
{
	daemon_wake(w, event->host);
}

static void
thaws(struct world *w, const struct sim_event *event)
{
	if (w->hosts[event->host].boot == event->a)
		host_thaw(w, event->host);
}

static void
spring(struct world *w, unsigned host, const struct sim_trap *trap)
{
	switch (trap->kind) {
	case TRAP_NONE:
		break;
	case TRAP_CRASH:
		daemon_crash(w, host);
		break;
	case TRAP_STALL:
		daemon_stall(w, host);
		world_push(w, trap->duration, SIM_DAEMON, host, wakes, 0, 0);
		break;
	case TRAP_FREEZE:
		host_freeze(w, host, false);
		world_push(w, trap->duration, SIM_FREE, host, thaws, w->hosts[host].boot, 0);
		break;
	case TRAP_POWER:
		host_power_off(w, host);
		break;
	}
}

/* Execute in order. The process may be stopped for a while, or for ever, between any two actions. */
static void
execute_all(struct world *w, struct sim_host *h, const struct node_action *actions, unsigned count)
{
	uint32_t process = h->daemon.process;

	for (unsigned i = 0; i < count && !w->failed; i++) {
		struct sim_trap trap = h->daemon.trap;

		if (trapped(w, h->index, actions[i].type)) {
			memmove(h->daemon.pending, &actions[i], (count - i) * sizeof(*actions));
			h->daemon.pending_count = count - i;
			spring(w, h->index, &trap);
			return;
		}
		execute(w, h, &actions[i]);
		if (h->daemon.process != process)
			return;
	}
	h->daemon.record_failed = false;
}

static void
step(struct world *w, unsigned host, struct node_event *event)
{
	struct sim_host *h = &w->hosts[host];

	h->daemon.loop_at = w->now;
	event->now = host_clock(w, host);
	event->random = sim_random(&w->random);
	if (w->trace)
		trace_event(w, host, event);
	if (event->type == NODE_EV_MESSAGE)
		oracle_heard(w, host);
	else if (event->type == NODE_EV_PROBE_ANSWER)
		w->oracle[host].wire_answered = true;
	else if (event->type ==
		 NODE_EV_DRAINED) /* S13: what came while it was away is no answer to what is asked now */
		w->oracle[host].wire_answered = false;
	node_step(&h->daemon.node, event, &w->update);
	w->stats.steps++;
	h->daemon.alarms_seen |= h->daemon.node.alarms;
	h->daemon.reloading = event->type == NODE_EV_RELOAD;
	oracle_step(w, host);
	execute_all(w, h, w->update.actions, w->update.count);
	if (!h->daemon.alive)
		return;
	health_mode(w, host, h->daemon.node.state == NODE_MASTER);
	arm_timer(w, h);
}

static bool
is_packet(enum node_event_type type)
{
	return type == NODE_EV_MESSAGE || type == NODE_EV_ADVERT || type == NODE_EV_INVALID ||
	       type == NODE_EV_PROBE_ANSWER || type == NODE_EV_LINK_HEARD;
}

void
daemon_event(struct world *w, unsigned host, struct node_event *event)
{
	struct sim_daemon *d = &w->hosts[host].daemon;
	bool packet = is_packet(event->type);

	if (!d->alive || w->failed)
		return;
	if (!d->stalled && !w->hosts[host].frozen) {
		step(w, host, event);
		return;
	}
	if (d->backlog_count == BACKLOG || (packet && d->backlog_packets == SOCKET_BUFFER))
		return;
	d->backlog_packets += packet;
	d->backlog[d->backlog_count++] = *event;
}

void
daemon_timer(struct world *w, unsigned host)
{
	w->event.type = NODE_EV_TIMER;
	w->event.drained = host_clock(w, host); /* events are given one by one, in their order */
	w->hosts[host].daemon.timer = HA_NEVER;
	step(w, host, &w->event);
}

void
daemon_stall(struct world *w, unsigned host)
{
	struct sim_daemon *d = &w->hosts[host].daemon;

	if (!d->alive || d->stalled)
		return;
	trace(w, (int)host, "daemon stalls");
	d->stalled = true;
}

static bool
runs(const struct sim_host *h)
{
	return h->daemon.alive && !h->daemon.stalled && !h->frozen;
}

/* What came while the daemon was away, in order; it may be stopped again in between. */
static void
drain(struct world *w, struct sim_host *h)
{
	struct sim_daemon *d = &h->daemon;
	uint32_t process = d->process;
	unsigned i = 0;

	while (i < d->backlog_count && d->process == process && runs(h))
		step(w, h->index, &d->backlog[i++]);
	if (d->process != process)
		return;
	d->backlog_count -= i;
	if (d->backlog_packets > d->backlog_count)
		d->backlog_packets = d->backlog_count;
	memmove(d->backlog, d->backlog + i, d->backlog_count * sizeof(d->backlog[0]));
}

/* The loop runs again: what it had begun, then LATE if it missed a timer, then everything queued, then the timers. */
void
daemon_wake(struct world *w, unsigned host)
{
	struct sim_host *h = &w->hosts[host];
	struct sim_daemon *d = &h->daemon;
	ha_time away = ha_time_since(w->now, d->loop_at);
	bool late = ha_time_since(w->now, d->timer) > NODE_LATE || d->draining;
	uint32_t process = d->process;

	if (!d->alive || !d->stalled || h->frozen)
		return;
	trace(w, (int)host, "daemon runs again after %llu ms", (unsigned long long)(away / HA_MS));
	d->running_since = w->now;
	d->stalled = false;
	if (away > w->config.watchdog) {
		daemon_crash(w, host);
		return;
	}
	if (d->pending_count > 0) {
		unsigned count = d->pending_count;

		d->pending_count = 0;
		execute_all(w, h, d->pending, count);
		if (d->process != process || !runs(h))
			return;
	}
	if (late) {
		d->draining = true;
		w->event.type = NODE_EV_LATE;
		w->event.late = away;
		step(w, host, &w->event);
	}
	drain(w, h);
	if (late && d->process == process && runs(h)) {
		d->draining = false;
		w->event.type = NODE_EV_DRAINED;
		step(w, host, &w->event);
	}
}

void
daemon_thaw(struct world *w, unsigned host)
{
	if (w->hosts[host].daemon.alive)
		daemon_wake(w, host);
	else
		w->hosts[host].daemon.stalled = false;
}

void
daemon_start(struct world *w, unsigned host)
{
	struct sim_host *h = &w->hosts[host];
	struct node_event *e = &w->event;

	if (!h->powered || !h->running || h->daemon.alive)
		return;
	if (h->frozen)
		return;
	trace(w, (int)host, "daemon starts");
	h->daemon.alive = true;
	h->daemon.stalled = false;
	h->daemon.process++;
	h->daemon.running_since = h->daemon.loop_at = w->now;
	h->daemon.timer = HA_NEVER;
	h->daemon.record_failed = h->daemon.draining = false;
	h->daemon.pending_count = h->daemon.backlog_count = h->daemon.backlog_packets = 0;
	h->vips = h->file_vips;
	for (unsigned i = 0; i < VIPS; i++) { /* on record, and not in the file any more */
		if ((h->recorded_vips & ~h->vips & (1U << i)) != 0)
			h->vip[i] = false;
	}
	node_init(&h->daemon.node, &h->daemon.config);
	health_start(w, host);
	e->type = NODE_EV_START;
	memset(&e->start, 0, sizeof(e->start));
	e->start.record = h->record;
	e->start.vip_present = kernel_has_vip(w, host);
	e->start.memory = h->memory;
	e->start.incarnation = sim_random(&w->random) | 1;
	for (unsigned link = 0; link < h->daemon.config.link_count; link++)
		e->start.link_up[link] = w->ports[host][link].cable && !w->switch_dead[link];
	step(w, host, e);
	worker_start(w, host);
	network_listen(w, host);
}

/* S4: the lock is one for each network namespace and VRID, wherever the runtime directory is; a living process has it.
 */
bool
daemon_second(struct world *w, unsigned host)
{
	if (w->hosts[host].daemon.alive) {
		trace(w, (int)host, "a second daemon refuses: the lock is taken");
		return false;
	}
	daemon_start(w, host);
	return true;
}

void
daemon_kill(struct world *w, unsigned host)
{
	if (!w->hosts[host].daemon.alive)
		return;
	trace(w, (int)host, "daemon KILLED");
	ended(w, host);
}

void
daemon_crash(struct world *w, unsigned host)
{
	if (!w->hosts[host].daemon.alive)
		return;
	daemon_kill(w, host);
	if (w->config.restarts)
		world_push(w, sim_between(&w->random, 100 * HA_MS, 2 * HA_SEC), SIM_HOST, host, starts, 0, 0);
}

static void
stop_timeout(struct world *w, const struct sim_event *event)
{
	trace(w, (int)event->host, "daemon does not stop");
	daemon_kill(w, event->host);
}

void
daemon_stop(struct world *w, unsigned host)
{
	struct sim_daemon *d = &w->hosts[host].daemon;

	if (!d->alive)
		return;
	trace(w, (int)host, "daemon is asked to stop");
	world_push(w, STOP_TIMEOUT, SIM_DAEMON, host, stop_timeout, 0, 0);
	w->event.type = NODE_EV_STOP;
	daemon_event(w, host, &w->event);
}

void
daemon_command(struct world *w, unsigned host, enum node_command_type type, ha_time duration)
{
	w->event.type = NODE_EV_COMMAND;
	w->event.command = (struct node_command){ .type = type,
		.token = (uint32_t)sim_random(&w->random) | 1,
		.duration = duration,
		.claim = w->hosts[host].daemon.node.claim.number };
	if (type == NODE_CMD_CONFIRM_OFF && w->hosts[host].daemon.alive)
		w->oracle[host].operator_said = true;
	daemon_event(w, host, &w->event);
}

void
daemon_reload(struct world *w, unsigned host)
{
	w->event.type = NODE_EV_RELOAD;
	w->event.config = &w->hosts[host].daemon.config;
	daemon_event(w, host, &w->event);
}
