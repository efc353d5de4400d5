/* daemon/cli_options.h -- what the administrator asked ha-fence for.
 *
 * Pure but for getopt. The promise: CLI_USAGE_GOOD means a known command with as many arguments as it takes and only
 * options that it knows; anything else is a problem in words, with what to type instead. */
#ifndef HA_DAEMON_CLI_OPTIONS_H
#define HA_DAEMON_CLI_OPTIONS_H

#include "lib/time.h"

#include <stdbool.h>
#include <stddef.h>

#define CLI_EXIT_GOOD   0
#define CLI_EXIT_FAILED 1
#define CLI_EXIT_USAGE  2

#define CLI_ARGUMENTS 2
#define CLI_SETS      48
#define CLI_TEXT      256
#define CLI_LEVELS    9

enum cli_command {
	CLI_TEST,
	CLI_STATUS,
	CLI_HISTORY,
	CLI_FENCE,
	CLI_AGENT,
	CLI_CONFIRM_OFF,
	CLI_SWITCHOVER,
	CLI_STANDBY,
	CLI_UNSTANDBY,
	CLI_PAUSE,
	CLI_RESUME,
	CLI_RELOAD,
	CLI_REEXEC,
	CLI_INIT,
	CLI_IMPORT,
	CLI_CHECK_CONFIG,
	CLI_SHOW_CONFIG,
	CLI_KEYGEN,
	CLI_METRICS,
	CLI_EXPLAIN,
	CLI_VERSION,
	CLI_HELP,
	CLI_COMMANDS
};

/* Options beside the common ones (-c, --node, --runtime-dir, --state-dir, --json, --help), as a bit set. */
enum cli_option {
	CLI_OPTION_YES = 1 << 0,
	CLI_OPTION_FORCE = 1 << 1,
	CLI_OPTION_WATCH = 1 << 2,
	CLI_OPTION_FOLLOW = 1 << 3,
	CLI_OPTION_FOR = 1 << 4,
	CLI_OPTION_REBOOT_PEER = 1 << 5,
	CLI_OPTION_SET = 1 << 6,
	CLI_OPTION_INSTANCE = 1 << 7,
	CLI_OPTION_OUTPUT = 1 << 8,
	CLI_OPTION_HTML = 1 << 12,
	CLI_OPTION_HTTP = 1 << 13,
	CLI_OPTION_LEVEL = 1 << 14,
};

struct cli_command_entry {
	const char *name;
	const char *arguments; /* as shown in the usage; "" if none */
	const char *summary;
	const char *details;       /* lines for `help COMMAND` */
	unsigned options;          /* enum cli_option */
	unsigned minimum, maximum; /* arguments */
};

struct cli_options {
	const char *config_path; /* never NULL */
	bool config_given;
	const char *node;        /* NULL: the configuration finds it */
	const char *runtime_dir; /* never NULL */
	const char *state_dir;   /* never NULL */
	bool json, help, version;
	unsigned given; /* enum cli_option */
	const char *reboot_peer;
	unsigned level;             /* --level, 1 ... CLI_LEVELS; 0: not given */
	const char *sets[CLI_SETS]; /* --set NAME=VALUE */
	unsigned set_count;
	const char *instance, *output; /* NULL: not given */
	ha_time duration;              /* --for; HA_NEVER if not given */
	const char *html;              /* file; "-": stdout */
	enum cli_command command;
	const char *arguments[CLI_ARGUMENTS];
	unsigned argument_count;
};

struct cli_problem {
	char text[CLI_TEXT];
	char remedy[CLI_TEXT];
};

/* Strings of *ret point into `argv`. Returns CLI_EXIT_GOOD, or CLI_EXIT_USAGE with *ret_problem filled. */
int cli_options_parse(int argc, char **argv, struct cli_options *ret, struct cli_problem *ret_problem);

const struct cli_command_entry *cli_command_entry(enum cli_command command);

/* The whole of --help, and that of one command; to be freed by the caller. */
char *cli_help(void);
char *cli_help_command(enum cli_command command);

/* "2h", "90s", "1h30m", "3d". 0 or -EINVAL (no unit, zero, above 365 days). */
int cli_duration_parse(const char *text, ha_time *ret);

#endif
