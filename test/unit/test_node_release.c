/* Giving the VIP away: a switchover, a failed check, a stop; and what becomes of it when it cannot be proven. */
#include "test/unit/node_story.h"
#include "test/unit/suite.h"

/* --- switchover --- */

START_TEST(a_switchover_releases_then_grants)
{
	struct story t = master();

	commands(&t, NODE_CMD_SWITCHOVER);
	becomes(&t, NODE_MASTER); /* keeps it until the peer claims */
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_RELEASING);
	ck_assert_uint_eq(t.granted, 0);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 0); /* what serves is stopped first */
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	ck_assert_uint_eq(t.granted, 0);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.granted, 7);
	ck_assert_uint_eq(t.advert, 0);
	ck_assert_int_eq(t.record.state, NODE_RECORD_NONE);
	ck_assert_uint_eq(t.reply_token, 5);
	ck_assert_int_eq(t.reply, NODE_REPLY_DONE);
}
END_TEST

START_TEST(a_switchover_that_cannot_be_proven_is_undone)
{
	struct story t = master();

	commands(&t, NODE_CMD_SWITCHOVER);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	happens(&t, NODE_EV_SERVICE_STOPPED, false);
	becomes(&t, NODE_MASTER);
	ck_assert_uint_eq(t.granted, 0);
	ck_assert_uint_eq(t.did[NODE_START_SERVICE], 1);
	ck_assert_int_eq(t.reply, NODE_REPLY_DIRTY);
	ck_assert(t.node.alarms & alarm_bit(ALARM_DIRTY_RELEASE));
	happens(&t, NODE_EV_VIP_ADDED, true);
	becomes(&t, NODE_MASTER);
}
END_TEST

/* The kernel is slow: the first removal, then an add since the release was undone, then the removal of the next
 * release. */
START_TEST(the_answer_to_an_earlier_removal_is_none) /* S3 */
{
	struct story t = master();

	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	for (unsigned i = 0; i < 600 && t.node.state == NODE_RELEASING; i++)
		pass(&t, HA_SEC);
	becomes(&t, NODE_MASTER);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 1);
	happens(&t, NODE_EV_STOP, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 2);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	ck_assert(node_holding(&t.node));
	ck_assert_int_eq(t.record.state, NODE_RECORD_HOLDING);
	happens(&t, NODE_EV_VIP_ADDED, true);
	ck_assert(node_holding(&t.node));
	happens(&t, NODE_EV_VIP_REMOVED, true);
	ck_assert(!node_holding(&t.node));
	ck_assert_int_eq(t.record.state, NODE_RECORD_NONE);
}
END_TEST

START_TEST(the_claim_of_an_undone_release_is_not_taken_up_again)
{
	struct story t = master();

	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	answers_release(&t, false);
	becomes(&t, NODE_MASTER);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_MASTER);
	hear_claim(&t, 8, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_RELEASING);
}
END_TEST

/* Its services would be stopped and started again for ever, a new claim each time. */
START_TEST(preemption_rests_after_an_undone_release)
{
	struct story t = master();

	t.node.config.preempt = true;
	hear_claim(&t, 7, NODE_INTENT_PREEMPT, 200);
	becomes(&t, NODE_RELEASING);
	answers_release(&t, false);
	becomes(&t, NODE_MASTER);
	hear_for(&t, NODE_BACKUP, 60 * HA_SEC);
	hear_claim(&t, 8, NODE_INTENT_PREEMPT, 200);
	becomes(&t, NODE_MASTER);
	/* What an administrator asks for is tried at once. */
	hear_claim(&t, 9, NODE_INTENT_SWITCHOVER, 200);
	becomes(&t, NODE_RELEASING);
	answers_release(&t, false);
	becomes(&t, NODE_MASTER);
	/* The rest is over 10 minutes after the undone preemption, not later. */
	hear_for(&t, NODE_BACKUP, 541 * HA_SEC);
	hear_claim(&t, 10, NODE_INTENT_PREEMPT, 200);
	becomes(&t, NODE_RELEASING);
}
END_TEST

START_TEST(a_late_removal_says_nothing_after_an_undo) /* S3 */
{
	struct story t = master();

	commands(&t, NODE_CMD_SWITCHOVER);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	hear_for(&t, NODE_CLAIMING, 32 * HA_SEC); /* the kernel does not answer */
	becomes(&t, NODE_MASTER);
	forget(&t);
	hear_claim(&t, 8, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_RELEASING);
	happens(&t, NODE_EV_VIP_REMOVED, true); /* of the first removal: an add has followed it */
	happens(&t, NODE_EV_VIP_ADDED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	becomes(&t, NODE_RELEASING);
	ck_assert_uint_eq(t.granted, 0);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	ck_assert_uint_eq(t.granted, 8);
}
END_TEST

START_TEST(a_removal_that_fails_is_repeated_with_patience)
{
	struct story t = master();

	commands(&t, NODE_CMD_SWITCHOVER);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	for (unsigned i = 0; i < 50; i++) {
		happens(&t, NODE_EV_VIP_REMOVED, false);
		pass(&t, 20 * HA_MS);
	}
	becomes(&t, NODE_RELEASING);
	ck_assert_uint_ge(t.did[NODE_REMOVE_VIP], 4);
	ck_assert_uint_le(t.did[NODE_REMOVE_VIP], 7); /* each 200 ms */
}
END_TEST

/* --- unfit --- */

START_TEST(an_unfit_master_asks_its_peer)
{
	struct story t = master();

	step(&t, (struct node_event){ .type = NODE_EV_LINK, .link = SERVICE, .up = false });
	becomes(&t, NODE_MASTER);
	ck_assert(t.node.handover);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_RELEASING);
	happens(&t, NODE_EV_SERVICE_STOPPED, false); /* not proven, and it has to: dirty */
	becomes(&t, NODE_DIRTY);
	ck_assert_int_eq(t.record.state, NODE_RECORD_DIRTY);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	ck_assert_uint_eq(t.granted, 0);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	pass(&t, 3 * HA_SEC);
	ck_assert_uint_ge(t.did[NODE_STOP_SERVICE], 2); /* goes on trying */
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	becomes(&t, NODE_FAULT);
	ck_assert_int_eq(t.record.state, NODE_RECORD_NONE);
}
END_TEST

START_TEST(an_unfit_master_without_a_fit_peer_keeps)
{
	struct story t = master();

	hear(&t, NODE_FAULT);
	step(&t, (struct node_event){ .type = NODE_EV_LINK, .link = SERVICE, .up = false });
	hear_for(&t, NODE_FAULT, 5 * HA_SEC);
	becomes(&t, NODE_MASTER);
	ck_assert(!t.node.handover);
	pass(&t, 60 * HA_SEC); /* silent: a master does not power down to keep what it has */
	becomes(&t, NODE_MASTER);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_NO_STANDBY));
}
END_TEST

/* Its peer could not take until the very message that claims: the release is no less needed for that. */
START_TEST(an_unfit_master_is_asked_before_it_asks)
{
	struct story t = master();

	hear(&t, NODE_FAULT);
	step(&t, (struct node_event){ .type = NODE_EV_LINK, .link = SERVICE, .up = false });
	hear(&t, NODE_FAULT);
	ck_assert(!t.node.handover);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_RELEASING);
	happens(&t, NODE_EV_SERVICE_STOPPED, false);
	becomes(&t, NODE_DIRTY);
}
END_TEST

/* --- stop --- */

START_TEST(a_stop_hands_over_and_ends)
{
	struct story t = master();

	happens(&t, NODE_EV_STOP, true);
	becomes(&t, NODE_MASTER);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	answers_release(&t, true);
	ck_assert_uint_eq(t.granted, 7);
	ck_assert_uint_eq(t.did[NODE_EXIT], 0); /* repeated until it is echoed */
	hear(&t, NODE_MASTER);
	ck_assert_uint_eq(t.did[NODE_EXIT], 1);
}
END_TEST

START_TEST(a_stop_that_cannot_be_proven_leaves_a_mark)
{
	struct story t = master();

	happens(&t, NODE_EV_STOP, true);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	answers_release(&t, false);
	becomes(&t, NODE_DIRTY);
	ck_assert_int_eq(t.record.state, NODE_RECORD_DIRTY);
	pass(&t, 4 * HA_SEC);
	ck_assert_uint_eq(t.did[NODE_EXIT], 1);
	ck_assert_uint_eq(t.granted, 0);
}
END_TEST

START_TEST(a_stop_without_a_peer_releases)
{
	struct story t = master();

	pass(&t, HA_SEC);
	happens(&t, NODE_EV_STOP, true);
	becomes(&t, NODE_RELEASING);
	answers_release(&t, true);
	ck_assert_uint_eq(t.did[NODE_EXIT], 1);
}
END_TEST

/* S9: only who answers what was said after the VIP was given up knows of it. */
START_TEST(what_the_peer_said_before_is_not_that_it_knows)
{
	struct story t = backup();
	struct vrrp_message m;

	hear(&t, NODE_BACKUP);
	t.node.memory.gave_up = true;
	m = message(&t, NODE_BACKUP);
	t.node.gave_up_at = m.echo_sequence + 1;
	says(&t, m);
	ck_assert(t.node.memory.gave_up);
	t.node.gave_up_at = m.echo_sequence;
	hear(&t, NODE_BACKUP);
	ck_assert(!t.node.memory.gave_up);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: release");
	TCase *tc = suite_case(suite, "switchover");

	tcase_add_test(tc, a_switchover_releases_then_grants);
	tcase_add_test(tc, what_the_peer_said_before_is_not_that_it_knows);
	tcase_add_test(tc, a_switchover_that_cannot_be_proven_is_undone);
	tcase_add_test(tc, the_answer_to_an_earlier_removal_is_none);
	tcase_add_test(tc, the_claim_of_an_undone_release_is_not_taken_up_again);
	tcase_add_test(tc, preemption_rests_after_an_undone_release);
	tcase_add_test(tc, a_late_removal_says_nothing_after_an_undo);
	tcase_add_test(tc, a_removal_that_fails_is_repeated_with_patience);
	tc = suite_case(suite, "unfit");
	tcase_add_test(tc, an_unfit_master_asks_its_peer);
	tcase_add_test(tc, an_unfit_master_without_a_fit_peer_keeps);
	tcase_add_test(tc, an_unfit_master_is_asked_before_it_asks);
	tc = suite_case(suite, "stop");
	tcase_add_test(tc, a_stop_hands_over_and_ends);
	tcase_add_test(tc, a_stop_that_cannot_be_proven_leaves_a_mark);
	tcase_add_test(tc, a_stop_without_a_peer_releases);
	return suite_run(suite);
}
