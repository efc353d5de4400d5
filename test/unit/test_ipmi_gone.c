/* An IMM that is gone and comes back, and what is left of a session afterwards: nothing. */
#include "fence/session.h"
#include "test/unit/ipmi_bed.h"
#include "test/unit/suite.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

START_TEST(unreachable)
{
	ha_time began = ha_now();

	bed->config.port = free_udp_port();
	open_ipmi();
	wait_device(FENCE_UNREACHABLE, false, 0, LOGIN_TIMEOUT + 500 * HA_MS);
	printf("unreachable IMM reported after %.1f ms\n", (double)(ha_now() - began) / 1000);
	began = ha_now();
	ck_assert_int_eq(
		wait_answer(give_order_until(FENCE_ORDER_READ, 0, HA_NEVER), LOGIN_TIMEOUT + 500 * HA_MS)->error,
		FENCE_UNREACHABLE);
	printf("reading of an unreachable IMM given up after %.1f ms\n", (double)(ha_now() - began) / 1000);
}
END_TEST

START_TEST(dies_while_warm)
{
	ha_time began;
	uint32_t token;

	log_in();
	imm_stop(&bed->imm);
	began = ha_now();
	token = give_order(FENCE_ORDER_READ, 0);
	ck_assert_int_eq(wait_answer(token, 6 * HA_SEC)->error, FENCE_UNREACHABLE);
	printf("dead IMM noticed after %.1f ms\n", (double)(ha_now() - began) / 1000);
	imm_start(&bed->imm);
	began = ha_now();
	wait_device(FENCE_OK, true, bed->count, 10 * HA_SEC);
	printf("usable again %.1f ms after it returned\n", (double)(ha_now() - began) / 1000);
	ck_assert_int_eq(read_power().power, FENCE_POWER_ON);
}
END_TEST

START_TEST(restart_of_the_imm)
{
	uint64_t session = log_in();
	struct fence_report report;
	ha_time began;
	uint32_t down;

	imm_stop(&bed->imm);
	imm_start(&bed->imm);
	began = ha_now();
	down = give_order(FENCE_ORDER_POWER_DOWN, session); /* into the void */
	do
		report = read_power();
	while (report.error != FENCE_OK && ha_now() < began + 10 * HA_SEC);
	printf("IMM restart cost %.1f ms\n", (double)(ha_now() - began) / 1000);
	ck_assert(ha_now() - began < 6 * HA_SEC);
	ck_assert_uint_eq(report.session, session + 1);
	ck_assert_int_eq(report.power, FENCE_POWER_ON);
	ck_assert_int_eq(
		wait_answer(down, HA_SEC)->error, FENCE_TIMEOUT); /* unknown; and in no other session than its own */
	ck_assert_int_eq(find_answer(give_order(FENCE_ORDER_POWER_DOWN, session))->error, FENCE_NOT_SENT);
	ck_assert_uint_eq(imm_calls(&bed->imm, "set power 0"), 0);
}
END_TEST

static unsigned
open_files(bool *ret_all_cloexec)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	unsigned count = 0;

	ck_assert_ptr_nonnull(dir);
	*ret_all_cloexec = true;
	while ((entry = readdir(dir))) {
		int fd = atoi(entry->d_name), type;
		socklen_t length = sizeof(type);

		count++;
		if (fd > STDERR_FILENO && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
			type == SOCK_DGRAM)
			*ret_all_cloexec = *ret_all_cloexec && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
	}
	closedir(dir);
	return count;
}

static void
note_up(void *userdata)
{
	*(int *)userdata = 1;
}

static void
note_down(void *userdata, enum fence_error error)
{
	ck_abort_msg("login failed: %s", fence_error_name(error));
	(void)userdata;
}

START_TEST(two_hundred_sessions)
{
	static const struct fence_session_handlers handlers = { note_up, note_down };
	struct fence_session_config config = { &bed->config, LOGIN_TIMEOUT, 250 * HA_MS };
	struct fence_os *os;
	unsigned before = 0, during;
	bool cloexec;

	bed->config.port = bed->imm.port;
	ck_assert_int_eq(fence_os_open(bed->event, &os), 0);
	for (unsigned i = 0; i <= 200; i++) {
		struct fence_session *session;
		int up = 0;

		ck_assert_int_eq(fence_session_open(os, bed->event, &config, &handlers, &up, &session), 0);
		if (i % 4 != 0) /* others are closed in mid-handshake */
			while (!up)
				bed_step();
		during = open_files(&cloexec);
		ck_assert_msg(cloexec, "a socket would be inherited by other programs");
		fence_session_close(session);
		if (i == 0)
			before = open_files(&cloexec);
		ck_assert_uint_eq(during, before + 1);
		ck_assert_uint_eq(open_files(&cloexec), before);
	}
	fence_os_close(os);
}
END_TEST

START_TEST(close_with_requests_outstanding)
{
	unsigned before;
	bool cloexec;

	log_in();
	before = open_files(&cloexec);
	bed->proxy.hold = true;
	for (unsigned i = 0; i < 10; i++)
		give_order(FENCE_ORDER_READ, 0);
	fence_ipmi_close(bed->ipmi);
	bed->ipmi = NULL;
	ck_assert_uint_eq(open_files(&cloexec), before - 1); /* the library's socket */
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ipmi: gone");
	TCase *tc = suite_case(suite, "ipmi: gone");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_set_timeout(tc, 90);
	tcase_add_test(tc, unreachable);
	tcase_add_test(tc, dies_while_warm);
	tcase_add_test(tc, restart_of_the_imm);
	tcase_add_test(tc, two_hundred_sessions);
	tcase_add_test(tc, close_with_requests_outstanding);
	return bed_main(suite);
}
