#include "fence/own.h"

#include "fence/ask.h"
#include "fence/retry.h"
#include "fence/sensor.h"
#include "fence/session.h"
#include "lib/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* IPMI 2.0: chapter and command. */
#define NETFN_CHASSIS      0x00
#define GET_CHASSIS_STATUS 0x01 /* 28.2 */
#define NETFN_SENSOR       0x04
#define GET_SENSOR_READING 0x2d /* 35.14 */
#define NETFN_APP          0x06
#define GET_SYSTEM_GUID    0x37 /* 22.14 */
#define NETFN_STORAGE      0x0a
#define RESERVE_SDR        0x22 /* 33.11 */
#define GET_SDR            0x23 /* 33.12 */

#define CC_OK               0x00
#define CC_INVALID_COMMAND  0xc1
#define CC_RESERVATION_LOST 0xc5
#define CC_TOO_MANY_BYTES   0xca
#define CC_NOT_PRESENT      0xcb
#define CC_UNSPECIFIED      0xff

#define JOBS       32
#define SENSORS    256
#define RECORDS    4096 /* in one walk: an IMM whose records lead in a circle is left */
#define RECORD     80   /* of which so much is read */
#define HEADER     5    /* 43: record ID, version, type, length */
#define CHUNK      32   /* read at a time, until the IMM says that it is too much */
#define LAST       0xffff
#define ANSWER     64
#define DEADLINE   (5 * HA_SEC)  /* of a request */
#define IDLE       (20 * HA_SEC) /* so long without an order: the session is given back */
#define RETRANSMIT (500 * HA_MS)
#define LOOK_AGAIN (60 * HA_SEC) /* for a sensor that was not there */

enum asking { NOTHING, GUID, STATUS, RESERVE, READ_HEADER, READ_RECORD, READING };

struct job {
	uint32_t token;
	ha_time not_after;
	char sensor[FENCE_SENSOR_NAME];
};

struct fence_own {
	struct fence_os *os;
	sd_event *event;
	sd_event_source *work, *timer;
	struct config_imm imm;
	ha_time login_timeout;
	fence_own_handler *handler;
	void *userdata;

	struct fence_session *session; /* NULL: none */
	bool down;
	enum fence_error error; /* why it is down, or was */
	uint64_t sessions;
	ha_time since, retry_at, retry_delay, used;
	bool guid_answered, guid_known;
	struct ha_guid guid;

	enum asking asking;
	uint32_t tag;
	ha_time asked, answered; /* answered 0: not yet */
	uint8_t answer[ANSWER];
	size_t length;

	struct job jobs[JOBS]; /* the first is being worked on */
	unsigned count;

	struct fence_sdr sensors[SENSORS];
	unsigned known;
	bool listed, listing;
	ha_time listed_at;
	uint16_t reservation, record, next;
	unsigned walked, wanted, have, chunk;
	uint8_t bytes[RECORD];
};

static void
wake(struct fence_own *own)
{
	(void)sd_event_source_set_enabled(own->work, SD_EVENT_ONESHOT);
}

/* --- answers to orders --- */

static struct fence_report
report_on(const struct fence_own *own, uint32_t token)
{
	struct fence_report report = { .type = FENCE_REPORT_SENSOR, .token = token };

	if (own->session && own->guid_answered) {
		report.session = own->sessions;
		report.session_since = own->since;
		report.guid_known = own->guid_known;
		report.guid = own->guid;
	}
	return report;
}

static void
finish(struct fence_own *own, unsigned index, struct fence_report *report)
{
	report->token = own->jobs[index].token;
	own->count--;
	memmove(&own->jobs[index], &own->jobs[index + 1], (own->count - index) * sizeof(own->jobs[0]));
	own->used = ha_now();
	own->handler(own->userdata, report);
}

static void
fail(struct fence_own *own, unsigned index, enum fence_error error)
{
	struct fence_report report = report_on(own, 0);

	report.error = error;
	finish(own, index, &report);
}

static void
fail_all(struct fence_own *own, enum fence_error error)
{
	while (own->count > 0)
		fail(own, 0, error);
}

/* --- the session --- */

static void
close_session(struct fence_own *own)
{
	fence_session_close(own->session);
	own->session = NULL;
	own->down = false;
	own->guid_answered = own->guid_known = false;
	own->asking = NOTHING;
	own->listing = false;
}

static void
session_failed(struct fence_own *own, enum fence_error error)
{
	close_session(own);
	own->error = error;
	own->retry_delay = fence_retry_delay(error, own->retry_delay);
	own->retry_at = ha_time_add(ha_now(), own->retry_delay);
	fail_all(own, error);
}

static void
on_up(void *userdata)
{
	wake(userdata);
}

static void
on_down(void *userdata, enum fence_error error)
{
	struct fence_own *own = userdata;

	own->down = true;
	own->error = error;
	wake(own);
}

static void
open_session(struct fence_own *own)
{
	static const struct fence_session_handlers handlers = { .up = on_up, .down = on_down };
	struct fence_session_config config = {
		.imm = &own->imm, .login_timeout = own->login_timeout, .retransmit = RETRANSMIT
	};
	int r = fence_session_open(own->os, own->event, &config, &handlers, own, &own->session);

	own->since = ha_now();
	own->sessions++;
	if (r < 0) {
		own->session = NULL;
		session_failed(own, FENCE_UNREACHABLE);
	}
}

/* --- requests --- */

/* From inside the library. */
static void
on_answer(void *userdata, uint32_t tag, const uint8_t *data, size_t length)
{
	struct fence_own *own = userdata;

	if (own->asking == NOTHING || tag != own->tag || own->answered != 0)
		return;
	own->answered = ha_now();
	own->length = length < ANSWER ? length : ANSWER;
	memcpy(own->answer, data, own->length);
	wake(own);
}

static void
ask(struct fence_own *own, enum asking what, uint8_t netfn, uint8_t command, const uint8_t *data, size_t length)
{
	own->asking = what;
	own->asked = ha_now();
	own->answered = 0;
	if (fence_session_ask(own->session, netfn, command, data, length, on_answer, own, ++own->tag) < 0)
		session_failed(own, FENCE_TIMEOUT);
}

static void
ask_record(struct fence_own *own)
{
	unsigned count = own->wanted - own->have < own->chunk ? own->wanted - own->have : own->chunk;
	uint8_t data[6] = { (uint8_t)own->reservation, (uint8_t)(own->reservation >> 8), (uint8_t)own->record,
		(uint8_t)(own->record >> 8), (uint8_t)own->have, (uint8_t)count };

	ask(own, own->wanted == HEADER ? READ_HEADER : READ_RECORD, NETFN_STORAGE, GET_SDR, data, sizeof(data));
}

static void
begin_record(struct fence_own *own, uint16_t record)
{
	if (record == LAST || own->known == SENSORS || ++own->walked > RECORDS) {
		own->listing = false;
		own->listed = true;
		own->listed_at = ha_now();
		return;
	}
	own->record = record;
	own->wanted = HEADER;
	own->have = 0;
	ask_record(own);
}

static void
take_reservation(struct fence_own *own)
{
	own->reservation = own->answer[0] == CC_OK && own->length >= 3
				   ? (uint16_t)(own->answer[1] | own->answer[2] << 8)
				   : 0; /* an IMM without reservations takes this */
	if (own->answer[0] != CC_OK && own->answer[0] != CC_INVALID_COMMAND)
		session_failed(own, FENCE_REFUSED);
	else
		begin_record(own, own->record);
}

static void
take_record(struct fence_own *own)
{
	struct fence_sdr sdr;
	unsigned room = own->wanted - own->have, got;

	switch (own->answer[0]) {
	case CC_OK:
		break;
	case CC_RESERVATION_LOST:
		ask(own, RESERVE, NETFN_STORAGE, RESERVE_SDR, NULL, 0);
		return;
	case CC_TOO_MANY_BYTES:
	case CC_UNSPECIFIED:
		if (own->chunk > HEADER) {
			own->chunk = own->chunk / 2 > HEADER ? own->chunk / 2 : HEADER;
			ask_record(own);
			return;
		}
		session_failed(own, FENCE_REFUSED);
		return;
	case CC_NOT_PRESENT:
		begin_record(own, LAST); /* an empty repository */
		return;
	default:
		session_failed(own, FENCE_REFUSED);
		return;
	}
	if (own->length <= 3) {
		session_failed(own, FENCE_GARBAGE);
		return;
	}
	own->next = (uint16_t)(own->answer[1] | own->answer[2] << 8);
	got = (unsigned)own->length - 3 < room ? (unsigned)own->length - 3 : room;
	memcpy(own->bytes + own->have, own->answer + 3, got);
	own->have += got;
	if (own->have == HEADER && own->wanted == HEADER) {
		own->wanted = HEADER + own->bytes[HEADER - 1];
		if (own->wanted > RECORD)
			own->wanted = RECORD;
	}
	if (own->have < own->wanted) {
		ask_record(own);
		return;
	}
	if (fence_sdr_parse(own->bytes, own->have, &sdr))
		own->sensors[own->known++] = sdr;
	begin_record(own, own->next);
}

static const struct fence_sdr *
find_sensor(const struct fence_own *own, const char *name)
{
	for (unsigned i = 0; i < own->known; i++)
		if (strcmp(own->sensors[i].name, name) == 0)
			return &own->sensors[i];
	return NULL;
}

static void
list_sensors(struct fence_own *own)
{
	own->listing = true;
	own->listed = false;
	own->known = own->walked = 0;
	own->record = 0;
	own->chunk = CHUNK;
	ask(own, RESERVE, NETFN_STORAGE, RESERVE_SDR, NULL, 0);
}

static void
take_sensor(struct fence_own *own)
{
	struct fence_report report = report_on(own, 0);
	const struct fence_sdr *sdr = own->count > 0 ? find_sensor(own, own->jobs[0].sensor) : NULL;
	enum asking was = own->asking;
	bool good;

	report.asked = own->asked;
	report.answered = own->answered;
	if (own->count == 0)
		return; /* it came too late for who asked */
	if (own->answer[0] != CC_OK) {
		/* 0xcb: the IMM has other sensors now. */
		own->listed = own->listed && own->answer[0] != CC_NOT_PRESENT;
		report.error = FENCE_REFUSED;
		report.completion = own->answer[0];
	} else {
		good = was == STATUS ? fence_sensor_parse_status(own->answer + 1, own->length - 1, &report.sensor)
				     : sdr && fence_sensor_parse_reading(
						      own->answer + 1, own->length - 1, sdr, &report.sensor);
		report.error = good ? FENCE_OK : FENCE_GARBAGE;
	}
	finish(own, 0, &report);
}

static void
take_answer(struct fence_own *own)
{
	enum asking was = own->asking;

	if (was == STATUS || was == READING)
		take_sensor(own);
	own->asking = NOTHING;
	own->retry_delay = 0;
	switch (was) {
	case GUID:
		own->guid_answered = true;
		own->guid_known = fence_answer_parse_guid(own->answer, own->length, &own->guid);
		break;
	case RESERVE:
		take_reservation(own);
		break;
	case READ_HEADER:
	case READ_RECORD:
		take_record(own);
		break;
	case NOTHING:
	case STATUS:
	case READING:
		break;
	}
}

/* The first job's next request. */
static void
work_on(struct fence_own *own)
{
	struct fence_report report = report_on(own, 0);
	const char *name = own->jobs[0].sensor;
	const struct fence_sdr *sdr;

	if (!own->guid_answered) {
		ask(own, GUID, NETFN_APP, GET_SYSTEM_GUID, NULL, 0);
		return;
	}
	if (name[0] == '\0') {
		ask(own, STATUS, NETFN_CHASSIS, GET_CHASSIS_STATUS, NULL, 0);
		return;
	}
	sdr = find_sensor(own, name);
	if (own->listed && sdr) {
		ask(own, READING, NETFN_SENSOR, GET_SENSOR_READING, &sdr->number, 1);
	} else if (!own->listed || ha_now() >= ha_time_add(own->listed_at, LOOK_AGAIN)) {
		list_sensors(own);
	} else {
		report.sensor.kind = FENCE_SENSOR_ABSENT;
		report.asked = report.answered = ha_now();
		finish(own, 0, &report);
	}
}

/* --- the loop --- */

static void
expire(struct fence_own *own, ha_time now)
{
	for (unsigned i = own->count; i > 0; i--)
		if (now > own->jobs[i - 1].not_after) {
			fail(own, i - 1, FENCE_TIMEOUT);
			/* What was asked for it is answered to nobody else. */
			if (i == 1 && (own->asking == STATUS || own->asking == READING))
				session_failed(own, FENCE_TIMEOUT);
		}
}

static ha_time
next_deadline(const struct fence_own *own)
{
	ha_time next = HA_NEVER;

	for (unsigned i = 0; i < own->count; i++)
		next = ha_time_min(next, ha_time_add(own->jobs[i].not_after, 1));
	if (own->asking != NOTHING)
		next = ha_time_min(next, ha_time_add(own->asked, DEADLINE));
	else if (own->session && own->count == 0)
		next = ha_time_min(next, ha_time_add(own->used, IDLE));
	return next;
}

static void
run(struct fence_own *own)
{
	ha_time now = ha_now();

	if (own->down)
		session_failed(own, own->error);
	else if (own->asking != NOTHING && own->answered != 0)
		take_answer(own);
	else if (own->asking != NOTHING && now >= ha_time_add(own->asked, DEADLINE))
		session_failed(own, FENCE_TIMEOUT);
	expire(own, now);
	if (own->count > 0 && !own->session) {
		if (now >= own->retry_at)
			open_session(own);
		else
			fail_all(own, own->error);
	}
	while (own->count > 0 && own->session && fence_session_is_up(own->session) && !own->down &&
		own->asking == NOTHING)
		work_on(own);
	if (own->session && own->count == 0 && own->asking == NOTHING && now >= ha_time_add(own->used, IDLE))
		close_session(own);
	(void)sd_event_source_set_time(own->timer, next_deadline(own));
	(void)sd_event_source_set_enabled(own->timer, SD_EVENT_ONESHOT);
}

static int
on_work(sd_event_source *source, void *userdata)
{
	(void)source;
	run(userdata);
	return 0;
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	run(userdata);
	return 0;
}

void
fence_own_execute(struct fence_own *own, const struct fence_order *order)
{
	struct job *job = &own->jobs[own->count];

	if (own->count == JOBS) {
		struct fence_report report = {
			.type = FENCE_REPORT_SENSOR, .token = order->token, .error = FENCE_NOT_SENT
		};

		own->handler(own->userdata, &report);
		return;
	}
	*job = (struct job){ .token = order->token, .not_after = order->not_after };
	memcpy(job->sensor, order->sensor, sizeof(job->sensor));
	own->count++;
	wake(own);
}

int
fence_own_open(sd_event *event, const struct fence_own_config *config, fence_own_handler *handler, void *userdata,
	struct fence_own **ret)
{
	struct fence_own *own = calloc(1, sizeof(*own));
	int r;

	if (!own)
		return -ENOMEM;
	own->event = sd_event_ref(event);
	own->imm = *config->imm;
	own->login_timeout = config->login_timeout;
	own->handler = handler;
	own->userdata = userdata;
	r = fence_os_open(event, &own->os);
	if (r >= 0)
		r = sd_event_add_defer(event, &own->work, on_work, own);
	if (r >= 0)
		r = sd_event_add_time(event, &own->timer, CLOCK_BOOTTIME, HA_NEVER, 1, on_timer, own);
	if (r < 0) {
		fence_own_close(own);
		return r;
	}
	*ret = own;
	return 0;
}

void
fence_own_close(struct fence_own *own)
{
	if (!own)
		return;
	fence_session_close(own->session);
	fence_os_close(own->os);
	sd_event_source_disable_unref(own->work);
	sd_event_source_disable_unref(own->timer);
	sd_event_unref(own->event);
	explicit_bzero(&own->imm, sizeof(own->imm));
	free(own);
}
