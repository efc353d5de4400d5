/* The schedule of the health process, and its conversation with the daemon. */
#include "test/unit/health_process.h"
#include "test/unit/suite.h"

#include <sys/socket.h>
#include <unistd.h>

START_TEST(interval)
{
	ha_time first = 0;

	add(CONFIG_CHECK_LINK, "a0");
	checks[0].interval = 100 * HA_MS;
	start();
	for (unsigned i = 0; i < 21; i++) {
		struct health_report report = next_report();

		ck_assert_uint_eq(report.token, 0);
		if (i == 1)
			first = report.asked;
	}
	/* Twenty intervals later; lateness does not add up. */
	ha_time passed = next_report().asked - first;
	ck_assert_msg(passed >= 1950 * HA_MS && passed < 4 * HA_SEC, "20 intervals of 0.1 s took %llu us",
		(unsigned long long)passed);
}
END_TEST

START_TEST(on_the_master_only)
{
	struct health_report report;

	add(CONFIG_CHECK_LINK, "a0");
	add(CONFIG_CHECK_LINK, "a1");
	checks[0].when_master = true;
	checks[0].interval = checks[1].interval = 100 * HA_MS;
	start();
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(next_report().index, 1);
	send_order(&(struct health_order){ .type = HEALTH_ORDER_MODE, .master = true });
	do
		report = next_report();
	while (report.index == 1);
	expect(0, HEALTH_OK, "a0");
	send_order(&(struct health_order){ .type = HEALTH_ORDER_MODE, .master = false });
	/* An order runs it on a backup, too: ha-fence test. */
	expect(0, HEALTH_OK, "a0");
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(next_report().index, 1);
}
END_TEST

START_TEST(alive)
{
	add(CONFIG_CHECK_FILE, "/");
	start();
	ck_assert_uint_eq(next_report().type, HEALTH_REPORT_RESULT);
	send_order(&(struct health_order){ .type = HEALTH_ORDER_HELLO });
	ck_assert_uint_eq(next_report().type, HEALTH_REPORT_HELLO);
	/* Nonsense is no reason to end. */
	ck_assert_int_eq(send(health_fd, "nonsense", 8, MSG_NOSIGNAL), 8);
	expect(0, HEALTH_OK, "exists");
	order_probe(5, 1); /* there is none */
	expect(0, HEALTH_OK, "exists");
	end_worker();
}
END_TEST

/* A daemon that does not read for a while finds every answer afterwards. */
START_TEST(unread)
{
	bool answered[CHECKS] = { false };
	unsigned missing = CHECKS, reports = 0;
	struct health_order order = { .type = HEALTH_ORDER_PROBE };

	for (unsigned i = 0; i < CHECKS; i++) {
		add(CONFIG_CHECK_LINK, "lo");
		health_set_add(&order.wanted, i);
	}
	start();
	for (order.token = 1; order.token <= 3; order.token++) {
		send_order(&order);
		usleep(100000);
	}
	order.token--;
	while (missing > 0) {
		struct health_report report = next_report();

		ck_assert_msg(reports++ < 4 * CHECKS, "%u of %d are not answered", missing, CHECKS);
		if (report.type != HEALTH_REPORT_RESULT || report.token != order.token)
			continue;
		ck_assert(!answered[report.index]);
		answered[report.index] = true;
		missing--;
	}
	send_order(&(struct health_order){ .type = HEALTH_ORDER_HELLO });
	while (next_report().type != HEALTH_REPORT_HELLO)
		;
	end_worker();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("health: schedule");
	TCase *tc = suite_case(suite, "health: schedule");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, health_setup, health_teardown);
	tcase_add_test(tc, interval);
	tcase_add_test(tc, on_the_master_only);
	tcase_add_test(tc, alive);
	tcase_add_test(tc, unread);
	return netns_main(suite);
}
