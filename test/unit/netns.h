/* test/unit/netns.h -- two hosts for the tests of the network shells: network namespaces A and B of this process,
 * joined by a service LAN (a0 - b0) and a storage LAN (a1 - b1). They have no name and vanish with the process. */
#ifndef HA_TEST_NETNS_H
#define HA_TEST_NETNS_H

#include "lib/net.h"
#include "lib/time.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NETNS_SKIP    77
#define NETNS_TIMEOUT (10 * HA_SEC) /* for what must happen; nothing waits that long when all is well */

static int netns_a, netns_b;

static inline void
netns_enter(int ns)
{
	ck_assert_int_eq(setns(ns, CLONE_NEWNET), 0);
}

/* Run a shell command in the current namespace; returns its exit status. */
__attribute__((format(printf, 1, 2))) static inline int
netns_try(const char *format, ...)
{
	char command[1024];
	va_list arguments;
	int status;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#define netns_run(...) ck_assert_int_eq(netns_try(__VA_ARGS__), 0)

static inline int
netns_new(void)
{
	int fd;

	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	/* rp_filter off: it is our own checks that are tested. No router solicitations between the tests' frames. */
	netns_run("ip link set lo up; echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter;"
		  "echo 0 >/proc/sys/net/ipv4/conf/default/rp_filter;"
		  "[ ! -e /proc/sys/net/ipv6 ] || echo 0 >/proc/sys/net/ipv6/conf/default/router_solicitations;"
		  "[ ! -e /proc/sys/net/ipv6 ] || echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad");
	return fd;
}

static inline void
netns_wire(unsigned lan)
{
	netns_enter(netns_a);
	netns_run("ip link add a%u address 02:00:00:00:0a:0%u type veth peer name b%u address 02:00:00:00:0b:0%u "
		  "netns /proc/%d/fd/%d",
		lan, lan, lan, lan, (int)getpid(), netns_b);
	netns_run("ip addr add 10.%u.0.1/24 dev a%u; ip link set a%u up", lan, lan, lan);
	netns_enter(netns_b);
	netns_run("ip addr add 10.%u.0.2/24 dev b%u; ip link set b%u up", lan, lan, lan);
}

/* IPv6 addresses of LAN 0: fe80::1, fd00::1 on A, fe80::2, fd00::2 on B. */
static inline void
netns_ipv6(void)
{
	netns_enter(netns_b);
	netns_run("ip addr add fe80::2/64 dev b0 nodad; ip addr add fd00::2/64 dev b0 nodad");
	netns_enter(netns_a);
	netns_run("ip addr add fe80::1/64 dev a0 nodad; ip addr add fd00::1/64 dev a0 nodad");
}

/* For a checked fixture. Leaves us in A. */
static inline void
netns_setup(void)
{
	netns_a = netns_new();
	netns_b = netns_new();
	netns_wire(0);
	netns_wire(1);
	netns_enter(netns_a);
}

static inline struct ha_address
netns_address(const char *text)
{
	struct ha_address address = { 0 };

	if (text[0])
		ck_assert_int_eq(ha_address_parse(text, &address), 0);
	return address;
}

/* Wait until `fd` is readable (or has an error), at most NETNS_TIMEOUT. */
static inline bool
netns_wait(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, (int)(NETNS_TIMEOUT / HA_MS)) == 1;
}

/* Can the tests run here? In a child, so that check's own process stays where it is. */
static inline bool
netns_permitted(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(CLONE_NEWNET) == 0 ? 0 : errno);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return false;
	if (WEXITSTATUS(status) == 0)
		return true;
	fprintf(stderr, "skipped: no network namespace of our own: %s\n", strerror(WEXITSTATUS(status)));
	return false;
}

static inline bool
netns_has_ipv6(void)
{
	char value = '1';
	FILE *file = fopen("/proc/sys/net/ipv6/conf/all/disable_ipv6", "re");

	if (file) {
		value = (char)fgetc(file);
		fclose(file);
	}
	return value == '0';
}

/* Add an IPv6 test, or say by name that it is skipped. */
#define netns_add_ipv6_test(tcase, test)                                                                               \
	do {                                                                                                           \
		if (netns_has_ipv6())                                                                                  \
			tcase_add_test(tcase, test);                                                                   \
		else                                                                                                   \
			fprintf(stderr, "skipped: %s: IPv6 is off on this machine\n", #test);                          \
	} while (0)

/* Run `suite`; the exit status of a test program. */
static inline int
netns_main(Suite *suite)
{
	SRunner *runner;
	int failed;

	if (!netns_permitted())
		return NETNS_SKIP;
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
