/* daemon/cli_command.h -- the commands that the running daemon carries out: switchover, standby, unstandby, pause,
 * resume, reload, reexec, confirm-off; and version.
 *
 * The promise: confirm-off asks the person only what the daemon would accept, and says what the answer means. */
#ifndef HA_DAEMON_CLI_COMMAND_H
#define HA_DAEMON_CLI_COMMAND_H

#include "daemon/cli_options.h"

/* switchover, standby, unstandby, resume, reload: the request has the command's name. */
int cli_command_plain(const struct cli_options *options);
int cli_command_pause(const struct cli_options *options);
int cli_command_confirm_off(const struct cli_options *options);
int cli_command_reexec(const struct cli_options *options);
int cli_command_version(const struct cli_options *options);

#endif
