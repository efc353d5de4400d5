/* lib/time.h -- one kind of time in the whole program: microseconds of CLOCK_BOOTTIME.
 *
 * The promise: only shells call ha_now(); a pure core is handed the time in its event. CLOCK_BOOTTIME counts
 * through a suspend and ignores the wall clock, so that a jump of the date changes nothing (FAULTS 45). */
#ifndef HA_LIB_TIME_H
#define HA_LIB_TIME_H

#include <stdint.h>

typedef uint64_t ha_time;

#define HA_NEVER ((ha_time)UINT64_MAX)
#define HA_MS    ((ha_time)1000)
#define HA_SEC   ((ha_time)1000000)

/* The time now. Cannot fail on Linux; aborts if the kernel has no CLOCK_BOOTTIME. */
ha_time ha_now(void);

static inline ha_time
ha_time_min(ha_time a, ha_time b)
{
	return a < b ? a : b;
}

static inline ha_time
ha_time_max(ha_time a, ha_time b)
{
	return a > b ? a : b;
}

/* `t` later by `d`; HA_NEVER stays HA_NEVER. */
static inline ha_time
ha_time_add(ha_time t, ha_time d)
{
	return (t == HA_NEVER || d == HA_NEVER || t > HA_NEVER - d) ? HA_NEVER : t + d;
}

/* How long `since` is ago at `now`; 0 if it lies in the future. */
static inline ha_time
ha_time_since(ha_time now, ha_time since)
{
	return now > since ? now - since : 0;
}

#endif
