/* daemon/journal.h -- keeps the history beyond the daemon's end: writes episodes to STATE_DIR/history.
 *
 * The promise: giving it an episode costs a copy and never waits; a disk that hangs or is full costs what is written
 * about episodes, and nothing else. One that is full is tried again: what is newest is written when there is room. */
#ifndef HA_DAEMON_JOURNAL_H
#define HA_DAEMON_JOURNAL_H

#include "daemon/history.h"

#include <stdbool.h>

#define JOURNAL_SLOTS 4 /* episodes that wait to be written; the oldest makes room */

struct journal;

/* Writes in a thread of its own. 0 or -errno. */
int journal_open(const char *state_dir, struct journal **ret);
/* Waits at most a second for what is queued; a thread that hangs in the kernel is left behind. NULL is fine. */
void journal_close(struct journal *journal);
/* For EPOLLIN. */
int journal_fd(const struct journal *journal);
/* Write `episode` as it is now; in place of what waits of the same number. Decided ones are written at once, the steps
 * of others after a pause, so that an episode with many steps does not write all of them at each. */
void journal_put(struct journal *journal, const struct history_episode *episode);
/* True, once, when writing begins to fail (-errno) or works again (0). */
bool journal_changed(struct journal *journal, int *ret_result);

/* The episodes of earlier runs into `history`. 0 or -errno; *ret_lost: damaged records. */
int journal_load(const char *state_dir, struct history *history, unsigned *ret_lost);

#endif
