/* From libconfig's tree into struct config, by the table of config_schema.c. Every value goes through one function of
 * its kind (config_value.h); every refusal ends in config_refuse.h. */
#include "lib/config_internal.h"
#include "lib/config_refuse.h"
#include "lib/config_tree.h"
#include "lib/config_value.h"

#include <stdlib.h>
#include <string.h>

static void
parse_scalar(struct config_loader *loader, const struct config_spec *spec, const config_setting_t *setting, void *base)
{
	bool boolean = config_setting_type(setting) == CONFIG_TYPE_BOOL, good = false;
	const char *text = config_tree_text(setting), *why = NULL;
	double number = 0;

	if (spec->kind == CONFIG_KIND_BOOL) {
		good = boolean;
		if (good)
			config_store_uint(
				(char *)base + spec->offset, spec->size, (uint64_t)config_setting_get_bool(setting));
	} else if (spec->kind == CONFIG_KIND_UNSIGNED || spec->kind == CONFIG_KIND_SECONDS ||
		   spec->kind == CONFIG_KIND_WEIGHT) {
		good = config_tree_number(loader, setting, &number) && config_value_set_number(spec, base, number);
		why = text ? "write it without quotes" : NULL;
	} else if (spec->kind == CONFIG_KIND_STATUS && config_tree_number(loader, setting, &number)) {
		good = number >= spec->min && number <= spec->max && config_value_is_whole(number);
		if (good) {
			config_store_uint((char *)base + spec->offset, sizeof(unsigned), (uint64_t)number);
			config_store_uint((char *)base + spec->count_offset, sizeof(unsigned), (uint64_t)number);
		}
	} else if (text) {
		good = config_value_set_text(spec, base, text);
	} else if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
		why = "it holds a line break or a control character: is a closing quote missing?";
	} else if (config_setting_is_scalar(setting)) {
		why = "write it in quotes";
	}
	if (!good)
		config_refuse(loader, spec, setting, why);
}

static void
parse_texts(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting, void *base)
{
	unsigned count = config_tree_count(setting), max = (unsigned)spec->max, stored = 0;
	size_t width = spec->size / max;
	char *field = (char *)base + spec->offset;

	if (count > max) {
		config_refuse(loader, spec, setting, NULL);
		return;
	}
	config_tree_remember(loader, (char *)base + spec->count_offset, spec, config_tree_value(setting));
	for (unsigned i = 0; i < count; i++) {
		config_setting_t *one = config_tree_element(setting, i);
		const char *text = config_tree_text(one);

		if (!text || !config_value_is_text(spec->element, text, 1, width - 1)) {
			config_refuse(loader, spec, one,
				spec->element == CONFIG_KIND_PATH ? "each is an absolute path"
				: spec->element == CONFIG_KIND_OPTION
					? "each is KEY=VALUE, at most 127 bytes, such as \"plug=4\""
					: "each is a systemd unit with its suffix, such as \"tomcat.service\"");
			continue;
		}
		config_tree_remember(loader, field + stored * width, spec, config_tree_value(one));
		memcpy(field + stored++ * width, text, strlen(text));
	}
	config_store_uint((char *)base + spec->count_offset, sizeof(unsigned), stored);
}

static void
parse_vips(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting,
	struct config_vrrp *vrrp)
{
	unsigned count = config_tree_count(setting);

	if (count == 0 || count > CONFIG_VIPS) {
		config_refuse(loader, spec, setting, count ? "at most 4096 addresses" : "at least one address");
		return;
	}
	vrrp->vips = calloc(count, sizeof(*vrrp->vips));
	for (unsigned i = 0; vrrp->vips && i < count; i++) {
		config_setting_t *one = config_tree_element(setting, i);
		const char *text = config_tree_text(one), *wrong = text ? NULL : "each is a string in quotes";

		if (!wrong)
			wrong = config_vip_parse(text, &vrrp->vips[vrrp->vip_count]);
		if (wrong)
			config_refuse(loader, spec, one, wrong);
		else
			config_tree_remember(loader, &vrrp->vips[vrrp->vip_count++], spec, config_tree_value(one));
	}
}

static void parse_group(struct config_loader *loader, enum config_scope scope, config_setting_t *group, void *base);

static bool
expect_group(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting)
{
	if (config_setting_is_group(setting))
		return true;
	config_refuse(loader, spec, setting, NULL);
	return false;
}

/* `links = ( "192.168.1.198", "10.10.10.11" )` is understood too. */
static void
parse_links(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting,
	struct config_node *node)
{
	unsigned count = config_tree_count(setting);

	if (count == 0 || count > CONFIG_LINKS) {
		config_refuse(loader, spec, setting, "a node has 1 ... 4 links");
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		config_setting_t *one = config_tree_element(setting, i);
		struct config_link *link = &node->links[node->link_count];
		const struct config_spec *address = config_spec_find(CONFIG_SCOPE_LINK, "address", strlen("address"));

		if (config_setting_type(one) == CONFIG_TYPE_STRING) {
			config_tree_remember(loader, &link->address, address, config_tree_value(one));
			parse_scalar(loader, address, one, link);
			node->link_count++;
		} else if (expect_group(loader, spec, one)) {
			parse_group(loader, CONFIG_SCOPE_LINK, one, link);
			node->link_count++;
		}
	}
}

static void
parse_devices(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting,
	struct config_node *node)
{
	unsigned count = config_tree_count(setting);

	if (count > CONFIG_DEVICES) {
		config_refuse(loader, spec, setting, "a node has at most 4 devices beside its IMM");
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		if (expect_group(loader, spec, config_tree_element(setting, i)))
			parse_group(loader, CONFIG_SCOPE_DEVICE, config_tree_element(setting, i),
				&node->devices[node->device_count++]);
	}
}

static void
parse_nodes(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting)
{
	unsigned count = config_tree_count(setting), groups = 0;

	for (unsigned i = 0; i < count; i++) {
		if (expect_group(loader, spec, config_tree_element(setting, i)) && groups++ < 2)
			parse_group(loader, CONFIG_SCOPE_NODE, config_tree_element(setting, i),
				&loader->config->nodes[groups - 1]);
	}
	if (count != 2) {
		struct config_place place = config_tree_place(loader, config_tree_name(setting));

		config_problem_add(loader->problems, CONFIG_ERROR, &place, "a pair has exactly two nodes",
			"nodes has %u %s", count, count == 1 ? "node" : "nodes");
	}
}

static void
parse_vrrp(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting)
{
	unsigned count = config_tree_count(setting);

	if (count == 1) {
		if (expect_group(loader, spec, config_tree_element(setting, 0)))
			parse_group(loader, CONFIG_SCOPE_VRRP, config_tree_element(setting, 0), &loader->config->vrrp);
	} else {
		struct config_place place = config_tree_place(loader, config_tree_name(setting));

		config_problem_add(loader->problems, CONFIG_ERROR, &place,
			"one instance in this release: put all addresses in its virtual_ipaddress",
			"vrrp has %u instances", count);
	}
}

static void
parse_checks(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting)
{
	struct config *config = loader->config;
	unsigned count = config_tree_count(setting);

	if (count > CONFIG_CHECKS) {
		config_refuse(loader, spec, setting, "at most 512 checks");
		return;
	}
	if (count == 0)
		return;
	config->checks = calloc(count, sizeof(*config->checks));
	for (unsigned i = 0; config->checks && i < count; i++) {
		if (expect_group(loader, spec, config_tree_element(setting, i)))
			parse_group(loader, CONFIG_SCOPE_CHECK, config_tree_element(setting, i),
				&config->checks[config->check_count++]);
	}
}

static void *
group_base(struct config *config, enum config_scope scope, void *base)
{
	switch (scope) {
	case CONFIG_SCOPE_IMM:
		((struct config_node *)base)->imm.configured = true;
		return &((struct config_node *)base)->imm;
	case CONFIG_SCOPE_FENCE:
		return &config->fence;
	case CONFIG_SCOPE_RELEASE:
		return &config->release;
	case CONFIG_SCOPE_NOTIFY:
		return &config->notify;
	case CONFIG_SCOPE_CLUSTER:
	case CONFIG_SCOPE_HEALTH:
	case CONFIG_SCOPE_ROOT:
	case CONFIG_SCOPE_NODE:
	case CONFIG_SCOPE_LINK:
	case CONFIG_SCOPE_DEVICE:
	case CONFIG_SCOPE_VRRP:
	case CONFIG_SCOPE_CHECK:
	case CONFIG_SCOPES:
		break;
	}
	return config;
}

static void
parse_list(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting, void *base)
{
	if (spec->inner == CONFIG_SCOPE_NODE)
		parse_nodes(loader, spec, setting);
	else if (spec->inner == CONFIG_SCOPE_VRRP)
		parse_vrrp(loader, spec, setting);
	else if (spec->inner == CONFIG_SCOPE_CHECK)
		parse_checks(loader, spec, setting);
	else if (spec->inner == CONFIG_SCOPE_DEVICE)
		parse_devices(loader, spec, setting, base);
	else
		parse_links(loader, spec, setting, base);
}

static void
parse_setting(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting, void *base)
{
	if (spec->kind == CONFIG_KIND_GROUP) {
		if (expect_group(loader, spec, setting))
			parse_group(loader, spec->inner, setting, group_base(loader->config, spec->inner, base));
	} else if (spec->kind == CONFIG_KIND_LIST) {
		parse_list(loader, spec, setting, base);
	} else if (spec->kind == CONFIG_KIND_VIPS) {
		parse_vips(loader, spec, setting, base);
	} else if (spec->kind == CONFIG_KIND_TEXTS) {
		parse_texts(loader, spec, setting, base);
	} else {
		config_tree_remember(loader, (char *)base + spec->offset, spec, config_tree_value(setting));
		parse_scalar(loader, spec, setting, base);
	}
}

/* The settings of the scope that the group does not hold: a default, or an error. */
static void
parse_absent(struct config_loader *loader, enum config_scope scope, config_setting_t *group, void *base, bool typed)
{
	for (const struct config_spec *spec = config_specs; spec->name; spec++) {
		struct config_place place = { 0 };

		if (spec->scope != scope || (group && config_setting_get_member(group, spec->name)))
			continue;
		if (scope == CONFIG_SCOPE_CHECK && spec->checks != 0 && (!typed || !config_spec_applies(spec, base)))
			continue;
		if (!(spec->flags & CONFIG_REQUIRED)) {
			config_value_default(spec, base);
			continue;
		}
		place = group && config_tree_name(group) ? config_tree_place(loader, config_tree_name(group))
							 : config_tree_place(loader, NULL);
		config_problem_add(loader->problems, CONFIG_ERROR, &place, spec->help, "%s.%s is missing",
			config_scope_names[scope], spec->name);
	}
}

/* The type of a check decides which of its settings are known. */
static bool
parse_type(config_setting_t *group, struct config_check *check)
{
	const struct config_spec *spec = config_spec_find(CONFIG_SCOPE_CHECK, "type", strlen("type"));
	config_setting_t *type = config_setting_get_member(group, "type");

	return type && config_value_set_word(spec, &check->type, config_tree_text(type));
}

static void
parse_group(struct config_loader *loader, enum config_scope scope, config_setting_t *group, void *base)
{
	int count = config_setting_length(group);
	bool check = scope == CONFIG_SCOPE_CHECK, typed = check && parse_type(group, base);

	if (scope != CONFIG_SCOPE_ROOT)
		config_tree_remember(loader, base, NULL, config_tree_name(group));
	for (int i = 0; i < count; i++) {
		config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(setting);
		const struct config_spec *spec = config_spec_find(scope, name, strlen(name));

		if (!spec)
			config_refuse_name(loader, scope, setting, base);
		else if (check && typed && !config_spec_applies(spec, base))
			config_refuse_type(loader, setting, base);
		else
			parse_setting(loader, spec, setting, base);
	}
	parse_absent(loader, scope, group, base, typed);
}

/* Groups that the file leaves out have their defaults too; what is required is missed there. */
static void
parse_absent_groups(struct config_loader *loader, config_setting_t *root)
{
	struct config *config = loader->config;
	struct config_place whole = config_tree_place(loader, NULL);

	for (const struct config_spec *spec = config_specs; spec->scope == CONFIG_SCOPE_ROOT; spec++) {
		if (config_setting_get_member(root, spec->name))
			continue;
		if (spec->inner == CONFIG_SCOPE_NODE || spec->inner == CONFIG_SCOPE_VRRP)
			config_problem_add(
				loader->problems, CONFIG_ERROR, &whole, spec->help, "%s is missing", spec->name);
		else
			parse_absent(loader, spec->inner, NULL, group_base(config, spec->inner, config), false);
	}
}

void
config_parse(struct config_loader *loader, config_setting_t *root)
{
	config_tree_hook(&loader->text, root, 0);
	parse_group(loader, CONFIG_SCOPE_ROOT, root, loader->config);
	parse_absent_groups(loader, root);
}
