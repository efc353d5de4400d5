/* fence/worker.h -- the fence process: orders in from a socket, reports out.
 *
 * The promise: it holds one IMM's password, the peer's or (to read sensors) its own node's, and no other secret, has
 * no privilege, executes no order that is late or malformed, and ends when its socket closes (S11). */
#ifndef HA_FENCE_WORKER_H
#define HA_FENCE_WORKER_H

#include "lib/config.h"

/* Serve `fd` (AF_UNIX, SOCK_SEQPACKET; owned by the caller) until it closes or SIGTERM or SIGINT comes. `imm` is the
 * peer's and is wiped as soon as it is handed over; NULL: the configuration is bad, every order is answered
 * FENCE_CONFIG. `own`: it is our own node's, and only sensors can be asked for: no power command exists
 * in such a process (S10). 0 or -errno. */
int fence_worker_run(int fd, struct config_imm *imm, bool own, const struct config_fence *fence);

#endif
