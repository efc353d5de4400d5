#include "fence/topology.h"

#define REREAD     (5 * HA_SEC)  /* while the power-down is not permitted yet */
#define ROUND_GAP  (300 * HA_MS) /* between rounds of readings while off is being confirmed */
#define ROUND_SLOW (2 * HA_SEC)  /* ... when that has taken a while */
#define SLOW_AFTER (10 * HA_SEC)

static void
note(struct fence_topology *t, struct fence_topology_update *update, enum fence_topology_note_type type,
	unsigned device, uint64_t number)
{
	if (update->note_count < FENCE_TOPOLOGY_NOTES)
		update->notes[update->note_count++] = (struct fence_topology_note){
			.type = type, .level = (uint8_t)t->level, .device = (uint8_t)device, .number = number
		};
}

static bool
in_level(const struct fence_topology *t, unsigned feed)
{
	return feed < t->config.count && t->config.level[feed] == t->level;
}

static void
order(struct fence_topology *t, unsigned feed, enum fence_order_type type, ha_time now,
	struct fence_topology_update *update)
{
	struct fence_feed *f = &t->feeds[feed];

	if (++t->last_token < FENCE_TOPOLOGY_TOKENS || t->last_token == UINT32_MAX)
		t->last_token = FENCE_TOPOLOGY_TOKENS;
	f->token = t->last_token;
	f->order = type;
	f->ordered_at = now;
	f->cancelled = false;
	update->orders[update->order_count++] = (struct fence_order){ .type = type,
		.device = (uint8_t)(feed + 1),
		.token = f->token,
		.session = type == FENCE_ORDER_READ ? 0 : 1, /* agents have none */
		.not_after = now + (type == FENCE_ORDER_READ ? FENCE_RETRY_CAP : FENCE_ORDER_LIFE) };
}

static void
cancel(struct fence_topology *t, unsigned feed, struct fence_topology_update *update)
{
	if (update->order_count < FENCE_TOPOLOGY_ORDERS)
		update->orders[update->order_count++] = (struct fence_order){ .type = FENCE_ORDER_CANCEL,
			.device = (uint8_t)(feed + 1),
			.token = t->feeds[feed].token,
			.not_after = HA_NEVER };
}

static bool
outstanding(const struct fence_topology *t)
{
	for (unsigned i = 0; i < t->config.count; i++)
		if (in_level(t, i) && t->feeds[i].token != 0)
			return true;
	return false;
}

static bool
all_down(const struct fence_topology *t)
{
	for (unsigned i = 0; i < t->config.count; i++)
		if (in_level(t, i) && !t->feeds[i].down)
			return false;
	return true;
}

static bool
all_off(const struct fence_topology *t)
{
	for (unsigned i = 0; i < t->config.count; i++)
		if (in_level(t, i) && t->feeds[i].power != FENCE_POWER_OFF)
			return false;
	return true;
}

static void
forget_rounds(struct fence_topology *t)
{
	t->rounds = 0;
	t->first_round = t->last_asked = t->last_answered = 0;
	t->judge_at = HA_NEVER;
}

static void
read_level(struct fence_topology *t, ha_time now, struct fence_topology_update *update)
{
	t->next_at = HA_NEVER;
	for (unsigned i = 0; i < t->config.count; i++)
		if (in_level(t, i) && t->feeds[i].token == 0)
			order(t, i, FENCE_ORDER_READ, now, update);
}

static unsigned
next_level(const struct fence_topology *t, unsigned above)
{
	unsigned next = 0;

	for (unsigned i = 0; i < t->config.count; i++)
		if (t->config.level[i] > above && (next == 0 || t->config.level[i] < next))
			next = t->config.level[i];
	return next;
}

static void
enter_level(struct fence_topology *t, unsigned level, ha_time at)
{
	t->level = level;
	t->phase = FENCE_TOPOLOGY_READING;
	t->next_at = at;
	t->down_since = all_down(t) ? at : 0;
	forget_rounds(t);
}

/* Section 3, step 6: the next device, then again with capped back-off, for ever. */
static void
level_failed(struct fence_topology *t, ha_time now, struct fence_topology_update *update)
{
	unsigned next = next_level(t, t->level);

	if (next != 0) {
		enter_level(t, next, now);
		if (t->failures == 0)
			note(t, update, FENCE_LEVEL_BEGINS, 0, 0);
		return;
	}
	t->failures++;
	enter_level(t, next_level(t, FENCE_LEVEL_FIRST - 1), now + t->backoff);
	t->backoff = ha_time_min(2 * t->backoff, FENCE_LEVEL_RETRY_CAP);
}

/* S9. A peer that is on needs every fact; outlets that this node has switched off already harm nobody, but who lives
 * behind a wrong one would be heard: they need the silence. And somebody may switch them on at any time: that they are
 * off was just read (`fresh`), or is asked again first. */
static void
try_order(struct fence_topology *t, const struct fence_topology_event *event, bool fresh,
	struct fence_topology_update *update)
{
	bool on = false;

	for (unsigned i = 0; i < t->config.count; i++) {
		const struct fence_feed *f = &t->feeds[i];

		if (!in_level(t, i) || f->down)
			continue;
		if (f->power != FENCE_POWER_ON && !f->live && !t->config.by_hand)
			return; /* it was when it was read; it is read again */
		on = on || f->power == FENCE_POWER_ON;
	}
	if ((on && t->spent) || t->disproved)
		return;
	if (on) {
		t->permit = fence_permit_kill(&event->facts);
	} else {
		struct fence_facts facts = event->facts;

		facts.wire_silent = true; /* asked when they are off (S5) */
		t->permit = fence_permit_harmless(&facts);
		if (t->permit == FENCE_PERMITTED && !facts.after_over)
			t->permit = FENCE_WAIT_DELAYS;
	}
	if (t->permit != FENCE_PERMITTED)
		return;
	if (!on && !fresh) {
		t->next_at = event->now;
		return;
	}
	t->phase = FENCE_TOPOLOGY_ORDERED;
	t->next_at = HA_NEVER;
	for (unsigned i = 0; i < t->config.count; i++)
		if (in_level(t, i) && !t->feeds[i].down)
			order(t, i, FENCE_ORDER_POWER_DOWN, event->now, update);
	note(t, update, FENCE_LEVEL_ORDERED, 0, on);
}

static bool
is_only_level(const struct fence_topology *t)
{
	return next_level(t, t->level) == 0 && next_level(t, FENCE_LEVEL_FIRST - 1) == t->level;
}

/* S9: what is on is not switched off (any more) in this claim. Another level may be off by this node's hand already, in
 * this claim or an earlier one. What only hearing the peer can change has had a second reading. */
static bool
passed_over(const struct fence_topology *t, const struct fence_facts *facts)
{
	enum fence_permit permit = fence_permit_kill(facts);
	bool lasting =
		permit == FENCE_WAIT_CREDIT || permit == FENCE_WAIT_HEARD || permit == FENCE_WAIT_HEARD_SINCE_LOSS;

	if (t->config.by_hand)
		return false;
	return t->spent || facts->used_up || (lasting && t->phase == FENCE_TOPOLOGY_ON && !is_only_level(t));
}

static void
note_on(struct fence_topology *t, struct fence_topology_update *update)
{
	bool noted = true;

	for (unsigned i = 0; i < t->config.count; i++) {
		if (!in_level(t, i))
			continue;
		noted = noted && t->feeds[i].noted_on;
		t->feeds[i].noted_on = true;
	}
	if (!noted)
		note(t, update, FENCE_LEVEL_ON, 0, 0);
}

/* Every feed of the level has said that it is on or off, and not all are down by this claim's order. */
static void
level_read(struct fence_topology *t, const struct fence_topology_event *event, struct fence_topology_update *update)
{
	bool on = false, unproven = false;

	if (t->killed && all_off(t))
		t->obeyed = true; /* although no answer came */
	for (unsigned i = 0; i < t->config.count; i++) {
		struct fence_feed *f = &t->feeds[i];

		if (!in_level(t, i) || f->down)
			continue;
		on = on || f->power == FENCE_POWER_ON;
		if (f->power == FENCE_POWER_ON || f->live || t->config.by_hand)
			continue;
		if (!f->unproven)
			note(t, update, FENCE_LEVEL_UNPROVEN, i + 1, 0);
		f->unproven = unproven = true;
	}
	if (unproven || (on && passed_over(t, &event->facts))) {
		level_failed(t, event->now, update);
		return;
	}
	note_on(t, update);
	t->phase = FENCE_TOPOLOGY_ON;
	t->next_at = event->now + REREAD;
	try_order(t, event, true, update);
}

static bool
rounds_suffice(const struct fence_topology *t)
{
	return t->rounds >= t->config.samples &&
	       ha_time_since(t->last_asked, t->first_round) >= ha_time_max(t->config.settle, FENCE_OUTLET_DRAIN);
}

/* All feeds are down by this claim's orders, and have been asked once more. */
static void
level_confirm(struct fence_topology *t, const struct fence_topology_event *event, struct fence_topology_update *update)
{
	ha_time asked = HA_NEVER, answered = 0;
	unsigned on = 0;

	t->phase = FENCE_TOPOLOGY_CONFIRMING;
	t->next_at = event->now + (event->now > t->down_since + SLOW_AFTER ? ROUND_SLOW : ROUND_GAP);
	for (unsigned i = 0; i < t->config.count; i++) {
		const struct fence_feed *f = &t->feeds[i];

		if (!in_level(t, i))
			continue;
		asked = ha_time_min(asked, f->asked);
		answered = ha_time_max(answered, f->answered);
		if (f->power != FENCE_POWER_OFF)
			on = i + 1;
	}
	if (on != 0) {
		forget_rounds(t);
		t->first_down = t->first_off = 0; /* who speaks now may live by this one */
		if (event->now >= t->down_since + t->config.power_timeout) {
			note(t, update, FENCE_LEVEL_STILL_ON, on, 0);
			level_failed(t, event->now, update);
		}
		return;
	}
	/* S6: asked after the last power-down was answered, and after the round before. */
	if (asked < t->down_since || (t->rounds > 0 && asked < t->last_answered + FENCE_SAMPLE_GAP))
		return;
	if (t->rounds++ == 0)
		t->first_round = answered;
	t->last_asked = asked;
	t->last_answered = ha_time_max(answered, event->now);
	if (t->first_off == 0)
		t->first_off = event->now;
	t->obeyed = true;
	if (t->first_down == 0)
		t->first_down = event->now;
	if (t->rounds <= t->config.samples)
		note(t, update, FENCE_LEVEL_SAMPLE, 0, t->rounds);
	if (rounds_suffice(t))
		t->judge_at = event->now;
}

/* Who has answered in this claim is asked once more when the outlets have long been off, and says nothing. */
static bool
level1_may_live(const struct fence_topology *t, const struct fence_topology_event *event)
{
	return event->level1_alive != 0 && event->level1_silent <= t->first_off + FENCE_OUTLET_DRAIN;
}

/* S13: only at a timer, with every socket emptied after the last reading: a word of the peer may wait in one. */
static void
judge_proof(struct fence_topology *t, const struct fence_topology_event *event, struct fence_topology_update *update)
{
	const struct fence_facts *facts = &event->facts;

	if (event->now >= t->judge_at)
		t->judge_at = HA_NEVER;
	if (t->phase != FENCE_TOPOLOGY_CONFIRMING || t->disproved || !rounds_suffice(t))
		return;
	/* The round after these may be under way: who says "on" in it ends them. */
	for (unsigned i = 0; i < t->config.count; i++)
		if (in_level(t, i) && t->feeds[i].power == FENCE_POWER_ON)
			return;
	if (event->drained < t->last_answered || !facts->fit || !facts->after_over || facts->maybe_alive)
		return;
	if (level1_may_live(t, event))
		return;
	t->phase = FENCE_TOPOLOGY_OFF;
	t->next_at = HA_NEVER;
	note(t, update, FENCE_LEVEL_OFF, 0, 0);
}

/* Every order of the level is answered, or as good as answered. */
static void
round_over(struct fence_topology *t, const struct fence_topology_event *event, struct fence_topology_update *update)
{
	bool failed = false;

	for (unsigned i = 0; i < t->config.count; i++)
		failed = failed || (in_level(t, i) && t->feeds[i].error != FENCE_OK);
	if (failed) {
		level_failed(t, event->now, update);
	} else if (t->phase == FENCE_TOPOLOGY_ORDERED) {
		t->phase = FENCE_TOPOLOGY_CONFIRMING;
		t->down_since = t->next_at = event->now;
		t->switched = t->switched || t->killed;
		if (t->first_down == 0)
			t->first_down = event->now;
		forget_rounds(t);
	} else if (all_down(t)) {
		level_confirm(t, event, update);
	} else {
		level_read(t, event, update);
	}
}

/* A power-down has left, or may have. */
static void
was_sent(struct fence_topology *t, struct fence_feed *f)
{
	f->tried = true;
	t->killed = t->killed || f->power == FENCE_POWER_ON;
	/* S9: the peer spoke before that was known. */
	t->spent = t->spent || (f->cancelled && f->power == FENCE_POWER_ON);
}

static void
feed_failed(struct fence_topology *t, unsigned feed, enum fence_error error, struct fence_topology_update *update)
{
	struct fence_feed *f = &t->feeds[feed];

	if (f->order == FENCE_ORDER_POWER_DOWN && error != FENCE_NOT_SENT)
		was_sent(t, f); /* it may have been executed */
	if (f->error != error || f->order == FENCE_ORDER_POWER_DOWN)
		note(t, update, FENCE_LEVEL_ERROR, feed + 1, error);
	f->token = 0;
	f->error = error;
}

static void
feed_answered(struct fence_topology *t, unsigned feed, const struct fence_report *report,
	struct fence_topology_update *update)
{
	struct fence_feed *f = &t->feeds[feed];

	if (report->error != FENCE_OK || (f->order == FENCE_ORDER_READ && report->power == FENCE_POWER_UNKNOWN)) {
		feed_failed(t, feed, report->error == FENCE_OK ? FENCE_GARBAGE : report->error, update);
		return;
	}
	if (f->order == FENCE_ORDER_READ && (f->error != FENCE_OK || f->answered == 0))
		t->back_at = report->answered;
	f->token = 0;
	f->error = FENCE_OK;
	if (f->order == FENCE_ORDER_POWER_DOWN) {
		was_sent(t, f);
		f->down = true;
		note(t, update, FENCE_LEVEL_ANSWERED, feed + 1, 0);
		return;
	}
	f->power = report->power;
	f->asked = report->asked;
	f->answered = report->answered;
	f->live = f->live || (report->power == FENCE_POWER_ON && !f->tried);
}

static void
doubt(struct fence_topology *t, ha_time now)
{
	forget_rounds(t);
	if (t->phase != FENCE_TOPOLOGY_OFF)
		return;
	t->phase = FENCE_TOPOLOGY_CONFIRMING;
	t->next_at = outstanding(t) ? HA_NEVER : now + ROUND_GAP;
}

static void
took_report(struct fence_topology *t, const struct fence_topology_event *event, struct fence_topology_update *update)
{
	const struct fence_report *report = event->report;
	unsigned feed = report->device - 1u;

	/* S1: tokens are never used twice, so an answer to an earlier claim's question fits none. */
	if (report->device == 0 || feed >= t->config.count || report->token == 0 ||
		report->token != t->feeds[feed].token)
		return;
	if (report->type == FENCE_REPORT_SENT && t->feeds[feed].order == FENCE_ORDER_POWER_DOWN)
		was_sent(t, &t->feeds[feed]);
	if (report->type != FENCE_REPORT_ANSWER)
		return;
	feed_answered(t, feed, report, update);
	/* S1: the round after those that proved it was under way. Somebody feeds it again. */
	if (t->phase == FENCE_TOPOLOGY_OFF && in_level(t, feed) && t->feeds[feed].power == FENCE_POWER_ON)
		doubt(t, event->now);
	if (in_level(t, feed) && !outstanding(t))
		round_over(t, event, update);
}

/* A device whose agent says nothing at all. */
static void
give_up_waiting(
	struct fence_topology *t, const struct fence_topology_event *event, struct fence_topology_update *update)
{
	bool waited = outstanding(t);

	for (unsigned i = 0; i < t->config.count; i++) {
		const struct fence_feed *f = &t->feeds[i];

		if (!in_level(t, i) || f->token == 0 || event->now < f->ordered_at + t->config.patience[i])
			continue;
		cancel(t, i, update);
		feed_failed(t, i, FENCE_WORKER, update);
	}
	if (waited && !outstanding(t))
		round_over(t, event, update);
}

/* S10: who lives with its outlets off is not fed by them. */
static void
disprove(struct fence_topology *t, struct fence_topology_update *update)
{
	if (!t->disproved)
		note(t, update, FENCE_LEVEL_DISPROVED, 0, 0);
	t->disproved = true;
}

/* It is not off, or may not be: what was off before this claim's power-down is not known to feed it. */
static void
forget_live(struct fence_topology *t)
{
	for (unsigned i = 0; i < t->config.count; i++) {
		struct fence_feed *f = &t->feeds[i];

		f->live = f->live && (f->tried || f->power == FENCE_POWER_ON);
	}
}

/* S8: nothing in such a packet is believed, but who is off sends none. */
static void
noise(struct fence_topology *t, const struct fence_topology_event *event)
{
	if (event->noise == 0)
		return;
	if (event->noise >= t->began)
		forget_live(t);
	if (t->rounds > 0 && event->noise >= t->first_round)
		doubt(t, event->now);
}

static void
heard(struct fence_topology *t, const struct fence_topology_event *event, struct fence_topology_update *update)
{
	for (unsigned i = 0; i < t->config.count; i++) {
		const struct fence_feed *f = &t->feeds[i];

		/* It was off before, and is being switched off once more. */
		if (f->token != 0 && f->order == FENCE_ORDER_POWER_DOWN && f->power == FENCE_POWER_OFF)
			disprove(t, update);
	}
	forget_live(t);
	/* Who asked to be fenced spoke until its power supplies were empty. */
	if (t->first_down != 0 && (!event->dirty || event->now > t->first_down + FENCE_OUTLET_DRAIN))
		disprove(t, update);
	doubt(t, event->now);
}

/* Section 3, step 4: the peer speaks. */
static void
spoke(struct fence_topology *t, bool level1_killed, struct fence_topology_update *update)
{
	bool stopped = t->killed && !t->spent;

	for (unsigned i = 0; i < t->config.count; i++) {
		const struct fence_feed *f = &t->feeds[i];

		if (f->token == 0 || f->order != FENCE_ORDER_POWER_DOWN || f->cancelled)
			continue;
		cancel(t, i, update);
		t->feeds[i].cancelled = true;
		stopped = true;
	}
	t->spent = t->spent || t->killed || level1_killed;
	if (stopped)
		note(t, update, FENCE_LEVEL_STOPPED, 0, 0);
}

static void
worker_changed(struct fence_topology *t, const struct fence_topology_event *event, struct fence_topology_update *update)
{
	bool waited = outstanding(t);

	for (unsigned i = 0; i < t->config.count; i++)
		if (t->feeds[i].token != 0)
			feed_failed(t, i, FENCE_WORKER, update);
	forget_rounds(t);
	if (waited)
		round_over(t, event, update);
}

/* Level 1 is back before anything was sent: it knows more. */
static void
stand_back(struct fence_topology *t, struct fence_topology_update *update)
{
	for (unsigned i = 0; i < t->config.count; i++) {
		if (t->feeds[i].token != 0)
			cancel(t, i, update);
		t->feeds[i].token = 0;
	}
	t->phase = FENCE_TOPOLOGY_WAITING;
	t->level = 0;
	t->next_at = HA_NEVER;
}

static void
judge(struct fence_topology *t, const struct fence_topology_event *event, struct fence_topology_update *update)
{
	if (t->phase == FENCE_TOPOLOGY_WAITING) {
		if (!event->level1_failed)
			return;
		enter_level(t, next_level(t, FENCE_LEVEL_FIRST - 1), event->now);
		note(t, update, FENCE_LEVEL_BEGINS, 0, 0);
	} else if (!event->level1_failed && !fence_topology_committed(t)) {
		stand_back(t, update);
		return;
	}
	give_up_waiting(t, event, update);
	if (t->phase == FENCE_TOPOLOGY_ON && !outstanding(t))
		try_order(t, event, false, update);
	if (event->type == FENCE_TOPOLOGY_TIMER)
		judge_proof(t, event, update);
	if (t->phase != FENCE_TOPOLOGY_OFF && !outstanding(t) && !t->disproved && event->now >= t->next_at)
		read_level(t, event->now, update);
}

static void
begin(struct fence_topology *t, const struct fence_topology_event *event)
{
	struct fence_topology fresh = { .config = t->config, .last_token = t->last_token };

	*t = fresh;
	t->began = event->now;
	t->next_at = t->judge_at = HA_NEVER;
	t->backoff = FENCE_LEVEL_RETRY;
	if (t->config.count == 0 || t->config.action == FENCE_ACTION_CHECK)
		return; /* nothing is ever switched: an outlet could prove nothing */
	t->phase = FENCE_TOPOLOGY_WAITING;
	for (unsigned i = 0; i < t->config.count; i++)
		t->feeds[i].live = (event->off_mask & UINT32_C(1) << i) != 0;
}

static void
end(struct fence_topology *t, struct fence_topology_update *update)
{
	for (unsigned i = 0; i < t->config.count; i++)
		if (t->feeds[i].token != 0)
			cancel(t, i, update);
	*t = (struct fence_topology){
		.config = t->config, .last_token = t->last_token, .next_at = HA_NEVER, .judge_at = HA_NEVER
	};
}

void
fence_topology_init(struct fence_topology *t, const struct fence_topology_config *config)
{
	*t = (struct fence_topology){
		.config = *config, .last_token = FENCE_TOPOLOGY_TOKENS, .next_at = HA_NEVER, .judge_at = HA_NEVER
	};
}

struct fence_topology_update
fence_topology_step(struct fence_topology *t, const struct fence_topology_event *event)
{
	struct fence_topology_update update = { .order_count = 0 };

	if (event->type == FENCE_TOPOLOGY_BEGIN)
		begin(t, event);
	if (t->phase == FENCE_TOPOLOGY_IDLE)
		return update;
	/* An answer of the peer's own IMM, asked when its outlets had long been off: something else feeds it. */
	if (t->first_off != 0 && event->level1_alive > t->first_off + FENCE_OUTLET_DRAIN)
		disprove(t, &update);
	noise(t, event);
	switch (event->type) {
	case FENCE_TOPOLOGY_BEGIN:
		break;
	case FENCE_TOPOLOGY_REPORT:
		took_report(t, event, &update);
		break;
	case FENCE_TOPOLOGY_TIMER:
	case FENCE_TOPOLOGY_FACTS:
		judge(t, event, &update);
		break;
	case FENCE_TOPOLOGY_WORKER:
		worker_changed(t, event, &update);
		break;
	case FENCE_TOPOLOGY_HEARD:
		heard(t, event, &update);
		break;
	case FENCE_TOPOLOGY_SPOKE:
		spoke(t, event->level1_killed, &update);
		break;
	case FENCE_TOPOLOGY_END:
		end(t, &update);
		break;
	}
	return update;
}

ha_time
fence_topology_deadline(const struct fence_topology *t)
{
	ha_time at = ha_time_min(t->next_at, t->judge_at);

	if (t->phase == FENCE_TOPOLOGY_IDLE || t->phase == FENCE_TOPOLOGY_WAITING || t->phase == FENCE_TOPOLOGY_OFF ||
		t->disproved)
		return HA_NEVER;
	for (unsigned i = 0; i < t->config.count; i++)
		if (in_level(t, i) && t->feeds[i].token != 0)
			at = ha_time_min(at, t->feeds[i].ordered_at + t->config.patience[i]);
	return at;
}

bool
fence_topology_wants_to_kill(const struct fence_topology *t)
{
	return t->phase == FENCE_TOPOLOGY_ON && !t->spent && !t->disproved;
}

bool
fence_topology_sent(const struct fence_topology *t)
{
	return fence_topology_tried_mask(t) != 0;
}

bool
fence_topology_committed(const struct fence_topology *t)
{
	return fence_topology_fired_mask(t) != 0;
}

uint32_t
fence_topology_fired_mask(const struct fence_topology *t)
{
	uint32_t mask = fence_topology_tried_mask(t);

	for (unsigned i = 0; i < t->config.count; i++)
		if (t->feeds[i].token != 0 && t->feeds[i].order == FENCE_ORDER_POWER_DOWN)
			mask |= UINT32_C(1) << i;
	return mask;
}

uint32_t
fence_topology_tried_mask(const struct fence_topology *t)
{
	uint32_t mask = 0;

	for (unsigned i = 0; i < t->config.count; i++)
		if (t->feeds[i].tried)
			mask |= UINT32_C(1) << i;
	return mask;
}

uint32_t
fence_topology_useless_mask(const struct fence_topology *t)
{
	uint32_t mask = 0;

	for (unsigned i = 0; i < t->config.count; i++) {
		const struct fence_feed *f = &t->feeds[i];
		bool off = f->unproven && !f->live && f->error == FENCE_OK && f->power == FENCE_POWER_OFF;

		if (f->token == 0 && (off || (t->disproved && f->tried)))
			mask |= UINT32_C(1) << i;
	}
	return mask;
}

bool
fence_topology_hopeful(const struct fence_topology *t)
{
	return t->phase != FENCE_TOPOLOGY_IDLE && t->failures == 0 && !t->disproved && !t->spent;
}

const char *
fence_topology_phase_name(enum fence_topology_phase phase)
{
	static const char *const names[FENCE_TOPOLOGY_PHASES] = { "idle", "waiting for level 1", "reading", "on",
		"ordered", "confirming", "off" };

	return phase < FENCE_TOPOLOGY_PHASES ? names[phase] : "unknown";
}
