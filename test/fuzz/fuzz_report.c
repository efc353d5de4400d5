/* Orders and reports of the fence process: what is accepted is in range and the same when encoded again. */
#include "fence/report.h"

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
	uint8_t buffer[FENCE_REPORT_BYTES];
	struct fence_report report;
	struct fence_order order;

	if (fence_order_decode(data, size, &order) == 0) {
		require(order.type < FENCE_ORDER_TYPES);
		require(fence_order_encode(&order, buffer) == size && memcmp(buffer, data, size) == 0);
	}
	if (fence_report_decode(data, size, &report) == 0) {
		require(report.type < FENCE_REPORT_TYPES && report.error < FENCE_ERRORS && report.power < FENCE_POWERS);
		require(report.power == FENCE_POWER_UNKNOWN || (report.session != 0 && report.error == FENCE_OK));
		require(fence_report_encode(&report, buffer) == size && memcmp(buffer, data, size) == 0);
	}
	return 0;
}
