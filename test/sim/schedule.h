/* test/sim/schedule.h -- a random life of a random pair, all of it drawn from one seed.
 *
 * The promise: faults of every class, several at once; then everything is repaired, and within LIVENESS somebody
 * serves; and then, in some, one more thing that must end well in a bounded time. */
#ifndef HA_SIM_SCHEDULE_H
#define HA_SIM_SCHEDULE_H

#include "test/sim/fault.h"
#include "test/sim/world.h"

#define LIVENESS        (180 * HA_SEC)
#define SCHEDULE_FAULTS 7

enum schedule_epilogue {
	EPILOGUE_NONE,
	EPILOGUE_POWER_CUT, /* the master's power goes, its IMM works: replaced in bounded time */
	EPILOGUE_STUCK,     /* ... and its IMM's: nobody serves; the IMM returns: somebody does, without help */
	EPILOGUES
};

struct schedule {
	struct world_config config;
	uint64_t seed; /* of the world's own chance */
	bool both;     /* B is powered on, too */
	ha_time length, idle;
	struct fault_plan faults[SCHEDULE_FAULTS];
	unsigned fault_count;
	enum schedule_epilogue epilogue;
};

void schedule_draw(uint64_t seed, struct schedule *ret);
/* False, and world->failure says why, if an invariant broke or nobody serves in the end. */
bool schedule_play(struct world *w, const struct schedule *schedule);
/* What is drawn and differs from the reference pair, for people. */
void schedule_print(const struct schedule *schedule);

#endif
