/* daemon/sensor.h -- what an answer of one's own IMM means for a check of type imm.
 *
 * Pure. The promise: "ok" and "failed" come only from a reading of the IMM that is this machine's (S10); whatever else
 * happened is "unknown", which turns no state (health/verdict.h) and is never good. */
#ifndef HA_DAEMON_SENSOR_H
#define HA_DAEMON_SENSOR_H

#include "fence/report.h"
#include "health/report.h"
#include "lib/config.h"

/* `guid`: this machine's. `detail`: for people. */
enum health_result sensor_judge(const struct fence_report *report, const struct config_imm *imm,
	const struct ha_guid *guid, const char *sensor, char detail[HEALTH_DETAIL]);

#endif
