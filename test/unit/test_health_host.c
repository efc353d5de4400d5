/* Checks of what the host itself tells: a carrier, who answers a ping, a file, a unit. */
#include "test/unit/health_process.h"
#include "test/unit/suite.h"

#include <unistd.h>

START_TEST(carrier)
{
	add(CONFIG_CHECK_LINK, "a0");
	add(CONFIG_CHECK_LINK, "nosuch0");
	start();
	expect(0, HEALTH_OK, "a0 has a carrier");
	expect(1, HEALTH_FAILED, "nosuch0: No such device");
	netns_enter(netns_b);
	netns_run("ip link set b0 down");
	netns_enter(netns_a);
	/* The kernel gathers such news for up to a second. */
	for (unsigned i = 0; i < 500 && probe(0).result == HEALTH_OK; i++)
		(void)usleep(10000);
	expect(0, HEALTH_FAILED, "a0 has no carrier");
	netns_run("ip link set a0 down");
	expect(0, HEALTH_FAILED, "a0 is down");
}
END_TEST

/* All but the opening of the socket happens without a capability. */
static void
ping_both(bool arp)
{
	struct config_check *check;

	check = add(CONFIG_CHECK_PING, "");
	check->address = netns_address("10.0.0.2");
	check->arp = arp;
	check = add(CONFIG_CHECK_PING, "");
	check->address = netns_address("10.0.0.77");
	check->timeout = 300 * HA_MS;
	check->arp = arp;
	check = add(CONFIG_CHECK_PING, "");
	check->address = netns_address("203.0.113.1");
	check->arp = arp;
	start();
	for (unsigned i = 0; i < 3; i++) {
		expect(0, HEALTH_OK, arp ? "10.0.0.2 answers by ARP" : "10.0.0.2 answers");
		expect(1, HEALTH_TIMEOUT, "no answer within 0.3 s");
		expect(2, HEALTH_FAILED, "Network is unreachable");
	}
}

START_TEST(ping_raw)
{
	ping_both(false);
}
END_TEST

START_TEST(ping_unprivileged)
{
	netns_run("echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range");
	ping_both(false);
}
END_TEST

START_TEST(ping_arp)
{
	ping_both(true);
}
END_TEST

START_TEST(ping_ipv6)
{
	struct config_check *check = add(CONFIG_CHECK_PING, "");

	netns_ipv6();
	check->address = netns_address("fd00::2");
	check = add(CONFIG_CHECK_PING, "");
	check->address = netns_address("fd00::2");
	check->arp = true;
	start();
	expect(0, HEALTH_OK, "fd00::2 answers");
	expect(1, HEALTH_FAILED, "fd00::2");
}
END_TEST

START_TEST(files)
{
	struct config_check *check;
	char path[128];

	snprintf(path, sizeof(path), "%s/maintenance", folder);
	add(CONFIG_CHECK_FILE, path);
	check = add(CONFIG_CHECK_FILE, path);
	check->must_exist = false;
	start();
	expect(0, HEALTH_FAILED, "does not exist");
	expect(1, HEALTH_OK, "does not exist");
	netns_run("touch %s", path);
	expect(0, HEALTH_OK, "exists");
	expect(1, HEALTH_FAILED, "exists");
}
END_TEST

START_TEST(imm_is_not_ours)
{
	add(CONFIG_CHECK_IMM, "");
	start();
	expect(0, HEALTH_UNKNOWN, "fence process");
}
END_TEST

START_TEST(units)
{
	add(CONFIG_CHECK_UNIT, "-.mount");
	add(CONFIG_CHECK_UNIT, "no-such-unit.service");
	start();
	expect(0, HEALTH_OK, "-.mount is active");
	expect(1, HEALTH_FAILED, "is inactive");
}
END_TEST

START_TEST(units_without_systemd)
{
	add(CONFIG_CHECK_UNIT, "tomcat.service");
	start();
	for (unsigned i = 0; i < 3; i++)
		expect(0, HEALTH_UNKNOWN, "systemd");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("health: host");
	TCase *tc = suite_case(suite, "health: host");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, health_setup, health_teardown);
	tcase_add_test(tc, carrier);
	tcase_add_test(tc, ping_raw);
	tcase_add_test(tc, ping_unprivileged);
	tcase_add_test(tc, ping_arp);
	netns_add_ipv6_test(tc, ping_ipv6);
	tcase_add_test(tc, files);
	tcase_add_test(tc, imm_is_not_ours);
	if (access("/run/systemd/system", F_OK) == 0) {
		tcase_add_test(tc, units);
	} else {
		tcase_add_test(tc, units_without_systemd);
		fputs("skipped: units: systemd does not run this machine\n", stderr);
	}
	return netns_main(suite);
}
