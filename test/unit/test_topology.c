/* The levels behind the IMM as conversations: which is asked, which is ordered off, which is passed over. */
#include "test/unit/level_talk.h"
#include "test/unit/suite.h"

START_TEST(nothing_before_level_1_has_failed)
{
	struct talk k = two_feeds();

	k = two_feeds();
	k.level1_failed = false;
	level_step(&k, FENCE_TOPOLOGY_TIMER); /* it is back: what was asked is dropped */
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_WAITING);
	ck_assert_uint_eq(k.cancels, 2);
	k.now += 60 * HA_SEC;
	level_step(&k, FENCE_TOPOLOGY_TIMER);
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
		level_answers(&k, 0, FENCE_OK, FENCE_POWER_ON);
		level_answers(&k, 1, FENCE_OK, FENCE_POWER_OFF);
		ck_assert_uint_eq(k.downs, 0);
		level_timer(&k);
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
	k.facts = level_all_good;
	k.facts.credit = false; /* who is on must not be powered down */
	level_step(&k, FENCE_TOPOLOGY_TIMER);
	ck_assert_uint_eq(k.downs, 0);
	level_answers(&k, 0, FENCE_OK, FENCE_POWER_ON);
	level_answers(&k, 1, FENCE_OK, FENCE_POWER_OFF);
	ck_assert_uint_eq(k.downs, 0);
	level_timer(&k);
	all_say(&k, FENCE_POWER_OFF);
	ck_assert_uint_eq(k.downs, 2);
}
END_TEST

/* Who speaks after all does not live by what was off all the time, whoever switched it off. */
START_TEST(switched_off_here_before_and_heard_since)
{
	static const uint8_t levels[] = { 2, 2 };
	struct talk k = begin_with(levels, 2, FENCE_ACTION_REBOOT, 3);

	level_step(&k, FENCE_TOPOLOGY_HEARD); /* before they are read ... */
	level_step(&k, FENCE_TOPOLOGY_SPOKE);
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
	level_step(&k, FENCE_TOPOLOGY_HEARD); /* ... and when they are just being switched off once more */
	level_step(&k, FENCE_TOPOLOGY_SPOKE);
	all_say(&k, FENCE_POWER_UNKNOWN);
	for (int i = 0; i < 50; i++) {
		k.now += HA_SEC;
		level_step(&k, FENCE_TOPOLOGY_TIMER);
		for (unsigned f = 0; f < 2; f++)
			if (k.tokens[f] != 0)
				level_answers(&k, f, FENCE_OK, FENCE_POWER_OFF);
	}
	ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_OFF);
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
	level_step(&k, FENCE_TOPOLOGY_FACTS);
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
	level_step(&k, FENCE_TOPOLOGY_SPOKE);
	ck_assert_uint_eq(k.cancels, 2);
	level_answers(&k, 0, FENCE_NOT_SENT, FENCE_POWER_UNKNOWN);
	level_answers(&k, 1, FENCE_TIMEOUT, FENCE_POWER_UNKNOWN); /* it may have been executed */
	level_step(&k, FENCE_TOPOLOGY_SPOKE);
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
		level_step(&k, FENCE_TOPOLOGY_SPOKE);
		level_answers(&k, 0, ends[i], FENCE_POWER_UNKNOWN);
		level_answers(&k, 1, FENCE_NOT_SENT, FENCE_POWER_UNKNOWN);
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

	level_answers(&k, 0, FENCE_OK, FENCE_POWER_ON);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_ORDERED);
	level_step(&k, FENCE_TOPOLOGY_SPOKE);
	level_answers(&k, 0, FENCE_TIMEOUT, FENCE_POWER_UNKNOWN);
	for (int i = 0; i < 60 && k.t.phase != FENCE_TOPOLOGY_OFF; i++) {
		if (k.tokens[0] == 0 && k.tokens[1] == 0)
			level_timer(&k);
		if (k.tokens[0] != 0)
			level_answers(&k, 0, FENCE_OK,
				k.orders[0] == FENCE_ORDER_READ ? FENCE_POWER_OFF : FENCE_POWER_UNKNOWN);
		if (k.tokens[1] != 0)
			level_answers(&k, 1, FENCE_OK, FENCE_POWER_ON);
	}
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
	ck_assert_uint_eq(fence_topology_tried_mask(&k.t), 1);
}
END_TEST

START_TEST(next_level_and_back)
{
	static const uint8_t levels[] = { 2, 3 };
	struct talk k = begin_with(levels, 2, FENCE_ACTION_OFF, 0);

	ck_assert_uint_ne(k.tokens[0], 0);
	ck_assert_uint_eq(k.tokens[1], 0);
	ck_assert(fence_topology_hopeful(&k.t));
	level_answers(&k, 0, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);
	level_timer(&k);
	ck_assert_uint_ne(k.tokens[1], 0);
	ck_assert(fence_topology_hopeful(&k.t));
	level_answers(&k, 1, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);
	ck_assert(!fence_topology_hopeful(&k.t));
	for (int i = 0; i < 100; i++) { /* for ever, with a cap */
		ha_time before = k.now;

		level_timer(&k);
		ck_assert_uint_le(k.now, before + FENCE_LEVEL_RETRY_CAP);
		for (unsigned f = 0; f < 2; f++)
			if (k.tokens[f] != 0)
				level_answers(&k, f, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);
	}
	level_timer(&k);
	all_say_for(&k, FENCE_POWER_ON, HA_MS);
	ck_assert_uint_eq(k.downs, 1);
}
END_TEST

START_TEST(an_agent_that_says_nothing)
{
	struct talk k = two_feeds();

	level_answers(&k, 0, FENCE_OK, FENCE_POWER_ON);
	k.now += 11 * HA_SEC;
	level_step(&k, FENCE_TOPOLOGY_TIMER);
	ck_assert_uint_eq(k.cancels, 1);
	ck_assert_uint_eq(k.downs, 0);
}
END_TEST

START_TEST(the_process_ends_in_between)
{
	struct talk k = two_feeds();

	all_say(&k, FENCE_POWER_ON);
	level_step(&k, FENCE_TOPOLOGY_WORKER);
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

	level_step(&k, FENCE_TOPOLOGY_END);
	ck_assert_uint_eq(k.cancels, 2);
	level_step(&k, FENCE_TOPOLOGY_BEGIN);
	level_step(&k, FENCE_TOPOLOGY_TIMER);
	ck_assert_uint_ne(k.tokens[0], old[0]);
	k.tokens[0] = old[0];
	level_answers(&k, 0, FENCE_OK, FENCE_POWER_ON);
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

int
main(void)
{
	Suite *suite = suite_create("fence levels");
	TCase *tc = suite_case(suite, "levels");

	tcase_add_test(tc, nothing_before_level_1_has_failed);
	tcase_add_test(tc, off_by_itself_proves_nothing);
	tcase_add_test(tc, one_of_two_off_by_itself_proves_nothing);
	tcase_add_test(tc, switched_off_here_before);
	tcase_add_test(tc, switched_off_here_before_and_asked_again);
	tcase_add_test(tc, switched_off_here_before_and_heard_since);
	tcase_add_test(tc, not_permitted_not_sent);
	tcase_add_test(tc, not_permitted_for_long_and_passed_over);
	tcase_add_test(tc, not_permitted_at_any_level);
	tcase_add_test(tc, the_peer_speaks_in_time);
	tcase_add_test(tc, the_peer_speaks_before_it_is_known_to_have_left);
	tcase_add_test(tc, the_peer_speaks_and_the_outlet_goes_off);
	tcase_add_test(tc, next_level_and_back);
	tcase_add_test(tc, an_agent_that_says_nothing);
	tcase_add_test(tc, the_process_ends_in_between);
	tcase_add_test(tc, an_answer_of_an_earlier_claim);
	tcase_add_test(tc, check_switches_nothing);
	return suite_run(suite);
}
