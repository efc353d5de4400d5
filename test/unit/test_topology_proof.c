/* The levels behind the IMM: what proves that the peer is off, what does not, and what is no use any more. */
#include "test/unit/level_talk.h"
#include "test/unit/suite.h"

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
	level_step(&k, FENCE_TOPOLOGY_FACTS);
	ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_OFF);
}
END_TEST

/* S9: it went off although no answer came; who is on again was switched on by somebody. */
START_TEST(off_without_an_answer)
{
	struct talk k = two_feeds();

	all_say(&k, FENCE_POWER_ON);
	level_answers(&k, 0, FENCE_TIMEOUT, FENCE_POWER_UNKNOWN);
	level_answers(&k, 1, FENCE_TIMEOUT, FENCE_POWER_UNKNOWN);
	ck_assert(!k.t.obeyed);
	level_timer(&k);
	level_answers(&k, 0, FENCE_OK, FENCE_POWER_OFF);
	level_answers(&k, 1, FENCE_OK, FENCE_POWER_OFF);
	ck_assert(k.t.obeyed);
}
END_TEST

START_TEST(one_that_does_not_obey)
{
	struct talk k = two_feeds();

	all_say(&k, FENCE_POWER_ON);
	level_answers(&k, 0, FENCE_OK, FENCE_POWER_UNKNOWN);
	level_answers(&k, 1, FENCE_TIMEOUT, FENCE_POWER_UNKNOWN);
	ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_CONFIRMING);
	ck_assert(k.t.killed);
	/* Again: only the one that has not answered is ordered. */
	level_timer(&k);
	level_answers(&k, 0, FENCE_OK, FENCE_POWER_OFF);
	level_answers(&k, 1, FENCE_OK, FENCE_POWER_ON);
	ck_assert_uint_eq(k.downs, 3);
	ck_assert_uint_eq(k.tokens[0], 0);
	level_answers(&k, 1, FENCE_OK, FENCE_POWER_UNKNOWN);
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
		level_timer(&k);
		ck_assert_int_ne(k.t.phase, FENCE_TOPOLOGY_OFF);
		level_answers(&k, 0, FENCE_OK, FENCE_POWER_OFF);
		level_answers(&k, 1, FENCE_OK, FENCE_POWER_ON);
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
	level_timer(&k);
	level_answers(&k, 0, FENCE_OK, FENCE_POWER_OFF);
	level_answers(&k, 1, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);
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
	level_step(&k, FENCE_TOPOLOGY_HEARD);
	level_step(&k, FENCE_TOPOLOGY_SPOKE);
	ck_assert(k.noted[FENCE_LEVEL_DISPROVED]);
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

START_TEST(the_peer_speaks_after_the_proof)
{
	struct talk k = two_feeds();

	switched_off(&k);
	all_say_for(&k, FENCE_POWER_OFF, 10 * HA_SEC);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
	level_step(&k, FENCE_TOPOLOGY_HEARD);
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
	level_step(&k, FENCE_TOPOLOGY_FACTS);
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
		k.facts = level_all_good;
		k.late_socket = false;
		all_say_for(&k, FENCE_POWER_OFF, 5 * HA_SEC);
		ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
	}
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
		level_timer(&k);
	k.facts.after_over = true;
	level_step(&k, FENCE_TOPOLOGY_TIMER);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_OFF);
	level_answers(&k, 0, FENCE_OK, FENCE_POWER_ON);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_CONFIRMING);
	level_answers(&k, 1, FENCE_OK, FENCE_POWER_OFF);
	ck_assert_int_eq(k.t.phase, FENCE_TOPOLOGY_CONFIRMING);
}
END_TEST

START_TEST(what_is_no_use)
{
	struct talk k = two_feeds();

	level_answers(&k, 0, FENCE_OK, FENCE_POWER_ON);
	level_answers(&k, 1, FENCE_OK, FENCE_POWER_OFF);
	ck_assert_uint_eq(fence_topology_useless_mask(&k.t), 2);
	level_timer(&k);
	level_answers(&k, 0, FENCE_OK, FENCE_POWER_ON);
	level_answers(&k, 1, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);
	ck_assert_uint_eq(fence_topology_useless_mask(&k.t), 0); /* nobody knows */
	k = two_feeds();
	switched_off(&k);
	all_say(&k, FENCE_POWER_OFF);
	ck_assert_uint_eq(fence_topology_useless_mask(&k.t), 0);
	level_step(&k, FENCE_TOPOLOGY_HEARD);
	for (unsigned i = 0; i < 2; i++)
		if (k.tokens[i] != 0)
			level_answers(&k, i, FENCE_OK, FENCE_POWER_OFF);
	ck_assert(k.t.disproved);
	ck_assert_uint_eq(fence_topology_useless_mask(&k.t), 3);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fence levels: proof");
	TCase *tc = suite_case(suite, "proof");

	tcase_add_test(tc, two_outlets_prove);
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
	tcase_add_test(tc, fed_again_between_proof_and_add);
	tcase_add_test(tc, what_is_no_use);
	return suite_run(suite);
}
