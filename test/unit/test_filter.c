#include "fence/filter.h"
#include "fence/retry.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define PORT 623

static struct fence_filter filter;
static struct ha_address imm, stranger;

static void
set_up(void)
{
	ck_assert_int_eq(ha_address_parse("192.0.2.98", &imm), 0);
	ck_assert_int_eq(ha_address_parse("192.0.2.99", &stranger), 0);
	fence_filter_init(&filter, &imm, PORT);
}

static size_t
rmcpp(uint8_t *data, uint8_t type, const void *payload, size_t length, size_t trailer)
{
	static const uint8_t head[] = { 0x06, 0x00, 0xff, 0x07, 0x06 };

	memset(data, 0, FENCE_DATAGRAM_BYTES);
	memcpy(data, head, sizeof(head));
	data[5] = type;
	data[14] = (uint8_t)length;
	data[15] = (uint8_t)(length >> 8);
	if (payload)
		memcpy(data + 16, payload, length);
	return 16 + length + trailer;
}

static size_t
open_reply(uint8_t *data)
{
	static const uint8_t payload[36] = { 1, 0, 4, 0, 1, 0, 0, 0, 0xaa, 0xbb, 0xcc, 0xdd, 0, 0, 0, 8, 1, 0, 0, 0, 1,
		0, 0, 8, 1, 0, 0, 0, 2, 0, 0, 8, 1 };

	return rmcpp(data, 0x11, payload, sizeof(payload), 0);
}

static size_t
rakp(uint8_t *data, uint8_t type, uint8_t tag, uint8_t status, size_t length)
{
	size_t n = rmcpp(data, type, NULL, length, 0);

	data[16] = tag;
	data[17] = status;
	return n;
}

static size_t
message(uint8_t *data)
{
	size_t n = rmcpp(data, 0xc0, NULL, 32, 14);

	data[6] = 1; /* session id */
	return n;
}

/* Get Channel Authentication Capabilities as ipmi_sim answers it. */
static size_t
capabilities(uint8_t *data)
{
	static const uint8_t reply[] = { 0x06, 0x00, 0xff, 0x07, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0x81, 0x1c, 0x63,
		0x20, 0x04, 0x38, 0x00, 0x01, 0x97, 0x04, 0x03, 0, 0, 0, 0, 0x05 };

	memset(data, 0, FENCE_DATAGRAM_BYTES);
	memcpy(data, reply, sizeof(reply));
	return sizeof(reply);
}

static bool
passes(const uint8_t *data, size_t length)
{
	return fence_filter_pass(&filter, &imm, PORT, data, length);
}

static void
establish(void)
{
	uint8_t data[FENCE_DATAGRAM_BYTES];

	ck_assert(passes(data, capabilities(data)));
	ck_assert(passes(data, open_reply(data)));
	ck_assert(passes(data, rakp(data, 0x13, 2, 0, 60)));
	ck_assert(!filter.established);
	ck_assert(passes(data, rakp(data, 0x15, 3, 0, 20)));
	ck_assert(filter.established);
}

START_TEST(handshake_then_session)
{
	uint8_t data[FENCE_DATAGRAM_BYTES];

	establish();
	ck_assert(passes(data, message(data)));
	ck_assert_uint_eq(filter.in_session, 1);
	ck_assert_uint_eq(filter.dropped, 0);
	ck_assert_uint_eq(filter.heard, 5);
}
END_TEST

START_TEST(only_from_the_imm)
{
	uint8_t data[FENCE_DATAGRAM_BYTES];
	size_t n = capabilities(data);

	ck_assert(!fence_filter_pass(&filter, &stranger, PORT, data, n));
	ck_assert(!fence_filter_pass(&filter, &imm, PORT + 1, data, n));
	ck_assert_uint_eq(filter.heard, 0);
	ck_assert_uint_eq(filter.dropped, 2);
}
END_TEST

START_TEST(crash_datagram)
{
	static const uint8_t crash[16] = { 0x06, 0x00, 0xff, 0x07, 0x06, 0x3f };

	ck_assert(!passes(crash, sizeof(crash)));
	establish();
	ck_assert(!passes(crash, sizeof(crash)));
}
END_TEST

/* Nothing in clear in a session; nothing but the handshake before it. */
START_TEST(every_type_before_and_in_session)
{
	uint8_t data[FENCE_DATAGRAM_BYTES];

	for (unsigned type = 0; type < 256; type++) {
		size_t n = rmcpp(data, (uint8_t)type, NULL, 64, 14);
		bool handshake = type == 0x11 || type == 0x13; /* 0x15: no challenge yet; 0x11 of zeros is no suite 3 */

		set_up();
		ck_assert_msg(passes(data, n) == (handshake && type != 0x11), "type %#x before", type);
		set_up();
		establish();
		ck_assert_msg(passes(data, n) == (type == 0xc0), "type %#x in session", type);
	}
}
END_TEST

START_TEST(handshake_replies_in_session_are_dropped)
{
	uint8_t data[FENCE_DATAGRAM_BYTES];

	establish();
	ck_assert(!passes(data, capabilities(data)));
	ck_assert(!passes(data, open_reply(data)));
	ck_assert(!passes(data, rakp(data, 0x13, 2, 0, 60)));
	ck_assert(!passes(data, rakp(data, 0x15, 3, 0, 20)));
}
END_TEST

START_TEST(tags)
{
	uint8_t data[FENCE_DATAGRAM_BYTES];

	for (unsigned tag = 0; tag < 256; tag++) {
		size_t n = rakp(data, 0x13, (uint8_t)tag, 0, 60);

		ck_assert_msg(passes(data, n) == (tag < 64), "tag %u", tag);
	}
}
END_TEST

START_TEST(lengths)
{
	static const struct {
		uint8_t type;
		size_t least;
	} replies[] = { { 0x11, 36 }, { 0x13, 60 }, { 0x15, 20 } };
	uint8_t data[FENCE_DATAGRAM_BYTES], full[FENCE_DATAGRAM_BYTES];
	size_t n;

	for (unsigned i = 0; i < 3; i++) {
		for (size_t length = 0; length <= 160; length++) {
			set_up();
			filter.challenged = true;
			open_reply(full);
			n = rmcpp(data, replies[i].type, replies[i].type == 0x11 ? full + 16 : NULL, length, 0);
			ck_assert_msg(passes(data, n) == (length >= replies[i].least && length <= 128),
				"type %#x length %zu", replies[i].type, length);
		}
	}
	set_up();
	for (n = 0; n <= open_reply(data); n++)
		ck_assert(passes(data, n) == (n == 16 + 36)); /* cut short */
	establish();
	n = message(data);
	for (size_t cut = 0; cut < n; cut++)
		ck_assert(!passes(data, cut));
	ck_assert(passes(data, n));
	ck_assert(passes(data, n + 4)); /* trailing bytes */
	data[14] = 33;
	ck_assert(!passes(data, n + 1)); /* not whole AES blocks */
	ck_assert(!passes(data, FENCE_DATAGRAM_BYTES + 1));
}
END_TEST

START_TEST(header)
{
	uint8_t data[FENCE_DATAGRAM_BYTES];
	size_t n;

	for (unsigned i = 0; i < 5; i++) {
		n = open_reply(data);
		data[i] ^= 0x10;
		ck_assert_msg(!passes(data, n), "byte %u", i);
	}
	for (unsigned i = 6; i < 14; i++) { /* a handshake message in a session */
		n = open_reply(data);
		data[i] = 1;
		ck_assert_msg(!passes(data, n), "byte %u", i);
	}
}
END_TEST

/* IPMI 1.5 without authentication: of all messages only the one that the handshake begins with. */
START_TEST(ipmi_1_5)
{
	uint8_t data[FENCE_DATAGRAM_BYTES];
	size_t n = capabilities(data);

	for (unsigned command = 0; command < 256; command++) {
		data[19] = (uint8_t)command;
		ck_assert(passes(data, n) == (command == 0x38));
	}
	n = capabilities(data);
	data[15] = 0x01 << 2; /* chassis */
	ck_assert(!passes(data, n));
	for (unsigned i = 5; i < 13; i++) {
		n = capabilities(data);
		data[i] = 1; /* session sequence, session id */
		ck_assert(!passes(data, n));
	}
	for (unsigned type = 1; type < 256; type++) {
		n = capabilities(data);
		data[4] = (uint8_t)type;
		ck_assert(!passes(data, n));
	}
	n = capabilities(data);
	ck_assert(!passes(data, n - 1));
	ck_assert(!filter.no_rmcpp);
	data[24] = 0x01;
	ck_assert(passes(data, n));
	ck_assert(filter.no_rmcpp);
}
END_TEST

START_TEST(refusals)
{
	uint8_t data[FENCE_DATAGRAM_BYTES];

	ck_assert(!passes(data, rakp(data, 0x11, 1, 0x11, 2))); /* too short for the library, but it says why */
	ck_assert_uint_eq(filter.status, 0x11);
	ck_assert(passes(data, rakp(data, 0x13, 1, 0x0d, 8)));
	ck_assert_uint_eq(filter.status, 0x11); /* the first one counts */
	set_up();
	ck_assert(passes(data, rakp(data, 0x11, 1, 0x01, 8)));
	ck_assert_uint_eq(filter.status, 0x01);
	set_up();
	ck_assert(passes(data, rakp(data, 0x13, 1, 0, 60)));
	ck_assert(passes(data, rakp(data, 0x15, 1, 0x0f, 8)));
	ck_assert_uint_eq(filter.status, 0x0f);
	ck_assert(!filter.established);
}
END_TEST

START_TEST(weaker_algorithms)
{
	uint8_t data[FENCE_DATAGRAM_BYTES];

	for (unsigned i = 16; i <= 32; i += 8) {
		size_t n = open_reply(data);

		set_up();
		data[16 + i] = 0;
		ck_assert(!passes(data, n));
		ck_assert_uint_eq(filter.status, FENCE_RMCPP_NO_CIPHER_SUITE);
	}
}
END_TEST

START_TEST(rakp4_without_a_challenge)
{
	uint8_t data[FENCE_DATAGRAM_BYTES];

	ck_assert(!passes(data, rakp(data, 0x15, 1, 0, 20)));
	ck_assert(!filter.established);
}
END_TEST

START_TEST(retries)
{
	ha_time delay = 0, total = 0;

	for (unsigned i = 0; i < 10; i++) {
		delay = fence_retry_delay(FENCE_UNREACHABLE, delay);
		ck_assert(delay >= 500 * HA_MS && delay <= 2 * HA_SEC);
	}
	delay = fence_retry_delay(FENCE_AUTHENTICATION, delay);
	ck_assert_uint_eq(delay, 60 * HA_SEC);
	ck_assert_uint_eq(fence_retry_delay(FENCE_AUTHENTICATION, delay), 120 * HA_SEC);
	for (unsigned i = 0; i < 10; i++)
		total += delay = fence_retry_delay(FENCE_AUTHENTICATION, delay);
	ck_assert_uint_eq(delay, 900 * HA_SEC);
	ck_assert(total > 3600 * HA_SEC);
	ck_assert_uint_eq(fence_retry_delay(FENCE_SESSIONS, delay), 500 * HA_MS);
	ck_assert_uint_eq(fence_retry_delay(FENCE_UNREACHABLE, 0), 500 * HA_MS);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("filter");
	TCase *t = tcase_create("filter");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, handshake_then_session);
	tcase_add_test(t, only_from_the_imm);
	tcase_add_test(t, crash_datagram);
	tcase_add_test(t, every_type_before_and_in_session);
	tcase_add_test(t, handshake_replies_in_session_are_dropped);
	tcase_add_test(t, tags);
	tcase_add_test(t, lengths);
	tcase_add_test(t, header);
	tcase_add_test(t, ipmi_1_5);
	tcase_add_test(t, refusals);
	tcase_add_test(t, weaker_algorithms);
	tcase_add_test(t, rakp4_without_a_challenge);
	tcase_add_test(t, retries);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
