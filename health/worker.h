/* health/worker.h -- the health process: runs the configured checks by schedule and on order, reports what it saw.
 *
 * The promise: a check that hangs, floods or crashes something delays neither another check nor the daemon; of each at
 * most one probe is under way; the process ends when its socket closes. It decides nothing (health/verdict.h). */
#ifndef HA_HEALTH_WORKER_H
#define HA_HEALTH_WORKER_H

#include "lib/config.h"

struct health_worker;

/* Open what needs a privilege, which may be given up afterwards. `config` NULL: there is none that can be used; HELLO
 * says so by a digest of zeros. It must outlive the worker, as `fd` (AF_UNIX, SOCK_SEQPACKET), which stays the
 * caller's. 0 or -errno. */
int health_worker_open(int fd, const struct config *config, struct health_worker **ret);
/* Serve until the socket closes or SIGTERM or SIGINT comes. 0 or -errno. */
int health_worker_run(struct health_worker *worker);
void health_worker_close(struct health_worker *worker);

#endif
