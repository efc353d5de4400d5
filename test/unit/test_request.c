/* Lines on the control socket, good and bad. */
#include "daemon/request.h"
#include "test/unit/suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static int
parse(const char *line, struct request *request)
{
	char error[REQUEST_ERROR] = "";
	int r = request_parse(line, strlen(line), request, error);
	ck_assert_msg(r == 0 || error[0] != '\0', "a refusal without a reason: %s", line);
	return r;
}

START_TEST(every_name)
{
	for (unsigned i = 0; i < REQUEST_TYPES; i++) {
		char line[128];
		struct request request;
		bool needs_node = i == REQUEST_CONFIRM_OFF;
		snprintf(line, sizeof(line), "{\"request\":\"%s\"%s}", request_name((enum request_type)i),
			needs_node ? ",\"node\":\"NodeA\",\"dry\":true" : "");
		ck_assert_msg(parse(line, &request) == 0, "%s", line);
		ck_assert_uint_eq(request.type, i);
	}
}
END_TEST

START_TEST(arguments)
{
	struct request request;
	ck_assert_int_eq(parse("{\"request\":\"pause\",\"seconds\":7200}", &request), 0);
	ck_assert_uint_eq(request.duration, 7200 * HA_SEC);
	ck_assert_int_eq(parse("{\"request\":\"pause\",\"seconds\":null}", &request), 0);
	ck_assert_uint_eq(request.duration, HA_NEVER);
	ck_assert_int_eq(parse("{\"request\":\"pause\"}", &request), 0);
	ck_assert_uint_eq(request.duration, HA_NEVER);
	ck_assert_int_eq(parse("{\"request\":\"confirm-off\",\"node\":\"NodeA\",\"dry\":true}", &request), 0);
	ck_assert_str_eq(request.node, "NodeA");
	ck_assert(request.dry);
	ck_assert_int_eq(
		parse("{\"request\":\"confirm-off\",\"node\":\"NodeA\",\"claim\":\"00000000000000fe\"}", &request), 0);
	ck_assert_uint_eq(request.claim, 254);
	ck_assert_int_eq(parse("{\"request\":\"history\",\"n\":12}", &request), 0);
	ck_assert_uint_eq(request.episode, 12);
	ck_assert_int_eq(parse("{\"request\":\"switchover\",\"force\":true}", &request), 0);
	ck_assert(request.force);
}
END_TEST

START_TEST(refused)
{
	static const char *const bad[] = { "", "{", "[]", "null", "{}", "\"status\"", "{\"request\":1}",
		"{\"request\":\"shutdown\"}", "{\"request\":\"status\",\"x\":1}", "{\"request\":\"status\"} trailing",
		"{\"request\":\"status\",\"request\":\"reload\"}", "{\"request\":\"status\",\"node\":\"A\"}",
		"{\"request\":\"pause\",\"seconds\":0}", "{\"request\":\"pause\",\"seconds\":-5}",
		"{\"request\":\"pause\",\"seconds\":\"7\"}", "{\"request\":\"pause\",\"seconds\":1e30}",
		"{\"request\":\"history\",\"n\":-1}", "{\"request\":\"history\",\"n\":1.5}",
		"{\"request\":\"confirm-off\"}", "{\"request\":\"confirm-off\",\"node\":\"\"}",
		"{\"request\":\"confirm-off\",\"node\":\"A\",\"dry\":1}",
		"{\"request\":\"confirm-off\",\"node\":\"A\"}",
		"{\"request\":\"confirm-off\",\"node\":\"A\",\"claim\":254}",
		"{\"request\":\"confirm-off\",\"node\":\"A\",\"claim\":\"fe\"}",
		"{\"request\":\"confirm-off\",\"node\":\"A\",\"claim\":\"0000000000000000\"}",
		"{\"request\":\"confirm-off\",\"node\":"
		"\"0123456789012345678901234567890123456789012345678901234567890123\"}" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct request request;
		ck_assert_msg(parse(bad[i], &request) < 0, "accepted: %s", bad[i]);
	}
}
END_TEST

START_TEST(only_reading)
{
	ck_assert(request_reads_only(REQUEST_STATUS));
	ck_assert(request_reads_only(REQUEST_HISTORY));
	ck_assert(request_reads_only(REQUEST_TEST));
	ck_assert(request_reads_only(REQUEST_VERSION));
	for (unsigned i = REQUEST_SWITCHOVER; i < REQUEST_TYPES; i++)
		ck_assert(!request_reads_only((enum request_type)i));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("request");
	TCase *tcase = suite_case(suite, "request");
	tcase_add_test(tcase, every_name);
	tcase_add_test(tcase, arguments);
	tcase_add_test(tcase, refused);
	tcase_add_test(tcase, only_reading);
	return suite_run(suite);
}
