/* test/sim/rows.h -- the list of faults, row by row: who holds in the end, who is powered, how many power-downs, which
 * alarms. */
#ifndef HA_SIM_ROWS_H
#define HA_SIM_ROWS_H

#include "test/sim/world.h"

/* Words: "-v" traces, a number runs one row alone. Returns 0 if all pass. */
int rows_run(struct world *w, int count, char **words);

#endif
