/* A changed configuration: what it ends, and addresses that wait for the peer to have them, too. */
#include "test/unit/node_story.h"
#include "test/unit/suite.h"

/* --- reload --- */

static void
reloads(struct story *t)
{
	step(t, (struct node_event){ .type = NODE_EV_RELOAD, .token = 9, .config = &t->config });
}

START_TEST(a_reload_ends_a_claim_but_not_after_a_power_down)
{
	struct story t = beside_master();

	pass(&t, 500 * HA_MS);
	becomes(&t, NODE_CLAIMING);
	reloads(&t);
	ck_assert_int_eq(t.reply, NODE_REPLY_DONE);
	ck_assert_uint_eq(t.notes[NODE_NOTE_CLAIM_ENDED], 1);
	hear_for(&t, NODE_MASTER, HA_SEC); /* a reload may have moved the link: it must be heard again (S13) */
	for (unsigned i = 0; i < 1000 && t.downs == 0; i++)
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	reloads(&t);
	ck_assert_int_eq(t.reply, NODE_REPLY_REFUSED_POWERED);
	becomes(&t, NODE_CLAIMING);
}
END_TEST

/* --- changed set --- */

START_TEST(changed_addresses_wait_for_the_peer)
{
	struct story t = master();
	uint8_t before = t.config.vip_digest[0];
	struct vrrp_message m;

	t.config.vip_digest[0] = 44;
	reloads(&t);
	m = message(&t, NODE_BACKUP);
	m.vip_digest[0] = before;
	says(&t, m);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	becomes(&t, NODE_MASTER);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_RELEASING);
}
END_TEST

START_TEST(added_addresses_are_asked_for_first) /* S5 */
{
	struct story t = master();

	t.config.vip_digest[0] = 44;
	reloads(&t);
	hear(&t, NODE_BACKUP); /* the peer has them, too */
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	pass(&t, HA_MS);
	ck_assert_uint_eq(t.did[NODE_PROBE], 1);
	happens(&t, NODE_EV_VIP_LOST, false); /* does not shorten the wait */
	pass(&t, 50 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	hear_for(&t, NODE_BACKUP, 200 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 1);
}
END_TEST

/* A holder whose file was changed: its new set is pending, the peer still has the old one. */
static void
set_changes(struct story *t)
{
	t->config.vip_digest[0] ^= 0xff;
	reloads(t);
	forget(t);
}

static void
peer_with_the_old_set_for(struct story *t, ha_time time)
{
	struct vrrp_message m = message(t, NODE_BACKUP);

	m.vip_digest[0] ^= 0xff;
	for (ha_time until = t->now + time; t->now < until;) {
		m.echo_sequence = t->node.sequence;
		says(t, m);
		pass(t, 200 * HA_MS);
	}
}

START_TEST(a_retry_does_not_add_a_changed_set)
{
	struct story t = master();

	happens(&t, NODE_EV_VIP_LOST, false);
	happens(&t, NODE_EV_VIP_ADDED, false); /* tried again in a second */
	set_changes(&t);
	peer_with_the_old_set_for(&t, 2 * HA_SEC);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(a_stall_voids_the_question_for_a_changed_set)
{
	struct story t = master();

	set_changes(&t);
	hear(&t, NODE_BACKUP);
	pass(&t, HA_MS);
	ck_assert_uint_eq(t.did[NODE_PROBE], 1);
	forget(&t);
	t.now += 400 * HA_MS;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 400 * HA_MS });
	happens(&t, NODE_EV_DRAINED, true);
	pass(&t, HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: reload");
	TCase *tc = suite_case(suite, "reload");

	tcase_add_test(tc, a_reload_ends_a_claim_but_not_after_a_power_down);
	tc = suite_case(suite, "changed set");
	tcase_add_test(tc, changed_addresses_wait_for_the_peer);
	tcase_add_test(tc, added_addresses_are_asked_for_first);
	tcase_add_test(tc, a_retry_does_not_add_a_changed_set);
	tcase_add_test(tc, a_stall_voids_the_question_for_a_changed_set);
	return suite_run(suite);
}
