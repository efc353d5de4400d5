#include "daemon/cli_test.h"

#include "daemon/cli_text.h"
#include "vrrp/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#define RULESET_MAX  (1u << 20)
#define RULESET_TIME HA_SEC

static const char *
service_interface(const struct config *config)
{
	return *config_local(config)->interface ? config_local(config)->interface : config->vrrp.interface;
}

/* --- proxy ARP: with it the wire is never silent (S5), and no claim can succeed --- */

/* The one machine that answers for every decoy; NULL: there is none. */
static const struct cli_wire_target *
answers_for_all(const struct cli_wire *wire)
{
	const struct cli_wire_target *decoys = &wire->targets[wire->vip_count + wire->link_count];

	for (unsigned i = 0; i < wire->decoy_count; i++)
		if (!decoys[i].answered || memcmp(decoys[i].mac, decoys[0].mac, sizeof(decoys[0].mac)) != 0)
			return NULL;
	return wire->decoy_count > 0 ? decoys : NULL;
}

void
cli_test_lan_wire(struct cli_test *test, const struct cli_wire *wire)
{
	const struct cli_wire_target *decoys = &wire->targets[wire->vip_count + wire->link_count];
	const struct cli_wire_target *all = answers_for_all(wire);
	char address[HA_ADDRESS_TEXT], mac[18], remedy[200];

	if (wire->decoy_count == 0 || decoys[0].error < 0) {
		cli_result_add(test->results, "proxy-arp", CLI_SKIP, CLI_NO_TIME, NULL,
			wire->decoy_count == 0 ? "the VIP's network has no unused address to ask for"
					       : "the wire could not be asked");
		return;
	}
	if (!all) {
		cli_result_add(test->results, "proxy-arp", CLI_PASS, CLI_NO_TIME, NULL,
			"nobody answers for addresses that are not there");
		return;
	}
	(void)cli_wire_mac(all->mac, mac);
	(void)snprintf(remedy, sizeof(remedy),
		"switch proxy ARP off on that machine: sysctl -w net.ipv4.conf.all.proxy_arp=0; on a router: no ip "
		"proxy-arp");
	cli_result_add(test->results, "proxy-arp", CLI_FAIL, CLI_NO_TIME, remedy,
		"%s answers for %s and every other address: the VIP would always seem to be in use", mac,
		ha_address_format(&all->address, address));
}

static bool
file_begins(const char *root, const char *path, const char *text)
{
	char full[PATH_MAX], content[4096] = "";
	bool found = false;

	(void)snprintf(full, sizeof(full), "%s%s", root, path);
	FILE *file = fopen(full, "re");

	if (!file)
		return false;
	while (!found && fgets(content, sizeof(content), file))
		found = strncmp(content, text, strlen(text)) == 0;
	(void)fclose(file);
	return found;
}

static void
judge_own_proxy(const struct cli_test *test, const char *root)
{
	char path[PATH_MAX], remedy[128];
	const char *interface = service_interface(test->config);

	(void)snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/proxy_arp", interface);
	if (!file_begins(root, path, "1"))
		return;
	(void)snprintf(
		remedy, sizeof(remedy), "sysctl -w net.ipv4.conf.%s.proxy_arp=0, and in /etc/sysctl.d", interface);
	cli_result_add(test->results, "proxy-arp", CLI_FAIL, CLI_NO_TIME, remedy,
		"this node answers ARP for others on %s: its peer could never claim the VIP", interface);
}

/* --- who else manages the interface --- */

static void
judge_network_manager(const struct cli_test *test, const char *root)
{
	struct vrrp_monitor_link link;
	const char *interface = service_interface(test->config);
	char path[PATH_MAX], remedy[256];

	if (vrrp_monitor_link_by_name(interface, &link) < 0)
		return;
	(void)snprintf(path, sizeof(path), "/run/systemd/netif/links/%u", link.ifindex);
	if (file_begins(root, path, "ADMIN_STATE=configured")) {
		(void)snprintf(
			remedy, sizeof(remedy), "KeepConfiguration=yes in the [Network] section of its .network file");
		cli_result_add(test->results, "network-manager", CLI_WARNING, CLI_NO_TIME, remedy,
			"systemd-networkd manages %s: when it is restarted it removes addresses that it does not know",
			interface);
		return;
	}
	(void)snprintf(path, sizeof(path), "/run/NetworkManager/devices/%u", link.ifindex);
	if (file_begins(root, path, "managed=true")) {
		cli_result_add(test->results, "network-manager", CLI_WARNING, CLI_NO_TIME,
			"do not reapply its connection on the master; or leave the interface to ifupdown",
			"NetworkManager manages %s: a connection that is brought up again loses the VIP (ha-fenced "
			"puts it back)",
			interface);
		return;
	}
	cli_result_add(test->results, "network-manager", CLI_PASS, CLI_NO_TIME, NULL,
		"nothing removes addresses from %s", interface);
}

/* --- the way to the IMM --- */

static void
judge_imm_path(const struct cli_test *test)
{
	const struct config *config = test->config;
	const struct config_imm *imm = &config_peer(config)->imm;
	const struct config_vip *vip = config->vrrp.vip_count > 0 ? &config->vrrp.vips[0] : NULL;
	unsigned bits = vip ? vip->prefix_length : 0;
	char address[HA_ADDRESS_TEXT];

	if (!imm->configured || !vip || imm->address.family != vip->address.family || bits == 0 ||
		bits > 8 * ha_address_length(&vip->address))
		return;
	bool same = memcmp(imm->address.bytes, vip->address.bytes, bits / 8) == 0;

	if (same && bits % 8 != 0)
		same = ((imm->address.bytes[bits / 8] ^ vip->address.bytes[bits / 8]) >> (8 - bits % 8)) == 0;
	(void)ha_address_format(&imm->address, address);
	if (same)
		cli_result_add(test->results, "imm-path", CLI_WARNING, CLI_NO_TIME,
			"give the IMM its dedicated port and, if there is one, another switch than the service LAN's",
			"%s is in the service LAN: on a shared port one cable takes node and IMM, one switch takes "
			"both IMMs",
			address);
	else
		cli_result_add(test->results, "imm-path", CLI_PASS, CLI_NO_TIME, NULL, "%s is not in the service LAN",
			address);
}

/* --- the firewall --- */

static bool
accepts(const char *ruleset, const char *what)
{
	const char *line = ruleset;

	while (*line != '\0') {
		size_t length = strcspn(line, "\n");
		const char *found = memmem(line, length, what, strlen(what));

		if (found && memmem(line, length, "accept", 6))
			return true;
		line += length + (line[length] == '\n');
	}
	return false;
}

/* Does a chain of the input hook refuse what no rule accepts? */
static bool
restrictive(const char *ruleset)
{
	for (const char *chain = strstr(ruleset, "hook input"); chain; chain = strstr(chain + 1, "hook input")) {
		const char *end = strstr(chain, "\n\t}");
		size_t length = end ? (size_t)(end - chain) : strlen(chain);

		if (memmem(chain, length, "policy drop", 11) || memmem(chain, length, "\n\t\treject", 9) ||
			memmem(chain, length, "\n\t\tdrop", 7))
			return true;
	}
	return false;
}

const char *
cli_test_lan_firewall(const char *ruleset, unsigned port)
{
	char number[16];

	if (!restrictive(ruleset))
		return NULL;
	(void)snprintf(number, sizeof(number), "%u", port);
	bool vrrp = accepts(ruleset, "vrrp") || accepts(ruleset, "protocol 112") || accepts(ruleset, "l4proto 112");

	if (!vrrp && !accepts(ruleset, number))
		return "neither VRRP (protocol 112) nor the peer messages";
	if (!vrrp)
		return "no VRRP (protocol 112)";
	return accepts(ruleset, number) ? NULL : "no peer messages";
}

/* What `nft list ruleset` prints, freed by the caller; NULL: it could not be had in time. */
static char *
read_ruleset(void)
{
	char *const argv[] = { (char *)"nft", (char *)"list", (char *)"ruleset", NULL };
	posix_spawn_file_actions_t actions;
	ha_time until = ha_now() + RULESET_TIME;
	char *text = calloc(1, RULESET_MAX + 1);
	size_t used = 0;
	int ends[2], status = -1;
	pid_t pid = 0;

	if (!text || pipe2(ends, O_CLOEXEC) < 0) {
		free(text);
		return NULL;
	}
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	(void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	int r = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);

	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(ends[1]);
	while (r == 0 && used < RULESET_MAX) {
		struct pollfd wait = { .fd = ends[0], .events = POLLIN };
		ha_time now = ha_now();
		ssize_t n = now < until && poll(&wait, 1, (int)((until - now) / HA_MS) + 1) > 0
				    ? read(ends[0], text + used, RULESET_MAX - used)
				    : -1;

		if (n <= 0) {
			if (n < 0)
				(void)kill(pid, SIGKILL);
			break;
		}
		used += (size_t)n;
	}
	(void)close(ends[0]);
	if (r == 0)
		(void)waitpid(pid, &status, 0);
	if (r != 0 || status != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void
judge_firewall(const struct cli_test *test)
{
	const json_t *peer = json_object_get(test->daemon, "peer");
	char remedy[200];

	/* What comes through needs no reading of rules. */
	if (cli_json_bool(peer, "heard") &&
		cli_json_number(json_object_get(test->daemon, "adverts"), "from_peer", 0) > 0) {
		cli_result_add(test->results, "firewall", CLI_PASS, CLI_NO_TIME, NULL,
			"adverts and peer messages come through");
		return;
	}
	char *ruleset = geteuid() == 0 ? read_ruleset() : NULL;
	const char *missing = ruleset ? cli_test_lan_firewall(ruleset, test->config->port) : NULL;

	(void)snprintf(remedy, sizeof(remedy),
		"nft add rule inet filter input ip protocol 112 accept; ... udp dport %u accept; firewalld: "
		"--add-service=ha-fenced",
		test->config->port);
	if (!ruleset)
		cli_result_add(test->results, "firewall", CLI_SKIP, CLI_NO_TIME, NULL, "%s",
			geteuid() == 0 ? "nft does not tell the rules" : "reading the rules needs root");
	else if (missing)
		cli_result_add(test->results, "firewall", CLI_WARNING, CLI_NO_TIME, remedy,
			"this node's rules seem to let in %s", missing);
	else
		cli_result_add(test->results, "firewall", CLI_PASS, CLI_NO_TIME, NULL,
			"this node's rules let adverts and peer messages in");
	free(ruleset);
}

/* --- the clock: nothing is decided by it, but two logs are compared by it --- */

static void
judge_clock(const struct cli_test *test)
{
	struct timex state = { .modes = 0 };
	int r = adjtimex(&state);

	if (r < 0)
		cli_result_add(test->results, "clock", CLI_SKIP, CLI_NO_TIME, NULL, "the kernel does not say");
	else if (r == TIME_ERROR || (state.status & STA_UNSYNC))
		cli_result_add(test->results, "clock", CLI_WARNING, CLI_NO_TIME,
			"timedatectl set-ntp true     or chrony, on both nodes",
			"not synchronised: the logs of the two nodes will not fit together");
	else
		cli_result_add(test->results, "clock", CLI_PASS, CLI_NO_TIME, NULL, "synchronised, within %.0f ms",
			(double)state.maxerror / 1000);
}

void
cli_test_lan(struct cli_test *test, const char *root)
{
	judge_own_proxy(test, root);
	judge_network_manager(test, root);
	judge_imm_path(test);
	judge_firewall(test);
	judge_clock(test);
}
