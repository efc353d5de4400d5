#include "daemon/cli_test.h"

#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* -1: the file cannot be read. */
static int
promotes(const char *root, const char *interface)
{
	char path[PATH_MAX];
	FILE *file;
	int c;

	(void)snprintf(path, sizeof(path), "%s/proc/sys/net/ipv4/conf/%s/promote_secondaries", root, interface);
	file = fopen(path, "re");
	if (!file)
		return -1;
	c = fgetc(file);
	(void)fclose(file);
	return c == '1';
}

static const char *
interface_of(const struct config *config, const struct config_vip *vip)
{
	if (*vip->interface)
		return vip->interface;
	return *config_local(config)->interface ? config_local(config)->interface : config->vrrp.interface;
}

/* An address of a network of its own is nobody's primary (ip-address(8)); nor is one of IPv6. */
static bool
can_be_primary(const struct config_vip *vip)
{
	return vip->address.family == AF_INET && vip->prefix_length < 32;
}

static bool
was_judged(const struct config *config, unsigned index, const char *interface)
{
	for (unsigned i = 0; i < index; i++) {
		const struct config_vip *vip = &config->vrrp.vips[i];

		if (can_be_primary(vip) && strcmp(interface_of(config, vip), interface) == 0)
			return true;
	}
	return false;
}

static void
warn(json_t *results, const struct config_vip *vip, const char *interface)
{
	char address[HA_ADDRESS_TEXT], remedy[320];
	/* Between slashes the dot of a VLAN's name is no separator (sysctl(8)). */
	const char *dot = strchr(interface, '.') ? "/" : ".";

	(void)ha_address_format(&vip->address, address);
	(void)snprintf(remedy, sizeof(remedy),
		"sysctl -w net%sipv4%sconf%s%s%spromote_secondaries=1, and in /etc/sysctl.d; or "
		"virtual_ipaddress = ( \"%s/32\" )",
		dot, dot, dot, interface, dot, address);
	cli_result_add(results, "promote-secondaries", CLI_WARNING, CLI_NO_TIME, remedy,
		"%s/%u on %s: if this node's own address is added again while the VIP stands, it goes when the VIP "
		"goes",
		address, vip->prefix_length, interface);
}

void
cli_test_promote(json_t *results, const struct config *config, const char *root)
{
	unsigned warnings = 0, unknown = 0;
	int all = promotes(root, "all");

	for (unsigned i = 0; i < config->vrrp.vip_count && all != 1; i++) {
		const struct config_vip *vip = &config->vrrp.vips[i];
		const char *interface = interface_of(config, vip);
		int promoted;

		if (!can_be_primary(vip) || was_judged(config, i, interface))
			continue;
		promoted = promotes(root, interface);
		unknown += promoted < 0;
		warnings += promoted == 0;
		if (promoted == 0)
			warn(results, vip, interface);
	}
	if (warnings == 0 && unknown > 0)
		cli_result_add(results, "promote-secondaries", CLI_SKIP, CLI_NO_TIME, NULL,
			"/proc/sys/net/ipv4/conf does not know the interface of the VIP");
	else if (warnings == 0)
		cli_result_add(results, "promote-secondaries", CLI_PASS, CLI_NO_TIME, NULL,
			"a VIP that goes takes no other address with it");
}
