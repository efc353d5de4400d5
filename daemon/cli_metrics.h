/* daemon/cli_metrics.h -- `ha-fence metrics`, and what `ha-fence test` leaves for it.
 *
 * The promise: one scrape's text on the output, or an error and nothing on it. */
#ifndef HA_DAEMON_CLI_METRICS_H
#define HA_DAEMON_CLI_METRICS_H

#include "daemon/cli_options.h"

int cli_metrics(const struct cli_options *options);
/* The HTTP status for a whole request, 200 if it asks for the figures. For the above and for tests. */
unsigned cli_metrics_judge(const char *request);
/* Tell the running daemon, and the next one, that a test has ended with so many failures. Who may not is not asked. */
void cli_metrics_tested(const struct cli_options *options, unsigned failures);

#endif
