/* fence/restore.h -- power the fenced peer up again (action = "reboot").
 *
 * Pure. The promise: at most 3 power-ups in 2 minutes, only to the peer's own IMM, only while the peer is off and
 * silent, and only for a peer that this pair's claim powered down; it remembers its count across a restart of the
 * daemon. */
#ifndef HA_FENCE_RESTORE_H
#define HA_FENCE_RESTORE_H

#include "fence/plan.h"

#define RESTORE_TRIES  3
#define RESTORE_WINDOW (120 * HA_SEC)
#define RESTORE_VERIFY (10 * HA_SEC) /* off this long after an answered power-up: try again */

struct fence_restore {
	struct fence_plan_config config;
	struct ha_guid expected;
	unsigned tries_left; /* 0: nothing to do */
	ha_time until;
	ha_time at;     /* when to act next */
	uint32_t token; /* outstanding order; 0: none */
	uint32_t last_token;
	bool up_out;        /* the outstanding order is a power-up */
	ha_time ordered_at; /* of the newest power-up; 0: none yet */
	bool failed;        /* gave up: power-up-failed */
};

enum fence_restore_result { RESTORE_NOTHING, RESTORE_ORDERED, RESTORE_ON, RESTORE_FAILED };

struct fence_restore_update {
	bool has_order;
	struct fence_order order;
	enum fence_restore_result result;
};

void fence_restore_init(struct fence_restore *restore, const struct fence_plan_config *config);
void fence_restore_begin(struct fence_restore *restore, ha_time now, unsigned tries, const struct ha_guid *expected);
/* The peer speaks or a claim begins: nothing more to do. */
void fence_restore_end(struct fence_restore *restore);
struct fence_restore_update fence_restore_report(
	struct fence_restore *restore, ha_time now, const struct fence_report *report);
struct fence_restore_update fence_restore_timer(struct fence_restore *restore, ha_time now);
/* The fence process ended or is back: nothing outstanding will be answered. */
void fence_restore_worker(struct fence_restore *restore, ha_time now);
ha_time fence_restore_deadline(const struct fence_restore *restore);

#endif
