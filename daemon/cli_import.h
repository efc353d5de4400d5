/* daemon/cli_import.h -- ha-fence import: keepalived.conf in, ha-fenced.conf out.
 *
 * The promise: whatever is not carried over is named with its place and the reason. */
#ifndef HA_DAEMON_CLI_IMPORT_H
#define HA_DAEMON_CLI_IMPORT_H

#include "daemon/cli_options.h"

int cli_import(const struct cli_options *options);

#endif
