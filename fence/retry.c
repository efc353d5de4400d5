#include "fence/retry.h"

ha_time
fence_retry_delay(enum fence_error error, ha_time previous)
{
	bool lockout = error == FENCE_AUTHENTICATION;
	ha_time first = lockout ? FENCE_LOCKOUT_FIRST : FENCE_LOGIN_RETRY_FIRST;
	ha_time cap = lockout ? FENCE_LOCKOUT_CAP : FENCE_LOGIN_RETRY_CAP;

	/* A lock-out delay that was earned before stays earned only for the next refusal. */
	if (previous < first || (!lockout && previous > cap))
		return first;
	return ha_time_min(2 * previous, cap);
}
