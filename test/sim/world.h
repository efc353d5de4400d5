/* test/sim/world.h -- the simulated world: two hosts that run the real node (daemon/node.h), their kernels, IMMs, fence
 * processes, services and networks, on one simulated clock.
 *
 * The promise: nothing in here reads a real clock or real chance; the same seed and the same calls give the same run.
 * What is modelled is at least as hostile as the real thing: late, lost, doubled, reordered, half done. */
#ifndef HA_SIM_WORLD_H
#define HA_SIM_WORLD_H

#include "daemon/node.h"
#include "test/sim/health.h"
#include "test/sim/pdu.h"
#include "test/sim/queue.h"
#include "test/sim/random.h"

#include <stdbool.h>
#include <stdint.h>

#define HOSTS         2
#define LINKS         3 /* at most; the pair has two unless its configuration says otherwise */
#define SERVICE       0 /* links */
#define STORAGE       1
#define THIRD         2 /* index of a third machine's IMM */
#define IMMS          3
#define VIPS          2
#define MESSAGE_SLOTS 512
#define RECORDED      16  /* messages an attacker keeps */
#define BACKLOG       192 /* events that wait for a stalled daemon */
#define SOCKET_BUFFER 96  /* packets of them, and packets that wait for a frozen host */
#define WAITING       512
#define ORDERS        32
#define WRITES        32 /* to the disk, on their way */

struct world_config {
	struct node_config node[HOSTS];
	unsigned addresses; /* VIPs */
	enum sim_check_set checks;
	bool encode;                /* messages go through the codec and its HMAC */
	bool imm_on_service[HOSTS]; /* this host reaches the other's IMM through its service link */
	bool restarts;              /* the service manager restarts a dead daemon */
	ha_time watchdog;           /* a daemon that stalls longer is killed; HA_NEVER: not */
	ha_time boot_time;
	bool chatter;         /* strangers' packets show that a link works */
	uint8_t off_when_off; /* completion code of a power-down of a host that is off */
	ha_time monitor_interval;
};

/* From a host into a link; what the other end hears. */
struct sim_path {
	bool cut, no_messages, no_adverts;
	unsigned loss, duplicate; /* per mille */
	ha_time delay, jitter;
};

struct sim_port {
	bool cable;
	ha_time blocked_until;
};

enum trap_kind { TRAP_NONE, TRAP_CRASH, TRAP_STALL, TRAP_FREEZE, TRAP_POWER };

/* Something happens to a host exactly before its daemon executes an action of this type. */
struct sim_trap {
	enum trap_kind kind;
	enum node_action_type before;
	ha_time duration;
};

struct sim_daemon {
	bool alive, stalled, enabled; /* enabled: starts at boot */
	uint32_t process;
	ha_time running_since; /* alive and not stalled */
	ha_time loop_at;       /* when the loop was last seen */
	ha_time timer;
	struct node node;
	struct node_config config; /* what the file says: the next start or reload reads it */
	struct node_event backlog[BACKLOG];
	unsigned backlog_count, backlog_packets;
	struct node_action pending[NODE_ACTIONS]; /* of an update that a stall interrupted */
	unsigned pending_count;
	bool record_failed; /* in this update */
	bool draining;      /* LATE was given, DRAINED not yet */
	bool reloading;     /* this step takes a new configuration */
	struct sim_trap trap;
	ha_time jitter; /* how late timers are */
	uint64_t alarms_seen;
	enum node_reply reply; /* newest */
	unsigned replies;
	unsigned spins;
};

struct sim_order {
	bool used, reported, probe; /* nobody waits for it any more; asks only whether the session lives */
	bool waits;                 /* a question, for a session */
	uint32_t id;                /* never used twice by a worker */
	uint32_t token;             /* 0: the worker's own monitoring */
	enum fence_order_type type;
	unsigned sends; /* a question is repeated, a command never */
	uint64_t session;
	ha_time asked[3], not_after; /* the host's clock */
};

struct sim_worker {
	bool up, hung, second; /* second: a login beside the session is under way */
	uint32_t process, last_id;
	uint64_t sessions, session; /* opened so far; the present one, 0: none */
	uint32_t imm_epoch;
	bool guid_known; /* read when the session was opened */
	struct ha_guid guid;
	ha_time since, login_delay;
	ha_time silent_since;   /* something is unanswered and nothing has come since; HA_NEVER: all is well */
	ha_time slowest;        /* answer of late */
	ha_time taken_at;       /* the newest order comes out of the socket */
	enum fence_error error; /* why there is no session */
	struct sim_order orders[ORDERS];
};

struct sim_host {
	unsigned index;
	bool powered, running, frozen, suspended;
	int64_t wall;        /* us that its wall clock is ahead */
	bool deaf;           /* while frozen: packets are lost, carriers stay */
	ha_time power_since; /* when `powered` changed */
	ha_time frozen_since;
	uint32_t boot;
	ha_time epoch; /* the host's clock began */
	struct node_record record;
	struct node_memory memory; /* on disk */
	struct node_memory writing[WRITES];
	uint64_t writes;
	ha_time disk_at;
	bool record_fails, memory_fails;
	bool vip[VIPS], add_fails[VIPS], remove_fails;
	unsigned file_vips, vips, recorded_vips; /* bit sets: of the file, of the running daemon, on record */
	unsigned adding;                         /* requests on their way into the kernel */
	ha_time kernel_at, kernel_delay;
	bool service, unstoppable;
	uint64_t service_starts;
	ha_time stop_delay;                  /* at most so long services take to stop */
	ha_time service_time, service_ready; /* from its start until it answers; when that is */
	bool broken;                         /* its service runs and does not answer */
	bool nfs_hung, gateway_lost, loaded, maintenance, supply_lost;
	struct sim_health checks;
	struct sim_event waiting[WAITING]; /* while frozen */
	unsigned waiting_count, waiting_packets;
	struct sim_daemon daemon;
	struct sim_worker worker;
};

/* The IMM of host 0 or 1, or of a third machine. */
struct sim_imm {
	bool alive, reachable; /* has power; its LAN works */
	ha_time booting_until, lies_until;
	bool lies_off;
	uint32_t epoch; /* sessions end with it */
	ha_time delay, lag;
	bool power_seen; /* before the newest change, for lag */
	bool third_on;   /* power of the third machine */
	uint8_t refuse;  /* completion code of every power-down; 0: obeys */
	bool refuse_executes;
	bool stuck_on;
	ha_time late;           /* it powers down that much later than it says */
	unsigned loss, garbage; /* per mille of requests and of answers */
	unsigned lost_answers;  /* so many answers to power-downs are lost */
	enum fence_error login; /* FENCE_OK: lets in */
	bool guid_known;
	struct ha_guid guid;
	bool powers_up;
};

/* What is truly the case, for the invariants (test/sim/oracle.c). */
struct oracle {
	uint64_t claim; /* of the node, as seen after its newest step */
	ha_time claim_began;
	bool granted; /* the peer sent a grant of it */
	bool dead;    /* the node has granted since */
	bool operator_said;
	bool down_answered, was_on;
	uint64_t down_session;
	unsigned off_count, probes;
	bool wire_answered;
	ha_time off_first, off_last, down_answered_at, probed_at;
	bool entitled;                 /* it added with a proof, and has not released since */
	ha_time heard_at, heard_total; /* of the peer, since it last powered it down */
	bool killed;
	ha_time consented_at;               /* the node has believed the peer's grant of this claim; 0: not */
	bool saw_off;                       /* its IMM has said off in this claim, since it was powered down */
	uint64_t killed_by;                 /* the claim */
	uint64_t unwritten;                 /* by this incarnation of the daemon, and its disk failed; 0: on disk */
	uint32_t outlets_down, outlets_off; /* bit i: its power-down was answered in this claim; seen off after */
};

#define OUTAGE_STEP  (10 * HA_MS)
#define OUTAGE_STEPS 60000 /* the last one: and longer */

struct sim_stats {
	uint64_t runs, failed, takeovers, power_downs, kills, kills_healthy, kills_consenting, steps;
	ha_time simulated;
	uint64_t outages[OUTAGE_STEPS]; /* how many lasted so many steps */
};

struct world {
	struct world_config config;
	struct sim_random random, fault_random;
	const struct fault_plan *plans; /* test/sim/fault.h */
	ha_time now;
	bool trace, trace_messages, failed, operator_lies;
	bool healing;     /* no fault begins or ends any more */
	ha_time late_cut; /* a running host went off by an order that its IMM had accepted long before */
	char failure[256];
	struct sim_host hosts[HOSTS];
	struct sim_imm imms[IMMS];
	struct sim_pdu pdu;
	unsigned imm_target[HOSTS]; /* whose IMM the worker of this host talks to */
	struct sim_path paths[HOSTS][LINKS];
	struct sim_port ports[HOSTS][LINKS];
	bool switch_dead[LINKS];
	bool keys_differ;
	bool relayed; /* what is sent on the storage link arrives on the service link, whatever becomes of it there */
	bool third_has_vip;
	ha_time good_since[LINKS]; /* two-way and clean; HA_NEVER: not */
	struct vrrp_message messages[MESSAGE_SLOTS];
	uint8_t bytes[MESSAGE_SLOTS][VRRP_MESSAGE_BYTES];
	size_t lengths[MESSAGE_SLOTS];
	uint8_t references[MESSAGE_SLOTS];
	uint16_t free_slots[MESSAGE_SLOTS];
	unsigned free_slot_count;
	struct vrrp_message recorded[HOSTS][RECORDED];
	unsigned recorded_count[HOSTS];
	struct vrrp_message_keys keys[HOSTS];
	struct oracle oracle[HOSTS];
	int last_holder;
	ha_time lost_at;                    /* nobody has served since; HA_NEVER: somebody does, or nobody has yet */
	bool went_off[HOSTS];               /* by whatever; for the rows */
	bool off_at_takeover;               /* of the host that had held before */
	unsigned power_downs, kills[HOSTS]; /* orders sent; hosts powered down while on, by whom suffers */
	struct sim_stats stats;
	struct node_update update;
	struct node_event event;
	struct sim_queue queue;
};

/* world.c: time, power, and what holds it together. */
void world_init(struct world *w, const struct world_config *config, uint64_t seed);
/* Run until `until`, or until an invariant breaks. */
void world_run(struct world *w, ha_time until);
static inline void
world_pass(struct world *w, ha_time duration)
{
	world_run(w, w->now + duration);
}
void world_push(
	struct world *w, ha_time delay, enum sim_bound bound, unsigned host, sim_handler *run, uint64_t a, uint64_t b);
void host_power_on(struct world *w, unsigned host);
void host_power_off(struct world *w, unsigned host);
void host_freeze(struct world *w, unsigned host, bool suspend);
void host_thaw(struct world *w, unsigned host);
static inline ha_time
host_clock(const struct world *w, unsigned host)
{
	return w->now - w->hosts[host].epoch;
}

/* daemon.c: the process around the node. */
void daemon_start(struct world *w, unsigned host);
bool daemon_second(struct world *w, unsigned host); /* another one, with another runtime directory: false: refuses */
void daemon_kill(struct world *w, unsigned host);   /* without a restart */
void daemon_crash(struct world *w, unsigned host);  /* the service manager may restart it */
void daemon_stall(struct world *w, unsigned host);
void daemon_wake(struct world *w, unsigned host);
void daemon_thaw(struct world *w, unsigned host); /* the host's processes run again */
void daemon_stop(struct world *w, unsigned host); /* SIGTERM */
void daemon_command(struct world *w, unsigned host, enum node_command_type type, ha_time duration);
void daemon_reload(struct world *w, unsigned host);
/* Give `event` (all set but now and random) to the node, or let it wait. */
void daemon_event(struct world *w, unsigned host, struct node_event *event);
void daemon_timer(struct world *w, unsigned host);

/* kernel.c: addresses, services, disk. */
void kernel_add(struct world *w, unsigned host);
void kernel_refuse(struct world *w, unsigned host); /* an add that is not even tried, answered in its turn */
void kernel_remove(struct world *w, unsigned host);
void kernel_foreign_removal(struct world *w, unsigned host);
bool kernel_has_vip(const struct world *w, unsigned host);
void service_start(struct world *w, unsigned host);
void service_stop(struct world *w, unsigned host, ha_time limit);
void disk_remember(struct world *w, unsigned host, const struct node_memory *memory, uint32_t token);

/* network.c */
void network_init(struct world *w);
void network_send(struct world *w, unsigned from, unsigned links, const struct vrrp_message *message);
void network_advert(struct world *w, unsigned from, unsigned priority);
void network_probe(struct world *w, unsigned from);
void network_announce(struct world *w, unsigned from);
void network_cable(struct world *w, unsigned host, unsigned link, bool in);
void network_switch(struct world *w, unsigned link, bool alive, ha_time blocked);
/* The host is gone, and with it the packets that waited for it. */
void network_forget(struct world *w, struct sim_host *host);
/* A daemon begins to listen on its links. */
void network_listen(struct world *w, unsigned host);
/* Tell the host its carriers as they are now. */
void network_tell(struct world *w, unsigned host);
/* To be called after `paths`, `ports` or `keys_differ` were changed by hand. */
void network_changed(struct world *w);
bool network_port_works(const struct world *w, unsigned host, unsigned link);
void network_replay(struct world *w, unsigned to, unsigned link);
void network_forge_advert(struct world *w, unsigned to, bool from_peer, uint8_t priority);
void network_invalid(struct world *w, unsigned to, unsigned link);

/* worker.c: the fence process. */
void worker_start(struct world *w, unsigned host);
void worker_end(struct world *w, unsigned host);
void worker_restart(struct world *w, unsigned host); /* killed, started again */
void worker_hang(struct world *w, unsigned host, bool hangs);
void worker_order(struct world *w, unsigned host, const struct fence_order *order);
/* An answer of the IMM to the `nth` sending of an order has come. */
void worker_answer(struct world *w, unsigned host, uint32_t id, unsigned nth, const struct fence_report *answer);

/* imm.c */
void imm_init(struct world *w);
bool imm_reachable(const struct world *w, unsigned from);
/* A request of `host` has left, for the nth time. */
void imm_request(struct world *w, unsigned host, const struct sim_order *order, unsigned nth);
void imm_reset(struct world *w, unsigned imm, ha_time booting, ha_time lies);
enum fence_power imm_power(const struct world *w, unsigned imm);

/* oracle.c: the invariants. A violation ends the run. */
void oracle_violation(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
void oracle_state(struct world *w); /* holders and writers; to be called after each change of them */
void oracle_step(struct world *w, unsigned host);
void oracle_action(struct world *w, unsigned host, const struct node_action *action);
void oracle_report(struct world *w, unsigned host, const struct fence_report *report);
void oracle_heard(struct world *w, unsigned host);
void oracle_power_order(struct world *w, unsigned host, const struct sim_order *order);
void oracle_outlet_order(struct world *w, unsigned host, unsigned outlet, enum fence_order_type type);
void oracle_outlet_report(struct world *w, unsigned host, const struct fence_report *report);
void oracle_killed(struct world *w, unsigned shooter, unsigned victim);
void oracle_forget(struct world *w, unsigned host); /* power-off */
bool oracle_holder(const struct world *w, unsigned host);
/* The host that serves: powered, every address and the services; -1: nobody. */
int oracle_serving(const struct world *w);

/* trace.c */
void trace(const struct world *w, int host, const char *format, ...) __attribute__((format(printf, 3, 4)));
void trace_note(const struct world *w, unsigned host, const struct node_note *note);
void trace_event(const struct world *w, unsigned host, const struct node_event *event);

#endif
