#include "lib/config_schema.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

const char *const config_group_names[CONFIG_GROUPS] = { "cluster", "nodes", "vrrp", "fence", "health", "release",
	"notify" };

const char *const config_scope_names[CONFIG_SCOPES] = {
	[CONFIG_SCOPE_ROOT] = "the file",
	[CONFIG_SCOPE_CLUSTER] = "cluster",
	[CONFIG_SCOPE_NODE] = "nodes",
	[CONFIG_SCOPE_LINK] = "nodes.links",
	[CONFIG_SCOPE_IMM] = "nodes.imm",
	[CONFIG_SCOPE_DEVICE] = "nodes.devices",
	[CONFIG_SCOPE_VRRP] = "vrrp",
	[CONFIG_SCOPE_FENCE] = "fence",
	[CONFIG_SCOPE_HEALTH] = "health",
	[CONFIG_SCOPE_CHECK] = "health.checks",
	[CONFIG_SCOPE_RELEASE] = "release",
	[CONFIG_SCOPE_NOTIFY] = "notify",
};

static const struct config_word actions[] = { { "reboot", CONFIG_FENCE_REBOOT }, { "off", CONFIG_FENCE_OFF },
	{ "check", CONFIG_FENCE_CHECK }, { NULL, 0 } };
static const struct config_word startups[] = { { "wait", CONFIG_STARTUP_WAIT }, { "fence", CONFIG_STARTUP_FENCE },
	{ NULL, 0 } };
static const struct config_word privileges[] = { { "user", CONFIG_PRIVILEGE_USER },
	{ "operator", CONFIG_PRIVILEGE_OPERATOR }, { "administrator", CONFIG_PRIVILEGE_ADMIN }, { NULL, 0 } };
static const struct config_word checksums[] = { { "auto", CONFIG_CHECKSUM_AUTO }, { "pseudo", CONFIG_CHECKSUM_PSEUDO },
	{ "none", CONFIG_CHECKSUM_NONE }, { NULL, 0 } };
static const struct config_word types[] = { { "http", CONFIG_CHECK_HTTP }, { "tcp", CONFIG_CHECK_TCP },
	{ "nfs", CONFIG_CHECK_NFS }, { "link", CONFIG_CHECK_LINK }, { "ping", CONFIG_CHECK_PING },
	{ "unit", CONFIG_CHECK_UNIT }, { "script", CONFIG_CHECK_SCRIPT }, { "file", CONFIG_CHECK_FILE },
	{ "imm", CONFIG_CHECK_IMM }, { NULL, 0 } };
static const struct config_word whens[] = { { "always", false }, { "master", true }, { NULL, 0 } };

#define FIELD(type, field) .offset = offsetof(struct type, field), .size = sizeof(((struct type *)0)->field)
#define COUNT(type, field) .count_offset = offsetof(struct type, field)
#define HTTP               (1u << CONFIG_CHECK_HTTP)
#define TCP                (1u << CONFIG_CHECK_TCP)
#define NFS                (1u << CONFIG_CHECK_NFS)
#define LINK               (1u << CONFIG_CHECK_LINK)
#define PING               (1u << CONFIG_CHECK_PING)
#define UNIT               (1u << CONFIG_CHECK_UNIT)
#define SCRIPT             (1u << CONFIG_CHECK_SCRIPT)
#define FILE_              (1u << CONFIG_CHECK_FILE)
#define IMM                (1u << CONFIG_CHECK_IMM)

/* A table is read by its lines. */
/* clang-format off */
const struct config_spec config_specs[] = {
	{ CONFIG_SCOPE_ROOT, "cluster", CONFIG_KIND_GROUP, .inner = CONFIG_SCOPE_CLUSTER, .help = "the pair and how its nodes talk" },
	{ CONFIG_SCOPE_ROOT, "nodes", CONFIG_KIND_LIST, .inner = CONFIG_SCOPE_NODE, .help = "the two nodes" },
	{ CONFIG_SCOPE_ROOT, "vrrp", CONFIG_KIND_LIST, .inner = CONFIG_SCOPE_VRRP, .help = "the virtual router" },
	{ CONFIG_SCOPE_ROOT, "fence", CONFIG_KIND_GROUP, .inner = CONFIG_SCOPE_FENCE, .help = "how a silent peer is powered down" },
	{ CONFIG_SCOPE_ROOT, "health", CONFIG_KIND_GROUP, .inner = CONFIG_SCOPE_HEALTH, .help = "whether a node can serve" },
	{ CONFIG_SCOPE_ROOT, "release", CONFIG_KIND_GROUP, .inner = CONFIG_SCOPE_RELEASE, .help = "what a node gives up with the VIP" },
	{ CONFIG_SCOPE_ROOT, "notify", CONFIG_KIND_GROUP, .inner = CONFIG_SCOPE_NOTIFY, .help = "scripts told of every change, as keepalived calls them" },

	{ CONFIG_SCOPE_CLUSTER, "name", CONFIG_KIND_NAME, FIELD(config, cluster), .min = 1, .initial = "ha",
	  .note = "letters, digits, . _ -",
	  .help = "name of the pair; messages of another cluster are ignored" },
	{ CONFIG_SCOPE_CLUSTER, "authkey_file", CONFIG_KIND_PATH, CONFIG_REQUIRED | CONFIG_LOCAL, FIELD(config, authkey_file),
	  .help = "file of the keys that authenticate the peer messages (ha-fence keygen)" },
	{ CONFIG_SCOPE_CLUSTER, "port", CONFIG_KIND_UNSIGNED, FIELD(config, port), .min = 1, .max = 65535, .initial = "1112",
	  .help = "UDP port of the peer messages" },
	{ CONFIG_SCOPE_CLUSTER, "hello_interval", CONFIG_KIND_SECONDS, FIELD(config, hello_interval), .min = 0.05, .max = 5, .initial = "0.2",
	  .note = "silence is noticed after twice this and 50 ms",
	  .help = "time between two peer messages; twice this and 50 ms is silence" },

	{ CONFIG_SCOPE_NODE, "name", CONFIG_KIND_NAME, CONFIG_REQUIRED, FIELD(config_node, name), .min = 1,
	  .help = "the node's host name, short or full" },
	{ CONFIG_SCOPE_NODE, "priority", CONFIG_KIND_UNSIGNED, FIELD(config_node, priority), .min = 1, .max = 254, .initial = "100",
	  .note = "255 is for the owner of an address, who never gives way (RFC 9568 section 6.1)",
	  .help = "VRRP priority; the higher one is preferred" },
	{ CONFIG_SCOPE_NODE, "interface", CONFIG_KIND_INTERFACE, FIELD(config_node, interface),
	  .help = "interface of the VIP on this node, if not the instance's" },
	{ CONFIG_SCOPE_NODE, "guid", CONFIG_KIND_GUID, FIELD(config_node, guid),
	  .help = "system GUID of the machine (dmidecode -s system-uuid); read by the node itself if absent" },
	{ CONFIG_SCOPE_NODE, "links", CONFIG_KIND_LIST, CONFIG_REQUIRED, .inner = CONFIG_SCOPE_LINK, .max = CONFIG_LINKS,
	  .help = "networks that carry the peer messages; the first is the service LAN" },
	{ CONFIG_SCOPE_NODE, "imm", CONFIG_KIND_GROUP, .inner = CONFIG_SCOPE_IMM, .help = "the node's IMM (BMC), through which its peer powers it down" },

	{ CONFIG_SCOPE_NODE, "devices", CONFIG_KIND_LIST, .inner = CONFIG_SCOPE_DEVICE, .max = CONFIG_DEVICES,
	  .help = "the outlets that feed the node, switched by fence agents when its IMM cannot be used" },

	{ CONFIG_SCOPE_LINK, "address", CONFIG_KIND_ADDRESS, CONFIG_REQUIRED, FIELD(config_link, address), .help = "the node's own address on this network" },
	{ CONFIG_SCOPE_LINK, "interface", CONFIG_KIND_INTERFACE, FIELD(config_link, interface), .help = "interface that has the address; found by it if absent" },

	{ CONFIG_SCOPE_IMM, "address", CONFIG_KIND_ADDRESS, CONFIG_REQUIRED, FIELD(config_imm, address), .help = "the IMM's address" },
	{ CONFIG_SCOPE_IMM, "port", CONFIG_KIND_UNSIGNED, FIELD(config_imm, port), .min = 1, .max = 65535, .initial = "623", .help = "its UDP port" },
	{ CONFIG_SCOPE_IMM, "username", CONFIG_KIND_TEXT, CONFIG_REQUIRED, FIELD(config_imm, username), .min = 1, .max = 16,
	  .note = "IPMI has 16 bytes",
	  .help = "IPMI user with the right to power control" },
	{ CONFIG_SCOPE_IMM, "password_file", CONFIG_KIND_PATH, CONFIG_LOCAL, FIELD(config_imm, password_file),
	  .help = "file whose first line is the password" },
	{ CONFIG_SCOPE_IMM, "password", CONFIG_KIND_TEXT, CONFIG_SECRET | CONFIG_LOCAL, FIELD(config_imm, password), .min = 1, .max = 20,
	  .note = "IPMI 2.0 has 20 bytes: set a shorter one in the IMM",
	  .help = "the password itself; password_file is better" },
	{ CONFIG_SCOPE_IMM, "cipher", CONFIG_KIND_UNSIGNED, FIELD(config_imm, cipher), .min = 3, .max = 3, .initial = "3",
	  .note = "0 to 2 do not encrypt, 17 is unknown to OpenIPMI: delete the line or write 3",
	  .help = "cipher suite; 3 is the strongest that OpenIPMI speaks" },
	{ CONFIG_SCOPE_IMM, "privlvl", CONFIG_KIND_WORD, FIELD(config_imm, privilege), .words = privileges, .initial = "operator",
	  .help = "privilege level asked for; power control needs operator" },
	{ CONFIG_SCOPE_IMM, "guid", CONFIG_KIND_IMM_GUID, FIELD(config_imm, guid),
	  .help = "the System GUID that this IMM must report, or \"none\": any machine is believed" },
	{ CONFIG_SCOPE_IMM, "hexadecimal_kg", CONFIG_KIND_KG, CONFIG_SECRET | CONFIG_LOCAL, FIELD(config_imm, kg), COUNT(config_imm, kg_bytes),
	  .note = "as ipmitool -y takes it, without 0x",
	  .help = "BMC key K_g, 2 to 40 hexadecimal digits" },

	{ CONFIG_SCOPE_DEVICE, "name", CONFIG_KIND_NAME, CONFIG_REQUIRED, FIELD(config_device, name), .min = 1, .help = "name of the device in messages" },
	{ CONFIG_SCOPE_DEVICE, "level", CONFIG_KIND_UNSIGNED, FIELD(config_device, level), .min = 2, .max = 9, .initial = "2", .note = "level 1 is the IMM",
	  .help = "levels are tried in their order; all devices of one must be off" },
	{ CONFIG_SCOPE_DEVICE, "agent", CONFIG_KIND_AGENT, CONFIG_REQUIRED, FIELD(config_device, agent), .help = "fence agent, such as \"fence_apc_snmp\"" },
	{ CONFIG_SCOPE_DEVICE, "options", CONFIG_KIND_TEXTS, FIELD(config_device, options), COUNT(config_device, option_count), .max = CONFIG_DEVICE_OPTIONS, .element = CONFIG_KIND_OPTION,
	  .help = "options of the agent, given on its stdin: \"ip=10.0.0.5\", \"plug=4\"" },
	{ CONFIG_SCOPE_DEVICE, "password_file", CONFIG_KIND_PATH, CONFIG_LOCAL, FIELD(config_device, password_file),
	  .help = "file whose first line is the password; further lines are KEY=VALUE options that are secret, too" },
	{ CONFIG_SCOPE_DEVICE, "authenticated", CONFIG_KIND_BOOL, FIELD(config_device, authenticated), .initial = "false",
	  .help = "you say that nobody can answer in the device's place: SNMPv3, SSH, TLS that verifies, or a network of its own" },
	{ CONFIG_SCOPE_DEVICE, "timeout", CONFIG_KIND_SECONDS, FIELD(config_device, timeout), .min = 1, .max = 60, .initial = "20.0", .help = "limit of one action of the agent" },
	{ CONFIG_SCOPE_DEVICE, "monitor_interval", CONFIG_KIND_SECONDS, FIELD(config_device, monitor_interval), .min = 5, .max = 3600, .initial = "60.0",
	  .help = "how often the device of a healthy peer is asked" },

	{ CONFIG_SCOPE_VRRP, "name", CONFIG_KIND_NAME, FIELD(config_vrrp, name), .min = 1, .initial = "VI_1", .help = "name of the instance in log and notify scripts" },
	{ CONFIG_SCOPE_VRRP, "interface", CONFIG_KIND_INTERFACE, FIELD(config_vrrp, interface), .help = "interface of the adverts and of the VIP" },
	{ CONFIG_SCOPE_VRRP, "virtual_router_id", CONFIG_KIND_UNSIGNED, CONFIG_REQUIRED, FIELD(config_vrrp, vrid), .min = 1, .max = 255,
	  .help = "VRID, unique on the LAN" },
	{ CONFIG_SCOPE_VRRP, "version", CONFIG_KIND_UNSIGNED, FIELD(config_vrrp, version), .min = 2, .max = 3, .initial = "2", .help = "VRRP version" },
	{ CONFIG_SCOPE_VRRP, "advert_int", CONFIG_KIND_SECONDS, FIELD(config_vrrp, advert_interval), .min = 0.01, .max = 255, .initial = "1.0",
	  .help = "time between two adverts: version 2 whole seconds, version 3 from 0.01 to 40.95" },
	{ CONFIG_SCOPE_VRRP, "auth_pass", CONFIG_KIND_TEXT, CONFIG_MASKED, FIELD(config_vrrp, auth_pass), .max = 8,
	  .note = "keepalived uses the first 8 bytes of a longer one: write only those",
	  .help = "version 2: password of the adverts, in clear on the wire; \"\" sends none" },
	{ CONFIG_SCOPE_VRRP, "virtual_ipaddress", CONFIG_KIND_VIPS, CONFIG_REQUIRED, .max = CONFIG_VIPS,
	  .help = "the VIPs: \"ADDRESS[/LENGTH] [dev IF] [label LABEL] [scope SCOPE] [brd ADDRESS]\"" },
	{ CONFIG_SCOPE_VRRP, "unicast", CONFIG_KIND_BOOL, FIELD(config_vrrp, unicast), .initial = "false", .help = "send adverts to the peer's first link instead of the multicast group" },
	{ CONFIG_SCOPE_VRRP, "checksum", CONFIG_KIND_WORD, FIELD(config_vrrp, checksum), .words = checksums, .initial = "auto",
	  .help = "version 3, IPv4: whether the checksum covers a pseudo header" },
	{ CONFIG_SCOPE_VRRP, "preempt", CONFIG_KIND_BOOL, FIELD(config_vrrp, preempt), .initial = "false", .help = "the node of higher priority takes the VIP back, by consent" },
	{ CONFIG_SCOPE_VRRP, "preempt_delay", CONFIG_KIND_SECONDS, FIELD(config_vrrp, preempt_delay), .max = 1000, .initial = "0.0", .help = "how long a node must be fit before it preempts" },
	{ CONFIG_SCOPE_VRRP, "garp_master_repeat", CONFIG_KIND_UNSIGNED, FIELD(config_vrrp, garp_master_repeat), .min = 1, .max = 60, .initial = "5",
	  .help = "gratuitous ARPs (unsolicited NAs) in a burst" },
	{ CONFIG_SCOPE_VRRP, "garp_master_delay", CONFIG_KIND_SECONDS, FIELD(config_vrrp, garp_master_delay), .max = 60, .initial = "5.0", .help = "time to the second burst; 0: none" },
	{ CONFIG_SCOPE_VRRP, "garp_master_refresh", CONFIG_KIND_SECONDS, FIELD(config_vrrp, garp_master_refresh), .max = 86400, .initial = "0.0", .help = "time between refreshes; 0: none" },
	{ CONFIG_SCOPE_VRRP, "garp_master_refresh_repeat", CONFIG_KIND_UNSIGNED, FIELD(config_vrrp, garp_master_refresh_repeat), .min = 1, .max = 60, .initial = "1",
	  .help = "gratuitous ARPs in a refresh" },

	{ CONFIG_SCOPE_FENCE, "action", CONFIG_KIND_WORD, FIELD(config_fence, action), .words = actions, .initial = "reboot",
	  .help = "reboot: off, proof, on again; off: stays off; check: nothing is powered down, only \"off\" is accepted" },
	{ CONFIG_SCOPE_FENCE, "after", CONFIG_KIND_SECONDS, FIELD(config_fence, after), .min = 0.5, .max = 3600, .initial = "3.0",
	  .help = "silence before a power-down; at least the master down interval" },
	{ CONFIG_SCOPE_FENCE, "priority_fencing_delay", CONFIG_KIND_SECONDS, FIELD(config_fence, priority_fencing_delay), .max = 600, .initial = "10.0",
	  .help = "how much longer the node of lower priority waits, unless the peer was master" },
	{ CONFIG_SCOPE_FENCE, "login_timeout", CONFIG_KIND_SECONDS, FIELD(config_fence, login_timeout), .min = 0.5, .max = 60, .initial = "3.0", .help = "limit of opening a session" },
	{ CONFIG_SCOPE_FENCE, "power_timeout", CONFIG_KIND_SECONDS, FIELD(config_fence, power_timeout), .min = 1, .max = 300, .initial = "20.0", .help = "limit from the power-down to the reading \"off\"" },
	{ CONFIG_SCOPE_FENCE, "settle", CONFIG_KIND_SECONDS, FIELD(config_fence, settle), .min = 0.1, .max = 60, .initial = "1.0",
	  .note = "the readings are at least 100 ms apart",
	  .help = "how long a peer that was on must read \"off\"" },
	{ CONFIG_SCOPE_FENCE, "samples", CONFIG_KIND_UNSIGNED, FIELD(config_fence, samples), .min = 2, .max = 20, .initial = "2", .note = "one reading alone proves nothing",
	  .help = "readings \"off\" that make the proof, at least 100 ms apart" },
	{ CONFIG_SCOPE_FENCE, "startup", CONFIG_KIND_WORD, FIELD(config_fence, startup), .words = startups, .initial = "wait",
	  .help = "a peer never heard since the start, whose power is on: wait for it, or fence it once" },
	{ CONFIG_SCOPE_FENCE, "startup_fence_delay", CONFIG_KIND_SECONDS, FIELD(config_fence, startup_fence_delay), .max = 86400, .initial = "600.0",
	  .help = "with startup = \"fence\": how long to wait first" },
	{ CONFIG_SCOPE_FENCE, "monitor_interval", CONFIG_KIND_SECONDS, FIELD(config_fence, monitor_interval), .min = 1, .max = 300, .initial = "5.0",
	  .help = "how often the IMM of a healthy peer is asked" },

	{ CONFIG_SCOPE_HEALTH, "checks", CONFIG_KIND_LIST, .inner = CONFIG_SCOPE_CHECK, .max = CONFIG_CHECKS, .help = "the checks" },

	{ CONFIG_SCOPE_CHECK, "name", CONFIG_KIND_NAME, CONFIG_REQUIRED, FIELD(config_check, name), .min = 1, .help = "name of the check" },
	{ CONFIG_SCOPE_CHECK, "type", CONFIG_KIND_WORD, CONFIG_REQUIRED, FIELD(config_check, type), .words = types, .help = "what is checked" },
	{ CONFIG_SCOPE_CHECK, "url", CONFIG_KIND_TEXT, CONFIG_REQUIRED, FIELD(config_check, target), .min = 8, .checks = HTTP, .help = "http:// or https:// address" },
	{ CONFIG_SCOPE_CHECK, "path", CONFIG_KIND_PATH, CONFIG_REQUIRED, FIELD(config_check, target), .checks = NFS | FILE_, .help = "mount point, or the file" },
	{ CONFIG_SCOPE_CHECK, "interface", CONFIG_KIND_INTERFACE, CONFIG_REQUIRED, FIELD(config_check, target), .checks = LINK, .help = "interface whose carrier is watched" },
	{ CONFIG_SCOPE_CHECK, "unit", CONFIG_KIND_UNIT, CONFIG_REQUIRED, FIELD(config_check, target), .min = 1, .checks = UNIT, .help = "systemd unit that must be active" },
	{ CONFIG_SCOPE_CHECK, "script", CONFIG_KIND_COMMAND, CONFIG_REQUIRED, FIELD(config_check, target), .checks = SCRIPT, .help = "command; exit status 0 is good" },
	{ CONFIG_SCOPE_CHECK, "sensor", CONFIG_KIND_TEXT, FIELD(config_check, target), .min = 1, .max = 16, .checks = IMM, .help = "ID string of the sensor, as ipmitool sdr shows it; the chassis' fault flags if absent" },
	{ CONFIG_SCOPE_CHECK, "address", CONFIG_KIND_ADDRESS, CONFIG_REQUIRED, FIELD(config_check, address), .checks = PING | TCP, .help = "address to ping or to connect to" },
	{ CONFIG_SCOPE_CHECK, "port", CONFIG_KIND_UNSIGNED, CONFIG_REQUIRED, FIELD(config_check, port), .min = 1, .max = 65535, .checks = TCP, .help = "TCP port" },
	{ CONFIG_SCOPE_CHECK, "when", CONFIG_KIND_WORD, FIELD(config_check, when_master), .words = whens, .initial = "always",
	  .help = "always, or only on the master (the default for what a managed unit provides)" },
	{ CONFIG_SCOPE_CHECK, "required_to_fence", CONFIG_KIND_BOOL, FIELD(config_check, required_to_fence), .initial = "false", .help = "must answer a fresh probe before this node may power down its peer" },
	{ CONFIG_SCOPE_CHECK, "weight", CONFIG_KIND_WEIGHT, FIELD(config_check, weight), COUNT(config_check, weighted), .min = -253, .max = 253,
	  .help = "added to the priority while the check is up (positive) or down (negative), instead of making the node unfit" },
	{ CONFIG_SCOPE_CHECK, "interval", CONFIG_KIND_SECONDS, FIELD(config_check, interval), .min = 0.1, .max = 3600, .initial = "2.0", .help = "time between two probes" },
	{ CONFIG_SCOPE_CHECK, "timeout", CONFIG_KIND_SECONDS, FIELD(config_check, timeout), .min = 0.1, .max = 600, .initial = "2.0", .help = "limit of a probe" },
	{ CONFIG_SCOPE_CHECK, "start_delay", CONFIG_KIND_SECONDS, FIELD(config_check, start_delay), .max = 3600, .initial = "0.0", .help = "how long failures do not count after the start, or after becoming master" },
	{ CONFIG_SCOPE_CHECK, "rise", CONFIG_KIND_UNSIGNED, FIELD(config_check, rise), .min = 1, .max = 100, .initial = "2", .help = "good probes in a row that make it up" },
	{ CONFIG_SCOPE_CHECK, "fall", CONFIG_KIND_UNSIGNED, FIELD(config_check, fall), .min = 1, .max = 100, .initial = "3", .help = "failed probes in a row that make it down" },
	{ CONFIG_SCOPE_CHECK, "status_code", CONFIG_KIND_STATUS, FIELD(config_check, status_low), COUNT(config_check, status_high), .min = 100, .max = 599, .initial = "200", .checks = HTTP,
	  .help = "expected status: 200 or \"200-299\"" },
	{ CONFIG_SCOPE_CHECK, "method", CONFIG_KIND_NAME, FIELD(config_check, method), .min = 1, .initial = "GET", .checks = HTTP, .help = "request method" },
	{ CONFIG_SCOPE_CHECK, "host", CONFIG_KIND_TEXT, FIELD(config_check, host), .checks = HTTP, .help = "Host header, if not the url's" },
	{ CONFIG_SCOPE_CHECK, "body", CONFIG_KIND_TEXT, FIELD(config_check, body), .checks = HTTP, .help = "text that the answer must hold" },
	{ CONFIG_SCOPE_CHECK, "body_regex", CONFIG_KIND_TEXT, FIELD(config_check, body_regex), .checks = HTTP, .help = "extended regular expression that the answer must match" },
	{ CONFIG_SCOPE_CHECK, "tls_verify", CONFIG_KIND_BOOL, FIELD(config_check, tls_verify), .initial = "true", .checks = HTTP, .help = "verify the server's certificate" },
	{ CONFIG_SCOPE_CHECK, "tls_ca", CONFIG_KIND_PATH, FIELD(config_check, tls_ca), .checks = HTTP, .help = "file of the trusted certificates, if not the system's" },
	{ CONFIG_SCOPE_CHECK, "source", CONFIG_KIND_ADDRESS, FIELD(config_check, source), .checks = HTTP | TCP | PING, .help = "source address of the probe" },
	{ CONFIG_SCOPE_CHECK, "keep_alive", CONFIG_KIND_BOOL, FIELD(config_check, keep_alive), .initial = "true", .checks = HTTP, .help = "keep the connection between probes" },
	{ CONFIG_SCOPE_CHECK, "max_body_bytes", CONFIG_KIND_UNSIGNED, FIELD(config_check, max_body_bytes), .min = 1, .max = 16777216, .initial = "65536", .checks = HTTP, .help = "a longer answer fails" },
	{ CONFIG_SCOPE_CHECK, "fstype", CONFIG_KIND_NAME, FIELD(config_check, fstype), .checks = NFS, .help = "file system type that must be mounted, if not nfs or nfs4" },
	{ CONFIG_SCOPE_CHECK, "mount_source", CONFIG_KIND_TEXT, FIELD(config_check, mount_source), .checks = NFS, .help = "what must be mounted (\"10.10.10.13:/srv\"); anything if absent" },
	{ CONFIG_SCOPE_CHECK, "write", CONFIG_KIND_BOOL, FIELD(config_check, write), .initial = "false", .checks = NFS, .help = "also write a small file and fsync it" },
	{ CONFIG_SCOPE_CHECK, "arp", CONFIG_KIND_BOOL, FIELD(config_check, arp), .initial = "false", .checks = PING, .help = "ask by ARP instead of ICMP" },
	{ CONFIG_SCOPE_CHECK, "must_exist", CONFIG_KIND_BOOL, FIELD(config_check, must_exist), .initial = "true", .checks = FILE_, .help = "false: the check fails while the file exists" },

	{ CONFIG_SCOPE_RELEASE, "units", CONFIG_KIND_TEXTS, FIELD(config_release, units), COUNT(config_release, unit_count), .max = CONFIG_UNITS, .element = CONFIG_KIND_UNIT,
	  .help = "systemd units started in this order on the master, stopped in reverse on release" },
	{ CONFIG_SCOPE_RELEASE, "nfs_paths", CONFIG_KIND_TEXTS, FIELD(config_release, nfs_paths), COUNT(config_release, nfs_path_count), .max = CONFIG_NFS_PATHS, .element = CONFIG_KIND_PATH,
	  .help = "file systems synced before a release counts as proven; those of the nfs checks if absent" },
	{ CONFIG_SCOPE_RELEASE, "script", CONFIG_KIND_COMMAND, FIELD(config_release, script), .help = "command of the release; exit status 0 proves it" },
	{ CONFIG_SCOPE_RELEASE, "release_timeout", CONFIG_KIND_SECONDS, FIELD(config_release, release_timeout), .min = 1, .max = 3600, .initial = "30.0", .help = "limit of a release" },

	{ CONFIG_SCOPE_NOTIFY, "notify", CONFIG_KIND_COMMAND, FIELD(config_notify, notify), .help = "called at every change: INSTANCE name STATE priority" },
	{ CONFIG_SCOPE_NOTIFY, "notify_master", CONFIG_KIND_COMMAND, FIELD(config_notify, notify_master), .help = "called on becoming MASTER" },
	{ CONFIG_SCOPE_NOTIFY, "notify_backup", CONFIG_KIND_COMMAND, FIELD(config_notify, notify_backup), .help = "called on becoming BACKUP" },
	{ CONFIG_SCOPE_NOTIFY, "notify_fault", CONFIG_KIND_COMMAND, FIELD(config_notify, notify_fault), .help = "called on becoming FAULT" },
	{ CONFIG_SCOPE_NOTIFY, "notify_stop", CONFIG_KIND_COMMAND, FIELD(config_notify, notify_stop), .help = "called when the daemon stops" },
	{ CONFIG_SCOPE_NOTIFY, "notify_fifo", CONFIG_KIND_PATH, FIELD(config_notify, notify_fifo), .help = "FIFO that is fed the same lines" },
	{ CONFIG_SCOPE_NOTIFY, "script_user", CONFIG_KIND_NAME, FIELD(config_notify, script_user), .min = 1, .initial = "nobody", .help = "user that runs the scripts" },
	{ .name = NULL },
};

static const struct {
	const char *name, *answer;
} foreign[] = {
	/* fence_ipmilan, fence_imm */
	{ "lanplus", "not needed: RMCP+ (lanplus) is always used; delete it" },
	{ "ipaddr", "here it is nodes.imm.address" },
	{ "ip", "here it is nodes.imm.address" },
	{ "ipport", "here it is nodes.imm.port" },
	{ "login", "here it is nodes.imm.username" },
	{ "user", "here it is nodes.imm.username" },
	{ "passwd", "here it is nodes.imm.password_file (or password)" },
	{ "passwd_script", "here it is nodes.imm.password_file; a script is not run" },
	{ "password_script", "here it is nodes.imm.password_file; a script is not run" },
	{ "auth", "not needed: RMCP+ authenticates with cipher suite 3; delete it" },
	{ "method", "not needed: off, then proof, then on is always used, never cycle; delete it" },
	{ "power_wait", "not needed: the power state is read until it is proven (fence.settle); delete it" },
	{ "delay", "here it is fence.priority_fencing_delay" },
	{ "shell_timeout", "here it is fence.login_timeout" },
	{ "retry_on", "not needed: a power-up is tried 3 times in 2 minutes; delete it" },
	{ "ipmitool_path", "not needed: no ipmitool is run; delete it" },
	/* Pacemaker */
	{ "stonith-enabled", "not needed: fencing is always on; delete it" },
	{ "stonith_enabled", "not needed: fencing is always on; delete it" },
	{ "stonith-action", "here it is fence.action" },
	{ "stonith-timeout", "here it is fence.power_timeout" },
	{ "priority-fencing-delay", "here it is fence.priority_fencing_delay" },
	{ "no-quorum-policy", "not needed: a pair has no quorum, the proof through the IMM decides; delete it" },
	/* keepalived */
	{ "nopreempt", "here it is vrrp.preempt = false, which is the default; delete it" },
	{ "state", "not needed: a node starts as BACKUP and asks; delete it" },
	{ "unicast_peer", "here it is vrrp.unicast = true; the peer's address is its first link" },
	{ "unicast_src_ip", "not needed: it is the node's first link; delete it" },
	{ "mcast_src_ip", "not needed: it is the node's first link; delete it" },
	{ "track_script", "here it is health.checks with type = \"script\"" },
	{ "vrrp_script", "here it is health.checks with type = \"script\"" },
	{ "track_interface", "here it is health.checks with type = \"link\"" },
	{ "track_file", "here it is health.checks with type = \"file\"" },
	{ "track_process", "here it is health.checks with type = \"unit\"" },
	{ "vrrp_instance", "here it is the list vrrp = ( { name = ...; } )" },
	{ "vrrp_sync_group", "not needed: one instance carries all addresses; delete it" },
	{ "global_defs", "there are no global settings; see cluster and notify" },
	{ "authentication", "here it is vrrp.auth_pass" },
	{ "auth_type", "not needed: auth_pass means PASS; AH is not supported (RFC 5798 removed both)" },
	{ "vrrp_version", "here it is vrrp.version" },
	{ "virtual_routes", "not supported: routes belong to the system's network configuration" },
	{ "virtual_rules", "not supported: rules belong to the system's network configuration" },
	{ "virtual_ipaddress_excluded", "not needed: put the addresses in virtual_ipaddress" },
	{ "use_vmac", "not supported: the VIP is announced by gratuitous ARP with the interface's own MAC" },
	{ "accept", "not needed: the VIP is a local address, packets to it are accepted; delete it" },
	{ "dont_track_primary", "not supported: a node without its service link is not fit" },
	{ "enable_script_security", "not needed: scripts run as notify.script_user; delete it" },
	{ "router_id", "not needed: the node's name is used; delete it" },
	{ "lvs_id", "not needed: the node's name is used; delete it" },
	{ "smtp_alert", "not supported: use notify.notify" },
	{ "notification_email", "not supported: use notify.notify" },
	/* the exporter */
	{ "metrics", "not here: socket-activated, systemctl enable --now ha-fenced-metrics.socket; delete it" },
};

/* clang-format on */

const char *
config_foreign_answer(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		if (strlen(foreign[i].name) == length && strncasecmp(foreign[i].name, name, length) == 0)
			return foreign[i].answer;
	}
	if (length > 5 && strncasecmp(name, "pcmk_", 5) == 0)
		return "not needed: this is no Pacemaker; the peer is the only one that is fenced; delete it";
	return NULL;
}

const struct config_spec *
config_spec_find(enum config_scope scope, const char *name, size_t length)
{
	for (const struct config_spec *spec = config_specs; spec->name; spec++) {
		if (spec->scope == scope && strlen(spec->name) == length && memcmp(spec->name, name, length) == 0)
			return spec;
	}
	return NULL;
}

bool
config_spec_applies(const struct config_spec *spec, const void *base)
{
	const struct config_check *check = base;

	return spec->scope != CONFIG_SCOPE_CHECK || spec->checks == 0 || (spec->checks & (1u << check->type)) != 0;
}

void
config_store_uint(void *field, size_t size, uint64_t value)
{
	uint8_t u8 = (uint8_t)value;
	uint16_t u16 = (uint16_t)value;
	uint32_t u32 = (uint32_t)value;

	assert(size == 1 || size == 2 || size == 4 || size == 8);
	memcpy(field,
		size == 1   ? (void *)&u8
		: size == 2 ? (void *)&u16
		: size == 4 ? (void *)&u32
			    : (void *)&value,
		size);
}

uint64_t
config_fetch_uint(const void *field, size_t size)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	assert(size == 1 || size == 2 || size == 4 || size == 8);
	switch (size) {
	case 1:
		memcpy(&u8, field, size);
		return u8;
	case 2:
		memcpy(&u16, field, size);
		return u16;
	case 4:
		memcpy(&u32, field, size);
		return u32;
	default:
		memcpy(&u64, field, size);
		return u64;
	}
}

const char *
config_check_type_name(enum config_check_type type)
{
	for (const struct config_word *word = types; word->word != NULL; word++)
		if (word->value == (int)type)
			return word->word;
	return "unknown";
}
