#include "health/report.h"

#include "lib/wire.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* The daemon and the process it started may come from two releases while a package is being upgraded. */
#define FORMAT 2

void
health_set_add(struct health_set *set, unsigned index)
{
	set->bits[index / 8] |= (uint8_t)(1U << index % 8);
}

bool
health_set_has(const struct health_set *set, unsigned index)
{
	return (set->bits[index / 8] >> index % 8 & 1) != 0;
}

bool
health_set_is_empty(const struct health_set *set)
{
	static const struct health_set nothing;

	return memcmp(set, &nothing, sizeof(nothing)) == 0;
}

size_t
health_order_encode(const struct health_order *order, uint8_t buffer[HEALTH_ORDER_BYTES])
{
	struct wire_writer w;

	wire_write_begin(&w, buffer, HEALTH_ORDER_BYTES);
	wire_write_u8(&w, FORMAT);
	wire_write_u8(&w, (uint8_t)order->type);
	wire_write_u32(&w, order->token);
	wire_write_bytes(&w, order->wanted.bits, sizeof(order->wanted.bits));
	wire_write_u8(&w, order->master);
	assert(!w.failed);
	return w.at;
}

static bool
order_in_range(const struct health_order *order)
{
	switch (order->type) {
	case HEALTH_ORDER_HELLO:
	case HEALTH_ORDER_MODE:
		return order->token == 0 && health_set_is_empty(&order->wanted);
	case HEALTH_ORDER_PROBE:
		return order->token != 0 && !health_set_is_empty(&order->wanted);
	case HEALTH_ORDER_TYPES:
		break;
	}
	return false;
}

int
health_order_decode(const uint8_t *data, size_t length, struct health_order *ret)
{
	struct health_order order = { 0 };
	struct wire_reader r;
	uint8_t format, master;

	wire_read_begin(&r, data, length);
	format = wire_read_u8(&r);
	order.type = (enum health_order_type)wire_read_u8(&r);
	order.token = wire_read_u32(&r);
	wire_read_bytes(&r, order.wanted.bits, sizeof(order.wanted.bits));
	master = wire_read_u8(&r);
	order.master = master == 1;
	if (r.failed || wire_read_left(&r) != 0 || format != FORMAT || master > 1 || !order_in_range(&order))
		return -EBADMSG;
	*ret = order;
	return 0;
}

size_t
health_report_encode(const struct health_report *report, uint8_t buffer[HEALTH_REPORT_BYTES])
{
	struct wire_writer w;

	wire_write_begin(&w, buffer, HEALTH_REPORT_BYTES);
	wire_write_u8(&w, FORMAT);
	wire_write_u8(&w, (uint8_t)report->type);
	wire_write_u32(&w, report->token);
	wire_write_u16(&w, report->index);
	wire_write_u8(&w, (uint8_t)report->result);
	wire_write_u64(&w, report->asked);
	wire_write_u64(&w, report->answered);
	wire_write_string(&w, report->detail);
	wire_write_bytes(&w, report->digest, sizeof(report->digest));
	wire_write_u16(&w, report->count);
	assert(!w.failed);
	return w.at;
}

static bool
is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

static bool
detail_in_range(const char *detail)
{
	while (*detail != '\0' && is_printable(*detail))
		detail++;
	return *detail == '\0';
}

static bool
report_in_range(const struct health_report *report)
{
	static const uint8_t no_digest[HEALTH_DIGEST];

	if (!detail_in_range(report->detail))
		return false;
	switch (report->type) {
	case HEALTH_REPORT_HELLO:
		return report->token == 0 && report->index == 0 && report->result == HEALTH_OK && report->asked == 0 &&
		       report->answered == 0 && report->detail[0] == '\0' && report->count <= HEALTH_CHECKS;
	case HEALTH_REPORT_RESULT:
		return report->index < HEALTH_CHECKS && (unsigned)report->result < HEALTH_RESULTS &&
		       report->asked <= report->answered && report->count == 0 &&
		       memcmp(report->digest, no_digest, sizeof(no_digest)) == 0;
	case HEALTH_REPORT_TYPES:
		break;
	}
	return false;
}

int
health_report_decode(const uint8_t *data, size_t length, struct health_report *ret)
{
	struct health_report report = { 0 };
	struct wire_reader r;
	uint8_t format;

	wire_read_begin(&r, data, length);
	format = wire_read_u8(&r);
	report.type = (enum health_report_type)wire_read_u8(&r);
	report.token = wire_read_u32(&r);
	report.index = wire_read_u16(&r);
	report.result = (enum health_result)wire_read_u8(&r);
	report.asked = wire_read_u64(&r);
	report.answered = wire_read_u64(&r);
	wire_read_string(&r, report.detail, sizeof(report.detail));
	wire_read_bytes(&r, report.digest, sizeof(report.digest));
	report.count = wire_read_u16(&r);
	if (r.failed || wire_read_left(&r) != 0 || format != FORMAT || !report_in_range(&report))
		return -EBADMSG;
	*ret = report;
	return 0;
}

void
health_detail_set(char detail[HEALTH_DETAIL], const char *text)
{
	size_t i;

	for (i = 0; i < HEALTH_DETAIL - 1 && text[i] != '\0'; i++)
		detail[i] = is_printable(text[i]) ? text[i] : '?';
	detail[i] = '\0';
}

const char *
health_result_name(enum health_result result)
{
	static const char *const names[HEALTH_RESULTS] = {
		[HEALTH_OK] = "ok",
		[HEALTH_FAILED] = "failed",
		[HEALTH_TIMEOUT] = "timeout",
		[HEALTH_UNKNOWN] = "unknown",
	};

	return (unsigned)result < HEALTH_RESULTS ? names[result] : "unknown";
}
