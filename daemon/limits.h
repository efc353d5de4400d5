/* daemon/limits.h -- the process keeps running when the machine is in trouble, and shows its secrets to nobody (S11,
 * S13).
 *
 * The promise: whatever is not allowed is said once and done without. */
#ifndef HA_DAEMON_LIMITS_H
#define HA_DAEMON_LIMITS_H

#include <stdbool.h>

/* Before the configuration is read: no core dump, no ptrace by others. */
void limits_secrets(void);
/* Real-time priority (children do not inherit it), memory locked as it is touched, spared by the OOM killer. */
void limits_realtime(bool *ret_realtime, bool *ret_locked);

#endif
