/* health/child.h -- work that the kernel may hold for ever, in a child of its own.
 *
 * The promise: this process never waits for the child, not even at its end. One that is stopped is killed and reaped
 * whenever the kernel lets go of it; until then no second one begins. */
#ifndef HA_HEALTH_CHILD_H
#define HA_HEALTH_CHILD_H

#include "health/report.h"

#include <sys/types.h>
#include <systemd/sd-event.h>

struct health_child_answer {
	bool good;
	char detail[HEALTH_DETAIL];
};

/* In the child: system calls only, no heap, no log. */
typedef void (*health_child_work)(const void *argument, struct health_child_answer *ret);
/* `answer` NULL: it ended without one. */
typedef void (*health_child_done)(void *userdata, const struct health_child_answer *answer);

struct health_child {
	sd_event *event;
	pid_t pid; /* 0: none */
	int pidfd, pipe;
	sd_event_source *source;
	health_child_done done; /* NULL: stopped, nobody listens */
	void *userdata;
};

/* 0, -EBUSY (one that was stopped still hangs in the kernel) or -errno. */
int health_child_start(struct health_child *child, sd_event *event, health_child_work work, const void *argument,
	health_child_done done, void *userdata);
bool health_child_is_busy(const struct health_child *child);
void health_child_stop(struct health_child *child);
/* Also of one that hangs: it is left to init. */
void health_child_close(struct health_child *child);

#endif
