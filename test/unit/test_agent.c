/* Fence agents as real programs: what they are given, what they may keep, how they end. */
#include "fence/agent.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static sd_event *event;
static struct fence_agent *agent;
static struct config_device device;
static struct fence_report reports[32];
static unsigned count;

static void
on_report(void *userdata, const struct fence_report *report)
{
	(void)userdata;
	if (count < 32)
		reports[count++] = *report;
}

static void
write_agent(const char *body)
{
	char path[128];
	FILE *out;

	(void)snprintf(path, sizeof(path), "%s/agent", dir);
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	(void)fprintf(out, "#!/bin/sh\ncd %s || exit 1\n%s\n", dir, body);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_int_eq(chmod(path, 0700), 0);
	(void)snprintf(device.agent, sizeof(device.agent), "%s", path);
}

static void
setup(void)
{
	strcpy(dir, "/tmp/ha-agent-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_ge(sd_event_new(&event), 0);
	device = (struct config_device){ .name = "pdu1", .option_count = 2, .timeout = 10 * HA_SEC };
	strcpy(device.options[0], "ip=10.0.0.5");
	strcpy(device.options[1], "plug=4");
	strcpy(device.secrets, "password=s3cret\nsnmp_priv_passwd=0ther\n");
	count = 0;
}

static void
teardown(void)
{
	char command[128];

	fence_agent_close(agent);
	agent = NULL;
	event = sd_event_unref(event);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static void
start(void)
{
	ck_assert_int_eq(fence_agent_open(event, &device, 2, on_report, NULL, &agent), 0);
}

static void
give(enum fence_order_type type, uint32_t token)
{
	struct fence_order order = {
		.type = type, .device = 2, .token = token, .session = 1, .not_after = ha_now() + 5 * HA_SEC
	};

	fence_agent_execute(agent, &order);
}

/* Until the answer to `token` is there. */
static const struct fence_report *
wait_for(uint32_t token)
{
	for (ha_time end = ha_now() + 30 * HA_SEC; ha_now() < end;) {
		for (unsigned i = 0; i < count; i++)
			if (reports[i].type != FENCE_REPORT_SENT && reports[i].token == token)
				return &reports[i];
		ck_assert_int_ge(sd_event_run(event, 100 * HA_MS), 0);
	}
	ck_abort_msg("no answer to %u", token);
}

static char *
read_file(const char *name)
{
	static char text[4096];
	char path[128];
	size_t n;
	FILE *in;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	in = fopen(path, "r");
	ck_assert_msg(in != NULL, "no %s", name);
	n = fread(text, 1, sizeof(text) - 1, in);
	text[n] = '\0';
	(void)fclose(in);
	return text;
}

START_TEST(options_on_stdin_and_nowhere_else)
{
	const struct fence_report *report;

	write_agent("cat >input; tr '\\0' ' ' </proc/$$/cmdline >arguments; env >environment; ls /proc/$$/fd >fds\n"
		    "ps -o pgid= -p $$ | tr -d ' ' >group; echo $$ >pid; echo 'Status: ON'");
	start();
	give(FENCE_ORDER_READ, 7);
	report = wait_for(7);
	ck_assert_int_eq(report->error, FENCE_OK);
	ck_assert_int_eq(report->power, FENCE_POWER_ON);
	ck_assert_uint_eq(report->device, 2);
	ck_assert_uint_eq(report->session, 1);
	ck_assert(!report->guid_known);
	ck_assert_uint_lt(report->asked, report->answered);
	ck_assert_str_eq(
		read_file("input"), "action=status\nip=10.0.0.5\nplug=4\npassword=s3cret\nsnmp_priv_passwd=0ther\n");
	ck_assert_ptr_null(strstr(read_file("arguments"), "s3cret"));
	ck_assert_ptr_null(strstr(read_file("environment"), "s3cret"));
	ck_assert_ptr_null(strstr(read_file("fds"), "3\n")); /* 10 is the shell's own script */
	ck_assert_int_eq(atoi(read_file("group")), atoi(read_file("pid")));
}
END_TEST

START_TEST(off_and_on)
{
	write_agent("read action; echo on >>said; case $action in action=status) [ -f off ] && { echo 'Status: OFF'; "
		    "exit 2; };"
		    " echo 'Status: ON';; action=off) : >off;; action=on) rm -f off;; esac; exit 0");
	start();
	give(FENCE_ORDER_READ, 1);
	ck_assert_int_eq(wait_for(1)->power, FENCE_POWER_ON);
	give(FENCE_ORDER_POWER_DOWN, 2);
	ck_assert_int_eq(wait_for(2)->error, FENCE_OK);
	ck_assert_int_eq(wait_for(2)->power, FENCE_POWER_UNKNOWN);
	give(FENCE_ORDER_READ, 3);
	ck_assert_int_eq(wait_for(3)->power, FENCE_POWER_OFF);
	give(FENCE_ORDER_POWER_UP, 4);
	ck_assert_int_eq(wait_for(4)->error, FENCE_OK);
	give(FENCE_ORDER_READ, 5);
	ck_assert_int_eq(wait_for(5)->power, FENCE_POWER_ON);
	ck_assert_int_eq(reports[2].type, FENCE_REPORT_SENT); /* of the power-down, before its answer */
}
END_TEST

static bool
is_gone(const char *name)
{
	pid_t pid = atoi(read_file(name));

	for (int i = 0; i < 200 && kill(pid, 0) == 0; i++)
		(void)usleep(10000);
	return kill(pid, 0) < 0 && errno == ESRCH;
}

/* S11: neither a secret nor the beginning of one comes into the log; what else it complains of does. */
static const struct {
	const char *body;
	bool shown;
} complaints[] = {
	{ "echo 'no route to pdu1' >&2", true },
	{ "echo 'no route to pdu1, password=s3cret' >&2", false },
	{ "echo s3cret >&2; echo 'no route to pdu1' >&2", false },
	{ "echo 'no route to pdu1' >&2; printf 'login with s3cr' >&2", true },
	{ "head -c 2007 /dev/zero | tr '\\0' x >&2; echo >&2; echo 'no route to pdu1' >&2; echo "
	  "'login with password s3cret' >&2",
		true },
};

START_TEST(nothing_secret_in_the_log)
{
	char path[128];
	const char *log;
	int kept = dup(STDERR_FILENO), fd;

	write_agent(complaints[_i].body);
	(void)snprintf(path, sizeof(path), "%s/log", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
	start();
	give(FENCE_ORDER_READ, 7);
	(void)wait_for(7);
	ck_assert_int_ge(dup2(kept, STDERR_FILENO), 0);
	(void)close(fd);
	(void)close(kept);
	log = read_file("log");
	ck_assert_msg(strstr(log, "s3c") == NULL, "%s", log);
	ck_assert_msg((strstr(log, "no route") != NULL) == complaints[_i].shown, "%s", log);
}
END_TEST

START_TEST(deadline)
{
	write_agent("sleep 100 & echo $! >child; wait");
	device.timeout = HA_SEC;
	start();
	give(FENCE_ORDER_POWER_DOWN, 1);
	ck_assert_int_eq(wait_for(1)->error, FENCE_TIMEOUT);
	/* The next one has its place. */
	write_agent("echo 'Status: ON'");
	give(FENCE_ORDER_READ, 2);
	ck_assert_int_eq(wait_for(2)->power, FENCE_POWER_ON);
	ck_assert(is_gone("child"));
}
END_TEST

START_TEST(cancelled)
{
	write_agent("echo $$ >pid; exec sleep 100");
	start();
	give(FENCE_ORDER_POWER_DOWN, 1);
	for (int i = 0; i < 500; i++) {
		char path[128];
		struct stat st;

		(void)snprintf(path, sizeof(path), "%s/pid", dir);
		if (stat(path, &st) == 0 && st.st_size > 0)
			break;
		(void)sd_event_run(event, 10 * HA_MS);
	}
	give(FENCE_ORDER_READ, 2); /* waits, and is dropped, too */
	give(FENCE_ORDER_CANCEL, 2);
	ck_assert_int_eq(wait_for(2)->error, FENCE_NOT_SENT);
	give(FENCE_ORDER_CANCEL, 1);
	ck_assert_int_eq(wait_for(1)->error, FENCE_TIMEOUT); /* how far it got is not known */
	for (int i = 0; i < 20; i++)
		(void)sd_event_run(event, 10 * HA_MS);
	ck_assert(is_gone("pid"));
}
END_TEST

START_TEST(late_is_not_begun)
{
	struct fence_order order = {
		.type = FENCE_ORDER_POWER_DOWN, .device = 2, .token = 1, .session = 1, .not_after = ha_now() - 1
	};

	write_agent(": >begun");
	start();
	fence_agent_execute(agent, &order);
	ck_assert_int_eq(wait_for(1)->error, FENCE_NOT_SENT);
	ck_assert_int_eq(access(strcat(strcpy((char[128]){ 0 }, dir), "/begun"), F_OK), -1);
}
END_TEST

START_TEST(no_such_agent)
{
	strcpy(device.agent, "fence_no_such_agent");
	start();
	give(FENCE_ORDER_READ, 1);
	ck_assert_int_eq(wait_for(1)->error, FENCE_CONFIG);
	give(FENCE_ORDER_POWER_DOWN, 2);
	ck_assert_int_eq(wait_for(2)->error, FENCE_NOT_SENT);
}
END_TEST

/* S11: what others could have put there gets no password, and its word is no proof. */
static const struct {
	mode_t file, folder;
	bool run;
} modes[] = { { 0700, 0700, true }, { 0755, 0755, true }, { 0755, 01777, true }, { 0757, 0700, false },
	{ 0755, 0777, false } };

START_TEST(others_can_write_it)
{
	char path[PATH_MAX], culprit[PATH_MAX];

	write_agent("touch begun; echo 'Status: ON'");
	ck_assert_int_eq(chmod(device.agent, modes[_i].file), 0);
	ck_assert_int_eq(chmod(dir, modes[_i].folder), 0);
	start();
	give(FENCE_ORDER_READ, 1);
	ck_assert_int_eq(wait_for(1)->error, modes[_i].run ? FENCE_OK : FENCE_CONFIG);
	(void)snprintf(path, sizeof(path), "%s/begun", dir);
	ck_assert_int_eq(access(path, F_OK) == 0, modes[_i].run);
	if (!modes[_i].run) {
		give(FENCE_ORDER_POWER_DOWN, 2);
		ck_assert_int_eq(wait_for(2)->error, FENCE_NOT_SENT);
		ck_assert_int_eq(fence_agent_find(&device, path, culprit), -EPERM);
		ck_assert_str_eq(culprit, modes[_i].file == 0757 ? device.agent : dir);
	}
}
END_TEST

/* A link in a good folder to a program in a bad one. */
START_TEST(others_can_write_what_it_points_to)
{
	char link[128], path[PATH_MAX], culprit[PATH_MAX];

	write_agent("echo 'Status: ON'");
	(void)snprintf(link, sizeof(link), "%s/good", dir);
	ck_assert_int_eq(mkdir(link, 0700), 0);
	(void)snprintf(link, sizeof(link), "%s/good/agent", dir);
	ck_assert_int_eq(symlink(device.agent, link), 0);
	(void)snprintf(device.agent, sizeof(device.agent), "%s", link);
	ck_assert_int_eq(fence_agent_find(&device, path, culprit), 0);
	ck_assert_int_eq(chmod(dir, 0777), 0);
	ck_assert_int_eq(fence_agent_find(&device, path, culprit), -EPERM);
	ck_assert_str_eq(culprit, dir);
}
END_TEST

START_TEST(it_looks_by_itself_and_gives_way)
{
	write_agent("read action; [ $action = action=status ] && [ ! -f quick ] && { : >quick; sleep 100; }; echo "
		    "'Status: ON'");
	device.monitor_interval = 5 * HA_SEC;
	start();
	for (int i = 0; i < 500; i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "%s/quick", dir);
		if (access(path, F_OK) == 0)
			break;
		(void)sd_event_run(event, 10 * HA_MS);
	}
	give(FENCE_ORDER_READ, 1); /* ends the hanging look */
	ck_assert_int_eq(wait_for(1)->power, FENCE_POWER_ON);
	ck_assert_int_eq(wait_for(0)->type, FENCE_REPORT_DEVICE);
	ck_assert_int_eq(wait_for(0)->power, FENCE_POWER_ON);
}
END_TEST

/* The real thing, where it is installed. */
START_TEST(fence_dummy)
{
	if (access("/usr/sbin/fence_dummy", X_OK) < 0) {
		(void)fprintf(stderr, "fence_dummy is not installed: not tried\n");
		return;
	}
	strcpy(device.agent, "fence_dummy");
	device.option_count = 1;
	device.secrets[0] = '\0';
	(void)snprintf(device.options[0], sizeof(device.options[0]), "status_file=%s/state", dir);
	device.timeout = 20 * HA_SEC;
	start();
	give(FENCE_ORDER_POWER_UP, 1);
	ck_assert_int_eq(wait_for(1)->error, FENCE_OK);
	give(FENCE_ORDER_READ, 2);
	ck_assert_int_eq(wait_for(2)->power, FENCE_POWER_ON);
	give(FENCE_ORDER_POWER_DOWN, 3);
	ck_assert_int_eq(wait_for(3)->error, FENCE_OK);
	give(FENCE_ORDER_READ, 4);
	ck_assert_int_eq(wait_for(4)->power, FENCE_POWER_OFF);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fence agents");
	TCase *tc = suite_case(suite, "agent");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, options_on_stdin_and_nowhere_else);
	tcase_add_test(tc, off_and_on);
	tcase_add_loop_test(tc, nothing_secret_in_the_log, 0, sizeof(complaints) / sizeof(complaints[0]));
	tcase_add_test(tc, deadline);
	tcase_add_test(tc, cancelled);
	tcase_add_test(tc, late_is_not_begun);
	tcase_add_test(tc, no_such_agent);
	tcase_add_loop_test(tc, others_can_write_it, 0, sizeof(modes) / sizeof(modes[0]));
	tcase_add_test(tc, others_can_write_what_it_points_to);
	tcase_add_test(tc, it_looks_by_itself_and_gives_way);
	tcase_add_test(tc, fence_dummy);
	return suite_run(suite);
}
