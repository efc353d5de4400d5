/* daemon/units.h -- start and stop systemd units over the system bus, one after the other.
 *
 * The promise: a stop is reported as proven only when systemd ended the unit's job and the kernel shows its cgroup
 * empty or gone (S3); nothing here waits. */
#ifndef HA_DAEMON_UNITS_H
#define HA_DAEMON_UNITS_H

#include "lib/config.h"

#include <stdbool.h>
#include <systemd/sd-event.h>

struct units;

/* `error` NULL: done. The string is valid during the call. */
typedef void (*units_handler)(void *userdata, const char *error);

/* 0 or -errno. */
int units_open(sd_event *event, struct units **ret_units);
void units_close(struct units *units);

/* Start in their order, or stop in reverse; what was under way is forgotten, without an answer. Answered once, never
 * from inside the call. The names are copied. An error of one unit does not keep the others from being started; it ends
 * a stop. How long a unit takes to start is limited by its own TimeoutStartSec=; one that is still ending, after a stop
 * that failed, is started when it has ended, and the next one does not wait for it. A bus that cannot be reached is
 * tried again until units_cancel(). While systemd shuts the machine down its own stops are waited for. */
void units_start(struct units *units, const struct config_release *release, units_handler handler, void *userdata);
void units_stop(struct units *units, const struct config_release *release, units_handler handler, void *userdata);
/* Forget what is under way. */
void units_cancel(struct units *units);
/* The unit that is being dealt with, "" if none. */
const char *units_current(const struct units *units);

/* For tests: 1 populated, 0 empty or gone, -errno: cannot be known. `cgroup` as systemd names it ("/system.slice/x").
 */
int units_cgroup_populated(const char *cgroup);

#endif
