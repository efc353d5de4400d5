#include "health/child.h"
#include "health/probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The file may lie on a file system that hangs, so a child looks. */
static void
look(const void *argument, struct health_child_answer *ret)
{
	const struct config_check *check = argument;
	struct stat st;
	int error = stat(check->target, &st) < 0 ? errno : 0;
	bool exists = error == 0;

	if (error != 0 && error != ENOENT && error != ENOTDIR) {
		(void)snprintf(ret->detail, sizeof(ret->detail), "%.80s: error %d", check->target, error);
		return;
	}
	ret->good = exists == check->must_exist;
	(void)snprintf(
		ret->detail, sizeof(ret->detail), "%.80s %s", check->target, exists ? "exists" : "does not exist");
}

static void
on_done(void *userdata, const struct health_child_answer *answer)
{
	struct health_probe *probe = userdata;

	if (!answer)
		health_probe_answer(probe, HEALTH_UNKNOWN, "the look at %.80s was ended", probe->check->target);
	else
		health_probe_answer(probe, answer->good ? HEALTH_OK : HEALTH_FAILED, "%s", answer->detail);
}

static void
file_open(struct health_probe *probe)
{
	probe->state = calloc(1, sizeof(struct health_child));
}

static void
file_start(struct health_probe *probe)
{
	int r = probe->state
			? health_child_start(probe->state, probe->shared->event, look, probe->check, on_done, probe)
			: -ENOMEM;

	if (r == -EBUSY)
		health_probe_answer(
			probe, HEALTH_TIMEOUT, "%.80s: an earlier look at it still hangs", probe->check->target);
	else if (r < 0)
		health_probe_answer(probe, HEALTH_UNKNOWN, "no child: %s", strerror(-r));
}

static void
file_stop(struct health_probe *probe)
{
	health_child_stop(probe->state);
}

static bool
file_is_busy(const struct health_probe *probe)
{
	return probe->state && health_child_is_busy(probe->state);
}

static void
file_close(struct health_probe *probe)
{
	if (probe->state)
		health_child_close(probe->state);
	free(probe->state);
}

const struct health_kind health_file = {
	.open = file_open, .start = file_start, .stop = file_stop, .is_busy = file_is_busy, .close = file_close
};
