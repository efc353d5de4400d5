#include "daemon/health.h"

#include "daemon/process.h"
#include "daemon/sensors.h"
#include "health/verdict.h"
#include "lib/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 2

_Static_assert(sizeof(struct node_health) == sizeof(struct health_state), "the same fields");

struct daemon_health {
	sd_event *event;
	sd_event_source *timer;
	const struct config *config;
	struct daemon_health_handler handler;
	struct process *process; /* NULL: no checks */
	struct sensors *sensors; /* the checks of type imm: not that process's */
	struct process *own;     /* a fence process that asks our own IMM for them; NULL: no such check */
	uint8_t own_alive[FENCE_ORDER_BYTES];
	uint8_t alive[HEALTH_ORDER_BYTES];
	bool matches; /* it has read the configuration that we have */
	bool told;    /* `state` is what the node knows */
	struct health_state state;
	struct health_verdict verdict;
	struct health_round rounds[ROUNDS]; /* by enum health_round_kind */
	uint32_t questions[ROUNDS];         /* the node's token of each */
	uint32_t token;                     /* of the newest round */
};

static void
look(struct daemon_health *health)
{
	ha_time now = ha_now(), at = health_verdict_deadline(&health->verdict, now);
	struct health_state state = health_verdict_state(&health->verdict, now);
	for (unsigned i = 0; i < ROUNDS; i++)
		at = ha_time_min(at, health_round_deadline(&health->rounds[i]));
	(void)sd_event_source_set_time(health->timer, at);
	(void)sd_event_source_set_enabled(health->timer, at == HA_NEVER ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
	if (!health->told || (state.fit == health->state.fit && state.storage == health->state.storage &&
				     state.effective_priority == health->state.effective_priority &&
				     state.check_failed == health->state.check_failed &&
				     state.storage_hung == health->state.storage_hung))
		return;
	health->state = state;
	struct node_event event = { .type = NODE_EV_HEALTH,
		.health = { .fit = state.fit,
			.storage = state.storage,
			.storage_since = state.storage_since,
			.effective_priority = state.effective_priority,
			.check_failed = state.check_failed,
			.storage_hung = state.storage_hung } };
	health->handler.event(health->handler.userdata, &event);
}

/* --- rounds --- */

static void
settle(struct daemon_health *health, enum health_round_kind kind)
{
	struct health_round *round = &health->rounds[kind];
	struct node_event event = { .type = kind == HEALTH_ROUND_REQUIRED ? NODE_EV_FIT_PROBE : NODE_EV_STORAGE_PROBE,
		.token = health->questions[kind],
		.ok = round->state == HEALTH_ROUND_GOOD };
	if (round->state != HEALTH_ROUND_GOOD && round->state != HEALTH_ROUND_BAD)
		return;
	round->state = HEALTH_ROUND_NONE;
	health->handler.event(health->handler.userdata, &event);
}

static int
order(struct daemon_health *health, const struct health_order *what)
{
	uint8_t buffer[HEALTH_ORDER_BYTES];
	size_t length = health_order_encode(what, buffer);
	return health->process == NULL ? -ENOTCONN : process_send(health->process, buffer, length);
}

static void
begin_round(struct daemon_health *health, enum health_round_kind kind, uint32_t question)
{
	struct health_round *round = &health->rounds[kind];
	health->questions[kind] = question;
	health->token = health->token == UINT32_MAX ? 1 : health->token + 1;
	health_round_begin(round, &health->verdict, kind, health->token, ha_now());
	/* One order for all: so many as there can be checks would not fit into the socket. */
	struct health_order probe = { .type = HEALTH_ORDER_PROBE, .token = round->token };
	for (unsigned i = 0; i < health->verdict.count; i++) {
		if (round->wanted[i] && health->config->checks[i].type == CONFIG_CHECK_IMM)
			sensors_probe(health->sensors, i, round->token);
		else if (round->wanted[i])
			health_set_add(&probe.wanted, i);
	}
	if (!health_set_is_empty(&probe.wanted) && (!health->matches || order(health, &probe) < 0))
		health_round_lost(round);
	settle(health, kind);
	look(health);
}

void
daemon_health_probe_fit(struct daemon_health *health, uint32_t token)
{
	begin_round(health, HEALTH_ROUND_REQUIRED, token);
}

void
daemon_health_probe_storage(struct daemon_health *health, uint32_t token)
{
	begin_round(health, HEALTH_ROUND_STORAGE, token);
}

static void
lose_rounds(struct daemon_health *health)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		health_round_lost(&health->rounds[i]);
		settle(health, (enum health_round_kind)i);
	}
}

/* --- the process --- */

static void
tell_mode(struct daemon_health *health)
{
	(void)order(health, &(struct health_order){ .type = HEALTH_ORDER_MODE, .master = health->verdict.master });
	sensors_mode(health->sensors, health->verdict.master);
}

/* Its indexes are those of the file that it has read, perhaps another than ours by now. */
static void
take_hello(struct daemon_health *health, const struct health_report *report)
{
	bool matches = report->count == health->config->check_count &&
		       memcmp(report->digest, health->config->digest, HEALTH_DIGEST) == 0;
	if (!matches)
		ha_log(LOG_ERR,
			"the health process has not read the configuration in force from %s: no check counts; "
			"ha-fence reload",
			health->config->path);
	else if (!health->matches)
		tell_mode(health);
	health->matches = matches;
}

static void
say_turn(const struct daemon_health *health, const struct health_report *report)
{
	const struct config_check *check = &health->config->checks[report->index];
	bool up = health->verdict.checks[report->index].up;
	ha_log(up ? LOG_NOTICE : LOG_WARNING, "check %s is %s: %s", check->name, up ? "up" : "DOWN", report->detail);
}

static void
take_result(struct daemon_health *health, const struct health_report *report)
{
	if (health_verdict_report(&health->verdict, report, ha_now()))
		say_turn(health, report);
	for (unsigned i = 0; i < ROUNDS; i++) {
		health_round_report(&health->rounds[i], report);
		settle(health, (enum health_round_kind)i);
	}
}

static void
on_sensor(void *userdata, const struct health_report *report)
{
	struct daemon_health *health = userdata;
	take_result(health, report);
	look(health);
}

static void
on_sensor_order(void *userdata, const struct fence_order *what)
{
	struct daemon_health *health = userdata;
	uint8_t buffer[FENCE_ORDER_BYTES];
	size_t length = fence_order_encode(what, buffer);
	/* Not sent: its deadline comes. */
	if (health->own != NULL)
		(void)process_send(health->own, buffer, length);
}

static bool
on_own_packet(void *userdata, const uint8_t *data, size_t length)
{
	struct daemon_health *health = userdata;
	struct fence_report report;
	if (fence_report_decode(data, length, &report) < 0)
		return false;
	if (report.type == FENCE_REPORT_SENSOR)
		sensors_take(health->sensors, &report);
	return true;
}

static bool
on_packet(void *userdata, const uint8_t *data, size_t length)
{
	struct daemon_health *health = userdata;
	struct health_report report;
	if (health_report_decode(data, length, &report) < 0)
		return false;
	if (report.type == HEALTH_REPORT_HELLO)
		take_hello(health, &report);
	else if (health->matches)
		take_result(health, &report);
	look(health);
	return true;
}

static void
on_process(void *userdata, bool running, bool planned)
{
	struct daemon_health *health = userdata;
	(void)planned;
	health->matches = false;
	if (!running)
		lose_rounds(health);
	/* The first start is none of the node's business. */
	struct node_event event = { .type = NODE_EV_WORKER, .worker = 1, .ok = running };
	if (!running || process_restarts(health->process) > 0)
		health->handler.event(health->handler.userdata, &event);
	look(health);
}

static void
on_own_process(void *userdata, bool running, bool planned)
{
	struct daemon_health *health = userdata;
	(void)planned;
	struct node_event event = { .type = NODE_EV_WORKER, .worker = 1, .ok = running };
	if (!running || process_restarts(health->own) > 0)
		health->handler.event(health->handler.userdata, &event);
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon_health *health = userdata;
	ha_time now = ha_now();
	(void)source;
	(void)usec;
	for (unsigned i = 0; i < ROUNDS; i++) {
		health_round_timer(&health->rounds[i], now);
		settle(health, (enum health_round_kind)i);
	}
	look(health);
	return 0;
}

static int
open_process(struct daemon_health *health)
{
	const struct config *config = health->config;
	struct process_config process = { .program = "ha-fenced-health",
		.what = "health process",
		.config = config->path,
		.node = config_local(config)->name,
		.alive = health->alive,
		.alive_length =
			health_order_encode(&(struct health_order){ .type = HEALTH_ORDER_HELLO }, health->alive) };
	struct process_handler handler = { .userdata = health, .packet = on_packet, .state = on_process };
	if (config->check_count == 0)
		return 0;
	return process_open(health->event, &process, &handler, &health->process);
}

/* A process of its own: whatever an IMM's sensors do to it, fencing goes on. */
static int
open_own(struct daemon_health *health)
{
	const struct config *config = health->config;
	struct process_config process = { .program = "ha-fenced-fence",
		.option = "--own",
		.what = "process that asks the own IMM",
		.config = config->path,
		.node = config_local(config)->name,
		.alive = health->own_alive,
		.alive_length =
			fence_order_encode(&(struct fence_order){ .type = FENCE_ORDER_ALIVE }, health->own_alive),
		.farewell = true };
	struct process_handler handler = { .userdata = health, .packet = on_own_packet, .state = on_own_process };
	for (unsigned i = 0; i < config->check_count; i++)
		if (config->checks[i].type == CONFIG_CHECK_IMM)
			return process_open(health->event, &process, &handler, &health->own);
	return 0;
}

int
daemon_health_open(sd_event *event, const struct config *config, const struct ha_guid *guid,
	const struct daemon_health_handler *handler, struct daemon_health **ret)
{
	struct daemon_health *health = calloc(1, sizeof(*health));
	if (health == NULL)
		return -ENOMEM;
	health->event = event;
	health->config = config;
	health->handler = *handler;
	health_verdict_init(
		&health->verdict, config->checks, config->check_count, config_local(config)->priority, ha_now());
	int r = sd_event_add_time(event, &health->timer, CLOCK_BOOTTIME, HA_NEVER, 1, on_timer, health);
	struct sensors_handler sensors = { .userdata = health, .order = on_sensor_order, .result = on_sensor };
	if (r >= 0)
		r = sensors_open(event, config, guid, &sensors, &health->sensors);
	if (r >= 0)
		r = open_process(health);
	if (r >= 0)
		r = open_own(health);
	if (r < 0) {
		daemon_health_close(health);
		return r;
	}
	*ret = health;
	return 0;
}

void
daemon_health_close(struct daemon_health *health)
{
	if (health == NULL)
		return;
	process_close(health->process);
	process_close(health->own);
	sensors_close(health->sensors);
	sd_event_source_unref(health->timer);
	free(health);
}

int
daemon_health_configure(struct daemon_health *health, const struct config *config)
{
	lose_rounds(health);
	health->config = config;
	health_verdict_reload(
		&health->verdict, config->checks, config->check_count, config_local(config)->priority, ha_now());
	sensors_configure(health->sensors, config);
	process_close(health->process);
	process_close(health->own);
	health->process = health->own = NULL;
	health->matches = false;
	/* The node has set its priority back to the configured one. */
	health->state.effective_priority = 0;
	int r = open_process(health);
	if (r >= 0)
		r = open_own(health);
	look(health);
	return r;
}

void
daemon_health_mode(struct daemon_health *health, bool master)
{
	if (health->told && master == health->verdict.master)
		return;
	if (master != health->verdict.master) {
		health_verdict_mode(&health->verdict, master, ha_now());
		tell_mode(health);
	}
	health->told = true;
	look(health);
}

/* --- status --- */

static json_t *
check_json(const struct daemon_health *health, unsigned index, int64_t wall)
{
	const struct config_check *configured = &health->config->checks[index];
	const struct health_check *check = &health->verdict.checks[index];
	bool counts = health_verdict_counts(&health->verdict, index);
	const char *detail = !counts ? "runs on the master only"
			     : !health->matches && configured->type != CONFIG_CHECK_IMM
				     ? "the health process does not answer"
			     : check->asked == 0 ? "not answered yet"
						 : check->detail;
	json_t *json = json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:b}", "name", configured->name, "type",
		config_check_type_name(configured->type), "ok",
		counts && check->answered ? json_boolean(check->up) : json_null(), "detail", detail, "when",
		configured->when_master ? "master" : "always", "since",
		check->answered ? json_real((double)((int64_t)check->since + wall) / 1e6) : json_null(), "ms",
		check->asked != 0 ? json_real((double)check->took / (double)HA_MS) : json_null(), "required_to_fence",
		configured->required_to_fence);
	if (configured->weighted)
		json_object_set_new(json, "weight", json_integer(configured->weight));
	return json;
}

unsigned
daemon_health_restarts(const struct daemon_health *health)
{
	return health->process == NULL ? 0 : process_restarts(health->process);
}

json_t *
daemon_health_json(const struct daemon_health *health, int64_t wall)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < health->config->check_count; i++)
		json_array_append_new(array, check_json(health, i, wall));
	return array;
}
