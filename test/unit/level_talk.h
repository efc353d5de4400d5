/* test/unit/level_talk.h -- the levels behind the IMM as a conversation: what the outlets say, what is ordered. */
#ifndef HA_TEST_LEVEL_TALK_H
#define HA_TEST_LEVEL_TALK_H

#include "fence/topology.h"

#include <check.h>

struct talk {
	struct fence_topology t;
	struct fence_facts facts;
	ha_time now, level1_alive, level1_silent, noise;
	bool level1_failed, late_socket; /* the sockets were not emptied since */
	uint32_t tokens[FENCE_FEEDS];
	enum fence_order_type orders[FENCE_FEEDS];
	unsigned downs, cancels;
	bool noted[FENCE_LEVEL_NOTES];
};

/* Nothing forbids a power-down. */
extern const struct fence_facts level_all_good;

/* A claim in which level 1 has failed; bit i of `off_mask`: this node had switched feed i off before. */
struct talk begin_with(const uint8_t *levels, unsigned count, enum fence_action action, uint32_t off_mask);
/* ... with two feeds of level 2. */
struct talk two_feeds(void);

/* An event, at the time of the conversation; a timer that is due, or waited for. */
void level_step_as(
	struct talk *k, enum fence_topology_event_type type, const struct fence_report *report, uint32_t mask);
void level_step(struct talk *k, enum fence_topology_event_type type);
void level_timer(struct talk *k);

/* `feed` answers its open order, after 100 ms. */
void level_answers(struct talk *k, unsigned feed, enum fence_error error, enum fence_power power);

/* All feeds that were asked say `power`, or obey; for a while, or until that is proof. */
void all_say(struct talk *k, enum fence_power power);
void all_say_for(struct talk *k, enum fence_power power, ha_time length);

/* They were on, and have been switched off. */
void switched_off(struct talk *k);

#endif
