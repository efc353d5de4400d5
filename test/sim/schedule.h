/* test/sim/schedule.h -- a random life of a random pair, all of it drawn from one seed.
 *
 * The promise: faults of every class, several at once; then everything is repaired, and within LIVENESS somebody
 * serves. */
#ifndef HA_SIM_SCHEDULE_H
#define HA_SIM_SCHEDULE_H

#include "test/sim/world.h"

#define LIVENESS (180 * HA_SEC)

/* False, and world->failure says why, if an invariant broke or nobody serves in the end. */
bool schedule_run(struct world *w, uint64_t seed);

#endif
