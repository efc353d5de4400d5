/* The start: what a node finds of itself, and what it does before it speaks. */
#include "test/unit/node_story.h"
#include "test/unit/suite.h"

START_TEST(a_start_cleans_up_before_it_speaks)
{
	struct story t = story();

	begin(&t);
	becomes(&t, NODE_INIT);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	ck_assert_uint_eq(t.did[NODE_STOP_SERVICE], 1);
	pass(&t, HA_SEC);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 90);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	ck_assert_uint_eq(t.granted, 0);
	becomes(&t, NODE_INIT);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	ck_assert_int_ne(t.node.state, NODE_INIT);
	ck_assert_int_eq(t.record.state, NODE_RECORD_NONE);
}
END_TEST

START_TEST(a_record_and_the_address_resume)
{
	struct story t = story();

	t.start.record.state = NODE_RECORD_HOLDING;
	t.start.vip_present = true;
	begin(&t);
	becomes(&t, NODE_MASTER);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 0);
	ck_assert_uint_eq(t.did[NODE_STOP_SERVICE], 0);
	ck_assert_uint_eq(t.did[NODE_PROBE], 1); /* it asks the wire and the peer before it goes on */
	ck_assert_uint_eq(t.did[NODE_SEND_ADVERT], 0);
	ck_assert(t.record.woke_late);
	happens(&t, NODE_EV_VIP_ADDED, true);
	pass(&t, HA_SEC);
	becomes(&t, NODE_MASTER);
	ck_assert_uint_gt(t.did[NODE_SEND_ADVERT], 0);
	hear(&t, NODE_BACKUP);
	ck_assert(!t.record.woke_late);
}
END_TEST

START_TEST(a_record_without_the_address_starts_dirty)
{
	struct story t = story();

	t.start.record.state = NODE_RECORD_HOLDING;
	begin(&t);
	becomes(&t, NODE_DIRTY);
	ck_assert_int_eq(t.record.state, NODE_RECORD_DIRTY);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 90);
	ck_assert_uint_eq(t.granted, 0);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	becomes(&t, NODE_DIRTY);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	becomes(&t, NODE_BACKUP);
	ck_assert_int_eq(t.record.state, NODE_RECORD_NONE);
	ck_assert_uint_eq(t.granted, 7);
}
END_TEST

/* FAULTS 73: the set of addresses has changed, or the release had begun: what is found may be clean. */
START_TEST(a_record_without_an_address_is_tried_before_it_pleads)
{
	struct story t = story();
	struct vrrp_message m;

	t.start.record.state = NODE_RECORD_HOLDING;
	begin(&t);
	becomes(&t, NODE_DIRTY);
	pass(&t, 50 * HA_MS);
	node_describe(&t.node, t.now, &m);
	ck_assert(!m.dirty);
	happens(&t, NODE_EV_SERVICE_STOPPED, false);
	node_describe(&t.node, t.now, &m);
	ck_assert(m.dirty);
}
END_TEST

START_TEST(a_standby_that_resumes_gives_the_vip_away)
{
	struct story t = story();

	t.start.record.state = NODE_RECORD_HOLDING;
	t.start.vip_present = true;
	t.start.memory.standby = true;
	begin(&t);
	becomes(&t, NODE_MASTER);
	hear_for(&t, NODE_BACKUP, HA_SEC);
	happens(&t, NODE_EV_VIP_ADDED, true);
	ck_assert(t.node.handover);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	answers_release(&t, true);
	becomes(&t, NODE_STANDBY);
	ck_assert_uint_eq(t.granted, 7);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: start");
	TCase *tc = suite_case(suite, "start");

	tcase_add_test(tc, a_start_cleans_up_before_it_speaks);
	tcase_add_test(tc, a_record_and_the_address_resume);
	tcase_add_test(tc, a_record_without_the_address_starts_dirty);
	tcase_add_test(tc, a_record_without_an_address_is_tried_before_it_pleads);
	tcase_add_test(tc, a_standby_that_resumes_gives_the_vip_away);
	return suite_run(suite);
}
