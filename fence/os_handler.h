/* fence/os_handler.h -- OpenIPMI's view of the operating system, on sd-event.
 *
 * The promise: OpenIPMI gets no datagram that the filter of its socket has refused, blocks nowhere, and leaves no
 * descriptor or timer behind when its connections are closed. */
#ifndef HA_FENCE_OS_HANDLER_H
#define HA_FENCE_OS_HANDLER_H

#include "fence/filter.h"

#include <OpenIPMI/os_handler.h>
#include <systemd/sd-event.h>

struct fence_os;

/* Starts the library too: it is one per process, so there can be only one of these at a time. 0, -ENOMEM or -EIO. */
int fence_os_open(sd_event *event, struct fence_os **ret);
/* After the last connection is closed. NULL is fine. */
void fence_os_close(struct fence_os *os);

os_handler_t *fence_os_handler(struct fence_os *os);
/* The next socket that the library opens is judged by `filter`, which must outlive it; NULL: it may open none. */
void fence_os_expect(struct fence_os *os, struct fence_filter *filter);

#endif
