/* S4, FAULTS 61: one daemon for a VRID in a network namespace, whatever its directories. */
#include "daemon/lock.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define VRID 251 /* of nobody on a machine that tests */

/* A process that takes the lock, says so on its pipe, and holds it until it is killed. */
static pid_t
other_process(uint8_t vrid, int *ret_pipe)
{
	int pipes[2], fd;
	char byte = 0;
	pid_t owner;
	ck_assert_int_eq(pipe(pipes), 0);
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		byte = lock_take(vrid, 0, &fd, &owner) == 0 ? 'y' : 'n';
		if (write(pipes[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(pipes[1]);
	ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
	ck_assert_int_eq(byte, 'y');
	*ret_pipe = pipes[0];
	return pid;
}

START_TEST(refused_while_held)
{
	int fd, pipe_fd;
	pid_t owner = -1, other = other_process(VRID, &pipe_fd);
	ha_time began = ha_now();
	ck_assert_int_eq(lock_take(VRID, 100 * HA_MS, &fd, &owner), -EADDRINUSE);
	ck_assert_int_eq(owner, other);
	ck_assert_uint_ge(ha_now() - began, 100 * HA_MS);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	close(pipe_fd);
}
END_TEST

/* However often it is asked. */
START_TEST(tells_who_has_it)
{
	char text[LOCK_HOLDER], expected[LOCK_HOLDER];
	int pipe_fd;
	ck_assert(!lock_holder(VRID, text));
	pid_t other = other_process(VRID, &pipe_fd);
	snprintf(expected, sizeof(expected), "process %d (test_lock) of user %u", (int)other, (unsigned)geteuid());
	for (int i = 0; i < 20; i++) {
		ck_assert(lock_holder(VRID, text));
		ck_assert_str_eq(text, expected);
	}
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	close(pipe_fd);
}
END_TEST

START_TEST(goes_with_its_process)
{
	int fd = -1, pipe_fd;
	pid_t owner, other = other_process(VRID, &pipe_fd);
	kill(other, SIGKILL);
	/* Not waited for: the kernel closes the socket when the process dies, reaped or not. */
	ck_assert_int_eq(lock_take(VRID, 10 * HA_SEC, &fd, &owner), 0);
	close(fd);
	waitpid(other, NULL, 0);
	close(pipe_fd);
}
END_TEST

START_TEST(another_vrid_is_another_lock)
{
	int a = -1, b = -1;
	pid_t owner;
	ck_assert_int_eq(lock_take(VRID, 0, &a, &owner), 0);
	ck_assert_int_eq(lock_take(VRID - 1, 0, &b, &owner), 0);
	close(a);
	close(b);
	ck_assert_int_eq(lock_take(VRID, 0, &a, &owner), 0);
	close(a);
}
END_TEST

START_TEST(not_inherited_by_programs)
{
	int fd = -1;
	pid_t owner;
	ck_assert_int_eq(lock_take(VRID, 0, &fd, &owner), 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(fd);
}
END_TEST

START_TEST(another_namespace_is_another_lock)
{
	int fd = -1, inner = -1, status = 0;
	pid_t owner;
	ck_assert_int_eq(lock_take(VRID, 0, &fd, &owner), 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNET) < 0)
			_exit(77);
		_exit(lock_take(VRID, 0, &inner, &owner) == 0 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	close(fd);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("lock");
	TCase *tcase = suite_case(suite, "lock");
	/* One network namespace: the tests use the same lock, one after the other. */
	tcase_add_test(tcase, refused_while_held);
	tcase_add_test(tcase, tells_who_has_it);
	tcase_add_test(tcase, goes_with_its_process);
	tcase_add_test(tcase, another_vrid_is_another_lock);
	tcase_add_test(tcase, not_inherited_by_programs);
	if (geteuid() == 0)
		tcase_add_test(tcase, another_namespace_is_another_lock);
	return suite_run(suite);
}
