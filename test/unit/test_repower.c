/* Outlets that are switched on again. */
#include "fence/repower.h"
#include "test/unit/suite.h"

static struct fence_report
outlet_report(const struct fence_order *order, enum fence_error error, enum fence_power power)
{
	return (struct fence_report){ .type = FENCE_REPORT_ANSWER,
		.device = order->device,
		.token = order->token,
		.error = error,
		.power = power };
}

START_TEST(outlets_are_switched_on_again)
{
	struct fence_repower r;
	struct fence_repower_update update;
	struct fence_report report;
	ha_time now = HA_SEC;

	fence_repower_init(&r);
	ck_assert_uint_eq(fence_repower_deadline(&r), HA_NEVER);
	fence_repower_begin(&r, now, 5, 10 * HA_SEC);
	for (unsigned feed = 0; feed <= 2; feed += 2) { /* 0 and 2, in their order */
		update = fence_repower_timer(&r, now);
		ck_assert(update.has_order && update.order.type == FENCE_ORDER_POWER_UP);
		ck_assert_uint_eq(update.order.device, feed + 1);
		report = outlet_report(&update.order, FENCE_OK, FENCE_POWER_UNKNOWN);
		update = fence_repower_report(&r, now, &report);
		ck_assert(update.has_order && update.order.type == FENCE_ORDER_READ);
		report = outlet_report(&update.order, FENCE_OK, FENCE_POWER_ON);
		update = fence_repower_report(&r, now, &report);
		ck_assert(update.moved && update.done && update.feed == feed);
	}
	ck_assert_uint_eq(r.owed, 0);
	ck_assert(!r.failed);
}
END_TEST

START_TEST(an_outlet_that_stays_off_is_given_up)
{
	struct fence_repower r;
	unsigned ups = 0;
	ha_time now = HA_SEC;

	fence_repower_init(&r);
	fence_repower_begin(&r, now, 1, 10 * HA_SEC);
	for (int i = 0; i < 20 && r.owed != 0; i++) {
		struct fence_repower_update update;

		now = fence_repower_deadline(&r);
		update = fence_repower_timer(&r, now);
		if (update.has_order && update.order.type == FENCE_ORDER_POWER_UP) {
			struct fence_report report =
				outlet_report(&update.order, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);

			ups++;
			(void)fence_repower_report(&r, now, &report);
		}
	}
	ck_assert_uint_eq(ups, FENCE_REPOWER_TRIES);
	ck_assert(r.failed);
	ck_assert_uint_eq(fence_repower_deadline(&r), HA_NEVER);
	ck_assert_uint_le(now, 120 * HA_SEC);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fence levels: on again");
	TCase *tc = suite_case(suite, "repower");

	tcase_add_test(tc, outlets_are_switched_on_again);
	tcase_add_test(tc, an_outlet_that_stays_off_is_given_up);
	return suite_run(suite);
}
