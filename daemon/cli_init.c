#include "daemon/cli_init.h"

#include "daemon/cli_setup.h"
#include "daemon/cli_text.h"
#include "daemon/cli_write.h"
#include "lib/config.h"

#include <stdio.h>
#include <string.h>

/* Asked for in this order; the rest has defaults that suit most pairs. */
static const enum setup_key asked[] = { SETUP_CLUSTER, SETUP_NODE_A, SETUP_ADDRESS_A, SETUP_STORAGE_A, SETUP_NODE_B,
	SETUP_ADDRESS_B, SETUP_STORAGE_B, SETUP_INTERFACE, SETUP_VIP, SETUP_VRID, SETUP_IMM_A, SETUP_IMM_B,
	SETUP_IMM_USER };

static bool
answered(const struct cli_options *options, enum setup_key key)
{
	const char *name = setup_key_name(key);

	for (unsigned i = 0; i < options->set_count; i++)
		if (strncmp(options->sets[i], name, strlen(name)) == 0 && options->sets[i][strlen(name)] == '=')
			return true;
	return false;
}

static void
ask(const struct cli_options *options, struct setup *setup)
{
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		if (!answered(options, asked[i]) && !cli_setup_ask(setup, asked[i]))
			return;
}

static void
say_next(const struct setup *setup, const char *path)
{
	const char *a = setup->value[SETUP_NODE_A], *b = setup->value[SETUP_NODE_B], *folder = setup->folder;

	printf("written: %s, mode 0600\n"
	       "written: %s/authkey, mode 0600: a new cluster key\n"
	       "\n"
	       "1. The passwords of the IMMs, a line each (type it, Enter, Ctrl-D):\n"
	       "       install -m 600 /dev/stdin %s/%s.imm\n"
	       "       install -m 600 /dev/stdin %s/%s.imm\n"
	       "2. See that all is well:\n"
	       "       ha-fence%s%s check-config\n"
	       "3. The other node gets the same files:\n"
	       "       scp -p %s %s/authkey %s/*.imm OTHER-NODE:%s/\n"
	       "4. On both nodes:\n"
	       "       systemctl enable --now ha-fenced\n"
	       "       ha-fence test\n",
		path, folder, folder, a, folder, b, strcmp(path, "/etc/ha-fenced/ha-fenced.conf") == 0 ? "" : " -c ",
		strcmp(path, "/etc/ha-fenced/ha-fenced.conf") == 0 ? "" : path, path, folder, folder, folder);
}

/* Before anything is asked. */
static int
refuse_path(const char *path)
{
	int r = cli_write_possible(path);

	return r < 0 ? cli_write_failed(path, r, CLI_SETUP_EXISTS) : CLI_EXIT_GOOD;
}

static int
run(const struct cli_options *options, struct arena *arena, struct setup *setup)
{
	const char *path = options->config_path, *slash = strrchr(path, '/');
	char *key;

	setup->folder = slash ? arena_text(arena, path, (size_t)(slash - path)) : ".";
	key = setup->folder ? arena_print(arena, "%s/authkey", setup->folder) : NULL;
	if (!key || refuse_path(path) != CLI_EXIT_GOOD || refuse_path(key) != CLI_EXIT_GOOD)
		return CLI_EXIT_FAILED;
	ask(options, setup);
	if (cli_setup_say_missing(setup) > 0) {
		cli_error(
			"nothing was written", "ha-fence init on a terminal asks; or give each with --set NAME=VALUE");
		return CLI_EXIT_USAGE;
	}
	if (!setup_vips(setup, arena))
		return CLI_EXIT_FAILED;
	int r = config_key_generate(key);

	if (r < 0)
		return cli_write_failed(key, r, CLI_SETUP_EXISTS);
	int status = cli_setup_save(setup, path, true);

	if (status == CLI_EXIT_GOOD)
		say_next(setup, path);
	return status;
}

int
cli_init(const struct cli_options *options)
{
	struct arena arena = { 0 };
	struct setup setup = { .origin = "ha-fence init" };
	int status;

	setup_defaults(&setup);
	status = cli_setup_sets(options, &setup);
	if (status == CLI_EXIT_GOOD)
		status = run(options, &arena, &setup);
	arena_free(&arena);
	return status;
}
