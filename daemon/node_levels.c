/* The levels behind the peer's IMM: its outlets. What they prove is decided in fence/topology.c. */
#include "daemon/node_step.h"

#include <string.h>

#define OFF_MAY_COME (5 * HA_SEC) /* what an agent that was killed had sent is done by then */

static uint32_t
all_feeds(const struct node *n)
{
	return (UINT32_C(1) << n->config.topology.count) - 1;
}

/* What is remembered of the outlets of another configuration is of other outlets. */
static uint32_t
remembered(const struct node *n, uint32_t mask)
{
	bool same = n->memory.outlets_group == n->config.config_groups[1];

	return same ? mask & all_feeds(n) : 0;
}

/* S10: what this node switched off is not known to feed the peer any more. */
static void
forget_off(struct step *s, uint32_t mask)
{
	struct node *n = s->n;

	if ((n->memory.outlets_off & mask) == 0)
		return;
	n->memory.outlets_off &= ~mask;
	step_remember(s);
}

/* Whatever `action` says: that is for a peer that is off. */
static void
owe(struct step *s, uint32_t mask)
{
	struct node *n = s->n;
	uint32_t owed = remembered(n, n->memory.outlets_owed) | remembered(n, mask);

	if (owed == n->memory.outlets_owed)
		return;
	n->memory.outlets_owed = owed;
	step_remember(s);
}

/* What this node may have switched off, and what says nothing of the peer any more, is to be on again: else nobody
 * could ever tell by it whether the peer is off. */
static void
give_back(struct step *s)
{
	owe(s, s->n->memory.outlets_off);
	forget_off(s, UINT32_MAX);
}

/* `action` = "off": and it is. */
static void
leave_off(struct step *s)
{
	struct node *n = s->n;
	uint32_t mask = fence_topology_tried_mask(&n->topology);

	if (n->config.fence.action == FENCE_ACTION_REBOOT || (n->memory.outlets_owed & mask) == 0)
		return;
	n->memory.outlets_owed &= ~mask;
	step_remember(s);
}

static void
remember_ordered(struct step *s, uint32_t mask)
{
	struct node *n = s->n;

	n->memory.outlets_off = remembered(n, n->memory.outlets_off);
	n->memory.outlets_owed = remembered(n, n->memory.outlets_owed);
	n->claim.outlets_off |= mask & ~n->memory.outlets_off;
	n->memory.outlets_off |= mask;
	if (n->config.fence.action == FENCE_ACTION_REBOOT) {
		n->claim.outlets_owed |= mask & ~n->memory.outlets_owed;
		n->memory.outlets_owed |= mask;
	}
	n->memory.outlets_group = n->config.config_groups[1];
	step_remember(s);
}

static void
carry_out(struct step *s, const struct fence_topology_update *update)
{
	uint32_t ordered = 0;

	for (unsigned i = 0; i < update->order_count; i++) {
		const struct fence_order *order = &update->orders[i];

		step_act(s, NODE_FENCE_ORDER)->order = *order;
		if (order->type == FENCE_ORDER_POWER_DOWN)
			ordered |= UINT32_C(1) << (order->device - 1);
	}
	if ((ordered & s->n->repower.owed) != 0)
		fence_repower_end(&s->n->repower);
	if (ordered != 0) {
		s->n->outlets_ordered = s->now;
		remember_ordered(s, ordered);
	}
	for (unsigned i = 0; i < update->note_count; i++) {
		const struct fence_topology_note *note = &update->notes[i];

		step_note(
			s, NODE_NOTE_LEVEL, note->type, note->number << 16 | (uint64_t)note->device << 8 | note->level);
	}
}

static void
run(struct step *s, enum fence_topology_event_type type, const struct fence_report *report, bool dirty)
{
	struct node *n = s->n;
	struct fence_topology_event event = { .now = s->now,
		.type = type,
		.report = report,
		.facts = claim_facts(n, s->now),
		.drained = n->drained_at,
		.level1_failed = fence_plan_failed(&n->plan, s->now),
		.noise = n->peer.last_invalid,
		.level1_alive = n->plan.alive_asked,
		.level1_silent = n->plan.silent_asked,
		.dirty = dirty,
		.level1_killed = n->plan.killed || n->plan.spent,
		.off_mask = remembered(n, n->memory.outlets_off) };
	struct fence_topology_update update = fence_topology_step(&n->topology, &event);

	carry_out(s, &update);
	if (n->topology.disproved)
		give_back(s);
	if (n->topology.phase == FENCE_TOPOLOGY_OFF) {
		leave_off(s);
		claim_outlets_off(s);
	} else {
		claim_outlets_doubted(s);
	}
}

void
levels_begin(struct step *s)
{
	fence_repower_end(&s->n->repower);
	run(s, FENCE_TOPOLOGY_BEGIN, NULL, false);
}

void
levels_run(struct step *s, enum fence_topology_event_type type)
{
	if (s->n->state == NODE_CLAIMING)
		run(s, type, NULL, false);
}

/* What was certainly not switched off in this claim is not remembered as if it were: somebody else may do it. */
static void
forget_unsent(struct step *s)
{
	struct node *n = s->n;
	uint32_t unsent = ~fence_topology_fired_mask(&n->topology);

	if (((n->claim.outlets_off | n->claim.outlets_owed) & unsent) == 0)
		return;
	n->memory.outlets_off &= ~(n->claim.outlets_off & unsent);
	n->memory.outlets_owed &= ~(n->claim.outlets_owed & unsent);
	step_remember(s);
}

/* An agent that runs can be killed, but what it has sent cannot be taken back: it may take effect after the claim. */
static void
expect_late(struct step *s)
{
	struct node *n = s->n;

	for (unsigned i = 0; i < n->config.topology.count; i++) {
		const struct fence_feed *feed = &n->topology.feeds[i];

		if (feed->token == 0 || feed->order != FENCE_ORDER_POWER_DOWN)
			continue;
		n->feeds[i].late_token = feed->token;
		n->feeds[i].late_until = s->now + n->config.topology.patience[i] + OFF_MAY_COME;
	}
}

/* S9: the last power-down is as young as its last chance to take effect. */
static void
late_ended(struct step *s, const struct fence_report *r)
{
	struct node *n = s->n;
	struct node_feed *feed = &n->feeds[r->device - 1];

	if (r->type != FENCE_REPORT_ANSWER || r->token == 0 || r->token != feed->late_token)
		return;
	feed->late_token = 0;
	feed->late_until = r->error == FENCE_NOT_SENT ? 0 : s->now + OFF_MAY_COME;
	if (r->error == FENCE_NOT_SENT)
		return;
	n->memory.credit_spent = true;
	n->peer.credit_heard = 0;
	step_remember(s);
}

/* The feeds may be others now. What was sent is on its way to one of them all the same. */
void
levels_reload(struct node *n, const struct node_config *config)
{
	bool same = n->config.config_groups[1] == config->config_groups[1];
	ha_time late = 0;

	for (unsigned i = 0; i < FENCE_FEEDS; i++)
		late = ha_time_max(late, n->feeds[i].late_until);
	for (unsigned i = 0; i < FENCE_FEEDS; i++) {
		const struct node_feed *old = &n->feeds[i];

		n->feeds[i] = (struct node_feed){ .late_token = same ? old->late_token : 0,
			.late_until = same ? old->late_until : late };
	}
}

/* What is switched on before that could go off again, and nobody would know. */
static bool
late_pending(const struct node *n)
{
	for (unsigned i = 0; i < n->config.topology.count; i++)
		if (n->now < n->feeds[i].late_until)
			return true;
	return false;
}

void
levels_end(struct step *s)
{
	struct fence_topology_event event = { .now = s->now, .type = FENCE_TOPOLOGY_END };
	struct fence_topology_update update;

	forget_unsent(s);
	expect_late(s);
	update = fence_topology_step(&s->n->topology, &event);
	carry_out(s, &update);
}

void
levels_worker(struct step *s)
{
	struct node *n = s->n;

	for (unsigned i = 0; i < n->config.topology.count; i++) {
		n->feeds[i].known = true;
		n->feeds[i].error = FENCE_WORKER;
	}
	fence_repower_end(&n->repower);
	levels_run(s, FENCE_TOPOLOGY_WORKER);
}

static void
repowered(struct step *s, struct fence_repower_update update)
{
	struct node *n = s->n;

	if (update.has_order)
		step_act(s, NODE_FENCE_ORDER)->order = update.order;
	if (!update.moved)
		return;
	step_note(s, NODE_NOTE_OUTLET, update.feed, update.done);
	if (!update.done && n->state == NODE_CLAIMING)
		return; /* nobody serves: not for ever */
	n->memory.outlets_owed &= ~(UINT32_C(1) << update.feed);
	step_remember(s);
}

static void
look_at_feed(struct step *s, const struct fence_report *r)
{
	struct node_feed *feed = &s->n->feeds[r->device - 1];

	if (r->type == FENCE_REPORT_SENT || r->error == FENCE_NOT_SENT)
		return;
	feed->known = true;
	feed->error = r->error;
	if (r->error != FENCE_OK)
		return;
	feed->checked = s->now;
	if (r->power == FENCE_POWER_UNKNOWN)
		return;
	if (r->power == FENCE_POWER_ON && s->n->state != NODE_CLAIMING)
		forget_off(s, UINT32_C(1) << (r->device - 1)); /* it was switched on again */
	feed->power = r->power;
	feed->asked = r->asked;
	feed->rtt = ha_time_since(r->answered, r->asked);
}

void
levels_report(struct step *s)
{
	struct node *n = s->n;
	const struct fence_report *r = &s->event->report;

	if (r->device == 0 || r->device > n->config.topology.count)
		return;
	look_at_feed(s, r);
	late_ended(s, r);
	if (n->state == NODE_CLAIMING)
		run(s, FENCE_TOPOLOGY_REPORT, r, false);
	else
		repowered(s, fence_repower_report(&n->repower, s->now, r));
}

/* S10: who speaks has power. What was switched off here is no longer known to feed it. */
void
levels_heard(struct step *s, bool dirty)
{
	struct node *n = s->n;
	bool firing = n->state == NODE_CLAIMING && fence_topology_committed(&n->topology);

	if (n->state == NODE_CLAIMING)
		run(s, FENCE_TOPOLOGY_HEARD, NULL, dirty);
	if (!firing)
		give_back(s);
	else if (!dirty)
		owe(s, fence_topology_fired_mask(&n->topology));
}

/* S8: nothing in it is believed, but who is off sends nothing. */
void
levels_noise(struct step *s)
{
	struct node *n = s->n;

	if (n->state != NODE_CLAIMING || !fence_topology_committed(&n->topology))
		forget_off(s, UINT32_MAX);
}

/* S5: somebody has the VIP although these outlets are off. */
void
levels_wire_answer(struct step *s)
{
	if (s->n->topology.first_down != 0)
		give_back(s);
}

static ha_time
patience(const struct node *n)
{
	ha_time longest = 0;

	for (unsigned i = 0; i < n->config.topology.count; i++)
		longest = ha_time_max(longest, n->config.topology.patience[i]);
	return longest;
}

/* Outlets to be switched on now. In a claim those that are no proof in it: with them the peer's IMM comes back, and the
 * peer, and one of the two says what is so. */
static uint32_t
due(const struct node *n)
{
	uint32_t owed = remembered(n, n->memory.outlets_owed);

	if (late_pending(n) || (n->outlets_ordered != 0 && n->now < n->outlets_ordered + OFF_MAY_COME))
		return 0;
	if (n->state == NODE_CLAIMING)
		return owed & fence_topology_useless_mask(&n->topology);
	return n->state == NODE_MASTER || (n->peer.heard && n->state == NODE_BACKUP) ? owed : 0;
}

static bool
given_up(const struct node *n, ha_time now)
{
	return n->repower.failed && (n->state != NODE_CLAIMING || now < n->repower.ordered_at + FENCE_REPOWER_PAUSE);
}

void
levels_timer(struct step *s)
{
	struct node *n = s->n;
	uint32_t owed = due(n);

	if (n->config.topology.count == 0)
		return;
	if (owed != 0 && n->repower.owed == 0 && !given_up(n, s->now))
		fence_repower_begin(&n->repower, s->now, owed, patience(n));
	repowered(s, fence_repower_timer(&n->repower, s->now));
}

ha_time
levels_deadline(const struct node *n)
{
	ha_time at = fence_topology_deadline(&n->topology);

	if (n->topology.phase == FENCE_TOPOLOGY_WAITING)
		at = n->plan.good_at + FENCE_LEVEL_PATIENCE > n->now ? n->plan.good_at + FENCE_LEVEL_PATIENCE
								     : HA_NEVER;
	return at;
}

/* Is a whole level ready, as far as its outlets say? */
bool
levels_can_fence(const struct node *n)
{
	for (unsigned i = 0; i < n->config.topology.count; i++) {
		bool ready = true;

		for (unsigned k = 0; k < n->config.topology.count; k++) {
			const struct node_feed *feed = &n->feeds[k];

			if (n->config.topology.level[k] == n->config.topology.level[i])
				ready = ready && feed->known && feed->error == FENCE_OK &&
					feed->power == FENCE_POWER_ON;
		}
		if (ready)
			return true;
	}
	return false;
}

bool
levels_trouble(const struct node *n)
{
	for (unsigned i = 0; i < n->config.topology.count; i++) {
		const struct node_feed *feed = &n->feeds[i];

		if (feed->known && feed->error != FENCE_OK)
			return true;
		/* Off although the machine runs: it feeds nothing. */
		if (feed->power == FENCE_POWER_OFF && n->peer.heard && feed->asked > n->peer.heard_from &&
			n->memory.outlets_owed == 0)
			return true;
	}
	return false;
}
