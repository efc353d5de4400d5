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
/* The last whole line of `output`, what it wrote to stderr, cut and without control characters; not if a value of
 * `secrets`, lines NAME=VALUE, is anywhere in it (S11). One that was cut off, by a buffer's end or with its program,
 * may hold the beginning of a secret, which nobody would recognize: it is not whole. Returns `line`, or what to say
 * instead. */
#define FENCE_AGENT_COMPLAINT 160
const char *fence_agent_complaint(const char *output, const char *secrets, char line[FENCE_AGENT_COMPLAINT]);
/* "off" for FENCE_ORDER_POWER_DOWN and so on. */
const char *fence_agent_action(enum fence_order_type action);

#endif
