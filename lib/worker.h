/* lib/worker.h -- a helper process beside the daemon: how it is found and started, and what it gives up.
 *
 * The promise: it inherits one socket and nothing else of its parent (no blocked signal, no real-time priority, no
 * descriptor but a configuration that is only one), and it can give up every privilege for itself and for all that it
 * starts. */
#ifndef HA_LIB_WORKER_H
#define HA_LIB_WORKER_H

#include "lib/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

/* Where the executable `name` is: beside the running one (a build directory), else in ../libexec/ha-fenced. 0 or
 * -errno. */
int ha_worker_locate(const char *name, char *ret_path, size_t size);
/* Start the executable `path` as "NAME -c CONFIG --fd 3 [--node NODE] [OPTION]", NAME being its last part; `node` NULL:
 * it finds out; `option` NULL: none. A CONFIG "/proc/self/fd/N" is handed on as descriptor 4. The socket is of type
 * SOCK_SEQPACKET, non-blocking and closed on exec; the process ends when it is closed. The caller owns both and must
 * wait for the process. 0 or -errno. */
int ha_worker_spawn(
	const char *path, const char *config, const char *node, const char *option, pid_t *ret_pid, int *ret_fd);

/* For the process itself, which is started as above. */
struct ha_worker_options {
	const char *config, *node; /* of its command line; node NULL: it finds out */
	int fd;
	bool own; /* --own, which only ha-fenced-fence knows */
};

/* False: not started like that; how it is used is said on stderr, and the exit status is HA_WORKER_USAGE. */
#define HA_WORKER_USAGE 2
bool ha_worker_options(int argc, char **argv, struct ha_worker_options *ret);
/* The configuration that they name, with what `flags` (config.h) asks for; config_free() it. NULL: it cannot be used,
 * which is logged. */
struct config *ha_worker_config(const struct ha_worker_options *options, unsigned flags);
/* The end of main(): a failure `r` is logged, the log closed. Returns the exit status. */
int ha_worker_exit(int r);
/* Blocks SIGTERM and SIGINT, which then end `event`; `handler` is called when something comes in on `fd`, and its
 * failure ends `event`, too. The caller unrefs the source. 0 or -errno. */
int ha_worker_listen(sd_event *event, int fd, sd_event_io_handler_t handler, void *userdata, sd_event_source **ret);
/* No core dump, no ptrace, no new privileges, no real-time priority, no locked memory; ends with its parent. 0 or
 * -errno.
 */
int ha_worker_harden(void);
/* Before a script: it gets neither the daemon's real-time priority and locked memory, with which it could hold up
 * adverts, nor its exemption from the OOM killer. While the caller still has the capabilities that it is about to give
 * up. Async-signal-safe. */
void ha_worker_limit_script(void);
/* Give up every capability, also what a program executed later would inherit. Async-signal-safe. 0 or -errno. */
int ha_worker_drop_capabilities(void);
/* May this process become another user: is it root, or has it what the service's unit gives it? */
bool ha_worker_may_change_user(void);

#endif
