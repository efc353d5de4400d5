/* daemon/cli_control.h -- ha-fence's end of the control socket (daemon/control.h has the protocol).
 *
 * The promise: never waits longer than it was told to; an answer is a JSON object or it is an error. */
#ifndef HA_DAEMON_CLI_CONTROL_H
#define HA_DAEMON_CLI_CONTROL_H

#include "daemon/cli_options.h"
#include "lib/time.h"

#include <jansson.h>

/* One request on a connection of its own. *ret is the whole answer, owned by the caller. 0 or -errno: -ENOENT,
 * -ECONNREFUSED (no daemon), -EACCES, -ETIMEDOUT, -EBADMSG, -ECONNRESET (dropped: it may be ending), -ENAMETOOLONG. */
int cli_control_ask(const char *runtime_dir, const json_t *request, ha_time timeout, json_t **ret);
/* Does `error` mean that no daemon runs? */
bool cli_control_no_daemon(int error);
/* What `error` of cli_control_ask() means and what to do. */
void cli_control_problem(int error, const char *runtime_dir, struct cli_problem *ret);

/* The same, printed as options->json wants it. Returns CLI_EXIT_FAILED. */
int cli_control_report(int error, const struct cli_options *options);

/* An answer that says no, printed as options->json wants it. Returns the exit status that it carries. */
int cli_control_refused(const json_t *answer, const struct cli_options *options);

/* `request` (its reference is taken), its answer printed: text and remedy, or the object with --json. Returns the exit
 * status. */
int cli_control_command(const struct cli_options *options, json_t *request, ha_time timeout);
/* A request that only reads: *ret is the result, owned by the caller. Returns CLI_EXIT_GOOD or, after an error message,
 * the exit status. */
int cli_control_read(const struct cli_options *options, json_t *request, json_t **ret);
/* The test result of a running daemon, owned by the caller; NULL: none runs, or it does not answer. */
json_t *cli_control_facts(const char *runtime_dir);
/* The same, for those who must tell these two apart. 0 or -errno as of cli_control_ask(). */
int cli_control_facts_within(const char *runtime_dir, ha_time timeout, json_t **ret);

#endif
