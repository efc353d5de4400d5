/* Orders to the health process and its reports: what is written is read, and nothing out of range, cut or padded is. */
#include "health/report.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct health_order order_probe = {
	.type = HEALTH_ORDER_PROBE, .token = 0xdeadbeef, .wanted = { { [63] = 0x80 } }
};

static const struct health_report report_good = { .type = HEALTH_REPORT_RESULT,
	.token = 7,
	.index = 300,
	.result = HEALTH_OK,
	.asked = 5 * HA_SEC,
	.answered = 5 * HA_SEC + 400,
	.detail = "status 200" };

static const struct health_report report_hello = {
	.type = HEALTH_REPORT_HELLO, .digest = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }, .count = 512
};

static int
order_through(const struct health_order *order, struct health_order *ret)
{
	uint8_t buffer[HEALTH_ORDER_BYTES];

	return health_order_decode(buffer, health_order_encode(order, buffer), ret);
}

static int
report_through(const struct health_report *report, struct health_report *ret)
{
	uint8_t buffer[HEALTH_REPORT_BYTES];

	return health_report_decode(buffer, health_report_encode(report, buffer), ret);
}

START_TEST(orders_round_trip)
{
	static const struct health_order orders[] = { { .type = HEALTH_ORDER_HELLO },
		{ .type = HEALTH_ORDER_MODE, .master = true }, { .type = HEALTH_ORDER_MODE },
		{ .type = HEALTH_ORDER_PROBE, .token = UINT32_MAX, .wanted = { { [0] = 1, [63] = 0x80 } } } };

	for (unsigned i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct health_order got;

		ck_assert_int_eq(order_through(&orders[i], &got), 0);
		ck_assert_int_eq(got.type, orders[i].type);
		ck_assert_uint_eq(got.token, orders[i].token);
		ck_assert_mem_eq(&got.wanted, &orders[i].wanted, sizeof(got.wanted));
		ck_assert_int_eq(got.master, orders[i].master);
	}
}
END_TEST

START_TEST(reports_round_trip)
{
	struct health_report got, report = report_good;

	for (unsigned result = 0; result < HEALTH_RESULTS; result++) {
		report.result = (enum health_result)result;
		ck_assert_int_eq(report_through(&report, &got), 0);
		ck_assert_mem_eq(&got, &report, sizeof(got));
	}
	ck_assert_int_eq(report_through(&report_hello, &got), 0);
	ck_assert_mem_eq(&got, &report_hello, sizeof(got));
}
END_TEST

START_TEST(the_longest_text_fits)
{
	struct health_report report = report_good, got;
	char text[HEALTH_DETAIL + 50];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	health_detail_set(report.detail, text);
	ck_assert_uint_eq(strlen(report.detail), HEALTH_DETAIL - 1);
	ck_assert_int_eq(report_through(&report, &got), 0);
	ck_assert_str_eq(got.detail, report.detail);
}
END_TEST

START_TEST(text_becomes_printable)
{
	char detail[HEALTH_DETAIL];

	health_detail_set(detail, "a\nb\tc\x1b[0m\xc3\xa4\x7f~ ");
	ck_assert_str_eq(detail, "a?b?c?[0m???~ ");
	health_detail_set(detail, "");
	ck_assert_str_eq(detail, "");
}
END_TEST

#define REFUSED_ORDER(...)                                                                                             \
	do {                                                                                                           \
		struct health_order changed_ = order_probe, got_ = { .token = 99 };                                    \
		__VA_ARGS__;                                                                                           \
		ck_assert_int_eq(order_through(&changed_, &got_), -EBADMSG);                                           \
		ck_assert_uint_eq(got_.token, 99);                                                                     \
	} while (0)

#define REFUSED_REPORT(good, ...)                                                                                      \
	do {                                                                                                           \
		struct health_report changed_ = (good), got_ = { .token = 99 };                                        \
		__VA_ARGS__;                                                                                           \
		ck_assert_int_eq(report_through(&changed_, &got_), -EBADMSG);                                          \
		ck_assert_uint_eq(got_.token, 99);                                                                     \
	} while (0)

START_TEST(out_of_range)
{
	REFUSED_ORDER(changed_.type = HEALTH_ORDER_TYPES);
	REFUSED_ORDER(changed_.type = (enum health_order_type)255);
	REFUSED_ORDER(changed_.token = 0);
	REFUSED_ORDER(changed_.wanted = (struct health_set){ 0 });
	REFUSED_ORDER(changed_.type = HEALTH_ORDER_HELLO); /* with a token */
	REFUSED_REPORT(report_good, changed_.type = HEALTH_REPORT_TYPES);
	REFUSED_REPORT(report_good, changed_.result = HEALTH_RESULTS);
	REFUSED_REPORT(report_good, changed_.index = HEALTH_CHECKS);
	REFUSED_REPORT(report_good, changed_.answered = changed_.asked - 1);
	REFUSED_REPORT(report_good, changed_.detail[0] = '\n');
	REFUSED_REPORT(report_good, changed_.detail[0] = (char)0xff);
	REFUSED_REPORT(report_good, changed_.count = 1);
	REFUSED_REPORT(report_good, changed_.digest[15] = 1);
	REFUSED_REPORT(report_hello, changed_.count = HEALTH_CHECKS + 1);
	REFUSED_REPORT(report_hello, changed_.token = 1);
	REFUSED_REPORT(report_hello, changed_.result = HEALTH_FAILED);
	REFUSED_REPORT(report_hello, changed_.detail[0] = 'x');
}
END_TEST

START_TEST(every_length_but_the_right_one)
{
	uint8_t order[HEALTH_ORDER_BYTES + 1] = { 0 }, report[HEALTH_REPORT_BYTES + 1] = { 0 };
	size_t order_length = health_order_encode(&order_probe, order);
	size_t report_length = health_report_encode(&report_good, report);

	for (size_t length = 0; length <= report_length + 1; length++) {
		uint8_t *copy = malloc(length + 1);
		struct health_order got_order;
		struct health_report got_report;

		memcpy(copy, order, length < sizeof(order) ? length : sizeof(order));
		if (length <= order_length + 1)
			ck_assert_int_eq(
				health_order_decode(copy, length, &got_order), length == order_length ? 0 : -EBADMSG);
		memcpy(copy, report, length);
		ck_assert_int_eq(
			health_report_decode(copy, length, &got_report), length == report_length ? 0 : -EBADMSG);
		free(copy);
	}
}
END_TEST

START_TEST(other_formats)
{
	uint8_t buffer[HEALTH_REPORT_BYTES];
	struct health_report report;
	struct health_order order;
	size_t length = health_report_encode(&report_good, buffer);

	buffer[0]++;
	ck_assert_int_eq(health_report_decode(buffer, length, &report), -EBADMSG);
	length = health_order_encode(&order_probe, buffer);
	buffer[0]++;
	ck_assert_int_eq(health_order_decode(buffer, length, &order), -EBADMSG);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(health_result_name(HEALTH_OK), "ok");
	ck_assert_str_eq(health_result_name(HEALTH_FAILED), "failed");
	ck_assert_str_eq(health_result_name(HEALTH_TIMEOUT), "timeout");
	ck_assert_str_eq(health_result_name(HEALTH_UNKNOWN), "unknown");
	ck_assert_str_eq(health_result_name((enum health_result)200), "unknown");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("health/report");
	TCase *tc = suite_case(suite, "report");

	tcase_add_test(tc, orders_round_trip);
	tcase_add_test(tc, reports_round_trip);
	tcase_add_test(tc, the_longest_text_fits);
	tcase_add_test(tc, text_becomes_printable);
	tcase_add_test(tc, out_of_range);
	tcase_add_test(tc, every_length_but_the_right_one);
	tcase_add_test(tc, other_formats);
	tcase_add_test(tc, names);
	return suite_run(suite);
}
