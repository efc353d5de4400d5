/* The grant table, every cell. */
#include "daemon/grant.h"
#include "test/unit/suite.h"

#include <check.h>

static struct grant_me
me(enum node_state state)
{
	return (struct grant_me){ .state = state,
		.name = "NodeA",
		.claim_priority = 100,
		.effective_priority = 100,
		.vips_agree = true,
		.may_switch = true };
}

static struct grant_claim
claim(enum node_intent intent, uint8_t priority)
{
	return (struct grant_claim){ .intent = intent, .name = "NodeB", .priority = priority };
}

START_TEST(states_answer_a_suspect_claim)
{
	static const enum grant_answer answers[NODE_STATES] = { [NODE_INIT] = GRANT_NOT_YET,
		[NODE_BACKUP] = GRANT_GIVE,
		[NODE_FAULT] = GRANT_GIVE,
		[NODE_STANDBY] = GRANT_GIVE,
		[NODE_CLAIMING] = GRANT_WIN,
		[NODE_ADDING] = GRANT_HOLD,
		[NODE_MASTER] = GRANT_HOLD,
		[NODE_RELEASING] = GRANT_HOLD,
		[NODE_DIRTY] = GRANT_FENCE_ME };
	struct grant_me m = me((enum node_state)_i);
	struct grant_claim c = claim(NODE_INTENT_SUSPECT, 90);

	ck_assert_int_eq(grant_decide(&m, &c), answers[_i]);
}
END_TEST

START_TEST(a_holder_never_grants)
{
	static const enum node_state holders[] = { NODE_ADDING, NODE_MASTER, NODE_RELEASING };

	for (unsigned h = 0; h < 3; h++) {
		for (int intent = 0; intent < NODE_INTENTS; intent++) {
			struct grant_me m = me(holders[h]);
			struct grant_claim c = claim((enum node_intent)intent, 254);

			m.preempt = true;
			c.power_down_sent = true;
			ck_assert_int_ne(grant_decide(&m, &c), GRANT_GIVE);
		}
	}
}
END_TEST

START_TEST(an_address_in_the_kernel_is_no_consent)
{
	struct grant_me m = me((enum node_state)_i);
	struct grant_claim c = claim(NODE_INTENT_SUSPECT, 254);

	m.vip_present = true;
	ck_assert_int_ne(grant_decide(&m, &c), GRANT_GIVE);
	m.vip_present = false;
	m.vips_agree = false;
	ck_assert_int_ne(grant_decide(&m, &c), GRANT_GIVE);
}
END_TEST

START_TEST(of_two_claims_one_wins)
{
	for (unsigned i = 0; i < 64; i++) {
		bool a_sent = i & 1, b_sent = i & 2;
		uint8_t a_priority = (i & 4) ? 100 : 90, b_priority = (i & 8) ? 100 : 90;
		struct grant_me a = me(NODE_CLAIMING), b = me(NODE_CLAIMING);
		struct grant_claim of_a = { .name = "NodeA", .priority = a_priority, .power_down_sent = a_sent };
		struct grant_claim of_b = { .name = "NodeB", .priority = b_priority, .power_down_sent = b_sent };
		enum grant_answer at_a, at_b;

		a.claim_priority = a_priority, a.power_down_sent = a_sent;
		b.name = "NodeB", b.claim_priority = b_priority, b.power_down_sent = b_sent;
		at_a = grant_decide(&a, &of_b);
		at_b = grant_decide(&b, &of_a);
		ck_assert((at_a == GRANT_WIN && at_b == GRANT_GIVE) || (at_a == GRANT_GIVE && at_b == GRANT_WIN));
		if (a_sent != b_sent)
			ck_assert_int_eq(at_a, a_sent ? GRANT_WIN : GRANT_GIVE);
	}
}
END_TEST

START_TEST(a_master_releases_when_asked_well)
{
	struct grant_me m = me(NODE_MASTER);
	struct grant_claim c = claim(NODE_INTENT_SWITCHOVER, 90);

	ck_assert_int_eq(grant_decide(&m, &c), GRANT_RELEASE);
	c = claim(NODE_INTENT_PREEMPT, 110);
	ck_assert_int_eq(grant_decide(&m, &c), GRANT_HOLD);
	m.preempt = true;
	ck_assert_int_eq(grant_decide(&m, &c), GRANT_RELEASE);
	c.priority = 100;
	ck_assert_int_eq(grant_decide(&m, &c), GRANT_HOLD);
	c = claim(NODE_INTENT_SWITCHOVER, 90);
	m.may_switch = false;
	ck_assert_int_eq(grant_decide(&m, &c), GRANT_HOLD);
	m.may_switch = true;
	m.vips_agree = false;
	ck_assert_int_eq(grant_decide(&m, &c), GRANT_HOLD);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("grant");
	TCase *tc = suite_case(suite, "table");

	tcase_add_loop_test(tc, states_answer_a_suspect_claim, 0, NODE_STATES);
	tcase_add_test(tc, a_holder_never_grants);
	tcase_add_loop_test(tc, an_address_in_the_kernel_is_no_consent, 0, NODE_STATES);
	tcase_add_test(tc, of_two_claims_one_wins);
	tcase_add_test(tc, a_master_releases_when_asked_well);
	return suite_run(suite);
}
