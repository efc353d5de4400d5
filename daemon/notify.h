/* daemon/notify.h -- notify scripts and the notify FIFO, as keepalived calls and feeds them.
 *
 * The promise: the states are keepalived's (MASTER, BACKUP, FAULT, STOP), each change is told once and in order, and
 * MASTER again after a release that was undone; a script that hangs or a FIFO that nobody reads delays nothing. */
#ifndef HA_DAEMON_NOTIFY_H
#define HA_DAEMON_NOTIFY_H

#include "daemon/node.h"
#include "lib/config.h"

#include <stdint.h>
#include <systemd/sd-event.h>

struct notify;

/* `config` must stay valid until notify_configure() or notify_close(). 0 or -errno. */
int notify_open(sd_event *event, const struct config *config, struct notify **ret_notify);
void notify_configure(struct notify *notify, const struct config *config);
void notify_close(struct notify *notify);

/* The node's state now; says nothing if it is the same to keepalived's eyes. `episode` and `cause` go into the scripts'
 * environment, as HA_EPISODE and HA_CAUSE. */
void notify_state(struct notify *notify, enum node_state state, uint8_t priority, uint64_t episode, const char *cause);
/* The daemon ends: its loop does not run any more. Waits at most a second for each script. */
void notify_stop(struct notify *notify, uint8_t priority);

#endif
