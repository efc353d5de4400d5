/* Orders and reports: what is written is read, and nothing out of range, cut or padded is. */
#include "fence/report.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct fence_order order_off = {
	.type = FENCE_ORDER_POWER_DOWN, .token = 0xdeadbeef, .session = 0x0102030405060708, .not_after = 12345678901234
};

static const struct fence_report report_off = { .type = FENCE_REPORT_ANSWER,
	.token = 7,
	.error = FENCE_OK,
	.power = FENCE_POWER_OFF,
	.session = 3,
	.session_since = 1 * HA_SEC,
	.guid_known = true,
	.guid = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } },
	.privilege = 3,
	.asked = 5 * HA_SEC,
	.answered = 5 * HA_SEC + 400 };

static int
order_through(const struct fence_order *order, struct fence_order *ret)
{
	uint8_t buffer[FENCE_ORDER_BYTES];

	return fence_order_decode(buffer, fence_order_encode(order, buffer), ret);
}

static int
report_through(const struct fence_report *report, struct fence_report *ret)
{
	uint8_t buffer[FENCE_REPORT_BYTES];

	return fence_report_decode(buffer, fence_report_encode(report, buffer), ret);
}

START_TEST(orders_round_trip)
{
	for (unsigned type = 0; type < FENCE_ORDER_TYPES; type++) {
		struct fence_order order = order_off, got;

		order.type = (enum fence_order_type)type;
		ck_assert_int_eq(order_through(&order, &got), 0);
		ck_assert_int_eq(got.type, order.type);
		ck_assert_uint_eq(got.token, order.token);
		ck_assert_uint_eq(got.session, order.session);
		ck_assert_uint_eq(got.not_after, order.not_after);
	}
}
END_TEST

START_TEST(devices_round_trip)
{
	struct fence_order order = order_off, got_order;
	struct fence_report report = report_off, got_report;

	order.device = 3;
	ck_assert_int_eq(order_through(&order, &got_order), 0);
	ck_assert_uint_eq(got_order.device, 3);
	report.device = 2;
	report.guid_known = false;
	ck_assert_int_eq(report_through(&report, &got_report), 0);
	ck_assert_uint_eq(got_report.device, 2);
	/* S10: an outlet has no GUID. */
	report.guid_known = true;
	ck_assert_int_eq(report_through(&report, &got_report), -EBADMSG);
}
END_TEST

/* Only who asks for the power restore policy is told: for anybody else the bytes are what they were. */
START_TEST(policy_round_trip)
{
	struct fence_order order = order_off, got_order;
	struct fence_report report = report_off, got_report;
	uint8_t buffer[FENCE_REPORT_BYTES];
	size_t plain = fence_report_encode(&report, buffer);

	order.type = FENCE_ORDER_READ;
	order.policy = true;
	ck_assert_int_eq(order_through(&order, &got_order), 0);
	ck_assert(got_order.policy && got_order.device == 0);
	order.type = FENCE_ORDER_POWER_DOWN;
	ck_assert_int_eq(order_through(&order, &got_order), -EBADMSG);
	for (unsigned restore = FENCE_POLICY_UNASKED; restore < FENCE_POLICIES; restore++) {
		report.restore = (enum fence_policy)restore;
		ck_assert_uint_eq(fence_report_encode(&report, buffer), plain + (restore != FENCE_POLICY_UNASKED));
		ck_assert_int_eq(report_through(&report, &got_report), 0);
		ck_assert_int_eq(got_report.restore, report.restore);
		ck_assert_uint_eq(got_report.device, 0);
	}
	report.restore = FENCE_POLICIES;
	ck_assert_int_eq(report_through(&report, &got_report), -EBADMSG);
	report.restore = FENCE_POLICY_PREVIOUS;
	report.power = FENCE_POWER_UNKNOWN;
	ck_assert_int_eq(report_through(&report, &got_report), -EBADMSG);
}
END_TEST

static void
assert_same_report(const struct fence_report *a, const struct fence_report *b)
{
	ck_assert_int_eq(a->type, b->type);
	ck_assert_uint_eq(a->token, b->token);
	ck_assert_int_eq(a->error, b->error);
	ck_assert_uint_eq(a->completion, b->completion);
	ck_assert_int_eq(a->power, b->power);
	ck_assert_uint_eq(a->session, b->session);
	ck_assert_uint_eq(a->session_since, b->session_since);
	ck_assert_int_eq(a->guid_known, b->guid_known);
	ck_assert(ha_guid_equal(&a->guid, &b->guid));
	ck_assert_uint_eq(a->privilege, b->privilege);
	ck_assert_uint_eq(a->asked, b->asked);
	ck_assert_uint_eq(a->answered, b->answered);
}

START_TEST(reports_round_trip)
{
	for (unsigned error = 0; error < FENCE_ERRORS; error++) {
		struct fence_report report = report_off, got;

		report.error = (enum fence_error)error;
		report.power = error == FENCE_OK ? FENCE_POWER_ON : FENCE_POWER_UNKNOWN;
		report.completion = error == FENCE_REFUSED ? 0xd5 : 0;
		ck_assert_int_eq(report_through(&report, &got), 0);
		assert_same_report(&report, &got);
	}
}
END_TEST

/* What must not be said, or is out of range; each differs from a good one in the named field. */
static void
refuse_order(struct fence_order order)
{
	struct fence_order got = { .token = 99 };

	ck_assert_int_eq(order_through(&order, &got), -EBADMSG);
	ck_assert_uint_eq(got.token, 99);
}

static void
refuse_report(struct fence_report report)
{
	struct fence_report got = { .token = 99 };

	ck_assert_int_eq(report_through(&report, &got), -EBADMSG);
	ck_assert_uint_eq(got.token, 99);
}

#define WITH(type, good, ...)                                                                                          \
	({                                                                                                             \
		type changed_ = (good);                                                                                \
		__VA_ARGS__;                                                                                           \
		changed_;                                                                                              \
	})
#define ORDER(...)  WITH(struct fence_order, order_off, __VA_ARGS__)
#define REPORT(...) WITH(struct fence_report, report_off, __VA_ARGS__)

START_TEST(orders_out_of_range)
{
	struct fence_order got;
	struct fence_order read_any = ORDER(changed_.type = FENCE_ORDER_READ, changed_.session = 0);

	refuse_order(ORDER(changed_.type = FENCE_ORDER_TYPES));
	refuse_order(ORDER(changed_.type = (enum fence_order_type)255));
	/* S10: a power order without the session whose GUID was read */
	refuse_order(ORDER(changed_.session = 0));
	refuse_order(ORDER(changed_.type = FENCE_ORDER_POWER_UP, changed_.session = 0));
	ck_assert_int_eq(order_through(&read_any, &got), 0);
}
END_TEST

/* The sensor of one's own IMM, in both directions. */
START_TEST(sensors)
{
	struct fence_order order = {
		.type = FENCE_ORDER_SENSOR, .token = 3, .not_after = 9, .sensor = "PS1 Status 16byt"
	};
	struct fence_order got_order;
	struct fence_report report = { .type = FENCE_REPORT_SENSOR,
		.token = 3,
		.session = 1,
		.asked = 5,
		.answered = 6,
		.sensor = { .kind = FENCE_SENSOR_READING,
			.power_state = 1,
			.misc_state = 2,
			.type = 3,
			.event_type = 4,
			.flags = 5,
			.states = 0x7fff } };
	struct fence_report got;

	ck_assert_int_eq(order_through(&order, &got_order), 0);
	ck_assert_str_eq(got_order.sensor, order.sensor);
	ck_assert_int_eq(report_through(&report, &got), 0);
	assert_same_report(&got, &report);
	ck_assert_int_eq(got.sensor.kind, report.sensor.kind);
	ck_assert_uint_eq(got.sensor.power_state, 1);
	ck_assert_uint_eq(got.sensor.misc_state, 2);
	ck_assert_uint_eq(got.sensor.type, 3);
	ck_assert_uint_eq(got.sensor.event_type, 4);
	ck_assert_uint_eq(got.sensor.flags, 5);
	ck_assert_uint_eq(got.sensor.states, 0x7fff);
	/* A reading in no session, before its question, beside an error, of no kind, or with a power state. */
	report.session = 0;
	ck_assert_int_eq(report_through(&report, &got), -EBADMSG);
	report.session = 1;
	report.answered = 4;
	ck_assert_int_eq(report_through(&report, &got), -EBADMSG);
	report.answered = 6;
	report.error = FENCE_TIMEOUT;
	ck_assert_int_eq(report_through(&report, &got), -EBADMSG);
	report.error = FENCE_OK;
	report.sensor.kind = FENCE_SENSOR_KINDS;
	ck_assert_int_eq(report_through(&report, &got), -EBADMSG);
	report.sensor.kind = FENCE_SENSOR_CHASSIS;
	report.power = FENCE_POWER_OFF;
	ck_assert_int_eq(report_through(&report, &got), -EBADMSG);
}
END_TEST

START_TEST(reports_out_of_range)
{
	refuse_report(REPORT(changed_.type = FENCE_REPORT_TYPES));
	refuse_report(REPORT(changed_.error = FENCE_ERRORS, changed_.power = FENCE_POWER_UNKNOWN));
	refuse_report(REPORT(changed_.power = FENCE_POWERS));
	refuse_report(REPORT(changed_.privilege = 6));
	refuse_report(REPORT(changed_.type = FENCE_REPORT_DEVICE)); /* with a token */
	refuse_report(REPORT(changed_.completion = 0xd4));          /* with FENCE_OK */
	/* S6: "off" without a session, with an error, before the question, or before any answer */
	refuse_report(REPORT(changed_.session = 0, changed_.guid_known = false));
	refuse_report(REPORT(changed_.error = FENCE_TIMEOUT));
	refuse_report(REPORT(changed_.error = FENCE_WORKER));
	refuse_report(REPORT(changed_.answered = changed_.asked - 1));
	refuse_report(REPORT(changed_.type = FENCE_REPORT_SENT));
	/* S10: a GUID read in no session */
	refuse_report(REPORT(changed_.session = 0, changed_.power = FENCE_POWER_UNKNOWN));
}
END_TEST

START_TEST(every_length_but_the_right_one)
{
	uint8_t order[FENCE_ORDER_BYTES + 1], report[FENCE_REPORT_BYTES + 1];
	size_t order_length = fence_order_encode(&order_off, order);
	size_t report_length = fence_report_encode(&report_off, report);
	struct fence_order got_order;
	struct fence_report got_report;

	for (size_t length = 0; length <= report_length + 1; length++) {
		uint8_t *copy = calloc(length + 1, 1); /* a device is written only if it is not 0 */

		memcpy(copy, order, length < order_length ? length : order_length);
		if (length <= order_length + 1)
			ck_assert_int_eq(
				fence_order_decode(copy, length, &got_order), length == order_length ? 0 : -EBADMSG);
		memcpy(copy, report, length < report_length ? length : report_length);
		ck_assert_int_eq(
			fence_report_decode(copy, length, &got_report), length == report_length ? 0 : -EBADMSG);
		free(copy);
	}
}
END_TEST

/* A process of another release is told from one that sends nonsense by nothing; both are refused. */
START_TEST(other_formats)
{
	uint8_t buffer[FENCE_REPORT_BYTES];
	struct fence_report got_report;
	struct fence_order got_order;
	size_t length = fence_report_encode(&report_off, buffer);

	buffer[0]++;
	ck_assert_int_eq(fence_report_decode(buffer, length, &got_report), -EBADMSG);
	length = fence_order_encode(&order_off, buffer);
	buffer[0]++;
	ck_assert_int_eq(fence_order_decode(buffer, length, &got_order), -EBADMSG);
}
END_TEST

START_TEST(names)
{
	static const char *const errors[] = { "ok", "unreachable", "authentication", "privilege", "cipher", "sessions",
		"refused", "garbage", "timeout", "not-sent", "config", "worker" };

	ck_assert_uint_eq(COUNT(errors), FENCE_ERRORS);
	for (unsigned i = 0; i < FENCE_ERRORS; i++) {
		/* People's text ends with the word, so that it can be looked up. */
		char word[40];

		ck_assert_str_eq(fence_error_name((enum fence_error)i), errors[i]);
		(void)snprintf(word, sizeof(word), " (%s)", errors[i]);
		ck_assert_ptr_nonnull(strstr(fence_error_text((enum fence_error)i), i == FENCE_OK ? "answers" : word));
	}
	ck_assert_ptr_nonnull(strstr(fence_error_text((enum fence_error)200), "unknown"));
	ck_assert_str_eq(fence_error_name((enum fence_error)200), "unknown");
	ck_assert_int_eq(fence_error_named("authentication"), FENCE_AUTHENTICATION);
	ck_assert_int_eq(fence_error_named("unknown"), FENCE_ERRORS);
	ck_assert_str_eq(fence_power_name(FENCE_POWER_UNKNOWN), "unknown");
	ck_assert_str_eq(fence_power_name(FENCE_POWER_OFF), "off");
	ck_assert_str_eq(fence_power_name(FENCE_POWER_ON), "on");
	ck_assert_str_eq(fence_power_name((enum fence_power)200), "unknown");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fence/report");
	TCase *tc = suite_case(suite, "report");

	tcase_add_test(tc, orders_round_trip);
	tcase_add_test(tc, devices_round_trip);
	tcase_add_test(tc, policy_round_trip);
	tcase_add_test(tc, reports_round_trip);
	tcase_add_test(tc, orders_out_of_range);
	tcase_add_test(tc, sensors);
	tcase_add_test(tc, reports_out_of_range);
	tcase_add_test(tc, every_length_but_the_right_one);
	tcase_add_test(tc, other_formats);
	tcase_add_test(tc, names);
	return suite_run(suite);
}
