#include "daemon/import.h"

#include <string.h>

/* What becomes of a statement that was not carried over. Without `why` there is nothing to tell: it says what is so in
 * any case. A keyword that ends in "*" stands for all that begin so. */
struct known {
	const char *keyword, *why;
	bool lost;
};

#define NO_BALANCING "ha-fenced does no load balancing: keep keepalived for it, without a vrrp_instance"
#define NO_MAIL      "no mail is sent: use a notify script"
#define NO_MAC       "the addresses are announced by gratuitous ARP with the interface's own MAC"
#define A_LOWER      "a lower advert of another router is the alarm vip-conflict"
#define REAL_TIME    "the unit of ha-fenced sets real-time priority and locked memory"
#define SYSTEMS      "belongs to the system's network configuration"
#define NO_BFD       "there is no BFD: use a check of type ping"
#define BURST        "a burst has one address after the other already"

static bool
matches(const char *keyword, const char *word)
{
	size_t length = strcspn(keyword, "*");

	return keyword[length] == '*' ? strncmp(keyword, word, length) == 0 : strcmp(keyword, word) == 0;
}

static void
explain(struct import *import, const struct keepalived_item *item, const struct known *known, size_t count)
{
	for (size_t k = 0; k < count; k++) {
		if (!matches(known[k].keyword, keepalived_word(item, 0)))
			continue;
		if (known[k].why)
			import_note(import, item, known[k].why, known[k].lost);
		return;
	}
	import_lost(import, item, "ha-fenced has nothing like it");
}

static void
explain_block(struct import *import, struct keepalived_item *block, const struct known *known, size_t count)
{
	for (size_t i = 0; block && i < block->items.count; i++) {
		struct keepalived_item *item = block->items.items[i];

		if (!item->used)
			explain(import, item, known, count);
		item->used = true;
	}
}

void
import_explain_instance(struct import *import, struct keepalived_item *instance)
{
	static const struct known known[] = {
		{ "state", NULL, false }, /* the higher priority begins */
		{ "native_ipv6", NULL, false },
		{ "track_primary", NULL, false },
		{ "accept", NULL, false },
		{ "debug", "log more with ha-fenced --debug", false },
		{ "garp_lower_prio_*", A_LOWER, false },
		{ "lower_prio_no_advert", A_LOWER, false },
		{ "higher_prio_send_advert", "adverts decide nothing between the two nodes", false },
		{ "check_unicast_src", "as here: what comes from the peer's address only is the peer's", false },
		{ "skip_check_adv_addr", "the address list is compared: see the alarm advert-mismatch", false },
		{ "strict_mode", "there is no looser mode", false },
		{ "smtp_alert", NO_MAIL, true },
		{ "lvs_sync_daemon_interface", NO_BALANCING, true },
		{ "use_vmac*", NO_MAC, true },
		{ "use_ipvlan", "the addresses are on the interface itself", true },
		{ "vmac_xmit_base", "there is no virtual MAC", true },
		{ "dont_track_primary", "a node without its service link is not fit", true },
		{ "virtual_routes", "routes belong to a unit of release.units, or to a notify script", true },
		{ "virtual_rules", "rules belong to a unit of release.units, or to a notify script", true },
		{ "no_accept", "the address is a local one, and what is sent to it is accepted", true },
		{ "auth_hmac", "the peer messages have their own key", true },
		{ "mcast_dst_ip", "the group of RFC 9568 is used", true },
		{ "track_src_ip", "a node without its link's address is not fit in any case", false },
		{ "track_bfd", NO_BFD, true },
		{ "notify_deleted", "ha-fenced knows no such state", true },
		{ "notify_master_rx_lower_pri", A_LOWER, true },
		{ "notify_priority_changes", "the FIFO gets states only", true },
		{ "promote_secondaries", "is the system's: sysctl net.ipv4.conf.INTERFACE.promote_secondaries = 1",
			true },
		{ "linkbeat_use_polling", "the kernel tells of a carrier by netlink", false },
		{ "kernel_rx_buf_size", "the receive buffer is not settable", true },
	};

	explain_block(import, instance, known, sizeof(known) / sizeof(known[0]));
}

void
import_explain_tracked(struct import *import, struct keepalived_item *block)
{
	static const struct known known[] = {
		{ "init_fail", "a check counts only once it has a result", true },
		{ "delay", "rise and fall say how many results count: raise them", true },
		{ "terminate_delay", "rise and fall say how many results count: raise them", true },
		{ "fork_delay", "rise and fall say how many results count: raise them", true },
	};

	explain_block(import, block, known, sizeof(known) / sizeof(known[0]));
}

static void
explain_global(struct import *import, struct keepalived_item *root)
{
	static const struct known known[] = {
		{ "router_id", NULL, false },
		{ "lvs_id", NULL, false },
		{ "vrrp_version", NULL, false }, /* an instance's own goes before */
		{ "script_user", NULL, false },
		{ "vrrp_garp_master_*", NULL, false },
		{ "default_interface", NULL, false },
		{ "notification_email", NO_MAIL, true },
		/* Without the one above they do nothing. */
		{ "notification_email_from", NULL, false },
		{ "smtp_*", NULL, false },
		{ "lvs_*", NO_BALANCING, true },
		{ "checker_*", NO_BALANCING, true },
		{ "bfd_*", NO_BFD, true },
		{ "dbus_*", "there is no D-Bus interface: ha-fence --json status", true },
		{ "enable_dbus", "there is no D-Bus interface: ha-fence --json status", true },
		{ "snmp_*", "there is no SNMP: ha-fence metrics, ha-fence --json status", true },
		{ "enable_snmp_*", "there is no SNMP: ha-fence metrics, ha-fence --json status", true },
		{ "enable_traps", "there is no SNMP: ha-fence metrics, ha-fence --json status", true },
		{ "enable_script_security", "checks run without any privilege, notify scripts as script_user", false },
		{ "vrrp_strict", "there is no looser mode", false },
		{ "vrrp_skip_check_adv_addr", "the address list is compared: see the alarm advert-mismatch", false },
		{ "vrrp_check_unicast_src", "as here: what comes from the peer's address only is the peer's", false },
		{ "vrrp_garp_lower_prio_*", A_LOWER, false },
		{ "vrrp_lower_prio_no_advert", A_LOWER, false },
		{ "vrrp_higher_prio_send_advert", "adverts decide nothing between the two nodes", false },
		{ "vrrp_garp_interval", BURST, true },
		{ "vrrp_gna_interval", BURST, true },
		{ "vrrp_mcast_group*", "the group of RFC 9568 is used", true },
		{ "vrrp_iptables", "an address is on one node only: no rule hides it on the other", false },
		{ "vrrp_nftables", "an address is on one node only: no rule hides it on the other", false },
		{ "vrrp_priority", REAL_TIME, false },
		{ "vrrp_no_swap", REAL_TIME, false },
		{ "vrrp_rt_priority", REAL_TIME, false },
		{ "vrrp_rlimit_rt*", REAL_TIME, false },
		{ "vrrp_cpu_affinity", REAL_TIME, true },
		{ "max_auto_priority", REAL_TIME, false },
		{ "vrrp_startup_delay", "a starting node waits for its peer's word in any case", true },
		{ "dynamic_interfaces", "as here: an interface may come later", false },
		{ "process_names", "processes are told apart by their names: ha-fenced, ha-fenced-fence", false },
		{ "umask", "scripts have the UMask= of the unit", true },
		{ "instance", "state is kept under /run/ha-fenced", true },
		{ "use_pid_dir", "state is kept under /run/ha-fenced", false },
	};

	explain_block(import, keepalived_find(root, "global_defs"), known, sizeof(known) / sizeof(known[0]));
}

/* `why` with the name of the instance that was carried. */
static void
not_chosen(struct import *import, const struct keepalived_item *item, const struct keepalived_item *chosen)
{
	const char *why = arena_print(import->arena, "only %s was asked for", keepalived_word(chosen, 1));

	if (why)
		import_lost(import, item, why);
}

void
import_explain_file(struct import *import, struct keepalived_item *root, struct keepalived_item *chosen,
	struct keepalived_item *group)
{
	static const struct known known[] = {
		{ "global_defs", NULL, false },
		{ "vrrp_instance", NULL, false },
		{ "vrrp_sync_group", NULL, false },
		{ "vrrp_script", NULL, false }, /* what the instance tracks was looked up */
		{ "vrrp_track_process", NULL, false },
		{ "vrrp_track_file", NULL, false },
		{ "track_file", NULL, false },
		{ "virtual_server", NO_BALANCING, true },
		{ "virtual_server_group", NO_BALANCING, true },
		{ "static_*", SYSTEMS, true },
		{ "bfd_instance", NO_BFD, true },
		{ "garp_group", BURST, true },
		{ "linkbeat_*", "the kernel tells of a carrier by netlink", false },
		{ "net_namespace*", "set NetworkNamespacePath= of the unit (systemctl edit ha-fenced)", true },
	};

	explain_global(import, root);
	if (group)
		(void)keepalived_find(group, "group");
	if (group)
		import_explain_instance(import, group);
	for (size_t i = 0; i < root->items.count; i++) {
		const struct keepalived_item *item = root->items.items[i];
		const char *word = keepalived_word(item, 0);

		explain(import, item, known, sizeof(known) / sizeof(known[0]));
		if (import->instance && item != chosen &&
			(strcmp(word, "vrrp_instance") == 0 || strcmp(word, "vrrp_sync_group") == 0))
			not_chosen(import, item, chosen);
	}
}
