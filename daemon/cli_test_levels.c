#include "daemon/cli_test_levels.h"

#include "daemon/cli_results.h"
#include "lib/time.h"

#include <stdio.h>

#define FIRST_TOKEN   100
#define LEVEL_HIGHEST 9

int
cli_test_levels_begin(
	struct cli_test_levels *levels, const struct config_node *peer, struct cli_worker *worker, ha_time until)
{
	int r = 0;

	*levels = (struct cli_test_levels){ .peer = peer };
	for (unsigned i = 0; r == 0 && i < peer->device_count; i++) {
		const struct fence_order order = { .type = FENCE_ORDER_READ,
			.device = (uint8_t)(i + 1),
			.token = FIRST_TOKEN + i,
			.not_after = until };

		r = cli_worker_send(worker, &order);
	}
	return r;
}

void
cli_test_levels_take(struct cli_test_levels *levels, const struct fence_report *report)
{
	unsigned i = report->device - 1U;

	if (i >= levels->peer->device_count || report->type != FENCE_REPORT_ANSWER ||
		report->token != FIRST_TOKEN + i || levels->answered[i])
		return;
	levels->answered[i] = true;
	levels->reports[i] = *report;
	levels->answers++;
}

bool
cli_test_levels_done(const struct cli_test_levels *levels)
{
	return levels->answers == levels->peer->device_count;
}

/* What to correct for an agent that did not say the state. */
static const char *
remedy_of(enum fence_error error)
{
	switch (error) {
	case FENCE_CONFIG:
		return "is the agent installed, and are its options right? It is given those of nodes.devices,\n"
		       "and what is in password_file";
	case FENCE_UNREACHABLE:
		return "power, cable and VLAN of the power unit; ip and, where it is a login, password among the "
		       "options\n"
		       "(fence-agents say no more than that they could not connect)";
	case FENCE_AUTHENTICATION:
		return "compare the user among the options, and password_file, with the power unit's user list";
	case FENCE_PRIVILEGE:
		return "give that user of the power unit the right to switch this outlet";
	case FENCE_OK:
	case FENCE_CIPHER:
	case FENCE_SESSIONS:
	case FENCE_REFUSED:
	case FENCE_GARBAGE:
	case FENCE_TIMEOUT:
	case FENCE_NOT_SENT:
	case FENCE_WORKER:
	case FENCE_ERRORS:
		break;
	}
	return "run the agent by hand with the same options and action=status: what does it print?";
}

static void
judge_outlet(const struct cli_test_levels *levels, unsigned i, bool heard, json_t *results)
{
	const struct config_device *device = &levels->peer->devices[i];
	const struct fence_report *report = &levels->reports[i];
	char check[CONFIG_NAME_MAX + 8];
	double ms = (double)ha_time_since(report->answered, report->asked) / (double)HA_MS;

	(void)snprintf(check, sizeof(check), "outlet-%s", device->name);
	if (!levels->answered[i])
		cli_result_add(results, check, CLI_WARNING, CLI_NO_TIME,
			"an agent may take longer than this test (nodes.devices.timeout); what the daemon has seen:\n"
			"ha-fence --json status     (fence.devices)",
			"level %u: %s has not answered yet", device->level, device->agent);
	else if (report->error != FENCE_OK || report->power == FENCE_POWER_UNKNOWN)
		cli_result_add(results, check, CLI_FAIL, CLI_NO_TIME, remedy_of(report->error), "level %u: %s %s",
			device->level, device->agent,
			fence_error_text(report->error == FENCE_OK ? FENCE_GARBAGE : report->error));
	else if (report->power == FENCE_POWER_OFF && heard)
		cli_result_add(results, check, CLI_FAIL, ms,
			"correct its plug, or switch it on again: an outlet that is off by itself proves nothing",
			"level %u: off, but %s is heard: it does not feed that node", device->level,
			levels->peer->name);
	else if (report->power == FENCE_POWER_OFF)
		cli_result_add(results, check, CLI_WARNING, ms,
			"switch it on: an outlet that is off by itself proves nothing", "level %u: off", device->level);
	else
		cli_result_add(results, check, CLI_PASS, ms, NULL, "level %u: on, by %s", device->level, device->agent);
}

static void
judge_feeds(const struct cli_test_levels *levels, unsigned level, json_t *results)
{
	unsigned count = 0;

	for (unsigned i = 0; i < levels->peer->device_count; i++)
		count += levels->peer->devices[i].level == level;
	if (count == 1)
		cli_result_add(results, "power-feeds", CLI_WARNING, CLI_NO_TIME,
			"if that node has a second power supply, add its outlet as another device of the same level;\n"
			"if it has one supply only, all is well",
			"level %u of %s has one outlet: a second power supply would keep it running", level,
			levels->peer->name);
	else if (count > 1)
		cli_result_add(results, "power-feeds", CLI_PASS, CLI_NO_TIME, NULL,
			"level %u of %s switches %u outlets together", level, levels->peer->name, count);
}

void
cli_test_levels_judge(const struct cli_test_levels *levels, bool heard, json_t *results)
{
	for (unsigned i = 0; i < levels->peer->device_count; i++)
		judge_outlet(levels, i, heard, results);
	for (unsigned level = 2; level <= LEVEL_HIGHEST; level++)
		judge_feeds(levels, level, results);
}
