#include "test/unit/ipmi_bed.h"

#include "test/unit/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct bed *bed;
static char directory[] = "/tmp/ha-fenced-traps-XXXXXX"; /* of this run; the parent process removes it */

static void
take_report(void *userdata, const struct fence_report *report)
{
	struct bed *b = userdata;

	ck_assert_uint_lt(b->count, REPORTS);
	b->reports[b->count++] = *report;
}

void
bed_setup(void)
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

void
bed_teardown(void)
{
	fence_ipmi_close(bed->ipmi);
	proxy_close(&bed->proxy);
	sd_event_unref(bed->event);
	imm_stop(&bed->imm);
	free(bed);
}

void
open_ipmi(void)
{
	struct fence_ipmi_config config = {
		.imm = &bed->config,
		.login_timeout = LOGIN_TIMEOUT,
		.monitor_interval = bed->monitor_interval,
	};

	ck_assert_int_eq(fence_ipmi_open(bed->event, &config, take_report, bed, &bed->ipmi), 0);
}

void
bed_step(void)
{
	ck_assert_int_ge(sd_event_run(bed->event, 10 * HA_MS), 0);
}

void
run_for(ha_time time)
{
	for (ha_time end = ha_now() + time; ha_now() < end;)
		bed_step();
}

const struct fence_report *
wait_device(enum fence_error error, bool reading, unsigned from, ha_time limit)
{
	ha_time end = ha_now() + limit;

	for (unsigned i = from;; bed_step()) {
		for (; i < bed->count; i++) {
			const struct fence_report *report = &bed->reports[i];

			if (report->type == FENCE_REPORT_DEVICE && report->error == error &&
				(!reading || report->power != FENCE_POWER_UNKNOWN))
				return report;
		}
		ck_assert_msg(ha_now() < end, "no report of the device that says %s", fence_error_name(error));
	}
}

const struct fence_report *
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

const struct fence_report *
wait_answer(uint32_t token, ha_time limit)
{
	for (ha_time end = ha_now() + limit;; bed_step()) {
		const struct fence_report *report = find_answer(token);

		if (report)
			return report;
		ck_assert_msg(ha_now() < end, "order %u was not answered", token);
	}
}

uint32_t
give_order_until(enum fence_order_type type, uint64_t session, ha_time not_after)
{
	struct fence_order order = { .type = type, .token = ++bed->token, .session = session, .not_after = not_after };

	fence_ipmi_execute(bed->ipmi, &order);
	return order.token;
}

uint32_t
give_order(enum fence_order_type type, uint64_t session)
{
	return give_order_until(type, session, ha_now() + 200 * HA_MS);
}

struct fence_report
read_power(void)
{
	return *wait_answer(give_order(FENCE_ORDER_READ, 0), 10 * HA_SEC);
}

uint64_t
log_in(void)
{
	open_ipmi();
	return wait_device(FENCE_OK, true, 0, 5 * HA_SEC)->session;
}

void
assert_never_off(void)
{
	for (unsigned i = 0; i < bed->count; i++)
		ck_assert_int_ne(bed->reports[i].power, FENCE_POWER_OFF);
}

int
bed_main(Suite *suite)
{
	int status;

	if (access(IMM_SIMULATOR, X_OK) < 0) {
		fprintf(stderr, "skipped: no " IMM_SIMULATOR " (Debian package openipmi)\n");
		return 77;
	}
	if (!mkdtemp(directory)) {
		perror(directory);
		return EXIT_FAILURE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	status = suite_run(suite);
	remove_tree(directory);
	return status;
}
