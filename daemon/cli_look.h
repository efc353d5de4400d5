/* daemon/cli_look.h -- what this machine can know about the pair without a running daemon.
 *
 * The promise: it says only what it has looked at: the kernel's addresses and answers on the wire. */
#ifndef HA_DAEMON_CLI_LOOK_H
#define HA_DAEMON_CLI_LOOK_H

#include "daemon/cli_options.h"
#include "lib/config.h"

#include <jansson.h>

/* The object that cli_status_render_down() shows; `control_error` (-errno) is why the daemon was not asked. Takes up to
 * half a second. Owned by the caller; NULL only without memory. */
json_t *cli_look_around(const struct cli_options *options, int control_error);

#endif
