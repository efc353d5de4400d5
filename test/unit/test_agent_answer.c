/* What the end of a fence agent means. */
#include "fence/agent_answer.h"
#include "test/unit/suite.h"

START_TEST(what_an_agent_says)
{
	static const struct {
		enum fence_order_type action;
		bool exited;
		int status;
		const char *output;
		enum fence_error error;
		enum fence_power power;
	} cases[] = {
		{ FENCE_ORDER_READ, true, 0, "Status: ON\n", FENCE_OK, FENCE_POWER_ON },
		{ FENCE_ORDER_READ, true, 2, "Status: OFF\n", FENCE_OK, FENCE_POWER_OFF },
		{ FENCE_ORDER_READ, true, 2, "warning\nStatus: OFF", FENCE_OK, FENCE_POWER_OFF },
		/* 2 is "bad arguments", too */
		{ FENCE_ORDER_READ, true, 2, "", FENCE_CONFIG, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 2, "Status: ON\n", FENCE_CONFIG, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 0, "Status: OFF\n", FENCE_GARBAGE, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 0, "", FENCE_GARBAGE, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 2, "Status: OFF or not\n", FENCE_CONFIG, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 2, "Status: OFF\nStatus: UNKNOWN\n", FENCE_CONFIG, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 3, "", FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, true, 1, "Status: OFF\n", FENCE_REFUSED, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_READ, false, 9, "Status: OFF\n", FENCE_TIMEOUT, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_POWER_DOWN, true, 0, "Success: Powered OFF\n", FENCE_OK, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_POWER_DOWN, true, 2, "", FENCE_CONFIG, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_POWER_DOWN, true, 7, "", FENCE_TIMEOUT, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_POWER_DOWN, true, 127, "", FENCE_CONFIG, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_POWER_DOWN, false, 15, "", FENCE_TIMEOUT, FENCE_POWER_UNKNOWN },
		{ FENCE_ORDER_POWER_UP, true, 10, "", FENCE_AUTHENTICATION, FENCE_POWER_UNKNOWN },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fence_report report = { .error = FENCE_ERRORS };

		fence_agent_answer(cases[i].action, cases[i].exited, cases[i].status, cases[i].output, &report);
		ck_assert_msg(report.error == cases[i].error && report.power == cases[i].power, "case %u: %s %s", i,
			fence_error_name(report.error), fence_power_name(report.power));
		ck_assert(report.completion == 0 || report.error == FENCE_REFUSED);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fence agent: its answer");
	TCase *tc = suite_case(suite, "answer");

	tcase_add_test(tc, what_an_agent_says);
	return suite_run(suite);
}
