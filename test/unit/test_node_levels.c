/* What the levels behind the IMM mean for the whole node: its permission and its memory. */
#include "test/unit/node_story.h"
#include "test/unit/suite.h"

/* A claim beside an IMM that says "on", with two outlets behind it, while the delays are not over. */
static struct story
suspects(void)
{
	struct story t = beside_master();

	t.node.config.topology = (struct fence_topology_config){
		.samples = 2, .settle = HA_SEC, .power_timeout = 20 * HA_SEC, .count = 2, .level = { 2, 2 }
	};
	t.node.config.topology.patience[0] = t.node.config.topology.patience[1] = 10 * HA_SEC;
	fence_topology_init(&t.node.topology, &t.node.config.topology);
	pass(&t, HA_SEC);
	becomes(&t, NODE_CLAIMING);
	return t;
}

START_TEST(without_outlets_in_play_it_powers_down)
{
	struct story t = suspects();

	imm_for(&t, FENCE_POWER_ON, 30 * HA_SEC);
	ck_assert_uint_ge(t.downs, 1);
}
END_TEST

/* S9: one power-down of a peer in a claim, by whatever level. */
START_TEST(what_outlets_have_done_is_the_imms_too)
{
	struct story t = suspects();

	switch (_i) {
	case 0:
		t.node.topology.spent = true;
		break;
	case 1:
		t.node.topology.switched = true;
		break;
	default:
		t.node.topology.obeyed = true;
		break;
	}
	imm_for(&t, FENCE_POWER_ON, 30 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert_int_eq(t.node.plan.permit, FENCE_WAIT_CREDIT);
}
END_TEST

/* S10: outlets that are not the peer's are not remembered as if they were, not even on disk. */
START_TEST(a_disproof_reaches_the_disk)
{
	struct story t = suspects();

	t.node.memory.outlets_group = t.node.config.config_groups[1];
	t.node.memory.outlets_off = 3;
	t.node.topology.disproved = true;
	step(&t, (struct node_event){ .type = NODE_EV_FENCE,
			 .report = { .type = FENCE_REPORT_DEVICE, .device = 1, .power = FENCE_POWER_OFF } });
	ck_assert_uint_eq(t.node.memory.outlets_off, 0);
	ck_assert_uint_eq(t.memory.outlets_off, 0);
	ck_assert_uint_eq(t.memory.outlets_owed, 3); /* to be on again */
}
END_TEST

/* S9: a power-down that was on its way when its claim ended counts from when it can come no more. */
START_TEST(a_late_end_of_an_agent_is_a_power_down)
{
	struct story t = backup();

	t.node.config.topology.count = 1;
	t.node.feeds[0].late_token = 77;
	t.node.peer.credit_heard = 50 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_FENCE,
			 .report = { .type = FENCE_REPORT_ANSWER, .device = 1, .token = 77, .error = FENCE_TIMEOUT } });
	ck_assert(t.node.memory.credit_spent);
	ck_assert_uint_eq(t.node.peer.credit_heard, 0);
	ck_assert_uint_gt(t.node.feeds[0].late_until, t.now);
}
END_TEST

/* A file that is read again takes back no order: nothing is switched on before it can come no more. */
START_TEST(what_is_on_its_way_outlasts_a_reload)
{
	for (unsigned others = 0; others < 2; others++) {
		struct story t = backup();
		ha_time late;

		t.config.topology.count = 2;
		t.node.config = t.config;
		late = t.node.feeds[1].late_until = t.now + 30 * HA_SEC;
		t.node.feeds[1].late_token = 77;
		t.node.feeds[1].known = true;
		t.config.config_groups[1] = (uint16_t)(t.config.config_groups[1] + others); /* other outlets */
		step(&t, (struct node_event){ .type = NODE_EV_RELOAD, .token = 9, .config = &t.config });
		ck_assert_int_eq(t.reply, NODE_REPLY_DONE);
		ck_assert(!t.node.feeds[1].known);
		ck_assert_uint_eq(t.node.feeds[1].late_until, late);
		ck_assert_uint_eq(t.node.feeds[1].late_token, others ? 0 : 77);
		ck_assert_uint_eq(t.node.feeds[0].late_until, others ? late : 0);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: levels");
	TCase *tcase = suite_case(suite, "levels");
	tcase_add_test(tcase, without_outlets_in_play_it_powers_down);
	tcase_add_loop_test(tcase, what_outlets_have_done_is_the_imms_too, 0, 3);
	tcase_add_test(tcase, a_disproof_reaches_the_disk);
	tcase_add_test(tcase, a_late_end_of_an_agent_is_a_power_down);
	tcase_add_test(tcase, what_is_on_its_way_outlasts_a_reload);
	return suite_run(suite);
}
