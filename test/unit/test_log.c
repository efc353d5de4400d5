/* The log's promise: never blocks, counts what it drops, one line per call. */
#include "lib/log.h"
#include "test/unit/suite.h"

#include <check.h>
#include <fcntl.h>
#include <regex.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int saved, reader;

/* stderr becomes the writing end of a pipe or a socket pair, as in a child of a supervisor. */
static void
redirect(bool use_socket)
{
	int ends[2];

	if (use_socket)
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	else
		ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	reader = ends[0];
	saved = dup(STDERR_FILENO);
	ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	close(ends[1]);
}

static void
restore(void)
{
	ha_log_close();
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(reader);
	unsetenv("JOURNAL_STREAM");
}

static void
read_lines(char *buffer, size_t size)
{
	ssize_t n = read(reader, buffer, size - 1);

	ck_assert_int_gt(n, 0);
	buffer[n] = '\0';
}

static void
expect_match(const char *text, const char *pattern)
{
	regex_t regex;

	ck_assert_int_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	ck_assert_msg(regexec(&regex, text, 0, NULL, 0) == 0, "%s does not match %s", text, pattern);
	regfree(&regex);
}

START_TEST(a_line)
{
	char text[512];

	redirect(_i == 1);
	ha_log_open("ha-test", false);
	ha_log(LOG_INFO, "silent %d ms\nforged: \033[2J", 460);
	ha_log(LOG_DEBUG, "not shown");
	read_lines(text, sizeof(text));
	expect_match(
		text, "^[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3} ha-test\\[[0-9]+\\]: silent 460 ms forged:  \\[2J\n$");
	restore();
}
END_TEST

START_TEST(debug_lines)
{
	char text[512];

	redirect(false);
	ha_log_open("ha-test", true);
	ha_log(LOG_DEBUG, "shown");
	read_lines(text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "shown\n"));
	restore();
}
END_TEST

/* A /run of its own for this process: no journald but the one that the test plays. Needs root. */
static bool
own_run(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0 && mkdir("/run/systemd", 0755) == 0 &&
	       mkdir("/run/systemd/journal", 0755) == 0;
}

static bool
own_run_works(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(own_run() ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* stderr as systemd connects it for a service. */
static void
redirect_as_service(void)
{
	char stream[64];
	struct stat st;

	redirect(true);
	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
}

static const char *const fields[] = { "HA_CLAIM=7f3a09c1", "HA_STATE=CLAIMING", NULL };

/* journald writes the time itself, and takes the level from <N>. */
START_TEST(without_journald_its_stream)
{
	char text[512];

	ck_assert(own_run());
	redirect_as_service();
	ha_log_open("ha-test", false);
	ha_log_fields(LOG_WARNING, fields, "claim %s", "7f3a09c1");
	read_lines(text, sizeof(text));
	ck_assert_str_eq(text, "<4>claim 7f3a09c1\n");
	restore();
}
END_TEST

START_TEST(to_journald)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket" };
	int journald = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned long before = ha_log_dropped();
	char text[512];
	ssize_t n;

	ck_assert(own_run());
	ck_assert_int_eq(bind(journald, (struct sockaddr *)&address, sizeof(address)), 0);
	redirect_as_service();
	ha_log_open("ha-test", false);
	ha_log_fields(LOG_WARNING, fields, "claim %s", "7f3a09c1");
	n = recv(journald, text, sizeof(text) - 1, 0);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_str_eq(text, "PRIORITY=4\nSYSLOG_IDENTIFIER=ha-test\nMESSAGE=claim 7f3a09c1\n"
			       "HA_CLAIM=7f3a09c1\nHA_STATE=CLAIMING\n");
	/* A journald that is stuck: its queue fills, then the stream does; no call waits. */
	for (unsigned i = 0; i < 20000; i++)
		ha_log(LOG_INFO, "line %u of a flood that nobody reads", i);
	ck_assert_uint_gt(ha_log_dropped(), before);
	close(journald);
	restore();
}
END_TEST

START_TEST(a_full_pipe_never_blocks)
{
	char text[512];
	unsigned long before;

	redirect(_i == 1);
	ha_log_open("ha-test", false);
	before = ha_log_dropped();
	/* Nobody reads. If a call blocked, check's time limit would end the test. */
	for (unsigned i = 0; i < 20000; i++)
		ha_log(LOG_INFO, "line %u of a flood that nobody reads", i);
	ck_assert_uint_gt(ha_log_dropped(), before);
	/* The inherited description has not been changed. */
	ck_assert_int_eq(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0);
	read_lines(text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "line 0 of a flood"));
	restore();
}
END_TEST

START_TEST(a_long_line_is_cut)
{
	static char longer[8192], text[8192];

	memset(longer, 'x', sizeof(longer) - 1);
	redirect(false);
	ha_log_open("ha-test", false);
	ha_log(LOG_INFO, "%s", longer);
	read_lines(text, sizeof(text));
	ck_assert_uint_lt(strlen(text), 2049);
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
	restore();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("log");
	TCase *tcase = suite_case(suite, "log");

	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, a_line, 0, 2);
	tcase_add_test(tcase, debug_lines);
	if (own_run_works()) {
		tcase_add_test(tcase, without_journald_its_stream);
		tcase_add_test(tcase, to_journald);
	} else {
		fputs("test_log: NOT RUN (needs root): without_journald_its_stream, to_journald\n", stderr);
	}
	tcase_add_loop_test(tcase, a_full_pipe_never_blocks, 0, 2);
	tcase_add_test(tcase, a_long_line_is_cut);
	return suite_run(suite);
}
