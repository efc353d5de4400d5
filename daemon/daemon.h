/* daemon/daemon.h -- the shell around the node: what the files of the daemon share among themselves.
 *
 * run.c       the start, lock and record first (S4), and the end
 * parts.c     every part is opened, what it reports becomes an event, and it is closed
 * loop.c      one way in for every event, lateness, draining before timers (S13)
 * say.c       names and texts of what the daemon says; alarms that come and go
 * act.c       executes what the node returns
 * links.c     interfaces, their sockets, what the kernel says about links and addresses
 * listen.c    adverts, peer messages, ARP and ND in and out
 * vip.c       addresses: batches of kernel requests, one answer each
 * commands.c  requests of the control socket
 * status.c    what the daemon knows, as JSON
 *
 * The promise: every source of events ends in daemon_event(); nothing but the node decides. */
#ifndef HA_DAEMON_DAEMON_H
#define HA_DAEMON_DAEMON_H

#include "daemon/advice.h"
#include "daemon/control.h"
#include "daemon/differs.h"
#include "daemon/health.h"
#include "daemon/history.h"
#include "daemon/journal.h"
#include "daemon/memory.h"
#include "daemon/metrics.h"
#include "daemon/node.h"
#include "daemon/notify.h"
#include "daemon/record.h"
#include "daemon/reexec.h"
#include "daemon/release.h"
#include "daemon/workers.h"
#include "lib/config.h"
#include "vrrp/address.h"
#include "vrrp/monitor.h"
#include "vrrp/packet.h"
#include "vrrp/peer_socket.h"
#include "vrrp/probe.h"
#include "vrrp/socket.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#define DAEMON_HEARTBEAT (250 * HA_MS) /* the loop is never armed later than this, so that every stall is seen */
#define DAEMON_QUEUE     64            /* events that executing actions brings about */
#define DAEMON_PORTS     CONFIG_VIP_INTERFACES /* interfaces with virtual addresses */
#define DAEMON_BURST     64                    /* packets taken from a socket at a time */
#define DAEMON_DRAIN     256                   /* ... and as often before a timer: more than a socket's buffer holds */
#define DAEMON_BATCHES   64                    /* adds and removes of the whole set under way */

struct daemon_options {
	const char *config, *node, *runtime_dir, *state_dir;
	bool debug;
	char **argv; /* of main(), for a re-execution */
};

/* At most one line every ten seconds, with the number of those left out. */
struct daemon_limit {
	ha_time next;
	unsigned suppressed;
};

struct daemon_link {
	char interface[IF_NAMESIZE]; /* "": not found yet */
	unsigned ifindex;            /* 0: not there */
	bool running, addressed;     /* packets can pass; our address is configured */
	unsigned downs;              /* how often its carrier has gone */
	bool flapped;                /* ... once more, and it is back: the node does not know yet */
	struct vrrp_peer_socket socket;
	sd_event_source *source;
	uint64_t received, rejected, sent, send_failed;
	uint64_t sent_sequence; /* for the round trip: newest message sent on this link, and when */
	ha_time sent_at, rtt;   /* rtt 0: not measured */
	struct daemon_limit send_limit, invalid_limit;
	ha_time invalid_told; /* when the node was last told of one that is not valid */
};

/* An interface with virtual addresses. */
struct daemon_port {
	char interface[IF_NAMESIZE];
	unsigned ifindex; /* 0: not there */
	bool open;
	struct vrrp_probe probe;
	sd_event_source *arp, *nd;
	uint64_t heard; /* frames received when last looked at */
};

struct daemon_vip {
	const struct config_vip *config;
	unsigned port;
	bool present; /* the kernel shows it on its port */
};

struct daemon_batch {
	uint32_t token;
	bool add;
	unsigned open, failed;
};

struct daemon_adverts {
	uint64_t from_peer, foreign, invalid;
	struct ha_address last_foreign;
	ha_time last_foreign_at; /* 0: never */
	enum vrrp_verdict last_verdict;
	struct daemon_limit limit;
	ha_time told[4]; /* when the node was last told of one of the peer, with priority 0, foreign, not valid */
};

struct daemon_wire { /* who else answered for a VIP */
	bool seen;
	struct ha_address address;
	uint8_t mac[VRRP_PROBE_MAC];
	ha_time at, asked, told; /* last seen; last asked; when the node was last told */
};

struct daemon_announcing {
	sd_event_source *source;
	unsigned rounds, next; /* bursts left; next address */
};

struct daemon {
	struct daemon_options options;
	sd_event *event;
	struct config *config;
	struct ha_guid guid;
	struct node node;
	struct node_update update;
	bool stepping;
	struct node_event queue[DAEMON_QUEUE];
	unsigned queue_first, queue_count;

	sd_event_source *timer;
	ha_time armed; /* when the loop should be back */
	ha_time seen;  /* when it was last known to be on time */
	bool draining;
	ha_time started;
	uint8_t random[256];
	unsigned random_left;

	int lock;
	char boot[RECORD_BOOT];
	char state_dir[CONFIG_PATH_MAX], runtime_dir[CONFIG_PATH_MAX];
	struct memory *memory;
	sd_event_source *memory_source;
	struct workers *workers;
	struct daemon_health *health;
	struct release *release;
	struct awake *awake; /* NULL: nobody keeps the machine from sleeping */
	struct notify *notify;
	struct control *control;

	struct vrrp_monitor monitor;
	sd_event_source *monitor_source;
	bool links_stale;      /* something changed: look at the interfaces again */
	ha_time links_at;      /* ... at the latest then; HA_NEVER: all is there */
	ha_time unasked_since; /* the kernel cannot be asked for its links since then; 0: it can */
	struct daemon_limit unasked_limit;
	struct daemon_link links[CONFIG_LINKS];
	struct daemon_port ports[DAEMON_PORTS];
	unsigned port_count;
	struct vrrp_socket vrrp;
	sd_event_source *vrrp_source;
	struct vrrp_addresses addresses; /* of the adverts */
	struct vrrp_message_keys keys;
	struct differs differs;  /* what of the peer's configuration is another than ours */
	uint64_t heard_sequence; /* newest message of the peer, and when it came: it gets its own delay back */
	ha_time heard_at;
	struct daemon_adverts adverts;
	ha_time gateway_at; /* earliest next question to the gateway */
	struct daemon_limit vrrp_limit, probe_limit;
	struct daemon_wire wire;
	struct daemon_announcing announcing;

	struct vrrp_address netlink;
	sd_event_source *netlink_source;
	struct daemon_vip *vips; /* of the configuration, `vip_count` */
	unsigned vip_count;
	unsigned *vip_index;          /* sorted by address */
	struct record_address *stale; /* addresses of earlier configurations, perhaps still in the kernel */
	unsigned stale_count;
	ha_time stale_at; /* when their removal, which failed, is asked again; HA_NEVER: it is not, 0: nobody asked yet
			   */
	bool vips_suspected; /* one of them was seen although none is wanted: to be looked at */
	bool vips_wanted;    /* the newest order was to add */
	struct daemon_batch batches[DAEMON_BATCHES];
	unsigned batch_first, batch_count;
	uint32_t batch_token;
	struct daemon_limit vip_limit;

	struct history history;
	struct metrics metrics;
	struct journal *journal;
	sd_event_source *journal_source;
	bool peer_known, peer_heard; /* `peer_state` is what the peer said last; it is not silent */
	enum node_state peer_state;
	enum node_state state_before; /* of the node, before the step under way */
	uint64_t alarms;
	ha_time alarm_since[ALARMS];
	bool config_invalid;
	ha_time held_since; /* 0: not holding */
	char vips_text[NOTE_VIPS], imm_text[2][HA_ADDRESS_TEXT];
	bool realtime, memory_locked;
	uint32_t reload_token;
	struct config *reload_config; /* offered to the node, not taken yet */
	struct reexec reexec;
	bool exiting;
	int exit_status;
};

/* run.c */
int daemon_run(const struct daemon_options *options, struct config *config);
int daemon_configure(struct daemon *d);

/* parts.c */
int parts_open(struct daemon *d, struct node_memory *ret_memory);
void parts_close(struct daemon *d);

/* loop.c */
int daemon_loop_open(struct daemon *d);
/* Step the node now, or after the step under way. `event->now` and `.random` are filled in here. */
void daemon_event(struct daemon *d, const struct node_event *event);
void daemon_event_type(struct daemon *d, enum node_event_type type, bool ok);
/* Every handler of a source begins with this: were we away? (S7, S13) */
void daemon_wake(struct daemon *d);
uint64_t daemon_random(struct daemon *d);
bool daemon_allowed(struct daemon_limit *limit, unsigned *ret_suppressed);
int64_t daemon_wall(void); /* microseconds to add to a ha_time for the wall clock */
/* What the memory's thread has brought to disk, or could not. */
void daemon_remembered(struct daemon *d);

/* say.c */
void daemon_names(const struct daemon *d, struct note_names *ret);
void daemon_advice_names(const struct daemon *d, struct advice_names *ret);
/* What differs between the configurations: settings, or groups of them while nothing else is known; "": nothing. */
const char *daemon_difference(const struct daemon *d, char buffer[DIFFERS_TEXT]);
void daemon_texts(struct daemon *d);  /* the texts that log lines use, from the configuration */
void daemon_alarms(struct daemon *d); /* say what has come and gone since the last time */
void daemon_say_status(const struct daemon *d);

/* act.c */
void act(struct daemon *d, const struct node_update *update);
void act_peer_state(struct daemon *d); /* note what the peer says of itself, if that has changed */

/* links.c */
int links_open(struct daemon *d);
void links_close(struct daemon *d);
void links_drain(struct daemon *d);
void links_look(struct daemon *d);                    /* refresh if something has changed or is still missing */
void links_refresh(struct daemon *d);                 /* look at every interface and open what is missing */
bool links_up(const struct daemon *d, unsigned link); /* packets can pass both ways, and our sockets there are open */
const char *links_deaf_remedy(int error);             /* what to do if a socket cannot be opened; `error`: -errno */
void links_socket_failed(struct daemon *d, unsigned link); /* of the peer's messages: no more use */
const char *links_service_interface(const struct daemon *d);
/* The configuration's interfaces and addresses, anew. */
int links_configure(struct daemon *d);
void links_deconfigure(struct daemon *d);

/* listen.c */
void listen_drain(struct daemon *d);
int listen_on_vrrp(sd_event_source *source, int fd, uint32_t revents, void *userdata);
int listen_on_peer(sd_event_source *source, int fd, uint32_t revents, void *userdata); /* userdata: struct daemon */
int listen_on_wire(sd_event_source *source, int fd, uint32_t revents, void *userdata);
void listen_send(struct daemon *d, const struct vrrp_message *message, unsigned links);
void listen_advert(struct daemon *d, uint8_t priority);
void listen_probe(struct daemon *d);
void listen_announce(struct daemon *d);
void listen_addresses(struct daemon *d); /* those that go into the adverts */
int listen_open(struct daemon *d);
void listen_close(struct daemon *d);

/* vip.c */
int vip_open(struct daemon *d);
void vip_close(struct daemon *d);
int vip_configure(struct daemon *d);
void vip_add(struct daemon *d);
void vip_add_refused(struct daemon *d);
void vip_remove(struct daemon *d);
void vip_drain(struct daemon *d);
void vip_seen(struct daemon *d, const struct vrrp_monitor_address *address, bool present);
bool vip_configured(const struct daemon *d, const struct ha_address *address);
void vip_look(struct daemon *d);              /* once for all that vip_seen() was told */
bool vip_any_present(const struct daemon *d); /* also one of an earlier configuration; who cannot know says yes */
bool vip_resumable(const struct daemon *d);   /* one of the present configuration; who cannot know says yes */
int vip_record(struct daemon *d, const struct node_record *record);
/* What the record names and the configuration does not is removed (FAULTS 73); it stays in the list, and in the record,
 * until the kernel has confirmed that (vip_drain()), and is asked again until then. */
void vip_forget_stale(struct daemon *d);

/* commands.c */
void commands_request(void *userdata, const struct request *request, uint32_t token);
void commands_reply(struct daemon *d, uint32_t token, enum node_reply reply);
void commands_reload(struct daemon *d, uint32_t token);

/* status.c */
json_t *status_json(const struct daemon *d);
json_t *status_test_json(const struct daemon *d);
json_t *status_metrics_json(const struct daemon *d);

#endif
