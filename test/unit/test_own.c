/* Checks of type imm from the configured sensor to the verdict's input: the real library, a real (simulated) IMM, the
 * daemon's schedule and judgement; and what each state of a sensor means, as a table. */
#include "daemon/sensor.h"
#include "daemon/sensors.h"
#include "fence/own.h"
#include "test/unit/imm.h"
#include "test/unit/imm_proxy.h"
#include "test/unit/suite.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

/* Sensors of ipmi_sim_cmd(5): a power supply, a temperature, one of a kind that has no meaning here. The records are
 * tables 43-1 and 43-2 of IPMI 2.0; before them stands one that is no sensor (43.7, a FRU locator). */
#define SCANNED(number)                                                                                                \
	"sensor_set_event_support 0x20 0 " number                                                                      \
	" 1 1 none 000000000000000 000000000000000 000000000000000 000000000000000\n"
#define SENSORS                                                                                                        \
	"sensor_add 0x20 0 0x2f 0x08 0x6f\n"                                                                           \
	"sensor_set_bit 0x20 0 0x2f 0 1 0\n" SCANNED("0x2f") "sensor_add 0x20 0 0x30 0x01 0x01\n" SCANNED(             \
		"0x30") "sensor_add 0x20 0 0x31 0x12 0x6f\n" SCANNED("0x31") "main_sdr_add 0x20 0x01 0x00 0x51 0x11 "  \
									     "0x0b 0x20 0x00 0x00 0x00 0x00 0x10 "     \
									     "0x00 0x00 0x00 0x00 0xc0\n"              \
									     "main_sdr_add 0x20 0x02 0x00 0x51 0x01 "  \
									     "0x37 0x20 0x00 0x30 0x0b 0x01 0x67 "     \
									     "0x68 0x01 0x01 "                         \
									     "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 "  \
									     "0 0 0 0 0 0 0 0 0 0 0 0 0 0 "            \
									     "0xcc 0x41 0x6d 0x62 0x69 0x65 0x6e "     \
									     "0x74 0x20 0x54 0x65 0x6d 0x70\n"         \
									     "main_sdr_add 0x20 0x03 0x00 0x51 0x02 "  \
									     "0x25 0x20 0x00 0x2f 0x0a 0x01 0x67 "     \
									     "0x40 0x08 0x6f "                         \
									     "0xff 0 0xff 0 0xff 0 0xc0 0 0 1 0 0 0 "  \
									     "0 0 0 0 "                                \
									     "0xca 0x50 0x53 0x31 0x20 0x53 0x74 "     \
									     "0x61 0x74 0x75 0x73\n"                   \
									     "main_sdr_add 0x20 0x04 0x00 0x51 0x02 "  \
									     "0x20 0x20 0x00 0x31 0x0a 0x01 0x67 "     \
									     "0x40 0x12 0x6f "                         \
									     "0xff 0 0xff 0 0xff 0 0xc0 0 0 1 0 0 0 "  \
									     "0 0 0 0 "                                \
									     "0xc5 0x45 0x76 0x65 0x6e 0x74\n"

static const char *directory;

struct bed {
	struct imm imm;
	sd_event *event;
	struct proxy proxy;
	struct fence_own *own;
	struct sensors *sensors;
	struct config config;
	struct config_check checks[4];
	struct ha_guid guid;
	struct health_report last[4];
	unsigned results;
};

static struct bed *bed;

static void
take_report(void *userdata, const struct fence_report *report)
{
	uint8_t buffer[FENCE_REPORT_BYTES];
	struct fence_report got;

	(void)userdata;
	/* As it comes through the socket. */
	ck_assert_int_eq(fence_report_decode(buffer, fence_report_encode(report, buffer), &got), 0);
	sensors_take(bed->sensors, &got);
}

static void
give_order(void *userdata, const struct fence_order *order)
{
	uint8_t buffer[FENCE_ORDER_BYTES];
	struct fence_order got;

	(void)userdata;
	ck_assert_int_eq(fence_order_decode(buffer, fence_order_encode(order, buffer), &got), 0);
	fence_own_execute(bed->own, &got);
}

static void
take_result(void *userdata, const struct health_report *report)
{
	(void)userdata;
	ck_assert_uint_lt(report->index, 4);
	bed->last[report->index] = *report;
	bed->results++;
}

static void
set_up(void)
{
	static const struct sensors_handler handler = { .order = give_order, .result = take_result };
	struct config_imm *imm;

	bed = calloc(1, sizeof(*bed));
	bed->imm.emu = SENSORS;
	bed->imm.console = free_udp_port(); /* whatever is free there is so for TCP, nearly always */
	imm_create(&bed->imm, directory);
	ck_assert_int_ge(sd_event_new(&bed->event), 0);
	proxy_open(&bed->proxy, bed->event, bed->imm.port);
	bed->config.checks = bed->checks;
	bed->config.check_count = 4;
	for (unsigned i = 0; i < 4; i++)
		bed->checks[i] = (struct config_check){
			.type = CONFIG_CHECK_IMM, .interval = 3600 * HA_SEC, .timeout = 10 * HA_SEC
		};
	strcpy(bed->checks[1].target, "PS1 Status");
	strcpy(bed->checks[2].target, "Ambient Temp");
	strcpy(bed->checks[3].target, "Event");
	imm = &bed->config.nodes[0].imm;
	*imm = (struct config_imm){ .configured = true,
		.port = bed->proxy.port,
		.username = IMM_USER,
		.password = IMM_PASSWORD,
		.cipher = 3,
		.privilege = CONFIG_PRIVILEGE_OPERATOR };
	ck_assert_int_eq(ha_address_parse("127.0.0.1", &imm->address), 0);
	ck_assert_int_eq(ha_guid_parse(IMM_GUID, &bed->guid), 0);
	ck_assert_int_ge(sensors_open(bed->event, &bed->config, &bed->guid, &handler, &bed->sensors), 0);
}

static void
open_own(void)
{
	struct fence_own_config config = { .imm = &bed->config.nodes[0].imm, .login_timeout = 3 * HA_SEC };

	ck_assert_int_ge(fence_own_open(bed->event, &config, take_report, NULL, &bed->own), 0);
}

static void
tear_down(void)
{
	sensors_close(bed->sensors);
	fence_own_close(bed->own);
	proxy_close(&bed->proxy);
	sd_event_unref(bed->event);
	imm_stop(&bed->imm);
	free(bed);
}

/* To the simulator's console. */
static void
command(const char *text)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(bed->imm.console), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answer[512];

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_gt(dprintf(fd, "%s\n", text), 0);
	/* It is done when the prompt is back: once before it, once after. */
	for (unsigned prompts = 0; prompts < 2;) {
		ssize_t n = read(fd, answer, sizeof(answer));

		ck_assert_int_gt(n, 0);
		for (ssize_t i = 0; i < n; i++)
			prompts += answer[i] == '>';
	}
	close(fd);
}

static const struct health_report *
probe(unsigned index)
{
	static uint32_t token;
	ha_time end = ha_now() + 20 * HA_SEC;

	sensors_probe(bed->sensors, index, ++token);
	while (bed->last[index].token != token) {
		ck_assert_int_ge(sd_event_run(bed->event, 50000), 0);
		ck_assert_msg(ha_now() < end, "check %u is not answered", index);
	}
	return &bed->last[index];
}

static void
expect(unsigned index, enum health_result result, const char *detail)
{
	const struct health_report *report = probe(index);

	ck_assert_msg(report->result == result && strstr(report->detail, detail),
		"check %u: %s \"%s\", expected %s \"%s\"", index, health_result_name(report->result), report->detail,
		health_result_name(result), detail);
}

START_TEST(readings)
{
	open_own();
	expect(0, HEALTH_OK, "no fault");
	expect(1, HEALTH_OK, "PS1 Status, present");
	expect(2, HEALTH_OK, "Ambient Temp, ok");
	expect(3, HEALTH_UNKNOWN, "what its states mean");
	command("sensor_set_bit 0x20 0 0x2f 3 1 0");
	expect(1, HEALTH_FAILED, "input lost");
	command("sensor_set_bit 0x20 0 0x2f 3 0 0");
	expect(1, HEALTH_OK, "present");
	command("sensor_set_bit 0x20 0 0x2f 0 0 0");
	expect(1, HEALTH_FAILED, "absent");
	command("sensor_set_bit 0x20 0 0x30 4 1 0");
	expect(2, HEALTH_FAILED, "above its critical limit");
	strcpy(bed->checks[3].target, "PS2");
	expect(3, HEALTH_UNKNOWN, "no sensor \"PS2\"");
	/* All that in one session, in which nothing was changed. */
	ck_assert_uint_eq(imm_calls(&bed->imm, "set"), 0);
	ck_assert_msg(bed->last[1].answered - bed->last[1].asked < 2 * HA_SEC, "a reading takes long");
}
END_TEST

START_TEST(by_schedule)
{
	bed->checks[0].interval = HA_SEC / 5;
	bed->checks[1].when_master = bed->checks[2].when_master = bed->checks[3].when_master = true;
	sensors_configure(bed->sensors, &bed->config);
	open_own();
	for (ha_time end = ha_now() + 20 * HA_SEC; bed->results < 4 && ha_now() < end;)
		ck_assert_int_ge(sd_event_run(bed->event, 50000), 0);
	ck_assert_uint_ge(bed->results, 4);
	ck_assert_uint_eq(bed->last[1].asked, 0);
	bed->checks[0].interval = 3600 * HA_SEC;
	sensors_mode(bed->sensors, true);
	for (ha_time end = ha_now() + 20 * HA_SEC; bed->last[1].asked == 0 && ha_now() < end;)
		ck_assert_int_ge(sd_event_run(bed->event, 50000), 0);
	ck_assert_int_eq(bed->last[1].result, HEALTH_OK);
}
END_TEST

/* S10 */
START_TEST(another_machines)
{
	bed->guid.bytes[0] ^= 1;
	open_own();
	expect(0, HEALTH_UNKNOWN, "its GUID is not this machine's");
	ck_assert_int_eq(ha_guid_parse(IMM_GUID, &bed->config.nodes[0].imm.guid), 0);
	expect(0, HEALTH_OK, "no fault");
	bed->config.nodes[0].imm.guid.bytes[3] ^= 1;
	expect(1, HEALTH_UNKNOWN, "not the configured one");
	bed->config.nodes[0].imm.guid_none = true;
	expect(1, HEALTH_OK, "present");
	bed->config.nodes[0].imm.guid_none = false;
	memset(&bed->config.nodes[0].imm.guid, 0, sizeof(struct ha_guid));
	memset(&bed->guid, 0, sizeof(bed->guid));
	expect(0, HEALTH_UNKNOWN, "this machine's GUID is not known");
}
END_TEST

/* A wrong password is tried once, however many ask. */
START_TEST(wrong_password)
{
	unsigned opens;

	strcpy(bed->config.nodes[0].imm.password, "wrong");
	open_own();
	expect(0, HEALTH_UNKNOWN, "password is wrong");
	opens = bed->proxy.opens;
	ck_assert_uint_ge(opens, 1);
	for (unsigned i = 0; i < 5; i++)
		expect(i % 2, HEALTH_UNKNOWN, "password is wrong");
	ck_assert_uint_eq(bed->proxy.opens, opens);
}
END_TEST

START_TEST(gone_and_back)
{
	open_own();
	expect(1, HEALTH_OK, "present");
	imm_stop(&bed->imm);
	for (unsigned i = 0; i < 4; i++)
		bed->checks[i].timeout = HA_SEC;
	expect(1, HEALTH_UNKNOWN, "own IMM: ");
	expect(0, HEALTH_UNKNOWN, "own IMM: ");
	imm_start(&bed->imm);
	for (ha_time end = ha_now() + 20 * HA_SEC; probe(1)->result != HEALTH_OK && ha_now() < end;)
		ck_assert_int_ge(sd_event_run(bed->event, 200000), 0);
	ck_assert_int_eq(bed->last[1].result, HEALTH_OK);
}
END_TEST

START_TEST(meanings)
{
	static const struct {
		struct fence_sensor sensor;
		enum health_result result;
		const char *detail;
	} rows[] = {
#define CHASSIS(power, misc) { .kind = FENCE_SENSOR_CHASSIS, .power_state = (power), .misc_state = (misc) }
#define READ(event, kind_of, bits)                                                                                     \
	{                                                                                                              \
		.kind = FENCE_SENSOR_READING, .event_type = (event), .type = (kind_of), .flags = 0xc0,                 \
		.states = (bits)                                                                                       \
	}
		{ CHASSIS(0x61, 0x00), HEALTH_OK, "no fault" },
		{ CHASSIS(0x01, 0x41), HEALTH_OK, "no fault" }, /* intrusion, identify */
		{ CHASSIS(0x03, 0x00), HEALTH_FAILED, "power overload" },
		{ CHASSIS(0x05, 0x00), HEALTH_OK, "no fault" }, /* interlock: the panel is open */
		{ CHASSIS(0x09, 0x00), HEALTH_FAILED, "main power fault" },
		{ CHASSIS(0x11, 0x00), HEALTH_FAILED, "power control fault" },
		{ CHASSIS(0x01, 0x04), HEALTH_FAILED, "drive fault" },
		{ CHASSIS(0x09, 0x08), HEALTH_FAILED, "main power fault, cooling fault" },
		{ READ(0x6f, 0x08, 0x0001), HEALTH_OK, "s, present" },
		{ READ(0x6f, 0x08, 0x0000), HEALTH_FAILED, "s, absent" },
		{ READ(0x6f, 0x08, 0x0003), HEALTH_FAILED, "s, present, failed" },
		{ READ(0x6f, 0x08, 0x0005), HEALTH_OK, "s, present, failure predicted" },
		{ READ(0x6f, 0x08, 0x0009), HEALTH_FAILED, "input lost" },
		{ READ(0x6f, 0x08, 0x0041), HEALTH_FAILED, "configuration error" },
		{ READ(0x6f, 0x08, 0x0081), HEALTH_OK, "inactive" },
		{ READ(0x6f, 0x0d, 0x0001), HEALTH_OK, "present" },
		{ READ(0x6f, 0x0d, 0x0003), HEALTH_FAILED, "drive fault" },
		{ READ(0x01, 0x01, 0x0000), HEALTH_OK, "s, ok" },
		{ READ(0x01, 0x01, 0x0008), HEALTH_OK, "above its non-critical limit" },
		{ READ(0x01, 0x01, 0x0010), HEALTH_FAILED, "above its critical limit" },
		{ READ(0x01, 0x04, 0x0006), HEALTH_FAILED, "below its critical limit" },
		{ READ(0x0b, 0x08, 0x0001), HEALTH_OK, "fully redundant" },
		{ READ(0x0b, 0x08, 0x0002), HEALTH_FAILED, "redundancy lost" },
		{ READ(0x07, 0x01, 0x0001), HEALTH_OK, "ok" },
		{ READ(0x07, 0x01, 0x0004), HEALTH_FAILED, "critical" },
		{ READ(0x03, 0x21, 0x0001), HEALTH_OK, "ok" },
		{ READ(0x03, 0x21, 0x0002), HEALTH_FAILED, "asserted" },
		{ READ(0x6f, 0x12, 0x0001), HEALTH_UNKNOWN, "type 12" },
		{ { .kind = FENCE_SENSOR_READING, .event_type = 1, .flags = 0x80 }, HEALTH_UNKNOWN, "no reading" },
		{ { .kind = FENCE_SENSOR_READING, .event_type = 1, .flags = 0xe0 }, HEALTH_UNKNOWN, "no reading" },
		{ { .kind = FENCE_SENSOR_ABSENT }, HEALTH_UNKNOWN, "no sensor \"s\"" },
		{ { .kind = FENCE_SENSOR_NONE }, HEALTH_UNKNOWN, "" },
	};
	struct config_imm imm = { .guid_none = true };
	struct ha_guid guid = { 0 };
	char detail[HEALTH_DETAIL];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fence_report report = { .type = FENCE_REPORT_SENSOR, .session = 1, .sensor = rows[i].sensor };
		enum health_result got = sensor_judge(&report, &imm, &guid, "s", detail);

		ck_assert_msg(got == rows[i].result && strstr(detail, rows[i].detail),
			"row %u: %s \"%s\", expected %s \"%s\"", i, health_result_name(got), detail,
			health_result_name(rows[i].result), rows[i].detail);
	}
	for (unsigned error = FENCE_OK + 1; error < FENCE_ERRORS; error++) {
		struct fence_report report = { .type = FENCE_REPORT_SENSOR, .error = (enum fence_error)error };

		ck_assert_int_eq(sensor_judge(&report, &imm, &guid, "s", detail), HEALTH_UNKNOWN);
		ck_assert_ptr_nonnull(strstr(detail, "own IMM: "));
	}
}
END_TEST

/* Whatever the IMM says in a record is read within its bounds. */
START_TEST(records)
{
	uint8_t record[64] = { 1, 0, 0x51, 0x02, 37, 0x20, 0, 0x2f, 0, 0, 0, 0, 0x08, 0x6f };
	struct fence_sdr sdr;

	memcpy(record + 31, "\xcaPS1 Status", 11);
	ck_assert(fence_sdr_parse(record, 42, &sdr));
	ck_assert_str_eq(sdr.name, "PS1 Status");
	ck_assert_uint_eq(sdr.number, 0x2f);
	ck_assert_uint_eq(sdr.type, 0x08);
	ck_assert_uint_eq(sdr.event_type, 0x6f);
	for (size_t length = 0; length < 42; length++)
		ck_assert(!fence_sdr_parse(record, length, &sdr));
	record[5] = 0x22; /* of another controller */
	ck_assert(!fence_sdr_parse(record, 42, &sdr));
	record[5] = 0x20;
	record[6] = 1; /* behind another LUN */
	ck_assert(!fence_sdr_parse(record, 42, &sdr));
	record[6] = 0;
	record[31] = 0x8a; /* 6-bit */
	ck_assert(!fence_sdr_parse(record, 42, &sdr));
	record[31] = 0xdf; /* reserved length */
	ck_assert(!fence_sdr_parse(record, 64, &sdr));
	record[31] = 0xca;
	record[3] = 0x01; /* a full record is longer */
	ck_assert(!fence_sdr_parse(record, 42, &sdr));
	record[3] = 0x11;
	ck_assert(!fence_sdr_parse(record, 42, &sdr));
}
END_TEST

int
main(void)
{
	char made[] = "/tmp/ha-fenced-own-XXXXXX";
	Suite *suite = suite_create("fence/own");
	TCase *pure = suite_case(suite, "pure"), *real = suite_case(suite, "ipmi_sim");

	if (access(IMM_SIMULATOR, X_OK) < 0) {
		fprintf(stderr, "test_own: skipped: no " IMM_SIMULATOR " (Debian package openipmi)\n");
		return 77;
	}
	directory = mkdtemp(made);
	if (!directory)
		return EXIT_FAILURE;
	tcase_add_test(pure, meanings);
	tcase_add_test(pure, records);
	tcase_set_timeout(real, 120);
	tcase_add_checked_fixture(real, set_up, tear_down);
	tcase_add_test(real, readings);
	tcase_add_test(real, by_schedule);
	tcase_add_test(real, another_machines);
	tcase_add_test(real, wrong_password);
	tcase_add_test(real, gone_and_back);
	int status = suite_run(suite);

	remove_tree(directory);
	return status;
}
