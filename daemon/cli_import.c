#include "daemon/cli_import.h"

#include "daemon/cli_setup.h"
#include "daemon/cli_text.h"
#include "daemon/import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A file's tree as the host `id` sees it. NULL after saying why. */
static struct keepalived_item *
read_tree(struct arena *arena, struct keepalived_text *text, const char *path, const char *id)
{
	char problem[KEEPALIVED_ERROR + 64];
	char *content = keepalived_files.read(NULL, arena, path);
	struct keepalived_item *root = NULL;

	*text = (struct keepalived_text){ .arena = arena, .source = &keepalived_files, .config_id = id };
	if (!content) {
		(void)snprintf(problem, sizeof(problem), "%.400s: %s", path, strerror(errno));
		cli_error(problem, "give the keepalived.conf of each node");
		return NULL;
	}
	if (keepalived_text_add(text, path, content) == 0)
		root = keepalived_parse(text);
	if (!root)
		cli_error(text->error, "keepalived -t -f FILE  says what keepalived itself makes of it");
	return root;
}

/* "/etc/NodeA.conf" and "NodeA/keepalived.conf" tell the node's name. */
static void
name_by_path(const char *path, char *ret)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t length = strcspn(base, ".");

	if (length == strlen("keepalived") && strncmp(base, "keepalived", length) == 0 && slash) {
		const char *end = slash;

		for (base = end; base > path && base[-1] != '/';)
			base--;
		length = (size_t)(end - base);
		if (length == strlen("keepalived") && strncmp(base, "keepalived", length) == 0)
			return; /* /etc/keepalived */
	}
	if (length > 0 && strspn(base, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") >= length)
		(void)snprintf(ret, SETUP_TEXT, "%.*s", (int)(length < 64 ? length : 63), base);
}

static void
say_notes(const struct import *import, const struct keepalived_text *text)
{
	unsigned lost = 0;

	for (size_t i = 0; i < import->notes.count; i++)
		lost += ((const struct import_note *)import->notes.items[i])->lost;
	for (unsigned pass = 0; pass < 2; pass++) {
		bool any = false;

		for (size_t i = 0; i < import->notes.count; i++) {
			const struct import_note *note = import->notes.items[i];

			if (note->lost != (pass == 0) || !note->text)
				continue;
			if (!any)
				(void)fputs(pass == 0 ? "Not carried over:\n" : "To be known:\n", stderr);
			any = true;
			(void)fprintf(stderr, "  %s\n", note->text);
		}
	}
	for (size_t i = 0; i < text->absent.count; i++)
		(void)fprintf(stderr, "%s%s\n", i == 0 ? "Not found:\n  " : "  ", (const char *)text->absent.items[i]);
	if (lost == 0)
		(void)fputs("Everything was carried over.\n", stderr);
}

/* The hosts of a file that serves both nodes, or those of the two files. */
static int
choose_hosts(const struct cli_options *options, struct arena *arena, const struct setup *setup, const char *ids[2])
{
	struct keepalived_text text;

	for (unsigned i = 0; i < 2; i++)
		ids[i] = setup->value[SETUP_NODE_A + i][0] != '\0' ? setup->value[SETUP_NODE_A + i] : NULL;
	if (!read_tree(arena, &text, options->arguments[0], NULL))
		return CLI_EXIT_USAGE;
	if (text.hosts.count != 2)
		return CLI_EXIT_GOOD;
	for (unsigned i = 0; i < 2; i++)
		if (!ids[i])
			ids[i] = text.hosts.items[i];
	return CLI_EXIT_GOOD;
}

static void
name_nodes(const struct cli_options *options, struct setup *setup, const char *const ids[2])
{
	char *a = setup->value[SETUP_NODE_A], *b = setup->value[SETUP_NODE_B];

	for (unsigned i = 0; i < 2; i++)
		if (setup->value[SETUP_NODE_A + i][0] == '\0' && ids[i])
			(void)snprintf(setup->value[SETUP_NODE_A + i], SETUP_TEXT, "%s", ids[i]);
	if (options->argument_count < 2 || a[0] != '\0' || b[0] != '\0')
		return;
	name_by_path(options->arguments[0], a);
	name_by_path(options->arguments[1], b);
	if (strcmp(a, b) == 0)
		a[0] = b[0] = '\0';
}

static int
finish(const struct cli_options *options, struct import *import, const struct keepalived_text *text)
{
	struct setup *setup = import->setup;

	say_notes(import, text);
	cli_setup_find_addresses(setup);
	cli_setup_ask_missing(setup);
	unsigned missing = cli_setup_say_missing(setup);

	setup_defaults(setup);
	int status = cli_setup_save(setup, options->output, missing == 0);

	if (status != CLI_EXIT_GOOD)
		return status;
	(void)fprintf(stderr,
		missing > 0 ? "Then: ha-fence check-config%s%s\n"
			    : "Next: ha-fence keygen, then ha-fence check-config%s%s\n",
		options->output ? " " : "", options->output ? options->output : "");
	return missing > 0 ? CLI_EXIT_FAILED : CLI_EXIT_GOOD;
}

static int
run(const struct cli_options *options, struct arena *arena, struct setup *setup)
{
	struct keepalived_text texts[2];
	struct keepalived_item *first, *second = NULL;
	struct import import = { .arena = arena, .instance = options->instance, .setup = setup };
	const char *ids[2];
	int status = choose_hosts(options, arena, setup, ids);

	if (status != CLI_EXIT_GOOD)
		return status;
	first = read_tree(arena, &texts[0], options->arguments[0], ids[0]);
	if (first && (options->argument_count > 1 || texts[0].hosts.count == 2)) {
		second = read_tree(arena, &texts[1], options->arguments[options->argument_count - 1], ids[1]);
		if (!second)
			return CLI_EXIT_USAGE;
	}
	if (!first)
		return CLI_EXIT_USAGE;
	if (import_run(&import, first, second) < 0 || arena->failed) {
		cli_error(arena->failed ? "the configuration is too big" : import.error, "nothing was written");
		return CLI_EXIT_USAGE;
	}
	name_nodes(options, setup, ids);
	/* What the administrator says has the last word. */
	status = cli_setup_sets(options, setup);
	return status == CLI_EXIT_GOOD ? finish(options, &import, &texts[0]) : status;
}

int
cli_import(const struct cli_options *options)
{
	struct arena arena = { 0 };
	struct setup setup = { .folder = "/etc/ha-fenced" };
	int status = cli_setup_sets(options, &setup);

	setup.origin = options->argument_count > 1 ? arena_print(&arena, "ha-fence import %s %s", options->arguments[0],
							     options->arguments[1])
						   : arena_print(&arena, "ha-fence import %s", options->arguments[0]);
	if (status == CLI_EXIT_GOOD && setup.origin)
		status = run(options, &arena, &setup);
	arena_free(&arena);
	return status;
}
