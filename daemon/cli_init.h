/* daemon/cli_init.h -- ha-fence init: a first configuration, its key, and what to do with them.
 *
 * The promise: never overwrites a file, and what it writes passes check-config. */
#ifndef HA_DAEMON_CLI_INIT_H
#define HA_DAEMON_CLI_INIT_H

#include "daemon/cli_options.h"

int cli_init(const struct cli_options *options);

#endif
