/* fence/retry.h -- when to try the IMM again after a failed login.
 *
 * Pure. The promise: a refused user or password is tried at most once a minute, less and less often, so that no account
 * is locked; everything else soon enough that an IMM that returns is in use within 5 s. */
#ifndef HA_FENCE_RETRY_H
#define HA_FENCE_RETRY_H

#include "fence/report.h"
#include "lib/time.h"

#define FENCE_LOGIN_RETRY_FIRST (500 * HA_MS)
#define FENCE_LOGIN_RETRY_CAP   (2 * HA_SEC)
#define FENCE_LOCKOUT_FIRST     (60 * HA_SEC)
#define FENCE_LOCKOUT_CAP       (900 * HA_SEC)

/* How long to wait after a login that failed with `error`, when the wait before it was `previous` (0: the one before
 * succeeded). */
ha_time fence_retry_delay(enum fence_error error, ha_time previous);

#endif
