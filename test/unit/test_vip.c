/* The daemon's addresses of earlier configurations against the real kernel, in a network namespace (FAULTS 73). */
#include "daemon/daemon.h"
#include "test/unit/netns.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OLD "10.0.0.99"

static bool
has_old(void)
{
	return netns_try("ip -o addr show dev a0 | grep -qw " OLD) == 0;
}

/* This process may not change addresses, or may again. */
static void
may_change_addresses(bool may)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	ck_assert_int_eq(syscall(SYS_capget, &header, data), 0);
	if (may)
		data[0].effective |= 1u << CAP_NET_ADMIN;
	else
		data[0].effective &= ~(1u << CAP_NET_ADMIN);
	ck_assert_int_eq(syscall(SYS_capset, &header, data), 0);
}

/* A daemon whose record names an address on `interface` that its configuration does not have. */
static struct daemon *
daemon_with_old(const char *interface)
{
	struct daemon *d = calloc(1, sizeof(*d));

	ck_assert_ptr_nonnull(d);
	d->stale = calloc(1, sizeof(*d->stale));
	ck_assert_ptr_nonnull(d->stale);
	d->stale->address = netns_address(OLD);
	d->stale->prefix_length = 24;
	strcpy(d->stale->interface, interface);
	d->stale_count = 1;
	ck_assert_int_eq(vrrp_address_open(&d->netlink, 8), 0);
	netns_run("ip addr add " OLD "/24 dev a0");
	return d;
}

static void
daemon_end(struct daemon *d)
{
	vrrp_address_close(&d->netlink);
	free(d->stale);
	free(d);
}

START_TEST(test_old_address_is_removed)
{
	struct daemon *d = daemon_with_old("a0");

	ck_assert(vip_any_present(d));
	vip_forget_stale(d);
	vip_drain(d);
	ck_assert(!has_old());
	ck_assert_uint_eq(d->stale_count, 0);
	ck_assert(!vip_any_present(d));
	daemon_end(d);
}
END_TEST

/* S3: until the kernel has confirmed its removal it is remembered, and asked again. */
START_TEST(test_old_address_that_stays_is_remembered)
{
	struct daemon *d = daemon_with_old("a0");

	may_change_addresses(false);
	vip_forget_stale(d);
	vip_drain(d);
	ck_assert(has_old());
	ck_assert_uint_eq(d->stale_count, 1);
	ck_assert(vip_any_present(d));
	ck_assert(!vip_resumable(d)); /* it is none of the VIP: nothing to resume with */
	may_change_addresses(true);
	ck_assert_uint_ne(d->stale_at, HA_NEVER);
	for (ha_time begun = ha_now(); d->stale_count > 0 && ha_now() - begun < NETNS_TIMEOUT; usleep(10000))
		vip_look(d);
	ck_assert_uint_eq(d->stale_count, 0);
	ck_assert(!has_old());
	daemon_end(d);
}
END_TEST

START_TEST(test_old_address_went_with_its_interface)
{
	struct daemon *d = daemon_with_old("gone0");

	vip_forget_stale(d);
	vip_drain(d);
	ck_assert_uint_eq(d->stale_count, 0);
	ck_assert(has_old()); /* that is another one's */
	daemon_end(d);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vip");
	TCase *tcase = tcase_create("vip");

	tcase_add_checked_fixture(tcase, netns_setup, NULL);
	tcase_set_timeout(tcase, 30);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, test_old_address_is_removed);
	tcase_add_test(tcase, test_old_address_that_stays_is_remembered);
	tcase_add_test(tcase, test_old_address_went_with_its_interface);
	return netns_main(suite);
}
