/* daemon/health.h -- between the health process and the node: results in, verdicts out.
 *
 * The promise: the node's questions (fit to fence, storage) get one answer each, "no" when the process is gone, hangs,
 * or runs by another configuration than ours (S9); what it last saw otherwise stays in force (health/verdict.h);
 * nothing here waits. Without a check in the configuration there is no process. */
#ifndef HA_DAEMON_HEALTH_H
#define HA_DAEMON_HEALTH_H

#include "daemon/node.h"
#include "lib/config.h"

#include <jansson.h>
#include <systemd/sd-event.h>

struct daemon_health;

struct daemon_health_handler {
	void *userdata;
	/* EV_HEALTH, EV_FIT_PROBE, EV_STORAGE_PROBE, EV_WORKER */
	void (*event)(void *userdata, const struct node_event *event);
};

/* `config` must stay alive until daemon_health_configure() or _close(), `guid` (this machine's) until _close(). 0 or
 * -errno. */
int daemon_health_open(sd_event *event, const struct config *config, const struct ha_guid *guid,
	const struct daemon_health_handler *handler, struct daemon_health **ret);
void daemon_health_close(struct daemon_health *health); /* NULL is fine */
/* A reload. The old configuration is not used afterwards. */
int daemon_health_configure(struct daemon_health *health, const struct config *config);
/* To be called whenever it may have changed: does this node hold as MASTER? EV_HEALTH follows at once if that changes
 * the node's health, and the first time. */
void daemon_health_mode(struct daemon_health *health, bool master);
/* Answered by EV_FIT_PROBE with `token`, and by EV_STORAGE_PROBE, perhaps before this returns. A second one before the
 * answer of the first takes its place. */
void daemon_health_probe_fit(struct daemon_health *health, uint32_t token);
void daemon_health_probe_storage(struct daemon_health *health, uint32_t token);
/* [{name, type, ok, detail, since, ms, when, weight}] of status; `wall` as daemon_wall() gives it. */
/* Restarts of the health process. */
unsigned daemon_health_restarts(const struct daemon_health *health);
json_t *daemon_health_json(const struct daemon_health *health, int64_t wall);

#endif
