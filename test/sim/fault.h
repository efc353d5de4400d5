/* test/sim/fault.h -- faults of every class of FAULTS.md, drawn from the world's chance. */
#ifndef HA_SIM_FAULT_H
#define HA_SIM_FAULT_H

#include "test/sim/world.h"

/* One random fault, `delay` from now; most end by themselves after a random time, all with pair_heal(). */
void fault_plan(struct world *w, ha_time delay);

#endif
