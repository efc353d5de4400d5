/* daemon/awake.h -- keeps the machine from going to sleep while the daemon runs: logind's inhibitor lock.
 *
 * The promise: whoever has no logind, or may not, is told once and does without; nothing waits for it. A sleeping node
 * is for its peer a dead one, and is powered down. */
#ifndef HA_DAEMON_AWAKE_H
#define HA_DAEMON_AWAKE_H

#include <systemd/sd-event.h>

struct awake;

/* Asks logind; its answer comes by `event`. 0, or negative errno if nobody could be asked. *ret: awake_close() it. */
int awake_open(sd_event *event, struct awake **ret_awake);
/* Gives the lock back. NULL: does nothing. */
void awake_close(struct awake *awake);

#endif
