/* A claim against a silent peer: when it is powered down, what proves that it is off, and who never is. */
#include "test/unit/node_story.h"
#include "test/unit/suite.h"

/* --- power-down --- */

START_TEST(a_peer_found_off_is_replaced_at_once)
{
	struct story t = beside_master();
	ha_time from = t.now;

	pass(&t, 500 * HA_MS);
	becomes(&t, NODE_CLAIMING);
	imm_for(&t, FENCE_POWER_OFF, HA_SEC);
	becomes(&t, NODE_ADDING);
	ck_assert_int_eq(t.record.proof, NODE_PROOF_OFF);
	ck_assert_uint_eq(t.downs, 1); /* S6: answered before "off" counts */
	ck_assert_uint_ge(t.readings, 3);
	ck_assert_uint_ge(t.did[NODE_PROBE], NODE_PROBES);
	ck_assert_uint_lt(t.now - from, 2 * HA_SEC);
	ck_assert_uint_eq(t.memory.power_up_tries, 0); /* found off, left off */
}
END_TEST

START_TEST(a_silent_peer_is_powered_down_after_the_delay)
{
	struct story t = beside_master();
	ha_time heard = t.node.peer.last_message;

	for (unsigned i = 0; i < 1000 && t.downs == 0; i++)
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	ck_assert_uint_ge(t.now - heard, 3 * HA_SEC);
	ck_assert_uint_lt(t.now - heard, 5 * HA_SEC); /* last heard as master: no delay of the priority */
	ck_assert(t.memory.credit_spent);             /* written before it was sent */
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	imm_for(&t, FENCE_POWER_OFF, 900 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0); /* S6: settle */
	imm_for(&t, FENCE_POWER_OFF, 500 * HA_MS);
	becomes(&t, NODE_ADDING);
	happens(&t, NODE_EV_VIP_ADDED, true);
	ck_assert_uint_eq(t.memory.power_up_tries, RESTORE_TRIES);
	imm_for(&t, FENCE_POWER_OFF, HA_SEC);
	ck_assert_uint_eq(t.ups, 1);
	hear(&t, NODE_INIT); /* it lives again */
	ck_assert_uint_eq(t.memory.power_up_tries, 0);
}
END_TEST

START_TEST(the_lower_priority_waits_for_a_peer_that_was_no_master)
{
	struct story t = story();
	ha_time heard;

	t.config.priority = 80;
	begin(&t);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	hear_for(&t, NODE_INIT, HA_SEC);
	heard = t.node.peer.last_message;
	for (unsigned i = 0; i < 3000 && t.downs == 0; i++)
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	ck_assert_uint_eq(t.downs, 1);
	ck_assert_uint_ge(t.now - heard, 13 * HA_SEC);
}
END_TEST

START_TEST(a_peer_that_speaks_ends_the_power_down)
{
	struct story t = beside_master();

	for (unsigned i = 0; i < 1000 && t.downs == 0; i++)
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	hear(&t, NODE_MASTER);
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.node.plan.down_token, 0);
	imm_for(&t, FENCE_POWER_ON, HA_SEC);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(dirty_stands_for_the_silence)
{
	struct story t = backup();

	hear(&t, NODE_DIRTY);
	becomes(&t, NODE_CLAIMING);
	for (unsigned i = 0; i < 20 && t.downs == 0; i++) {
		hear(&t, NODE_DIRTY);
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	}
	ck_assert_uint_eq(t.downs, 1);
	hear(&t, NODE_DIRTY); /* what it asks for does not end the power-down that it asks for */
	imm_for(&t, FENCE_POWER_OFF, 2 * HA_SEC);
	becomes(&t, NODE_ADDING);
	ck_assert_int_eq(t.record.proof, NODE_PROOF_OFF);
}
END_TEST

/* The sessions of a new process have the numbers of the old one's: its session 1 may be another machine's. */
START_TEST(nothing_is_ordered_into_a_session_of_a_new_process) /* S10 */
{
	struct story t = beside_master();

	imm_for(&t, FENCE_POWER_ON, 500 * HA_MS);
	becomes(&t, NODE_CLAIMING);
	ck_assert_int_eq(t.node.plan.phase, FENCE_PLAN_ON);
	ck_assert_uint_eq(t.downs, 0);
	happens(&t, NODE_EV_WORKER, true);
	pass(&t, 20 * HA_SEC); /* now it would be permitted, and nothing has been read */
	ck_assert_uint_eq(t.downs, 0);
	imm_for(&t, FENCE_POWER_ON, 5 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

START_TEST(an_unsent_power_down_costs_nothing)
{
	struct story t = beside_master();

	for (unsigned i = 0; i < 1000 && t.downs == 0; i++)
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	ck_assert(t.memory.credit_spent);
	answers(&t, &t.down, FENCE_NOT_SENT, FENCE_POWER_UNKNOWN, 0);
	hear(&t, NODE_MASTER);
	becomes(&t, NODE_BACKUP);
	ck_assert(!t.memory.credit_spent);
}
END_TEST

START_TEST(who_ends_a_claim_after_its_power_down_owes_the_power_up)
{
	struct story t = beside_master();

	for (unsigned i = 0; i < 2000 && t.node.plan.answered_session == 0; i++)
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	ck_assert_uint_ne(t.node.plan.answered_session, 0);
	step(&t, (struct node_event){ .type = NODE_EV_HEALTH, .health = { .fit = false, .effective_priority = 100 } });
	becomes(&t, NODE_FAULT);
	imm_for(&t, FENCE_POWER_OFF, HA_SEC);
	step(&t, (struct node_event){ .type = NODE_EV_HEALTH, .health = { .fit = true, .effective_priority = 100 } });
	imm_for(&t, FENCE_POWER_OFF, 10 * HA_SEC);
	becomes(&t, NODE_ADDING);
	happens(&t, NODE_EV_VIP_ADDED, true);
	imm_for(&t, FENCE_POWER_OFF, 10 * HA_SEC);
	ck_assert_uint_gt(t.ups, 0);
}
END_TEST

/* --- nobody is powered down --- */

START_TEST(nobody_is_powered_down_who_was_never_heard) /* S9 */
{
	struct story t = backup();

	pass(&t, 500 * HA_MS);
	imm_for(&t, FENCE_POWER_ON, 700 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_WAITING_FOR_PEER));
}
END_TEST

START_TEST(one_power_down_in_a_minute_of_hearing) /* S9 */
{
	struct story t = beside_master();

	t.node.memory.credit_spent = true;
	pass(&t, 500 * HA_MS);
	imm_for(&t, FENCE_POWER_ON, 60 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_LOOP_AVERTED));
	hear_for(&t, NODE_MASTER, 61 * HA_SEC);
	ck_assert(!t.node.memory.credit_spent);
	imm_for(&t, FENCE_POWER_ON, 6 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

START_TEST(invalid_packets_forbid_the_power_down) /* S8 */
{
	struct story t = beside_master();

	pass(&t, 500 * HA_MS);
	for (unsigned i = 0; i < 20; i++) {
		happens(&t, NODE_EV_INVALID, false);
		imm_for(&t, FENCE_POWER_ON, HA_SEC);
	}
	ck_assert_uint_eq(t.downs, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_VIP_CONFLICT));
	imm_for(&t, FENCE_POWER_ON, 5 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

/* One more may wait in a socket that was not emptied since. */
START_TEST(invalid_packets_that_are_not_read_yet) /* S8, S13 */
{
	struct story t = beside_master();

	pass(&t, 500 * HA_MS);
	for (unsigned i = 0; i < 200; i++) {
		happens(&t, NODE_EV_INVALID, false);
		imm_for(&t, FENCE_POWER_ON, 100 * HA_MS);
	}
	for (unsigned i = 0; i < 100 && t.read == 0; i++)
		pass(&t, 10 * HA_MS);
	happens(&t, NODE_EV_INVALID, false);
	t.now += 2 * t.config.after;
	answers(&t, &t.read, FENCE_OK, FENCE_POWER_ON, 0);
	step(&t, (struct node_event){ .type = NODE_EV_REMEMBERED, .ok = true, .token = t.remember });
	ck_assert_uint_eq(t.downs, 0);
	imm_for(&t, FENCE_POWER_ON, 5 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

START_TEST(a_cut_off_node_powers_nobody_down) /* S9 */
{
	struct story t = beside_master();

	step(&t, (struct node_event){ .type = NODE_EV_LINK, .link = SERVICE, .up = false });
	becomes(&t, NODE_FAULT);
	imm_for(&t, FENCE_POWER_ON, 60 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	step(&t, (struct node_event){ .type = NODE_EV_LINK, .link = SERVICE, .up = true });
	imm_for(&t, FENCE_POWER_ON, 30 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0); /* S13: the switch may not forward yet */
	imm_for(&t, FENCE_POWER_ON, 10 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

/* The switch forwards again: what is heard first is seldom the peer. */
START_TEST(the_first_word_on_a_link_is_not_the_end_of_a_silence) /* S13 */
{
	struct story t = beside_master();

	step(&t, (struct node_event){ .type = NODE_EV_LINK, .link = SERVICE, .up = false });
	pass(&t, HA_SEC);
	step(&t, (struct node_event){ .type = NODE_EV_LINK, .link = SERVICE, .up = true });
	imm_for(&t, FENCE_POWER_ON, 20 * HA_SEC);
	becomes(&t, NODE_CLAIMING);
	step(&t, (struct node_event){ .type = NODE_EV_LINK_HEARD, .link = SERVICE });
	imm_for(&t, FENCE_POWER_ON, 2900 * HA_MS);
	ck_assert_uint_eq(t.downs, 0);
	imm_for(&t, FENCE_POWER_ON, 2 * HA_SEC); /* but who stays silent then is dead */
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

/* The link was down for a moment: nobody saw it, but the switch may block its port since. */
START_TEST(a_link_that_was_down_unseen_has_to_settle) /* S13 */
{
	struct story t = beside_master();

	step(&t, (struct node_event){ .type = NODE_EV_LINK_HEARD, .link = SERVICE });
	step(&t, (struct node_event){ .type = NODE_EV_LINK, .link = SERVICE, .up = true, .flapped = true });
	becomes(&t, NODE_BACKUP);
	imm_for(&t, FENCE_POWER_ON, 30 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	imm_for(&t, FENCE_POWER_ON, 10 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

/* A LAN comes back, the gateway answers first, and the peer after it. */
START_TEST(a_required_check_that_comes_back_lets_the_peer_speak) /* S9 */
{
	struct story t = story();

	t.config.required_probes = true;
	begin(&t);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	hear_for(&t, NODE_MASTER, 61 * HA_SEC);
	for (unsigned i = 0; i < 20; i++) {
		imm_for(&t, FENCE_POWER_ON, 500 * HA_MS);
		step(&t, (struct node_event){ .type = NODE_EV_FIT_PROBE, .token = t.node.claim.fit_token });
	}
	imm_for(&t, FENCE_POWER_ON, 1500 * HA_MS);
	ck_assert_uint_ne(t.node.claim.fit_token, 0);
	step(&t, (struct node_event){ .type = NODE_EV_FIT_PROBE, .token = t.node.claim.fit_token, .ok = true });
	imm_for(&t, FENCE_POWER_ON, 440 * HA_MS);
	ck_assert_uint_eq(t.downs, 0);
	imm_for(&t, FENCE_POWER_ON, 100 * HA_MS);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

START_TEST(a_peer_that_left_in_order_is_not_powered_down)
{
	struct story t = backup();
	struct vrrp_message m;

	hear(&t, NODE_MASTER);
	m = message(&t, NODE_BACKUP);
	m.leaving = true;
	says(&t, m);
	imm_for(&t, FENCE_POWER_ON, 60 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_WAITING_FOR_PEER));
}
END_TEST

START_TEST(who_gave_it_up_waits_to_be_heard) /* S9: or both power each other down */
{
	struct story t = master();
	struct vrrp_message m;

	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	answers_release(&t, true);
	ck_assert_uint_eq(t.granted, 7);
	m = message(&t, NODE_CLAIMING); /* under way since before the grant */
	m.claim = 7;
	m.intent = NODE_INTENT_SWITCHOVER;
	m.echo_sequence = 1;
	says(&t, m);
	imm_for(&t, FENCE_POWER_ON, 60 * HA_SEC); /* the grant was lost, and every link with it */
	ck_assert_uint_eq(t.downs, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_LOOP_AVERTED));
	hear_for(&t, NODE_MASTER, HA_SEC);
	imm_for(&t, FENCE_POWER_ON, 5 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

static ha_time
first_power_down_of(uint8_t priority)
{
	struct story t = story();
	ha_time from = t.now;

	t.config.priority = priority;
	t.config.startup_fence = true;
	begin(&t);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	for (unsigned i = 0; i < 700 && t.downs == 0; i++)
		imm_for(&t, FENCE_POWER_ON, HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
	ck_assert(t.memory.startup_burned);
	return t.now - from;
}

START_TEST(two_that_boot_together_do_not_fence_together) /* S9 */
{
	ha_time higher = first_power_down_of(100), lower = first_power_down_of(80);

	ck_assert_uint_ge(higher, 600 * HA_SEC);
	ck_assert_uint_ge(lower, higher + 9 * HA_SEC);
}
END_TEST

/* --- proof --- */

START_TEST(an_operator_proves_it)
{
	struct story t = beside_master();

	commands(&t, NODE_CMD_CONFIRM_OFF);
	ck_assert_int_eq(t.reply, NODE_REPLY_NO_CLAIM);
	pass(&t, HA_SEC);
	answers(&t, &t.read, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_CLAIM_STUCK));
	commands(&t, NODE_CMD_CONFIRM_OFF);
	ck_assert_int_eq(t.reply, NODE_REPLY_DONE);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	pass(&t, 100 * HA_MS);
	becomes(&t, NODE_ADDING);
	ck_assert_int_eq(t.record.proof, NODE_PROOF_OPERATOR);
}
END_TEST

START_TEST(an_operator_proves_one_claim_only) /* S1 */
{
	struct story t = beside_master();
	uint64_t earlier;

	pass(&t, HA_SEC);
	answers(&t, &t.read, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN, 0);
	becomes(&t, NODE_CLAIMING);
	earlier = t.node.claim.number; /* somebody is asked, and looks */
	hear_for(&t, NODE_MASTER, 2 * HA_SEC);
	becomes(&t, NODE_BACKUP);
	pass(&t, 2 * HA_SEC);
	becomes(&t, NODE_CLAIMING);
	answers(&t, &t.read, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN, 0);
	step(&t, (struct node_event){ .type = NODE_EV_COMMAND,
			 .command = { .type = NODE_CMD_CONFIRM_OFF, .token = 5, .claim = earlier } });
	ck_assert_int_eq(t.reply, NODE_REPLY_OTHER_CLAIM);
	ck_assert_int_eq(t.node.claim.proof, NODE_PROOF_NONE);
	commands(&t, NODE_CMD_CONFIRM_OFF);
	ck_assert_int_eq(t.reply, NODE_REPLY_DONE);
}
END_TEST

START_TEST(an_operator_is_refused_when_the_imm_says_on)
{
	struct story t = beside_master();

	pass(&t, HA_SEC);
	imm_for(&t, FENCE_POWER_ON, 100 * HA_MS);
	commands(&t, NODE_CMD_CONFIRM_OFF);
	ck_assert_int_eq(t.reply, NODE_REPLY_PEER_ON);
}
END_TEST

START_TEST(who_speaks_is_not_off) /* S1 */
{
	struct story t = beside_master();

	pass(&t, HA_SEC);
	answers(&t, &t.read, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN, 0);
	commands(&t, NODE_CMD_CONFIRM_OFF);
	ck_assert_int_eq(t.reply, NODE_REPLY_DONE);
	pass(&t, 50 * HA_MS);
	hear_for(&t, NODE_DIRTY, HA_SEC);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	becomes(&t, NODE_CLAIMING);
}
END_TEST

START_TEST(the_answer_to_a_power_up_is_not_one_to_a_power_down) /* S6 */
{
	struct story t = story();
	uint32_t up;

	t.start.record.state = NODE_RECORD_HOLDING;
	t.start.vip_present = true;
	t.start.memory.power_up_tries = 2;
	begin(&t);
	pass(&t, 500 * HA_MS);
	answers(&t, &t.read, FENCE_OK, FENCE_POWER_OFF, 0);
	ck_assert_uint_eq(t.ups, 1);
	up = t.up;
	hear(&t, NODE_MASTER); /* S12: it gives way, before the power-up is answered */
	becomes(&t, NODE_RELEASING);
	if (t.did[NODE_ADD_VIP] != 0)
		happens(&t, NODE_EV_VIP_ADDED, true);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	becomes(&t, NODE_BACKUP);
	pass(&t, HA_SEC);
	becomes(&t, NODE_CLAIMING);
	for (unsigned i = 0; i < 100 && t.downs == 0; i++) {
		if (t.read != 0)
			answers(&t, &t.read, FENCE_OK, FENCE_POWER_OFF, 0);
		pass(&t, 10 * HA_MS);
	}
	ck_assert_uint_eq(t.downs, 1);
	ck_assert_uint_ne(up, t.down);
	t.up = up;
	answers(&t, &t.up, FENCE_OK, FENCE_POWER_UNKNOWN, 0);
	ck_assert_uint_eq(t.node.plan.answered_session, 0);
}
END_TEST

START_TEST(a_guid_announced_in_the_claim_counts) /* S10 */
{
	struct story t = story();

	t.start.memory.peer_guid = (struct ha_guid){ { 0 } };
	begin(&t);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	pass(&t, HA_SEC);
	becomes(&t, NODE_CLAIMING);
	imm_for(&t, FENCE_POWER_OFF, HA_SEC);
	ck_assert_uint_eq(t.downs, 0); /* whose IMM is it? */
	hear(&t, NODE_INIT);
	becomes(&t, NODE_CLAIMING);
	imm_for(&t, FENCE_POWER_OFF, 2 * HA_SEC);
	becomes(&t, NODE_ADDING);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: fence");
	TCase *tc = suite_case(suite, "power-down");

	tcase_add_test(tc, a_peer_found_off_is_replaced_at_once);
	tcase_add_test(tc, a_silent_peer_is_powered_down_after_the_delay);
	tcase_add_test(tc, the_lower_priority_waits_for_a_peer_that_was_no_master);
	tcase_add_test(tc, a_peer_that_speaks_ends_the_power_down);
	tcase_add_test(tc, dirty_stands_for_the_silence);
	tcase_add_test(tc, nothing_is_ordered_into_a_session_of_a_new_process);
	tcase_add_test(tc, an_unsent_power_down_costs_nothing);
	tcase_add_test(tc, who_ends_a_claim_after_its_power_down_owes_the_power_up);
	tc = suite_case(suite, "nobody is powered down");
	tcase_add_test(tc, nobody_is_powered_down_who_was_never_heard);
	tcase_add_test(tc, one_power_down_in_a_minute_of_hearing);
	tcase_add_test(tc, invalid_packets_forbid_the_power_down);
	tcase_add_test(tc, invalid_packets_that_are_not_read_yet);
	tcase_add_test(tc, a_cut_off_node_powers_nobody_down);
	tcase_add_test(tc, a_link_that_was_down_unseen_has_to_settle);
	tcase_add_test(tc, the_first_word_on_a_link_is_not_the_end_of_a_silence);
	tcase_add_test(tc, a_required_check_that_comes_back_lets_the_peer_speak);
	tcase_add_test(tc, a_peer_that_left_in_order_is_not_powered_down);
	tcase_add_test(tc, who_gave_it_up_waits_to_be_heard);
	tcase_add_test(tc, two_that_boot_together_do_not_fence_together);
	tc = suite_case(suite, "proof");
	tcase_add_test(tc, an_operator_proves_it);
	tcase_add_test(tc, an_operator_proves_one_claim_only);
	tcase_add_test(tc, an_operator_is_refused_when_the_imm_says_on);
	tcase_add_test(tc, who_speaks_is_not_off);
	tcase_add_test(tc, the_answer_to_a_power_up_is_not_one_to_a_power_down);
	tcase_add_test(tc, a_guid_announced_in_the_claim_counts);
	return suite_run(suite);
}
