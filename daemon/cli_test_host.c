#include "daemon/cli_test.h"

#include "daemon/cli_programs.h"
#include "daemon/cli_systemd.h"
#include "lib/net.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FINDINGS_MAX 8 /* of vip-static; more say nothing new */

/* Where distributions keep addresses that are configured at boot. */
static const char *const address_files[] = {
	"/etc/network/interfaces",
	"/etc/network/interfaces.d/*",
	"/etc/NetworkManager/system-connections/*",
	"/etc/sysconfig/network-scripts/ifcfg-*",
	"/etc/sysconfig/network/ifcfg-*",
	"/etc/netplan/*.yaml",
	"/etc/systemd/network/*.network",
	"/run/systemd/network/*.network",
	"/etc/rc.local",
};

static bool
is_vip(const struct config *config, const char *word)
{
	struct ha_address address;

	if (ha_address_parse(word, &address) < 0)
		return false;
	for (unsigned i = 0; i < config->vrrp.vip_count; i++) {
		if (ha_address_equal(&address, &config->vrrp.vips[i].address))
			return true;
	}
	return false;
}

/* The first VIP in `line`, outside comments; it is cut into words in place. */
static const char *
find_vip(const struct config *config, char *line)
{
	static const char separators[] = " \t\r\n\"'=,;/[](){}";
	char *rest = NULL;

	line += strspn(line, " \t");
	if (*line == '#' || *line == ';')
		return NULL;
	for (char *word = strtok_r(line, separators, &rest); word; word = strtok_r(NULL, separators, &rest)) {
		if (*word == '#')
			return NULL;
		if (is_vip(config, word))
			return word;
	}
	return NULL;
}

static unsigned
search_file(json_t *results, const struct config *config, const char *path, size_t root_length, unsigned found)
{
	FILE *file = fopen(path, "re");
	char *line = NULL, remedy[PATH_MAX + 160];
	size_t size = 0;
	unsigned number = 0;

	if (!file)
		return found;
	while (found < FINDINGS_MAX && getline(&line, &size, file) >= 0) {
		const char *vip = find_vip(config, line);

		number++;
		if (!vip)
			continue;
		found++;
		(void)snprintf(remedy, sizeof(remedy),
			"delete that line on this node; at boot both nodes would hold the address");
		cli_result_add(results, "vip-static", CLI_FAIL, CLI_NO_TIME, remedy, "%s is in %s:%u", vip,
			path + root_length, number);
	}
	free(line);
	(void)fclose(file);
	return found;
}

void
cli_test_vip_static(json_t *results, const struct config *config, const char *root)
{
	unsigned found = 0;

	for (size_t i = 0; i < sizeof(address_files) / sizeof(address_files[0]); i++) {
		char pattern[PATH_MAX];
		glob_t matches;

		(void)snprintf(pattern, sizeof(pattern), "%s%s", root, address_files[i]);
		if (glob(pattern, 0, NULL, &matches) != 0)
			continue;
		for (size_t k = 0; k < matches.gl_pathc; k++)
			found = search_file(results, config, matches.gl_pathv[k], strlen(root), found);
		globfree(&matches);
	}
	if (found == 0)
		cli_result_add(results, "vip-static", CLI_PASS, CLI_NO_TIME, NULL,
			"the VIP is in no network configuration file of this node");
}

struct manager {
	const char *comm; /* as the kernel has it: 15 characters at most */
	bool vrrp;        /* may hold an address without asking us */
	const char *remedy;
};

static const struct manager managers[] = {
	{ "keepalived", true, "systemctl disable --now keepalived     on both nodes; ha-fenced takes its place" },
	{ "vrrpd", true, "stop it, or give it another VRID and other addresses" },
	{ "ucarp", true, "stop it: systemctl disable --now ucarp" },
	{ "pacemakerd", false, "let it manage nothing of this VIP, or: systemctl disable --now pacemaker corosync" },
	{ "corosync", false, "let it manage nothing of this VIP, or: systemctl disable --now pacemaker corosync" },
	{ "heartbeat", false, "systemctl disable --now heartbeat" },
};

static bool
same_network(const char *process)
{
	char path[64], mine[64] = "", theirs[64] = "";

	(void)snprintf(path, sizeof(path), "/proc/%.20s/ns/net", process);
	return readlink("/proc/self/ns/net", mine, sizeof(mine) - 1) > 0 &&
	       readlink(path, theirs, sizeof(theirs) - 1) > 0 && strcmp(mine, theirs) == 0;
}

static const struct manager *
manager_of(const char *process)
{
	char path[64], comm[32] = "";
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/comm", process);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	if (!fgets(comm, sizeof(comm), file))
		comm[0] = '\0';
	(void)fclose(file);
	comm[strcspn(comm, "\n")] = '\0';
	for (size_t i = 0; i < sizeof(managers) / sizeof(managers[0]); i++) {
		if (strcmp(comm, managers[i].comm) == 0)
			return &managers[i];
	}
	return NULL;
}

static void
judge_managers(json_t *results)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	unsigned seen = 0, found = 0;

	if (!processes) {
		cli_result_add(results, "managers", CLI_SKIP, CLI_NO_TIME, NULL, "/proc cannot be read");
		return;
	}
	while ((entry = readdir(processes))) {
		const struct manager *manager =
			*entry->d_name >= '0' && *entry->d_name <= '9' ? manager_of(entry->d_name) : NULL;
		unsigned bit;

		if (!manager || !same_network(entry->d_name))
			continue;
		bit = 1U << (manager - managers);
		if (seen & bit) /* one line for each kind: keepalived alone is two processes */
			continue;
		seen |= bit;
		found++;
		cli_result_add(results, "managers", manager->vrrp ? CLI_FAIL : CLI_WARNING, CLI_NO_TIME,
			manager->remedy, "%s runs here (process %s)%s", manager->comm, entry->d_name,
			manager->vrrp ? ": it takes addresses without asking" : "");
	}
	(void)closedir(processes);
	if (found == 0)
		cli_result_add(results, "managers", CLI_PASS, CLI_NO_TIME, NULL,
			"nothing else here manages virtual addresses");
}

static void
judge_release(const struct cli_test *test)
{
	const struct config_release *release = &test->config->release;

	if (release->unit_count == 0 && !*release->script)
		cli_result_add(test->results, "release", CLI_WARNING, CLI_NO_TIME,
			"release: { units = ( \"tomcat.service\" ); };     or release: { script = \"...\"; };",
			"VIP protected, NFS not: nothing stops the writers before the VIP moves");
	else if (release->unit_count == 0)
		cli_result_add(test->results, "release", CLI_PASS, CLI_NO_TIME, NULL,
			"a script stops the writers before the VIP moves");
	else
		cli_result_add(test->results, "release", CLI_PASS, CLI_NO_TIME, NULL,
			"%u unit%s%s to stop before the VIP moves", release->unit_count,
			release->unit_count == 1 ? "" : "s", *release->script ? " and a script" : "");
	if (test->config->fence.action == CONFIG_FENCE_CHECK)
		cli_result_add(test->results, "fence-action", CLI_WARNING, CLI_NO_TIME,
			"fence: { action = \"reboot\"; };",
			"fence.action is \"check\": a peer that hangs while powered on is never replaced");
}

static void
say_unsafe(void *userdata, const char *setting, const char *culprit)
{
	char remedy[PATH_MAX + 32];

	(void)snprintf(remedy, sizeof(remedy), "chmod go-w %s", culprit);
	cli_result_add(
		userdata, "programs", CLI_WARNING, CLI_NO_TIME, remedy, "%s: others can write %s", setting, culprit);
}

static void
judge_units(struct cli_systemd *systemd, const struct cli_test *test)
{
	const struct config_release *release = &test->config->release;

	for (unsigned i = 0; i < release->unit_count; i++) {
		char state[CLI_SYSTEMD_TEXT] = "", remedy[CONFIG_NAME_MAX + 80];
		const char *unit = release->units[i];

		if (cli_systemd_unit_file(systemd, unit, state) < 0)
			cli_result_add(test->results, "unit-enabled", CLI_SKIP, CLI_NO_TIME, NULL,
				"%s: systemd does not say", unit);
		else if (!*state)
			cli_result_add(test->results, "unit-enabled", CLI_FAIL, CLI_NO_TIME,
				"install it, or correct release.units", "there is no %s here", unit);
		else if (strncmp(state, "enabled", 7) == 0) {
			(void)snprintf(remedy, sizeof(remedy), "systemctl disable %s     (ha-fenced starts it)", unit);
			cli_result_add(test->results, "unit-enabled", CLI_WARNING, CLI_NO_TIME, remedy,
				"%s starts at boot", unit);
		} else if (strncmp(state, "masked", 6) == 0) {
			(void)snprintf(remedy, sizeof(remedy), "systemctl unmask %s", unit);
			cli_result_add(test->results, "unit-enabled", CLI_FAIL, CLI_NO_TIME, remedy,
				"%s is masked: it cannot be started", unit);
		} else {
			cli_result_add(test->results, "unit-enabled", CLI_PASS, CLI_NO_TIME, NULL,
				"%s is left to ha-fenced (%s)", unit, state);
		}
	}
}

static void
judge_sleep(struct cli_systemd *systemd, json_t *results)
{
	static const char *const targets[] = { "sleep.target", "suspend.target", "hibernate.target" };
	const char *awake = NULL;
	char state[CLI_SYSTEMD_TEXT];

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (cli_systemd_unit_file(systemd, targets[i], state) < 0) {
			cli_result_add(
				results, "sleep", CLI_SKIP, CLI_NO_TIME, NULL, "%s: systemd does not say", targets[i]);
			return;
		}
		if (*state && strncmp(state, "masked", 6) != 0 && !awake)
			awake = targets[i];
	}
	if (awake)
		cli_result_add(results, "sleep", CLI_WARNING, CLI_NO_TIME,
			"systemctl mask sleep.target suspend.target hibernate.target hybrid-sleep.target",
			"%s is not masked: a node that sleeps is fenced", awake);
	else
		cli_result_add(results, "sleep", CLI_PASS, CLI_NO_TIME, NULL, "sleep targets are masked");
}

static void
judge_power_key(struct cli_systemd *systemd, json_t *results)
{
	char action[CLI_SYSTEMD_TEXT];

	if (cli_systemd_power_key(systemd, action) < 0)
		cli_result_add(results, "acpi-powerkey", CLI_SKIP, CLI_NO_TIME, NULL, "logind does not say");
	else if (strcmp(action, "ignore") != 0)
		cli_result_add(results, "acpi-powerkey", CLI_WARNING, CLI_NO_TIME,
			"HandlePowerKey=ignore in /etc/systemd/logind.conf, then: systemctl restart systemd-logind",
			"logind handles the power button (%s): it may turn a power-down into a slow shutdown", action);
	else
		cli_result_add(
			results, "acpi-powerkey", CLI_PASS, CLI_NO_TIME, NULL, "logind ignores the power button");
}

void
cli_test_host(struct cli_test *test, const char *root)
{
	struct cli_systemd *systemd = NULL;
	int r = cli_systemd_open(&systemd);

	cli_test_vip_static(test->results, test->config, root);
	cli_test_promote(test->results, test->config, root);
	judge_managers(test->results);
	judge_release(test);
	if (cli_programs_unsafe(test->config, say_unsafe, test->results) == 0)
		cli_result_add(test->results, "programs", CLI_PASS, CLI_NO_TIME, NULL,
			"nobody but their owners can write the scripts and agents");
	if (r < 0) {
		static const char *const checks[] = { "unit-enabled", "sleep", "acpi-powerkey" };

		for (size_t i = test->config->release.unit_count > 0 ? 0 : 1; i < sizeof(checks) / sizeof(checks[0]);
			i++)
			cli_result_add(test->results, checks[i], CLI_SKIP, CLI_NO_TIME, NULL, "%s",
				r == -ENOENT ? "systemd does not run this machine" : "systemd cannot be asked");
		return;
	}
	judge_units(systemd, test);
	judge_sleep(systemd, test->results);
	judge_power_key(systemd, test->results);
	cli_systemd_close(systemd);
}
