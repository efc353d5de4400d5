/* test/sim/fault.h -- faults of every class of docs/FAULTS-RESULTS.md, drawn by chance.
 *
 * The promise: what a fault does follows from its plan alone; to drop one leaves the others as they were. */
#ifndef HA_SIM_FAULT_H
#define HA_SIM_FAULT_H

#include "test/sim/world.h"

struct fault_plan {
	unsigned kind, host;
	ha_time at, duration; /* from the beginning; of those that end */
	uint64_t seed;        /* of its own chance */
};

void fault_draw(struct sim_random *r, ha_time length, struct fault_plan *ret);
const char *fault_name(const struct fault_plan *plan);
/* From now on; `plans` must outlive the run. They end by themselves, all of them with pair_heal(). */
void fault_schedule(struct world *w, const struct fault_plan *plans, unsigned count);

#endif
