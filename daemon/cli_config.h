/* daemon/cli_config.h -- the configuration on the command line: check-config, show-config, keygen, explain, and loading
 * it for the other commands.
 *
 * The promise: no secret is ever printed (S11), and no file but the new key is written. */
#ifndef HA_DAEMON_CLI_CONFIG_H
#define HA_DAEMON_CLI_CONFIG_H

#include "daemon/cli_options.h"
#include "lib/config.h"

int cli_check_config(const struct cli_options *options);
int cli_show_config(const struct cli_options *options);
int cli_keygen(const struct cli_options *options);
int cli_explain(const struct cli_options *options);

/* Load options->config_path with `flags` (enum config_flags). CLI_EXIT_GOOD with *ret owned by the caller, or
 * CLI_EXIT_USAGE after every problem was printed to stderr. */
int cli_config_load(const struct cli_options *options, unsigned flags, struct config **ret);

#endif
