/* test/sim/run.h -- many schedules on all cores, one as a trace, and a failing one made small.
 *
 * The promise: a seed that is printed as failed fails in the same way with replay_run(), on any machine. */
#ifndef HA_SIM_RUN_H
#define HA_SIM_RUN_H

#include "test/sim/world.h"

/* Each returns the exit status, 2 for words that it does not know. */
int random_run(struct world *w, int count, char **words); /* --seeds N --first-seed S --jobs N --keep-going */
int replay_run(struct world *w, int count, char **words); /* SEED [messages] */
int shrink_run(struct world *w, int count, char **words); /* SEED */

#endif
