/* fence/agent_answer.h -- what the end of a fence agent means.
 *
 * Pure. The promise: a power state is read only from an exit status and a line "Status: ON" or "Status: OFF" that
 * agree. The exit status alone would not do: 2 is "off" as well as "bad arguments" (and a shell's syntax error). */
#ifndef HA_FENCE_AGENT_ANSWER_H
#define HA_FENCE_AGENT_ANSWER_H

#include "fence/report.h"

/* `exited`: by itself, with `status`; `output`: what it wrote, terminated. Fills in error, completion and, of a READ,
 * power. */
void fence_agent_answer(
	enum fence_order_type action, bool exited, int status, const char *output, struct fence_report *ret);
/* "off" for FENCE_ORDER_POWER_DOWN and so on. */
const char *fence_agent_action(enum fence_order_type action);

#endif
