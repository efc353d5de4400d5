/* What no setting alone can tell: relations between them. */
#include "lib/config_internal.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* 0.0.0.0, ::, and what is not one host: multicast, 255.255.255.255. */
static bool
is_one_host(const struct ha_address *address)
{
	static const uint8_t zeros[16];

	if (address->family == 0)
		return true; /* refused already */
	if (memcmp(address->bytes, zeros, sizeof(zeros)) == 0)
		return false;
	return address->family == AF_INET ? address->bytes[0] < 224 : address->bytes[0] != 0xff;
}

static void
check_one_host(struct config_loader *loader, const void *field, const void *group, const struct ha_address *address)
{
	char text[HA_ADDRESS_TEXT];

	if (!is_one_host(address))
		config_error_at(loader, field, group, "allowed: the address of one host, no multicast and not 0.0.0.0",
			"%s is no host's address", ha_address_format(address, text));
}

static void
check_links(struct config_loader *loader)
{
	struct config_node *nodes = loader->config->nodes;
	char text[HA_ADDRESS_TEXT];

	for (unsigned a = 0; a < nodes[0].link_count + nodes[1].link_count; a++) {
		struct config_node *node = &nodes[a >= nodes[0].link_count];
		struct config_link *link = &node->links[a < nodes[0].link_count ? a : a - nodes[0].link_count];

		check_one_host(loader, &link->address, node, &link->address);
		for (unsigned b = 0; b < a && link->address.family != 0; b++) {
			struct config_link *other =
				b < nodes[0].link_count ? &nodes[0].links[b] : &nodes[1].links[b - nodes[0].link_count];

			if (!ha_address_equal(&link->address, &other->address))
				continue;
			config_error_at(loader, &link->address, node,
				"each link of each node has an address of its own", "%s is used twice in nodes.links",
				ha_address_format(&link->address, text));
			break;
		}
	}
	if (nodes[0].link_count != nodes[1].link_count && nodes[0].link_count > 0 && nodes[1].link_count > 0)
		config_error_at(loader, nodes[1].links, &nodes[1], "link by link, both nodes are on the same networks",
			"%s has %u links, %s has %u", nodes[0].name, nodes[0].link_count, nodes[1].name,
			nodes[1].link_count);
	for (unsigned i = 0; i < nodes[0].link_count && i < nodes[1].link_count; i++) {
		uint8_t mine = nodes[0].links[i].address.family, yours = nodes[1].links[i].address.family;

		if (mine != 0 && yours != 0 && mine != yours)
			config_error_at(loader, &nodes[1].links[i].address, &nodes[1],
				"the addresses of a link are both IPv4 or both IPv6",
				"link %u joins an IPv4 and an IPv6 address", i + 1);
	}
}

/* S10: with one IMM for both, a node would read, or switch off, its own power. */
static void
check_imms(struct config_loader *loader)
{
	struct config_node *nodes = loader->config->nodes;
	const struct config_imm *a = &nodes[0].imm, *b = &nodes[1].imm;
	char text[HA_ADDRESS_TEXT];

	if (a->configured && b->configured && a->address.family != 0 && a->port == b->port &&
		ha_address_equal(&a->address, &b->address))
		config_error_at(loader, &b->address, b,
			"each node has an IMM of its own; a node must never fence itself", "both nodes have the IMM %s",
			ha_address_format(&b->address, text));
	for (unsigned i = 0; i < 2; i++) {
		const struct config_imm *imm = &nodes[i].imm;

		check_one_host(loader, &imm->address, imm, &imm->address);
		if (!imm->configured)
			config_warning_at(loader, &nodes[i], &nodes[i],
				"add imm: { address; username; password_file; }",
				"%s has no imm: its peer can never prove that it is off", nodes[i].name);
		for (unsigned n = 0; imm->configured && n < 2; n++) {
			for (unsigned l = 0; l < nodes[n].link_count; l++) {
				if (imm->address.family != 0 &&
					ha_address_equal(&imm->address, &nodes[n].links[l].address))
					config_error_at(loader, &imm->address, imm,
						"the IMM has an address of its own, also on a shared port",
						"nodes.imm.address %s is the address of %s",
						ha_address_format(&imm->address, text), nodes[n].name);
			}
		}
		if (imm->configured && imm->password_file[0] != '\0' && config_field_is_set(loader, imm->password))
			config_error_at(loader, imm->password, imm, "delete password, keep password_file",
				"nodes.imm has both password_file and password");
		if (imm->guid_none)
			config_warning_at(loader, &imm->guid, imm,
				"pin it: guid = \"...\" as ipmitool mc guid prints it",
				"the identity of %s's IMM is not checked: the wrong machine may be powered down",
				nodes[i].name);
		if (imm->configured && imm->privilege == CONFIG_PRIVILEGE_USER)
			config_warning_at(loader, &imm->privilege, imm, "allowed for power control: \"operator\"",
				"privlvl \"user\" can read the power state but not power %s down", nodes[i].name);
	}
	if (a->configured && b->configured && ha_guid_same(&a->guid, &b->guid))
		config_error_at(
			loader, &b->guid, b, "each machine has a GUID of its own", "both IMMs have the same guid");
}

static const char *
option_value(const struct config_device *device, const char *key)
{
	for (unsigned i = 0; i < device->option_count; i++) {
		size_t length = strcspn(device->options[i], "=");

		if (strlen(key) == length && strncmp(device->options[i], key, length) == 0)
			return device->options[i] + length + 1;
	}
	return NULL;
}

static bool
is_one_of(const char *word, size_t length, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == length && strncmp(*words, word, length) == 0)
			return true;
	return false;
}

/* What is ours to say, what is secret (S11), what makes an agent print its secrets, call an outlet off that it cannot
 * find (S6), or wait before it acts (S9). */
static void
check_options(struct config_loader *loader, const struct config_device *device)
{
	static const char *const ours[] = { "action", "option", NULL };
	static const char *const secret[] = { "password", "passwd", "snmp_priv_passwd", "snmp-priv-passwd", "community",
		"token", NULL };
	static const char *const loud[] = { "verbose", "verbose_level", "debug", "debug_file", NULL };
	static const char *const lies[] = { "missing_as_off", "missing-as-off", NULL };
	static const char *const late[] = { "delay", NULL };

	for (unsigned i = 0; i < device->option_count; i++) {
		const char *option = device->options[i];
		size_t length = strcspn(option, "=");

		if (is_one_of(option, length, ours))
			config_error_at(loader, option, device, "delete it: the action is chosen by ha-fenced",
				"nodes.devices.options: %.*s", (int)length, option);
		else if (is_one_of(option, length, secret))
			config_error_at(loader, option, device,
				"put it into password_file: the password alone on the first line, others as KEY=VALUE "
				"below",
				"nodes.devices.options: %.*s is a secret", (int)length, option);
		else if (is_one_of(option, length, loud))
			config_error_at(loader, option, device, "delete it: it makes the agent print its password",
				"nodes.devices.options: %.*s", (int)length, option);
		else if (is_one_of(option, length, lies))
			config_error_at(loader, option, device, "delete it: an outlet that cannot be found is not off",
				"nodes.devices.options: %.*s", (int)length, option);
		else if (is_one_of(option, length, late))
			config_error_at(loader, option, device,
				"delete it: here it is fence.priority_fencing_delay, and a power-down is sent at once",
				"nodes.devices.options: %.*s", (int)length, option);
	}
}

/* S6 wants authenticated readings, and no agent can be asked whether its are: the administrator has to say so, and what
 * is known to be in clear is said. */
static void
check_device_transport(struct config_loader *loader, const struct config_device *device)
{
	static const char *const telnet[] = { "fence_apc", "fence_wti", "fence_bladecenter", "fence_brocade",
		"fence_drac5", "fence_ilo_mp", "fence_lpar", "fence_rsa", "fence_rsb", "fence_raritan", NULL };
	static const char *const snmp[] = { "fence_ifmib", "fence_ipdu", "fence_ibmblade", "fence_cisco_mds",
		"fence_intelmodular", "fence_emerson", "fence_hds_cb", "fence_cdu", NULL };
	const char *slash = strrchr(device->agent, '/'), *agent = slash ? slash + 1 : device->agent;
	const char *version = option_value(device, "snmp_version"), *ssh = option_value(device, "ssh");
	size_t length = strlen(agent);
	bool is_snmp = is_one_of(agent, length, snmp) || (length > 5 && strcmp(agent + length - 5, "_snmp") == 0);

	if (!version)
		version = option_value(device, "snmp-version");
	if (!ssh)
		ssh = option_value(device, "secure");
	if (!device->authenticated)
		config_error_at(loader, &device->authenticated, device,
			"allowed: SNMPv3 with snmp_sec_level=authPriv, SSH, TLS that verifies, or a network that only "
			"the\n"
			"nodes and this device are on. If that is so, write: authenticated = true",
			"nodes.devices: an answer in %s's place would count as proof that the node is off",
			device->name[0] != '\0' ? device->name : "the device");
	else if (is_snmp && (!version || strcmp(version, "3") != 0))
		config_warning_at(loader, device->agent, device,
			"options: \"snmp_version=3\", \"snmp_sec_level=authPriv\", \"snmp_auth_prot=SHA\", ...",
			"%s without snmp_version=3 authenticates nothing: only a network of its own protects %s", agent,
			device->name);
	else if (is_one_of(agent, length, telnet) && (!ssh || strcmp(ssh, "0") == 0))
		config_warning_at(loader, device->agent, device, "options: \"ssh=1\"",
			"%s without ssh=1 speaks telnet: only a network of its own protects %s", agent, device->name);
}

static bool
same_outlet(const struct config_device *a, const struct config_device *b)
{
	return a->agent[0] != '\0' && strcmp(a->agent, b->agent) == 0 && a->option_count == b->option_count &&
	       memcmp(a->options, b->options, sizeof(a->options)) == 0;
}

/* S10: an outlet has no identity that could be asked; what can be told from the file alone is refused. */
static void
check_devices(struct config_loader *loader)
{
	struct config_node *nodes = loader->config->nodes;

	for (unsigned n = 0; n < 2; n++) {
		struct config_node *node = &nodes[n];

		if (node->device_count > 0 && !node->imm.configured)
			config_error_at(loader, &node->devices[0], node, "add imm: it is level 1",
				"%s has devices but no imm", node->name);
		for (unsigned i = 0; i < node->device_count; i++) {
			struct config_device *device = &node->devices[i];

			check_options(loader, device);
			check_device_transport(loader, device);
			for (unsigned k = 0; k < i; k++)
				if (device->name[0] != '\0' && strcmp(device->name, node->devices[k].name) == 0)
					config_error_at(loader, device->name, device, "each device has its own name",
						"two devices of %s are named \"%s\"", node->name, device->name);
			for (unsigned k = 0; k < (n == 0 ? i : i + nodes[0].device_count); k++) {
				const struct config_device *other =
					k < i ? &node->devices[k] : &nodes[0].devices[k - i];

				if (same_outlet(device, other))
					config_error_at(loader, device->agent, device,
						"each device is another outlet: compare plug and ip",
						"%s and %s are the same outlet", other->name, device->name);
			}
		}
	}
}

static void
check_nodes(struct config_loader *loader)
{
	struct config_node *nodes = loader->config->nodes;

	if (nodes[0].name[0] != '\0' && strcasecmp(nodes[0].name, nodes[1].name) == 0)
		config_error_at(loader, nodes[1].name, &nodes[1], "each node has its own host name",
			"both nodes are named \"%s\"", nodes[1].name);
	if (ha_guid_same(&nodes[0].guid, &nodes[1].guid))
		config_error_at(loader, &nodes[1].guid, &nodes[1], "each machine has a GUID of its own",
			"both nodes have the same guid");
	check_links(loader);
	check_imms(loader);
	check_devices(loader);
}

/* Wire limits: version 2 has whole seconds in one byte (RFC 3768 section 5.3.7), version 3 centiseconds in 12 bits
 * (RFC 9568 section 5.2.7). */
static void
check_advert_interval(struct config_loader *loader)
{
	const struct config_vrrp *vrrp = &loader->config->vrrp;
	ha_time interval = vrrp->advert_interval;
	double seconds = (double)interval / (double)HA_SEC;

	if (vrrp->version == 2 && (interval % HA_SEC != 0 || interval == 0))
		config_error_at(loader, &vrrp->advert_interval, vrrp,
			"allowed with version = 2: whole seconds, 1 ... 255; adverts below 1 s need version = 3 (on "
			"both nodes)",
			"vrrp.advert_int is %g s with VRRP version 2", seconds);
	if (vrrp->version == 3 && (interval > 40950 * HA_MS || interval % (10 * HA_MS) != 0))
		config_error_at(loader, &vrrp->advert_interval, vrrp,
			"allowed with version = 3: 0.01 ... 40.95 s in steps of 0.01 s",
			"vrrp.advert_int is %g s with VRRP version 3", seconds);
}

static int
compare_vips(const void *a, const void *b)
{
	const struct config_vip *const *x = a, *const *y = b;

	return memcmp(&(*x)->address, &(*y)->address, sizeof((*x)->address));
}

static void
check_vip_twice(struct config_loader *loader)
{
	struct config_vrrp *vrrp = &loader->config->vrrp;
	struct config_vip **sorted = calloc(vrrp->vip_count + 1, sizeof(struct config_vip *));
	char text[HA_ADDRESS_TEXT];

	if (!sorted)
		return;
	for (unsigned i = 0; i < vrrp->vip_count; i++)
		sorted[i] = &vrrp->vips[i];
	qsort(sorted, vrrp->vip_count, sizeof(struct config_vip *), compare_vips);
	for (unsigned i = 1; i < vrrp->vip_count; i++) {
		if (compare_vips(&sorted[i - 1], &sorted[i]) == 0) {
			struct config_vip *later = sorted[i] > sorted[i - 1] ? sorted[i] : sorted[i - 1];

			config_error_at(loader, later, vrrp, "delete one of the two",
				"%s is twice in vrrp.virtual_ipaddress", ha_address_format(&later->address, text));
		}
	}
	free(sorted);
}

static void
check_vip(struct config_loader *loader, const struct config_vip *vip)
{
	const struct config *config = loader->config;
	const struct config_vrrp *vrrp = &config->vrrp;
	char text[HA_ADDRESS_TEXT];

	check_one_host(loader, vip, vrrp, &vip->address);
	ha_address_format(&vip->address, text);
	if (vip->address.family == AF_INET6 && vrrp->version == 2)
		config_error_at(loader, vip, vrrp, "write version = 3 (on both nodes): IPv6 needs it",
			"%s: VRRP version 2 has no IPv6", text);
	else if (vip->address.family != vrrp->vips[0].address.family)
		config_error_at(loader, vip, vrrp, "an advert carries one family (RFC 9568 section 5.2.9)",
			"%s: IPv4 and IPv6 in one instance", text);
	for (unsigned n = 0; n < 2; n++) {
		const struct config_node *node = &config->nodes[n];

		for (unsigned l = 0; l < node->link_count; l++) {
			if (ha_address_equal(&vip->address, &node->links[l].address))
				config_error_at(loader, vip, vrrp,
					"the VIP is an address that no machine has of its own",
					"the VIP %s is the address of %s", text, node->name);
		}
		if (node->imm.configured && ha_address_equal(&vip->address, &node->imm.address))
			config_error_at(loader, vip, vrrp, "the VIP is an address that no machine has of its own",
				"the VIP %s is the address of %s's IMM", text, node->name);
	}
}

static void
check_vip_interfaces(struct config_loader *loader)
{
	const struct config_vrrp *vrrp = &loader->config->vrrp;
	const char *seen[CONFIG_VIP_INTERFACES];
	unsigned count = 0;

	for (unsigned i = 0; i < vrrp->vip_count; i++) {
		const char *interface = vrrp->vips[i].interface; /* "": the instance's, which is one, too */
		unsigned k = 0;

		while (k < count && strcmp(seen[k], interface) != 0)
			k++;
		if (k < count)
			continue;
		if (count == CONFIG_VIP_INTERFACES) {
			config_error_at(loader, &vrrp->vips[i], vrrp, "put the addresses on fewer interfaces",
				"the VIPs stand on more than %u interfaces", CONFIG_VIP_INTERFACES);
			return;
		}
		seen[count++] = interface;
	}
}

static void
check_vrrp(struct config_loader *loader)
{
	const struct config *config = loader->config;
	const struct config_vrrp *vrrp = &config->vrrp;

	if (vrrp->vrid == 0)
		return; /* no instance, or no VRID: said already */
	check_advert_interval(loader);
	if (vrrp->version == 3 && vrrp->auth_pass[0] != '\0')
		config_warning_at(
			loader, vrrp->auth_pass, vrrp, "delete it", "VRRP version 3 has no auth_pass: it is ignored");
	if (vrrp->interface[0] == '\0' &&
		(config->nodes[0].interface[0] == '\0' || config->nodes[1].interface[0] == '\0'))
		config_error_at(loader, vrrp->interface, vrrp,
			"interface of the adverts and of the VIP; or give each node its own as nodes.interface",
			"vrrp.interface is missing");
	for (unsigned i = 0; i < vrrp->vip_count; i++)
		check_vip(loader, &vrrp->vips[i]);
	check_vip_twice(loader);
	check_vip_interfaces(loader);
	if (vrrp->unicast && vrrp->vip_count > 0 && config->nodes[0].link_count > 0 &&
		config->nodes[0].links[0].address.family != 0 &&
		vrrp->vips[0].address.family != config->nodes[0].links[0].address.family)
		config_error_at(loader, &vrrp->unicast, vrrp,
			"delete unicast, or give the first links addresses of the VIP's family",
			"unicast adverts go between the first links, whose family is not the VIP's");
}

static void
check_fence(struct config_loader *loader)
{
	const struct config_fence *fence = &loader->config->fence;

	if (fence->action == CONFIG_FENCE_CHECK && fence->startup == CONFIG_STARTUP_FENCE)
		config_error_at(loader, &fence->startup, fence, "startup = \"wait\", or action = \"reboot\" or \"off\"",
			"action \"check\" powers nothing down, but startup is \"fence\"");
	if (fence->settle >= fence->power_timeout)
		config_error_at(loader, &fence->settle, fence, "allowed: less than power_timeout",
			"fence.settle is not shorter than fence.power_timeout");
}

static bool
is_managed(const struct config *config, const char *unit)
{
	for (unsigned i = 0; i < config->release.unit_count; i++) {
		if (strcmp(config->release.units[i], unit) == 0)
			return true;
	}
	return false;
}

static bool
address_is_here(const struct config *config, const struct ha_address *address)
{
	static const uint8_t loopback6[16] = { [15] = 1 };

	if (address->family == AF_INET && address->bytes[0] == 127)
		return true;
	if (address->family == AF_INET6 && memcmp(address->bytes, loopback6, sizeof(loopback6)) == 0)
		return true;
	for (unsigned i = 0; i < config->vrrp.vip_count; i++) {
		if (ha_address_equal(address, &config->vrrp.vips[i].address))
			return true;
	}
	return false;
}

/* Does the url lead to this host or to the VIP? */
static bool
url_is_here(const struct config *config, const char *url)
{
	const char *host = strstr(url, "://");
	struct ha_address address = { 0 };
	char text[HA_ADDRESS_TEXT];
	size_t length;

	if (!host)
		return false;
	host += 3;
	length = *host == '[' ? strcspn(++host, "]") : strcspn(host, ":/?#");
	if (length >= sizeof(text))
		return false;
	memcpy(text, host, length);
	text[length] = '\0';
	return strcasecmp(text, "localhost") == 0 ||
	       (ha_address_parse(text, &address) == 0 && address_is_here(config, &address));
}

/* What a managed unit provides is down on the backup by design: by default it counts on the master only. */
static void
default_when(struct config_loader *loader, struct config_check *check)
{
	const struct config *config = loader->config;

	if (config_field_is_set(loader, &check->when_master) || config->release.unit_count == 0)
		return;
	if (check->type == CONFIG_CHECK_UNIT)
		check->when_master = is_managed(config, check->target);
	else if (check->type == CONFIG_CHECK_HTTP)
		check->when_master = url_is_here(config, check->target);
	else if (check->type == CONFIG_CHECK_TCP)
		check->when_master = address_is_here(config, &check->address);
}

static void
check_http(struct config_loader *loader, const struct config_check *check)
{
	char why[128];
	regex_t regex;
	int r;

	if (check->target[0] != '\0' && strncasecmp(check->target, "http://", 7) != 0 &&
		strncasecmp(check->target, "https://", 8) != 0)
		config_error_at(loader, check->target, check, "allowed: \"http://...\" or \"https://...\"",
			"health.checks.url is \"%s\"", check->target);
	if (check->body_regex[0] == '\0')
		return;
	r = regcomp(&regex, check->body_regex, REG_EXTENDED | REG_NOSUB);
	if (r == 0) {
		regfree(&regex);
		return;
	}
	regerror(r, &regex, why, sizeof(why));
	config_error_at(loader, check->body_regex, check, "an extended regular expression, as grep -E takes it",
		"health.checks.body_regex: %s", why);
}

/* It is the same file for both: each node asks its own. */
static void
check_imm(struct config_loader *loader, const struct config_check *check)
{
	for (unsigned i = 0; i < 2; i++)
		if (!loader->config->nodes[i].imm.configured)
			config_error_at(loader, &check->type, check, "add imm: { address; username; password_file; }",
				"check \"%s\" asks each node's own IMM, and %s has none", check->name,
				loader->config->nodes[i].name);
}

static void
check_checks(struct config_loader *loader)
{
	struct config *config = loader->config;

	for (unsigned i = 0; i < config->check_count; i++) {
		struct config_check *check = &config->checks[i];

		for (unsigned k = 0; k < i; k++) {
			if (check->name[0] != '\0' && strcmp(check->name, config->checks[k].name) == 0) {
				config_error_at(loader, check->name, check, "each check has its own name",
					"two checks are named \"%s\"", check->name);
				break;
			}
		}
		default_when(loader, check);
		if (check->type == CONFIG_CHECK_HTTP)
			check_http(loader, check);
		if (check->type == CONFIG_CHECK_IMM)
			check_imm(loader, check);
		if (check->required_to_fence && check->when_master)
			config_error_at(loader, &check->required_to_fence, check,
				"the node that fences is not the master: write when = \"always\"",
				"check \"%s\" is required_to_fence but runs on the master only", check->name);
	}
}

static void
check_release(struct config_loader *loader)
{
	struct config *config = loader->config;
	struct config_release *release = &config->release;

	for (unsigned i = 0; i < release->unit_count; i++) {
		for (unsigned k = 0; k < i; k++) {
			if (strcmp(release->units[i], release->units[k]) == 0)
				config_error_at(loader, release->units[i], release, "delete one of the two",
					"%s is twice in release.units", release->units[i]);
		}
	}
	if (config_field_is_set(loader, &release->nfs_path_count))
		return;
	/* Absent: the paths of the nfs checks. */
	for (unsigned i = 0; i < config->check_count; i++) {
		const struct config_check *check = &config->checks[i];

		if (check->type != CONFIG_CHECK_NFS || check->target[0] == '\0')
			continue;
		if (release->nfs_path_count == CONFIG_NFS_PATHS) {
			config_error_at(loader, check->target, check, "name the file systems as release.nfs_paths",
				"more than %d nfs checks", CONFIG_NFS_PATHS);
			break;
		}
		snprintf(release->nfs_paths[release->nfs_path_count++], CONFIG_PATH_MAX, "%.*s", CONFIG_PATH_MAX - 1,
			check->target);
	}
}

void
config_check(struct config_loader *loader)
{
	check_nodes(loader);
	check_vrrp(loader);
	check_fence(loader);
	check_checks(loader);
	check_release(loader);
}
