/* Powering the fenced peer up again: how often, how long, and whom never. */
#include "fence/restore.h"
#include "test/unit/suite.h"

#include <check.h>

static const struct ha_guid peer_guid = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } };
static const struct ha_guid own_guid = { { 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 1 } };
static const struct ha_guid third_guid = { { 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 3 } };

struct story {
	struct fence_restore restore;
	ha_time now;
	struct fence_order order; /* newest */
	bool open;                /* it is not answered yet */
	unsigned ups;
	enum fence_restore_result last;
};

static void
take(struct story *t, struct fence_restore_update update)
{
	if (update.result != RESTORE_NOTHING)
		t->last = update.result;
	if (!update.has_order)
		return;
	t->order = update.order;
	t->open = true;
	t->ups += update.order.type == FENCE_ORDER_POWER_UP;
}

static struct story
begin(unsigned tries)
{
	struct story t = { .now = 100 * HA_SEC, .last = RESTORE_NOTHING };
	struct fence_plan_config config = { .action = FENCE_ACTION_REBOOT, .own = own_guid };

	fence_restore_init(&t.restore, &config);
	fence_restore_begin(&t.restore, t.now, tries, &peer_guid);
	return t;
}

static void
answer(struct story *t, enum fence_error error, enum fence_power power, const struct ha_guid *guid)
{
	struct fence_report report = { .type = FENCE_REPORT_ANSWER,
		.token = t->order.token,
		.error = error,
		.power = power,
		.session = 1,
		.guid_known = true,
		.guid = *guid,
		.asked = t->now,
		.answered = t->now };

	t->open = false;
	take(t, fence_restore_report(&t->restore, t->now, &report));
}

/* Up to its next order, or to the end of what it wants. */
static void
next(struct story *t)
{
	while (!t->open && fence_restore_deadline(&t->restore) != HA_NEVER) {
		t->now = ha_time_max(t->now, fence_restore_deadline(&t->restore));
		take(t, fence_restore_timer(&t->restore, t->now));
	}
}

/* The IMM works, and says `power` to every question until `until`. */
static void
works(struct story *t, enum fence_power power, const struct ha_guid *guid, ha_time until)
{
	while (t->now < until && fence_restore_deadline(&t->restore) != HA_NEVER) {
		next(t);
		if (t->open)
			answer(t, FENCE_OK, t->order.type == FENCE_ORDER_READ ? power : FENCE_POWER_UNKNOWN, guid);
	}
}

START_TEST(off_is_powered_up_and_looked_at)
{
	struct story t = begin(RESTORE_TRIES);

	next(&t);
	ck_assert_int_eq(t.order.type, FENCE_ORDER_READ);
	answer(&t, FENCE_OK, FENCE_POWER_OFF, &peer_guid);
	ck_assert_int_eq(t.order.type, FENCE_ORDER_POWER_UP);
	ck_assert_uint_eq(t.order.session, 1);
	ck_assert_uint_eq(t.order.not_after, t.now + FENCE_ORDER_LIFE);
	answer(&t, FENCE_OK, FENCE_POWER_UNKNOWN, &peer_guid);
	next(&t);
	ck_assert_int_eq(t.order.type, FENCE_ORDER_READ);
	answer(&t, FENCE_OK, FENCE_POWER_ON, &peer_guid);
	ck_assert_int_eq(t.last, RESTORE_ON);
	ck_assert_uint_eq(fence_restore_deadline(&t.restore), HA_NEVER);
	ck_assert_uint_eq(t.ups, 1);
}
END_TEST

START_TEST(three_tries_and_no_more)
{
	struct story t = begin(RESTORE_TRIES);

	works(&t, FENCE_POWER_OFF, &peer_guid, t.now + 3600 * HA_SEC);
	ck_assert_uint_eq(t.ups, RESTORE_TRIES);
	ck_assert_int_eq(t.last, RESTORE_FAILED);
	ck_assert(t.restore.failed);
}
END_TEST

START_TEST(what_was_tried_before_a_restart_counts)
{
	struct story t = begin(1);

	works(&t, FENCE_POWER_OFF, &peer_guid, t.now + 3600 * HA_SEC);
	ck_assert_uint_eq(t.ups, 1);
	t = begin(0);
	ck_assert_uint_eq(fence_restore_deadline(&t.restore), HA_NEVER);
}
END_TEST

START_TEST(another_machine_gets_no_command)
{
	const struct ha_guid *others[] = { &third_guid, &own_guid };
	struct story t = begin(RESTORE_TRIES);

	works(&t, FENCE_POWER_OFF, others[_i], t.now + 3600 * HA_SEC);
	ck_assert_uint_eq(t.ups, 0);
	ck_assert_int_eq(t.last, RESTORE_FAILED);
}
END_TEST

START_TEST(an_imm_that_is_gone_is_asked_for_two_minutes)
{
	struct story t = begin(RESTORE_TRIES);
	ha_time began = t.now;

	while (fence_restore_deadline(&t.restore) != HA_NEVER) {
		next(&t);
		if (t.open)
			answer(&t, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN, &peer_guid);
	}
	ck_assert_uint_eq(t.ups, 0);
	ck_assert_int_eq(t.last, RESTORE_FAILED);
	ck_assert_uint_ge(t.now, began + RESTORE_WINDOW);
	ck_assert_uint_le(t.now, began + RESTORE_WINDOW + 2 * RESTORE_VERIFY);
}
END_TEST

START_TEST(not_sent_is_not_a_try)
{
	struct story t = begin(1);

	next(&t);
	answer(&t, FENCE_OK, FENCE_POWER_OFF, &peer_guid);
	answer(&t, FENCE_NOT_SENT, FENCE_POWER_UNKNOWN, &peer_guid);
	works(&t, FENCE_POWER_OFF, &peer_guid, t.now + 3600 * HA_SEC);
	ck_assert_uint_eq(t.ups, 2);
}
END_TEST

START_TEST(the_peer_speaks)
{
	struct story t = begin(RESTORE_TRIES);

	next(&t);
	fence_restore_end(&t.restore);
	answer(&t, FENCE_OK, FENCE_POWER_OFF, &peer_guid);
	ck_assert_uint_eq(t.ups, 0);
	ck_assert_uint_eq(fence_restore_deadline(&t.restore), HA_NEVER);
}
END_TEST

/* S6: the plan and this share one fence process; an answer to one must never fit the other. */
START_TEST(tokens_of_the_plan_and_of_this_never_meet)
{
	struct story t = begin(RESTORE_TRIES);
	struct fence_plan_event event = { .now = t.now, .type = FENCE_PLAN_BEGIN };
	struct fence_plan plan;
	struct fence_plan_update update;

	next(&t);
	fence_plan_init(&plan, &t.restore.config);
	update = fence_plan_step(&plan, &event);
	ck_assert_uint_eq(update.order_count, 1);
	ck_assert_uint_gt(t.order.token, update.orders[0].token + (UINT32_C(1) << 29));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fence restore");
	TCase *tc = suite_case(suite, "power-up");

	tcase_add_test(tc, off_is_powered_up_and_looked_at);
	tcase_add_test(tc, three_tries_and_no_more);
	tcase_add_test(tc, what_was_tried_before_a_restart_counts);
	tcase_add_loop_test(tc, another_machine_gets_no_command, 0, 2);
	tcase_add_test(tc, an_imm_that_is_gone_is_asked_for_two_minutes);
	tcase_add_test(tc, not_sent_is_not_a_try);
	tcase_add_test(tc, the_peer_speaks);
	tcase_add_test(tc, tokens_of_the_plan_and_of_this_never_meet);
	return suite_run(suite);
}
