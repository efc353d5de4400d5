/* Datagrams that a forger sends with the address of the IMM. */
#include "test/unit/ipmi_bed.h"
#include "test/unit/suite.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint8_t crash[16] = { 0x06, 0x00, 0xff, 0x07, 0x06, 0x3f };

static size_t
forge_handshake(uint8_t *data, uint8_t type, uint8_t tag, uint8_t length)
{
	static const uint8_t head[] = { 0x06, 0x00, 0xff, 0x07, 0x06 };

	memset(data, 0, 16U + length);
	memcpy(data, head, sizeof(head));
	data[5] = type;
	data[14] = length;
	data[16] = tag;
	data[20] = 1; /* the library's first session id */
	return 16U + length;
}

/* "Chassis power is off", as the reply to request `sequence`. */
static size_t
forge_off(uint8_t *message, uint8_t sequence)
{
	static const uint8_t off[] = { 0x81, 0x01 << 2, 0x7b, 0x20, 0, 0x01, 0x00, 0x20, 0x00, 0x00 };
	uint8_t sum = 0;

	memcpy(message, off, sizeof(off));
	message[4] = (uint8_t)(sequence << 2);
	for (unsigned i = 3; i < sizeof(off); i++)
		sum = (uint8_t)(sum + message[i]);
	message[sizeof(off)] = (uint8_t)-sum;
	return sizeof(off) + 1;
}

/* In clear, for each request that may be outstanding: as RMCP+ in the session and outside of it, there also with the
 * bit that says "authenticated", or as IPMI 1.5. One form at a time: all at once would only overflow the socket. */
#define FORMS 5

static void
forge_off_form(struct proxy *proxy, unsigned form, uint32_t packet)
{
	static const uint8_t rmcp[16] = { 0x06, 0x00, 0xff, 0x07 };
	size_t header = form == FORMS - 1 ? 14 : 16;
	uint8_t data[64];

	for (uint8_t sequence = 0; sequence < 64; sequence++) {
		memcpy(data, rmcp, sizeof(rmcp));
		if (header == 16) {
			data[4] = 0x06;
			data[5] = (form & 2) != 0 ? 0x40 : 0x00;
			data[6] = form & 1;
			data[10] = (uint8_t)(packet + sequence);
		}
		data[header == 16 ? 14 : 13] = (uint8_t)forge_off(data + header, sequence);
		proxy_forge(proxy, data, header + 11);
	}
}

static bool
forge_before_answer(struct proxy *proxy, uint8_t *data, size_t *length)
{
	(void)length;
	if (data[4] == 6 && data[5] == 0xc0)
		forge_off_form(proxy, proxy->requests % FORMS, proxy->requests);
	return true;
}

START_TEST(forged_off_in_session)
{
	log_in();
	bed->proxy.from_imm = forge_before_answer;
	for (unsigned i = 0; i < 20; i++)
		ck_assert_int_eq(read_power().power, FENCE_POWER_ON);
	assert_never_off();
}
END_TEST

static bool
nothing(struct proxy *proxy, uint8_t *data, size_t *length)
{
	(void)proxy;
	(void)data;
	(void)length;
	return false;
}

START_TEST(forged_off_while_session_is_down)
{
	ha_time end = ha_now() + 25 * HA_SEC;
	bool lost = false;

	/* Long enough for the library to give the session up (10 to 20 s) and then some. */
	log_in();
	bed->proxy.to_imm = nothing;
	for (unsigned n = 0; ha_now() < end; n++) {
		give_order(FENCE_ORDER_READ, 0);
		for (unsigned i = 0; i < 2 * FORMS; i++) {
			run_for(20 * HA_MS);
			forge_off_form(&bed->proxy, i % FORMS, n);
		}
		for (; bed->count > REPORTS / 2; bed->count--)
			ck_assert_int_ne(bed->reports[bed->count - 1].power, FENCE_POWER_OFF);
		lost = lost || bed->reports[bed->count - 1].session == 0;
	}
	ck_assert(lost);
	assert_never_off();
	bed->proxy.to_imm = NULL;
	wait_device(FENCE_OK, true, bed->count, 5 * HA_SEC);
	ck_assert_int_eq(read_power().power, FENCE_POWER_ON);
}
END_TEST

static bool
forge_handshake_trash(struct proxy *proxy, uint8_t *data, size_t *length)
{
	static const uint8_t types[] = { 0x11, 0x13, 0x15 };
	uint8_t forged[128];

	(void)data;
	(void)length;
	proxy_forge(proxy, crash, sizeof(crash));
	for (unsigned i = 0; i < sizeof(types); i++) {
		proxy_forge(proxy, forged, forge_handshake(forged, types[i], 64, 64));
		proxy_forge(proxy, forged, forge_handshake(forged, types[i], 255, 64));
		proxy_forge(proxy, forged, forge_handshake(forged, types[i], 3, 1));
	}
	for (unsigned type = 0; type < 256; type++) {
		memcpy(forged, crash, sizeof(crash));
		forged[5] = (uint8_t)type;
		proxy_forge(proxy, forged, sizeof(crash));
		proxy_forge(proxy, forged, 7);
	}
	return true;
}

START_TEST(crash_datagrams_and_tag_64)
{
	int stranger = loopback_socket(NULL);
	uint64_t session;

	bed->proxy.to_imm = forge_handshake_trash; /* beside each message of the handshake, and of the session */
	session = log_in();
	for (unsigned i = 0; i < 10; i++) {
		(void)!sendto(stranger, crash, sizeof(crash), 0, (struct sockaddr *)&bed->proxy.last,
			sizeof(bed->proxy.last));
		ck_assert_uint_eq(read_power().session, session);
	}
	close(stranger);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ipmi: forged");
	TCase *tc = suite_case(suite, "ipmi: forged");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_set_timeout(tc, 90);
	tcase_add_test(tc, forged_off_in_session);
	tcase_add_test(tc, forged_off_while_session_is_down);
	tcase_add_test(tc, crash_datagrams_and_tag_64);
	return bed_main(suite);
}
