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

#endif
