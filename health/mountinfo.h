/* health/mountinfo.h -- what is mounted at a path, from the kernel's table (proc(5), /proc/self/mountinfo).
 *
 * The lines are others' doing: whoever may mount chooses names. The promise: what is said of a path stands in one line
 * for exactly that mount point, in its first 4095 bytes; whatever another line holds changes nothing of it. */
#ifndef HA_HEALTH_MOUNTINFO_H
#define HA_HEALTH_MOUNTINFO_H

#include "lib/config.h"

#include <stdbool.h>

#define HEALTH_MOUNTINFO  "/proc/self/mountinfo"
#define HEALTH_MOUNT_TYPE 64

struct health_mount {
	bool found;
	char type[HEALTH_MOUNT_TYPE], source[CONFIG_TEXT_MAX]; /* terminated; cut if longer */
};

/* What is mounted at `path`, which may end in slashes; of several the last, which covers the others. `fd` is open at
 * the table's beginning and stays open. */
void health_mountinfo_find(int fd, const char *path, struct health_mount *ret);

#endif
