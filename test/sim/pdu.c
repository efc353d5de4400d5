#include "test/sim/pdu.h"

#include "test/sim/world.h"

#include <string.h>

#define MONITOR (20 * HA_SEC)

static unsigned
count(const struct world *w, unsigned host)
{
	return w->config.node[1 - host].topology.count; /* of the outlets that feed it */
}

void
pdu_init(struct world *w)
{
	memset(&w->pdu, 0, sizeof(w->pdu));
	for (unsigned host = 0; host < HOSTS; host++)
		for (unsigned i = 0; i < SIM_OUTLETS; i++)
			w->pdu.outlets[host][i] = (struct sim_outlet){ .on = true, .reachable = true, .feeds = true };
}

bool
pdu_all_off(const struct world *w, unsigned host)
{
	for (unsigned i = 0; i < count(w, host); i++)
		if (w->pdu.outlets[host][i].on)
			return false;
	return count(w, host) > 0;
}

/* Levels stand behind each other: one that is wholly off takes the power. */
bool
pdu_feeds(const struct world *w, unsigned host)
{
	const uint8_t *level = w->config.node[1 - host].topology.level;

	for (unsigned i = 0; i < count(w, host); i++) {
		bool live = false;

		for (unsigned k = 0; k < count(w, host); k++)
			live = live ||
			       (level[k] == level[i] && (w->pdu.outlets[host][k].on || !w->pdu.outlets[host][k].feeds));
		if (!live)
			return false;
	}
	return true;
}

static void
power_returns(struct world *w, const struct sim_event *event)
{
	if (pdu_feeds(w, event->host))
		host_power_on(w, event->host);
}

void
pdu_switch(struct world *w, unsigned host, unsigned outlet, bool on)
{
	bool fed = pdu_feeds(w, host);

	trace(w, -1, "outlet %u of host %u: %s", outlet, host, on ? "on" : "off");
	w->pdu.outlets[host][outlet].on = on;
	if (fed && !pdu_feeds(w, host)) {
		w->imms[host].alive = false;
		w->imms[host].epoch++;
		if (w->hosts[host].powered)
			w->stats.power_downs++;
		host_power_off(w, host);
	} else if (!fed && pdu_feeds(w, host)) {
		w->imms[host].alive = true;
		imm_reset(w, host, sim_between(&w->random, 2 * HA_SEC, 20 * HA_SEC), 0);
		world_push(w, HA_SEC, SIM_FREE, host, power_returns, 0, 0); /* power restore policy: on */
	}
}

void
pdu_heal(struct world *w)
{
	for (unsigned host = 0; host < HOSTS; host++) {
		for (unsigned i = 0; i < count(w, host); i++) {
			w->pdu.outlets[host][i].reachable = w->pdu.outlets[host][i].feeds = true;
			w->pdu.outlets[host][i].stuck_on = false;
			if (!w->pdu.outlets[host][i].on)
				pdu_switch(w, host, i, true);
		}
	}
}

static void
report(struct world *w, unsigned host, unsigned outlet, enum fence_report_type type, struct fence_report *r)
{
	const struct sim_agent_run *run = &w->pdu.runs[host][outlet];

	r->type = type;
	r->device = (uint8_t)(outlet + 1);
	r->token = run->token;
	r->session = 1;
	if (run->token == 0 && type == FENCE_REPORT_ANSWER)
		r->type = FENCE_REPORT_DEVICE;
	r->asked = run->asked;
	r->answered = host_clock(w, host);
	if (w->trace && run->token != 0)
		trace(w, (int)host, "agent of outlet %u: %s %s %s", outlet,
			type == FENCE_REPORT_SENT ? "sent" : "answer", fence_error_name(r->error),
			fence_power_name(r->power));
	oracle_outlet_report(w, host, r);
	w->event.type = NODE_EV_FENCE;
	w->event.report = *r;
	daemon_event(w, host, &w->event);
}

/* a: outlet, error, power; b: token and process */
static void
ends(struct world *w, const struct sim_event *event)
{
	unsigned outlet = event->a & 0xff;
	struct sim_agent_run *run = &w->pdu.runs[event->host][outlet];
	struct fence_report r = { .error = (enum fence_error)(event->a >> 8 & 0xff),
		.power = (enum fence_power)(event->a >> 16 & 0xff) };

	if (!run->used || run->token != (uint32_t)event->b || run->process != event->b >> 32 ||
		w->hosts[event->host].worker.process != run->process || !w->hosts[event->host].worker.up)
		return;
	run->used = false;
	report(w, event->host, outlet, FENCE_REPORT_ANSWER, &r);
}

static void
end_run(struct world *w, unsigned host, unsigned outlet, bool lives, ha_time delay, enum fence_error error,
	enum fence_power power)
{
	const struct sim_agent_run *run = &w->pdu.runs[host][outlet];

	if (lives)
		world_push(w, delay, SIM_HOST, host, ends, outlet | (uint64_t)error << 8 | (uint64_t)power << 16,
			run->token | (uint64_t)run->process << 32);
}

/* a: outlet */
static void
goes_late(struct world *w, const struct sim_event *event)
{
	pdu_switch(w, event->host, (unsigned)event->a, false);
}

/* The agent's request reaches the outlet: a: outlet, type; b: token and process. */
static void
arrives(struct world *w, const struct sim_event *event)
{
	unsigned outlet = event->a & 0xff, target = 1 - event->host;
	enum fence_order_type type = (enum fence_order_type)(event->a >> 8);
	struct sim_outlet *o = &w->pdu.outlets[target][outlet];
	const struct sim_agent_run *run = &w->pdu.runs[event->host][outlet];
	bool lives = run->used && run->token == (uint32_t)event->b && run->process == event->b >> 32;

	if (type == FENCE_ORDER_POWER_DOWN && o->late != 0) {
		if (o->late != HA_NEVER)
			world_push(w, o->late, SIM_FREE, target, goes_late, outlet, 0);
		return;
	}
	if (!lives && sim_chance(&w->random, 500))
		return; /* killed before it was sent */
	if (!o->reachable) {
		end_run(w, event->host, outlet, lives, sim_between(&w->random, 100 * HA_MS, 5 * HA_SEC),
			FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);
		return;
	}
	if (type == FENCE_ORDER_POWER_DOWN && !o->stuck_on && o->on) {
		bool fed = pdu_feeds(w, target), powered = w->hosts[target].powered;

		o->on = false;
		if (fed && !pdu_feeds(w, target) && powered)
			oracle_killed(w, event->host, target);
		o->on = true;
		pdu_switch(w, target, outlet, false);
	} else if (type == FENCE_ORDER_POWER_UP && !o->on) {
		pdu_switch(w, target, outlet, true);
	}
	end_run(w, event->host, outlet, lives, sim_between(&w->random, 10 * HA_MS, 300 * HA_MS), FENCE_OK,
		type != FENCE_ORDER_READ ? FENCE_POWER_UNKNOWN
		: o->on                  ? FENCE_POWER_ON
					 : FENCE_POWER_OFF);
}

static void
start_run(struct world *w, unsigned host, unsigned outlet, const struct fence_order *order)
{
	struct sim_agent_run *run = &w->pdu.runs[host][outlet];
	struct fence_report sent = { .error = FENCE_OK };

	run->asked = host_clock(w, host);
	if (order->type != FENCE_ORDER_READ)
		oracle_outlet_order(w, host, outlet, order->type);
	world_push(w, sim_between(&w->random, 20 * HA_MS, 600 * HA_MS), SIM_FREE, host, arrives,
		outlet | (uint64_t)order->type << 8, run->token | (uint64_t)run->process << 32);
	if (order->token != 0)
		report(w, host, outlet, FENCE_REPORT_SENT, &sent);
}

static void
refuse(struct world *w, const struct sim_event *event)
{
	struct fence_report r = { .type = FENCE_REPORT_ANSWER,
		.device = (uint8_t)(event->a & 0xff),
		.error = (enum fence_error)(event->a >> 8 & 0xff),
		.token = (uint32_t)event->b };

	w->event.type = NODE_EV_FENCE;
	w->event.report = r;
	daemon_event(w, event->host, &w->event);
}

/* Out of the socket: a: outlet, type; b: not_after on the host's clock */
static void
taken(struct world *w, const struct sim_event *event)
{
	unsigned outlet = event->a & 0xff;
	struct sim_agent_run *run = &w->pdu.runs[event->host][outlet];
	struct fence_order order = { .type = (enum fence_order_type)(event->a >> 8 & 0xff),
		.token = (uint32_t)(event->a >> 32),
		.not_after = event->b };
	const struct sim_worker *k = &w->hosts[event->host].worker;

	if (!k->up || !run->used || run->token != order.token || run->process != k->process)
		return;
	if (k->hung) {
		world_push(w, 100 * HA_MS, SIM_HOST, event->host, taken, event->a, event->b);
	} else if (host_clock(w, event->host) > order.not_after) {
		run->used = false;
		world_push(w, 0, SIM_DAEMON, event->host, refuse, (outlet + 1) | (uint64_t)FENCE_NOT_SENT << 8,
			order.token);
	} else {
		start_run(w, event->host, outlet, &order);
	}
}

void
pdu_order(struct world *w, unsigned host, const struct fence_order *order)
{
	unsigned outlet = order->device - 1u;
	struct sim_agent_run *run = &w->pdu.runs[host][outlet];
	struct sim_worker *k = &w->hosts[host].worker;
	enum fence_error error = !k->up ? FENCE_WORKER : FENCE_NOT_SENT;
	bool busy = run->used && run->process == k->process && run->token != 0;

	if (order->type == FENCE_ORDER_CANCEL) {
		if (!busy || run->token != order->token)
			return;
		run->used = false; /* killed: whether it did its work, nobody knows */
		world_push(
			w, HA_MS, SIM_DAEMON, host, refuse, order->device | (uint64_t)FENCE_TIMEOUT << 8, order->token);
		return;
	}
	if (!k->up || busy) {
		world_push(w, 0, SIM_DAEMON, host, refuse, order->device | (uint64_t)error << 8, order->token);
		return;
	}
	*run = (struct sim_agent_run){
		.used = true, .token = order->token, .process = k->process, .type = order->type
	};
	world_push(w, sim_between(&w->random, 20, HA_MS), SIM_HOST, host, taken,
		outlet | (uint64_t)order->type << 8 | (uint64_t)order->token << 32, order->not_after);
}

/* a: outlet; b: process */
static void
looks(struct world *w, const struct sim_event *event)
{
	const struct fence_order look = { .type = FENCE_ORDER_READ };
	struct sim_agent_run *run = &w->pdu.runs[event->host][event->a];
	const struct sim_worker *k = &w->hosts[event->host].worker;

	if (!k->up || k->process != event->b)
		return;
	world_push(w, MONITOR, SIM_HOST, event->host, looks, event->a, event->b);
	if (k->hung || (run->used && run->process == k->process))
		return;
	*run = (struct sim_agent_run){ .used = true, .process = k->process };
	start_run(w, event->host, (unsigned)event->a, &look);
}

void
pdu_monitor(struct world *w, unsigned host)
{
	for (unsigned i = 0; i < w->config.node[host].topology.count; i++)
		world_push(w, (i + 1) * 100 * HA_MS, SIM_HOST, host, looks, i, w->hosts[host].worker.process);
}
