/* Which of the two nodes is this one? The same file lies on both. */
#include "lib/config_internal.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Host names compare without case; a short one matches the full one of the same host. */
static bool
host_matches(const char *name, const char *host, bool whole)
{
	size_t a = strlen(name), b = strlen(host);

	if (!whole) {
		a = strcspn(name, ".");
		b = strcspn(host, ".");
	}
	return a > 0 && a == b && strncasecmp(name, host, a) == 0;
}

/* The node that alone matches, or -1. */
static int
find_by_name(const struct config *config, const char *name, bool whole)
{
	bool first = host_matches(config->nodes[0].name, name, whole);
	bool second = host_matches(config->nodes[1].name, name, whole);

	return first == second ? -1 : second;
}

static bool
address_of(const struct sockaddr *from, struct ha_address *ret)
{
	struct ha_address address = { 0 };

	if (!from)
		return false;
	if (from->sa_family == AF_INET)
		memcpy(address.bytes, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
	else if (from->sa_family == AF_INET6)
		memcpy(address.bytes, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, 16);
	else
		return false;
	address.family = (uint8_t)from->sa_family;
	*ret = address;
	return true;
}

static int
find_by_link(const struct config *config)
{
	struct ifaddrs *list = NULL;
	struct ha_address own;
	bool found[2] = { false, false };

	if (getifaddrs(&list) != 0)
		return -1;
	for (const struct ifaddrs *one = list; one; one = one->ifa_next) {
		for (unsigned n = 0; address_of(one->ifa_addr, &own) && n < 2; n++) {
			for (unsigned l = 0; l < config->nodes[n].link_count; l++)
				found[n] = found[n] || ha_address_equal(&own, &config->nodes[n].links[l].address);
		}
	}
	freeifaddrs(list);
	return found[0] == found[1] ? -1 : found[1];
}

static void
report(struct config_loader *loader)
{
	const struct config *config = loader->config;
	const char *names[] = { config->nodes[0].name, config->nodes[1].name, NULL };
	struct config_place place = { .path = loader->text.files[0].path };
	const char *meant = loader->node ? config_meant(loader->node, names) : NULL;
	char hint[512];

	if (loader->node) {
		snprintf(hint, sizeof(hint), "the nodes are \"%s\" and \"%s\"%s%s%s", names[0], names[1],
			meant ? "; did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
		config_problem_add(loader->problems, CONFIG_ERROR, &place, hint, "no node is named \"%.64s\" (--node)",
			loader->node);
		return;
	}
	snprintf(hint, sizeof(hint),
		"name a node as the host is named (hostname), or give a node's link this host's address,\n"
		"or say which it is: --node %s or --node %s",
		names[0], names[1]);
	config_problem_add(loader->problems, loader->flags & CONFIG_NO_LOCAL ? CONFIG_WARNING : CONFIG_ERROR, &place,
		hint, "this host (%.64s) is neither \"%s\" nor \"%s\"", loader->host ? loader->host : "no name",
		names[0], names[1]);
}

void
config_find_local(struct config_loader *loader)
{
	struct config *config = loader->config;
	int local;

	if (loader->node) {
		local = find_by_name(config, loader->node, true);
	} else {
		local = loader->host ? find_by_name(config, loader->host, true) : -1;
		if (local < 0 && loader->host)
			local = find_by_name(config, loader->host, false);
		if (local < 0 && !loader->no_system)
			local = find_by_link(config);
	}
	if (local < 0)
		report(loader);
	else
		config->local = (unsigned)local;
}
