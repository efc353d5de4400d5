/* Holding: a master that was late, two holders, addresses that are lost. */
#include "test/unit/node_story.h"
#include "test/unit/suite.h"

/* --- late --- */

START_TEST(a_late_master_asks_before_it_goes_on) /* S7 */
{
	struct story t = master();

	t.now += 10 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 10 * HA_SEC });
	ck_assert_uint_eq(t.did[NODE_SEND_ADVERT], 0);
	ck_assert(t.record.woke_late);
	ck_assert_uint_eq(node_deadline(&t.node), HA_NEVER);
	happens(&t, NODE_EV_DRAINED, true);
	ck_assert_uint_eq(t.did[NODE_PROBE], 1);
	ck_assert_uint_eq(t.did[NODE_SEND_ADVERT], 0);
	pass(&t, 200 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_SEND_ADVERT], 0);
	hear(&t, NODE_BACKUP);
	ck_assert_uint_ge(t.did[NODE_SEND_ADVERT], 1);
	ck_assert(!t.record.woke_late);
	becomes(&t, NODE_MASTER);
}
END_TEST

START_TEST(a_late_master_gives_way_to_a_new_one) /* S7, S12 */
{
	struct story t = master();

	t.now += 10 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 10 * HA_SEC });
	hear(&t, NODE_MASTER);
	becomes(&t, NODE_RELEASING);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	ck_assert_uint_eq(t.did[NODE_SEND_ADVERT], 0);
}
END_TEST

START_TEST(a_late_master_gives_way_to_an_answer_on_the_wire) /* S7 */
{
	struct story t = master();

	t.now += 10 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 10 * HA_SEC });
	happens(&t, NODE_EV_DRAINED, true);
	happens(&t, NODE_EV_PROBE_ANSWER, true);
	becomes(&t, NODE_RELEASING);
}
END_TEST

START_TEST(a_stall_while_adding_is_a_late_wake)
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	pass(&t, 10 * HA_MS);
	becomes(&t, NODE_ADDING);
	forget(&t);
	t.now += 60 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 60 * HA_SEC });
	happens(&t, NODE_EV_VIP_ADDED, true);
	happens(&t, NODE_EV_DRAINED, true);
	ck_assert_uint_eq(t.did[NODE_SEND_ADVERT], 0);
	ck_assert(t.record.woke_late);
}
END_TEST

START_TEST(after_a_late_wake_nothing_is_announced_before_asking)
{
	struct story t = master();

	forget(&t);
	t.now += 70 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 70 * HA_SEC });
	happens(&t, NODE_EV_VIP_LOST, false);
	happens(&t, NODE_EV_DRAINED, true);
	pass(&t, 100 * HA_MS);
	ck_assert_uint_ne(t.node.late_until, 0);
	ck_assert_uint_eq(t.did[NODE_ANNOUNCE], 0);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(silence_is_not_judged_before_the_sockets_are_empty) /* S13 */
{
	struct story t = beside_master();

	t.now += 5 * HA_SEC;
	happens(&t, NODE_EV_LINK_HEARD, true);
	ck_assert(t.node.peer.heard);
	becomes(&t, NODE_BACKUP);
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 5 * HA_SEC });
	happens(&t, NODE_EV_DRAINED, true);
	ck_assert(t.node.peer.heard); /* its silence begins anew */
	pass(&t, 500 * HA_MS);
	ck_assert(!t.node.peer.heard);
}
END_TEST

/* --- address --- */

START_TEST(of_two_holders_one_gives_way) /* S12 */
{
	struct story t = master();
	struct vrrp_message m;

	hear(&t, NODE_MASTER); /* 90: it gives way */
	becomes(&t, NODE_MASTER);
	ck_assert_uint_eq(t.did[NODE_ANNOUNCE], 1);
	ck_assert(t.node.alarms & alarm_bit(ALARM_VIP_CONFLICT));
	m = message(&t, NODE_MASTER);
	m.priority = 110;
	says(&t, m);
	becomes(&t, NODE_RELEASING);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1); /* the address first */
}
END_TEST

START_TEST(a_lost_address_is_added_again)
{
	struct story t = master();

	happens(&t, NODE_EV_VIP_LOST, false);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 1);
	ck_assert(t.node.alarms & alarm_bit(ALARM_VIP_LOST));
	for (unsigned i = 0; i < 3; i++) {
		happens(&t, NODE_EV_VIP_ADDED, false);
		hear_for(&t, NODE_BACKUP, 1200 * HA_MS);
	}
	ck_assert(t.node.handover); /* it cannot: the peer may */
	becomes(&t, NODE_MASTER);
	happens(&t, NODE_EV_VIP_ADDED, true);
	hear(&t, NODE_BACKUP);
	ck_assert(!t.node.handover);
}
END_TEST

START_TEST(an_address_that_is_always_taken_away_is_not_a_busy_loop)
{
	struct story t = master();

	for (unsigned i = 0; i < 100; i++) {
		happens(&t, NODE_EV_VIP_LOST, false);
		happens(&t, NODE_EV_VIP_ADDED, true);
	}
	ck_assert_uint_lt(t.did[NODE_ADD_VIP], 20);
	hear_for(&t, NODE_BACKUP, 2 * HA_SEC);
	ck_assert_uint_gt(t.did[NODE_ADD_VIP], 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: hold");
	TCase *tc = suite_case(suite, "late");

	tcase_add_test(tc, a_late_master_asks_before_it_goes_on);
	tcase_add_test(tc, a_late_master_gives_way_to_a_new_one);
	tcase_add_test(tc, a_late_master_gives_way_to_an_answer_on_the_wire);
	tcase_add_test(tc, a_stall_while_adding_is_a_late_wake);
	tcase_add_test(tc, after_a_late_wake_nothing_is_announced_before_asking);
	tcase_add_test(tc, silence_is_not_judged_before_the_sockets_are_empty);
	tc = suite_case(suite, "address");
	tcase_add_test(tc, of_two_holders_one_gives_way);
	tcase_add_test(tc, a_lost_address_is_added_again);
	tcase_add_test(tc, an_address_that_is_always_taken_away_is_not_a_busy_loop);
	return suite_run(suite);
}
