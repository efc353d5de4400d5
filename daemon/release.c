#include "daemon/release.h"

#include "daemon/child.h"
#include "daemon/units.h"
#include "lib/log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Units end first, then the script, then everything they wrote is made durable. */
enum release_phase { RELEASE_IDLE, RELEASE_BEGIN, RELEASE_UNITS, RELEASE_SCRIPT, RELEASE_SYNC };

#define RELEASE_SYNCS (2 * CONFIG_NFS_PATHS) /* with some of an earlier configuration that hang in the kernel */

struct sync_child {
	struct release *release;
	pid_t pid;   /* 0: none runs */
	bool wanted; /* by the release under way */
	bool proven;
	char path[CONFIG_PATH_MAX]; /* the configuration's may be replaced meanwhile */
};

struct release {
	sd_event *event;
	const struct config *config;
	release_handler handler;
	void *userdata;
	struct units *units;
	struct child_user user;
	int user_error;         /* script_user is not known: nothing is run as somebody else */
	sd_event_source *timer; /* the deadline, or `now` to go on from the loop */
	enum release_phase phase;
	ha_time deadline;
	pid_t script; /* 0: none runs */
	struct sync_child syncs[RELEASE_SYNCS];
	bool proven;
	char reason[256];
};

static void
answer(struct release *release, const char *reason)
{
	release->phase = RELEASE_IDLE;
	units_cancel(release->units);
	sd_event_source_set_enabled(release->timer, SD_EVENT_OFF);
	if (release->script != 0)
		kill(-release->script, SIGKILL);
	release->script = 0;
	if (reason != NULL)
		ha_log(LOG_ERR, "release not proven: %s", reason);
	release->handler(release->userdata, reason == NULL, reason != NULL ? reason : "");
}

static void
look_at_syncs(struct release *release)
{
	for (unsigned i = 0; i < RELEASE_SYNCS; i++)
		if (release->syncs[i].wanted && !release->syncs[i].proven)
			return;
	answer(release, NULL);
}

static int
on_sync(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct sync_child *child = userdata;
	struct release *release = child->release;
	child->pid = 0;
	sd_event_source_unref(source);
	if (release->phase != RELEASE_SYNC || !child->wanted)
		return 0;
	child->proven = info->si_code == CLD_EXITED && info->si_status == 0;
	if (child->proven) {
		look_at_syncs(release);
		return 0;
	}
	snprintf(release->reason, sizeof(release->reason), "syncfs of %.200s failed", child->path);
	answer(release, release->reason);
	return 0;
}

/* One of an earlier release may still hang: it proves nothing for this one, and a second would hang beside it. */
static struct sync_child *
place(struct release *release, const char *path)
{
	struct sync_child *found = NULL;
	for (unsigned i = 0; i < RELEASE_SYNCS; i++) {
		struct sync_child *child = &release->syncs[i];
		if (child->pid != 0 && strcmp(child->path, path) == 0)
			return NULL;
		if (child->pid == 0 && !child->wanted)
			found = child;
	}
	return found;
}

static int
start_sync(struct release *release, const char *path)
{
	struct sync_child *child = place(release, path);
	if (child == NULL)
		return -EBUSY;
	child->wanted = true;
	child->proven = false;
	snprintf(child->path, sizeof(child->path), "%s", path);
	int r = child_syncfs(path, &child->pid);
	if (r < 0)
		return r;
	return sd_event_add_child(release->event, NULL, child->pid, WEXITED, on_sync, child);
}

static void
begin_sync(struct release *release)
{
	const struct config_release *config = &release->config->release;
	release->phase = RELEASE_SYNC;
	for (unsigned i = 0; i < RELEASE_SYNCS; i++)
		release->syncs[i].wanted = false;
	for (unsigned i = 0; i < config->nfs_path_count; i++) {
		int r = start_sync(release, config->nfs_paths[i]);
		if (r < 0) {
			snprintf(release->reason, sizeof(release->reason), "syncfs of %.160s: %s", config->nfs_paths[i],
				r == -EBUSY ? "an earlier one still hangs" : strerror(-r));
			answer(release, release->reason);
			return;
		}
	}
	look_at_syncs(release);
}

static int
on_script(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct release *release = userdata;
	sd_event_source_unref(source);
	if (release->phase != RELEASE_SCRIPT || info->si_pid != release->script)
		return 0;
	release->script = 0;
	if (info->si_code == CLD_EXITED && info->si_status == 0) {
		begin_sync(release);
		return 0;
	}
	snprintf(release->reason, sizeof(release->reason), "release script %s %d",
		info->si_code == CLD_EXITED ? "ended with status" : "was ended by signal", info->si_status);
	answer(release, release->reason);
	return 0;
}

static void
begin_script(struct release *release)
{
	const struct config *config = release->config;
	char *argv[] = { (char *)config->release.script, (char *)"release", (char *)config->vrrp.name, NULL };
	if (config->release.script[0] == '\0') {
		begin_sync(release);
		return;
	}
	release->phase = RELEASE_SCRIPT;
	int r = release->user_error;
	if (r == 0)
		r = child_run(&release->user, argv, NULL, &release->script);
	if (r == 0)
		r = sd_event_add_child(release->event, NULL, release->script, WEXITED, on_script, release);
	if (r < 0) {
		snprintf(release->reason, sizeof(release->reason), "release script: %s", strerror(-r));
		answer(release, release->reason);
	}
}

static void
on_units_stopped(void *userdata, const char *error)
{
	struct release *release = userdata;
	if (release->phase != RELEASE_UNITS)
		return;
	if (error == NULL) {
		begin_script(release);
		return;
	}
	snprintf(release->reason, sizeof(release->reason), "%s", error);
	answer(release, release->reason);
}

static void
on_units_started(void *userdata, const char *error)
{
	(void)userdata;
	(void)error; /* said where it happened; whether the service works is for the checks */
}

static void
arm(struct release *release, ha_time at)
{
	sd_event_source_set_time(release->timer, at);
	sd_event_source_set_enabled(release->timer, SD_EVENT_ONESHOT);
}

static void
begin(struct release *release)
{
	arm(release, release->deadline);
	if (release->config->release.unit_count == 0) {
		begin_script(release);
		return;
	}
	release->phase = RELEASE_UNITS;
	units_stop(release->units, &release->config->release, on_units_stopped, release);
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct release *release = userdata;
	(void)source;
	(void)usec;
	switch (release->phase) {
	case RELEASE_IDLE:
		break;
	case RELEASE_BEGIN:
		begin(release);
		break;
	case RELEASE_UNITS:
		snprintf(release->reason, sizeof(release->reason), "%.200s did not stop in time",
			units_current(release->units));
		answer(release, release->reason);
		break;
	case RELEASE_SCRIPT:
		answer(release, "the release script did not end in time");
		break;
	case RELEASE_SYNC:
		answer(release, "syncfs did not return in time");
		break;
	}
	return 0;
}

void
release_start(struct release *release)
{
	if (release->phase != RELEASE_IDLE && release->script != 0)
		kill(-release->script, SIGKILL);
	release->script = 0;
	release->phase = RELEASE_IDLE;
	sd_event_source_set_enabled(release->timer, SD_EVENT_OFF);
	units_start(release->units, &release->config->release, on_units_started, release);
}

void
release_stop(struct release *release, ha_time deadline)
{
	if (release->script != 0)
		kill(-release->script, SIGKILL);
	release->script = 0;
	units_cancel(release->units);
	release->deadline = deadline;
	release->phase = RELEASE_BEGIN;
	arm(release, 0);
}

void
release_configure(struct release *release, const struct config *config)
{
	release->user_error = child_user_find(config->notify.script_user, &release->user);
	if (release->user_error < 0 && config->release.script[0] != '\0')
		ha_log(LOG_WARNING, "script_user \"%s\": %s: the release script will not be run",
			config->notify.script_user, strerror(-release->user_error));
	release->config = config;
}

int
release_open(sd_event *event, const struct config *config, release_handler handler, void *userdata,
	struct release **ret_release)
{
	struct release *release = calloc(1, sizeof(*release));
	if (release == NULL)
		return -ENOMEM;
	release->event = event;
	release->handler = handler;
	release->userdata = userdata;
	for (unsigned i = 0; i < RELEASE_SYNCS; i++)
		release->syncs[i].release = release;
	release_configure(release, config);
	int r = units_open(event, &release->units);
	if (r >= 0)
		r = sd_event_add_time(event, &release->timer, CLOCK_BOOTTIME, 0, 1, on_timer, release);
	if (r >= 0)
		r = sd_event_source_set_enabled(release->timer, SD_EVENT_OFF);
	if (r < 0) {
		release_close(release);
		return r;
	}
	*ret_release = release;
	return 0;
}

void
release_close(struct release *release)
{
	if (release == NULL)
		return;
	if (release->script != 0)
		kill(-release->script, SIGKILL);
	units_close(release->units);
	sd_event_source_unref(release->timer);
	free(release);
}
