#include "lib/time.h"

#include <stdlib.h>
#include <time.h>

ha_time
ha_now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_BOOTTIME, &ts) != 0)
		abort();
	return (ha_time)ts.tv_sec * HA_SEC + (ha_time)ts.tv_nsec / 1000;
}
