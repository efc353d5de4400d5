#include "fence/ask.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* What an answer means: IPMI 2.0 table 5-2 (completion codes) and table 28-3 (chassis status). */
static const struct {
	enum fence_ask_kind kind;
	uint8_t data[6];
	size_t length;
	enum fence_error error;
	uint8_t completion;
	enum fence_power power;
	enum fence_policy restore; /* of a good reading */
} answers[] = {
	{ FENCE_ASK_READ, { 0x00, 0x21, 0x00, 0x00 }, 4, FENCE_OK, 0, FENCE_POWER_ON, FENCE_POLICY_PREVIOUS },
	{ FENCE_ASK_READ, { 0x00, 0x01, 0x00, 0x00 }, 4, FENCE_OK, 0, FENCE_POWER_ON, FENCE_POLICY_ALWAYS_OFF },
	{ FENCE_ASK_READ, { 0x00, 0x41, 0x00, 0x00 }, 4, FENCE_OK, 0, FENCE_POWER_ON, FENCE_POLICY_ALWAYS_ON },
	{ FENCE_ASK_READ, { 0x00, 0x9e, 0x00, 0x00 }, 4, FENCE_OK, 0, FENCE_POWER_OFF, FENCE_POLICY_ALWAYS_OFF },
	{ FENCE_ASK_READ, { 0x00, 0x20, 0x00, 0x00 }, 4, FENCE_OK, 0, FENCE_POWER_OFF, FENCE_POLICY_PREVIOUS },
	{ FENCE_ASK_MONITOR, { 0x00, 0xff, 0x00, 0x00, 0x00, 0x77 }, 6, FENCE_OK, 0, FENCE_POWER_ON,
		FENCE_POLICY_UNKNOWN }, /* trailing bytes */
	{ FENCE_ASK_READ, { 0x00, 0x20, 0x00 }, 3, FENCE_GARBAGE, 0, FENCE_POWER_UNKNOWN, FENCE_POLICY_UNASKED },
	{ FENCE_ASK_READ, { 0x00 }, 1, FENCE_GARBAGE, 0, FENCE_POWER_UNKNOWN, FENCE_POLICY_UNASKED },
	{ FENCE_ASK_READ, { 0xd4 }, 1, FENCE_PRIVILEGE, 0, FENCE_POWER_UNKNOWN, FENCE_POLICY_UNASKED },
	{ FENCE_ASK_READ, { 0xc3 }, 1, FENCE_TIMEOUT, 0, FENCE_POWER_UNKNOWN, FENCE_POLICY_UNASKED },
	{ FENCE_ASK_READ, { 0xc3, 0x20, 0x00, 0x00 }, 4, FENCE_TIMEOUT, 0, FENCE_POWER_UNKNOWN, FENCE_POLICY_UNASKED },
	{ FENCE_ASK_READ, { 0xc0, 0x20, 0x00, 0x00 }, 4, FENCE_REFUSED, 0xc0, FENCE_POWER_UNKNOWN,
		FENCE_POLICY_UNASKED },
	{ FENCE_ASK_READ, { 0xff }, 1, FENCE_REFUSED, 0xff, FENCE_POWER_UNKNOWN, FENCE_POLICY_UNASKED },
	{ FENCE_ASK_DOWN, { 0x00 }, 1, FENCE_OK, 0, FENCE_POWER_UNKNOWN, FENCE_POLICY_UNASKED },
	{ FENCE_ASK_DOWN, { 0x00, 0x20, 0x00, 0x00 }, 4, FENCE_OK, 0, FENCE_POWER_UNKNOWN,
		FENCE_POLICY_UNASKED }, /* no reading, whatever it says */
	{ FENCE_ASK_DOWN, { 0xd5 }, 1, FENCE_REFUSED, 0xd5, FENCE_POWER_UNKNOWN, FENCE_POLICY_UNASKED },
	{ FENCE_ASK_DOWN, { 0xd4 }, 1, FENCE_PRIVILEGE, 0, FENCE_POWER_UNKNOWN, FENCE_POLICY_UNASKED },
	{ FENCE_ASK_UP, { 0xc3 }, 1, FENCE_TIMEOUT, 0, FENCE_POWER_UNKNOWN, FENCE_POLICY_UNASKED },
};

START_TEST(answer)
{
	struct fence_report report = { .power = FENCE_POWER_ON, .completion = 1, .restore = FENCE_POLICY_ALWAYS_ON };

	fence_answer_parse(answers[_i].kind, answers[_i].data, answers[_i].length, &report);
	ck_assert_int_eq(report.error, answers[_i].error);
	ck_assert_uint_eq(report.completion, answers[_i].completion);
	ck_assert_int_eq(report.power, answers[_i].power);
	ck_assert_int_eq(report.restore, answers[_i].restore);
}
END_TEST

START_TEST(system_guid)
{
	uint8_t data[20] = { 0x00, 0xa1, 0x23 };
	struct ha_guid guid = { 0 };

	ck_assert(fence_answer_parse_guid(data, 17, &guid));
	ck_assert_uint_eq(guid.bytes[0], 0xa1);
	ck_assert(fence_answer_parse_guid(data, 20, &guid));
	ck_assert(!fence_answer_parse_guid(data, 16, &guid));
	data[0] = 0xc1; /* not supported */
	ck_assert(!fence_answer_parse_guid(data, 17, &guid));
}
END_TEST

/* Links are only told apart here. */
static struct fence_link *const first = (struct fence_link *)1, *const second = (struct fence_link *)2;

START_TEST(answers_find_their_transmission)
{
	struct fence_asks asks = { 0 };
	struct fence_ask *a = fence_ask_new(&asks, FENCE_ASK_READ), *b = fence_ask_new(&asks, FENCE_ASK_DOWN);
	ha_time asked = 0;

	ck_assert(!fence_asks_waiting(&asks, first, FENCE_ASK_READ)); /* not sent */
	fence_ask_sent(a, first, 1, 100);
	fence_ask_sent(b, first, 2, 200);
	fence_ask_sent(a, first, 3, 300);
	ck_assert_uint_eq(fence_asks_unanswered(&asks, first), 3);
	ck_assert_uint_eq(fence_asks_unanswered(&asks, second), 0);
	ck_assert(fence_asks_waiting(&asks, first, FENCE_ASK_READ));
	ck_assert_ptr_eq(fence_asks_find(&asks, first, 1, &asked), a);
	ck_assert_uint_eq(asked, 100);
	ck_assert_ptr_eq(fence_asks_find(&asks, first, 3, &asked), a);
	ck_assert_uint_eq(asked, 300);
	ck_assert_ptr_eq(fence_asks_find(&asks, first, 2, &asked), b);
	ck_assert_ptr_null(fence_asks_find(&asks, second, 2, &asked)); /* another session's */
	ck_assert_ptr_null(fence_asks_find(&asks, first, 4, &asked));
	a->reported = true;
	ck_assert(!fence_asks_waiting(&asks, first, FENCE_ASK_READ));
	ck_assert_uint_eq(fence_asks_unanswered(&asks, first), 3); /* but the IMM still owes the answers */
	a->kind = FENCE_ASK_NONE;
	ck_assert_ptr_null(fence_asks_find(&asks, first, 1, &asked));
	ck_assert_ptr_eq(fence_ask_new(&asks, FENCE_ASK_PROBE), a); /* its place is free */
	ck_assert_uint_eq(a->sends, 0);
}
END_TEST

START_TEST(places)
{
	struct fence_asks asks = { 0 };

	for (unsigned i = 0; i < FENCE_ASKS; i++)
		ck_assert_ptr_nonnull(fence_ask_new(&asks, FENCE_ASK_READ));
	ck_assert_ptr_null(fence_ask_new(&asks, FENCE_ASK_READ));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("ask");
	TCase *t = tcase_create("ask");

	tcase_add_loop_test(t, answer, 0, (int)(sizeof(answers) / sizeof(answers[0])));
	tcase_add_test(t, system_guid);
	tcase_add_test(t, answers_find_their_transmission);
	tcase_add_test(t, places);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
