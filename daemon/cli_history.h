/* daemon/cli_history.h -- `ha-fence history`: what happened, when, and on which proof.
 *
 * The promise: an episode is shown with every step that the daemon kept, in order, with times from its beginning. */
#ifndef HA_DAEMON_CLI_HISTORY_H
#define HA_DAEMON_CLI_HISTORY_H

#include "daemon/cli_options.h"

#include <stdio.h>
#include <time.h>
#include <jansson.h>

int cli_history(const struct cli_options *options);

/* Render the history result of daemon/control.h: one line each, or all of an episode. */
void cli_history_render_list(FILE *out, const json_t *episodes);
void cli_history_render(FILE *out, bool colour, const json_t *episode);

/* All episodes that can be had, of the daemon and of the file, oldest first; to be freed by the caller. Returns
 * CLI_EXIT_GOOD or, after an error message, the exit status. */
int cli_history_read(const struct cli_options *options, json_t **ret);
/* Those that the running daemon knows; NULL, and *ret_error as of cli_control_ask(). */
json_t *cli_history_live(const struct cli_options *options, int *ret_error);

#endif
