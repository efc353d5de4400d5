/* fence/ask.h -- the questions and commands that an IMM has not answered yet, and what its answers mean.
 *
 * Pure. The promise: each transmission has a tag of its own, so an answer is never taken for the answer to another
 * question, and its `asked` is the time of the very transmission that it answers. */
#ifndef HA_FENCE_ASK_H
#define HA_FENCE_ASK_H

#include "fence/report.h"

#define FENCE_ASKS      64
#define FENCE_ASK_SENDS 4 /* with repetitions */

enum fence_ask_kind {
	FENCE_ASK_NONE,
	FENCE_ASK_GUID,    /* of a new session */
	FENCE_ASK_PROBE,   /* is the session alive? */
	FENCE_ASK_MONITOR, /* the power state, for ourselves */
	FENCE_ASK_READ,    /* from here on: orders */
	FENCE_ASK_DOWN,
	FENCE_ASK_UP
};

struct fence_link; /* a session and what is known about it, see ipmi.c */

/* It keeps its place until it is answered or its session is closed, also when nobody waits for it any more, so that a
 * late answer shows how slow the IMM is. */
struct fence_ask {
	enum fence_ask_kind kind;
	struct fence_link *link; /* NULL: not sent */
	bool reported;           /* nobody waits for it any more */
	bool expired;            /* its answer is overdue */
	bool policy;             /* the order asked for the power restore policy */
	uint32_t token;          /* of the order */
	uint32_t tags[FENCE_ASK_SENDS];
	ha_time asked[FENCE_ASK_SENDS];
	unsigned sends;
	ha_time not_after; /* before it is sent */
};

struct fence_asks {
	struct fence_ask list[FENCE_ASKS];
};

/* NULL: no place left. */
struct fence_ask *fence_ask_new(struct fence_asks *asks, enum fence_ask_kind kind);
void fence_ask_sent(struct fence_ask *ask, struct fence_link *link, uint32_t tag, ha_time now);
bool fence_ask_is_order(const struct fence_ask *ask);
bool fence_ask_is_reading(const struct fence_ask *ask);
bool fence_ask_is_command(const struct fence_ask *ask);

/* Does somebody wait for such an answer? */
bool fence_asks_waiting(const struct fence_asks *asks, const struct fence_link *link, enum fence_ask_kind kind);
/* Transmissions that have not been answered, waited for or not. */
unsigned fence_asks_unanswered(const struct fence_asks *asks, const struct fence_link *link);
/* The question that was sent with `tag`, and when; NULL if it was answered already. */
struct fence_ask *fence_asks_find(
	struct fence_asks *asks, const struct fence_link *link, uint32_t tag, ha_time *ret_asked);

/* Fill in error, completion and, of Get Chassis Status (IPMI 2.0 28.2), power and power restore policy from the
 * completion code and the bytes after it, at least one in all. Firmware may add bytes to any answer: more than asked
 * for is fine. */
void fence_answer_parse(enum fence_ask_kind kind, const uint8_t *data, size_t length, struct fence_report *ret);
/* The same for Get System GUID (IPMI 2.0 22.14): false if the IMM does not say. */
bool fence_answer_parse_guid(const uint8_t *data, size_t length, struct ha_guid *ret);

#endif
