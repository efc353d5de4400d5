/* For each unit of a stop: ControlGroup is asked for first, because systemd forgets it with the unit; then StopUnit,
 * then JobRemoved, then cgroup.events until it says "populated 0". */
#include "daemon/units.h"

#include "lib/log.h"
#include "lib/time.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define MANAGER      "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define UNITS_LOOK   (50 * HA_MS) /* how often an occupied cgroup is looked at */

enum units_phase { UNITS_IDLE, UNITS_NEXT, UNITS_CGROUP, UNITS_JOB, UNITS_WAIT_JOB, UNITS_WAIT_EMPTY };

struct units {
	sd_event *event;
	sd_bus *bus;
	sd_bus_slot *match, *call;
	sd_event_source *timer;
	enum units_phase phase;
	bool stopping;
	struct config_release release;
	unsigned done; /* units dealt with */
	units_handler handler;
	void *userdata;
	char cgroup[PATH_MAX];
	char job[256];
	char error[256];
};

static void advance(struct units *units);

static const char *
current(const struct units *units)
{
	unsigned index = units->stopping ? units->release.unit_count - 1 - units->done : units->done;
	return units->release.units[index];
}

static void
forget_bus(struct units *units)
{
	units->call = sd_bus_slot_unref(units->call);
	units->match = sd_bus_slot_unref(units->match);
	if (units->bus != NULL) {
		sd_bus_detach_event(units->bus);
		sd_bus_close(units->bus);
	}
	units->bus = sd_bus_unref(units->bus);
}

static void
finish(struct units *units)
{
	units_handler handler = units->handler;
	units->phase = UNITS_IDLE;
	sd_event_source_set_enabled(units->timer, SD_EVENT_OFF);
	handler(units->userdata, units->error[0] == '\0' ? NULL : units->error);
}

static void
fail(struct units *units, const char *what, const char *why)
{
	snprintf(units->error, sizeof(units->error), "%s: %s: %s", current(units), what, why);
	ha_log(LOG_WARNING, "unit %s", units->error);
	if (units->stopping) {
		finish(units);
		return;
	}
	units->done++;
	units->phase = UNITS_NEXT;
	advance(units);
}

static void
done_one(struct units *units)
{
	ha_log(LOG_INFO, "unit %s %s", current(units), units->stopping ? "stopped, its cgroup is empty" : "started");
	units->done++;
	units->phase = UNITS_NEXT;
	advance(units);
}

/* A file of the unified hierarchy, wherever it is mounted. */
static int
open_unified(const char *cgroup, const char *file)
{
	static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	for (unsigned i = 0; i < 2; i++) {
		char path[PATH_MAX];
		if (snprintf(path, sizeof(path), "%s/cgroup.controllers", roots[i]) >= (int)sizeof(path) ||
			access(path, F_OK) != 0)
			continue;
		if (snprintf(path, sizeof(path), "%s%s/%s", roots[i], cgroup, file) >= (int)sizeof(path))
			return -ENAMETOOLONG;
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	return -EOPNOTSUPP;
}

int
units_cgroup_populated(const char *cgroup)
{
	char text[256];
	int fd = open_unified(cgroup, "cgroup.events");
	if (fd == -ENOENT)
		return 0; /* systemd removes the cgroup of a unit when nothing is in it */
	if (fd < 0)
		return fd;
	ssize_t length = read(fd, text, sizeof(text) - 1);
	int r = length < 0 ? -errno : 0;
	close(fd);
	if (r == -ENODEV)
		return 0; /* removed while we read */
	if (r < 0)
		return r;
	text[length] = '\0';
	const char *line = strstr(text, "populated ");
	return line == NULL ? -EBADMSG : line[strlen("populated ")] != '0';
}

static void
look_at_cgroup(struct units *units)
{
	int r = units->cgroup[0] == '\0' ? 0 : units_cgroup_populated(units->cgroup);
	if (r == 0) {
		done_one(units);
	} else if (r < 0) {
		fail(units, "whether its cgroup is empty cannot be known", strerror(-r));
	} else {
		units->phase = UNITS_WAIT_EMPTY;
		sd_event_source_set_time(units->timer, ha_now() + UNITS_LOOK);
		sd_event_source_set_enabled(units->timer, SD_EVENT_ONESHOT);
	}
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct units *units = userdata;
	(void)source;
	(void)usec;
	if (units->phase == UNITS_WAIT_EMPTY)
		look_at_cgroup(units);
	else if (units->phase == UNITS_NEXT)
		advance(units);
	return 0;
}

static int
on_job_removed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	struct units *units = userdata;
	uint32_t id;
	const char *job, *unit, *result;
	(void)error;
	if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) < 0)
		return 0;
	if (units->phase != UNITS_WAIT_JOB || strcmp(job, units->job) != 0)
		return 0;
	if (!units->stopping && strcmp(result, "done") != 0)
		fail(units, "start", result);
	else if (!units->stopping)
		done_one(units);
	else if (strcmp(result, "done") != 0 && units->cgroup[0] == '\0')
		fail(units, "stop", result); /* no cgroup to look at: systemd's word is all there is */
	else
		look_at_cgroup(units);
	return 0;
}

static int
on_job(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
	struct units *units = userdata;
	const sd_bus_error *error = sd_bus_message_get_error(message);
	const char *job;
	(void)ret_error;
	units->call = sd_bus_slot_unref(units->call);
	if (error != NULL && units->stopping && sd_bus_error_has_name(error, MANAGER ".NoSuchUnit")) {
		look_at_cgroup(units); /* not loaded: it does not run */
	} else if (error != NULL) {
		fail(units, units->stopping ? "stop" : "start", error->message != NULL ? error->message : error->name);
	} else if (sd_bus_message_read(message, "o", &job) < 0 || strlen(job) >= sizeof(units->job)) {
		fail(units, "systemd", "an answer that cannot be read");
	} else {
		strcpy(units->job, job);
		units->phase = UNITS_WAIT_JOB;
	}
	return 0;
}

static void
call_job(struct units *units)
{
	units->phase = UNITS_JOB;
	int r = sd_bus_call_method_async(units->bus, &units->call, MANAGER, MANAGER_PATH, MANAGER ".Manager",
		units->stopping ? "StopUnit" : "StartUnit", on_job, units, "ss", current(units), "replace");
	if (r < 0) {
		forget_bus(units);
		fail(units, "systemd cannot be asked", strerror(-r));
	}
}

/* Not loaded, or a kind of unit without a cgroup: nothing of it can run. Any other error says nothing (S3). */
static bool
has_no_cgroup(sd_bus_message *message)
{
	return sd_bus_message_is_method_error(message, "org.freedesktop.systemd1.NoSuchUnit") ||
	       sd_bus_message_is_method_error(message, SD_BUS_ERROR_UNKNOWN_OBJECT) ||
	       sd_bus_message_is_method_error(message, SD_BUS_ERROR_UNKNOWN_INTERFACE) ||
	       sd_bus_message_is_method_error(message, SD_BUS_ERROR_UNKNOWN_PROPERTY);
}

static int
on_cgroup(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
	struct units *units = userdata;
	const char *cgroup;
	(void)ret_error;
	units->call = sd_bus_slot_unref(units->call);
	if (sd_bus_message_is_method_error(message, NULL) && !has_no_cgroup(message)) {
		fail(units, "its cgroup cannot be asked", sd_bus_message_get_error(message)->message);
		return 0;
	}
	if (!sd_bus_message_is_method_error(message, NULL) && sd_bus_message_read(message, "v", "s", &cgroup) >= 0 &&
		strlen(cgroup) < sizeof(units->cgroup))
		strcpy(units->cgroup, cgroup);
	call_job(units);
	return 0;
}

/* "tomcat.service" has its cgroup in interface org.freedesktop.systemd1.Service. */
static const char *
interface_of(const char *unit)
{
	const char *suffix = strrchr(unit, '.');
	if (suffix != NULL && strcmp(suffix, ".mount") == 0)
		return MANAGER ".Mount";
	if (suffix != NULL && strcmp(suffix, ".socket") == 0)
		return MANAGER ".Socket";
	if (suffix != NULL && strcmp(suffix, ".swap") == 0)
		return MANAGER ".Swap";
	if (suffix != NULL && strcmp(suffix, ".slice") == 0)
		return MANAGER ".Slice";
	if (suffix != NULL && strcmp(suffix, ".scope") == 0)
		return MANAGER ".Scope";
	return MANAGER ".Service";
}

static void
call_cgroup(struct units *units)
{
	char *path;
	units->cgroup[0] = '\0';
	units->phase = UNITS_CGROUP;
	int r = sd_bus_path_encode(MANAGER_PATH "/unit", current(units), &path);
	if (r >= 0) {
		r = sd_bus_call_method_async(units->bus, &units->call, MANAGER, path, "org.freedesktop.DBus.Properties",
			"Get", on_cgroup, units, "ss", interface_of(current(units)), "ControlGroup");
		free(path);
	}
	if (r < 0) {
		forget_bus(units);
		fail(units, "systemd cannot be asked", strerror(-r));
	}
}

static int
on_subscribed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	(void)message;
	(void)userdata;
	(void)error;
	return 0;
}

static int
need_bus(struct units *units)
{
	if (units->bus != NULL && sd_bus_is_open(units->bus) > 0)
		return 0;
	forget_bus(units);
	int r = sd_bus_open_system(&units->bus);
	if (r >= 0)
		r = sd_bus_attach_event(units->bus, units->event, 0);
	if (r >= 0)
		r = sd_bus_match_signal_async(units->bus, &units->match, MANAGER, MANAGER_PATH, MANAGER ".Manager",
			"JobRemoved", on_job_removed, NULL, units);
	if (r >= 0)
		r = sd_bus_call_method_async(units->bus, NULL, MANAGER, MANAGER_PATH, MANAGER ".Manager", "Subscribe",
			on_subscribed, units, NULL);
	if (r < 0)
		forget_bus(units);
	return r < 0 ? r : 0;
}

static void
advance(struct units *units)
{
	if (units->done >= units->release.unit_count) {
		finish(units);
		return;
	}
	int r = need_bus(units);
	if (r < 0)
		fail(units, "no system bus", strerror(-r));
	else if (units->stopping)
		call_cgroup(units);
	else
		call_job(units);
}

void
units_cancel(struct units *units)
{
	units->call = sd_bus_slot_unref(units->call);
	units->phase = UNITS_IDLE;
	sd_event_source_set_enabled(units->timer, SD_EVENT_OFF);
}

static void
begin(struct units *units, const struct config_release *release, bool stopping, units_handler handler, void *userdata)
{
	units_cancel(units);
	units->release = *release;
	units->stopping = stopping;
	units->handler = handler;
	units->userdata = userdata;
	units->done = 0;
	units->error[0] = '\0';
	units->phase = UNITS_NEXT;
	sd_event_source_set_time(units->timer, 0);
	sd_event_source_set_enabled(units->timer, SD_EVENT_ONESHOT);
}

void
units_start(struct units *units, const struct config_release *release, units_handler handler, void *userdata)
{
	begin(units, release, false, handler, userdata);
}

void
units_stop(struct units *units, const struct config_release *release, units_handler handler, void *userdata)
{
	begin(units, release, true, handler, userdata);
}

int
units_open(sd_event *event, struct units **ret_units)
{
	struct units *units = calloc(1, sizeof(*units));
	if (units == NULL)
		return -ENOMEM;
	units->event = event;
	int r = sd_event_add_time(event, &units->timer, CLOCK_BOOTTIME, 0, 1, on_timer, units);
	if (r >= 0)
		r = sd_event_source_set_enabled(units->timer, SD_EVENT_OFF);
	if (r < 0) {
		units_close(units);
		return r;
	}
	*ret_units = units;
	return 0;
}

void
units_close(struct units *units)
{
	if (units == NULL)
		return;
	forget_bus(units);
	sd_event_source_unref(units->timer);
	free(units);
}
