/* test/unit/node_story.h -- the node as conversations: what it hears, what its kernel and its fence process answer,
 * what it does. The simulator runs whole pairs for a long time; here each rule has its shortest story. Each function
 * is a sentence of one; the first argument is the node that it happens to. */
#ifndef HA_TEST_NODE_STORY_H
#define HA_TEST_NODE_STORY_H

#include "daemon/node.h"

#include <check.h>

#define ME        1000 /* incarnations */
#define PEER      2000
#define SERVICE   0
#define PEER_PRIO 90

/* A node, the clock, and what it did since forget(). */
struct story {
	struct node_config config;
	struct node_start start;
	struct node node;
	ha_time now;
	uint64_t peer_sequence, session;
	ha_time session_since;
	unsigned did[NODE_ACTION_TYPES], notes[NODE_NOTES];
	unsigned readings, downs, ups;
	uint32_t read, down, up; /* tokens of orders that are not answered yet; 0: none */
	uint64_t granted;        /* by the newest message that grants; 0: none */
	uint64_t record_before_add;
	struct node_record record;
	struct node_memory memory;
	uint32_t remember, reply_token;
	enum node_reply reply;
	uint8_t advert;
};

/* Stories begin: before its start; it starts. */
struct story story(void);
void begin(struct story *t);

/* Started without a record, cleaned up, beside a peer that does nothing. */
struct story backup(void);

/* ... beside a master, heard for long enough that it may be powered down. */
struct story beside_master(void);

/* By consent, beside a backup; what it did so far is forgotten. */
struct story master(void);

/* What was done so far is of no interest; orders stay open. */
void forget(struct story *t);

/* An event, at the time of the story. */
void step(struct story *t, struct node_event event);
void happens(struct story *t, enum node_event_type type, bool ok);
void commands(struct story *t, enum node_command_type type);

/* Time passes, every socket is empty, nothing comes in. What is asked to be written is written. */
void pass(struct story *t, ha_time length);

/* A message of the peer in `state`, and one that is heard: the next of its sequence. */
struct vrrp_message message(const struct story *t, enum node_state state);
void says(struct story *t, struct vrrp_message m);
void hear(struct story *t, enum node_state state);

/* The peer says the same for a while. */
void hear_for(struct story *t, enum node_state state, ha_time length);
void hear_claim(struct story *t, uint64_t number, enum node_intent intent, uint8_t priority);
void hear_grant(struct story *t);

/* The fence process answers the order `*token`, after 5 ms. */
void answers(struct story *t, uint32_t *token, enum fence_error error, enum fence_power power, uint8_t completion);

/* The IMM reads `power` for a while and accepts every command. */
void imm_for(struct story *t, enum fence_power power, ha_time length);

/* What serves is stopped and the VIP removed; not proven: it did not stop. */
void answers_release(struct story *t, bool proven);

void becomes(const struct story *t, enum node_state state);

#endif
