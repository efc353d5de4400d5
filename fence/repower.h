/* fence/repower.h -- switch on again the outlets that this node has switched off.
 *
 * Pure. The promise: only outlets of the given mask, in their order, are switched on, each at most 3 times in 2
 * minutes, and an outlet is struck off only when it has been seen on. */
#ifndef HA_FENCE_REPOWER_H
#define HA_FENCE_REPOWER_H

#include "fence/report.h"
#include "fence/topology.h"

#define FENCE_REPOWER_TRIES  3
#define FENCE_REPOWER_GAP    (20 * HA_SEC)
#define FENCE_REPOWER_PAUSE  (80 * HA_SEC) /* after the last of them, where they may be begun again */
#define FENCE_REPOWER_TOKENS (UINT32_C(3) << 30)

struct fence_repower {
	uint32_t owed; /* bit i: feed i is to be switched on */
	unsigned feed; /* the one at hand */
	unsigned tries;
	uint32_t token; /* outstanding; 0: none */
	bool up_out;
	ha_time ordered_at, patience;
	ha_time at; /* when to act next; HA_NEVER: not */
	uint32_t last_token;
	bool failed; /* one of them could not be switched on: power-up-failed */
};

struct fence_repower_update {
	bool has_order;
	struct fence_order order;
	bool moved; /* `owed` or `failed` has changed; `done`: feed `feed` is on, else it was given up */
	bool done;
	unsigned feed;
};

void fence_repower_init(struct fence_repower *repower);
void fence_repower_begin(struct fence_repower *repower, ha_time now, uint32_t owed, ha_time patience);
/* A claim begins: they stay owed elsewhere. */
void fence_repower_end(struct fence_repower *repower);
struct fence_repower_update fence_repower_report(
	struct fence_repower *repower, ha_time now, const struct fence_report *report);
struct fence_repower_update fence_repower_timer(struct fence_repower *repower, ha_time now);
ha_time fence_repower_deadline(const struct fence_repower *repower);

#endif
