/* A claim by consent: who grants, what counts as a grant, and the wire that is asked first. */
#include "test/unit/node_story.h"
#include "test/unit/suite.h"

/* --- consent --- */

START_TEST(both_start_and_one_consents)
{
	struct story t = backup();
	uint64_t claim;

	hear(&t, NODE_BACKUP);
	becomes(&t, NODE_CLAIMING);
	claim = t.node.claim.number;
	ck_assert_uint_ne(claim, 0);
	hear_grant(&t);
	ck_assert_uint_eq(t.did[NODE_PROBE], 1);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0); /* S5: the wire first */
	pass(&t, 10 * HA_MS);
	becomes(&t, NODE_ADDING);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 1);
	ck_assert(node_holding(&t.node)); /* S3: from before the add */
	ck_assert_int_eq(t.record.proof, NODE_PROOF_CONSENT);
	ck_assert_uint_eq(t.record.claim, claim);
	happens(&t, NODE_EV_VIP_ADDED, true);
	becomes(&t, NODE_MASTER);
	ck_assert_uint_eq(t.did[NODE_START_SERVICE], 1);
	ck_assert_uint_eq(t.did[NODE_ANNOUNCE], 1);
	ck_assert_uint_eq(t.advert, 100);
}
END_TEST

START_TEST(a_grant_of_another_claim_is_none)
{
	struct story t = backup();
	struct vrrp_message m;

	hear(&t, NODE_BACKUP);
	m = message(&t, NODE_BACKUP);
	m.grant = t.node.claim.number ^ 2;
	says(&t, m);
	pass(&t, 300 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(a_grant_from_another_machine_is_none) /* S10 */
{
	struct story t = backup();
	struct vrrp_message m;

	hear(&t, NODE_BACKUP);
	m = message(&t, NODE_BACKUP);
	m.grant = t.node.claim.number;
	m.guid.bytes[0]++;
	says(&t, m);
	pass(&t, 300 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_FENCE_IDENTITY));
}
END_TEST

START_TEST(granting_ends_the_own_claim) /* S2 */
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	becomes(&t, NODE_CLAIMING);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 110);
	ck_assert_uint_eq(t.granted, 7);
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.node.claim.number, 0);
	ck_assert_int_eq(t.node.claim.proof, NODE_PROOF_NONE);
}
END_TEST

START_TEST(the_better_claim_does_not_grant)
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 90);
	ck_assert_uint_eq(t.granted, 0);
	becomes(&t, NODE_CLAIMING);
}
END_TEST

START_TEST(no_grant_when_the_sets_of_addresses_differ)
{
	struct story t = backup();
	struct vrrp_message m = message(&t, NODE_CLAIMING);

	m.claim = 7;
	m.claim_priority = 110;
	m.vip_digest[3] = 1;
	says(&t, m);
	ck_assert_uint_eq(t.granted, 0);
}
END_TEST

START_TEST(an_address_in_the_kernel_forbids_the_grant) /* S2, S3 */
{
	struct story t = backup();

	hear(&t, NODE_MASTER);
	happens(&t, NODE_EV_VIP_SEEN, false);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 110);
	ck_assert_uint_eq(t.granted, 0);
	happens(&t, NODE_EV_VIP_REMOVED, false);
	hear_for(&t, NODE_MASTER, HA_SEC);
	ck_assert_uint_ge(t.did[NODE_REMOVE_VIP], 2);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	hear_claim(&t, 8, NODE_INTENT_SUSPECT, 110);
	ck_assert_uint_eq(t.granted, 8);
}
END_TEST

START_TEST(a_claim_ends_when_the_peer_holds)
{
	struct story t = backup();

	pass(&t, HA_SEC);
	becomes(&t, NODE_CLAIMING);
	hear(&t, NODE_MASTER);
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

/* ... and waited in its kernel until the neighbour was known again. */
static void
says_take(struct story *t, bool take)
{
	struct vrrp_message m = message(t, NODE_MASTER);

	m.handover = take;
	says(t, m);
}

START_TEST(an_old_wish_is_not_taken_up)
{
	struct story t = backup();

	hear_for(&t, NODE_MASTER, 2 * HA_SEC);
	t.node.paused_until = HA_NEVER; /* no claim by silence */
	pass(&t, 3 * HA_SEC);
	ck_assert(!t.node.peer.heard);
	t.node.paused_until = 0;
	says_take(&t, true);
	says_take(&t, true);
	becomes(&t, NODE_BACKUP);
	pass(&t, 2 * t.config.hello);
	becomes(&t, NODE_BACKUP);
	says_take(&t, false);
	hear_for(&t, NODE_MASTER, HA_SEC);
	becomes(&t, NODE_BACKUP);
	says_take(&t, true);
	becomes(&t, NODE_CLAIMING);
}
END_TEST

START_TEST(a_wish_that_lasts_is_taken_up)
{
	struct story t = backup();

	for (unsigned i = 0; i < 2; i++) {
		says_take(&t, true);
		becomes(&t, NODE_BACKUP);
		pass(&t, t.config.hello);
	}
	says_take(&t, true);
	becomes(&t, NODE_CLAIMING);
}
END_TEST

START_TEST(a_failed_add_is_removed) /* S3 */
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	pass(&t, 10 * HA_MS);
	becomes(&t, NODE_ADDING);
	happens(&t, NODE_EV_VIP_ADDED, false);
	becomes(&t, NODE_RELEASING);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 110);
	ck_assert_uint_eq(t.granted, 0); /* a holder until it is removed */
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.granted, 7);
	ck_assert_int_eq(t.record.state, NODE_RECORD_NONE);
	ck_assert(t.node.alarms & alarm_bit(ALARM_VIP_ADD_FAILED));
}
END_TEST

/* --- wire --- */

START_TEST(a_wire_that_answers_ends_the_claim) /* S5 */
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	happens(&t, NODE_EV_PROBE_ANSWER, true);
	pass(&t, HA_SEC);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_VIP_CONFLICT));
}
END_TEST

START_TEST(a_wire_that_was_not_asked_is_not_silent) /* S5 */
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	for (unsigned i = 0; i < 20; i++) {
		happens(&t, NODE_EV_PROBE_FAILED, false);
		pass(&t, 50 * HA_MS);
	}
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(an_unread_answer_of_the_wire_counts) /* S5, S13 */
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	t.now += 60 * HA_MS; /* late, but not by much: the message is looked at before the ARP socket */
	hear(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	happens(&t, NODE_EV_PROBE_ANSWER, true);
	pass(&t, HA_SEC);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(a_wire_that_was_not_listened_to_is_asked_again) /* S5, S13 */
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	t.now += 60 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 60 * HA_SEC });
	happens(&t, NODE_EV_DRAINED, true);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	ck_assert_uint_eq(t.did[NODE_PROBE], 2);
	pass(&t, 10 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 1);
}
END_TEST

START_TEST(a_wire_that_cannot_be_asked_leaves_the_vip_to_the_peer)
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	for (unsigned i = 0; i < 500 && t.node.state == NODE_CLAIMING; i++) {
		if (t.did[NODE_PROBE] != 0)
			happens(&t, NODE_EV_PROBE_FAILED, false);
		t.did[NODE_PROBE] = 0;
		if (i % 20 == 0)
			hear(&t, NODE_BACKUP);
		pass(&t, 10 * HA_MS);
	}
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_VIP_ADD_FAILED));
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 90);
	ck_assert_uint_eq(t.granted, 7);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: claim");
	TCase *tc = suite_case(suite, "consent");

	tcase_add_test(tc, both_start_and_one_consents);
	tcase_add_test(tc, a_grant_of_another_claim_is_none);
	tcase_add_test(tc, a_grant_from_another_machine_is_none);
	tcase_add_test(tc, granting_ends_the_own_claim);
	tcase_add_test(tc, the_better_claim_does_not_grant);
	tcase_add_test(tc, no_grant_when_the_sets_of_addresses_differ);
	tcase_add_test(tc, an_address_in_the_kernel_forbids_the_grant);
	tcase_add_test(tc, a_claim_ends_when_the_peer_holds);
	tcase_add_test(tc, an_old_wish_is_not_taken_up);
	tcase_add_test(tc, a_wish_that_lasts_is_taken_up);
	tcase_add_test(tc, a_failed_add_is_removed);
	tc = suite_case(suite, "wire");
	tcase_add_test(tc, a_wire_that_answers_ends_the_claim);
	tcase_add_test(tc, a_wire_that_was_not_asked_is_not_silent);
	tcase_add_test(tc, an_unread_answer_of_the_wire_counts);
	tcase_add_test(tc, a_wire_that_was_not_listened_to_is_asked_again);
	tcase_add_test(tc, a_wire_that_cannot_be_asked_leaves_the_vip_to_the_peer);
	return suite_run(suite);
}
