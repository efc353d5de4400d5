#include "test/sim/queue.h"

#include <assert.h>

void
sim_queue_init(struct sim_queue *queue)
{
	queue->count = 0;
	queue->order = 0;
	queue->free_count = SIM_QUEUE;
	for (unsigned i = 0; i < SIM_QUEUE; i++)
		queue->free[i] = (uint16_t)(SIM_QUEUE - 1 - i);
}

static bool
before(const struct sim_queue *queue, unsigned a, unsigned b)
{
	const struct sim_event *x = &queue->events[queue->heap[a]], *y = &queue->events[queue->heap[b]];

	return x->at < y->at || (x->at == y->at && x->order < y->order);
}

static void
swap(struct sim_queue *queue, unsigned a, unsigned b)
{
	uint16_t slot = queue->heap[a];

	queue->heap[a] = queue->heap[b];
	queue->heap[b] = slot;
}

void
sim_queue_push(struct sim_queue *queue, const struct sim_event *event)
{
	unsigned i = queue->count, slot;

	assert(queue->free_count > 0);
	slot = queue->free[--queue->free_count];
	queue->events[slot] = *event;
	queue->events[slot].order = ++queue->order;
	queue->heap[queue->count++] = (uint16_t)slot;
	while (i > 0 && before(queue, i, (i - 1) / 2)) {
		swap(queue, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

ha_time
sim_queue_next(const struct sim_queue *queue)
{
	return queue->count > 0 ? queue->events[queue->heap[0]].at : HA_NEVER;
}

void
sim_queue_pop(struct sim_queue *queue, struct sim_event *ret)
{
	unsigned i = 0;

	assert(queue->count > 0);
	*ret = queue->events[queue->heap[0]];
	queue->free[queue->free_count++] = queue->heap[0];
	queue->heap[0] = queue->heap[--queue->count];
	for (;;) {
		unsigned least = i;

		for (unsigned child = 2 * i + 1; child <= 2 * i + 2; child++) {
			if (child < queue->count && before(queue, child, least))
				least = child;
		}
		if (least == i)
			return;
		swap(queue, i, least);
		i = least;
	}
}
