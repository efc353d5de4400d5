/* daemon/node.h -- who serves: the composition of election, consent, fencing, VIP and release, as one pure function.
 *
 * Pure: the daemon and the simulator run this very code. The one promise: an action NODE_ADD_VIP is returned only while
 * a proof bound to the open claim stands (CONSENT, OFF or OPERATOR; S1), after a silent wire (S5), and after
 * NODE_WRITE_RECORD (S3, S4).
 *
 *   INIT --cleaned--> BACKUP <---------------------------- RELEASING <---- MASTER
 *    | record+VIP        |  silence, hint, preempt, switchover  | not proven    ^   ^
 *    |                   v                                      v               |   |
 *    |                CLAIMING --proof, silent wire--> ADDING --|---- added ----+   |
 *    |                   |  granted / "I hold" --> BACKUP       v                   |
 *    +-- record, no VIP ------------------------------------> DIRTY --proven--> BACKUP
 *    +-- record and VIP: resumes as holder -----------------------------------------+
 * FAULT is BACKUP that is not fit to serve, STANDBY is BACKUP that an administrator set aside.
 *
 * The caller executes the actions of an update in their order. WRITE_RECORD is done (or has failed) before the
 * next action is looked at; everything else answers later with an event. */
#ifndef HA_DAEMON_NODE_H
#define HA_DAEMON_NODE_H

#include "daemon/alarm.h"
#include "fence/plan.h"
#include "fence/repower.h"
#include "fence/restore.h"
#include "fence/topology.h"
#include "lib/guid.h"
#include "lib/time.h"
#include "vrrp/message.h"

#include <stdbool.h>
#include <stdint.h>

#define NODE_LINKS       4
#define NODE_ACTIONS     48
#define NODE_PROBES      2 /* S5 */
#define NODE_PROBE_GAP   (50 * HA_MS)
#define NODE_PROBE_GRANT (10 * HA_MS)  /* after CONSENT: one probe of 10 ms */
#define NODE_LINK_SETTLE (35 * HA_SEC) /* S13: spanning tree */
#define NODE_CREDIT      (60 * HA_SEC) /* S9: hearing the peer since the last power-down */
#define NODE_LATE        (200 * HA_MS) /* a loop later than this was not on time (S13) */

struct node_config {
	char cluster[VRRP_MESSAGE_NAME], name[VRRP_MESSAGE_NAME], peer[VRRP_MESSAGE_NAME];
	uint8_t priority, peer_priority; /* configured */
	ha_time hello;
	ha_time advert;
	uint8_t vrrp_version;
	bool preempt;
	ha_time preempt_delay;
	struct fence_plan_config fence;
	bool fence_configured;                 /* the peer has an IMM */
	struct fence_topology_config topology; /* the levels behind it */
	ha_time after, priority_fencing_delay;
	bool startup_fence; /* startup = "fence" */
	ha_time startup_fence_delay;
	ha_time release_timeout;
	ha_time start_delay;              /* how long the master's services may take before they count */
	ha_time garp_delay, garp_refresh; /* second burst; 0: none */
	unsigned link_count;              /* link 0 is the service LAN */
	struct ha_guid guid;              /* own; unset: unknown */
	struct ha_guid peer_guid;         /* pinned or configured; unset: the announced one */
	ha_time probe_patience; /* longest that a required or a storage check may take to answer; at least 10 s are
				   waited */
	bool required_probes;   /* there are checks with required_to_fence */
	uint8_t config_digest[VRRP_MESSAGE_DIGEST], vip_digest[VRRP_MESSAGE_DIGEST];
	uint16_t config_groups[VRRP_MESSAGE_GROUPS];
};

/* What survives a restart of the daemon and of the host (state directory). */
struct node_memory {
	bool standby;
	bool startup_burned;      /* startup = "fence": the one power-down is spent until the peer is heard */
	bool credit_spent;        /* a power-down was sent; 60 s of hearing the peer bring the next permission */
	bool gave_up;             /* gave up the VIP, and the peer has not shown that it knows (S9) */
	unsigned power_up_tries;  /* power-ups still owed to a peer that we fenced */
	struct ha_guid peer_guid; /* as announced in an authenticated message; unset: never heard */
	uint64_t episode;         /* number of the newest episode */
	uint32_t outlets_off;     /* bit i: outlet i was switched off by this node, and the peer not heard since */
	uint32_t outlets_owed;    /* ... and is to be switched on again */
	uint16_t outlets_group;   /* digest of `nodes` then: of another configuration these are other outlets */
};

/* The record of the runtime directory (S4), valid for this boot only: the caller checks the boot id. */
enum node_record_state { NODE_RECORD_NONE, NODE_RECORD_HOLDING, NODE_RECORD_DIRTY };

struct node_record {
	enum node_record_state state;
	enum node_proof proof;
	bool woke_late;
	uint64_t claim;
};

enum node_event_type {
	NODE_EV_START, /* .start: lock taken, old process gone, links and kernel looked at */
	NODE_EV_TIMER, /* node_deadline() has come, and every socket was emptied before this (S13) */
	NODE_EV_LATE, /* .late: the loop was away; the caller gives this first, then all that is queued, then EV_DRAINED
		       */
	NODE_EV_DRAINED,         /* every queue is empty */
	NODE_EV_MESSAGE,         /* .message: authentic, from the peer's address, received on .link */
	NODE_EV_ADVERT,          /* .advert */
	NODE_EV_INVALID,         /* a packet from the peer's address on .link failed validation (S8) */
	NODE_EV_LINK,            /* .link is .up; .flapped: it was down since the last one, unseen */
	NODE_EV_LINK_HEARD,      /* something (anything that needs a working port) was received on .link */
	NODE_EV_FENCE,           /* .report */
	NODE_EV_PROBE_ANSWER,    /* somebody not us answers for or announces a VIP */
	NODE_EV_PROBE_FAILED,    /* a probe could not be sent: the wire was not asked */
	NODE_EV_VIP_ADDED,       /* answer to ADD_VIP: .ok means every address stands in the kernel */
	NODE_EV_VIP_REMOVED,     /* answer to REMOVE_VIP: .ok means the kernel shows none of them */
	NODE_EV_VIP_SEEN,        /* the kernel shows an address of the set that nobody here asked for */
	NODE_EV_VIP_LOST,        /* the kernel lost an address that we hold */
	NODE_EV_SERVICE_STOPPED, /* answer to STOP_SERVICE: .ok means cgroups empty, syncfs returned, script ended with
				    0 */
	NODE_EV_HEALTH,          /* .health */
	NODE_EV_FIT_PROBE, /* answer to PROBE_FIT, .token of the question: .ok means every required check answered */
	NODE_EV_STORAGE_PROBE, /* answer to PROBE_STORAGE: .ok */
	NODE_EV_REMEMBERED,    /* answer to REMEMBER: .ok */
	NODE_EV_WORKER,        /* .worker ended (.ok false; .up: as planned, by a reload) or is back (.ok true) */
	NODE_EV_COMMAND,       /* .command */
	NODE_EV_STOP,          /* SIGTERM: release with consent, then EXIT */
	NODE_EV_RELOAD,        /* .config: a valid new configuration */
	NODE_EVENTS
};

enum node_command_type {
	NODE_CMD_SWITCHOVER,
	NODE_CMD_STANDBY,
	NODE_CMD_UNSTANDBY,
	NODE_CMD_PAUSE, /* .duration; HA_NEVER: until resume */
	NODE_CMD_RESUME,
	NODE_CMD_CONFIRM_OFF,
	NODE_COMMANDS
};

struct node_command {
	enum node_command_type type;
	uint32_t token; /* carried back in NODE_REPLY */
	ha_time duration;
	bool force;
	bool dry;       /* CONFIRM_OFF: say whether it would be accepted, do nothing */
	uint64_t claim; /* CONFIRM_OFF: the claim that was open when it was said */
};

/* Why a command was done or refused; node_reply_text() says it in words with what to do. */
enum node_reply {
	NODE_REPLY_DONE,
	NODE_REPLY_NOTHING, /* already so */
	NODE_REPLY_NO_CLAIM,
	NODE_REPLY_OTHER_CLAIM, /* than the one it was said of */
	NODE_REPLY_PEER_HEARD,
	NODE_REPLY_PEER_ON, /* the IMM says on */
	NODE_REPLY_PEER_SILENT,
	NODE_REPLY_PEER_UNFIT,
	NODE_REPLY_PEER_STANDBY,
	NODE_REPLY_PEER_HOLDS,
	NODE_REPLY_NOBODY_HOLDS,
	NODE_REPLY_NOT_FIT,
	NODE_REPLY_PAUSED,
	NODE_REPLY_BUSY,
	NODE_REPLY_TIMEOUT,
	NODE_REPLY_DIRTY, /* the release could not be proven: undone */
	NODE_REPLY_VIP_DIFFERS,
	NODE_REPLY_FENCE_ERROR,
	NODE_REPLY_IDENTITY,
	NODE_REPLY_REFUSED_POWERED, /* reload after a power-down */
	NODE_REPLIES
};

struct node_health {
	bool fit;              /* every unweighted check that counts now is up */
	bool storage;          /* if not fit: the reason is storage */
	ha_time storage_since; /* if so: when the storage's first failure was asked; 0: not known */
	uint8_t effective_priority;
	bool check_failed; /* any check is down */
	bool storage_hung;
};

struct node_start {
	struct node_record record;
	bool vip_present; /* at least one configured VIP stands in this kernel */
	struct node_memory memory;
	uint64_t incarnation; /* random, not 0 */
	bool link_up[NODE_LINKS];
};

struct node_advert {
	bool from_peer; /* source address is the peer's */
	uint8_t priority;
	ha_time interval; /* 0: unknown */
	unsigned link;
};

struct node_event {
	ha_time now;
	enum node_event_type type;
	uint64_t random; /* fresh random bits with every event: claim numbers come from here */
	unsigned link;
	bool up, ok, flapped;
	ha_time drained; /* EV_TIMER: when the emptying of the sockets began: what came later may be unheard (S13) */
	ha_time late;    /* EV_LATE: how long the loop was away */
	unsigned worker; /* 0 fence, 1 health */
	uint32_t token;
	union {
		struct node_start start;
		struct vrrp_message message;
		struct node_advert advert;
		struct fence_report report;
		struct node_health health;
		struct node_command command;
		const struct node_config *config;
	};
};

/* Things worth a line in the log, the history and the simulator's trace. Numbers in .a and .b as each comment says. */
enum node_note_type {
	NODE_NOTE_STATE,       /* a = from, b = to */
	NODE_NOTE_STARTED,     /* a = record state, b = VIP present */
	NODE_NOTE_PEER_SILENT, /* a = us since last heard */
	NODE_NOTE_PEER_HEARD,  /* a = us of silence, b = its state */
	NODE_NOTE_CLAIM,       /* a = claim, b = intent */
	NODE_NOTE_CLAIM_ENDED, /* a = claim, b = enum node_end */
	NODE_NOTE_CLAIM_SEEN,  /* a = the peer's claim, b = intent */
	NODE_NOTE_GRANTED,     /* a = the peer's claim: I granted it */
	NODE_NOTE_CONSENT,     /* a = my claim: the peer granted it */
	NODE_NOTE_FENCE,       /* a = enum fence_plan_note, b = completion or enum fence_error or us, by note */
	NODE_NOTE_PERMIT,      /* a = enum fence_permit: changed */
	NODE_NOTE_PROBES_SENT, /* a = round */
	NODE_NOTE_WIRE_SILENT,
	NODE_NOTE_WIRE_ANSWER, /* somebody answers for the VIP */
	NODE_NOTE_PROOF,       /* a = claim, b = enum node_proof */
	NODE_NOTE_ADDED,       /* a = us since the claim began, b = us of outage */
	NODE_NOTE_ADD_FAILED,
	NODE_NOTE_VIP_LOST,
	NODE_NOTE_RELEASE,        /* a = enum node_release_reason */
	NODE_NOTE_RELEASED,       /* a = us it took */
	NODE_NOTE_RELEASE_FAILED, /* a = enum node_release_reason */
	NODE_NOTE_UNDONE,         /* a voluntary release turned dirty was undone */
	NODE_NOTE_POWER_UP,       /* a = enum fence_restore_result, b = tries left */
	NODE_NOTE_LATE,           /* a = us away */
	NODE_NOTE_LATE_KEPT,      /* nobody else holds: keeps */
	NODE_NOTE_GIVES_WAY,      /* S12: a = the peer's proof */
	NODE_NOTE_KEEPS,          /* S12: the peer must give way */
	NODE_NOTE_LINK,           /* a = link, b = up */
	NODE_NOTE_COMMAND,        /* a = enum node_command_type, b = enum node_reply */
	NODE_NOTE_PEER_RESTARTED, /* a = its incarnation */
	NODE_NOTE_GUID_CHANGED,   /* the peer's name and key come from a second machine (FAULTS 79) */
	NODE_NOTE_OWED,           /* a = power-ups still owed, found after a restart */
	NODE_NOTE_PEER_STATE,     /* a = from, b = to, by its messages; taken by the daemon's loop, not by the node */
	NODE_NOTE_LEVEL,          /* a = enum fence_topology_note_type, b = number << 16 | device << 8 | level */
	NODE_NOTE_OUTLET,         /* a = feed, b = it is on again, else given up */
	NODE_NOTES
};

enum node_end {
	NODE_END_PEER_HOLDS,
	NODE_END_GRANTED_PEER,
	NODE_END_WIRE,
	NODE_END_ADD_FAILED,
	NODE_END_UNFIT,
	NODE_END_COMMAND,
	NODE_END_TIMEOUT,
	NODE_END_STOP,
	NODE_END_RELOAD,
	NODE_END_SUCCESS,
	NODE_ENDS
};

enum node_release_reason {
	NODE_RELEASE_CLAIMED,
	NODE_RELEASE_PREEMPTED,
	NODE_RELEASE_SWITCHOVER,
	NODE_RELEASE_STANDBY,
	NODE_RELEASE_UNFIT,
	NODE_RELEASE_STOP,
	NODE_RELEASE_GIVES_WAY,
	NODE_RELEASE_ADD_FAILED,
	NODE_RELEASE_START,
	NODE_RELEASE_REASONS
};

enum node_action_type {
	NODE_SEND, /* .message on the links of .links (bit set); the caller sets message.link for each before it encodes
		    */
	NODE_SEND_ADVERT,  /* priority .value on the service link */
	NODE_WRITE_RECORD, /* .record; if it fails, do not execute ADD_VIP: answer EV_VIP_ADDED not ok */
	NODE_ADD_VIP,    /* all addresses; idempotent. ADD_VIP and REMOVE_VIP are each answered once, in their order */
	NODE_REMOVE_VIP, /* all addresses, on every interface; idempotent */
	NODE_ANNOUNCE,   /* a burst of gratuitous ARP / unsolicited NA */
	NODE_PROBE,      /* one ARP / ND probe for each VIP */
	NODE_START_SERVICE, /* managed units, in order; idempotent */
	NODE_STOP_SERVICE,  /* units in reverse, release script, proof (S3); answered by EV_SERVICE_STOPPED within .time
			     */
	NODE_FENCE_ORDER,   /* .order to the fence process */
	NODE_PROBE_FIT,     /* .token; run the required_to_fence checks now, once, without hysteresis */
	NODE_PROBE_STORAGE, /* run the storage checks now */
	NODE_REMEMBER,      /* .memory, durably; answered by EV_REMEMBERED with .token */
	NODE_REPLY_TO,      /* .reply to command .token */
	NODE_NOTE,          /* .note */
	NODE_EXIT,          /* everything is said and done: end the process */
	NODE_ACTION_TYPES
};

struct node_note {
	enum node_note_type type;
	uint64_t a, b;
	uint64_t episode;
};

struct node_action {
	enum node_action_type type;
	unsigned links;
	unsigned value;
	uint32_t token;
	ha_time time;
	union {
		struct vrrp_message message;
		struct node_record record;
		struct fence_order order;
		struct node_memory memory;
		struct node_note note;
		enum node_reply reply;
	};
};

struct node_update {
	struct node_action actions[NODE_ACTIONS];
	unsigned count;
};

/* What the node knows of the peer's IMM, from the worker's unasked reports and from readings. */
struct node_device {
	bool known; /* any report yet */
	enum fence_error error;
	uint8_t completion;
	enum fence_power power;
	enum fence_identity identity;
	uint8_t privilege;
	ha_time checked; /* when the newest answer came */
	ha_time rtt;
	bool sluggish;
};

/* ... and of an outlet that feeds it. */
struct node_feed {
	bool known;
	enum fence_error error;
	enum fence_power power;
	ha_time asked, checked, rtt;
	uint32_t late_token; /* a power-down of an ended claim whose agent has not ended; 0: none */
	ha_time late_until;  /* it may take effect until then */
};

struct node_link {
	bool up;
	ha_time up_since;     /* HA_NEVER while down */
	bool heard_since_up;  /* S13 */
	ha_time last_message; /* 0: never */
};

struct node_peer {
	bool heard;                        /* not silent now */
	bool ever;                         /* at least one fresh message in this run */
	ha_time last_message, last_advert; /* 0: never */
	ha_time silence_since;             /* S13: silence is observed from here */
	ha_time last_invalid;              /* S8; 0: never */
	ha_time last_mismatch;             /* newest packet of the peer that failed validation; 0: never */
	ha_time last_foreign;              /* newest advert of a foreign router with our VRID; 0: never */
	ha_time holding_since;             /* since when it says that it holds, unbroken; HA_NEVER: it does not */
	ha_time heard_from;                /* start of the present unbroken hearing */
	ha_time credit_heard;              /* hearing gathered since the last power-down */
	struct vrrp_message message;       /* newest fresh one; valid if `ever` */
	bool was_master;                   /* last heard as holder */
	ha_time advert_interval;
	ha_time last_holding; /* when it was last heard as holder; 0: never */
	bool guid_changed;
	ha_time differs_since; /* configuration differs; HA_NEVER: same */
	ha_time better_since;  /* preempt: since when the master's priority is below mine; HA_NEVER: not */
};

struct node_claim {
	uint64_t number; /* 0: none */
	enum node_intent intent;
	uint8_t priority;
	ha_time began;
	enum node_proof proof;              /* NODE_PROOF_NONE until proven */
	bool by_outlets;                    /* OFF was seen at the outlets */
	uint32_t outlets_off, outlets_owed; /* what it has added to the memory */
	bool wire_asked, wire_silent;
	ha_time wire_began;
	unsigned probes_sent;
	ha_time probe_at;      /* when to send the next, or to conclude silence; HA_NEVER: no round open */
	ha_time unasked_since; /* the wire cannot be asked since then; 0: it can */
	uint32_t fit_token;    /* outstanding PROBE_FIT; 0: none */
	bool fit_probe_ok;
	ha_time fit_probe_at; /* when asked */
	ha_time fit_since;    /* when the newest answer came */
	bool stuck;
};

struct node {
	struct node_config config;
	enum node_state state;
	bool started;
	ha_time started_at;
	ha_time now;        /* of the newest step */
	ha_time drained_at; /* S13: all that had come in by then has been heard */
	struct node_memory memory;
	uint32_t remember_token, remembered_token; /* newest asked and newest durable */
	ha_time remember_at;                       /* could not be written: when to ask again; HA_NEVER: not */
	struct node_record record;
	struct vrrp_window window;
	uint64_t sequence;                        /* of the newest message of mine */
	uint64_t echo_incarnation, echo_sequence; /* newest message of the peer that I saw, to be echoed */
	ha_time said_at;                          /* when the newest message of mine was sent */
	ha_time hello_at, advert_at, garp_at;
	ha_time heal_at;        /* earliest next announcement after a heal */
	bool storage_out;       /* ... is not answered yet */
	uint32_t storage_token; /* of the newest PROBE_STORAGE */
	ha_time storage_asked;  /* when the newest PROBE_STORAGE was given */
	ha_time storage_probed; /* newest successful storage probe; 0: none */
	ha_time storage_failed; /* a failed one, the newest that the peer can have answered to; 0: none, or one has
				   succeeded since */
	ha_time storage_here;   /* holder whose storage fails: since when the peer's is known to answer; 0: it is not */
	ha_time storage_grace;  /* ... and until when this node's own may still follow */
	bool storage_mine;      /* ... and it has failed here once more since, and answered there after that */
	ha_time advert_late_max;
	struct node_link links[NODE_LINKS];
	struct node_peer peer;
	struct node_claim claim;
	struct fence_plan plan;
	struct fence_restore restore;
	struct fence_topology topology;
	struct fence_repower repower;
	ha_time outlets_ordered; /* the newest power-down of one; 0: none */
	struct node_feed feeds[FENCE_FEEDS];
	struct node_device device;
	struct node_health health;

	ha_time state_since;
	ha_time late_until; /* S7: verifying after a late wake until then; 0: not */
	bool draining;
	bool vip_present;     /* the kernel shows, or may show, one of the addresses */
	bool service_stopped; /* proven since the last start of services */
	bool stopping;        /* SIGTERM */
	bool exiting;
	ha_time exit_by;
	uint64_t exit_echo;     /* sequence of mine that the peer must echo before the process ends */
	bool vips_pending;      /* addresses to add to those held: a changed set, or what a resume finds missing */
	bool vips_asked;        /* ... and the wire has been asked for them (S5) */
	ha_time vips_at;        /* ... and then: ask, or add; HA_NEVER: the peer must have the set first */
	ha_time adding_since;   /* when the claim that led to the present add began */
	ha_time unfit_since;    /* holder that is not fit; HA_NEVER: fit */
	ha_time storage_at;     /* next PROBE_STORAGE */
	uint64_t gave_up_at;    /* sequence of the message that said so; who echoes it has heard it */
	uint64_t undone;        /* the peer's claim for which a release was begun and undone: it is not tried again */
	ha_time preempt_rests;  /* no preemption is taken up until then: one could not be proven and was undone */
	bool handover;          /* holder that asks the peer to claim */
	bool switchover;        /* ... because an administrator asked */
	uint32_t command_token; /* pending switchover / standby; 0: none */
	enum node_command_type command_type;
	ha_time command_by;
	ha_time paused_until;      /* 0: not paused; HA_NEVER: until resume */
	uint32_t pause_generation; /* the newer pause or resume of the pair wins */
	bool pause_heard;          /* it is the peer's: over when it is over there */
	enum node_release_reason release_reason;
	enum node_release_reason release_wish; /* why `handover` is set */
	uint64_t granted;                      /* the peer's claim that was granted last */
	ha_time release_began, release_by;
	bool release_voluntary;
	uint64_t vip_requests, vip_answers; /* ADD_VIP and REMOVE_VIP, answered in their order */
	bool stop_out, remove_out;          /* STOP_SERVICE / REMOVE_VIP not yet answered */
	ha_time retry_at;                   /* DIRTY, ADD failures, lost VIP */
	unsigned add_failures;
	ha_time grant_quiet; /* quiet_until as the newest grant set it */
	ha_time quiet_until; /* BACKUP: no new claim before (a grant is being used, a claim has just failed) */
	ha_time startup_at;  /* startup = "fence": earliest power-down */
	bool startup_armed;  /* ... and its permission is being used, burned on disk */
	bool shot_reserved;  /* the open claim's power-down is accounted for in `memory` (S9: no loop across a restart)
			      */
	uint32_t fit_tokens; /* of PROBE_FIT, counting up */
	uint32_t shot_token; /* REMEMBER that made it so */
	bool remember_failed;
	ha_time last_late;             /* 0: never */
	ha_time worker_changed;        /* a worker process ended or started; 0: never */
	ha_time worker_restarted;      /* ... and nobody had asked for it; 0: never */
	ha_time conflict_at;           /* somebody else answered for the VIP; 0: never */
	unsigned vip_losses;           /* within the last seconds */
	ha_time vip_lost_at, dirty_at; /* 0: never */
	ha_time plead_at; /* DIRTY since the start: "fence me" is said from then on; the release is tried first */
	uint64_t episode;
	ha_time outage_since; /* when the VIP was last known to be served; for the outage's length */
	uint64_t alarms;      /* bit set by enum alarm; recomputed by every step */
	uint64_t sticky;      /* alarms that stay until their condition is known to be over */
};

void node_init(struct node *node, const struct node_config *config);
/* One step. *ret_update is overwritten. */
void node_step(struct node *node, const struct node_event *event, struct node_update *ret_update);
/* When node_step() wants an EV_TIMER; HA_NEVER: only events. */
ha_time node_deadline(const struct node *node);

bool node_holding(const struct node *node); /* S3 */
bool node_can_fence(const struct node *node);
/* How long the peer may be silent before it is suspected, by what it was heard with (section 3 of docs/DESIGN.md). */
ha_time node_silence_limit(const struct node *node);
/* The message that would be sent now (without a grant), for status and for tests. */
void node_describe(const struct node *node, ha_time now, struct vrrp_message *ret);

#endif
