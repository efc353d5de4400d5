/* daemon/cli_report.h -- `ha-fence history --html FILE`: episodes as one page, to be attached to an incident report.
 *
 * The promise: the page needs nothing but itself (no script, no font, no picture from elsewhere), and nothing that was
 * recorded can become markup. */
#ifndef HA_DAEMON_CLI_REPORT_H
#define HA_DAEMON_CLI_REPORT_H

#include <jansson.h>
#include <stdio.h>

#define CLI_REPORT_EPISODES 20 /* the newest, if not one was asked for */

/* `episodes` as of daemon/control.h; the newest comes first on the page. */
void cli_report_render(FILE *out, const json_t *episodes);
/* The same into `path` ("-": stdout), which is replaced when all of it is written. Returns 0 or -errno. */
int cli_report_write(const char *path, const json_t *episodes);

#endif
