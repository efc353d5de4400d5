/* test/model/world.h -- the whole world of a pair as one value, for the bounded model check: two hosts that run the
 * real node (daemon/node.h), their kernels, services, disks, fence processes, IMMs, and the messages between them.
 *
 * The promise: the world holds no pointer and reads no clock or chance, so a state is saved by copying it, and
 * everything that can happen next is in the list of world_moves(). What is hostile is a move like any other: nothing
 * happens "later", everything happens whenever the search wants it to.
 *
 * Time. Safety depends on no clock, so there is none to share: each host has its own, and it moves only when that
 * host's own timers run (MOVE_TIMER, MOVE_RUN), when it waits for its IMM, or when it stalls. A message, an answer or a
 * fault comes at any point of either clock. That contains every relative speed of the two machines and every delay of
 * the network. */
#ifndef HA_MODEL_WORLD_H
#define HA_MODEL_WORLD_H

#include "daemon/node.h"

#include <stdbool.h>
#include <stdint.h>

#define HOSTS      2
#define A          0
#define B          1
#define SERVICE    0 /* links */
#define STORAGE    1
#define BAG        3 /* messages under way to a host */
#define QUEUE      4 /* requests in a kernel */
#define ORDERS     4 /* of a fence process */
#define MOVES      128
#define READ_TAKES (60 * HA_MS) /* an IMM answers */
#define STALL      (5 * HA_SEC)

enum model_request { REQUEST_ADD = 1, REQUEST_REMOVE, REQUEST_REFUSED };

struct model_kernel {
	uint8_t request[QUEUE]; /* enum model_request */
	bool orphan[QUEUE];     /* its daemon is gone */
	uint8_t count;
};

enum model_stage {
	STAGE_FREE,
	STAGE_ORDERED,  /* not sent yet */
	STAGE_SENT,     /* READ: asked; POWER_DOWN: it has left */
	STAGE_ANSWERED, /* the answer is under way to the daemon */
};

struct model_order {
	enum fence_order_type type;
	enum model_stage stage;
	uint32_t token;
	uint64_t session;
	ha_time asked;
	enum fence_power power; /* of the answer to a READ */
	enum fence_error error; /* of the answer to a POWER_DOWN */
	bool cancelled;
};

struct model_worker {
	uint64_t session;
	ha_time since;
	struct model_order orders[ORDERS];
};

/* What is truly the case, for the judge. Of the open claim, or of the newest one. */
struct model_truth {
	uint64_t claim;
	bool peer_was_off;      /* at some moment since the claim began */
	bool granted;           /* the peer has said a grant of it */
	bool consented;         /* ... and this daemon has heard it */
	bool dead;              /* this node has granted since */
	bool operator_saw;      /* confirm-off, of a machine that was off */
	bool held;              /* from the record of an add until the release is proven */
	bool entitled;          /* added on a proof and not released since */
	bool read_on, read_off; /* readings of the claim that reached the daemon: any "on"; the newest is "off" */
	bool heard;             /* a fresh message since the daemon's start */
	bool lost;              /* released without being heard since */
	uint8_t kills;          /* power-downs of a peer that was on that left and were not refused */
	ha_time heard_at;       /* newest fresh message or advert, own clock; 0: none */
};

struct model_host {
	bool powered, alive, link_up, vip, service;
	bool stop_asked, stop_void; /* services are being stopped; ... and were started again meanwhile */
	bool lags;                  /* its IMM still shows the power before the newest change */
	bool late_off;              /* a power-down that may be executed yet */
	bool probed;                /* the daemon listens for an answer from the wire */
	bool record_fails;          /* the runtime directory cannot be written */
	bool disk_slow;             /* what is to be remembered is not durable at once */
	uint8_t priority_low;       /* its checks lower the effective priority */
	ha_time clock;
	struct model_kernel kernel;
	struct node_record record;          /* runtime directory: goes with the power */
	struct node_memory memory, writing; /* state directory */
	uint32_t write_token;               /* of `writing`; 0: nothing is being written */
	struct model_worker worker;
	struct model_truth truth;
	struct node node;
};

/* Under way to a host: lost if never delivered, late if delivered late, doubled if delivered twice. */
struct model_bag {
	struct vrrp_message messages[BAG];
	uint8_t count;
	bool advert, resigns; /* an advert of the peer; one of priority 0 */
};

enum model_fault {
	MODEL_GOOD,
	MODEL_TWO_HOLDERS,
	MODEL_TWO_WRITERS,
	MODEL_ADD_WITHOUT_RECORD,
	MODEL_ADD_WITHOUT_CLAIM,
	MODEL_ADD_AFTER_GRANT,
	MODEL_ADD_WITHOUT_PROOF,
	MODEL_GRANT_BY_HOLDER,
	MODEL_RECORD_FORGOTTEN,
	MODEL_DOWN_NOT_READ,
	MODEL_DOWN_AFTER_CONSENT,
	MODEL_DOWN_NOT_HEARD,
	MODEL_DOWN_WHILE_HEARD,
	MODEL_DOWN_AFTER_LOSS,
	MODEL_DOWN_LINK,
	MODEL_DOWN_NOT_WRITTEN,
	MODEL_DOWN_AGAIN,
	MODEL_FAULTS
};

struct world {
	struct model_host hosts[HOSTS];
	struct model_bag to[HOSTS];
	uint64_t numbers; /* claims and incarnations handed out so far */
	enum model_fault wrong;
};

enum model_move {
	MOVE_TIMER,   /* the next timer of the daemon */
	MOVE_RUN,     /* ... and so on until more than a hello comes of it */
	MOVE_MESSAGE, /* .arg: which; it and all that it overtakes are under way no more */
	MOVE_DOUBLE,  /* ... but stay under way */
	MOVE_ADVERT,
	MOVE_RESIGN,    /* an advert of priority 0 */
	MOVE_KERNEL,    /* executes the oldest request and answers */
	MOVE_ADD_FAILS, /* ... but the address does not stand */
	MOVE_STOPPED,   /* services have stopped, proven */
	MOVE_NOT_STOPPED,
	MOVE_DISK,     /* what is to be remembered is durable */
	MOVE_READ,     /* .arg: order; asked, read and answered at once */
	MOVE_SAMPLE,   /* read, but the answer is late */
	MOVE_READ_LAG, /* the IMM shows the power before the newest change */
	MOVE_READ_FAILS,
	MOVE_ANSWER, /* the late answer */
	MOVE_DOWN,   /* .arg: order; power-down: sent, executed, answered */
	MOVE_SENT,   /* it has left */
	MOVE_NOT_SENT,
	MOVE_EXECUTED, /* ... is executed, the answer is late */
	MOVE_ACCEPTED, /* ... is answered, and will be executed late */
	MOVE_REFUSED,  /* ... is refused: 0xD5 */
	MOVE_LOST,     /* ... is not answered; it may be executed yet */
	MOVE_LATE_OFF, /* this host goes down by a late command */
	MOVE_POWER_CUT,
	MOVE_POWER_ON,
	MOVE_START, /* of the daemon */
	MOVE_CRASH,
	MOVE_STALL,   /* the loop was away and runs again */
	MOVE_DRAINED, /* all that was queued has been heard */
	MOVE_RECORD_LOST,
	MOVE_RECORD_DIRTY, /* cannot be read: counts as dirty */
	MOVE_RECORD_FAILS,
	MOVE_DISK_SLOW,
	MOVE_LINK_DOWN, /* service link */
	MOVE_LINK_UP,
	MOVE_WIRE,     /* the holder answers a probe */
	MOVE_WORKER,   /* the fence process dies and is started again */
	MOVE_PRIORITY, /* checks lower the effective priority, or no longer */
	MOVE_SWITCHOVER,
	MOVE_STOP,    /* SIGTERM */
	MOVE_CONFIRM, /* confirm-off, of a machine that is off */
	MOVE_KINDS
};

struct move {
	uint8_t kind; /* enum model_move */
	uint8_t host, arg;
	bool cut; /* the daemon dies between the record and what follows it */
};

/* A model at work: the world, and what is needed to make a step in it. */
struct model {
	struct world world;
	struct node_config config[HOSTS];
	struct node_event event;
	struct node_update update;
	bool cut, was_cut, talks; /* talks: print what is done */
	bool significant;         /* the newest step brought more than a hello */
	/* How often something was done, so that nobody takes a search for a proof that never came that far. */
	uint64_t adds[NODE_PROOFS], resumes, downs;
};

/* world.c */
void world_start(struct model *m);
/* What can happen next. Returns the number of moves. */
unsigned world_moves(const struct world *w, struct move moves[MOVES]);
/* How much of the budget of faults a move takes: 0, or 1. */
unsigned world_price(const struct move *move);
/* Do it. False if nothing came of it. */
bool world_move(struct model *m, const struct move *move);
void world_config(struct model *m);

/* host.c: the daemon, its kernel, services and disk. */
void host_step(struct model *m, unsigned host);
void host_event(struct model *m, unsigned host, enum node_event_type type, bool ok);
bool host_timer(struct model *m, unsigned host);
bool host_run(struct model *m, unsigned host);
void host_start(struct model *m, unsigned host);
void host_crash(struct model *m, unsigned host);
void host_power_off(struct model *m, unsigned host);
void host_kernel(struct model *m, unsigned host, bool fails);
void host_stopped(struct model *m, unsigned host, bool proven);
void host_disk(struct model *m, unsigned host);
void host_message(struct model *m, unsigned host, unsigned index, bool stays);
void host_advert(struct model *m, unsigned host, bool resigns);

/* fence.c: fence process and IMM. */
void fence_order(struct model *m, unsigned host, const struct fence_order *order);
void fence_move(struct model *m, const struct move *move);
unsigned fence_moves(const struct world *w, unsigned host, struct move *moves);
void fence_restart(struct model *m, unsigned host);

/* judge.c */
void judge_wrong(struct world *w, enum model_fault wrong);
void judge_world(struct world *w);
void judge_step(struct world *w, unsigned host); /* the node has decided */
void judge_add(struct world *w, unsigned host);  /* before the request */
void judge_grant(struct world *w, unsigned host, uint64_t claim);
void judge_record(struct world *w, unsigned host, const struct node_record *record);
void judge_order(struct world *w, unsigned host); /* a power-down is ordered */
void judge_report(struct world *w, unsigned host, const struct fence_report *report);
bool judge_holder(const struct world *w, unsigned host);
const char *judge_text(enum model_fault wrong);

/* canon.c: one number of 128 bits for all states that differ only in what cannot matter. */
struct model_key {
	uint64_t a, b;
};
struct model_key world_key(const struct world *w);

/* talk.c */
void talk_move(const struct world *before, const struct move *move);
void talk_world(const struct world *w);
void talk_action(unsigned host, const struct node_action *action);

#endif
