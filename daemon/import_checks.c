#include "daemon/import.h"

#include <string.h>

/* "NAME [weight N] [reverse]" of a track_... block. */
struct tracked {
	const struct keepalived_item *item;
	const char *name, *weight; /* weight "": of the definition, or none */
	bool reverse;
};

static struct tracked
read_tracked(const struct keepalived_item *item)
{
	struct tracked tracked = { .item = item, .name = keepalived_word(item, 0), .weight = "" };

	for (size_t i = 1; i < item->words.count; i++) {
		const char *word = keepalived_word(item, i);

		if (strcmp(word, "weight") == 0 && i + 1 < item->words.count)
			tracked.weight = keepalived_word(item, ++i);
		else if (strcmp(word, "reverse") == 0)
			tracked.reverse = true;
	}
	return tracked;
}

static struct keepalived_item *
definition(struct keepalived_item *root, const char *keyword, const char *name)
{
	for (size_t i = 0; i < root->items.count; i++) {
		struct keepalived_item *item = root->items.items[i];

		if (strcmp(keepalived_word(item, 0), keyword) == 0 && strcmp(keepalived_word(item, 1), name) == 0)
			return item;
	}
	return NULL;
}

/* Without memory a part is left out: the arena has failed, and with it the whole import. */
static const char *
or_nothing(const char *text)
{
	return text ? text : "";
}

/* " weight = N;" or nothing: without one a node whose check is down is not fit, as keepalived's is in FAULT. */
static const char *
weight_text(struct import *import, const char *weight)
{
	if (weight[0] == '\0' || strcmp(weight, "0") == 0)
		return "";
	return or_nothing(arena_print(import->arena, " weight = %s;", weight[0] == '+' ? weight + 1 : weight));
}

static bool
plain_word(const char *text, const char *allowed)
{
	return text[0] != '\0' && text[strspn(text, allowed)] == '\0';
}

#define NUMBERS "0123456789.+-"
#define NAMES   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

static void
add(struct import *import, const char *check)
{
	struct arena_list *checks = &import->setup->checks;

	for (size_t i = 0; check && i < checks->count; i++)
		if (strcmp(checks->items[i], check) == 0)
			return;
	if (check)
		(void)arena_add(import->arena, checks, (char *)check);
}

static bool
usable(struct import *import, const struct tracked *tracked)
{
	if (tracked->reverse) {
		import_lost(import, tracked->item, "there is no reverse: turn the sense of the check round");
		return false;
	}
	if (!plain_word(tracked->name, NAMES) ||
		(tracked->weight[0] != '\0' && !plain_word(tracked->weight, NUMBERS))) {
		import_lost(import, tracked->item, "name or weight is not usable");
		return false;
	}
	return true;
}

static void
track_interface(struct import *import, struct keepalived_item *root, const struct tracked *tracked)
{
	(void)root;
	add(import, arena_print(import->arena, "name = \"link-%s\"; type = \"link\"; interface = \"%s\";%s",
			    tracked->name, tracked->name, weight_text(import, tracked->weight)));
}

/* `script = "...";` as libconfig text: quotes and backslashes escaped. */
static const char *
quoted(struct import *import, const char *text)
{
	char *copy = arena_take(import->arena, 2 * strlen(text) + 3), *to = copy;

	if (!copy)
		return "\"\"";
	*to++ = '"';
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			*to++ = '\\';
		*to++ = (unsigned char)*text < ' ' ? ' ' : *text;
	}
	*to = '"';
	return copy;
}

/* " name = value;" if the definition has it and it is a number. */
static const char *
number_of(struct import *import, struct keepalived_item *block, const char *keyword, const char *name)
{
	struct keepalived_item *item = keepalived_find(block, keyword);

	if (!item || !plain_word(keepalived_word(item, 1), NUMBERS))
		return "";
	return or_nothing(arena_print(import->arena, " %s = %s;", name, keepalived_word(item, 1)));
}

static const char *
weight_of(struct import *import, const struct tracked *tracked, struct keepalived_item *block)
{
	struct keepalived_item *item = keepalived_find(block, "weight");
	const char *weight = tracked->weight[0] != '\0' ? tracked->weight : item ? keepalived_word(item, 1) : "";

	if (item && strcmp(keepalived_word(item, 2), "reverse") == 0)
		import_lost(import, item, "there is no reverse: turn the sense of the check round");
	return plain_word(weight, NUMBERS) ? weight_text(import, weight) : "";
}

static void
track_script(struct import *import, struct keepalived_item *root, const struct tracked *tracked)
{
	struct keepalived_item *block = definition(root, "vrrp_script", tracked->name);
	struct keepalived_item *script = block ? keepalived_find(block, "script") : NULL;
	struct keepalived_item *user = block ? keepalived_find(block, "user") : NULL;

	if (!script) {
		import_lost(import, tracked->item, "there is no vrrp_script of that name");
		return;
	}
	if (keepalived_word(script, 1)[0] != '/') {
		import_lost(import, script, "a command begins with its full path here, and is not run by a shell");
		return;
	}
	if (user)
		import_told(import, user, "checks run without any privilege, as the user of ha-fenced's helpers");
	/* Where they differ from ours, keepalived's defaults (keepalived.conf(5)): each second, one result counts. */
	const char *interval = number_of(import, block, "interval", "interval"),
		   *timeout = number_of(import, block, "timeout", "timeout"),
		   *rise = number_of(import, block, "rise", "rise"), *fall = number_of(import, block, "fall", "fall");

	add(import,
		arena_print(import->arena, "name = \"%s\"; type = \"script\"; script = %s;%s%s%s%s%s", tracked->name,
			quoted(import, keepalived_word(script, 1)), interval[0] != '\0' ? interval : " interval = 1.0;",
			timeout, rise[0] != '\0' ? rise : " rise = 1;", fall[0] != '\0' ? fall : " fall = 1;",
			weight_of(import, tracked, block)));
	import_explain_tracked(import, block);
}

static void
track_process(struct import *import, struct keepalived_item *root, const struct tracked *tracked)
{
	struct keepalived_item *block = definition(root, "vrrp_track_process", tracked->name);
	struct keepalived_item *process = block ? keepalived_find(block, "process") : NULL;
	struct keepalived_item *quorum = block ? keepalived_find(block, "quorum") : NULL;

	if (!process || !plain_word(keepalived_word(process, 1), NAMES "/")) {
		import_lost(import, tracked->item, "no process is named: use a check of type unit");
		return;
	}
	if ((quorum && strcmp(keepalived_word(quorum, 1), "1") != 0) || process->words.count > 2 ||
		keepalived_find(block, "param_match") || keepalived_find(block, "full_command")) {
		import_lost(import, block,
			"processes are not counted, nor their parameters compared: use a check of type unit");
		return;
	}
	const char *name = strrchr(keepalived_word(process, 1), '/');

	name = name ? name + 1 : keepalived_word(process, 1);
	import_told(import, process, "carried as a script check; if systemd runs it, a check of type unit is better");
	add(import, arena_print(import->arena,
			    "name = \"%s\"; type = \"script\"; script = \"/usr/bin/pgrep -x %.15s\"; interval = 1.0; "
			    "rise = 1; "
			    "fall = 1;%s",
			    tracked->name, name, weight_of(import, tracked, block)));
	import_explain_tracked(import, block);
}

static void
track_file(struct import *import, struct keepalived_item *root, const struct tracked *tracked)
{
	(void)root;
	import_lost(import, tracked->item,
		"a number in a file is not added to the priority: use a check of type file, or a script with a weight");
}

void
import_checks(struct import *import, struct keepalived_item *root, struct keepalived_item *from)
{
	static const struct {
		const char *keyword;
		void (*take)(struct import *import, struct keepalived_item *root, const struct tracked *tracked);
	} blocks[] = { { "track_interface", track_interface }, { "track_script", track_script },
		{ "track_process", track_process }, { "track_file", track_file } };

	for (size_t b = 0; b < sizeof(blocks) / sizeof(blocks[0]); b++) {
		struct keepalived_item *block = keepalived_find(from, blocks[b].keyword);

		for (size_t i = 0; block && i < block->items.count; i++) {
			struct tracked tracked = read_tracked(block->items.items[i]);

			if (usable(import, &tracked))
				blocks[b].take(import, root, &tracked);
		}
	}
}
