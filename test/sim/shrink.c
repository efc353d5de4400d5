/* test/sim/shrink.c -- a failing schedule made small: fewer faults, shorter ones, a plainer configuration. Another
 * chance may be needed to see it fail again, so each candidate is tried with some. */
#include "test/sim/pair.h"
#include "test/sim/run.h"
#include "test/sim/schedule.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CHANCES 40
#define ROUNDS  10

/* Does it fail, perhaps with another chance? Then *schedule is that one. */
static bool
fails(struct world *w, struct schedule *schedule)
{
	struct schedule other = *schedule;

	for (uint64_t i = 0; i < CHANCES; i++) {
		other.seed = schedule->seed + i;
		if (!schedule_play(w, &other)) {
			*schedule = other;
			return true;
		}
	}
	return false;
}

static bool
keep(struct world *w, struct schedule *best, struct schedule *candidate)
{
	if (!fails(w, candidate))
		return false;
	*best = *candidate;
	return true;
}

static bool
drop_faults(struct world *w, struct schedule *best)
{
	bool smaller = false;

	for (unsigned i = 0; i < best->fault_count;) {
		struct schedule candidate = *best;

		candidate.fault_count--;
		for (unsigned k = i; k < candidate.fault_count; k++)
			candidate.faults[k] = best->faults[k + 1];
		if (keep(w, best, &candidate))
			smaller = true;
		else
			i++;
	}
	return smaller;
}

/* Tenths of seconds are left as they are. */
static bool
halve(struct world *w, struct schedule *best, struct schedule *candidate, ha_time *time)
{
	if (*time < 200 * HA_MS)
		return false;
	*time = *time / 2 / (100 * HA_MS) * (100 * HA_MS);
	return keep(w, best, candidate);
}

static bool
shorten(struct world *w, struct schedule *best)
{
	struct schedule candidate = *best;
	bool smaller = halve(w, best, &candidate, &candidate.length);

	candidate = *best;
	smaller |= halve(w, best, &candidate, &candidate.idle);
	for (unsigned i = 0; i < best->fault_count; i++) {
		candidate = *best;
		smaller |= halve(w, best, &candidate, &candidate.faults[i].at);
		candidate = *best;
		smaller |= halve(w, best, &candidate, &candidate.faults[i].duration);
	}
	return smaller;
}

/* One setting of the reference pair after the other. */
static bool
plainer(struct world *w, struct schedule *best)
{
	struct world_config plain;
	bool smaller = false;

	pair_config(&plain);
	plain.boot_time = best->config.boot_time;
	for (unsigned setting = 0; setting < 16; setting++) {
		struct schedule candidate = *best;
		struct world_config *c = &candidate.config;
		bool changed = false;

#define PLAIN(number, field)                                                                                           \
	if (setting == (number) && c->field != plain.field)                                                            \
	c->field = plain.field, changed = true
#define PLAIN_NODES(number, field)                                                                                     \
	if (setting == (number) &&                                                                                     \
		(c->node[A].field != plain.node[A].field || c->node[B].field != plain.node[B].field))                  \
	c->node[A].field = plain.node[A].field, c->node[B].field = plain.node[B].field, changed = true
		PLAIN(0, addresses);
		PLAIN(1, checks);
		PLAIN(2, encode);
		PLAIN(3, imm_on_service[A]);
		PLAIN(4, imm_on_service[B]);
		PLAIN(5, watchdog);
		PLAIN(6, chatter);
		PLAIN(7, off_when_off);
		PLAIN_NODES(8, link_count);
		PLAIN_NODES(9, preempt);
		PLAIN_NODES(10, preempt_delay);
		PLAIN_NODES(11, fence.action);
		PLAIN_NODES(12, fence.settle);
		PLAIN_NODES(13, after);
		PLAIN_NODES(14, hello);
		PLAIN_NODES(15, priority_fencing_delay);
#undef PLAIN
#undef PLAIN_NODES
		if (changed)
			smaller |= keep(w, best, &candidate);
	}
	return smaller;
}

int
shrink_run(struct world *w, int count, char **words)
{
	struct schedule best;
	bool smaller = true;

	if (count != 1)
		return 2;
	schedule_draw(strtoull(words[0], NULL, 0), &best);
	if (schedule_play(w, &best)) {
		printf("seed %s passes\n", words[0]);
		return 2;
	}
	printf("seed %s: %s; %u faults\n", words[0], w->failure, best.fault_count);
	for (unsigned i = 0; i < ROUNDS && smaller; i++) {
		smaller = drop_faults(w, &best);
		smaller |= shorten(w, &best);
		smaller |= plainer(w, &best);
	}
	schedule_print(&best);
	w->trace = true;
	(void)schedule_play(w, &best);
	printf("failed: %s\n", w->failure);
	return 1;
}
