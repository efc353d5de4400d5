/* What an administrator asks for: standby and pause. */
#include "test/unit/node_story.h"
#include "test/unit/suite.h"

/* --- standby --- */

START_TEST(a_standby_grants_and_never_claims)
{
	struct story t = backup();

	commands(&t, NODE_CMD_STANDBY);
	ck_assert(t.memory.standby);
	becomes(&t, NODE_STANDBY);
	imm_for(&t, FENCE_POWER_OFF, 10 * HA_SEC);
	becomes(&t, NODE_STANDBY);
	ck_assert_uint_eq(t.downs, 0);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 90);
	ck_assert_uint_eq(t.granted, 7);
	commands(&t, NODE_CMD_UNSTANDBY);
	becomes(&t, NODE_BACKUP);
}
END_TEST

/* --- pause --- */

START_TEST(a_pause_keeps_everything_as_it_is)
{
	struct story t = beside_master();

	commands(&t, NODE_CMD_PAUSE);
	pass(&t, 10 * HA_SEC);
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.readings, 0);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 90); /* who does not hold still consents */
	ck_assert_uint_eq(t.granted, 7);
	commands(&t, NODE_CMD_RESUME);
	pass(&t, 10 * HA_SEC);
	becomes(&t, NODE_CLAIMING);
}
END_TEST

START_TEST(a_paused_master_does_not_switch)
{
	struct story t = master();

	commands(&t, NODE_CMD_PAUSE);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_MASTER);
	commands(&t, NODE_CMD_SWITCHOVER);
	ck_assert_int_eq(t.reply, NODE_REPLY_PAUSED);
}
END_TEST

START_TEST(a_pause_ends)
{
	struct story t = backup();
	struct vrrp_message m;

	hear(&t, NODE_MASTER);
	step(&t, (struct node_event){ .type = NODE_EV_COMMAND,
			 .command = { .type = NODE_CMD_PAUSE, .token = 5, .duration = HA_SEC } });
	for (unsigned i = 0; i < 30; i++) {
		m = message(&t, NODE_MASTER);
		m.pause_generation = t.node.pause_generation;
		m.paused_s = i < 6 ? 1 : 0; /* its clock is a little behind */
		says(&t, m);
		pass(&t, 200 * HA_MS);
		if (i == 7)
			ck_assert((t.node.alarms & alarm_bit(ALARM_PAUSED)) == 0);
	}
	pass(&t, HA_SEC);
	becomes(&t, NODE_CLAIMING);
}
END_TEST

/* A message that was long under way tells how long a pause lasts as it was then. */
START_TEST(a_pause_heard_late_ends_with_the_peers)
{
	struct story t = backup();
	struct vrrp_message m;

	hear(&t, NODE_MASTER);
	m = message(&t, NODE_MASTER);
	m.pause_generation = 1;
	m.paused_s = 21; /* it was over 7 s ago */
	says(&t, m);
	ck_assert_uint_eq(t.node.paused_until, t.now + 21 * HA_SEC);
	m.paused_s = 30; /* not longer than was heard */
	m.sequence++;
	says(&t, m);
	ck_assert_uint_eq(t.node.paused_until, t.now + 21 * HA_SEC);
	m = message(&t, NODE_MASTER);
	m.pause_generation = 1;
	says(&t, m);
	ck_assert_uint_eq(t.node.paused_until, 0);
	pass(&t, HA_SEC);
	becomes(&t, NODE_CLAIMING);
	/* One that was commanded here is not the peer's to end but by a resume. */
	hear(&t, NODE_MASTER);
	commands(&t, NODE_CMD_PAUSE);
	m = message(&t, NODE_MASTER);
	m.pause_generation = t.node.pause_generation;
	says(&t, m);
	ck_assert_uint_eq(t.node.paused_until, HA_NEVER);
	m = message(&t, NODE_MASTER);
	m.pause_generation = t.node.pause_generation + 1;
	says(&t, m);
	ck_assert_uint_eq(t.node.paused_until, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: command");
	TCase *tc = suite_case(suite, "standby");

	tcase_add_test(tc, a_standby_grants_and_never_claims);
	tc = suite_case(suite, "pause");
	tcase_add_test(tc, a_pause_keeps_everything_as_it_is);
	tcase_add_test(tc, a_paused_master_does_not_switch);
	tcase_add_test(tc, a_pause_ends);
	tcase_add_test(tc, a_pause_heard_late_ends_with_the_peers);
	return suite_run(suite);
}
