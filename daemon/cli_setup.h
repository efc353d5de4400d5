/* daemon/cli_setup.h -- what init and import have in common: answers of --set, questions on the terminal, the file.
 *
 * The promise: never overwrites a file; without a terminal nothing waits for an answer. */
#ifndef HA_DAEMON_CLI_SETUP_H
#define HA_DAEMON_CLI_SETUP_H

#include "daemon/cli_options.h"
#include "daemon/setup.h"

#define CLI_SETUP_EXISTS "it is never overwritten: move it away, or choose another path"

/* The answers of --set. CLI_EXIT_GOOD, or CLI_EXIT_USAGE after saying why. */
int cli_setup_sets(const struct cli_options *options, struct setup *setup);
/* Ask for `key` on the terminal, its value being the proposal. Without a terminal: nothing. False: no more input. */
bool cli_setup_ask(struct setup *setup, enum setup_key key);
/* Ask for everything that is needed and not known. */
void cli_setup_ask_missing(struct setup *setup);
/* Addresses of the nodes from this machine's interface and /etc/hosts, where they are not known. */
void cli_setup_find_addresses(struct setup *setup);
/* Names, on stderr, of what is needed and not known. How many. */
unsigned cli_setup_say_missing(const struct setup *setup);
/* Write to `path` (NULL: stdout), mode 0600, and see that it can be read when nothing is missing. CLI_EXIT_GOOD, or
 * CLI_EXIT_FAILED after saying why. */
int cli_setup_save(const struct setup *setup, const char *path, bool complete);

#endif
