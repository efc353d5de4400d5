#include "daemon/sensors.h"

#include "daemon/sensor.h"
#include "lib/time.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST (200 * HA_MS) /* the first question: the process that asks is just being started */

struct sensor {
	ha_time due;      /* by schedule; HA_NEVER: not */
	uint32_t asked;   /* the question under way; 0: none */
	uint32_t token;   /* of the order that it is for; 0: by schedule */
	uint32_t ordered; /* to be asked next; 0: none */
	ha_time since, deadline;
};

struct sensors {
	const struct config *config;
	const struct ha_guid *guid;
	struct sensors_handler handler;
	sd_event_source *timer;
	bool master;
	uint32_t question;                 /* counts them */
	struct sensor list[CONFIG_CHECKS]; /* as the configuration's checks; those of other types are not used */
};

static bool
is_sensor(const struct sensors *sensors, unsigned index)
{
	return sensors->config->checks[index].type == CONFIG_CHECK_IMM;
}

static void
arm(struct sensors *sensors)
{
	ha_time at = HA_NEVER;

	for (unsigned i = 0; i < sensors->config->check_count; i++) {
		const struct sensor *sensor = &sensors->list[i];

		if (is_sensor(sensors, i))
			at = ha_time_min(at, sensor->asked != 0     ? sensor->deadline
					     : sensor->ordered != 0 ? 0
								    : sensor->due);
	}
	(void)sd_event_source_set_time(sensors->timer, at);
	(void)sd_event_source_set_enabled(sensors->timer, at == HA_NEVER ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

static void
ask(struct sensors *sensors, unsigned index, ha_time now)
{
	const struct config_check *check = &sensors->config->checks[index];
	struct sensor *sensor = &sensors->list[index];
	struct fence_order order = { .type = FENCE_ORDER_SENSOR };

	sensors->question = sensors->question == UINT32_MAX ? 1 : sensors->question + 1;
	sensor->asked = sensors->question;
	sensor->token = sensor->ordered;
	sensor->ordered = 0;
	sensor->since = now;
	sensor->deadline = now + check->timeout;
	if (sensor->due != HA_NEVER && now >= sensor->due)
		sensor->due = now + check->interval;
	order.token = sensor->asked;
	order.not_after = sensor->deadline;
	memcpy(order.sensor, check->target, strnlen(check->target, FENCE_SENSOR_NAME - 1));
	sensors->handler.order(sensors->handler.userdata, &order);
}

static void
settle(struct sensors *sensors, unsigned index, const struct fence_report *report, ha_time now)
{
	const struct config_imm *imm = &config_local(sensors->config)->imm;
	struct sensor *sensor = &sensors->list[index];
	struct health_report result = { .type = HEALTH_REPORT_RESULT,
		.token = sensor->token,
		.index = (uint16_t)index,
		.asked = sensor->since,
		.answered = now };

	sensor->asked = 0;
	result.result = sensor_judge(report, imm, sensors->guid, sensors->config->checks[index].target, result.detail);
	sensors->handler.result(sensors->handler.userdata, &result);
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	static const struct fence_report nothing = { .type = FENCE_REPORT_SENSOR, .error = FENCE_TIMEOUT };
	struct sensors *sensors = userdata;
	ha_time now = ha_now();

	(void)source;
	(void)usec;
	for (unsigned i = 0; i < sensors->config->check_count; i++) {
		struct sensor *sensor = &sensors->list[i];

		if (!is_sensor(sensors, i))
			continue;
		if (sensor->asked != 0 && now >= sensor->deadline)
			settle(sensors, i, &nothing, now);
		if (sensor->asked == 0 && (sensor->ordered != 0 || now >= sensor->due))
			ask(sensors, i, now);
	}
	arm(sensors);
	return 0;
}

void
sensors_take(struct sensors *sensors, const struct fence_report *report)
{
	for (unsigned i = 0; i < sensors->config->check_count; i++)
		if (is_sensor(sensors, i) && sensors->list[i].asked != 0 && sensors->list[i].asked == report->token) {
			settle(sensors, i, report, ha_now());
			break;
		}
	arm(sensors);
}

void
sensors_probe(struct sensors *sensors, unsigned index, uint32_t token)
{
	sensors->list[index].ordered = token;
	arm(sensors);
}

static void
schedule(struct sensors *sensors, unsigned index)
{
	const struct config_check *check = &sensors->config->checks[index];

	sensors->list[index].due = check->when_master && !sensors->master ? HA_NEVER : ha_now() + FIRST;
}

void
sensors_mode(struct sensors *sensors, bool master)
{
	if (sensors->master == master)
		return;
	sensors->master = master;
	for (unsigned i = 0; i < sensors->config->check_count; i++)
		if (sensors->config->checks[i].when_master)
			schedule(sensors, i);
	arm(sensors);
}

void
sensors_configure(struct sensors *sensors, const struct config *config)
{
	sensors->config = config;
	memset(sensors->list, 0, sizeof(sensors->list));
	for (unsigned i = 0; i < config->check_count; i++)
		schedule(sensors, i);
	arm(sensors);
}

int
sensors_open(sd_event *event, const struct config *config, const struct ha_guid *guid,
	const struct sensors_handler *handler, struct sensors **ret)
{
	struct sensors *sensors = calloc(1, sizeof(*sensors));
	int r;

	if (!sensors)
		return -ENOMEM;
	sensors->guid = guid;
	sensors->handler = *handler;
	r = sd_event_add_time(event, &sensors->timer, CLOCK_BOOTTIME, HA_NEVER, 1, on_timer, sensors);
	if (r < 0) {
		free(sensors);
		return r;
	}
	sensors_configure(sensors, config);
	*ret = sensors;
	return 0;
}

void
sensors_close(struct sensors *sensors)
{
	if (!sensors)
		return;
	sd_event_source_unref(sensors->timer);
	free(sensors);
}
