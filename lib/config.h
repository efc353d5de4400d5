/* lib/config.h -- the configuration of the pair: one libconfig file, the same on both nodes.
 *
 * The promise: what config_load() returns with 0 is complete and checked (every default filled in, every reference
 * resolved, the local node known) and is never changed afterwards. Errors are collected, all of them, each with file,
 * line, column, setting and what is allowed (docs: ha-fenced.conf(5)). */
#ifndef HA_LIB_CONFIG_H
#define HA_LIB_CONFIG_H

#include "lib/guid.h"
#include "lib/net.h"
#include "lib/time.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_NAME_MAX       64 /* with the final NUL */
#define CONFIG_PATH_MAX       256
#define CONFIG_TEXT_MAX       256
#define CONFIG_LINKS          4
#define CONFIG_VIPS           4096
#define CONFIG_VIP_INTERFACES 8 /* different interfaces that the VIPs of an instance may stand on */
#define CONFIG_CHECKS         512
#define CONFIG_UNITS          16
#define CONFIG_NFS_PATHS      8
#define CONFIG_KEYS           4
#define CONFIG_DEVICES        4
#define CONFIG_DEVICE_OPTIONS 24
#define CONFIG_OPTION_MAX     128
#define CONFIG_SECRETS_MAX    512
#define CONFIG_KEY_BYTES      32
#define CONFIG_DIGEST         16

struct config_link {
	struct ha_address address;
	char interface[IF_NAMESIZE]; /* "": find by address at start */
};

enum config_privilege { CONFIG_PRIVILEGE_USER = 2, CONFIG_PRIVILEGE_OPERATOR = 3, CONFIG_PRIVILEGE_ADMIN = 4 };

struct config_imm {
	bool configured;
	struct ha_address address;
	uint16_t port;                       /* 623 */
	char username[17];                   /* IPMI 2.0: 16 bytes */
	char password[21];                   /* IPMI 2.0: 20 bytes; only with CONFIG_SECRETS, else "" */
	char password_file[CONFIG_PATH_MAX]; /* "" : password in the file or a systemd credential */
	unsigned cipher;                     /* 3 */
	enum config_privilege privilege;
	bool guid_none;      /* guid = "none": identity is not checked, loudly */
	struct ha_guid guid; /* pinned; unset if not configured */
	uint8_t kg[20];      /* hexadecimal_kg; only with CONFIG_SECRETS */
	size_t kg_bytes;
};

/* A power outlet that feeds the node, switched by a fence agent: a level behind the IMM. */
struct config_device {
	char name[CONFIG_NAME_MAX];
	unsigned level;                                         /* 2..9; every device of a level has to be off */
	char agent[CONFIG_PATH_MAX];                            /* "fence_apc_snmp", or a path */
	char options[CONFIG_DEVICE_OPTIONS][CONFIG_OPTION_MAX]; /* "plug=4", in the words of the agent */
	unsigned option_count;
	char password_file[CONFIG_PATH_MAX]; /* "": none */
	char secrets[CONFIG_SECRETS_MAX];    /* lines for the agent's stdin; only with CONFIG_PASSWORDS */
	bool authenticated;                  /* the administrator says so */
	ha_time timeout;                     /* 20 s: for one action */
	ha_time monitor_interval;            /* 60 s: how often a healthy one is asked */
};

struct config_node {
	char name[CONFIG_NAME_MAX];
	uint8_t priority;            /* 1..254 */
	char interface[IF_NAMESIZE]; /* "": the instance's */
	struct ha_guid guid;         /* unset if not configured */
	struct config_link links[CONFIG_LINKS];
	unsigned link_count; /* links[0] is the service LAN */
	struct config_imm imm;
	struct config_device devices[CONFIG_DEVICES];
	unsigned device_count;
};

struct config_vip {
	struct ha_address address;
	uint8_t prefix_length;
	char interface[IF_NAMESIZE]; /* "": the node's or the instance's interface */
	char label[IF_NAMESIZE];     /* "": none */
	char scope[16];              /* "": global */
	struct ha_address broadcast; /* family 0: none */
};

enum config_checksum { CONFIG_CHECKSUM_AUTO, CONFIG_CHECKSUM_PSEUDO, CONFIG_CHECKSUM_NONE };

struct config_vrrp {
	char name[CONFIG_NAME_MAX];
	char interface[IF_NAMESIZE];
	uint8_t vrid;    /* 1..255 */
	uint8_t version; /* 2 or 3 */
	ha_time advert_interval;
	char auth_pass[9]; /* v2 PASS, 8 bytes; "": no authentication */
	bool unicast;
	enum config_checksum checksum;
	bool preempt;
	ha_time preempt_delay;
	unsigned garp_master_repeat;         /* 5 */
	ha_time garp_master_delay;           /* 5 s: the second burst */
	ha_time garp_master_refresh;         /* 0: none */
	unsigned garp_master_refresh_repeat; /* 1 */
	struct config_vip *vips;
	unsigned vip_count;
};

enum config_fence_action { CONFIG_FENCE_REBOOT, CONFIG_FENCE_OFF, CONFIG_FENCE_CHECK };
enum config_startup { CONFIG_STARTUP_WAIT, CONFIG_STARTUP_FENCE };

struct config_fence {
	enum config_fence_action action;
	ha_time after;                  /* 3 s */
	ha_time priority_fencing_delay; /* 10 s */
	ha_time login_timeout;          /* 3 s */
	ha_time power_timeout;          /* 20 s */
	ha_time settle;                 /* 1 s */
	unsigned samples;               /* 2; at least 2 */
	enum config_startup startup;
	ha_time startup_fence_delay; /* 600 s */
	ha_time monitor_interval;    /* 5 s: how often the worker reads the power state of a healthy peer */
};

enum config_check_type {
	CONFIG_CHECK_HTTP,
	CONFIG_CHECK_TCP,
	CONFIG_CHECK_NFS,
	CONFIG_CHECK_LINK,
	CONFIG_CHECK_PING,
	CONFIG_CHECK_UNIT,
	CONFIG_CHECK_SCRIPT,
	CONFIG_CHECK_FILE,
	CONFIG_CHECK_IMM,
};

struct config_check {
	char name[CONFIG_NAME_MAX];
	enum config_check_type type;
	bool when_master; /* when = "master"; default "always", but "master" for what a managed unit provides */
	bool required_to_fence;
	bool weighted; /* false: unfit when down */
	int weight;    /* -253..253 */
	ha_time interval, timeout, start_delay;
	unsigned rise, fall;
	char target[CONFIG_TEXT_MAX];     /* url, path, interface, unit, script command line, file */
	struct ha_address address;        /* ping, tcp */
	uint16_t port;                    /* tcp */
	unsigned status_low, status_high; /* http: accepted range, 200..200 */
	char method[16], host[CONFIG_TEXT_MAX], body[CONFIG_TEXT_MAX], body_regex[CONFIG_TEXT_MAX];
	bool tls_verify; /* http: true */
	char tls_ca[CONFIG_PATH_MAX];
	struct ha_address source;
	bool keep_alive; /* http: true */
	size_t max_body_bytes;
	char fstype[16], mount_source[CONFIG_TEXT_MAX]; /* nfs */
	bool write;                                     /* nfs: also a small write with fsync */
	bool arp;                                       /* ping: ARP instead of ICMP */
	bool must_exist;                                /* file: true */
};

struct config_release {
	char units[CONFIG_UNITS][CONFIG_NAME_MAX];
	unsigned unit_count;
	char nfs_paths[CONFIG_NFS_PATHS][CONFIG_PATH_MAX]; /* syncfs; default: the paths of the nfs checks */
	unsigned nfs_path_count;
	char script[CONFIG_PATH_MAX];
	ha_time release_timeout; /* 30 s */
};

struct config_notify {
	char notify[CONFIG_PATH_MAX], notify_master[CONFIG_PATH_MAX], notify_backup[CONFIG_PATH_MAX];
	char notify_fault[CONFIG_PATH_MAX], notify_stop[CONFIG_PATH_MAX], notify_fifo[CONFIG_PATH_MAX];
	char script_user[CONFIG_NAME_MAX]; /* "nobody" */
};

struct config_key {
	uint8_t bytes[CONFIG_KEY_BYTES];
};

struct config {
	char path[CONFIG_PATH_MAX];
	char cluster[CONFIG_NAME_MAX];
	uint16_t port;          /* 1112 */
	ha_time hello_interval; /* 0.2 s */
	char authkey_file[CONFIG_PATH_MAX];
	struct config_key keys[CONFIG_KEYS]; /* the first signs, all verify; only with CONFIG_KEYS_LOADED */
	unsigned key_count;
	struct config_node nodes[2];
	unsigned local; /* index of the local node; the peer is 1 - local */
	struct config_vrrp vrrp;
	struct config_fence fence;
	struct config_check *checks;
	unsigned check_count;
	struct config_release release;
	struct config_notify notify;
	struct config_origins *origins;    /* where each value came from, for config_show() */
	uint8_t digest[CONFIG_DIGEST];     /* SHA-256, cut: effective values without local settings and secrets */
	uint8_t vip_digest[CONFIG_DIGEST]; /* SHA-256, cut: the set of VIPs and the VRID */
};

/* What config_load() reads beside the file itself. The fence process needs passwords, the daemon needs keys; neither
 * gets the other's (S11). A secret's file that others can read is an error. */
enum config_flags {
	CONFIG_PASSWORDS = 1 << 0,
	CONFIG_AUTHKEYS = 1 << 1,
	CONFIG_NO_LOCAL = 1 << 2, /* check-config elsewhere: not knowing the local node is a warning */
};

struct config_problems; /* opaque list of errors and warnings */

/* Load `path`; `node` is the local node's name or NULL to find it (host name, then link address). On success *ret is
 * owned by the caller (config_free). On failure -EINVAL (problems say what) or -errno of the file. *ret_problems is set
 * always, also on success (warnings), and owned by the caller (config_problems_free). */
int config_load(
	const char *path, const char *node, unsigned flags, struct config **ret, struct config_problems **ret_problems);
void config_free(struct config *config); /* wipes secrets */

unsigned config_problems_errors(const struct config_problems *problems);
unsigned config_problems_warnings(const struct config_problems *problems);
/* Problem `index` (0 ...) as text of several lines ("FILE:9:10: error: unknown setting ..." with source line, caret and
 * hint); NULL after the last. Owned by `problems`. */
const char *config_problems_text(const struct config_problems *problems, unsigned index);
void config_problems_free(struct config_problems *problems);

/* Effective values with where each came from, secrets masked, as a libconfig file. Owned by the caller (free). */
char *config_show(const struct config *config);
/* Short form of the digest as shown to people ("3f9c1a"). */
const char *config_check_type_name(enum config_check_type type); /* "http" */
const char *config_digest_text(const uint8_t digest[CONFIG_DIGEST], char buffer[7]);
/* Names of the top-level groups whose part digests differ are carried in messages as a bit set; see config_group_names.
 */
#define CONFIG_GROUPS 7
void config_group_digests(const struct config *config, uint16_t ret_groups[CONFIG_GROUPS]);
extern const char *const config_group_names[CONFIG_GROUPS]; /* "cluster", "nodes", "vrrp", "fence", "health", "release",
							       "notify" */

/* A setting that both nodes must agree on, for saying which one they do not agree on. Of a list all elements count as
 * one. */
struct config_setting {
	const char *scope, *name;     /* "vrrp", "advert_int" */
	unsigned group;               /* index into config_group_names */
	bool list;                    /* of the elements of a list of any length: checks, devices */
	uint16_t id;                  /* by its name, the same in every release; no two have the same */
	uint16_t values[CONFIG_KEYS]; /* HMAC of the effective value under each of the cluster's keys, cut: one who
				       * listens can try out no password */
};
#define CONFIG_SETTINGS 160
/* All of them, in the table's order; returns how many. `config` was loaded with CONFIG_AUTHKEYS. */
unsigned config_settings(const struct config *config, struct config_setting ret[CONFIG_SETTINGS]);

/* Write a new file (mode 0600) with one random key for the peer messages: `ha-fence keygen`. Returns 0, -EEXIST if
 * `path` exists (a key is never overwritten), or another -errno. */
int config_key_generate(const char *path);

static inline const struct config_node *
config_local(const struct config *config)
{
	return &config->nodes[config->local];
}

static inline const struct config_node *
config_peer(const struct config *config)
{
	return &config->nodes[1 - config->local];
}

#endif
