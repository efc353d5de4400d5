/* Checks that run a script: as whom, with what, and how it ends. */
#include "test/unit/health_process.h"
#include "test/unit/suite.h"

#include <sys/stat.h>
#include <unistd.h>

static void
script(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(fprintf(file, "#!/bin/sh\n%s\n", text), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
}

static struct config_check *
add_script(const char *name, const char *arguments)
{
	char command[CONFIG_TEXT_MAX];

	snprintf(command, sizeof(command), "%s/%s%s", folder, name, arguments);
	return add(CONFIG_CHECK_SCRIPT, command);
}

START_TEST(scripts)
{
	script("good", "echo 12 threads; exit 0");
	script("bad", "echo no answer >&2; exit 3");
	script("arguments", "[ $# = 2 ] && [ \"$1\" = -w ] && [ \"$2\" = 5 ]");
	script("killed", "kill -SEGV $$");
	script("who", "echo $(id -un) $(grep CapEff /proc/self/status | tr -d '\\t') $(ls /proc/self/fd | wc -l)");
	script("chatter", "yes | head -c 1000000; exit 0");
	add_script("good", "");
	add_script("bad", "");
	add_script("arguments", " -w 5");
	add_script("killed", "");
	add_script("who", "");
	add_script("chatter", "");
	add_script("nosuch", "");
	start();
	expect(0, HEALTH_OK, "status 0: 12 threads");
	expect(1, HEALTH_FAILED, "status 3: no answer");
	expect(2, HEALTH_OK, "status 0");
	expect(3, HEALTH_FAILED, "signal 11");
	/* S11: no privilege, and nothing open but 0, 1, 2 and what ls itself opens. */
	expect(4, HEALTH_OK, "nobody CapEff:0000000000000000 4");
	expect(5, HEALTH_OK, "status 0: y");
	expect(6, HEALTH_FAILED, "could not be run");
}
END_TEST

/* Its whole group ends at the deadline, so nothing of it holds on. */
START_TEST(script_overdue)
{
	struct config_check *check;
	char pids[128];

	script("hang", "trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000");
	check = add_script("hang", "");
	check->timeout = 500 * HA_MS;
	start();
	struct health_report report = probe(0);
	ck_assert_int_eq(report.result, HEALTH_TIMEOUT);
	ck_assert_uint_lt(report.answered - report.asked, 5 * HA_SEC);
	for (unsigned i = 0; i < 2; i++) { /* again and again, never two at once */
		report = probe(0);
		ck_assert_int_eq(report.result, HEALTH_TIMEOUT);
	}
	snprintf(pids, sizeof(pids), "! pgrep -f '^/bin/sh %s/hang' >/dev/null", folder);
	for (unsigned i = 0; i < 500 && netns_try("%s", pids) != 0; i++)
		(void)usleep(10000);
	netns_run("%s", pids);
}
END_TEST

/* An order that comes while a run by schedule ends at its deadline is answered by a run of its own. */
START_TEST(script_overdue_and_ordered)
{
	char command[160], flag[96];
	struct config_check *check;

	snprintf(flag, sizeof(flag), "%s/flag", folder);
	snprintf(command, sizeof(command), "[ -e %s ] && exit 0; exec sleep 100", flag);
	script("late", command);
	check = add_script("late", "");
	check->timeout = HA_SEC;
	start();
	usleep(500000); /* by schedule it has begun by now, and hangs */
	FILE *file = fopen(flag, "we");
	ck_assert_ptr_nonnull(file);
	(void)fclose(file);
	expect(0, HEALTH_OK, "");
	end_worker();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("health: script");
	TCase *tc = suite_case(suite, "health: script");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, health_setup, health_teardown);
	tcase_add_test(tc, scripts);
	tcase_add_test(tc, script_overdue);
	tcase_add_test(tc, script_overdue_and_ordered);
	return netns_main(suite);
}
