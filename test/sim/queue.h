/* test/sim/queue.h -- what is going to happen in the simulated world, in order.
 *
 * The promise: events come out by time, and those of one time in the order they went in; nothing depends on addresses.
 */
#ifndef HA_SIM_QUEUE_H
#define HA_SIM_QUEUE_H

#include "lib/time.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_QUEUE 4096

struct world;
struct sim_event;
typedef void sim_handler(struct world *w, const struct sim_event *event);

enum sim_bound {
	SIM_FREE,   /* happens whatever becomes of a host */
	SIM_HOST,   /* needs host `host` powered since it was scheduled; waits while the host is frozen */
	SIM_PACKET, /* the same, but is dropped when too many wait */
	SIM_DAEMON, /* needs the very process of the daemon, too */
};

struct sim_event {
	ha_time at;
	uint64_t order;
	sim_handler *run;
	enum sim_bound bound;
	unsigned host;
	uint32_t boot, process; /* of `host` when it was scheduled */
	uint64_t a, b;
};

struct sim_queue {
	struct sim_event events[SIM_QUEUE];
	uint16_t heap[SIM_QUEUE], free[SIM_QUEUE];
	unsigned count, free_count;
	uint64_t order;
};

void sim_queue_init(struct sim_queue *queue);
/* The caller has set everything but `order`. An overflow is our own bug and aborts. */
void sim_queue_push(struct sim_queue *queue, const struct sim_event *event);
/* HA_NEVER: nothing is going to happen. */
ha_time sim_queue_next(const struct sim_queue *queue);
/* Only when sim_queue_next() is not HA_NEVER. */
void sim_queue_pop(struct sim_queue *queue, struct sim_event *ret);

#endif
