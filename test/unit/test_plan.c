/* The fence plan as conversations: what the IMM says, what the plan asks, where it gets. */
#include "fence/plan.h"
#include "test/unit/suite.h"

#include <check.h>
#include <string.h>

static const struct ha_guid peer_guid = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } };
static const struct ha_guid own_guid = { { 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 1 } };
static const struct ha_guid third_guid = { { 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 3 } };
static const struct fence_facts all_good = { .fit = true,
	.probes_answered = true,
	.after_over = true,
	.delays_over = true,
	.credit = true,
	.heard = true,
	.heard_since_loss = true,
	.wire_silent = true,
	.remembered = true };

/* A plan, the clock, and the orders that are not answered yet. */
struct talk {
	struct fence_plan plan;
	struct fence_facts facts;
	ha_time now;
	uint64_t session;
	ha_time session_since;
	struct ha_guid guid;
	uint32_t read, down, cancelled;
	unsigned downs, offs;
	bool noted[FENCE_NOTES];
};

static void
step(struct talk *t, enum fence_plan_event_type type, const struct fence_report *report)
{
	struct fence_plan_event event = { .now = t->now, .type = type, .report = report, .facts = t->facts };
	struct fence_plan_update update = fence_plan_step(&t->plan, &event);

	for (unsigned i = 0; i < update.order_count; i++) {
		const struct fence_order *order = &update.orders[i];

		if (order->type == FENCE_ORDER_READ) {
			t->read = order->token;
		} else if (order->type == FENCE_ORDER_POWER_DOWN) {
			t->down = order->token;
			t->downs++;
			ck_assert_uint_eq(order->session, t->session);
			ck_assert_uint_eq(order->not_after, t->now + FENCE_ORDER_LIFE);
		} else {
			t->cancelled = order->token;
		}
	}
	for (unsigned i = 0; i < update.note_count; i++)
		t->noted[update.notes[i]] = true;
}

static struct talk
begin(enum fence_action action)
{
	struct talk t = {
		.facts = all_good, .now = 100 * HA_SEC, .session = 1, .session_since = HA_SEC, .guid = peer_guid
	};
	struct fence_plan_config config = {
		.action = action, .samples = 2, .settle = HA_SEC, .power_timeout = 20 * HA_SEC, .own = own_guid
	};

	fence_plan_init(&t.plan, &config);
	t.plan.expected = peer_guid;
	step(&t, FENCE_PLAN_BEGIN, NULL);
	return t;
}

static struct fence_report
answer(const struct talk *t, uint32_t token, enum fence_error error)
{
	return (struct fence_report){ .type = FENCE_REPORT_ANSWER,
		.token = token,
		.error = error,
		.session = t->session,
		.session_since = t->session_since,
		.guid_known = true,
		.guid = t->guid,
		.asked = t->now,
		.answered = t->now + 5 * HA_MS };
}

/* The plan asks when it wants to; the reading says `power`. */
static void
reading(struct talk *t, enum fence_power power)
{
	struct fence_report report;

	if (t->read == 0) {
		t->now = ha_time_max(t->now, fence_plan_deadline(&t->plan));
		step(t, FENCE_PLAN_TIMER, NULL);
	}
	ck_assert_uint_ne(t->read, 0);
	report = answer(t, t->read, FENCE_OK);
	report.power = power;
	t->read = 0;
	t->now += 5 * HA_MS;
	step(t, FENCE_PLAN_REPORT, &report);
}

static void
read_error(struct talk *t, enum fence_error error)
{
	struct fence_report report;

	if (t->read == 0) {
		t->now = ha_time_max(t->now, fence_plan_deadline(&t->plan));
		step(t, FENCE_PLAN_TIMER, NULL);
	}
	report = answer(t, t->read, error);
	if (error == FENCE_UNREACHABLE)
		report.session = 0;
	t->read = 0;
	step(t, FENCE_PLAN_REPORT, &report);
}

static void
down_answer(struct talk *t, enum fence_error error, uint8_t completion)
{
	struct fence_report report = answer(t, t->down, error);

	ck_assert_uint_ne(t->down, 0);
	report.completion = completion;
	t->down = 0;
	t->now += 5 * HA_MS;
	step(t, FENCE_PLAN_REPORT, &report);
}

/* Read `power` until `length` has passed. */
static void
readings_for(struct talk *t, enum fence_power power, ha_time length)
{
	ha_time until = t->now + length;

	while (t->now < until && t->plan.phase != FENCE_PLAN_OFF)
		reading(t, power);
}

START_TEST(found_off_is_powered_down_all_the_same)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	reading(&t, FENCE_POWER_OFF);
	ck_assert_uint_eq(t.downs, 1);
	ck_assert_int_ne(t.plan.phase, FENCE_PLAN_OFF);
	down_answer(&t, FENCE_OK, 0);
	reading(&t, FENCE_POWER_OFF);
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_CONFIRMING);
	reading(&t, FENCE_POWER_OFF);
	reading(&t, FENCE_POWER_OFF);
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_OFF);
	ck_assert(!t.plan.killed); /* a peer found off is left off */
}
END_TEST

START_TEST(off_without_an_answered_power_down_is_no_proof)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	t.facts.wire_silent = false; /* so that none is ordered */
	readings_for(&t, FENCE_POWER_OFF, 60 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_SEEN_OFF);
}
END_TEST

START_TEST(a_peer_that_was_on_settles)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);
	ha_time first;

	reading(&t, FENCE_POWER_ON);
	ck_assert_uint_eq(t.downs, 1);
	down_answer(&t, FENCE_OK, 0);
	reading(&t, FENCE_POWER_OFF);
	first = t.plan.sample_first;
	readings_for(&t, FENCE_POWER_OFF, 10 * HA_SEC);
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_OFF);
	ck_assert_uint_ge(t.plan.sample_last - first, HA_SEC);
	ck_assert(t.plan.killed);
}
END_TEST

START_TEST(an_on_in_between_begins_anew)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	reading(&t, FENCE_POWER_ON);
	down_answer(&t, FENCE_OK, 0);
	readings_for(&t, FENCE_POWER_OFF, 900 * HA_MS);
	reading(&t, FENCE_POWER_ON);
	ck_assert_uint_eq(t.plan.samples, 0);
	readings_for(&t, FENCE_POWER_OFF, 900 * HA_MS);
	ck_assert_int_ne(t.plan.phase, FENCE_PLAN_OFF);
}
END_TEST

START_TEST(readings_closer_than_the_gap_count_once)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);
	struct fence_report report;

	reading(&t, FENCE_POWER_OFF);
	down_answer(&t, FENCE_OK, 0);
	reading(&t, FENCE_POWER_OFF);
	ck_assert_uint_eq(t.plan.samples, 1);
	t.now = t.plan.sample_last + FENCE_SAMPLE_GAP - 1;
	step(&t, FENCE_PLAN_TIMER, NULL);
	report = answer(&t, t.read, FENCE_OK);
	report.power = FENCE_POWER_OFF;
	report.asked = t.plan.sample_last + FENCE_SAMPLE_GAP - 1;
	step(&t, FENCE_PLAN_REPORT, &report);
	ck_assert_uint_eq(t.plan.samples, 1);
}
END_TEST

START_TEST(a_reading_asked_before_the_claim_is_nothing)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);
	struct fence_report report = answer(&t, t.read, FENCE_OK);

	report.power = FENCE_POWER_OFF;
	report.asked = t.plan.began - 1;
	step(&t, FENCE_PLAN_REPORT, &report);
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_READING);
	ck_assert_uint_eq(t.downs, 0);
}
END_TEST

START_TEST(an_answer_to_an_earlier_claim_is_nothing)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);
	uint32_t old = t.read;
	struct fence_report report;

	step(&t, FENCE_PLAN_END, NULL);
	step(&t, FENCE_PLAN_BEGIN, NULL);
	ck_assert_uint_ne(t.read, old);
	report = answer(&t, old, FENCE_OK);
	report.power = FENCE_POWER_OFF;
	step(&t, FENCE_PLAN_REPORT, &report);
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_READING);
}
END_TEST

static const enum fence_error errors[] = { FENCE_UNREACHABLE, FENCE_AUTHENTICATION, FENCE_PRIVILEGE, FENCE_CIPHER,
	FENCE_SESSIONS, FENCE_REFUSED, FENCE_GARBAGE, FENCE_TIMEOUT, FENCE_NOT_SENT, FENCE_CONFIG, FENCE_WORKER };

START_TEST(errors_and_time_prove_nothing)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);
	ha_time last = t.now, gap = 0;

	for (unsigned i = 0; i < 1000; i++) {
		read_error(&t, errors[_i]);
		gap = t.now - last;
		last = t.now;
	}
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_READING);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert_uint_eq(gap, FENCE_RETRY_CAP); /* for ever, capped */
	reading(&t, FENCE_POWER_ON);
	ck_assert_uint_eq(t.downs, 1); /* never latching */
}
END_TEST

START_TEST(another_machines_readings_count_for_nothing)
{
	static const struct {
		const struct ha_guid *guid;
		bool known;
		enum fence_identity identity;
	} cases[] = { { &third_guid, true, FENCE_IDENTITY_OTHER }, { &own_guid, true, FENCE_IDENTITY_OWN },
		{ &peer_guid, false, FENCE_IDENTITY_UNKNOWN } };
	struct talk t = begin(FENCE_ACTION_REBOOT);

	t.guid = *cases[_i].guid;
	for (unsigned i = 0; i < 20; i++) {
		struct fence_report report;

		if (t.read == 0) {
			t.now = fence_plan_deadline(&t.plan);
			step(&t, FENCE_PLAN_TIMER, NULL);
		}
		report = answer(&t, t.read, FENCE_OK);
		report.power = i % 2 ? FENCE_POWER_ON : FENCE_POWER_OFF;
		report.guid_known = cases[_i].known;
		t.read = 0;
		step(&t, FENCE_PLAN_REPORT, &report);
	}
	ck_assert_uint_eq(t.downs, 0);
	ck_assert_int_eq(t.plan.identity, cases[_i].identity);
	ck_assert(t.noted[FENCE_NOTE_IDENTITY]);
}
END_TEST

START_TEST(my_own_imm_is_refused_even_with_guid_none)
{
	struct fence_plan_config config = { .guid_none = true, .own = own_guid };

	ck_assert_int_eq(fence_identify(&config, &peer_guid, true, &own_guid), FENCE_IDENTITY_OWN);
	ck_assert_int_eq(fence_identify(&config, &peer_guid, true, &third_guid), FENCE_IDENTITY_OPTED_OUT);
	ck_assert_int_eq(fence_identify(&config, &peer_guid, false, &third_guid), FENCE_IDENTITY_OPTED_OUT);
}
END_TEST

START_TEST(a_refusal_is_an_answer_never_an_off)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	reading(&t, FENCE_POWER_ON);
	down_answer(&t, FENCE_REFUSED, 0xd5);
	ck_assert_int_ne(t.plan.phase, FENCE_PLAN_OFF);
	readings_for(&t, FENCE_POWER_ON, 3 * HA_SEC);
	ck_assert_uint_ge(t.downs, 2); /* still on: asked again, though the credit is spent */
	down_answer(&t, FENCE_REFUSED, 0xd5);
	readings_for(&t, FENCE_POWER_OFF, 5 * HA_SEC);
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_OFF);
}
END_TEST

START_TEST(accepted_but_on_is_never_repeated)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	reading(&t, FENCE_POWER_ON);
	down_answer(&t, FENCE_OK, 0);
	readings_for(&t, FENCE_POWER_ON, 60 * HA_SEC);
	t.session = 2; /* not even if the IMM restarts */
	readings_for(&t, FENCE_POWER_ON, 60 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
	ck_assert(t.noted[FENCE_NOTE_STILL_ON]);
	ck_assert_int_ne(t.plan.phase, FENCE_PLAN_OFF);
}
END_TEST

START_TEST(lost_answer_then_off)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	reading(&t, FENCE_POWER_ON);
	down_answer(&t, FENCE_TIMEOUT, 0);
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_UNANSWERED);
	ck_assert(fence_plan_power_down_sent(&t.plan));
	t.now += HA_SEC;
	reading(&t, FENCE_POWER_OFF);
	ck_assert_uint_eq(t.downs, 2); /* harmless now, and its answer is what S6 asks for */
	down_answer(&t, FENCE_OK, 0);
	readings_for(&t, FENCE_POWER_OFF, 5 * HA_SEC);
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_OFF);
	ck_assert(t.plan.killed);
}
END_TEST

START_TEST(lost_command_is_sent_again_and_then_given_up)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	reading(&t, FENCE_POWER_ON);
	t.facts.credit = false;
	for (unsigned i = 1; i <= FENCE_TRANSMISSIONS; i++) {
		ck_assert_uint_eq(t.downs, i);
		down_answer(&t, FENCE_TIMEOUT, 0);
		readings_for(&t, FENCE_POWER_ON, 5 * HA_SEC);
	}
	ck_assert_uint_eq(t.downs, FENCE_TRANSMISSIONS);
	ck_assert(t.plan.spent);
	ck_assert(t.noted[FENCE_NOTE_SPENT]);
}
END_TEST

START_TEST(the_peer_speaks_before_it_is_sent)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);
	uint32_t token;

	reading(&t, FENCE_POWER_ON);
	token = t.down;
	step(&t, FENCE_PLAN_PEER_SPOKE, NULL);
	ck_assert_uint_eq(t.cancelled, token);
	t.facts.delays_over = false;
	down_answer(&t, FENCE_NOT_SENT, 0);
	readings_for(&t, FENCE_POWER_ON, 30 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
	ck_assert(!fence_plan_power_down_sent(&t.plan));
}
END_TEST

/* The IMM is gone: one order for each time that it was read, not one a second into a session that is over. */
START_TEST(not_sent_and_not_ordered_until_it_is_read_again)
{
	static const enum fence_power says[] = { FENCE_POWER_ON, FENCE_POWER_OFF };

	for (unsigned i = 0; i < 2; i++) {
		struct talk t = begin(FENCE_ACTION_REBOOT);

		t.now += 5 * HA_SEC;
		reading(&t, says[i]);
		ck_assert_uint_eq(t.downs, 1);
		down_answer(&t, FENCE_NOT_SENT, 0);
		for (unsigned k = 0; k < 20; k++) {
			read_error(&t, FENCE_UNREACHABLE);
			t.now += HA_SEC;
			step(&t, FENCE_PLAN_FACTS, NULL);
			step(&t, FENCE_PLAN_TIMER, NULL);
		}
		ck_assert_uint_eq(t.downs, 1);
		reading(&t, says[i]);
		ck_assert_uint_eq(t.downs, 2);
	}
}
END_TEST

/* S6: who speaks was on, though its IMM could not be told from another's then; "off" has to last. */
START_TEST(who_spoke_in_the_claim_was_on)
{
	for (unsigned spoke = 0; spoke < 2; spoke++) {
		struct talk t = begin(FENCE_ACTION_REBOOT);
		ha_time first;

		if (spoke)
			step(&t, FENCE_PLAN_PEER_SPOKE, NULL);
		t.now += 5 * HA_SEC;
		reading(&t, FENCE_POWER_OFF);
		down_answer(&t, FENCE_OK, 0);
		first = t.now;
		readings_for(&t, FENCE_POWER_OFF, 500 * HA_MS);
		ck_assert_int_eq(t.plan.phase == FENCE_PLAN_OFF, !spoke);
		readings_for(&t, FENCE_POWER_OFF, 2 * HA_SEC);
		ck_assert_int_eq(t.plan.phase, FENCE_PLAN_OFF);
		ck_assert(!spoke || t.plan.sample_last - t.plan.sample_first >= HA_SEC);
		ck_assert_uint_ge(t.plan.sample_first, first);
	}
}
END_TEST

START_TEST(the_peer_speaks_after_it_was_sent)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	reading(&t, FENCE_POWER_ON);
	down_answer(&t, FENCE_TIMEOUT, 0);
	step(&t, FENCE_PLAN_PEER_SPOKE, NULL);
	ck_assert(t.noted[FENCE_NOTE_ENDED_BY_PEER_LATE]);
	readings_for(&t, FENCE_POWER_ON, 30 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

START_TEST(an_imm_that_restarted_is_doubted)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	t.session = 2;
	t.session_since = t.now + HA_MS;
	t.now += 2 * HA_MS;
	readings_for(&t, FENCE_POWER_OFF, FENCE_RESTART_DOUBT - 100 * HA_MS);
	ck_assert_uint_eq(t.downs, 0);
	t.facts.delays_over = false; /* the power-down that "on" permits is not the matter here */
	reading(&t, FENCE_POWER_ON); /* it had lied */
	ck_assert(t.plan.was_on);
	ck_assert_int_ne(t.plan.phase, FENCE_PLAN_OFF);
}
END_TEST

START_TEST(a_session_younger_than_the_lie_is_doubted)
{
	struct talk t = begin(FENCE_ACTION_CHECK);

	t.facts.after_over = false;
	t.session_since = t.plan.began - 3 * HA_MS; /* a daemon and an IMM that have just started */
	readings_for(&t, FENCE_POWER_OFF, FENCE_RESTART_DOUBT - 200 * HA_MS);
	ck_assert_int_ne(t.plan.phase, FENCE_PLAN_OFF);
	reading(&t, FENCE_POWER_ON);
	readings_for(&t, FENCE_POWER_OFF, 5 * HA_SEC);
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_OFF);
}
END_TEST

START_TEST(off_is_not_carried_over_a_restart)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	t.facts.wire_silent = false;
	readings_for(&t, FENCE_POWER_OFF, 5 * HA_SEC);
	t.now += 2 * FENCE_RESTART_GAP;
	t.session = 2;
	t.session_since = t.now;
	t.facts.wire_silent = true;
	readings_for(&t, FENCE_POWER_OFF, FENCE_RESTART_DOUBT - 200 * HA_MS);
	ck_assert_uint_eq(t.downs, 0);
}
END_TEST

START_TEST(off_of_another_session_than_the_order_is_no_proof)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	reading(&t, FENCE_POWER_ON);
	down_answer(&t, FENCE_OK, 0);
	t.session = 2;
	t.session_since = t.now;
	t.now += HA_MS;
	readings_for(&t, FENCE_POWER_OFF, FENCE_RESTART_DOUBT - 100 * HA_MS);
	ck_assert_int_ne(t.plan.phase, FENCE_PLAN_OFF);
	ck_assert_uint_eq(t.downs, 1);
	readings_for(&t, FENCE_POWER_OFF, HA_SEC);
	ck_assert_uint_eq(t.downs, 2); /* ordered again in the session that says off */
	down_answer(&t, FENCE_OK, 0);
	readings_for(&t, FENCE_POWER_OFF, 5 * HA_SEC);
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_OFF);
}
END_TEST

START_TEST(a_new_fence_process_begins_anew)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	reading(&t, FENCE_POWER_ON);
	down_answer(&t, FENCE_OK, 0);
	reading(&t, FENCE_POWER_OFF);
	step(&t, FENCE_PLAN_WORKER, NULL);
	t.read = 0;
	/* Its sessions count from 1 again: session 1 is another one now, and the IMM behind it another machine's. */
	t.guid = third_guid;
	readings_for(&t, FENCE_POWER_OFF, 5 * HA_SEC);
	ck_assert_int_ne(t.plan.phase, FENCE_PLAN_OFF);
	ck_assert_uint_eq(t.downs, 1);
	t.guid = peer_guid;
	reading(&t, FENCE_POWER_OFF);
	ck_assert_uint_eq(t.downs, 2); /* and the power-down is to be answered anew */
}
END_TEST

START_TEST(check_never_powers_anything_down)
{
	struct talk t = begin(FENCE_ACTION_CHECK);

	readings_for(&t, FENCE_POWER_ON, 30 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	readings_for(&t, FENCE_POWER_OFF, 5 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert_int_eq(t.plan.phase, FENCE_PLAN_OFF);
}
END_TEST

/* S9: each fact alone holds the power-down of a machine that is on. */
START_TEST(each_fact_is_needed)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);
	bool *facts[] = { &t.facts.fit, &t.facts.probes_answered, &t.facts.delays_over, &t.facts.credit, &t.facts.heard,
		&t.facts.heard_since_loss, &t.facts.remembered };
	unsigned count = sizeof(facts) / sizeof(facts[0]);

	if ((unsigned)_i < count)
		*facts[_i] = false;
	else if ((unsigned)_i == count)
		t.facts.paused = true;
	else
		t.facts.maybe_alive = true;
	readings_for(&t, FENCE_POWER_ON, 60 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert_int_ne(t.plan.permit, FENCE_PERMITTED);
	t.facts = all_good;
	step(&t, FENCE_PLAN_FACTS, NULL);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

START_TEST(a_hanging_holder_that_answers_arp_can_be_fenced)
{
	struct talk t = begin(FENCE_ACTION_REBOOT);

	t.facts.wire_silent = false;
	reading(&t, FENCE_POWER_ON);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fence plan");
	TCase *tc = suite_case(suite, "conversations");

	tcase_add_test(tc, found_off_is_powered_down_all_the_same);
	tcase_add_test(tc, off_without_an_answered_power_down_is_no_proof);
	tcase_add_test(tc, a_peer_that_was_on_settles);
	tcase_add_test(tc, an_on_in_between_begins_anew);
	tcase_add_test(tc, readings_closer_than_the_gap_count_once);
	tcase_add_test(tc, a_reading_asked_before_the_claim_is_nothing);
	tcase_add_test(tc, an_answer_to_an_earlier_claim_is_nothing);
	tcase_add_loop_test(tc, errors_and_time_prove_nothing, 0, (int)(sizeof(errors) / sizeof(errors[0])));
	tcase_add_loop_test(tc, another_machines_readings_count_for_nothing, 0, 3);
	tcase_add_test(tc, my_own_imm_is_refused_even_with_guid_none);
	tcase_add_test(tc, a_refusal_is_an_answer_never_an_off);
	tcase_add_test(tc, accepted_but_on_is_never_repeated);
	tcase_add_test(tc, lost_answer_then_off);
	tcase_add_test(tc, lost_command_is_sent_again_and_then_given_up);
	tcase_add_test(tc, the_peer_speaks_before_it_is_sent);
	tcase_add_test(tc, not_sent_and_not_ordered_until_it_is_read_again);
	tcase_add_test(tc, who_spoke_in_the_claim_was_on);
	tcase_add_test(tc, the_peer_speaks_after_it_was_sent);
	tcase_add_test(tc, an_imm_that_restarted_is_doubted);
	tcase_add_test(tc, a_session_younger_than_the_lie_is_doubted);
	tcase_add_test(tc, off_is_not_carried_over_a_restart);
	tcase_add_test(tc, off_of_another_session_than_the_order_is_no_proof);
	tcase_add_test(tc, a_new_fence_process_begins_anew);
	tcase_add_test(tc, check_never_powers_anything_down);
	tcase_add_loop_test(tc, each_fact_is_needed, 0, 9);
	tcase_add_test(tc, a_hanging_holder_that_answers_arp_can_be_fenced);
	return suite_run(suite);
}
