/* daemon/cli_worker.h -- a fence process of ha-fence's own, on its event loop; other helpers are started alike.
 *
 * The promise: the process is gone when cli_worker_close() returns, also one that hangs. */
#ifndef HA_DAEMON_CLI_WORKER_H
#define HA_DAEMON_CLI_WORKER_H

#include "fence/client.h"
#include "fence/report.h"

#include <sys/types.h>
#include <systemd/sd-event.h>

/* `error` 0: a report; else -errno and `report` NULL: nothing more will come. */
typedef void (*cli_worker_handler)(void *userdata, const struct fence_report *report, int error);

struct cli_worker {
	pid_t pid; /* 0: none */
	int fd;
	sd_event_source *source;
	cli_worker_handler handler;
	void *userdata;
};

/* Start it as node `node`: its orders go to the IMM of the other one, or with `own` to that node's. 0 or -errno;
 * cli_worker_close() in every case. */
int cli_worker_open(struct cli_worker *worker, sd_event *event, const char *config_path, const char *node, bool own,
	cli_worker_handler handler, void *userdata);
/* 0 or -errno. */
int cli_worker_send(struct cli_worker *worker, const struct fence_order *order);
void cli_worker_close(struct cli_worker *worker);

/* For a helper that speaks something else: `program` started without our stderr, and ended again. */
int cli_worker_start(const char *program, const char *config_path, const char *node, const char *option, pid_t *ret_pid,
	int *ret_fd);
void cli_worker_end(pid_t *pid, int *fd);

#endif
