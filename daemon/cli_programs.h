/* daemon/cli_programs.h -- programs of the configuration that others could replace: `ha-fence check-config` and `test`.
 *
 * The promise: nothing is run, and nobody is asked but the file system. */
#ifndef HA_DAEMON_CLI_PROGRAMS_H
#define HA_DAEMON_CLI_PROGRAMS_H

#include "lib/config.h"

/* `setting` has a program that is not safe: others can write `culprit`, which is the file or its folder. */
typedef void cli_programs_handler(void *userdata, const char *setting, const char *culprit);

/* Calls `handler` for each; how many there are. */
unsigned cli_programs_unsafe(const struct config *config, cli_programs_handler *handler, void *userdata);

#endif
