/* daemon/sensors.h -- the checks of type imm: when they are due, and their answers. The fence process asks, because
 * only it has credentials.
 *
 * The promise: of each check at most one question is under way; each ends with one result, at its timeout at last; an
 * answer that comes later counts for nothing. */
#ifndef HA_DAEMON_SENSORS_H
#define HA_DAEMON_SENSORS_H

#include "fence/report.h"
#include "health/report.h"
#include "lib/config.h"

#include <systemd/sd-event.h>

struct sensors;

struct sensors_handler {
	void *userdata;
	void (*order)(void *userdata, const struct fence_order *order);
	/* A result, as the health process gives them for the other checks. */
	void (*result)(void *userdata, const struct health_report *report);
};

/* `config` must stay alive until sensors_configure() or sensors_close(), `guid` (this machine's) for ever. 0 or -errno.
 */
int sensors_open(sd_event *event, const struct config *config, const struct ha_guid *guid,
	const struct sensors_handler *handler, struct sensors **ret);
void sensors_close(struct sensors *sensors); /* NULL is fine */
/* Another configuration: what is under way is forgotten. */
void sensors_configure(struct sensors *sensors, const struct config *config);
/* Whether checks with when = "master" run. */
void sensors_mode(struct sensors *sensors, bool master);
/* Ask check `index` (of type imm) as soon as may be; the result carries `token`. Never calls the handler. */
void sensors_probe(struct sensors *sensors, unsigned index, uint32_t token);
/* FENCE_REPORT_SENSOR. */
void sensors_take(struct sensors *sensors, const struct fence_report *report);

#endif
