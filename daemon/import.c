#include "daemon/import.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static int __attribute__((format(printf, 2, 3))) refuse(struct import *import, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(import->error, sizeof(import->error), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

void
import_note(struct import *import, const struct keepalived_item *item, const char *why, bool lost)
{
	const char *first = keepalived_word(item, 0), *second = keepalived_word(item, 1);
	const char *what =
		arena_print(import->arena, "%s%s%s: %s", first, second[0] != '\0' ? " " : "", second, why ? why : "");
	struct import_note *entry = what ? arena_take(import->arena, sizeof(*entry)) : NULL;

	if (!entry)
		return;
	for (size_t i = 0; i < import->notes.count; i++)
		if (strcmp(((struct import_note *)import->notes.items[i])->what, what) == 0)
			return;
	*entry = (struct import_note){ .what = what, .lost = lost };
	entry->text = arena_print(import->arena, "%s:%u: %s", item->file, item->line, what);
	if (entry->text)
		(void)arena_add(import->arena, &import->notes, entry);
}

void
import_lost(struct import *import, const struct keepalived_item *item, const char *why)
{
	import_note(import, item, why, true);
}

void
import_told(struct import *import, const struct keepalived_item *item, const char *what)
{
	import_note(import, item, what, false);
}

void
import_set(struct import *import, const struct keepalived_item *item, enum setup_key key, const char *value)
{
	char *assignment = arena_print(import->arena, "%s=%s", setup_key_name(key), value);
	char why[SETUP_TEXT];

	if (assignment && setup_set(import->setup, assignment, why))
		import_lost(import, item, "its value is not usable");
}

/* --- instances --- */

static unsigned
count_instances(struct keepalived_item *root, struct keepalived_item **ret_first)
{
	unsigned count = 0;

	for (size_t i = 0; i < root->items.count; i++) {
		struct keepalived_item *item = root->items.items[i];

		if (strcmp(keepalived_word(item, 0), "vrrp_instance") == 0 && count++ == 0)
			*ret_first = item;
	}
	return count;
}

static struct keepalived_item *
find_named(struct keepalived_item *root, const char *keyword, const char *name)
{
	for (size_t i = 0; i < root->items.count; i++) {
		struct keepalived_item *item = root->items.items[i];

		if (strcmp(keepalived_word(item, 0), keyword) == 0 && strcmp(keepalived_word(item, 1), name) == 0)
			return item;
	}
	return NULL;
}

static bool
in_group(struct keepalived_item *group, const char *name)
{
	struct keepalived_item *members = keepalived_find(group, "group");

	for (size_t i = 0; members && i < members->items.count; i++)
		if (strcmp(keepalived_word(members->items.items[i], 0), name) == 0)
			return true;
	return false;
}

/* The sync group that holds every instance of the file: they move together, as ha-fenced's one instance does. */
static struct keepalived_item *
common_group(struct keepalived_item *root)
{
	for (size_t i = 0; i < root->items.count; i++) {
		struct keepalived_item *group = root->items.items[i];
		bool all = strcmp(keepalived_word(group, 0), "vrrp_sync_group") == 0;

		for (size_t j = 0; all && j < root->items.count; j++) {
			struct keepalived_item *item = root->items.items[j];

			if (strcmp(keepalived_word(item, 0), "vrrp_instance") == 0)
				all = in_group(group, keepalived_word(item, 1));
		}
		if (all)
			return group;
	}
	return NULL;
}

static int
choose(struct import *import, struct keepalived_item *root, struct keepalived_item **ret)
{
	unsigned count = count_instances(root, ret);
	char names[256] = "";

	if (import->instance) {
		*ret = find_named(root, "vrrp_instance", import->instance);
		return *ret ? 0 : refuse(import, "there is no vrrp_instance %.60s", import->instance);
	}
	if (count == 0)
		return refuse(import, "there is no vrrp_instance: nothing to import");
	if (count == 1 || common_group(root))
		return 0;
	for (size_t i = 0; i < root->items.count; i++) {
		struct keepalived_item *item = root->items.items[i];
		size_t used = strlen(names);

		if (strcmp(keepalived_word(item, 0), "vrrp_instance") == 0)
			(void)snprintf(names + used, sizeof(names) - used, "%s%.40s", used > 0 ? ", " : "",
				keepalived_word(item, 1));
	}
	return refuse(import,
		"there are %u instances that may be masters on different nodes (%s); ha-fenced has one: choose it "
		"with "
		"--instance NAME, or put them in one vrrp_sync_group",
		count, names);
}

/* --- addresses --- */

static bool
has_prefix(const char *address)
{
	return strchr(address, '/') != NULL;
}

/* One that stands there already, be it with another label, is the same address. */
static bool
stands_already(const struct import *import, const char *vip)
{
	const struct arena_list *vips = &import->setup->vips;
	size_t length = strcspn(vip, "/");

	for (size_t i = 0; i < vips->count; i++) {
		const char *other = vips->items[i];

		if (strcspn(other, "/") == length && strncmp(other, vip, length) == 0)
			return true;
	}
	return false;
}

/* "ADDRESS[/LENGTH] [dev IF] [label L] [scope S] [brd A]": the words that both know. */
static void
add_vip(struct import *import, const struct keepalived_item *item, const char *interface)
{
	static const char *const known[] = { "dev", "label", "scope", "brd", "broadcast" };
	const char *address = keepalived_word(item, 0);
	bool device = false;
	char *vip;

	if (!isxdigit((unsigned char)address[0]) && address[0] != ':') {
		import_lost(import, item, "no address");
		return;
	}
	vip = has_prefix(address) ? arena_print(import->arena, "%s", address)
				  : arena_print(import->arena, "%s/%d", address, strchr(address, ':') ? 128 : 32);
	for (size_t i = 1; vip && i < item->words.count; i++) {
		const char *word = keepalived_word(item, i);
		bool carried = false;

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			carried |= strcmp(word, known[k]) == 0;
		if (!carried || i + 1 >= item->words.count) {
			import_lost(import, item,
				arena_print(import->arena, "the address is carried, \"%s\" is not", word));
			continue;
		}
		device |= strcmp(word, "dev") == 0;
		vip = arena_print(import->arena, "%s %s %s", vip, strcmp(word, "broadcast") == 0 ? "brd" : word,
			keepalived_word(item, ++i));
	}
	if (vip && !device && interface[0] != '\0')
		vip = arena_print(import->arena, "%s dev %s", vip, interface);
	if (vip && stands_already(import, vip))
		import_lost(import, item, "the address stands there already");
	else if (vip)
		(void)arena_add(import->arena, &import->setup->vips, vip);
}

static void
add_vips(struct import *import, struct keepalived_item *instance, const char *interface)
{
	static const char *const blocks[] = { "virtual_ipaddress", "virtual_ipaddress_excluded" };

	for (size_t b = 0; b < 2; b++) {
		struct keepalived_item *block = keepalived_find(instance, blocks[b]);

		if (block && b == 1)
			import_told(import, block, "carried as ordinary virtual addresses: adverts list them, too");
		for (size_t i = 0; block && i < block->items.count; i++)
			add_vip(import, block->items.items[i], interface);
	}
}

/* --- one instance --- */

static void
take(struct import *import, struct keepalived_item *from, const char *keyword, enum setup_key key)
{
	struct keepalived_item *item = keepalived_find(from, keyword);

	if (item)
		import_set(import, item, key, keepalived_word(item, 1));
}

/* A default of global_defs, unless the instance says otherwise. */
static void
take_global(struct import *import, struct keepalived_item *root, const char *keyword, enum setup_key key)
{
	struct keepalived_item *global = keepalived_find(root, "global_defs");

	if (global && import->setup->value[key][0] == '\0')
		take(import, global, keyword, key);
}

static void
take_authentication(struct import *import, struct keepalived_item *instance)
{
	struct keepalived_item *block = keepalived_find(instance, "authentication");
	struct keepalived_item *type = block ? keepalived_find(block, "auth_type") : NULL,
			       *pass = block ? keepalived_find(block, "auth_pass") : NULL;
	char first[9];

	if (!block)
		return;
	if (strcmp(import->setup->value[SETUP_VERSION], "3") == 0) {
		import_lost(
			import, block, "VRRP version 3 has no authentication; the peer messages have their own key");
		return;
	}
	if (type && strcasecmp(keepalived_word(type, 1), "PASS") != 0) {
		import_lost(import, type, "only PASS is supported; the peer messages have their own key");
		return;
	}
	if (!pass)
		return;
	/* Version 2 carries 8 bytes; keepalived cuts there, too. */
	(void)snprintf(first, sizeof(first), "%.8s", keepalived_word(pass, 1));
	import_set(import, pass, SETUP_AUTH_PASS, first);
}

static void
take_preempt(struct import *import, struct keepalived_item *instance)
{
	struct keepalived_item *no = keepalived_find(instance, "nopreempt");

	(void)keepalived_find(instance, "preempt");
	(void)snprintf(import->setup->value[SETUP_PREEMPT], SETUP_TEXT, "%s", no ? "false" : "true");
	take(import, instance, "preempt_delay", SETUP_PREEMPT_DELAY);
}

static void
take_addresses(struct import *import, struct keepalived_item *instance, enum setup_key own, enum setup_key other)
{
	struct keepalived_item *peers = keepalived_find(instance, "unicast_peer");

	take(import, instance, "mcast_src_ip", own);
	take(import, instance, "unicast_src_ip", own);
	if (!peers)
		return;
	(void)snprintf(import->setup->value[SETUP_UNICAST], SETUP_TEXT, "true");
	if (peers->items.count == 1)
		import_set(import, peers, other, keepalived_word(peers->items.items[0], 0));
	else
		import_lost(import, peers, "a pair has one peer; there is none, or more than one");
}

static void
take_instance(struct import *import, struct keepalived_item *root, struct keepalived_item *instance)
{
	take(import, instance, "virtual_router_id", SETUP_VRID);
	take(import, instance, "advert_int", SETUP_ADVERT_INT);
	take(import, instance, "version", SETUP_VERSION);
	take_global(import, root, "vrrp_version", SETUP_VERSION);
	take(import, instance, "garp_master_repeat", SETUP_GARP_REPEAT);
	take_global(import, root, "vrrp_garp_master_repeat", SETUP_GARP_REPEAT);
	take(import, instance, "garp_master_delay", SETUP_GARP_DELAY);
	take_global(import, root, "vrrp_garp_master_delay", SETUP_GARP_DELAY);
	take(import, instance, "garp_master_refresh", SETUP_GARP_REFRESH);
	take_global(import, root, "vrrp_garp_master_refresh", SETUP_GARP_REFRESH);
	take(import, instance, "garp_master_refresh_repeat", SETUP_GARP_REFRESH_REPEAT);
	take_global(import, root, "vrrp_garp_master_refresh_repeat", SETUP_GARP_REFRESH_REPEAT);
	take_authentication(import, instance);
	take_preempt(import, instance);
	import_set(import, instance, SETUP_INSTANCE, keepalived_word(instance, 1));
}

/* What its own election would need, and what was looked at on the chosen one. */
static void
mark_used(struct keepalived_item *instance)
{
	static const char *const keywords[] = { "virtual_router_id", "priority", "advert_int", "version",
		"authentication", "nopreempt", "preempt", "preempt_delay", "garp_master_repeat", "garp_master_delay",
		"garp_master_refresh", "garp_master_refresh_repeat", "mcast_src_ip", "unicast_src_ip", "unicast_peer",
		"notify", "notify_master", "notify_backup", "notify_fault", "notify_stop" };

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		(void)keepalived_find(instance, keywords[i]);
}

/* Members of a sync group beside the chosen one: their addresses join its set. */
static void
take_siblings(struct import *import, struct keepalived_item *root, struct keepalived_item *chosen)
{
	for (size_t i = 0; !import->instance && i < root->items.count; i++) {
		struct keepalived_item *item = root->items.items[i];
		struct keepalived_item *interface;

		if (item == chosen || strcmp(keepalived_word(item, 0), "vrrp_instance") != 0)
			continue;
		interface = keepalived_find(item, "interface");
		add_vips(import, item, interface ? keepalived_word(interface, 1) : "");
		import_told(import, item,
			arena_print(import->arena,
				"of the same sync group: its addresses move with %s, its own VRID is not used",
				keepalived_word(chosen, 1)));
		import_checks(import, root, item);
		mark_used(item);
		import_explain_instance(import, item);
	}
}

static void
take_node(struct import *import, struct keepalived_item *root, struct keepalived_item *instance, bool second)
{
	const enum setup_key at = second ? 1 : 0;
	struct keepalived_item *global = keepalived_find(root, "global_defs");
	struct keepalived_item *id = global ? keepalived_find(global, "router_id") : NULL;

	if (id && import->setup->value[SETUP_NODE_A + at][0] == '\0')
		import_set(import, id, SETUP_NODE_A + at, keepalived_word(id, 1));
	take(import, instance, "priority", SETUP_PRIORITY_A + at);
	take(import, instance, "interface", SETUP_INTERFACE_A + at);
	take_global(import, root, "default_interface", SETUP_INTERFACE_A + at);
	take_addresses(import, instance, SETUP_ADDRESS_A + at, second ? SETUP_ADDRESS_A : SETUP_ADDRESS_B);
}

/* router_id need not be a host's name: taken only if it tells the nodes apart and can be one. */
static void
check_names(struct setup *setup)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
	char *a = setup->value[SETUP_NODE_A], *b = setup->value[SETUP_NODE_B];

	if (strcmp(a, b) == 0 || a[strspn(a, allowed)] != '\0' || b[strspn(b, allowed)] != '\0')
		a[0] = b[0] = '\0';
}

static void
join_interfaces(struct setup *setup)
{
	char *a = setup->value[SETUP_INTERFACE_A], *b = setup->value[SETUP_INTERFACE_B];

	(void)snprintf(setup->value[SETUP_INTERFACE], SETUP_TEXT, "%s", a);
	a[0] = '\0';
	if (strcmp(setup->value[SETUP_INTERFACE], b) == 0)
		b[0] = '\0';
}

/* What both nodes must say alike. */
static int
compare(struct import *import, struct keepalived_item *root, struct keepalived_item *instance)
{
	static const struct {
		enum setup_key key;
		const char *keyword;
	} same[] = { { SETUP_VRID, "virtual_router_id" }, { SETUP_ADVERT_INT, "advert_int" },
		{ SETUP_VERSION, "version" }, { SETUP_AUTH_PASS, "auth_pass" } };
	struct setup other = { .origin = NULL };
	struct import second = *import;

	second.setup = &other;
	second.notes = (struct arena_list){ 0 };
	take_instance(&second, root, instance);
	add_vips(&second, instance, "");
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strcmp(import->setup->value[same[i].key], other.value[same[i].key]) != 0)
			return refuse(import,
				"%s:%u: %s differs: \"%s\" there, \"%s\" on the first node; it must be the same",
				instance->file, instance->line, same[i].keyword, other.value[same[i].key],
				import->setup->value[same[i].key]);
	if (other.vips.count != import->setup->vips.count)
		return refuse(import,
			"%s:%u: %zu virtual addresses there, %zu on the first node; they must be the same",
			instance->file, instance->line, other.vips.count, import->setup->vips.count);
	for (size_t i = 0; i < other.vips.count; i++)
		if (strcmp(other.vips.items[i], import->setup->vips.items[i]) != 0)
			return refuse(import, "%s:%u: virtual address \"%s\" there, \"%s\" on the first node",
				instance->file, instance->line, (const char *)other.vips.items[i],
				(const char *)import->setup->vips.items[i]);
	/* On one node only: keepalived then preempts, or not, by who it is. */
	if (strcmp(other.value[SETUP_PREEMPT], import->setup->value[SETUP_PREEMPT]) != 0) {
		import_told(import, instance, "nopreempt stands on one node only: written as preempt = true");
		(void)snprintf(import->setup->value[SETUP_PREEMPT], SETUP_TEXT, "true");
	}
	return 0;
}

int
import_run(struct import *import, struct keepalived_item *first, struct keepalived_item *second)
{
	struct keepalived_item *a = NULL, *b = NULL;
	int r = choose(import, first, &a);

	if (r == 0 && second)
		r = choose(import, second, &b);
	if (r != 0 || !a)
		return r;
	take_instance(import, first, a);
	add_vips(import, a, "");
	take_node(import, first, a, false);
	if (second) {
		r = compare(import, second, b);
		if (r < 0)
			return r;
		take_node(import, second, b, true);
	}
	check_names(import->setup);
	join_interfaces(import->setup);
	import_checks(import, first, a);
	struct keepalived_item *group = import->instance ? NULL : common_group(first);

	if (group) {
		import_checks(import, first, group);
		import_notify(import, first, group);
	}
	take_siblings(import, first, a);
	import_notify(import, first, a);
	import_explain_instance(import, a);
	import_explain_file(import, first, a, group);
	if (second) {
		/* What the second file has beside the first. */
		import_checks(import, second, b);
		group = import->instance ? NULL : common_group(second);
		if (group) {
			import_checks(import, second, group);
			import_notify(import, second, group);
		}
		import_notify(import, second, b);
		import_explain_instance(import, b);
		import_explain_file(import, second, b, group);
	}
	return 0;
}
