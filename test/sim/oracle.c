/* test/sim/oracle.c -- the invariants of DESIGN section 8, judged from what truly happened and not from what the nodes
 * believe. */
#include "test/sim/world.h"

#include <stdarg.h>
#include <stdio.h>

#define HEALTHY_FOR  (5 * HA_SEC)
#define LOOP_HEARING (55 * HA_SEC) /* S9 says 60 s; the oracle measures with other eyes */
#define LOOP_GAP     (2 * HA_SEC)  /* a longer gap between two messages is no hearing */
#define PROBE_ROUND  (200 * HA_MS) /* probes closer together belong to one round */
#define ORDER_GOOD   (200 * HA_MS) /* section 3.4: sent within so long, or reported as not sent */
#define BOOTED_FOR   (20 * HA_SEC) /* a harmless power-down may hit a host that somebody is just switching on */

void
oracle_violation(struct world *w, const char *format, ...)
{
	va_list arguments;

	if (w->failed)
		return;
	w->failed = true;
	va_start(arguments, format);
	vsnprintf(w->failure, sizeof(w->failure), format, arguments);
	va_end(arguments);
	trace(w, -1, "VIOLATION: %s", w->failure);
}

static bool
about_to_add(const struct sim_host *h)
{
	for (unsigned i = 0; i < h->daemon.pending_count; i++) {
		if (h->daemon.pending[i].type == NODE_ADD_VIP)
			return true;
	}
	return h->adding > 0;
}

/* S3: from the request to add until the kernel shows no address. A frozen host counts, a dead one does not. */
bool
oracle_holder(const struct world *w, unsigned host)
{
	const struct sim_host *h = &w->hosts[host];

	return h->powered && (kernel_has_vip(w, host) || about_to_add(h));
}

int
oracle_serving(const struct world *w)
{
	for (unsigned host = 0; host < HOSTS; host++) {
		const struct sim_host *h = &w->hosts[host];
		bool all = true;

		for (unsigned i = 0; i < VIPS; i++)
			all = all && h->vip[i] == ((h->vips & (1U << i)) != 0);
		if (h->powered && !h->frozen && all && h->service && h->daemon.alive &&
			h->daemon.node.state == NODE_MASTER)
			return (int)host;
	}
	return -1;
}

/* Is there a host that clients reach, whatever its daemon does? */
static bool
served(const struct world *w)
{
	for (unsigned host = 0; host < HOSTS; host++) {
		const struct sim_host *h = &w->hosts[host];
		bool all = h->powered && !h->frozen && h->service;

		for (unsigned i = 0; i < VIPS; i++)
			all = all && (h->vip[i] || (h->vips & (1U << i)) == 0);
		if (all)
			return true;
	}
	return false;
}

static void
count_outage(struct world *w)
{
	bool is = served(w);

	if (is && w->lost_at != HA_NEVER) {
		ha_time steps = (w->now - w->lost_at) / OUTAGE_STEP;

		w->stats.outages[ha_time_min(steps, OUTAGE_STEPS - 1)]++;
		w->lost_at = HA_NEVER;
	} else if (!is && w->lost_at == HA_NEVER && w->last_holder >= 0) {
		w->lost_at = w->now;
	}
}

void
oracle_state(struct world *w)
{
	bool holds[HOSTS] = { oracle_holder(w, 0), oracle_holder(w, 1) };

	if (w->operator_lies)
		return;
	if (holds[0] && holds[1])
		oracle_violation(w, "two holders");
	if (w->hosts[0].powered && w->hosts[0].service && w->hosts[1].powered && w->hosts[1].service)
		oracle_violation(w, "two writers");
	for (int host = 0; host < HOSTS; host++) {
		if (holds[host] && w->last_holder != host) {
			w->stats.takeovers += w->last_holder >= 0;
			w->off_at_takeover = !w->hosts[1 - host].powered;
			w->last_holder = host;
		}
	}
	count_outage(w);
}

static void
begin_claim(struct world *w, struct oracle *o, uint64_t number)
{
	o->claim = number;
	o->claim_began = w->now;
	o->consented_at = 0;
	o->granted = o->dead = o->operator_said = o->down_answered = o->was_on = o->wire_answered = false;
	o->off_count = o->probes = 0;
	o->outlets_down = o->outlets_off = 0;
	o->saw_off = false;
	o->down_session = o->probed_at = 0;
}

/* After the node has decided, before its actions are executed. */
void
oracle_step(struct world *w, unsigned host)
{
	struct oracle *o = &w->oracle[host];
	uint64_t claim = w->hosts[host].daemon.node.claim.number;

	if (claim != 0 && claim != o->claim)
		begin_claim(w, o, claim);
	if (o->consented_at == 0 && claim != 0 && w->hosts[host].daemon.node.claim.proof == NODE_PROOF_CONSENT)
		o->consented_at = w->now;
}

/* Every outlet of a level was switched off in this claim and seen off after that; and the machine is off in truth. */
static bool
outlets_prove(const struct world *w, unsigned host)
{
	const struct fence_topology_config *c = &w->config.node[host].topology;
	const struct oracle *o = &w->oracle[host];

	for (unsigned i = 0; i < c->count; i++) {
		/* It may have been switched on again by hand; it boots as a backup. */
		bool all = !w->hosts[1 - host].powered ||
			   ha_time_since(w->now, w->hosts[1 - host].power_since) < w->config.boot_time;

		for (unsigned k = 0; k < c->count; k++)
			all = all && (c->level[k] != c->level[i] ||
					     (o->outlets_down & o->outlets_off & UINT32_C(1) << k) != 0);
		if (all)
			return true;
	}
	return false;
}

static bool
off_is_proven(const struct world *w, unsigned host)
{
	const struct oracle *o = &w->oracle[host];
	const struct fence_plan_config *config = &w->hosts[host].daemon.node.config.fence;

	return o->off_count >= config->samples && (config->action == FENCE_ACTION_CHECK || o->down_answered) &&
	       (!o->was_on || o->off_last - o->off_first >= config->settle);
}

/* S1, S2, S4, S5. */
static void
judge_add(struct world *w, unsigned host)
{
	const struct sim_host *h = &w->hosts[host];
	struct oracle *o = &w->oracle[host];

	if (h->daemon.record_failed)
		return; /* not executed */
	if (h->record.state != NODE_RECORD_HOLDING)
		oracle_violation(w, "node %u adds without a record", host);
	if (o->entitled)
		return;
	if (h->record.claim != o->claim || o->dead)
		oracle_violation(w, "node %u adds without a claim, or after a grant of its own", host);
	if (!o->granted && !o->operator_said && !off_is_proven(w, host) && !outlets_prove(w, host))
		oracle_violation(w, "node %u adds without a proof (%u off readings, power-down %sanswered)", host,
			o->off_count, o->down_answered ? "" : "not ");
	if (o->probes < (o->granted ? 1 : NODE_PROBES) || o->wire_answered)
		oracle_violation(w, "node %u adds with %u probes, wire %s", host, o->probes,
			o->wire_answered ? "answered" : "silent");
	o->entitled = true;
}

static void
judge_message(struct world *w, unsigned host, const struct vrrp_message *m)
{
	const struct sim_host *h = &w->hosts[host];
	struct oracle *peer = &w->oracle[1 - host];

	if (m->grant == 0)
		return;
	if (oracle_holder(w, host) && !w->operator_lies)
		oracle_violation(w, "node %u grants while it holds", host);
	if (h->service && !w->operator_lies)
		oracle_violation(w, "node %u grants while its services run", host);
	w->oracle[host].dead = true;
	/* A second machine with the peer's name grants nothing (FAULTS 79). */
	if (m->grant == peer->claim && ha_guid_same(&m->guid, &w->config.node[host].guid))
		peer->granted = true;
}

void
oracle_action(struct world *w, unsigned host, const struct node_action *action)
{
	struct oracle *o = &w->oracle[host];

	if (action->type == NODE_SEND) {
		judge_message(w, host, &action->message);
	} else if (action->type == NODE_FENCE_ORDER && action->order.type == FENCE_ORDER_POWER_DOWN) {
		if (o->consented_at != 0)
			oracle_violation(w, "node %u orders the power-down of a peer that consents", host);
	} else if (action->type == NODE_ADD_VIP) {
		judge_add(w, host);
	} else if (action->type == NODE_WRITE_RECORD && action->record.state == NODE_RECORD_NONE &&
		   !w->hosts[host].record_fails) {
		if (oracle_holder(w, host))
			oracle_violation(w, "node %u forgets its record while it holds", host);
		o->entitled = false;
	} else if (action->type == NODE_PROBE) {
		/* A new round: what was answered before, while the peer was on, says nothing about now. */
		if (ha_time_since(w->now, o->probed_at) > PROBE_ROUND)
			o->wire_answered = false;
		o->probes++;
		o->probed_at = w->now;
	}
}

/* S6, S10: count what an "off" needs, from the answers that reach the daemon. */
void
oracle_report(struct world *w, unsigned host, const struct fence_report *r)
{
	struct oracle *o = &w->oracle[host];
	const struct node_config *config = &w->hosts[host].daemon.node.config;
	const struct ha_guid *peer = &w->config.node[1 - host].guid;
	ha_time asked = w->hosts[host].epoch + r->asked;
	bool peers = r->guid_known && ha_guid_same(&r->guid, peer);

	if (r->type != FENCE_REPORT_ANSWER || r->session == 0 || asked < o->claim_began)
		return;
	if (!peers && !config->fence.guid_none)
		return;
	if (r->power == FENCE_POWER_UNKNOWN) {
		if (r->error != FENCE_OK && r->error != FENCE_REFUSED && r->error != FENCE_PRIVILEGE)
			return;
		o->down_answered = true; /* READ answers carry a power: this one was a power command */
		o->down_session = r->session;
		o->down_answered_at = w->now;
		o->off_count = 0;
		return;
	}
	if (r->power == FENCE_POWER_ON || (o->down_answered && r->session != o->down_session)) {
		o->was_on = o->was_on || r->power == FENCE_POWER_ON;
		o->off_count = 0;
		return;
	}
	/* What comes to a question that was given up is no answer: the node was away, and has asked again. */
	o->saw_off = o->saw_off || r->token == w->hosts[host].daemon.node.plan.read_token;
	if ((config->fence.action != FENCE_ACTION_CHECK && (!o->down_answered || asked < o->down_answered_at)) ||
		(o->off_count > 0 && asked < o->off_last + FENCE_SAMPLE_GAP))
		return;
	if (o->off_count++ == 0)
		o->off_first = asked;
	o->off_last = asked;
}

void
oracle_heard(struct world *w, unsigned host)
{
	struct oracle *o = &w->oracle[host];
	ha_time gap = ha_time_since(w->now, o->heard_at);

	if (gap < LOOP_GAP)
		o->heard_total += gap;
	o->heard_at = w->now;
}

/* A host that nobody has a reason to power down: it runs, and can be heard, and has for a while. */
static bool
healthy(const struct world *w, unsigned host, unsigned judge)
{
	const struct sim_host *h = &w->hosts[host], *j = &w->hosts[judge];
	bool path = false;

	for (unsigned link = 0; link < LINKS; link++)
		path = path ||
		       (w->good_since[link] != HA_NEVER && ha_time_since(w->now, w->good_since[link]) > HEALTHY_FOR);
	return path && h->daemon.alive && !h->daemon.stalled && !h->frozen &&
	       ha_time_since(w->now, h->daemon.running_since) > HEALTHY_FOR && !j->daemon.stalled && !j->frozen &&
	       ha_time_since(w->now, j->daemon.running_since) > HEALTHY_FOR && h->daemon.node.state != NODE_DIRTY &&
	       h->daemon.node.state != NODE_INIT; /* says nothing until it is clean */
}

/* A power command leaves for the IMM. */
void
oracle_power_order(struct world *w, unsigned host, const struct sim_order *order)
{
	const struct sim_worker *k = &w->hosts[host].worker;
	const struct sim_imm *imm = &w->imms[w->imm_target[host]];
	const struct node_config *config = &w->hosts[host].daemon.node.config;

	trace(w, (int)host, "%s leaves", order->type == FENCE_ORDER_POWER_DOWN ? "power-down" : "power-up");
	if (!config->fence.guid_none && (!k->guid_known || !ha_guid_same(&imm->guid, &w->config.node[1 - host].guid)))
		oracle_violation(w, "node %u commands an IMM that is not its peer's", host);
	if (k->guid_known && ha_guid_same(&imm->guid, &w->config.node[host].guid))
		oracle_violation(w, "node %u commands its own IMM", host);
	if (order->type != FENCE_ORDER_POWER_DOWN)
		return;
	w->power_downs++;
	if (config->fence.action == FENCE_ACTION_CHECK)
		oracle_violation(w, "node %u powers down with action \"check\"", host);
	/* S9 across restarts: what permits the next one is spent on disk before this one leaves. */
	if (!w->hosts[host].daemon.node.plan.down_harmless && w->hosts[1 - host].powered &&
		!w->hosts[host].memory.credit_spent && !w->hosts[host].daemon.node.remember_failed)
		oracle_violation(w, "node %u powers down before it is written down", host);
	/* Once ordered it may overtake the order to forget it, for as long as an order is good. */
	if (w->hosts[1 - host].powered && w->oracle[host].consented_at != 0) {
		w->stats.kills_consenting++;
		if (ha_time_since(w->now, w->oracle[host].consented_at) > ORDER_GOOD)
			oracle_violation(w, "node %u powers down a peer that consents", host);
	}
	if (w->hosts[1 - host].powered && healthy(w, 1 - host, host)) {
		w->stats.kills_healthy++;
		oracle_violation(w, "node %u powers down a healthy peer", host);
	}
}

void
oracle_outlet_order(struct world *w, unsigned host, unsigned outlet, enum fence_order_type type)
{
	const struct node *n = &w->hosts[host].daemon.node;

	trace(w, (int)host, "outlet %u: %s leaves", outlet, type == FENCE_ORDER_POWER_DOWN ? "off" : "on");
	if (type != FENCE_ORDER_POWER_DOWN)
		return;
	w->power_downs++;
	if (n->config.fence.action == FENCE_ACTION_CHECK)
		oracle_violation(w, "node %u switches an outlet with action \"check\"", host);
	if (n->state != NODE_CLAIMING && w->hosts[host].daemon.alive && !w->hosts[host].daemon.stalled &&
		!w->hosts[host].frozen)
		oracle_violation(w, "node %u switches an outlet off without a claim", host);
	if (n->topology.feeds[outlet].power == FENCE_POWER_ON && !w->hosts[host].memory.credit_spent &&
		!n->remember_failed)
		oracle_violation(w, "node %u switches an outlet off before it is written down", host);
	if (w->hosts[1 - host].powered && healthy(w, 1 - host, host)) {
		w->stats.kills_healthy++;
		oracle_violation(w, "node %u switches off the outlet of a healthy peer", host);
	}
}

void
oracle_outlet_report(struct world *w, unsigned host, const struct fence_report *r)
{
	struct oracle *o = &w->oracle[host];
	uint32_t bit = UINT32_C(1) << (r->device - 1);

	if (r->type != FENCE_REPORT_ANSWER || r->error != FENCE_OK || w->hosts[host].epoch + r->asked < o->claim_began)
		return;
	if (r->power == FENCE_POWER_UNKNOWN)
		o->outlets_down |= bit; /* in a claim nothing is switched on */
	else if (r->power == FENCE_POWER_ON)
		o->outlets_off &= ~bit;
	else if (o->outlets_down & bit)
		o->outlets_off |= bit;
}

/* The power of a host was just cut by its peer. */
void
oracle_killed(struct world *w, unsigned shooter, unsigned victim)
{
	struct oracle *o = &w->oracle[shooter];
	const struct sim_host *h = &w->hosts[shooter];
	uint64_t incarnation = h->daemon.node.window.my_incarnation;

	w->kills[victim]++;
	w->stats.kills++;
	if (ha_time_since(w->now, w->hosts[victim].power_since) < BOOTED_FOR)
		return;
	/* One permission covers all levels of one fencing, until one of them has worked. A disk that could not be
	 * written keeps no node from fencing, and what was not written a new daemon cannot know. */
	if (o->killed && (o->unwritten == 0 || o->unwritten == incarnation) && o->heard_total < LOOP_HEARING &&
		(o->killed_by != o->claim || o->saw_off))
		oracle_violation(w, "fence loop: node %u powers its peer down again after %llu s of hearing it",
			shooter, (unsigned long long)(o->heard_total / HA_SEC));
	/* An "off" of before, of an IMM that restarts, says nothing of this one. */
	o->saw_off = o->saw_off && o->killed_by == o->claim;
	o->killed = true;
	o->killed_by = o->claim;
	o->unwritten = h->memory.credit_spent ? 0 : incarnation;
	o->heard_total = 0;
}

/* Power-off ends every holding, but not what the shooter remembers on disk. */
void
oracle_forget(struct world *w, unsigned host)
{
	w->oracle[host].entitled = false;
	w->oracle[host].claim = 0;
	oracle_state(w);
}
