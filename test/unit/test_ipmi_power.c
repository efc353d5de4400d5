/* Reading and switching, how fast, and on a network that is slow or loses a fifth. */
#include "test/unit/ipmi_bed.h"
#include "test/unit/suite.h"

#include <stdio.h>
#include <stdlib.h>

START_TEST(session_guid_power)
{
	ha_time began = ha_now(), ordered, off;
	struct fence_report report;
	struct ha_guid guid;
	uint64_t session;

	session = log_in();
	printf("cold connect to first reading: %.1f ms\n", (double)(ha_now() - began) / 1000);
	ck_assert_uint_eq(session, 1);
	report = read_power();
	printf("warm reading: %.1f ms\n", (double)(report.answered - report.asked) / 1000);
	ck_assert_int_eq(ha_guid_parse(IMM_GUID, &guid), 0);
	ck_assert_int_eq(report.error, FENCE_OK);
	ck_assert_int_eq(report.power, FENCE_POWER_ON);
	ck_assert(report.guid_known && ha_guid_same(&report.guid, &guid));
	ck_assert_uint_eq(report.privilege, CONFIG_PRIVILEGE_OPERATOR);
	ck_assert(report.asked >= began && report.answered >= report.asked && report.session_since >= began);

	ordered = ha_now();
	report = *wait_answer(give_order(FENCE_ORDER_POWER_DOWN, session), 5 * HA_SEC);
	ck_assert_int_eq(report.error, FENCE_OK);
	ck_assert_int_eq(report.power, FENCE_POWER_UNKNOWN); /* an answered power-down is not a reading */
	do
		report = read_power();
	while (report.power != FENCE_POWER_OFF && ha_now() < ordered + 5 * HA_SEC);
	off = report.answered;
	ck_assert_int_eq(report.power, FENCE_POWER_OFF);
	printf("power-down ordered to first \"off\": %.1f ms\n", (double)(off - ordered) / 1000);
	ck_assert_uint_eq(imm_calls(&bed->imm, "set power 0"), 1);

	report = *wait_answer(give_order(FENCE_ORDER_POWER_UP, session), 5 * HA_SEC);
	ck_assert_int_eq(report.error, FENCE_OK);
	ck_assert_int_eq(read_power().power, FENCE_POWER_ON);
	ck_assert_uint_eq(imm_calls(&bed->imm, "reset"), 0);
	ck_assert_uint_eq(imm_calls(&bed->imm, "shutdown"), 0);
}
END_TEST

START_TEST(late_foreign_and_cancelled_orders)
{
	uint64_t session = log_in();
	uint32_t token;

	ck_assert_int_eq(
		find_answer(give_order_until(FENCE_ORDER_POWER_DOWN, session, ha_now() - 1))->error, FENCE_NOT_SENT);
	ck_assert_int_eq(find_answer(give_order_until(FENCE_ORDER_READ, 0, ha_now() - 1))->error, FENCE_NOT_SENT);
	ck_assert_int_eq(find_answer(give_order(FENCE_ORDER_POWER_DOWN, session + 1))->error, FENCE_NOT_SENT);
	ck_assert_int_eq(find_answer(give_order(FENCE_ORDER_POWER_UP, session - 1))->error, FENCE_NOT_SENT);

	token = give_order(FENCE_ORDER_READ, 0); /* has left when it is cancelled */
	fence_ipmi_execute(bed->ipmi, &(struct fence_order){ .type = FENCE_ORDER_CANCEL, .token = token });
	ck_assert_int_eq(find_answer(token)->error, FENCE_TIMEOUT);
	run_for(200 * HA_MS);
	ck_assert_int_eq(find_answer(token)->error, FENCE_TIMEOUT); /* and is not answered again */
	ck_assert_uint_eq(imm_calls(&bed->imm, "set "), 0);
	ck_assert_int_eq(read_power().power, FENCE_POWER_ON);
}
END_TEST

START_TEST(slow_imm_sees_off_once)
{
	uint64_t session = log_in();
	struct fence_report report;

	imm_write(&bed->imm, "delay.set", 0600, "5\n");
	report = *wait_answer(give_order(FENCE_ORDER_POWER_DOWN, session), 9 * HA_SEC);
	ck_assert_int_eq(report.error, FENCE_OK);
	ck_assert_uint_eq(report.session, session);
	ck_assert(report.answered - report.asked >= 4500 * HA_MS);
	run_for(2 * HA_SEC);
	ck_assert_uint_eq(imm_calls(&bed->imm, "set power 0"), 1);
	ck_assert_int_eq(read_power().power, FENCE_POWER_OFF);
}
END_TEST

START_TEST(slow_imm_readings_arrive)
{
	struct fence_report report;

	imm_write(&bed->imm, "delay.get", 0600, "2\n");
	log_in();
	for (ha_time end = ha_now() + 40 * HA_SEC;;) {
		report = read_power();
		if (report.error == FENCE_OK)
			break;
		ck_assert(ha_now() < end);
		run_for(500 * HA_MS);
	}
	ck_assert_int_eq(report.power, FENCE_POWER_ON);
}
END_TEST

START_TEST(late_answer_belongs_to_its_question)
{
	uint32_t token;
	ha_time changed;

	log_in();
	bed->proxy.hold = true;
	token = give_order(FENCE_ORDER_READ, 0);
	run_for(100 * HA_MS); /* the IMM has answered "on", the answer is on its way */
	imm_write(&bed->imm, "power", 0600, "0\n");
	changed = ha_now();
	run_for(300 * HA_MS); /* by now it was asked again */
	proxy_release(&bed->proxy);
	ck_assert_int_eq(wait_answer(token, HA_SEC)->power, FENCE_POWER_ON);
	ck_assert(find_answer(token)->asked < changed);
	ck_assert_int_eq(read_power().power, FENCE_POWER_OFF);
}
END_TEST

static bool
lossy(struct proxy *proxy, uint8_t *data, size_t *length)
{
	(void)proxy;
	(void)data;
	(void)length;
	return random() % 100 >= 20;
}

START_TEST(loss_of_20_percent)
{
	unsigned good = 0;

	srandom(1);
	bed->proxy.to_imm = lossy;
	bed->proxy.from_imm = lossy;
	open_ipmi();
	wait_device(FENCE_OK, false, 0, 30 * HA_SEC);
	for (unsigned i = 0; i < 20; i++)
		good += read_power().error == FENCE_OK;
	printf("readings answered with 20 %% loss each way: %u of 20\n", good);
	ck_assert_uint_ge(good, 15);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ipmi: power");
	TCase *tc = suite_case(suite, "ipmi: power");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_set_timeout(tc, 90);
	tcase_add_test(tc, session_guid_power);
	tcase_add_test(tc, late_foreign_and_cancelled_orders);
	tcase_add_test(tc, slow_imm_sees_off_once);
	tcase_add_test(tc, slow_imm_readings_arrive);
	tcase_add_test(tc, late_answer_belongs_to_its_question);
	tcase_add_test(tc, loss_of_20_percent);
	return bed_main(suite);
}
