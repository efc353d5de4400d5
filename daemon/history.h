/* daemon/history.h -- what happened and why, episode by episode, in this run of the daemon.
 *
 * The promise: bounded; adding a step neither allocates nor fails, the oldest episode makes room; an episode that is
 * too long keeps its beginning and its newest steps. */
#ifndef HA_DAEMON_HISTORY_H
#define HA_DAEMON_HISTORY_H

#include "daemon/node.h"
#include "daemon/note.h"

#include <jansson.h>

#define HISTORY_EPISODES 32
#define HISTORY_STEPS    64
#define HISTORY_TEXT     160

struct history_step {
	ha_time at;
	struct node_note note;
	char text[HISTORY_TEXT];
};

enum history_result {
	HISTORY_OPEN,    /* not decided yet */
	HISTORY_SERVING, /* somebody serves again: `to` */
	HISTORY_ENDED,   /* the claim ended, nothing changed hands */
	HISTORY_RESULTS
};

struct history_episode {
	uint64_t number;
	ha_time began, ended;
	int64_t wall; /* microseconds to add to a ha_time for the wall clock's */
	enum history_result result;
	enum node_proof proof;
	ha_time outage;                   /* HA_NEVER: none measured by this node */
	bool fenced;                      /* a power-down was sent */
	ha_time fence_began, fence_ended; /* order to proof; 0: not */
	char title[HISTORY_TEXT], cause[HISTORY_TEXT];
	char from[VRRP_MESSAGE_NAME], to[VRRP_MESSAGE_NAME];
	struct history_step steps[HISTORY_STEPS];
	unsigned step_count, steps_dropped;
};

struct history {
	struct history_episode episodes[HISTORY_EPISODES];
	unsigned first, count;
	struct history_step silence; /* the newest "peer silent": the claim that follows begins with it */
};

void history_init(struct history *history);
/* Take note. `wall`: see struct history_episode. `peer_held`: the peer was last heard as holder. */
void history_add(struct history *history, ha_time now, int64_t wall, bool peer_held, const struct node_note *note,
	const struct note_names *names);
/* NULL if there is none. */
const struct history_episode *history_newest(const struct history *history);
const struct history_episode *history_newest_fenced(const struct history *history);

/* As daemon/control.h documents. `number`: only that one; 0: all. NULL without memory. */
json_t *history_json(const struct history *history, uint64_t number);
json_t *history_episode_json(const struct history_episode *episode, bool with_steps);
/* status.fence.last: the newest episode with a power-down, or JSON null. */
json_t *history_fence_json(const struct history *history);

#endif
