/* The levels behind the IMM as conversations, the meaning of an agent's end, and switching on again. */
#include "fence/agent_answer.h"
#include "fence/repower.h"
#include "fence/topology.h"

#include <check.h>
#include <stdlib.h>

static const struct fence_facts all_good = { .fit = true,
	.probes_answered = true,
	.after_over = true,
	.delays_over = true,
	.credit = true,
	.heard = true,
	.heard_since_loss = true,
	.remembered = true };

struct talk {
	struct fence_topology t;
	struct fence_facts facts;
	ha_time now, level1_alive, level1_silent, noise;
	bool level1_failed, late_socket; /* the sockets were not emptied since */
	uint32_t tokens[FENCE_FEEDS];
	enum fence_order_type orders[FENCE_FEEDS];
	unsigned downs, cancels;
	bool noted[FENCE_LEVEL_NOTES];
};

static void
step_as(struct talk *k, enum fence_topology_event_type type, const struct fence_report *report, uint32_t mask)
{
	struct fence_topology_event event = { .now = k->now,
		.type = type,
		.report = report,
		.facts = k->facts,
		.drained = k->late_socket ? 0 : k->now,
		.level1_failed = k->level1_failed,
		.level1_alive = k->level1_alive,
		.level1_silent = k->level1_silent,
		.noise = k->noise,
		.off_mask = mask };
	struct fence_topology_update update = fence_topology_step(&k->t, &event);

	for (unsigned i = 0; i < update.order_count; i++) {
		const struct fence_order *order = &update.orders[i];
		unsigned feed = order->device - 1u;

		ck_assert_uint_lt(feed, k->t.config.count);
		if (order->type == FENCE_ORDER_CANCEL) {
			k->cancels++;
			continue;
		}
		k->tokens[feed] = order->token;
		k->orders[feed] = order->type;
		if (order->type == FENCE_ORDER_POWER_DOWN) {
			k->downs++;
			ck_assert_uint_eq(order->not_after, k->now + FENCE_ORDER_LIFE);
			ck_assert_uint_ne(order->session, 0);
		}
	}
	for (unsigned i = 0; i < update.note_count; i++)
		k->noted[update.notes[i].type] = true;
}

static void
step(struct talk *k, enum fence_topology_event_type type)
{
	step_as(k, type, NULL, 0);
}

static void
timer(struct talk *k)
{
	ha_time at = fence_topology_deadline(&k->t);

	if (at != HA_NEVER)
		k->now = ha_time_max(k->now, at);
	step(k, FENCE_TOPOLOGY_TIMER);
}

static struct talk
begin_with(const uint8_t *levels, unsigned count, enum fence_action action, uint32_t off_mask)
{
	struct talk k = { .facts = all_good, .now = 100 * HA_SEC, .level1_failed = true };
	struct fence_topology_config config = {
		.action = action, .samples = 2, .settle = HA_SEC, .power_timeout = 20 * HA_SEC, .count = count
	};

	for (unsigned i = 0; i < count; i++) {
		config.level[i] = levels[i];
		config.patience[i] = 10 * HA_SEC;
	}
	fence_topology_init(&k.t, &config);
	step_as(&k, FENCE_TOPOLOGY_BEGIN, NULL, off_mask);
	step(&k, FENCE_TOPOLOGY_TIMER);
	return k;
}

static struct talk
two_feeds(void)
{
	static const uint8_t levels[] = { 2, 2 };

	return begin_with(levels, 2, FENCE_ACTION_REBOOT, 0);
}

static void
answer(struct talk *k, unsigned feed, enum fence_error error, enum fence_power power)
{
	struct fence_report report = { .type = FENCE_REPORT_ANSWER,
		.device = (uint8_t)(feed + 1),
		.token = k->tokens[feed],
		.error = error,
		.power = power,
		.session = 1,
		.asked = k->now };

	ck_assert_uint_ne(k->tokens[feed], 0);
	k->now += 100 * HA_MS;
	report.answered = k->now;
	k->tokens[feed] = 0;
	step_as(k, FENCE_TOPOLOGY_REPORT, &report, 0);
}

/* All feeds that were asked say `power`, or obey. */
static void
all_say(struct talk *k, enum fence_power power)
{
	bool any = false;

	for (unsigned i = 0; i < k->t.config.count; i++)
		any = any || k->tokens[i] != 0;
	if (!any)
		timer(k);
	for (unsigned i = 0; i < k->t.config.count; i++)
		if (k->tokens[i] != 0)
			answer(k, i, FENCE_OK, k->orders[i] == FENCE_ORDER_READ ? power : FENCE_POWER_UNKNOWN);
}

static void
all_say_for(struct talk *k, enum fence_power power, ha_time length)
{
	ha_time until = k->now + length;

	while (k->now < until && k->t.phase != FENCE_TOPOLOGY_OFF)
		all_say(k, power);
}

static void
switched_off(struct talk *k)
{
	all_say(k, FENCE_POWER_ON); /* readings */
	ck_assert_int_eq(k->t.phase, FENCE_TOPOLOGY_ORDERED);
	all_say(k, FENCE_POWER_ON); /* power-downs */
	ck_assert_int_eq(k->t.phase, FENCE_TOPOLOGY_CONFIRMING);
}

START_TEST(two_outlets_prove)
{
	struct talk k = two_feeds();
	ha_time down;

	switched_off(&k);
	ck_assert_uint_eq(k.downs, 2);
	down = k.now;
	all_say_for(&k, FENCE_POWER_OFF, 10 * HA_SEC);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
	ck_assert_uint_ge(k.now, down + FENCE_OUTLET_DRAIN);
	ck_assert(k.t.killed);
	ck_assert_uint_eq(fence_topology_tried_mask(&k.t), 3);
}
END_TEST

START_TEST(nothing_before_level_1_has_failed)
{
	struct talk k = two_feeds();

	k = two_feeds();
	k.level1_failed = false;
	step(&k, FENCE_TOPOLOGY_TIMER); /* it is back: what was asked is dropped */
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_WAITING);
	ck_assert_uint_eq(k.cancels, 2);
	k.now += 60 * HA_SEC;
	step(&k, FENCE_TOPOLOGY_TIMER);
	ck_assert_uint_eq(k.downs, 0);
}
END_TEST

START_TEST(off_by_itself_proves_nothing)
{
	struct talk k = two_feeds();

	all_say_for(&k, FENCE_POWER_OFF, 120 * HA_SEC);
	ck_assert_uint_eq(k.downs, 0);
	ck_assert(k.noted[FENCE_LEVEL_UNPROVEN]);
	ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_OFF);
}
END_TEST

START_TEST(one_of_two_off_by_itself_proves_nothing)
{
	struct talk k = two_feeds();

	for (int i = 0; i < 20; i++) {
		answer(&k, 0, FENCE_OK, FENCE_POWER_ON);
		answer(&k, 1, FENCE_OK, FENCE_POWER_OFF);
		ck_assert_uint_eq(k.downs, 0);
		timer(&k);
	}
}
END_TEST

START_TEST(switched_off_here_before)
{
	static const uint8_t levels[] = { 2, 2 };
	struct talk k = begin_with(levels, 2, FENCE_ACTION_REBOOT, 3);

	all_say(&k, FENCE_POWER_OFF);
	ck_assert_uint_eq(k.downs, 2); /* S6: ordered in this claim, all the same */
	all_say(&k, FENCE_POWER_OFF);
	all_say_for(&k, FENCE_POWER_OFF, 10 * HA_SEC);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
	ck_assert(!k.t.killed);
}
END_TEST

/* S9: an "off" that is seconds old harms nobody only if it is still so. */
START_TEST(switched_off_here_before_and_asked_again)
{
	static const uint8_t levels[] = { 2, 2 };
	struct talk k = begin_with(levels, 2, FENCE_ACTION_REBOOT, 3);

	k.facts.after_over = false;
	all_say(&k, FENCE_POWER_OFF);
	k.now += 4 * HA_SEC;
	k.facts = all_good;
	k.facts.credit = false; /* who is on must not be powered down */
	step(&k, FENCE_TOPOLOGY_TIMER);
	ck_assert_uint_eq(k.downs, 0);
	answer(&k, 0, FENCE_OK, FENCE_POWER_ON);
	answer(&k, 1, FENCE_OK, FENCE_POWER_OFF);
	ck_assert_uint_eq(k.downs, 0);
	timer(&k);
	all_say(&k, FENCE_POWER_OFF);
	ck_assert_uint_eq(k.downs, 2);
}
END_TEST

/* Who speaks after all does not live by what was off all the time, whoever switched it off. */
START_TEST(switched_off_here_before_and_heard_since)
{
	static const uint8_t levels[] = { 2, 2 };
	struct talk k = begin_with(levels, 2, FENCE_ACTION_REBOOT, 3);

	step(&k, FENCE_TOPOLOGY_HEARD); /* before they are read ... */
	step(&k, FENCE_TOPOLOGY_SPOKE);
	all_say_for(&k, FENCE_POWER_OFF, 60 * HA_SEC);
	ck_assert_uint_eq(k.downs, 0);

	k = begin_with(levels, 2, FENCE_ACTION_REBOOT, 3);
	k.facts.fit = false;
	all_say(&k, FENCE_POWER_OFF);
	k.noise = k.now; /* ... S8: or may have been, when they are off ... */
	k.facts.fit = true;
	all_say_for(&k, FENCE_POWER_OFF, 60 * HA_SEC);
	ck_assert_uint_eq(k.downs, 0);

	k = begin_with(levels, 2, FENCE_ACTION_REBOOT, 3);
	all_say(&k, FENCE_POWER_OFF);
	ck_assert_uint_eq(k.downs, 2);
	step(&k, FENCE_TOPOLOGY_HEARD); /* ... and when they are just being switched off once more */
	step(&k, FENCE_TOPOLOGY_SPOKE);
	all_say(&k, FENCE_POWER_UNKNOWN);
	for (int i = 0; i < 50; i++) {
		k.now += HA_SEC;
		step(&k, FENCE_TOPOLOGY_TIMER);
		for (unsigned f = 0; f < 2; f++)
			if (k.tokens[f] != 0)
				answer(&k, f, FENCE_OK, FENCE_POWER_OFF);
	}
	ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_OFF);
}
END_TEST

/* S8: what fails validation shows that it may be alive, also if it had asked to be fenced. */
START_TEST(packets_that_fail_validation)
{
	struct talk k = two_feeds();

	switched_off(&k);
	for (int i = 0; i < 30; i++) {
		all_say(&k, FENCE_POWER_OFF);
		if (i % 3 == 0)
			k.noise = k.now;
		ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_OFF);
	}
	all_say_for(&k, FENCE_POWER_OFF, 10 * HA_SEC);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
	k.noise = k.now;
	step(&k, FENCE_TOPOLOGY_FACTS);
	ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_OFF);
}
END_TEST

/* S9: it went off although no answer came; who is on again was switched on by somebody. */
START_TEST(off_without_an_answer)
{
	struct talk k = two_feeds();

	all_say(&k, FENCE_POWER_ON);
	answer(&k, 0, FENCE_TIMEOUT, FENCE_POWER_UNKNOWN);
	answer(&k, 1, FENCE_TIMEOUT, FENCE_POWER_UNKNOWN);
	ck_assert(!k.t.obeyed);
	timer(&k);
	answer(&k, 0, FENCE_OK, FENCE_POWER_OFF);
	answer(&k, 1, FENCE_OK, FENCE_POWER_OFF);
	ck_assert(k.t.obeyed);
}
END_TEST

START_TEST(one_that_does_not_obey)
{
	struct talk k = two_feeds();

	all_say(&k, FENCE_POWER_ON);
	answer(&k, 0, FENCE_OK, FENCE_POWER_UNKNOWN);
	answer(&k, 1, FENCE_TIMEOUT, FENCE_POWER_UNKNOWN);
	ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_CONFIRMING);
	ck_assert(k.t.killed);
	/* Again: only the one that has not answered is ordered. */
	timer(&k);
	answer(&k, 0, FENCE_OK, FENCE_POWER_OFF);
	answer(&k, 1, FENCE_OK, FENCE_POWER_ON);
	ck_assert_uint_eq(k.downs, 3);
	ck_assert_uint_eq(k.tokens[0], 0);
	answer(&k, 1, FENCE_OK, FENCE_POWER_UNKNOWN);
	all_say_for(&k, FENCE_POWER_OFF, 10 * HA_SEC);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
}
END_TEST

START_TEST(an_on_begins_anew)
{
	struct talk k = two_feeds();

	switched_off(&k);
	for (int i = 0; i < 60; i++) {
		all_say(&k, FENCE_POWER_OFF);
		timer(&k);
		ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_OFF);
		answer(&k, 0, FENCE_OK, FENCE_POWER_OFF);
		answer(&k, 1, FENCE_OK, FENCE_POWER_ON);
	}
	ck_assert_uint_eq(k.downs, 2); /* accepted: never again in this claim */
	ck_assert(k.noted[FENCE_LEVEL_STILL_ON]);
}
END_TEST

START_TEST(an_error_begins_anew)
{
	struct talk k = two_feeds();

	switched_off(&k);
	all_say(&k, FENCE_POWER_OFF);
	all_say(&k, FENCE_POWER_OFF);
	timer(&k);
	answer(&k, 0, FENCE_OK, FENCE_POWER_OFF);
	answer(&k, 1, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);
	ck_assert_uint_eq(k.t.rounds, 0);
	all_say_for(&k, FENCE_POWER_OFF, 20 * HA_SEC);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
}
END_TEST

START_TEST(the_peer_speaks_behind_dead_outlets)
{
	struct talk k = two_feeds();

	switched_off(&k);
	all_say(&k, FENCE_POWER_OFF);
	step(&k, FENCE_TOPOLOGY_HEARD);
	step(&k, FENCE_TOPOLOGY_SPOKE);
	ck_assert(k.noted[FENCE_LEVEL_DISPROVED]);
	for (int i = 0; i < 50; i++) {
		k.now += HA_SEC;
		step(&k, FENCE_TOPOLOGY_TIMER);
		for (unsigned f = 0; f < 2; f++)
			if (k.tokens[f] != 0)
				answer(&k, f, FENCE_OK, FENCE_POWER_OFF);
	}
	ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_OFF);
}
END_TEST

START_TEST(the_peer_speaks_after_the_proof)
{
	struct talk k = two_feeds();

	switched_off(&k);
	all_say_for(&k, FENCE_POWER_OFF, 10 * HA_SEC);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
	step(&k, FENCE_TOPOLOGY_HEARD);
	ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_OFF);
}
END_TEST

START_TEST(its_imm_answers_behind_dead_outlets)
{
	struct talk k = two_feeds();

	switched_off(&k);
	all_say(&k, FENCE_POWER_OFF);
	k.now += FENCE_OUTLET_DRAIN + HA_SEC;
	k.level1_alive = k.now;
	step(&k, FENCE_TOPOLOGY_FACTS);
	ck_assert_uint_eq(fence_topology_deadline(&k.t), HA_NEVER); /* nothing more is asked */
	ck_assert(k.t.disproved);
	ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_OFF);
}
END_TEST

/* Its last answer may be older than the off: it is asked once more, and only then its silence counts. */
START_TEST(its_imm_answered_before)
{
	struct talk k = two_feeds();

	k.level1_alive = k.now;
	switched_off(&k);
	k.level1_silent = k.now; /* too early: what its supplies hold */
	all_say_for(&k, FENCE_POWER_OFF, 30 * HA_SEC);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_CONFIRMING);
	k.level1_silent = k.now;
	all_say_for(&k, FENCE_POWER_OFF, 5 * HA_SEC);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
}
END_TEST

START_TEST(proof_needs_silence_and_empty_sockets)
{
	static const struct {
		struct fence_facts facts;
		bool late;
	} cases[] = { { { .fit = true, .after_over = true }, true }, { { .fit = false, .after_over = true }, false },
		{ { .fit = true, .after_over = false }, false },
		{ { .fit = true, .after_over = true, .maybe_alive = true }, false } };

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct talk k = two_feeds();

		switched_off(&k);
		k.facts = cases[i].facts;
		k.late_socket = cases[i].late;
		all_say_for(&k, FENCE_POWER_OFF, 30 * HA_SEC);
		ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_CONFIRMING);
		k.facts = all_good;
		k.late_socket = false;
		all_say_for(&k, FENCE_POWER_OFF, 5 * HA_SEC);
		ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
	}
}
END_TEST

START_TEST(not_permitted_not_sent)
{
	struct talk k = two_feeds();

	k.facts.credit = false;
	all_say_for(&k, FENCE_POWER_ON, 60 * HA_SEC);
	ck_assert_uint_eq(k.downs, 0);
	ck_assert_int_eq(k.t.permit, FENCE_WAIT_CREDIT);
	ck_assert(fence_topology_wants_to_kill(&k.t));
	k.facts.credit = true;
	step(&k, FENCE_TOPOLOGY_FACTS);
	all_say(&k, FENCE_POWER_ON);
	ck_assert_uint_eq(k.downs, 2);
}
END_TEST

/* What only hearing the peer can change is not waited for at one level while another may be off by this node's hand;
 * nothing that is on is switched off. */
START_TEST(not_permitted_for_long_and_passed_over)
{
	static const uint8_t levels[] = { 2, 3 };
	static const struct {
		struct fence_facts without;
		bool passed_over;
	} cases[] = { { { .credit = true }, true }, { { .heard = true }, true }, { { .heard_since_loss = true }, true },
		{ { .delays_over = true }, false }, { { .remembered = true }, false } };

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct fence_facts *without = &cases[i].without;
		struct talk k = begin_with(levels, 2, FENCE_ACTION_REBOOT, 2);

		k.facts.credit = !without->credit;
		k.facts.heard = !without->heard;
		k.facts.heard_since_loss = !without->heard_since_loss;
		k.facts.delays_over = !without->delays_over;
		k.facts.remembered = !without->remembered;
		all_say(&k, FENCE_POWER_ON);
		ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_ON);
		ck_assert(fence_topology_wants_to_kill(&k.t)); /* first it may become permitted: a start-up policy */
		all_say(&k, FENCE_POWER_ON);
		ck_assert_uint_eq(k.t.level, cases[i].passed_over ? 3 : 2);
		ck_assert_uint_eq(k.downs, 0);
		if (!cases[i].passed_over)
			continue;
		all_say_for(&k, FENCE_POWER_OFF, 30 * HA_SEC); /* level 3 */
		ck_assert_uint_eq(k.downs, 1);
		ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
		ck_assert_uint_eq(k.t.level, 3);
	}
}
END_TEST

START_TEST(not_permitted_at_any_level)
{
	static const uint8_t levels[] = { 2, 3 };
	struct talk k = begin_with(levels, 2, FENCE_ACTION_REBOOT, 0);

	k.facts.credit = false;
	all_say_for(&k, FENCE_POWER_ON, 60 * HA_SEC);
	ck_assert_uint_eq(k.downs, 0);
	ck_assert_uint_gt(k.t.failures, 1);
	k.noted[FENCE_LEVEL_ON] = false;
	all_say_for(&k, FENCE_POWER_ON, 60 * HA_SEC);
	ck_assert(!k.noted[FENCE_LEVEL_ON]); /* said once */
	k.facts.credit = true;
	all_say_for(&k, FENCE_POWER_ON, 30 * HA_SEC);
	ck_assert_uint_gt(k.downs, 0);
}
END_TEST

START_TEST(the_peer_speaks_in_time)
{
	struct talk k = two_feeds();

	all_say(&k, FENCE_POWER_ON);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_ORDERED);
	step(&k, FENCE_TOPOLOGY_SPOKE);
	ck_assert_uint_eq(k.cancels, 2);
	answer(&k, 0, FENCE_NOT_SENT, FENCE_POWER_UNKNOWN);
	answer(&k, 1, FENCE_TIMEOUT, FENCE_POWER_UNKNOWN); /* it may have been executed */
	step(&k, FENCE_TOPOLOGY_SPOKE);
	all_say_for(&k, FENCE_POWER_ON, 60 * HA_SEC);
	ck_assert_uint_eq(k.downs, 2); /* S9: no further one in this claim */
}
END_TEST

START_TEST(the_peer_speaks_before_it_is_known_to_have_left)
{
	static const enum fence_error ends[] = { FENCE_TIMEOUT, FENCE_OK };

	for (unsigned i = 0; i < 2; i++) {
		struct talk k = two_feeds();

		all_say(&k, FENCE_POWER_ON);
		step(&k, FENCE_TOPOLOGY_SPOKE);
		answer(&k, 0, ends[i], FENCE_POWER_UNKNOWN);
		answer(&k, 1, FENCE_NOT_SENT, FENCE_POWER_UNKNOWN);
		all_say_for(&k, FENCE_POWER_ON, 60 * HA_SEC);
		ck_assert_uint_eq(k.downs, 2); /* S9: no further one in this claim */
		ck_assert(k.t.spent);
	}
}
END_TEST

/* The agent was killed, and its outlet went off all the same: the level that is on, and may not be switched off any
 * more, is passed over. */
START_TEST(the_peer_speaks_and_the_outlet_goes_off)
{
	static const uint8_t levels[] = { 2, 3 };
	struct talk k = begin_with(levels, 2, FENCE_ACTION_OFF, 0);

	answer(&k, 0, FENCE_OK, FENCE_POWER_ON);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_ORDERED);
	step(&k, FENCE_TOPOLOGY_SPOKE);
	answer(&k, 0, FENCE_TIMEOUT, FENCE_POWER_UNKNOWN);
	for (int i = 0; i < 60 && k.t.phase != FENCE_TOPOLOGY_OFF; i++) {
		if (k.tokens[0] == 0 && k.tokens[1] == 0)
			timer(&k);
		if (k.tokens[0] != 0)
			answer(&k, 0, FENCE_OK,
				k.orders[0] == FENCE_ORDER_READ ? FENCE_POWER_OFF : FENCE_POWER_UNKNOWN);
		if (k.tokens[1] != 0)
			answer(&k, 1, FENCE_OK, FENCE_POWER_ON);
	}
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
	ck_assert_uint_eq(fence_topology_tried_mask(&k.t), 1);
}
END_TEST

/* The proof had to wait, and the next round was asked before it came. */
START_TEST(fed_again_between_proof_and_add)
{
	struct talk k = two_feeds();

	k.facts.after_over = true;
	switched_off(&k);
	k.facts.after_over = false;
	for (int i = 0; i < 20; i++)
		all_say(&k, FENCE_POWER_OFF);
	while (k.tokens[0] == 0)
		timer(&k);
	k.facts.after_over = true;
	step(&k, FENCE_TOPOLOGY_TIMER);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
	answer(&k, 0, FENCE_OK, FENCE_POWER_ON);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_CONFIRMING);
	answer(&k, 1, FENCE_OK, FENCE_POWER_OFF);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_CONFIRMING);
}
END_TEST

START_TEST(what_is_no_use)
{
	struct talk k = two_feeds();

	answer(&k, 0, FENCE_OK, FENCE_POWER_ON);
	answer(&k, 1, FENCE_OK, FENCE_POWER_OFF);
	ck_assert_uint_eq(fence_topology_useless_mask(&k.t), 2);
	timer(&k);
	answer(&k, 0, FENCE_OK, FENCE_POWER_ON);
	answer(&k, 1, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);
	ck_assert_uint_eq(fence_topology_useless_mask(&k.t), 0); /* nobody knows */
	k = two_feeds();
	switched_off(&k);
	all_say(&k, FENCE_POWER_OFF);
	ck_assert_uint_eq(fence_topology_useless_mask(&k.t), 0);
	step(&k, FENCE_TOPOLOGY_HEARD);
	for (unsigned i = 0; i < 2; i++)
		if (k.tokens[i] != 0)
			answer(&k, i, FENCE_OK, FENCE_POWER_OFF);
	ck_assert(k.t.disproved);
	ck_assert_uint_eq(fence_topology_useless_mask(&k.t), 3);
}
END_TEST

START_TEST(next_level_and_back)
{
	static const uint8_t levels[] = { 2, 3 };
	struct talk k = begin_with(levels, 2, FENCE_ACTION_OFF, 0);

	ck_assert_uint_ne(k.tokens[0], 0);
	ck_assert_uint_eq(k.tokens[1], 0);
	ck_assert(fence_topology_hopeful(&k.t));
	answer(&k, 0, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);
	timer(&k);
	ck_assert_uint_ne(k.tokens[1], 0);
	ck_assert(fence_topology_hopeful(&k.t));
	answer(&k, 1, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);
	ck_assert(!fence_topology_hopeful(&k.t));
	for (int i = 0; i < 100; i++) { /* for ever, with a cap */
		ha_time before = k.now;

		timer(&k);
		ck_assert_uint_le(k.now, before + FENCE_LEVEL_RETRY_CAP);
		for (unsigned f = 0; f < 2; f++)
			if (k.tokens[f] != 0)
				answer(&k, f, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);
	}
	timer(&k);
	all_say_for(&k, FENCE_POWER_ON, HA_MS);
	ck_assert_uint_eq(k.downs, 1);
}
END_TEST

START_TEST(an_agent_that_says_nothing)
{
	struct talk k = two_feeds();

	answer(&k, 0, FENCE_OK, FENCE_POWER_ON);
	k.now += 11 * HA_SEC;
	step(&k, FENCE_TOPOLOGY_TIMER);
	ck_assert_uint_eq(k.cancels, 1);
	ck_assert_uint_eq(k.downs, 0);
}
END_TEST

START_TEST(the_process_ends_in_between)
{
	struct talk k = two_feeds();

	all_say(&k, FENCE_POWER_ON);
	step(&k, FENCE_TOPOLOGY_WORKER);
	ck_assert(k.t.killed); /* both may have been executed */
	k.tokens[0] = k.tokens[1] = 0;
	all_say(&k, FENCE_POWER_OFF);
	ck_assert_uint_eq(k.downs, 4); /* asked and answered in this claim, or no proof */
	ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_OFF);
}
END_TEST

START_TEST(an_answer_of_an_earlier_claim)
{
	struct talk k = two_feeds();
	uint32_t old[2] = { k.tokens[0], k.tokens[1] };

	step(&k, FENCE_TOPOLOGY_END);
	ck_assert_uint_eq(k.cancels, 2);
	step(&k, FENCE_TOPOLOGY_BEGIN);
	step(&k, FENCE_TOPOLOGY_TIMER);
	ck_assert_uint_ne(k.tokens[0], old[0]);
	k.tokens[0] = old[0];
	answer(&k, 0, FENCE_OK, FENCE_POWER_ON);
	ck_assert_int_eq(k.t.feeds[0].power, FENCE_POWER_UNKNOWN);
}
END_TEST

START_TEST(check_switches_nothing)
{
	static const uint8_t levels[] = { 2 };
	struct talk k = begin_with(levels, 1, FENCE_ACTION_CHECK, 1);

	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_IDLE);
	ck_assert_uint_eq(k.tokens[0], 0);
}
END_TEST

START_TEST(what_an_agent_says)
{
	static const struct {
		enum fence_order_type action;
		bool exited;
		int status;
		const char *output;
		enum fence_error error;
		enum fence_power power;
	} cases[] = {
		{ FENCE_ORDER_READ, true, 0, "Status: ON\n", FENCE_OK, FENCE_POWER_ON },
		{ FENCE_ORDER_READ, true, 2, "Status: OFF\n", FENCE_OK, FENCE_POWER_OFF },
		{ FENCE_ORDER_READ, true, 2, "warning\nStatus: OFF", FENCE_OK, FENCE_POWER_OFF },
		/* 2 is "bad arguments", too */
		{ FENCE_ORDER_READ, true, 2, "", FENCE_CONFIG, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 2, "Status: ON\n", FENCE_CONFIG, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 0, "Status: OFF\n", FENCE_GARBAGE, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 0, "", FENCE_GARBAGE, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 2, "Status: OFF or not\n", FENCE_CONFIG, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 2, "Status: OFF\nStatus: UNKNOWN\n", FENCE_CONFIG, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 3, "", FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 1, "Status: OFF\n", FENCE_REFUSED, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, false, 9, "Status: OFF\n", FENCE_TIMEOUT, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_POWER_DOWN, true, 0, "Success: Powered OFF\n", FENCE_OK, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_POWER_DOWN, true, 2, "", FENCE_CONFIG, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_POWER_DOWN, true, 7, "", FENCE_TIMEOUT, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_POWER_DOWN, true, 127, "", FENCE_CONFIG, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_POWER_DOWN, false, 15, "", FENCE_TIMEOUT, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_POWER_UP, true, 10, "", FENCE_AUTHENTICATION, FENCE_POWER_UNKNOWN },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fence_report report = { .error = FENCE_ERRORS };

		fence_agent_answer(cases[i].action, cases[i].exited, cases[i].status, cases[i].output, &report);
		ck_assert_msg(report.error == cases[i].error && report.power == cases[i].power, "case %u: %s %s", i,
			fence_error_name(report.error), fence_power_name(report.power));
		ck_assert(report.completion == 0 || report.error == FENCE_REFUSED);
	}
}
END_TEST

static struct fence_report
outlet_report(const struct fence_order *order, enum fence_error error, enum fence_power power)
{
	return (struct fence_report){ .type = FENCE_REPORT_ANSWER,
		.device = order->device,
		.token = order->token,
		.error = error,
		.power = power };
}

START_TEST(outlets_are_switched_on_again)
{
	struct fence_repower r;
	struct fence_repower_update update;
	struct fence_report report;
	ha_time now = HA_SEC;

	fence_repower_init(&r);
	ck_assert_uint_eq(fence_repower_deadline(&r), HA_NEVER);
	fence_repower_begin(&r, now, 5, 10 * HA_SEC);
	for (unsigned feed = 0; feed <= 2; feed += 2) { /* 0 and 2, in their order */
		update = fence_repower_timer(&r, now);
		ck_assert(update.has_order && update.order.type == FENCE_ORDER_POWER_UP);
		ck_assert_uint_eq(update.order.device, feed + 1);
		report = outlet_report(&update.order, FENCE_OK, FENCE_POWER_UNKNOWN);
		update = fence_repower_report(&r, now, &report);
		ck_assert(update.has_order && update.order.type == FENCE_ORDER_READ);
		report = outlet_report(&update.order, FENCE_OK, FENCE_POWER_ON);
		update = fence_repower_report(&r, now, &report);
		ck_assert(update.moved && update.done && update.feed == feed);
	}
	ck_assert_uint_eq(r.owed, 0);
	ck_assert(!r.failed);
}
END_TEST

START_TEST(an_outlet_that_stays_off_is_given_up)
{
	struct fence_repower r;
	unsigned ups = 0;
	ha_time now = HA_SEC;

	fence_repower_init(&r);
	fence_repower_begin(&r, now, 1, 10 * HA_SEC);
	for (int i = 0; i < 20 && r.owed != 0; i++) {
		struct fence_repower_update update;

		now = fence_repower_deadline(&r);
		update = fence_repower_timer(&r, now);
		if (update.has_order && update.order.type == FENCE_ORDER_POWER_UP) {
			struct fence_report report =
				outlet_report(&update.order, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);

			ups++;
			(void)fence_repower_report(&r, now, &report);
		}
	}
	ck_assert_uint_eq(ups, FENCE_REPOWER_TRIES);
	ck_assert(r.failed);
	ck_assert_uint_eq(fence_repower_deadline(&r), HA_NEVER);
	ck_assert_uint_le(now, 120 * HA_SEC);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fence levels");
	TCase *tc = tcase_create("topology");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, two_outlets_prove);
	tcase_add_test(tc, nothing_before_level_1_has_failed);
	tcase_add_test(tc, off_by_itself_proves_nothing);
	tcase_add_test(tc, one_of_two_off_by_itself_proves_nothing);
	tcase_add_test(tc, switched_off_here_before);
	tcase_add_test(tc, switched_off_here_before_and_asked_again);
	tcase_add_test(tc, switched_off_here_before_and_heard_since);
	tcase_add_test(tc, packets_that_fail_validation);
	tcase_add_test(tc, off_without_an_answer);
	tcase_add_test(tc, one_that_does_not_obey);
	tcase_add_test(tc, an_on_begins_anew);
	tcase_add_test(tc, an_error_begins_anew);
	tcase_add_test(tc, the_peer_speaks_behind_dead_outlets);
	tcase_add_test(tc, the_peer_speaks_after_the_proof);
	tcase_add_test(tc, its_imm_answers_behind_dead_outlets);
	tcase_add_test(tc, its_imm_answered_before);
	tcase_add_test(tc, proof_needs_silence_and_empty_sockets);
	tcase_add_test(tc, not_permitted_not_sent);
	tcase_add_test(tc, not_permitted_for_long_and_passed_over);
	tcase_add_test(tc, not_permitted_at_any_level);
	tcase_add_test(tc, the_peer_speaks_in_time);
	tcase_add_test(tc, the_peer_speaks_before_it_is_known_to_have_left);
	tcase_add_test(tc, the_peer_speaks_and_the_outlet_goes_off);
	tcase_add_test(tc, fed_again_between_proof_and_add);
	tcase_add_test(tc, what_is_no_use);
	tcase_add_test(tc, next_level_and_back);
	tcase_add_test(tc, an_agent_that_says_nothing);
	tcase_add_test(tc, the_process_ends_in_between);
	tcase_add_test(tc, an_answer_of_an_earlier_claim);
	tcase_add_test(tc, check_switches_nothing);
	tcase_add_test(tc, what_an_agent_says);
	tcase_add_test(tc, outlets_are_switched_on_again);
	tcase_add_test(tc, an_outlet_that_stays_off_is_given_up);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
