/* fence/client.h -- start a fence process and talk to it: the daemon's and the command line's end of the socket.
 *
 * The promise: never blocks; what it receives has been checked by the codec. */
#ifndef HA_FENCE_CLIENT_H
#define HA_FENCE_CLIENT_H

#include "fence/report.h"

#include <stddef.h>
#include <sys/types.h>

/* Where ha-fenced-fence is: beside the running executable (a build directory), else in ../libexec/ha-fenced. 0 or
 * -errno. */
int fence_client_locate(char *ret_path, size_t size);
/* Start the executable `path` with the configuration file `config` as node `node` (NULL: it finds out). The socket is
 * non-blocking and closed on exec; the process ends when it is closed. The caller owns both and must wait for the
 * process. 0 or -errno. */
int fence_client_spawn(const char *path, const char *config, const char *node, pid_t *ret_pid, int *ret_fd);
/* 0, -EAGAIN (it does not take orders any more: it hangs) or -errno. */
int fence_client_send(int fd, const struct fence_order *order);
/* 0, -EAGAIN (nothing there), -EBADMSG, -ECONNRESET (the process is gone) or -errno. */
int fence_client_receive(int fd, struct fence_report *ret);

#endif
