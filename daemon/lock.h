/* daemon/lock.h -- one ha-fenced for a virtual router in a network namespace (S4, FAULTS 61).
 *
 * The promise: while the lock is held no other process of this network namespace has it, whatever runtime directory it
 * uses; it goes with the process, however that ends. */
#ifndef HA_DAEMON_LOCK_H
#define HA_DAEMON_LOCK_H

#include "lib/time.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define LOCK_WAIT   (2 * HA_SEC)
#define LOCK_HOLDER 96

/* Take the lock of `vrid`, waiting for an old process at most `wait`. Returns 0 with *ret_fd (close it to give the lock
 * back), or -EADDRINUSE with *ret_owner: the other's process id as seen from here, 0 if unknown; or -errno. */
int lock_take(uint8_t vrid, ha_time wait, int *ret_fd, pid_t *ret_owner);

/* Who has it: "process 123 (nc) of user 1000", as far as the kernel says. The name is there for everybody: any local
 * user can take it first, and keep the daemon from starting. False: nobody that listens there. */
bool lock_holder(uint8_t vrid, char text[LOCK_HOLDER]);

#endif
