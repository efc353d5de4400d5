/* fence/ipmi.h -- the peer's IMM: a session kept warm, and orders executed in it.
 *
 * The promise: a report says what was seen, no more. A power reading is an authenticated, encrypted answer to a
 * question asked in the session that the report names, which was up then and has been ever since (S6); a chassis
 * control leaves once, in time, in the session that the order names, or is reported NOT_SENT (S9, S10). Every order but
 * CANCEL is answered once.
 *
 *   no session --login--> GUID read --> session N (reads, power, monitor) --no answer--> second login beside it
 *       ^                                                                                 |            |
 *       +---------------------------- lost: nothing heard for long -----------------------+      up: session N + 1 */
#ifndef HA_FENCE_IPMI_H
#define HA_FENCE_IPMI_H

#include "fence/report.h"
#include "lib/config.h"

#include <systemd/sd-event.h>

/* How long an answer may take. An IMM that was slower before gets four times what it needed, up to the cap. */
#define FENCE_ANSWER_TIMEOUT (8 * HA_SEC)
#define FENCE_ANSWER_CAP     (30 * HA_SEC)

struct fence_ipmi;

struct fence_ipmi_config {
	const struct config_imm *imm; /* copied; the copy is wiped by fence_ipmi_close() */
	ha_time login_timeout;
	ha_time monitor_interval;
};

typedef void fence_ipmi_report_handler(void *userdata, const struct fence_report *report);

/* Starts to log in at once. 0 or -errno; one per process. */
int fence_ipmi_open(sd_event *event, const struct fence_ipmi_config *config, fence_ipmi_report_handler *handler,
	void *userdata, struct fence_ipmi **ret);
/* Orders that are outstanding are not answered any more. NULL is fine. Not from inside the report handler. */
void fence_ipmi_close(struct fence_ipmi *ipmi);

/* Execute an order, now or (a READ while there is no session) by its not_after. The handler may be called before this
 * returns. CANCEL drops the order with its token (token 0: all): it is answered NOT_SENT if it has not left, else
 * TIMEOUT, and nothing more is sent for it. */
void fence_ipmi_execute(struct fence_ipmi *ipmi, const struct fence_order *order);

#endif
