/* test/unit/netns.h -- two hosts for the tests of the network shells: network namespaces A and B of this process,
 * joined by a service LAN (a0 - b0) and a storage LAN (a1 - b1). They have no name and vanish with the process. */
#ifndef HA_TEST_NETNS_H
#define HA_TEST_NETNS_H

#include "lib/net.h"
#include "lib/time.h"

#include <check.h>
#include <stdbool.h>
#include <stdio.h>

#define NETNS_SKIP    77
#define NETNS_TIMEOUT (10 * HA_SEC) /* for what must happen; nothing waits that long when all is well */

extern int netns_a, netns_b;

/* For a checked fixture. Leaves us in A. */
void netns_setup(void);
void netns_enter(int ns);

/* One more LAN between the two. Leaves us in B. */
void netns_wire(unsigned lan);

/* IPv6 addresses of LAN 0: fe80::1, fd00::1 on A, fe80::2, fd00::2 on B. Leaves us in A. */
void netns_ipv6(void);

/* Run a shell command in the current namespace; returns its exit status. */
int netns_try(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define netns_run(...) ck_assert_int_eq(netns_try(__VA_ARGS__), 0)

/* "": unset. */
struct ha_address netns_address(const char *text);

/* Wait until `fd` is readable (or has an error), at most NETNS_TIMEOUT. */
bool netns_wait(int fd);

bool netns_has_ipv6(void);
/* Add an IPv6 test, or say by name that it is skipped. */
#define netns_add_ipv6_test(tcase, test)                                                                               \
	do {                                                                                                           \
		if (netns_has_ipv6())                                                                                  \
			tcase_add_test(tcase, test);                                                                   \
		else                                                                                                   \
			fprintf(stderr, "skipped: %s: IPv6 is off on this machine\n", #test);                          \
	} while (0)

/* Run `suite`, or say why it cannot run here; the exit status of a test program. */
int netns_main(Suite *suite);

#endif
