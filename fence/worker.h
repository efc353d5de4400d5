/* fence/worker.h -- the fence process: orders in from a socket, reports out.
 *
 * The promise: it holds the passwords of one node's devices, the peer's IMM and outlets or (to read sensors) its own
 * node's IMM, and no other secret, has no privilege, executes no order that is late or malformed, and ends when its
 * socket closes (S11). */
#ifndef HA_FENCE_WORKER_H
#define HA_FENCE_WORKER_H

#include "lib/config.h"

/* What the process keeps of the configuration. */
struct fence_worker_config {
	bool usable; /* else every order is answered FENCE_CONFIG */
	bool own;    /* our own node's IMM, and only sensors can be asked for: no power command exists then (S10) */
	struct config_imm imm;
	struct config_device devices[CONFIG_DEVICES]; /* the peer's */
	unsigned device_count;
	ha_time login_timeout, monitor_interval;
};

/* Serve `fd` (AF_UNIX, SOCK_SEQPACKET; owned by the caller) until it closes or SIGTERM or SIGINT comes. `config` is
 * wiped as soon as it is handed over. 0 or -errno. */
int fence_worker_run(int fd, struct fence_worker_config *config);

#endif
