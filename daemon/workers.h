/* daemon/workers.h -- the fence process: started, watched, started again.
 *
 * The promise: every order gets exactly one answer, from the process or, when it is gone or does not take orders, from
 * here (FENCE_WORKER, FENCE_NOT_SENT: facts about us, never about the peer); a process that hangs is replaced; nothing
 * here waits. */
#ifndef HA_DAEMON_WORKERS_H
#define HA_DAEMON_WORKERS_H

#include "fence/report.h"
#include "lib/time.h"

#include <stdbool.h>
#include <systemd/sd-event.h>

struct workers;

struct workers_config {
	const char *config; /* path; copied, as `node` */
	const char *node;   /* the local node's name */
	ha_time answer;     /* one that leaves an order unanswered for so long hangs */
};

struct workers_handler {
	void *userdata;
	void (*report)(void *userdata, const struct fence_report *report);
	void (*state)(void *userdata, bool running, bool planned); /* it ended (planned: by us), or it is back */
};

/* 0 or -errno; a process that cannot be started is no error: it is tried again. */
int workers_open(sd_event *event, const struct workers_config *config, const struct workers_handler *handler,
	struct workers **ret_workers);
void workers_close(struct workers *workers);
/* Never calls the handler: a made-up answer comes with workers_drain() or from the loop. */
void workers_order(struct workers *workers, const struct fence_order *order);
/* Hand over what is waiting (S13: before a timer is looked at). */
int workers_fd(const struct workers *workers); /* readable: reports wait; -1: no process */
void workers_drain(struct workers *workers);
/* Start it anew with the file as it is now (reload). */
void workers_restart(struct workers *workers);
bool workers_running(const struct workers *workers);
unsigned workers_restarts(const struct workers *workers);

#endif
