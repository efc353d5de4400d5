/* daemon/cli_status.h -- `ha-fence status`: what the daemon says, or, without one, what this machine can know by
 * itself.
 *
 * The promise: the first word is PROTECTED, UNPROTECTED, STUCK or DOWN, and only PROTECTED ends with exit status 0. */
#ifndef HA_DAEMON_CLI_STATUS_H
#define HA_DAEMON_CLI_STATUS_H

#include "daemon/cli_options.h"

#include <stdio.h>
#include <time.h>
#include <jansson.h>

int cli_status(const struct cli_options *options);

/* Render the status object of daemon/control.h. Reads nothing else: the time now is `now`; alarms are broken into lines
 * of `columns`, 0: they are not. */
void cli_status_render(FILE *out, bool colour, int columns, const json_t *status, time_t now);
/* Only its first line. */
void cli_status_render_line(FILE *out, bool colour, const json_t *status);
/* Render what cli_status() found without a daemon: {summary, cluster, node, text, remedy, vips [{address, interface,
 * present, answered_by, asked}]}. */
void cli_status_render_down(FILE *out, bool colour, const json_t *status);
int cli_status_exit(const json_t *status);
/* The first line only, of the running daemon, if it answers; after a command, so the VIP is given a second to arrive.
 */
void cli_status_line(const struct cli_options *options);

#endif
