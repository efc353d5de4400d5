#include "fence/report.h"

#include "lib/wire.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* The daemon and the process it started may come from two releases while a package is being upgraded. */
#define FORMAT 1

#define PRIVILEGE_MAX 5 /* 0 unknown, 1 callback ... 4 administrator, 5 OEM: IPMI 2.0 6.8 */

#define POLICY                                                                                                         \
	0x80 /* in the last byte: no device, but the power restore policy asked for, or in the low bits what it is */

/* The last byte: a device that is not the IMM, or the IMM's power restore policy (an outlet has none). Without either
 * there is none: what is said of an IMM reads as it always did, and only who asked for the policy is told. */
static void
write_last(struct wire_writer *w, uint8_t device, bool policy, uint8_t value)
{
	if (device != 0)
		wire_write_u8(w, device);
	else if (policy)
		wire_write_u8(w, (uint8_t)(POLICY | value));
}

static bool
read_last(struct wire_reader *r, uint8_t *ret_device, uint8_t *ret_value)
{
	uint8_t last;

	if (wire_read_left(r) != 1)
		return false;
	last = wire_read_u8(r);
	r->failed = r->failed || last == 0;
	if ((last & POLICY) == 0) {
		*ret_device = last;
		return false;
	}
	*ret_value = last & (uint8_t)~POLICY;
	return true;
}

size_t
fence_order_encode(const struct fence_order *order, uint8_t buffer[FENCE_ORDER_BYTES])
{
	struct wire_writer w;

	wire_write_begin(&w, buffer, FENCE_ORDER_BYTES);
	wire_write_u8(&w, FORMAT);
	wire_write_u8(&w, (uint8_t)order->type);
	wire_write_u32(&w, order->token);
	wire_write_u64(&w, order->session);
	wire_write_u64(&w, order->not_after);
	if (order->type == FENCE_ORDER_SENSOR)
		wire_write_string(&w, order->sensor);
	write_last(&w, order->device, order->policy, 0);
	assert(!w.failed);
	return w.at;
}

static bool
order_in_range(const struct fence_order *order)
{
	switch (order->type) {
	case FENCE_ORDER_READ:
		return true;
	case FENCE_ORDER_CANCEL:
	case FENCE_ORDER_ALIVE:
	case FENCE_ORDER_SENSOR:
		return !order->policy;
	case FENCE_ORDER_POWER_DOWN:
	case FENCE_ORDER_POWER_UP:
		return !order->policy && order->session != 0; /* S10: never "any session" */
	case FENCE_ORDER_TYPES:
		break;
	}
	return false;
}

int
fence_order_decode(const uint8_t *data, size_t length, struct fence_order *ret)
{
	struct fence_order order = { 0 };
	struct wire_reader r;
	uint8_t format, value = 0;

	wire_read_begin(&r, data, length);
	format = wire_read_u8(&r);
	order.type = (enum fence_order_type)wire_read_u8(&r);
	order.token = wire_read_u32(&r);
	order.session = wire_read_u64(&r);
	order.not_after = wire_read_u64(&r);
	if (order.type == FENCE_ORDER_SENSOR)
		wire_read_string(&r, order.sensor, sizeof(order.sensor));
	order.policy = read_last(&r, &order.device, &value);
	if (r.failed || wire_read_left(&r) != 0 || format != FORMAT || value != 0 || !order_in_range(&order))
		return -EBADMSG;
	*ret = order;
	return 0;
}

static void
write_sensor(struct wire_writer *w, const struct fence_sensor *sensor)
{
	wire_write_u8(w, (uint8_t)sensor->kind);
	wire_write_u8(w, sensor->power_state);
	wire_write_u8(w, sensor->misc_state);
	wire_write_u8(w, sensor->type);
	wire_write_u8(w, sensor->event_type);
	wire_write_u8(w, sensor->flags);
	wire_write_u16(w, sensor->states);
}

static void
read_sensor(struct wire_reader *r, struct fence_sensor *sensor)
{
	sensor->kind = (enum fence_sensor_kind)wire_read_u8(r);
	sensor->power_state = wire_read_u8(r);
	sensor->misc_state = wire_read_u8(r);
	sensor->type = wire_read_u8(r);
	sensor->event_type = wire_read_u8(r);
	sensor->flags = wire_read_u8(r);
	sensor->states = wire_read_u16(r);
}

size_t
fence_report_encode(const struct fence_report *report, uint8_t buffer[FENCE_REPORT_BYTES])
{
	struct wire_writer w;

	wire_write_begin(&w, buffer, FENCE_REPORT_BYTES);
	wire_write_u8(&w, FORMAT);
	wire_write_u8(&w, (uint8_t)report->type);
	wire_write_u32(&w, report->token);
	wire_write_u8(&w, (uint8_t)report->error);
	wire_write_u8(&w, report->completion);
	wire_write_u8(&w, (uint8_t)report->power);
	wire_write_u64(&w, report->session);
	wire_write_u64(&w, report->session_since);
	wire_write_u8(&w, report->guid_known);
	wire_write_bytes(&w, report->guid.bytes, sizeof(report->guid.bytes));
	wire_write_u8(&w, report->privilege);
	wire_write_u64(&w, report->asked);
	wire_write_u64(&w, report->answered);
	if (report->type == FENCE_REPORT_SENSOR)
		write_sensor(&w, &report->sensor);
	write_last(&w, report->device, report->restore != FENCE_POLICY_UNASKED, (uint8_t)report->restore);
	assert(!w.failed);
	return w.at;
}

/* A power state is seen only in an answer without error, asked and answered in one established session (S6). */
static bool
power_in_range(const struct fence_report *report)
{
	if ((unsigned)report->power >= FENCE_POWERS)
		return false;
	if (report->power == FENCE_POWER_UNKNOWN)
		return true;
	return (report->type == FENCE_REPORT_ANSWER || report->type == FENCE_REPORT_DEVICE) &&
	       report->error == FENCE_OK && report->session != 0 && report->asked <= report->answered;
}

/* A sensor is seen only in an answer without error, in a session. */
static bool
sensor_in_range(const struct fence_report *report)
{
	if ((unsigned)report->sensor.kind >= FENCE_SENSOR_KINDS)
		return false;
	return report->sensor.kind == FENCE_SENSOR_NONE ||
	       (report->error == FENCE_OK && report->session != 0 && report->asked <= report->answered);
}

static bool
report_in_range(const struct fence_report *report)
{
	if ((unsigned)report->type >= FENCE_REPORT_TYPES || (unsigned)report->error >= FENCE_ERRORS)
		return false;
	if ((report->type == FENCE_REPORT_DEVICE || report->type == FENCE_REPORT_ALIVE) && report->token != 0)
		return false;
	if (report->completion != 0 && report->error != FENCE_REFUSED)
		return false;
	if (report->guid_known && report->session == 0)
		return false;
	if (report->device != 0 && report->guid_known)
		return false; /* S10: an outlet has no GUID */
	if ((unsigned)report->restore >= FENCE_POLICIES)
		return false;
	if (report->restore != FENCE_POLICY_UNASKED &&
		(report->type != FENCE_REPORT_ANSWER || report->power == FENCE_POWER_UNKNOWN))
		return false;
	return report->privilege <= PRIVILEGE_MAX && sensor_in_range(report) && power_in_range(report);
}

int
fence_report_decode(const uint8_t *data, size_t length, struct fence_report *ret)
{
	struct fence_report report = { 0 };
	struct wire_reader r;
	uint8_t format, guid_known, restore = FENCE_POLICY_UNASKED;

	wire_read_begin(&r, data, length);
	format = wire_read_u8(&r);
	report.type = (enum fence_report_type)wire_read_u8(&r);
	report.token = wire_read_u32(&r);
	report.error = (enum fence_error)wire_read_u8(&r);
	report.completion = wire_read_u8(&r);
	report.power = (enum fence_power)wire_read_u8(&r);
	report.session = wire_read_u64(&r);
	report.session_since = wire_read_u64(&r);
	guid_known = wire_read_u8(&r);
	report.guid_known = guid_known == 1;
	wire_read_bytes(&r, report.guid.bytes, sizeof(report.guid.bytes));
	report.privilege = wire_read_u8(&r);
	report.asked = wire_read_u64(&r);
	report.answered = wire_read_u64(&r);
	if (report.type == FENCE_REPORT_SENSOR)
		read_sensor(&r, &report.sensor);
	if (read_last(&r, &report.device, &restore))
		r.failed = r.failed || restore == FENCE_POLICY_UNASKED;
	report.restore = (enum fence_policy)restore;
	if (r.failed || wire_read_left(&r) != 0 || format != FORMAT || guid_known > 1 || !report_in_range(&report))
		return -EBADMSG;
	*ret = report;
	return 0;
}

const char *
fence_error_name(enum fence_error error)
{
	static const char *const names[FENCE_ERRORS] = {
		[FENCE_OK] = "ok",
		[FENCE_UNREACHABLE] = "unreachable",
		[FENCE_AUTHENTICATION] = "authentication",
		[FENCE_PRIVILEGE] = "privilege",
		[FENCE_CIPHER] = "cipher",
		[FENCE_SESSIONS] = "sessions",
		[FENCE_REFUSED] = "refused",
		[FENCE_GARBAGE] = "garbage",
		[FENCE_TIMEOUT] = "timeout",
		[FENCE_NOT_SENT] = "not-sent",
		[FENCE_CONFIG] = "config",
		[FENCE_WORKER] = "worker",
	};

	return (unsigned)error < FENCE_ERRORS ? names[error] : "unknown";
}

enum fence_error
fence_error_named(const char *name)
{
	unsigned error = 0;

	while (error < FENCE_ERRORS && strcmp(fence_error_name((enum fence_error)error), name) != 0)
		error++;
	return (enum fence_error)error;
}

const char *
fence_error_text(enum fence_error error)
{
	static const char *const texts[FENCE_ERRORS] = {
		[FENCE_OK] = "answers",
		[FENCE_UNREACHABLE] = "does not answer (unreachable)",
		[FENCE_AUTHENTICATION] = "refuses the user or the password (authentication)",
		[FENCE_PRIVILEGE] = "does not let this user control the power (privilege)",
		[FENCE_CIPHER] = "refuses RMCP+ or the cipher suite (cipher)",
		[FENCE_SESSIONS] = "has no free session (sessions)",
		[FENCE_REFUSED] = "refuses what it was told (refused)",
		[FENCE_GARBAGE] = "answers what cannot be read (garbage)",
		[FENCE_TIMEOUT] = "has not answered in time (timeout)",
		[FENCE_NOT_SENT] = "was not asked (not-sent)",
		[FENCE_CONFIG] = "cannot be asked as configured (config)",
		[FENCE_WORKER] = "cannot be asked, the fence process is gone (worker)",
	};

	return (unsigned)error < FENCE_ERRORS ? texts[error] : "fails for an unknown reason";
}

const char *
fence_power_name(enum fence_power power)
{
	static const char *const names[FENCE_POWERS] = {
		[FENCE_POWER_UNKNOWN] = "unknown",
		[FENCE_POWER_OFF] = "off",
		[FENCE_POWER_ON] = "on",
	};

	return (unsigned)power < FENCE_POWERS ? names[power] : "unknown";
}
