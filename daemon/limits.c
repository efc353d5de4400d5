#include "daemon/limits.h"

#include "daemon/file.h"
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define LIMITS_PRIORITY 10
#define LIMITS_OOM      "-900"

void
limits_secrets(void)
{
	(void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int
spare_from_oom(void)
{
	char *now = NULL;
	/* The unit has set it already: who is not root, and is not to be traced, may only read it. */
	if (file_read("/proc/self", "oom_score_adj", 32, &now, NULL) == 0) {
		int score = atoi(now);
		free(now);
		if (score <= atoi(LIMITS_OOM))
			return 0;
	}
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int r = write(fd, LIMITS_OOM, strlen(LIMITS_OOM)) < 0 ? -errno : 0;
	close(fd);
	return r;
}

void
limits_realtime(bool *ret_realtime, bool *ret_locked)
{
	struct sched_param param = { .sched_priority = LIMITS_PRIORITY };
	*ret_realtime = sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param) == 0;
	if (!*ret_realtime)
		ha_log(LOG_WARNING, "no real-time priority: %s; a busy machine may delay adverts", strerror(errno));
	/* On fault: what is never touched, as the stacks of threads, takes no memory. */
	*ret_locked = mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
	if (!*ret_locked)
		ha_log(LOG_WARNING, "memory is not locked: %s; a machine that swaps may delay adverts",
			strerror(errno));
	int r = spare_from_oom();
	if (r < 0)
		ha_log(LOG_INFO, "not spared by the OOM killer: %s", strerror(-r));
}
