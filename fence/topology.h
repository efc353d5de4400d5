/* fence/topology.h -- the levels behind the IMM: power outlets, switched by fence agents.
 *
 * Pure. An outlet has no GUID and no session, so its word is worth less than an IMM's. The promise: FENCE_TOPOLOGY_OFF
 * is reached only if every feed of one level
 *   - was seen on in this claim before its own power-down, or was switched off by this node and has not been seen on,
 * nor the peer heard, since (S10: an outlet that is off by itself feeds nothing, or somebody else),
 *   - answered, in this claim, with success to a power-down of this claim (S6), and
 *   - after all of them had, was seen off in `samples` rounds over `settle` and FENCE_OUTLET_DRAIN, in which nothing at
 * all was heard from the peer, not even a packet that fails validation, as of sockets that were emptied after the last
 * of them (S8, S13), and not from its IMM, if that had answered in this claim, when it was asked once more. If the
 * peer speaks, or its IMM answers anything, after its outlets were off, they are not its outlets, or not all: then they
 * prove nothing in this claim. An "off" that nobody here ordered never does.
 *
 *            BEGIN            level 1 failed          all feeds answer     permitted (S9)
 *   IDLE ----------> WAITING ----------------> READING -------------> ON ----------------> ORDERED
 *                       ^                        ^ ^                                          | all answered
 *                       | level 1 is back        | '---- next level: a feed fails, is ------- + with success
 *                       '------------------------'       off by itself, stays on,             v
 *                                                 may not be switched off  OFF <---- CONFIRMING */
#ifndef HA_FENCE_TOPOLOGY_H
#define HA_FENCE_TOPOLOGY_H

#include "fence/permit.h"
#include "fence/plan.h"
#include "fence/report.h"

#define FENCE_FEEDS           4
#define FENCE_LEVEL_FIRST     2            /* level 1 is the IMM */
#define FENCE_OUTLET_DRAIN    (2 * HA_SEC) /* what a power supply still holds when its outlet is off, and more */
#define FENCE_LEVEL_RETRY     (2 * HA_SEC) /* all levels have failed: the first again, doubling */
#define FENCE_LEVEL_RETRY_CAP (10 * HA_SEC)
#define FENCE_TOPOLOGY_TOKENS (UINT32_C(1) << 31)
#define FENCE_TOPOLOGY_NOTES  8
#define FENCE_TOPOLOGY_ORDERS (2 * FENCE_FEEDS)

struct fence_topology_config {
	enum fence_action action;
	unsigned samples;
	ha_time settle, power_timeout;
	unsigned count; /* feeds of all levels; feed i is device i + 1 of the reports */
	uint8_t level[FENCE_FEEDS];
	ha_time patience[FENCE_FEEDS]; /* for an answer; then the device failed */
	bool by_hand; /* a person stands in for the permission, and for what is said of an outlet that is off already */
};

enum fence_topology_phase {
	FENCE_TOPOLOGY_IDLE,
	FENCE_TOPOLOGY_WAITING,
	FENCE_TOPOLOGY_READING,
	FENCE_TOPOLOGY_ON,
	FENCE_TOPOLOGY_ORDERED,
	FENCE_TOPOLOGY_CONFIRMING,
	FENCE_TOPOLOGY_OFF,
	FENCE_TOPOLOGY_PHASES
};

struct fence_feed {
	uint32_t token; /* outstanding order; 0: none */
	enum fence_order_type order;
	ha_time ordered_at;
	bool cancelled;          /* the peer spoke after it was given */
	enum fence_error error;  /* newest */
	enum fence_power power;  /* newest */
	ha_time asked, answered; /* of that reading */
	bool live;               /* S10: it is known to feed something that was on */
	bool tried;              /* a power-down has left or may have, in this claim */
	bool down;               /* ... and was answered with success */
	bool unproven;           /* that it is off by itself has been noted */
	bool noted_on;           /* that its level is on has been noted */
};

enum fence_topology_note_type {
	FENCE_LEVEL_BEGINS,    /* its feeds are asked */
	FENCE_LEVEL_ON,        /* they are on */
	FENCE_LEVEL_ORDERED,   /* power-down of all its feeds */
	FENCE_LEVEL_ANSWERED,  /* .device: its outlet was switched off, as the agent says */
	FENCE_LEVEL_ERROR,     /* .device: error class .number */
	FENCE_LEVEL_UNPROVEN,  /* .device: it is off by itself and proves nothing */
	FENCE_LEVEL_SAMPLE,    /* round .number of "off" */
	FENCE_LEVEL_STILL_ON,  /* .device: accepted, but on */
	FENCE_LEVEL_DISPROVED, /* the peer lives with these outlets off */
	FENCE_LEVEL_STOPPED,   /* the peer speaks: no power-down any more */
	FENCE_LEVEL_OFF,       /* proof */
	FENCE_LEVEL_NOTES
};

struct fence_topology_note {
	enum fence_topology_note_type type;
	uint8_t level;
	uint8_t device; /* 1 ...; 0: all of the level */
	uint64_t number;
};

struct fence_topology {
	struct fence_topology_config config;
	enum fence_topology_phase phase;
	uint32_t last_token; /* counts up for ever, as the plan's */
	ha_time began;
	unsigned level; /* being tried; 0: none yet */
	struct fence_feed feeds[FENCE_FEEDS];
	ha_time next_at; /* when to go on; HA_NEVER: an answer is awaited */
	ha_time backoff;
	unsigned failures;  /* levels that failed in this claim */
	bool killed;        /* a power-down of a peer that was on has left or may have, in this claim */
	bool spent;         /* the peer spoke after that: no further one in this claim */
	bool obeyed;        /* every feed of a level was seen off: a later "on" is somebody's */
	bool disproved;     /* these are not the peer's outlets */
	bool switched;      /* every feed of a level has answered a power-down: it was this claim's (S9) */
	ha_time back_at;    /* the newest outlet to answer, at first or after a failure, did so then; 0: none has */
	ha_time down_since; /* every feed of `level` had answered the power-down; 0: not so */
	unsigned rounds;    /* in which every feed said off, after down_since */
	ha_time first_round, last_asked, last_answered;
	ha_time judge_at;         /* enough rounds: judge them at a timer */
	ha_time first_down;       /* the first time that all feeds of a level had answered, in this claim; 0: never */
	ha_time first_off;        /* the first round in which they said off; 0: never */
	enum fence_permit permit; /* newest verdict */
};

enum fence_topology_event_type {
	FENCE_TOPOLOGY_BEGIN, /* .off_mask */
	FENCE_TOPOLOGY_REPORT,
	FENCE_TOPOLOGY_TIMER, /* sockets were emptied up to .drained */
	FENCE_TOPOLOGY_FACTS,
	FENCE_TOPOLOGY_WORKER,
	FENCE_TOPOLOGY_HEARD, /* anything fresh of the peer, also "dirty: fence me" (.dirty) */
	FENCE_TOPOLOGY_SPOKE, /* ... that ends a shot */
	FENCE_TOPOLOGY_END,
};

struct fence_topology_event {
	ha_time now;
	enum fence_topology_event_type type;
	const struct fence_report *report;
	struct fence_facts facts;
	ha_time drained;
	bool level1_failed;    /* fence_plan_failed() */
	ha_time noise;         /* the newest packet from the peer's address that failed validation (S8); 0: none */
	ha_time level1_alive;  /* when the newest question was asked that the peer's IMM has answered, were it by an
				  error; 0: none in this claim */
	ha_time level1_silent; /* ... and that nothing at all came back to */
	bool dirty;
	bool level1_killed; /* SPOKE: level 1 has sent its power-down in this claim, or may have */
	uint32_t off_mask;  /* BEGIN: bit i: feed i was switched off by this node, and is since */
};

struct fence_topology_update {
	struct fence_order orders[FENCE_TOPOLOGY_ORDERS];
	unsigned order_count;
	struct fence_topology_note notes[FENCE_TOPOLOGY_NOTES];
	unsigned note_count;
};

void fence_topology_init(struct fence_topology *t, const struct fence_topology_config *config);
struct fence_topology_update fence_topology_step(struct fence_topology *t, const struct fence_topology_event *event);
/* HA_NEVER: wake me only for events. */
ha_time fence_topology_deadline(const struct fence_topology *t);
/* It waits for the permission to power down a peer that is on. */
bool fence_topology_wants_to_kill(const struct fence_topology *t);
/* A power-down of an outlet has left, or may have, in this claim. */
bool fence_topology_sent(const struct fence_topology *t);
/* ... or may leave yet. */
bool fence_topology_committed(const struct fence_topology *t);
/* Feeds whose power-down has left, or may have: to be switched on again. Bit i: feed i. */
uint32_t fence_topology_tried_mask(const struct fence_topology *t);
/* ... or may leave yet. */
uint32_t fence_topology_fired_mask(const struct fence_topology *t);
/* Feeds that are off, or may be, and prove nothing in this claim: they are no use as they are. Bit i: feed i. */
uint32_t fence_topology_useless_mask(const struct fence_topology *t);
/* There are levels behind the IMM, and not all of them have failed in this claim. */
bool fence_topology_hopeful(const struct fence_topology *t);
const char *fence_topology_phase_name(enum fence_topology_phase phase);

#endif
