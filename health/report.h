/* health/report.h -- orders to the health process and its reports: plain values, and their codec.
 *
 * Pure. The promise: an order or a report that decodes has every field in range, its text is short and printable; a
 * result never claims more than the process saw. Facts only: what to make of them is decided in health/verdict.c. */
#ifndef HA_HEALTH_REPORT_H
#define HA_HEALTH_REPORT_H

#include "lib/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEALTH_CHECKS 512 /* CONFIG_CHECKS */
#define HEALTH_DETAIL 128 /* with the final NUL */
#define HEALTH_DIGEST 16  /* CONFIG_DIGEST */

enum health_order_type {
	HEALTH_ORDER_HELLO, /* answered by HEALTH_REPORT_HELLO: are you alive? */
	HEALTH_ORDER_PROBE, /* run the checks `wanted` now, whatever `when` says; one RESULT of each carries `token` */
	HEALTH_ORDER_MODE,  /* `master`: whether checks with when = "master" run */
	HEALTH_ORDER_TYPES
};

/* Checks, by their places in the configuration's list. */
struct health_set {
	uint8_t bits[HEALTH_CHECKS / 8];
};

struct health_order {
	enum health_order_type type;
	uint32_t token;           /* PROBE: chosen by the daemon, not 0 */
	struct health_set wanted; /* PROBE: at least one */
	bool master;              /* MODE */
};

/* `index` below HEALTH_CHECKS. */
void health_set_add(struct health_set *set, unsigned index);
bool health_set_has(const struct health_set *set, unsigned index);
bool health_set_is_empty(const struct health_set *set);

enum health_result {
	HEALTH_OK,
	HEALTH_FAILED,  /* answered, and not well; or refused at once */
	HEALTH_TIMEOUT, /* no answer by the deadline */
	HEALTH_UNKNOWN, /* this process cannot tell; never good */
	HEALTH_RESULTS
};

enum health_report_type {
	HEALTH_REPORT_HELLO,  /* at the start, and when asked: .digest, .count */
	HEALTH_REPORT_RESULT, /* of one probe */
	HEALTH_REPORT_TYPES
};

struct health_report {
	enum health_report_type type;
	uint32_t token; /* RESULT: of the order; 0: by schedule */
	uint16_t index;
	enum health_result result;
	ha_time asked, answered;       /* when the probe began and ended; how long it took is their difference */
	char detail[HEALTH_DETAIL];    /* "status 200"; printable ASCII */
	uint8_t digest[HEALTH_DIGEST]; /* HELLO: of the configuration that it has read: indexes are of that one */
	uint16_t count;                /* HELLO: checks in it */
};

#define HEALTH_ORDER_BYTES  80
#define HEALTH_REPORT_BYTES 256

/* Length written (at most *_BYTES); cannot fail. */
size_t health_order_encode(const struct health_order *order, uint8_t buffer[HEALTH_ORDER_BYTES]);
size_t health_report_encode(const struct health_report *report, uint8_t buffer[HEALTH_REPORT_BYTES]);
/* 0 or -EBADMSG. */
int health_order_decode(const uint8_t *data, size_t length, struct health_order *ret);
int health_report_decode(const uint8_t *data, size_t length, struct health_report *ret);

/* What a server or a script says goes into logs and JSON: cut to HEALTH_DETAIL, all but printable ASCII becomes '?'. */
void health_detail_set(char detail[HEALTH_DETAIL], const char *text);

const char *health_result_name(enum health_result result); /* "ok", "failed", "timeout", "unknown" */

#endif
