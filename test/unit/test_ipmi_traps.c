/* Each trap of OpenIPMI that we know of, with the real library and a real (simulated) IMM on loopback. A proxy between
 * the two plays the bad network and the forger who can use the IMM's address. */
#include "fence/client.h"
#include "lib/worker.h"
#include "fence/ipmi.h"
#include "fence/session.h"
#include "fence/worker.h"
#include "test/fence/imm.h"

#include <dirent.h>
#include <sys/socket.h>

#define REPORTS       4096
#define LOGIN_TIMEOUT (3 * HA_SEC)

struct bed {
	struct imm imm;
	sd_event *event;
	struct proxy proxy;
	struct config_imm config;
	ha_time monitor_interval;
	struct fence_ipmi *ipmi;
	struct fence_report reports[REPORTS];
	unsigned count;
	uint32_t token;
};

static struct bed *bed;                                  /* each test runs in a process of its own */
static char directory[] = "/tmp/ha-fenced-traps-XXXXXX"; /* of this run; the parent process removes it */

static void
take_report(void *userdata, const struct fence_report *report)
{
	struct bed *b = userdata;

	ck_assert_uint_lt(b->count, REPORTS);
	b->reports[b->count++] = *report;
}

static void
set_up(void)
{
	bed = calloc(1, sizeof(*bed));
	imm_create(&bed->imm, directory);
	ck_assert_int_ge(sd_event_new(&bed->event), 0);
	proxy_open(&bed->proxy, bed->event, bed->imm.port);
	bed->config = (struct config_imm){
		.configured = true,
		.port = bed->proxy.port,
		.username = IMM_USER,
		.password = IMM_PASSWORD,
		.cipher = 3,
		.privilege = CONFIG_PRIVILEGE_OPERATOR,
	};
	ck_assert_int_eq(ha_address_parse("127.0.0.1", &bed->config.address), 0);
	bed->monitor_interval = 5 * HA_SEC;
}

static void
tear_down(void)
{
	fence_ipmi_close(bed->ipmi);
	proxy_close(&bed->proxy);
	sd_event_unref(bed->event);
	imm_stop(&bed->imm);
	free(bed);
}

static void
open_ipmi(void)
{
	struct fence_ipmi_config config = {
		.imm = &bed->config,
		.login_timeout = LOGIN_TIMEOUT,
		.monitor_interval = bed->monitor_interval,
	};

	ck_assert_int_eq(fence_ipmi_open(bed->event, &config, take_report, bed, &bed->ipmi), 0);
}

static void
step(void)
{
	ck_assert_int_ge(sd_event_run(bed->event, 10 * HA_MS), 0);
}

static void
run_for(ha_time time)
{
	for (ha_time end = ha_now() + time; ha_now() < end;)
		step();
}

/* The first DEVICE report with `error` (and a power reading, if asked for) from report `from` on. */
static const struct fence_report *
wait_device(enum fence_error error, bool reading, unsigned from, ha_time limit)
{
	ha_time end = ha_now() + limit;

	for (unsigned i = from;; step()) {
		for (; i < bed->count; i++) {
			const struct fence_report *report = &bed->reports[i];

			if (report->type == FENCE_REPORT_DEVICE && report->error == error &&
				(!reading || report->power != FENCE_POWER_UNKNOWN))
				return report;
		}
		ck_assert_msg(ha_now() < end, "no report of the device that says %s", fence_error_name(error));
	}
}

static const struct fence_report *
find_answer(uint32_t token)
{
	const struct fence_report *found = NULL;

	for (unsigned i = 0; i < bed->count; i++) {
		if (bed->reports[i].type != FENCE_REPORT_ANSWER || bed->reports[i].token != token)
			continue;
		ck_assert_msg(!found, "order %u was answered twice", token);
		found = &bed->reports[i];
	}
	return found;
}

static const struct fence_report *
wait_answer(uint32_t token, ha_time limit)
{
	for (ha_time end = ha_now() + limit;; step()) {
		const struct fence_report *report = find_answer(token);

		if (report)
			return report;
		ck_assert_msg(ha_now() < end, "order %u was not answered", token);
	}
}

static uint32_t
order_until(enum fence_order_type type, uint64_t session, ha_time not_after)
{
	struct fence_order order = { .type = type, .token = ++bed->token, .session = session, .not_after = not_after };

	fence_ipmi_execute(bed->ipmi, &order);
	return order.token;
}

static uint32_t
order(enum fence_order_type type, uint64_t session)
{
	return order_until(type, session, ha_now() + 200 * HA_MS);
}

static struct fence_report
read_power(void)
{
	return *wait_answer(order(FENCE_ORDER_READ, 0), 10 * HA_SEC);
}

static uint64_t
log_in(void)
{
	open_ipmi();
	return wait_device(FENCE_OK, true, 0, 5 * HA_SEC)->session;
}

static void
assert_never_off(void)
{
	for (unsigned i = 0; i < bed->count; i++)
		ck_assert_int_ne(bed->reports[i].power, FENCE_POWER_OFF);
}

/* ---- it works, and how fast ---- */

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
	report = *wait_answer(order(FENCE_ORDER_POWER_DOWN, session), 5 * HA_SEC);
	ck_assert_int_eq(report.error, FENCE_OK);
	ck_assert_int_eq(report.power, FENCE_POWER_UNKNOWN); /* an answered power-down is not a reading */
	do
		report = read_power();
	while (report.power != FENCE_POWER_OFF && ha_now() < ordered + 5 * HA_SEC);
	off = report.answered;
	ck_assert_int_eq(report.power, FENCE_POWER_OFF);
	printf("power-down ordered to first \"off\": %.1f ms\n", (double)(off - ordered) / 1000);
	ck_assert_uint_eq(imm_calls(&bed->imm, "set power 0"), 1);

	report = *wait_answer(order(FENCE_ORDER_POWER_UP, session), 5 * HA_SEC);
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
		find_answer(order_until(FENCE_ORDER_POWER_DOWN, session, ha_now() - 1))->error, FENCE_NOT_SENT);
	ck_assert_int_eq(find_answer(order_until(FENCE_ORDER_READ, 0, ha_now() - 1))->error, FENCE_NOT_SENT);
	ck_assert_int_eq(find_answer(order(FENCE_ORDER_POWER_DOWN, session + 1))->error, FENCE_NOT_SENT);
	ck_assert_int_eq(find_answer(order(FENCE_ORDER_POWER_UP, session - 1))->error, FENCE_NOT_SENT);

	token = order(FENCE_ORDER_READ, 0); /* has left when it is cancelled */
	fence_ipmi_execute(bed->ipmi, &(struct fence_order){ .type = FENCE_ORDER_CANCEL, .token = token });
	ck_assert_int_eq(find_answer(token)->error, FENCE_TIMEOUT);
	run_for(200 * HA_MS);
	ck_assert_int_eq(find_answer(token)->error, FENCE_TIMEOUT); /* and is not answered again */
	ck_assert_uint_eq(imm_calls(&bed->imm, "set "), 0);
	ck_assert_int_eq(read_power().power, FENCE_POWER_ON);
}
END_TEST

/* ---- forged datagrams ---- */

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
		order(FENCE_ORDER_READ, 0);
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

/* ---- slow and lossy ---- */

START_TEST(slow_imm_sees_off_once)
{
	uint64_t session = log_in();
	struct fence_report report;

	imm_write(&bed->imm, "delay.set", 0600, "5\n");
	report = *wait_answer(order(FENCE_ORDER_POWER_DOWN, session), 9 * HA_SEC);
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
	token = order(FENCE_ORDER_READ, 0);
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

/* ---- refusals, each its own ---- */

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
		(void)order(FENCE_ORDER_READ, 0); /* whoever asks */
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
	ck_assert_int_eq(wait_answer(order(FENCE_ORDER_POWER_DOWN, session), 5 * HA_SEC)->error, FENCE_PRIVILEGE);
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
refuse_session(struct proxy *proxy, uint8_t *data, size_t *length)
{
	return refuse_open(proxy, data, length, 0x01, 8);
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

/* ---- gone and back ---- */

START_TEST(unreachable)
{
	ha_time began = ha_now();

	bed->config.port = free_udp_port();
	open_ipmi();
	wait_device(FENCE_UNREACHABLE, false, 0, LOGIN_TIMEOUT + 500 * HA_MS);
	printf("unreachable IMM reported after %.1f ms\n", (double)(ha_now() - began) / 1000);
	began = ha_now();
	ck_assert_int_eq(wait_answer(order_until(FENCE_ORDER_READ, 0, HA_NEVER), LOGIN_TIMEOUT + 500 * HA_MS)->error,
		FENCE_UNREACHABLE);
	printf("reading of an unreachable IMM given up after %.1f ms\n", (double)(ha_now() - began) / 1000);
}
END_TEST

START_TEST(dies_while_warm)
{
	ha_time began;
	uint32_t token;

	log_in();
	imm_stop(&bed->imm);
	began = ha_now();
	token = order(FENCE_ORDER_READ, 0);
	ck_assert_int_eq(wait_answer(token, 6 * HA_SEC)->error, FENCE_UNREACHABLE);
	printf("dead IMM noticed after %.1f ms\n", (double)(ha_now() - began) / 1000);
	imm_start(&bed->imm);
	began = ha_now();
	wait_device(FENCE_OK, true, bed->count, 10 * HA_SEC);
	printf("usable again %.1f ms after it returned\n", (double)(ha_now() - began) / 1000);
	ck_assert_int_eq(read_power().power, FENCE_POWER_ON);
}
END_TEST

START_TEST(restart_of_the_imm)
{
	uint64_t session = log_in();
	struct fence_report report;
	ha_time began;
	uint32_t down;

	imm_stop(&bed->imm);
	imm_start(&bed->imm);
	began = ha_now();
	down = order(FENCE_ORDER_POWER_DOWN, session); /* into the void */
	do
		report = read_power();
	while (report.error != FENCE_OK && ha_now() < began + 10 * HA_SEC);
	printf("IMM restart cost %.1f ms\n", (double)(ha_now() - began) / 1000);
	ck_assert(ha_now() - began < 6 * HA_SEC);
	ck_assert_uint_eq(report.session, session + 1);
	ck_assert_int_eq(report.power, FENCE_POWER_ON);
	ck_assert_int_eq(
		wait_answer(down, HA_SEC)->error, FENCE_TIMEOUT); /* unknown; and in no other session than its own */
	ck_assert_int_eq(find_answer(order(FENCE_ORDER_POWER_DOWN, session))->error, FENCE_NOT_SENT);
	ck_assert_uint_eq(imm_calls(&bed->imm, "set power 0"), 0);
}
END_TEST

/* ---- nothing is left ---- */

static unsigned
open_files(bool *ret_all_cloexec)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	unsigned count = 0;

	ck_assert_ptr_nonnull(dir);
	*ret_all_cloexec = true;
	while ((entry = readdir(dir))) {
		int fd = atoi(entry->d_name), type;
		socklen_t length = sizeof(type);

		count++;
		if (fd > STDERR_FILENO && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
			type == SOCK_DGRAM)
			*ret_all_cloexec = *ret_all_cloexec && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
	}
	closedir(dir);
	return count;
}

static void
note_up(void *userdata)
{
	*(int *)userdata = 1;
}

static void
note_down(void *userdata, enum fence_error error)
{
	ck_abort_msg("login failed: %s", fence_error_name(error));
	(void)userdata;
}

START_TEST(two_hundred_sessions)
{
	static const struct fence_session_handlers handlers = { note_up, note_down };
	struct fence_session_config config = { &bed->config, LOGIN_TIMEOUT, 250 * HA_MS };
	struct fence_os *os;
	unsigned before = 0, during;
	bool cloexec;

	bed->config.port = bed->imm.port;
	ck_assert_int_eq(fence_os_open(bed->event, &os), 0);
	for (unsigned i = 0; i <= 200; i++) {
		struct fence_session *session;
		int up = 0;

		ck_assert_int_eq(fence_session_open(os, bed->event, &config, &handlers, &up, &session), 0);
		if (i % 4 != 0) /* others are closed in mid-handshake */
			while (!up)
				step();
		during = open_files(&cloexec);
		ck_assert_msg(cloexec, "a socket would be inherited by other programs");
		fence_session_close(session);
		if (i == 0)
			before = open_files(&cloexec);
		ck_assert_uint_eq(during, before + 1);
		ck_assert_uint_eq(open_files(&cloexec), before);
	}
	fence_os_close(os);
}
END_TEST

START_TEST(close_with_requests_outstanding)
{
	unsigned before;
	bool cloexec;

	log_in();
	before = open_files(&cloexec);
	bed->proxy.hold = true;
	for (unsigned i = 0; i < 10; i++)
		order(FENCE_ORDER_READ, 0);
	fence_ipmi_close(bed->ipmi);
	bed->ipmi = NULL;
	ck_assert_uint_eq(open_files(&cloexec), before - 1); /* the library's socket */
}
END_TEST

/* ---- the process ---- */

static struct fence_report
receive(int fd, enum fence_report_type type, uint32_t token, enum fence_error error)
{
	struct fence_report report;
	int r;

	for (ha_time end = ha_now() + 10 * HA_SEC; ha_now() < end; step()) {
		while ((r = fence_client_receive(fd, &report)) == 0)
			if (report.type == type && report.token == token && report.error == error)
				return report;
		ck_assert_int_eq(r, -EAGAIN);
	}
	ck_abort_msg("no report of the fence process");
}

static void
wait_exit(pid_t pid)
{
	int status;

	for (ha_time end = ha_now() + 5 * HA_SEC; waitpid(pid, &status, WNOHANG) == 0; step())
		ck_assert_msg(ha_now() < end, "it lives on without its socket");
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

START_TEST(worker_process)
{
	struct fence_worker_config config = {
		.usable = true, .imm = bed->config, .login_timeout = LOGIN_TIMEOUT, .monitor_interval = 5 * HA_SEC
	};
	struct fence_order read_order = { .type = FENCE_ORDER_READ, .token = 7, .not_after = ha_now() + 5 * HA_SEC };
	int fds[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		close(fds[0]);
		_exit(ha_worker_harden() == 0 && ha_worker_drop_capabilities() == 0 &&
					fence_worker_run(fds[1], &config) == 0 && config.imm.password[0] == '\0'
				? 0
				: 1);
	}
	close(fds[1]);
	ck_assert_int_eq(send(fds[0], "junk", 4, 0), 4); /* ignored */
	receive(fds[0], FENCE_REPORT_DEVICE, 0, FENCE_OK);
	ck_assert_int_eq(fence_client_send(fds[0], &read_order), 0);
	ck_assert_int_eq(receive(fds[0], FENCE_REPORT_ANSWER, 7, FENCE_OK).power, FENCE_POWER_ON);
	close(fds[0]);
	wait_exit(pid);
}
END_TEST

/* The program itself, as the daemon starts it: with a configuration file, a password file and a socket. */
START_TEST(executable)
{
	struct fence_order read_order = { .type = FENCE_ORDER_READ, .token = 9, .not_after = ha_now() + 5 * HA_SEC };
	char text[1024], path[256], config[128];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);
	pid_t pid;
	int fd;

	ck_assert_int_gt(n, 0);
	path[n] = '\0';
	strcpy(strrchr(path, '/'), "/../ha-fenced-fence");
	ck_assert_msg(access(path, X_OK) == 0, "%s is not built", path);
	snprintf(text, sizeof(text),
		"cluster: { name = \"test\"; authkey_file = \"/etc/ha-fenced/authkey\"; };\n"
		"nodes = ( { name = \"A\"; priority = 100; links = ( { address = \"192.0.2.1\"; } );\n"
		"    imm: { address = \"192.0.2.98\"; username = \"x\"; password = \"y\"; }; },\n"
		"  { name = \"B\"; priority = 90; links = ( { address = \"192.0.2.2\"; } );\n"
		"    imm: { address = \"127.0.0.1\"; port = %u; username = \"" IMM_USER "\";\n"
		"      password_file = \"%s/password\"; }; } );\n"
		"vrrp = ( { name = \"VI_1\"; interface = \"lo\"; virtual_router_id = 51;\n"
		"  virtual_ipaddress = ( \"192.0.2.10/24\" ); } );\n",
		bed->proxy.port, bed->imm.dir);
	imm_write(&bed->imm, "ha-fenced.conf", 0600, text);
	imm_write(&bed->imm, "password", 0600, IMM_PASSWORD "\n");
	snprintf(config, sizeof(config), "%s/ha-fenced.conf", bed->imm.dir);
	ck_assert_int_eq(ha_worker_spawn(path, config, "A", NULL, &pid, &fd), 0);
	receive(fd, FENCE_REPORT_DEVICE, 0, FENCE_OK);
	ck_assert_int_eq(fence_client_send(fd, &read_order), 0);
	ck_assert_int_eq(receive(fd, FENCE_REPORT_ANSWER, 9, FENCE_OK).power, FENCE_POWER_ON);
	close(fd);
	wait_exit(pid);

	imm_write(&bed->imm, "password", 0644, IMM_PASSWORD "\n"); /* everybody may read it: refused (S11) */
	ck_assert_int_eq(ha_worker_spawn(path, config, "A", NULL, &pid, &fd), 0);
	receive(fd, FENCE_REPORT_DEVICE, 0, FENCE_CONFIG);
	ck_assert_int_eq(fence_client_send(fd, &read_order), 0);
	receive(fd, FENCE_REPORT_ANSWER, 9, FENCE_CONFIG);
	close(fd);
	wait_exit(pid);
	ck_assert_int_eq(ha_worker_spawn("/nonexistent", config, "A", NULL, &pid, &fd), -ENOENT);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("ipmi-traps");
	TCase *t = tcase_create("ipmi_sim");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 90);
	tcase_add_test(t, session_guid_power);
	tcase_add_test(t, late_foreign_and_cancelled_orders);
	tcase_add_test(t, forged_off_in_session);
	tcase_add_test(t, forged_off_while_session_is_down);
	tcase_add_test(t, crash_datagrams_and_tag_64);
	tcase_add_test(t, slow_imm_sees_off_once);
	tcase_add_test(t, slow_imm_readings_arrive);
	tcase_add_test(t, late_answer_belongs_to_its_question);
	tcase_add_test(t, loss_of_20_percent);
	tcase_add_test(t, wrong_password_is_tried_once);
	tcase_add_test(t, wrong_user);
	tcase_add_test(t, right_kg);
	tcase_add_test(t, wrong_kg);
	tcase_add_test(t, low_privilege);
	tcase_add_loop_test(t, cipher_refused, 0, (int)(sizeof(cipher_refusals) / sizeof(cipher_refusals[0])));
	tcase_add_test(t, no_free_session);
	tcase_add_test(t, unreachable);
	tcase_add_test(t, dies_while_warm);
	tcase_add_test(t, restart_of_the_imm);
	tcase_add_test(t, two_hundred_sessions);
	tcase_add_test(t, close_with_requests_outstanding);
	tcase_add_test(t, worker_process);
	tcase_add_test(t, executable);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *runner;
	int failed;

	if (access(IMM_SIMULATOR, X_OK) < 0) {
		fprintf(stderr, "test_ipmi_traps: skipped: no " IMM_SIMULATOR " (Debian package openipmi)\n");
		return 77;
	}
	if (!mkdtemp(directory)) {
		perror(directory);
		return EXIT_FAILURE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	runner = srunner_create(suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	remove_tree(directory);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
