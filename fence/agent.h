/* fence/agent.h -- an outlet, switched by a fence agent: one run of the program for each order.
 *
 * The promise: a run has its options on stdin and nothing in its arguments (S11), a process group and a deadline of its
 * own, no descriptor and no right of ours, and never a second one beside it; an order that is late is not begun (S9).
 * Every order but CANCEL is answered once, with what the program said and no more (fence/agent_answer.h). */
#ifndef HA_FENCE_AGENT_H
#define HA_FENCE_AGENT_H

#include "fence/report.h"
#include "lib/config.h"

#include <limits.h>
#include <systemd/sd-event.h>

struct fence_agent;

typedef void fence_agent_report_handler(void *userdata, const struct fence_report *report);

/* `device` is copied, the copy is wiped by fence_agent_close(); `number` is that of the reports. Asks for the state by
 * itself every device->monitor_interval, unless that is 0. 0 or -errno. */
int fence_agent_open(sd_event *event, const struct config_device *device, unsigned number,
	fence_agent_report_handler *handler, void *userdata, struct fence_agent **ret);
/* What still runs is killed. NULL is fine. Not from inside the handler. */
void fence_agent_close(struct fence_agent *agent);
/* The program of device->agent. 0, -EPERM with what others can write in ret_culprit (such a one is never run), or
 * another -errno: there is none. */
int fence_agent_find(const struct config_device *device, char ret_path[PATH_MAX], char ret_culprit[PATH_MAX]);
/* The handler may be called before this returns. */
void fence_agent_execute(struct fence_agent *agent, const struct fence_order *order);

#endif
