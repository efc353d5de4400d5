/* A stop asks for each unit, in this order: its cgroup, because systemd forgets that with the unit; StopUnit; that the
 * job has ended; cgroup.events until it says "populated 0". When systemd is shutting the machine down it has queued
 * those stops itself: then they are waited for, and none is queued beside them.
 *
 *   NEXT -> [SYSTEM ->] [CGROUP -> [LOOK ->]] JOB -> WAIT_JOB -> [WAIT_EMPTY ->] NEXT
 *
 * A bus that breaks is opened again, and the unit under way is begun anew; the caller's time limits that. */
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
#define PROPERTIES   "org.freedesktop.DBus.Properties"
#define UNITS_LOOK   (50 * HA_MS)  /* how often an occupied cgroup is looked at, or a unit that systemd is stopping */
#define UNITS_AGAIN  (200 * HA_MS) /* between two attempts to reach the bus */
#define UNITS_MISSED HA_SEC        /* a job whose end was not told is asked for */

enum units_phase {
	UNITS_IDLE,
	UNITS_NEXT,
	UNITS_SYSTEM,
	UNITS_CGROUP,
	UNITS_LOOKING,
	UNITS_JOB,
	UNITS_WAIT_JOB,
	UNITS_WAIT_SYSTEMD,
	UNITS_WAIT_EMPTY
};

struct units {
	sd_event *event;
	sd_bus *bus;
	sd_bus_slot *match, *gone, *call;
	sd_event_source *timer;
	enum units_phase phase;
	bool stopping;
	bool asked_system; /* whether the machine is going down */
	bool shutdown;     /* ... and it is */
	bool queued;       /* a job for the present unit */
	bool still_ending; /* a start finds it ending: the start waits for that, the next unit does not */
	bool broken_said;
	struct config_release release;
	unsigned done; /* units dealt with */
	units_handler handler;
	void *userdata;
	char cgroup[PATH_MAX];
	char job[256];
	char error[256];
};

static void advance(struct units *units);
static void call_look(struct units *units);

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
	units->gone = sd_bus_slot_unref(units->gone);
	if (units->bus != NULL) {
		sd_bus_detach_event(units->bus);
		sd_bus_close(units->bus);
	}
	units->bus = sd_bus_unref(units->bus);
}

static void
look_again(struct units *units, enum units_phase phase, ha_time after)
{
	units->phase = phase;
	sd_event_source_set_time(units->timer, ha_now() + after);
	sd_event_source_set_enabled(units->timer, SD_EVENT_ONESHOT);
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

/* The bus is gone, or does not answer. It comes back, or the caller's time is over. */
static void
broken(struct units *units, const char *why)
{
	if (!units->broken_said)
		ha_log(LOG_WARNING, "unit %s: the system bus: %s; tried again", current(units), why);
	units->broken_said = true;
	forget_bus(units);
	look_again(units, UNITS_NEXT, UNITS_AGAIN);
}

/* Did the answer come from the bus, not from systemd? */
static bool
bus_failed(const sd_bus_error *error)
{
	static const char *const names[] = { SD_BUS_ERROR_NO_REPLY, SD_BUS_ERROR_TIMEOUT, SD_BUS_ERROR_DISCONNECTED,
		SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER, "System.Error.ECONNRESET",
		"System.Error.ENOTCONN", "System.Error.EPIPE", "System.Error.ETIMEDOUT" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (sd_bus_error_has_name(error, names[i]))
			return true;
	return false;
}

static void
done_one(struct units *units)
{
	static const char *const words[] = { "started", "is still ending: it is started when it has",
		"stopped, its cgroup is empty" };
	ha_log(LOG_INFO, "unit %s %s", current(units), words[units->stopping ? 2 : units->still_ending ? 1 : 0]);
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
		look_again(units, UNITS_WAIT_EMPTY, UNITS_LOOK);
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
	else if (units->phase == UNITS_WAIT_JOB || units->phase == UNITS_WAIT_SYSTEMD)
		call_look(units);
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
	if (!units->queued || (units->phase != UNITS_WAIT_JOB && units->phase != UNITS_LOOKING) ||
		strcmp(job, units->job) != 0)
		return 0;
	units->call = sd_bus_slot_unref(units->call);
	sd_event_source_set_enabled(units->timer, SD_EVENT_OFF);
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
	} else if (error != NULL && bus_failed(error)) {
		broken(units, error->message != NULL ? error->message : error->name);
	} else if (error != NULL) {
		fail(units, units->stopping ? "stop" : "start", error->message != NULL ? error->message : error->name);
	} else if (sd_bus_message_read(message, "o", &job) < 0 || strlen(job) >= sizeof(units->job)) {
		fail(units, "systemd", "an answer that cannot be read");
	} else {
		strcpy(units->job, job);
		units->queued = true;
		if (units->still_ending)
			done_one(units);
		else
			look_again(units, UNITS_WAIT_JOB, UNITS_MISSED);
	}
	return 0;
}

static void
call_job(struct units *units)
{
	units->phase = UNITS_JOB;
	int r = sd_bus_call_method_async(units->bus, &units->call, MANAGER, MANAGER_PATH, MANAGER ".Manager",
		units->stopping ? "StopUnit" : "StartUnit", on_job, units, "ss", current(units), "replace");
	if (r < 0)
		broken(units, strerror(-r));
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
	const sd_bus_error *error = sd_bus_message_get_error(message);
	const char *cgroup;
	(void)ret_error;
	units->call = sd_bus_slot_unref(units->call);
	if (error != NULL && bus_failed(error)) {
		broken(units, error->message != NULL ? error->message : error->name);
		return 0;
	}
	if (error != NULL && !has_no_cgroup(message)) {
		fail(units, "its cgroup cannot be asked", error->message != NULL ? error->message : error->name);
		return 0;
	}
	if (error == NULL && sd_bus_message_read(message, "v", "s", &cgroup) >= 0 &&
		strlen(cgroup) < sizeof(units->cgroup))
		strcpy(units->cgroup, cgroup);
	if (units->shutdown)
		call_look(units);
	else
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
		r = sd_bus_call_method_async(units->bus, &units->call, MANAGER, path, PROPERTIES, "Get", on_cgroup,
			units, "ss", interface_of(current(units)), "ControlGroup");
		free(path);
	}
	if (r < 0)
		broken(units, strerror(-r));
}

/* ActiveState and the number of the job of a unit, from GetAll of its interface. */
static int
read_unit(sd_bus_message *message, const char **ret_state, uint32_t *ret_job)
{
	const char *name;
	int r = sd_bus_message_enter_container(message, 'a', "{sv}");
	while (r >= 0 && (r = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
		r = sd_bus_message_read(message, "s", &name);
		if (r >= 0 && strcmp(name, "ActiveState") == 0)
			r = sd_bus_message_read(message, "v", "s", ret_state);
		else if (r >= 0 && strcmp(name, "Job") == 0)
			r = sd_bus_message_read(message, "v", "(uo)", ret_job, NULL);
		else if (r >= 0)
			r = sd_bus_message_skip(message, "v");
		if (r >= 0)
			r = sd_bus_message_exit_container(message);
	}
	return r;
}

static void
looked(struct units *units, const char *state, uint32_t job)
{
	bool ended = strcmp(state, "inactive") == 0 || strcmp(state, "failed") == 0;
	if (units->stopping) {
		if (job != 0)
			look_again(units, units->queued ? UNITS_WAIT_JOB : UNITS_WAIT_SYSTEMD, UNITS_LOOK);
		else if (ended || units->queued)
			look_at_cgroup(units);
		else
			call_job(units); /* the shutdown leaves it alone */
	} else if (!units->queued) {
		units->still_ending = strcmp(state, "deactivating") == 0;
		call_job(units);
	} else if (job != 0) {
		look_again(units, UNITS_WAIT_JOB, UNITS_MISSED);
	} else if (ended) {
		fail(units, "start", state);
	} else {
		done_one(units);
	}
}

static int
on_look(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
	struct units *units = userdata;
	const sd_bus_error *error = sd_bus_message_get_error(message);
	const char *state = "";
	uint32_t job = 0;
	(void)ret_error;
	units->call = sd_bus_slot_unref(units->call);
	if (error != NULL && bus_failed(error) && units->shutdown && units->cgroup[0] != '\0')
		look_at_cgroup(units); /* the bus goes down with the machine: the kernel can tell as well */
	else if (error != NULL && bus_failed(error))
		broken(units, error->message != NULL ? error->message : error->name);
	else if (error != NULL || read_unit(message, &state, &job) < 0)
		call_job(units); /* let systemd say what is wrong with it */
	else
		looked(units, state, job);
	return 0;
}

static void
call_look(struct units *units)
{
	char *path;
	units->phase = UNITS_LOOKING;
	int r = sd_bus_path_encode(MANAGER_PATH "/unit", current(units), &path);
	if (r >= 0) {
		r = sd_bus_call_method_async(units->bus, &units->call, MANAGER, path, PROPERTIES, "GetAll", on_look,
			units, "s", MANAGER ".Unit");
		free(path);
	}
	if (r < 0)
		broken(units, strerror(-r));
}

static int
on_system(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
	struct units *units = userdata;
	const char *state = "";
	(void)ret_error;
	units->call = sd_bus_slot_unref(units->call);
	units->asked_system = true;
	if (!sd_bus_message_is_method_error(message, NULL) && sd_bus_message_read(message, "v", "s", &state) >= 0 &&
		strcmp(state, "stopping") == 0) {
		units->shutdown = true;
		ha_log(LOG_INFO, "systemd is shutting down: it stops the managed units, and is waited for");
	}
	call_cgroup(units);
	return 0;
}

static void
call_system(struct units *units)
{
	units->phase = UNITS_SYSTEM;
	int r = sd_bus_call_method_async(units->bus, &units->call, MANAGER, MANAGER_PATH, PROPERTIES, "Get", on_system,
		units, "ss", MANAGER ".Manager", "SystemState");
	if (r < 0)
		broken(units, strerror(-r));
}

/* Answers under way come as errors, but the end of a job would never be told. */
static int
on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	struct units *units = userdata;
	(void)message;
	(void)error;
	if (units->phase == UNITS_WAIT_JOB || units->phase == UNITS_WAIT_SYSTEMD)
		broken(units, "closed");
	return 0;
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
		r = sd_bus_match_signal(units->bus, &units->gone, "org.freedesktop.DBus.Local",
			"/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local", "Disconnected", on_disconnected,
			units);
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
	units->cgroup[0] = '\0';
	units->queued = false;
	units->still_ending = false;
	int r = need_bus(units);
	if (r < 0)
		broken(units, strerror(-r));
	else if (!units->stopping)
		call_look(units);
	else if (!units->asked_system)
		call_system(units);
	else
		call_cgroup(units);
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
	units->asked_system = false;
	units->shutdown = false;
	units->broken_said = false;
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

const char *
units_current(const struct units *units)
{
	return units->phase != UNITS_IDLE && units->done < units->release.unit_count ? current(units) : "";
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
