/* fence/plan.h -- make sure that the peer is off before we take its work.
 *
 * Pure. The promise: FENCE_PLAN_OFF is reached only by power readings that say "off", that were asked after this plan
 * began and after a power-down was answered in the same session, and that came from an IMM whose GUID is the peer's
 * (S6, S10). Silence, errors and time never reach it.
 *
 *            BEGIN                "on"               permitted (S9)
 *   IDLE ----------> READING ----------------> ON ------------------+
 *                      |  ^                     ^                   v
 *                "off" |  | "on"                | "on"          ORDERED --timeout--> UNANSWERED
 *                      v  |                     |                   | answered          |
 *                    SEEN_OFF --harmless power-down answered--> CONFIRMING <---"off"----+ (orders again)
 *                                                                   | samples, settle
 *                                                                   v
 *                                                                  OFF
 * END leads back to IDLE from everywhere and cancels what is not yet sent. */
#ifndef HA_FENCE_PLAN_H
#define HA_FENCE_PLAN_H

#include "fence/permit.h"
#include "fence/report.h"
#include "lib/guid.h"
#include "lib/time.h"

#define FENCE_SAMPLE_GAP     (100 * HA_MS) /* S6: readings that count are at least this far apart */
#define FENCE_ORDER_LIFE     (200 * HA_MS) /* S9: sent by then or NOT_SENT */
#define FENCE_RESTART_DOUBT  (2 * HA_SEC)  /* an IMM that restarted may say "off" without knowing for less than this */
#define FENCE_RESTART_GAP    HA_SEC        /* no IMM restarts faster */
#define FENCE_RETRY_FIRST    (500 * HA_MS)
#define FENCE_RETRY_CAP      (5 * HA_SEC)
#define FENCE_ANSWER_LOST    (45 * HA_SEC) /* a power-down whose worker says nothing at all was not answered */
#define FENCE_LEVEL_PATIENCE (3 * HA_SEC)  /* an IMM without a good answer for so long has failed as level 1 */
#define FENCE_TRANSMISSIONS  3             /* of one permitted power-down, when answers are lost (FAULTS 26) */

enum fence_action { FENCE_ACTION_REBOOT, FENCE_ACTION_OFF, FENCE_ACTION_CHECK };

struct fence_plan_config {
	enum fence_action action;
	unsigned samples;      /* at least 2 */
	ha_time settle;        /* how long a peer that was on must be seen off */
	ha_time power_timeout; /* accepted, still on: off-failed */
	bool guid_none;        /* guid = "none" */
	struct ha_guid own;    /* this machine's GUID; unset: unknown */
};

enum fence_plan_phase {
	FENCE_PLAN_IDLE,
	FENCE_PLAN_READING,
	FENCE_PLAN_ON,
	FENCE_PLAN_SEEN_OFF,
	FENCE_PLAN_ORDERED,
	FENCE_PLAN_UNANSWERED,
	FENCE_PLAN_CONFIRMING,
	FENCE_PLAN_OFF,
	FENCE_PLAN_PHASES
};

/* Whether an IMM is the peer's (S10). */
enum fence_identity {
	FENCE_IDENTITY_PEER,
	FENCE_IDENTITY_OPTED_OUT, /* guid = "none" */
	FENCE_IDENTITY_UNKNOWN,   /* nothing pinned, configured or ever announced, or the IMM does not say */
	FENCE_IDENTITY_OTHER,     /* a third machine */
	FENCE_IDENTITY_OWN,       /* my own IMM */
};

enum fence_plan_note {
	FENCE_NOTE_NONE,
	FENCE_NOTE_POWER_ON,           /* first "on" reading of the claim */
	FENCE_NOTE_POWER_OFF,          /* first "off" reading, or off after on */
	FENCE_NOTE_ERROR,              /* the error class changed */
	FENCE_NOTE_IDENTITY,           /* not the peer's IMM */
	FENCE_NOTE_ORDERED,            /* power-down ordered */
	FENCE_NOTE_SENT,               /* it left */
	FENCE_NOTE_ANSWERED,           /* it was answered with success */
	FENCE_NOTE_REFUSED,            /* answered with a completion code */
	FENCE_NOTE_NOT_SENT,           /* certainly not sent */
	FENCE_NOTE_NO_ANSWER,          /* sent, not answered */
	FENCE_NOTE_ENDED_BY_PEER,      /* the peer spoke before it was sent: not sent */
	FENCE_NOTE_ENDED_BY_PEER_LATE, /* the peer spoke after it was sent, before an answer */
	FENCE_NOTE_SPENT,              /* unanswered, and the IMM says on: no further power-down in this claim */
	FENCE_NOTE_STILL_ON,           /* accepted, but on after power_timeout: off-failed */
	FENCE_NOTE_RESTARTED,          /* the session changed in mid-fence */
	FENCE_NOTE_SAMPLE,             /* an "off" reading that counts */
	FENCE_NOTE_OFF,                /* proof */
	FENCE_NOTES
};

struct fence_plan {
	struct fence_plan_config config;
	enum fence_plan_phase phase;
	struct ha_guid expected; /* the peer's: pinned, configured or announced; unset: unknown */
	ha_time began;
	uint32_t last_token; /* tokens count up for ever, so that an answer to an earlier claim fits nothing */

	uint32_t read_token; /* outstanding reading; 0: none */
	ha_time read_given;  /* when it was given */
	ha_time read_at;     /* when to read next */
	ha_time backoff;
	uint64_t session; /* of the newest reading that counted */

	bool was_on;         /* an "on" reading in this claim */
	bool spoke;          /* the peer was heard in this claim: it was on, whatever could be read */
	bool killed;         /* a power-down of a peer that was on has been sent in this claim */
	ha_time off_since;   /* SEEN_OFF: asked-time of the first of the unbroken "off" readings */
	ha_time off_last;    /* ... and of the newest */
	ha_time on_since;    /* UNANSWERED: the same for "on" */
	uint32_t down_token; /* outstanding power-down; 0: none */
	ha_time down_ordered_at;
	bool down_sent; /* it has left */
	bool cancelled; /* the worker was told to drop it */
	bool down_harmless;
	ha_time down_at;        /* when it may be ordered (again) */
	unsigned transmissions; /* of the permitted power-down */
	bool shot_open; /* a permitted power-down may be repeated because it was refused or its answer was lost */
	bool spent;     /* no further power-down of a peer that is on in this claim */
	uint64_t answered_session; /* session in which a power-down was answered; 0: none */
	ha_time answered_at;
	bool accepted;         /* ... with success */
	bool kill_accepted;    /* a power-down of a peer that was on was answered with success in this claim */
	bool still_on;         /* off-failed stands */
	ha_time back_at;       /* since when it answers: the first good reading of the claim, or after a failure */
	ha_time good_at;       /* when the newest reading of the peer's IMM came, or the claim began */
	ha_time alive_asked;   /* when the newest question was asked that what may be the peer's IMM has answered in a
				  session, were it by an error; 0: none in this claim */
	ha_time silent_asked;  /* when the newest question was given to which nothing at all came back; 0: none */
	bool obeyed;           /* seen off after a power-down of this claim: a later "on" is somebody's */
	ha_time refused_since; /* the IMM refuses, and nothing else has happened; 0: not so */
	unsigned samples;
	ha_time sample_first, sample_last; /* asked-times of the first and the newest counted "off" */

	enum fence_error error; /* newest */
	uint8_t completion;
	enum fence_identity identity;
	enum fence_power power;   /* newest counted reading of this claim */
	enum fence_permit permit; /* newest verdict: why it waits */
};

enum fence_plan_event_type {
	FENCE_PLAN_BEGIN,
	FENCE_PLAN_REPORT, /* .report */
	FENCE_PLAN_TIMER,
	FENCE_PLAN_FACTS,      /* facts changed: judge again */
	FENCE_PLAN_WORKER,     /* the fence process ended or is back: its sessions count from 1 again, its answers never
				  come */
	FENCE_PLAN_PEER_SPOKE, /* a fresh message or a valid advert of the peer */
	FENCE_PLAN_END,        /* the claim ended */
};

struct fence_plan_event {
	ha_time now;
	enum fence_plan_event_type type;
	const struct fence_report *report;
	struct fence_facts facts;
};

#define FENCE_PLAN_ORDERS 3
#define FENCE_PLAN_NOTES  6

struct fence_plan_update {
	struct fence_order orders[FENCE_PLAN_ORDERS];
	unsigned order_count;
	enum fence_plan_note notes[FENCE_PLAN_NOTES];
	unsigned note_count;
};

void fence_plan_init(struct fence_plan *plan, const struct fence_plan_config *config);
struct fence_plan_update fence_plan_step(struct fence_plan *plan, const struct fence_plan_event *event);
/* HA_NEVER: wake me only for events. */
ha_time fence_plan_deadline(const struct fence_plan *plan);
/* A power-down has left, or may have, in this claim (the tie-break of the grant table). */
bool fence_plan_power_down_sent(const struct fence_plan *plan);

/* Level 1 cannot do it, as far as is known now: nothing good is heard of the peer's IMM, or it says "on" in spite of
 * the power-down. A permission that is missing is no failure. */
bool fence_plan_failed(const struct fence_plan *plan, ha_time now);

/* Is the IMM that answered with `guid` the peer's? Own beats everything. */
enum fence_identity fence_identify(
	const struct fence_plan_config *config, const struct ha_guid *expected, bool known, const struct ha_guid *guid);
bool fence_identity_good(enum fence_identity identity);
const char *fence_plan_phase_name(enum fence_plan_phase phase);

#endif
