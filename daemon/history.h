/* daemon/history.h -- what happened and why, episode by episode; daemon/journal.h keeps it beyond the daemon's end.
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
#define HISTORY_WORD     16

struct history_step {
	ha_time at;
	struct node_note note;
	char text[HISTORY_TEXT];
};

enum history_result {
	HISTORY_OPEN,    /* not decided yet */
	HISTORY_SERVING, /* somebody serves again: `to` */
	HISTORY_ENDED,   /* the claim ended, nothing changed hands */
	HISTORY_CUT,     /* the daemon ended before it was decided */
	HISTORY_RESULTS
};

/* Who tells it, and with what. */
struct history_origin {
	char node[VRRP_MESSAGE_NAME], peer[VRRP_MESSAGE_NAME];
	char version[HISTORY_WORD], config[HISTORY_WORD]; /* "0.1.0", "3f9c1a" */
	char vips[NOTE_VIPS];
};

/* What was known when a note was taken. */
struct history_facts {
	int64_t wall;                    /* microseconds to add to a ha_time for the wall clock's */
	bool peer_held;                  /* the peer was last heard as holder */
	bool peer_known;                 /* `peer_state` is what it says */
	enum node_state state;           /* before the note */
	enum node_state peer_state;      /* ... and the peer's */
	ha_time advert, advert_interval; /* the peer's newest advert; 0: none */
};

struct history_episode {
	struct history_origin origin;
	struct history_facts facts; /* when it began */
	bool closed;                /* of an earlier run: nothing is added any more */
	bool peer_back;             /* the peer was heard after the end */
	uint64_t number;
	ha_time began, ended;
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
	struct history_origin origin;
	struct history_episode episodes[HISTORY_EPISODES];
	unsigned first, count;
	struct history_step silence; /* the newest "peer silent": the claim that follows begins with it */
};

void history_init(struct history *history);
/* Who tells what follows. */
void history_set_origin(struct history *history, const struct history_origin *origin);
/* Take note. True: the newest episode has changed. */
bool history_add(struct history *history, ha_time now, const struct history_facts *facts, const struct node_note *note,
	const struct note_names *names);
/* One of an earlier run, as history_episode_json() wrote it with its steps; the oldest come first. What is missing or
 * not of its kind counts as unknown; false: it is no episode, or not newer than the newest. */
bool history_restore(struct history *history, const json_t *json);
/* Episode `index` of `count`, the oldest first. */
const struct history_episode *history_at(const struct history *history, unsigned index);
/* Room for another one, all zero; the oldest may go. */
struct history_episode *history_new(struct history *history);
/* NULL if there is none. */
const struct history_episode *history_newest(const struct history *history);
const struct history_episode *history_newest_fenced(const struct history *history);

/* As daemon/control.h documents. `number`: only that one; 0: all. NULL without memory. */
json_t *history_json(const struct history *history, uint64_t number);
json_t *history_episode_json(const struct history_episode *episode, bool with_steps);
/* status.fence.last: the newest episode with a power-down, or JSON null. */
json_t *history_fence_json(const struct history *history);

#endif
