#include "test/unit/netns.h"

#include "test/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int netns_a, netns_b;

void
netns_enter(int ns)
{
	ck_assert_int_eq(setns(ns, CLONE_NEWNET), 0);
}

int
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

static int
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

void
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

void
netns_ipv6(void)
{
	netns_enter(netns_b);
	netns_run("ip addr add fe80::2/64 dev b0 nodad; ip addr add fd00::2/64 dev b0 nodad");
	netns_enter(netns_a);
	netns_run("ip addr add fe80::1/64 dev a0 nodad; ip addr add fd00::1/64 dev a0 nodad");
}

void
netns_setup(void)
{
	netns_a = netns_new();
	netns_b = netns_new();
	netns_wire(0);
	netns_wire(1);
	netns_enter(netns_a);
}

struct ha_address
netns_address(const char *text)
{
	struct ha_address address = { 0 };

	if (text[0])
		ck_assert_int_eq(ha_address_parse(text, &address), 0);
	return address;
}

bool
netns_wait(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, (int)(NETNS_TIMEOUT / HA_MS)) == 1;
}

/* Can the tests run here? In a child, so that check's own process stays where it is. */
static bool
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

bool
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

int
netns_main(Suite *suite)
{
	return netns_permitted() ? suite_run(suite) : NETNS_SKIP;
}
