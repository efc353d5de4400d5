/* daemon/inhibit.h -- keep the machine from going to sleep: a node that sleeps is fenced.
 *
 * The promise: nothing here is waited for, and nothing depends on it. Without logind, or where it says no, the machine
 * may sleep as it may without us. */
#ifndef HA_DAEMON_INHIBIT_H
#define HA_DAEMON_INHIBIT_H

#include <systemd/sd-event.h>

struct inhibit;

/* Asks logind for a lock that blocks sleep until inhibit_close() or the end of this process. 0 or -ENOMEM. */
int inhibit_open(sd_event *event, struct inhibit **ret_inhibit);
void inhibit_close(struct inhibit *inhibit); /* NULL is fine */

#endif
