/* Refusals of the IMM, each its own: password, user, Kg, privilege, cipher suite, sessions. */
#include "test/unit/ipmi_bed.h"
#include "test/unit/suite.h"

#include <stdio.h>
#include <string.h>

START_TEST(wrong_password_is_tried_once)
{
	ha_time began = ha_now();

	strcpy(bed->config.password, "wrong");
	open_ipmi();
	wait_device(FENCE_AUTHENTICATION, false, 0, 3 * HA_SEC);
	printf("wrong password reported after %.1f ms\n", (double)(ha_now() - began) / 1000);
	ck_assert_int_eq(read_power().error, FENCE_AUTHENTICATION);
	while (ha_now() < began + 12 * HA_SEC) {
		run_for(HA_SEC);
		(void)give_order(FENCE_ORDER_READ, 0); /* whoever asks */
	}
	ck_assert_uint_eq(bed->proxy.rakp1s, 1);
}
END_TEST

START_TEST(wrong_user)
{
	strcpy(bed->config.username, "nobody");
	open_ipmi();
	wait_device(FENCE_AUTHENTICATION, false, 0, 3 * HA_SEC);
	run_for(3 * HA_SEC);
	ck_assert_uint_eq(bed->proxy.rakp1s, 1);
}
END_TEST

/* ipmi_sim takes 19 characters; the 20th byte is 0. */
static void
set_kg(const char *simulated, const char *configured)
{
	memcpy(bed->config.kg, configured, strlen(configured));
	bed->config.kg_bytes = sizeof(bed->config.kg);
	bed->imm.kg = simulated;
	imm_stop(&bed->imm);
	imm_write_files(&bed->imm);
	imm_start(&bed->imm);
}

START_TEST(right_kg)
{
	set_kg("NineteenCharacters.", "NineteenCharacters.");
	log_in();
}
END_TEST

START_TEST(wrong_kg)
{
	set_kg("NineteenCharacters.", "EighteenCharacters.");
	open_ipmi();
	wait_device(FENCE_AUTHENTICATION, false, 0, 3 * HA_SEC);
	run_for(3 * HA_SEC);
	ck_assert_uint_eq(bed->proxy.rakp1s, 1);
}
END_TEST

START_TEST(low_privilege)
{
	uint64_t session;

	bed->config.privilege = CONFIG_PRIVILEGE_USER;
	open_ipmi();
	session = wait_device(FENCE_PRIVILEGE, true, 0, 5 * HA_SEC)->session; /* said before it is needed */
	ck_assert_int_eq(read_power().power, FENCE_POWER_ON);
	ck_assert_int_eq(wait_answer(give_order(FENCE_ORDER_POWER_DOWN, session), 5 * HA_SEC)->error, FENCE_PRIVILEGE);
	ck_assert_uint_eq(imm_calls(&bed->imm, "set power"), 0);
}
END_TEST

static bool
refuse_open(struct proxy *proxy, uint8_t *data, size_t *length, uint8_t status, uint8_t bytes)
{
	(void)proxy;
	if (data[4] != 6 || data[5] != 0x11)
		return true;
	data[17] = status;
	data[14] = bytes;
	*length = 16U + bytes;
	return true;
}

static bool
refuse_cipher(struct proxy *proxy, uint8_t *data, size_t *length)
{
	return refuse_open(proxy, data, length, 0x11, 8);
}

static bool
refuse_cipher_shortly(struct proxy *proxy, uint8_t *data, size_t *length)
{
	return refuse_open(proxy, data, length, 0x11, 2);
}

static bool
weaken_cipher(struct proxy *proxy, uint8_t *data, size_t *length)
{
	(void)proxy;
	(void)length;
	if (data[4] == 6 && data[5] == 0x11)
		data[16 + 32] = 0; /* confidentiality none */
	return true;
}

static bool
refuse_rmcpp(struct proxy *proxy, uint8_t *data, size_t *length)
{
	(void)proxy;
	(void)length;
	if (data[4] == 0)
		data[14 + 6 + 4] = 0x01; /* IPMI 1.5 alone */
	return true;
}

static proxy_judge *const cipher_refusals[] = { refuse_cipher, refuse_cipher_shortly, weaken_cipher, refuse_rmcpp };

START_TEST(cipher_refused)
{
	ha_time began = ha_now();

	bed->proxy.from_imm = cipher_refusals[_i];
	open_ipmi();
	wait_device(FENCE_CIPHER, false, 0, 5 * HA_SEC);
	printf("refused cipher suite (%d) reported after %.1f ms\n", _i, (double)(ha_now() - began) / 1000);
	ck_assert_uint_eq(bed->proxy.requests, 0);
}
END_TEST

static bool
refuse_session(struct proxy *proxy, uint8_t *data, size_t *length)
{
	return refuse_open(proxy, data, length, 0x01, 8);
}

START_TEST(no_free_session)
{
	bed->proxy.from_imm = refuse_session;
	open_ipmi();
	wait_device(FENCE_SESSIONS, false, 0, 5 * HA_SEC);
	ck_assert_int_eq(read_power().error, FENCE_SESSIONS);
	bed->proxy.from_imm = NULL;
	wait_device(FENCE_OK, true, bed->count, 5 * HA_SEC);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ipmi: refused");
	TCase *tc = suite_case(suite, "ipmi: refused");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_set_timeout(tc, 90);
	tcase_add_test(tc, wrong_password_is_tried_once);
	tcase_add_test(tc, wrong_user);
	tcase_add_test(tc, right_kg);
	tcase_add_test(tc, wrong_kg);
	tcase_add_test(tc, low_privilege);
	tcase_add_loop_test(tc, cipher_refused, 0, (int)(sizeof(cipher_refusals) / sizeof(cipher_refusals[0])));
	tcase_add_test(tc, no_free_session);
	return bed_main(suite);
}
