/* test/sim/pair.h -- the reference pair of DESIGN section 1 as a simulated world. */
#ifndef HA_SIM_PAIR_H
#define HA_SIM_PAIR_H

#include "test/sim/world.h"

#define A 0
#define B 1

void pair_config(struct world_config *ret);
/* Undo every fault: cables, IMMs, kernels, disks, NFS; hosts are powered on, thawed, their daemons started. What an
 * administrator would do next morning, no more. */
void pair_heal(struct world *w);
/* Run until somebody serves and both nodes have come to rest, for at most `limit`. False: not in that time. */
bool pair_settles(struct world *w, ha_time limit);

/* Outlets for both hosts, by their levels. */
void pair_outlets(struct world_config *c, unsigned count, const uint8_t *levels);

#endif
