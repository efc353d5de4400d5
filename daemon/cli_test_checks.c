#include "daemon/cli_test.h"

#include "daemon/cli_text.h"
#include "daemon/cli_worker.h"
#include "daemon/sensor.h"
#include "health/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define REMEDY (2 * CONFIG_TEXT_MAX + 64)

struct outcome {
	bool answered;
	struct health_report report;
};

struct cli_test_checks {
	struct cli_test *test;
	pid_t pid;
	int fd, error; /* negative errno: the process could not be asked */
	sd_event_source *source;
	struct cli_worker fence; /* for checks of type imm: only it has the credentials */
	unsigned missing;
	struct outcome outcomes[HEALTH_CHECKS];
};

static void
done(struct cli_test_checks *checks)
{
	if (checks->source)
		(void)sd_event_source_set_enabled(checks->source, SD_EVENT_OFF);
	cli_test_area_done(checks->test);
}

/* It runs every check soon after its start by itself; those of the master only when it is told so. */
static int
ask_all(const struct cli_test_checks *checks)
{
	struct health_order order = { .type = HEALTH_ORDER_MODE, .master = true };
	uint8_t buffer[HEALTH_ORDER_BYTES];
	size_t length = health_order_encode(&order, buffer);

	return send(checks->fd, buffer, length, MSG_NOSIGNAL) == (ssize_t)length ? 0 : -errno;
}

static void
take(struct cli_test_checks *checks, const struct health_report *report)
{
	struct outcome *outcome = &checks->outcomes[report->index];

	if (report->index >= checks->test->config->check_count || outcome->answered)
		return;
	outcome->answered = true;
	outcome->report = *report;
	if (--checks->missing == 0)
		done(checks);
}

/* --- one's own IMM: orders carry the check's place, from 1 --- */

static void
on_fence(void *userdata, const struct fence_report *report, int error)
{
	struct cli_test_checks *checks = userdata;
	struct health_report result = { .type = HEALTH_REPORT_RESULT };
	const struct config *config = checks->test->config;

	if (error < 0 && checks->error == 0 && checks->missing > 0) {
		checks->error = error;
		done(checks);
	}
	if (error < 0 || report->type != FENCE_REPORT_SENSOR || report->token == 0 ||
		report->token > config->check_count)
		return;
	result.index = (uint16_t)(report->token - 1);
	result.asked = report->asked;
	result.answered = report->answered;
	result.result = sensor_judge(report, &config_local(config)->imm, &checks->test->own,
		config->checks[result.index].target, result.detail);
	take(checks, &result);
}

static int
ask_imm(struct cli_test_checks *checks)
{
	const struct config *config = checks->test->config;
	int r = 0;

	for (unsigned i = 0; i < config->check_count && r >= 0; i++) {
		struct fence_order order = {
			.type = FENCE_ORDER_SENSOR, .token = i + 1, .not_after = ha_now() + config->checks[i].timeout
		};

		if (config->checks[i].type != CONFIG_CHECK_IMM)
			continue;
		if (checks->fence.pid == 0)
			r = cli_worker_open(&checks->fence, checks->test->event, config->path,
				config_local(config)->name, true, on_fence, checks);
		memcpy(order.sensor, config->checks[i].target,
			strnlen(config->checks[i].target, sizeof(order.sensor) - 1));
		if (r >= 0)
			r = cli_worker_send(&checks->fence, &order);
	}
	return r;
}

/* --- the others --- */

static int
on_reports(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct cli_test_checks *checks = userdata;
	uint8_t buffer[HEALTH_REPORT_BYTES];
	struct health_report report;
	ssize_t n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

	(void)source;
	(void)events;
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0 || health_report_decode(buffer, (size_t)n, &report) < 0)
		checks->error = n < 0 ? -errno : n == 0 ? -ECONNRESET : -EBADMSG;
	else if (report.type == HEALTH_REPORT_RESULT)
		take(checks, &report);
	else if (report.count != checks->test->config->check_count)
		checks->error = -EBADMSG;
	else
		checks->error = ask_all(checks);
	if (checks->error < 0)
		done(checks);
	return 0;
}

int
cli_test_checks_begin(struct cli_test *test, struct cli_test_checks **ret)
{
	struct cli_test_checks *checks;
	int r;

	if (test->config->check_count == 0)
		return 0;
	checks = calloc(1, sizeof(*checks));
	if (!checks)
		return -ENOMEM;
	checks->test = test;
	checks->fd = checks->fence.fd = -1;
	checks->missing = test->config->check_count;
	*ret = checks;
	r = cli_worker_start("ha-fenced-health", test->config->path, config_local(test->config)->name, NULL,
		&checks->pid, &checks->fd);
	if (r >= 0)
		r = sd_event_add_io(test->event, &checks->source, checks->fd, EPOLLIN, on_reports, checks);
	if (r >= 0)
		r = ask_imm(checks);
	if (r < 0)
		checks->error = r;
	else
		test->waiting++;
	return 0;
}

static const char *
remedy_of(const struct config_imm *own, const struct config_check *check, char text[REMEDY])
{
	char address[HA_ADDRESS_TEXT], imm[HA_ADDRESS_TEXT];

	(void)ha_address_format(&own->address, imm);
	(void)ha_address_format(&check->address, address);
	switch (check->type) {
	case CONFIG_CHECK_HTTP:
		(void)snprintf(text, REMEDY, "curl -v %s", check->target);
		return text;
	case CONFIG_CHECK_NFS:
		(void)snprintf(text, REMEDY, "findmnt %s; ls %s", check->target, check->target);
		return text;
	case CONFIG_CHECK_LINK:
		(void)snprintf(text, REMEDY, "ip -s link show dev %s; ethtool %s", check->target, check->target);
		return text;
	case CONFIG_CHECK_UNIT:
		(void)snprintf(text, REMEDY, "systemctl status %s", check->target);
		return text;
	case CONFIG_CHECK_SCRIPT:
		(void)snprintf(text, REMEDY, "%s; echo $?", check->target);
		return text;
	case CONFIG_CHECK_IMM:
		(void)snprintf(text, REMEDY, "ipmitool -I lanplus -C 3 -H %s -U %s -L OPERATOR %s", imm, own->username,
			check->target[0] == '\0' ? "chassis status" : "sdr elist");
		return text;
	case CONFIG_CHECK_TCP:
		(void)snprintf(text, REMEDY, "nc -vz %s %u", address, check->port);
		return text;
	case CONFIG_CHECK_PING:
		(void)snprintf(text, REMEDY, "%s %s", check->arp ? "arping -c 3" : "ping -c 3", address);
		return text;
	case CONFIG_CHECK_FILE:
		(void)snprintf(text, REMEDY, "%s %s", check->must_exist ? "touch" : "rm", check->target);
		return text;
	}
	return NULL;
}

static bool
is_master(const struct cli_test *test)
{
	return strcmp(cli_json_string(test->daemon, "state", ""), "MASTER") == 0;
}

static void
judge(struct cli_test *test, const struct config_check *check, const struct outcome *outcome)
{
	const struct health_report *report = &outcome->report;
	const struct config_imm *own = &config_local(test->config)->imm;
	char name[CONFIG_NAME_MAX + 8], remedy[REMEDY];

	(void)snprintf(name, sizeof(name), "check-%s", check->name);
	if (!outcome->answered)
		cli_result_add(test->results, name, CLI_FAIL, CLI_NO_TIME, remedy_of(own, check, remedy),
			"no answer while this test ran (its timeout is %.1f s)",
			(double)check->timeout / (double)HA_SEC);
	else if (report->result == HEALTH_OK)
		cli_result_add(test->results, name, CLI_PASS,
			(double)(report->answered - report->asked) / (double)HA_MS, NULL, "%s", report->detail);
	else if (check->when_master && !is_master(test))
		cli_result_add(test->results, name, CLI_SKIP, CLI_NO_TIME, NULL, "%s; it counts on the master only",
			report->detail);
	else
		cli_result_add(test->results, name, CLI_FAIL,
			(double)(report->answered - report->asked) / (double)HA_MS, remedy_of(own, check, remedy), "%s",
			report->detail);
}

void
cli_test_checks_finish(struct cli_test_checks *checks, struct cli_test *test)
{
	if (!checks)
		return;
	if (checks->error < 0)
		cli_result_add(test->results, "checks", CLI_FAIL, CLI_NO_TIME,
			"is ha-fenced-health installed beside ha-fence, or in ../libexec/ha-fenced?",
			"the health process: %s", strerror(-checks->error));
	else
		for (unsigned i = 0; i < test->config->check_count; i++)
			judge(test, &test->config->checks[i], &checks->outcomes[i]);
	sd_event_source_unref(checks->source);
	cli_worker_end(&checks->pid, &checks->fd);
	cli_worker_close(&checks->fence);
	free(checks);
}
