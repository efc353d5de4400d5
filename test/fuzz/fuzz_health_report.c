/* Orders and reports of the health process: what is accepted is in range and the same when encoded again. */
#include "health/report.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool truth)
{
	if (!truth)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t buffer[HEALTH_REPORT_BYTES];
	struct health_report report;
	struct health_order order;

	if (health_order_decode(data, size, &order) == 0) {
		require(order.type < HEALTH_ORDER_TYPES);
		require(health_order_encode(&order, buffer) == size && memcmp(buffer, data, size) == 0);
	}
	if (health_report_decode(data, size, &report) == 0) {
		require(report.type < HEALTH_REPORT_TYPES && report.result < HEALTH_RESULTS);
		require(report.index < HEALTH_CHECKS && strlen(report.detail) < HEALTH_DETAIL);
		require(report.asked <= report.answered);
		require(health_report_encode(&report, buffer) == size && memcmp(buffer, data, size) == 0);
	}
	return 0;
}
