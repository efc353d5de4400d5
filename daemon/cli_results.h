/* daemon/cli_results.h -- what `ha-fence test` found: a list of {check, result, detail, remedy, ms}, and how it is
 * shown.
 *
 * Pure but for jansson's heap. The promise: what the text shows is in the list, in the same order, and a list with a
 * "fail" never ends with "could fence". */
#ifndef HA_DAEMON_CLI_RESULTS_H
#define HA_DAEMON_CLI_RESULTS_H

#include <stdbool.h>
#include <stdio.h>
#include <jansson.h>

enum cli_verdict {
	CLI_PASS,
	CLI_WARNING, /* works, but not in every night */
	CLI_FAIL,
	CLI_SKIP, /* cannot be known here and now: the detail says why */
};

#define CLI_NO_TIME (-1.0)

/* Append to `results` (an array). `remedy` may have several lines; NULL: nothing to do. `ms`: how long it took, or
 * CLI_NO_TIME. */
void cli_result_add(json_t *results, const char *check, enum cli_verdict verdict, double ms, const char *remedy,
	const char *format, ...) __attribute__((format(printf, 6, 7)));

unsigned cli_results_count(const json_t *results, enum cli_verdict verdict);
/* Is there a `check` that passed? */
bool cli_results_passed(const json_t *results, const char *check);
/* Nothing that a power-down of the peer needs has failed or is missing: every imm-* check, config and authkey. */
bool cli_results_could_fence(const json_t *results);
/* The lines and the total. `seconds` is how long all of it took; `verdict` the last sentence ("" for none). */
void cli_results_render(FILE *out, bool colour, const json_t *results, double seconds, const char *verdict);

#endif
