/* test/sim/random.h -- the only source of chance in the simulator.
 *
 * Pure (splitmix64). The promise: the same seed gives the same numbers on every machine, so that a run replays. */
#ifndef HA_SIM_RANDOM_H
#define HA_SIM_RANDOM_H

#include "lib/time.h"

#include <stdbool.h>
#include <stdint.h>

struct sim_random {
	uint64_t state;
};

static inline uint64_t
sim_random(struct sim_random *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 ... n - 1; n > 0. */
static inline unsigned
sim_below(struct sim_random *r, unsigned n)
{
	return (unsigned)(((sim_random(r) >> 32) * n) >> 32);
}

static inline bool
sim_chance(struct sim_random *r, unsigned per_mille)
{
	return per_mille > 0 && sim_below(r, 1000) < per_mille;
}

/* low ... high, both included. */
static inline ha_time
sim_between(struct sim_random *r, ha_time low, ha_time high)
{
	uint64_t span = high - low + 1;

	if (span > UINT32_MAX)
		return low + sim_random(r) % span;
	return low + ((sim_random(r) >> 32) * span >> 32); /* a division costs more than all the rest */
}

#endif
