/* fence/own.h -- one's own IMM, asked for chassis faults and sensors: a session of its own, opened when there is a
 * question and closed when there is none.
 *
 * The promise: it only reads; one request is under way at a time; nothing of the peer's IMM waits for it. Every order
 * is answered once, by its not_after; what it reads comes from one authenticated, encrypted session, whose GUID is in
 * the report (S10). A refused login is not repeated at once, however often it is asked. */
#ifndef HA_FENCE_OWN_H
#define HA_FENCE_OWN_H

#include "fence/report.h"
#include "lib/config.h"

#include <systemd/sd-event.h>

struct fence_own;

typedef void fence_own_handler(void *userdata, const struct fence_report *report);

struct fence_own_config {
	const struct config_imm *imm; /* copied; the copy is wiped by fence_own_close() */
	ha_time login_timeout;
};

/* 0 or -errno; one per process, and none beside a fence_ipmi: OpenIPMI would use one socket for both IMMs. */
int fence_own_open(sd_event *event, const struct fence_own_config *config, fence_own_handler *handler, void *userdata,
	struct fence_own **ret);
void fence_own_close(struct fence_own *own); /* NULL is fine */
/* FENCE_ORDER_SENSOR. The handler may be called before this returns. */
void fence_own_execute(struct fence_own *own, const struct fence_order *order);

#endif
