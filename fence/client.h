/* fence/client.h -- talk to a fence process (lib/worker.h starts it): the command line's end of the socket.
 *
 * The promise: never blocks; what it receives has been checked by the codec. */
#ifndef HA_FENCE_CLIENT_H
#define HA_FENCE_CLIENT_H

#include "fence/report.h"

/* 0, -EAGAIN (it does not take orders any more: it hangs) or -errno. */
int fence_client_send(int fd, const struct fence_order *order);
/* 0, -EAGAIN (nothing there), -EBADMSG, -ECONNRESET (the process is gone) or -errno. */
int fence_client_receive(int fd, struct fence_report *ret);

#endif
