#include "daemon/cli_options.h"

#include "lib/config_problem.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_CONFIG  "/etc/ha-fenced/ha-fenced.conf"
#define DEFAULT_RUNTIME "/run/ha-fenced"
#define DEFAULT_STATE   "/var/lib/ha-fenced"
#define SECONDS_A_YEAR  (365ULL * 86400)

static const struct cli_command_entry entries[CLI_COMMANDS] = {
	[CLI_TEST] = { "test", "[--reboot-peer NODE [--level N] [--yes] [--force]]",
		"prove, without harm, that fencing would work tonight",
		"Looks at everything that a failover needs: configuration, the peer's IMM\n"
		"(reachable, login, privilege, power, identity), the links, VRRP, the VIP, and\n"
		"what on this machine could get in the way. A line each: pass, warn, FAIL or\n"
		"skip; under it what to do. Works with and without a running daemon, within 5\n"
		"s, and powers nothing down.\n"
		"\n"
		"  --reboot-peer NODE  really power NODE off and on again, to see it work; asks\n"
		"                      first, and refuses if NODE holds the VIP\n"
		"  --level N           by its outlets of level N (nodes.devices); 1 is its IMM\n"
		"  --yes               do not ask\n"
		"  --force             even if NODE holds the VIP, or a daemon does not say\n",
		CLI_OPTION_YES | CLI_OPTION_FORCE | CLI_OPTION_REBOOT_PEER | CLI_OPTION_LEVEL, 0, 0 },
	[CLI_STATUS] = { "status", "[--watch]", "show both nodes, the VIP, alarms and what to do",
		"The first word is PROTECTED, UNPROTECTED, STUCK or DOWN; the exit status is 0\n"
		"for PROTECTED only. Without a running daemon it says what this machine can\n"
		"know by itself.\n"
		"\n"
		"  --watch             again every second, until Ctrl-C\n",
		CLI_OPTION_WATCH, 0, 0 },
	[CLI_HISTORY] = { "history", "[N] [--follow | --html FILE]", "list the episodes, or show number N step by step",
		"An episode is everything from a cause to its end: silence, claim, what the IMM\n"
		"said, the proof, the outage. They survive restarts; without a running daemon\n"
		"they are read from the state directory, which root may do.\n"
		"\n"
		"  --follow            print steps as they happen, until Ctrl-C; begins with\n"
		"                      episode N, or with the newest\n"
		"  --html FILE         write episode N, or the newest 20, as one page with a\n"
		"                      drawing of both nodes, for an incident report; - writes\n"
		"                      it to the output\n",
		CLI_OPTION_FOLLOW | CLI_OPTION_HTML, 0, 1 },
	[CLI_FENCE] = { "fence", "status|off|on|reboot NODE [--level N] [--yes] [--force]",
		"power of NODE by its IMM or its outlets, by hand",
		"status prints on or off. off is over only when the IMM has shown NODE to be\n"
		"off; reboot is that, then on (never a chassis cycle). NODE may be this node,\n"
		"too. The IMM must be NODE's by its system GUID.\n"
		"\n"
		"  --level N           by the outlets of level N (nodes.devices), all together;\n"
		"                      1 is the IMM\n"
		"  --yes               do not ask\n"
		"  --force             even if NODE holds the VIP, or a daemon does not say\n",
		CLI_OPTION_YES | CLI_OPTION_FORCE | CLI_OPTION_LEVEL, 2, 2 },
	[CLI_AGENT] = { "agent", "[OPTION ...]", "a fence agent for Pacemaker, also called fence_ipmi_ha",
		"Options, actions and exit statuses are those of fence-agents' fence_ipmilan;\n"
		"without arguments they are read from standard input. It needs no\n"
		"configuration. See ha-fence agent --help and fence_ipmi_ha(8).\n",
		0, 0, 0 },
	[CLI_CONFIRM_OFF] = { "confirm-off", "NODE [--yes]", "you have SEEN that NODE is off: this node takes the VIP",
		"For a claim that is stuck because NODE's IMM does not answer. Refused without\n"
		"a claim, while NODE is heard, and while its IMM says on. If NODE still runs,\n"
		"two servers will write to the shared data.\n"
		"\n"
		"  --yes               do not ask\n",
		CLI_OPTION_YES, 1, 1 },
	[CLI_SWITCHOVER] = { "switchover", "", "move the VIP to the other node, by consent",
		"Works on either node. If the release cannot be proven it is undone and reported.\n", 0, 0, 0 },
	[CLI_STANDBY] = { "standby", "", "this node takes over nothing until unstandby; survives restarts",
		"Hands the VIP over first if the peer is fit.\n", 0, 0, 0 },
	[CLI_UNSTANDBY] = { "unstandby", "", "end standby", "This node may serve and take over again.\n", 0, 0, 0 },
	[CLI_PAUSE] = { "pause", "[--for TIME]", "the VIP stays, nobody fences or switches",
		"For maintenance of a switch or an IMM. Raises an alarm, so that it is not\n"
		"forgotten.\n"
		"\n"
		"  --for TIME          end by itself after TIME: 30m, 2h, 1h30m; without it,\n"
		"                      until resume\n",
		CLI_OPTION_FOR, 0, 0 },
	[CLI_RESUME] = { "resume", "", "end pause", "Fencing and switching are possible again.\n", 0, 0, 0 },
	[CLI_RELOAD] = { "reload", "", "the daemon reads its configuration again; the VIP stays",
		"A file with errors changes nothing: see ha-fence check-config.\n", 0, 0, 0 },
	[CLI_REEXEC] = { "reexec", "", "the running daemon becomes the installed one; the VIP stays",
		"For upgrades: same process, VIP and record kept. Refused while anything is\n"
		"under way, or if the installed program does not accept the configuration; then\n"
		"nothing has changed.\n",
		0, 0, 0 },
	[CLI_INIT] = { "init", "[--set NAME=VALUE ...]",
		"write a first configuration and its key, asking for what is needed",
		"Asks on a terminal for whatever --set does not give, writes the configuration\n"
		"(-c FILE) with comments and a new cluster key beside it, and prints what to\n"
		"copy to the other node. Never overwrites a file.\n"
		"\n"
		"  --set NAME=VALUE    an answer: cluster, node-a, node-b, address-a,\n"
		"                      address-b, storage-a, storage-b, interface, vip, vrid,\n"
		"                      imm-a, imm-b, imm-user, priority-a, ...\n",
		CLI_OPTION_SET, 0, 0 },
	[CLI_IMPORT] = { "import", "FILE [FILE] [-o FILE] [--set NAME=VALUE ...] [--instance NAME]",
		"turn keepalived.conf (both nodes') into an ha-fenced.conf",
		"Reads keepalived's grammar: includes, comments, quotes, @host lines,\n"
		"parameters, ~SEQ, ~LST. Give the files of both nodes, or the one file if it\n"
		"serves both by @host lines. What cannot be carried over is listed with the\n"
		"reason, on stderr; what keepalived does not know (the IMMs) is asked for on a\n"
		"terminal, else marked in the file. Exit status 1 if something is to be filled\n"
		"in.\n"
		"\n"
		"  -o, --output FILE   write it there (never overwrites); without it, to stdout\n"
		"  --set NAME=VALUE    an answer: imm-a, imm-b, imm-user, node-a, node-b,\n"
		"                      address-a, storage-a, ...\n"
		"  --instance NAME     which vrrp_instance, if there are several\n",
		CLI_OPTION_SET | CLI_OPTION_INSTANCE | CLI_OPTION_OUTPUT, 1, 2 },
	[CLI_CHECK_CONFIG] = { "check-config", "[FILE]", "check the configuration: file, line, column, what is allowed",
		"Exit status 2 if there are errors. Changes nothing.\n", 0, 0, 1 },
	[CLI_SHOW_CONFIG] = { "show-config", "", "print the effective configuration, secrets masked",
		"Every setting with its effective value and where it came from.\n", 0, 0, 0 },
	[CLI_KEYGEN] = { "keygen", "[FILE]", "make a new cluster key, and say how to copy it to the peer",
		"Writes FILE (default /etc/ha-fenced/authkey) with mode 0600; never overwrites\n"
		"one.\n",
		0, 0, 1 },
	[CLI_METRICS] = { "metrics", "[--http]", "figures for Prometheus",
		"The running daemon's state and counters in Prometheus' text format; see\n"
		"ha-fence(8).\n"
		"\n"
		"  --http              answer one HTTP request, on standard input and output:\n"
		"                      for ha-fenced-metrics.socket\n",
		CLI_OPTION_HTTP, 0, 0 },
	[CLI_EXPLAIN] = { "explain", "ALARM", "what an alarm means and what to do",
		"ALARM as status and the journal show it, such as claim-stuck.\n", 0, 1, 1 },
	[CLI_VERSION] = { "version", "", "versions of this program and of the running daemon", "", 0, 0, 0 },
	[CLI_HELP] = { "help", "[COMMAND]", "this text, or all about one command", "", 0, 0, 1 },
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "node", required_argument, NULL, 'n' },
	{ "runtime-dir", required_argument, NULL, 'r' },
	{ "state-dir", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "yes", no_argument, NULL, 'y' },
	{ "force", no_argument, NULL, 'f' },
	{ "watch", no_argument, NULL, 'w' },
	{ "follow", no_argument, NULL, 'F' },
	{ "html", required_argument, NULL, 'H' },
	{ "http", no_argument, NULL, 'P' },
	{ "for", required_argument, NULL, 'd' },
	{ "reboot-peer", required_argument, NULL, 'R' },
	{ "level", required_argument, NULL, 'l' },
	{ "set", required_argument, NULL, 'S' },
	{ "instance", required_argument, NULL, 'i' },
	{ "output", required_argument, NULL, 'o' },
	{ NULL, 0, NULL, 0 },
};

const struct cli_command_entry *
cli_command_entry(enum cli_command command)
{
	assert((unsigned)command < CLI_COMMANDS);
	return &entries[command];
}

int
cli_duration_parse(const char *text, ha_time *ret)
{
	unsigned long long total = 0;

	if (!*text)
		return -EINVAL;
	while (*text) {
		unsigned long long unit, value = 0;
		size_t digits = strspn(text, "0123456789");

		if (digits == 0 || digits > 8)
			return -EINVAL;
		for (size_t i = 0; i < digits; i++)
			value = value * 10 + (unsigned long long)(text[i] - '0');
		text += digits;
		size_t letters = strcspn(text, "0123456789");

		if (letters == 1 && *text == 's')
			unit = 1;
		else if ((letters == 1 && *text == 'm') || (letters == 3 && strncmp(text, "min", 3) == 0))
			unit = 60;
		else if (letters == 1 && *text == 'h')
			unit = 3600;
		else if (letters == 1 && *text == 'd')
			unit = 86400;
		else
			return -EINVAL;
		text += letters;
		total += value * unit;
		if (total > SECONDS_A_YEAR)
			return -EINVAL;
	}
	if (total == 0)
		return -EINVAL;
	*ret = total * HA_SEC;
	return 0;
}

static int __attribute__((format(printf, 3, 4)))
usage_problem(struct cli_problem *problem, const char *remedy, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(problem->text, sizeof(problem->text), format, arguments);
	va_end(arguments);
	(void)snprintf(problem->remedy, sizeof(problem->remedy), "%s", remedy);
	return CLI_EXIT_USAGE;
}

static int
unknown_command(const char *word, struct cli_problem *problem)
{
	const char *names[CLI_COMMANDS + 1] = { NULL };
	char remedy[CLI_TEXT];

	for (unsigned i = 0; i < CLI_COMMANDS; i++)
		names[i] = entries[i].name;
	const char *close = config_meant(word, names);

	if (close)
		(void)snprintf(
			remedy, sizeof(remedy), "did you mean \"%s\"?  ha-fence help  lists all commands", close);
	else
		(void)snprintf(remedy, sizeof(remedy), "ha-fence help  lists all commands");
	return usage_problem(problem, remedy, "unknown command \"%.60s\"", word);
}

static int
unknown_option(const char *word, struct cli_problem *problem)
{
	const char *names[sizeof(long_options) / sizeof(long_options[0])] = { NULL };
	char remedy[CLI_TEXT];

	for (unsigned i = 0; long_options[i].name; i++)
		names[i] = long_options[i].name;
	const char *close = strncmp(word, "--", 2) == 0 ? config_meant(word + 2, names) : NULL;

	if (close)
		(void)snprintf(
			remedy, sizeof(remedy), "did you mean \"--%s\"?  ha-fence --help  lists all options", close);
	else
		(void)snprintf(remedy, sizeof(remedy), "ha-fence --help  lists all options");
	return usage_problem(problem, remedy, "unknown option \"%.60s\"", word);
}

static bool
command_by_name(const char *name, enum cli_command *ret)
{
	for (unsigned i = 0; i < CLI_COMMANDS; i++) {
		if (strcmp(entries[i].name, name) == 0) {
			*ret = (enum cli_command)i;
			return true;
		}
	}
	return false;
}

static int
take_option(int letter, const char *value, const char *word, struct cli_options *options, struct cli_problem *problem)
{
	switch (letter) {
	case 'c':
		options->config_path = value;
		options->config_given = true;
		return CLI_EXIT_GOOD;
	case 'n':
		options->node = value;
		return CLI_EXIT_GOOD;
	case 'r':
		options->runtime_dir = value;
		return CLI_EXIT_GOOD;
	case 's':
		options->state_dir = value;
		return CLI_EXIT_GOOD;
	case 'j':
		options->json = true;
		return CLI_EXIT_GOOD;
	case 'h':
		options->help = true;
		return CLI_EXIT_GOOD;
	case 'V':
		options->version = true;
		return CLI_EXIT_GOOD;
	case 'y':
		options->given |= CLI_OPTION_YES;
		return CLI_EXIT_GOOD;
	case 'f':
		options->given |= CLI_OPTION_FORCE;
		return CLI_EXIT_GOOD;
	case 'w':
		options->given |= CLI_OPTION_WATCH;
		return CLI_EXIT_GOOD;
	case 'F':
		options->given |= CLI_OPTION_FOLLOW;
		return CLI_EXIT_GOOD;
	case 'P':
		options->given |= CLI_OPTION_HTTP;
		return CLI_EXIT_GOOD;
	case 'H':
		options->given |= CLI_OPTION_HTML;
		options->html = value;
		return CLI_EXIT_GOOD;
	case 'd':
		options->given |= CLI_OPTION_FOR;
		if (cli_duration_parse(value, &options->duration) < 0)
			return usage_problem(problem, "write 90s, 30m, 2h, 1h30m or 3d, at most 365d",
				"--for \"%.60s\" is not a length of time", value);
		return CLI_EXIT_GOOD;
	case 'R':
		options->given |= CLI_OPTION_REBOOT_PEER;
		options->reboot_peer = value;
		return CLI_EXIT_GOOD;
	case 'l':
		options->given |= CLI_OPTION_LEVEL;
		if (value[0] < '1' || value[0] > '0' + CLI_LEVELS || value[1] != '\0')
			return usage_problem(problem, "1 is the IMM, 2 to 9 are levels of nodes.devices",
				"--level \"%.60s\" is no level", value);
		options->level = (unsigned)(value[0] - '0');
		return CLI_EXIT_GOOD;
	case 'S':
		options->given |= CLI_OPTION_SET;
		if (options->set_count == CLI_SETS)
			return usage_problem(problem, "write the rest into the file", "too many --set");
		options->sets[options->set_count++] = value;
		return CLI_EXIT_GOOD;
	case 'i':
		options->given |= CLI_OPTION_INSTANCE;
		options->instance = value;
		return CLI_EXIT_GOOD;
	case 'o':
		options->given |= CLI_OPTION_OUTPUT;
		options->output = value;
		return CLI_EXIT_GOOD;
	case ':':
		return usage_problem(
			problem, "ha-fence --help  lists all options", "option \"%.60s\" needs a value", word);
	default:
		return unknown_option(word, problem);
	}
}

/* Options of other commands are refused: a --force that does nothing would promise something. */
static int
check_options(const struct cli_options *options, struct cli_problem *problem)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = { { CLI_OPTION_YES, "--yes" }, { CLI_OPTION_FORCE, "--force" }, { CLI_OPTION_WATCH, "--watch" },
		{ CLI_OPTION_FOLLOW, "--follow" }, { CLI_OPTION_FOR, "--for" },
		{ CLI_OPTION_REBOOT_PEER, "--reboot-peer" }, { CLI_OPTION_SET, "--set" },
		{ CLI_OPTION_INSTANCE, "--instance" }, { CLI_OPTION_OUTPUT, "--output" }, { CLI_OPTION_HTML, "--html" },
		{ CLI_OPTION_HTTP, "--http" }, { CLI_OPTION_LEVEL, "--level" } };
	const struct cli_command_entry *entry = &entries[options->command];
	char remedy[CLI_TEXT];

	(void)snprintf(remedy, sizeof(remedy), "usage: ha-fence %s %s", entry->name, entry->arguments);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((options->given & names[i].bit) && !(entry->options & names[i].bit))
			return usage_problem(problem, remedy, "%s takes no %s", entry->name, names[i].name);
	}
	if (options->command == CLI_TEST && !options->reboot_peer &&
		(options->given & (CLI_OPTION_YES | CLI_OPTION_FORCE | CLI_OPTION_LEVEL)))
		return usage_problem(problem, remedy, "--level, --yes and --force of test go with --reboot-peer NODE");
	if ((options->given & CLI_OPTION_HTML) && (options->json || options->given & CLI_OPTION_FOLLOW))
		return usage_problem(problem, remedy, "--html goes with neither --json nor --follow");
	if (options->argument_count < entry->minimum)
		return usage_problem(problem, remedy, "%s needs %s", entry->name,
			entry->minimum == 1 ? "an argument" : "2 arguments");
	return CLI_EXIT_GOOD;
}

static int
take_words(int argc, char **argv, struct cli_options *options, struct cli_problem *problem)
{
	const struct cli_command_entry *entry;
	char remedy[CLI_TEXT];

	if (optind >= argc) {
		if (!options->help && !options->version)
			return usage_problem(problem,
				"ha-fence --help  lists all commands; to begin with: ha-fence status",
				"no command given");
		options->command = options->help ? CLI_HELP : CLI_VERSION;
		return CLI_EXIT_GOOD;
	}
	if (!command_by_name(argv[optind], &options->command))
		return unknown_command(argv[optind], problem);
	entry = &entries[options->command];
	for (int i = optind + 1; i < argc; i++) {
		if (options->argument_count >= entry->maximum) {
			(void)snprintf(remedy, sizeof(remedy), "usage: ha-fence %s%s%s", entry->name,
				*entry->arguments ? " " : "", entry->arguments);
			return usage_problem(problem, remedy, "%s does not take \"%.60s\"", entry->name, argv[i]);
		}
		options->arguments[options->argument_count++] = argv[i];
	}
	return options->help ? CLI_EXIT_GOOD : check_options(options, problem);
}

int
cli_options_parse(int argc, char **argv, struct cli_options *ret, struct cli_problem *ret_problem)
{
	struct cli_options options = { .config_path = DEFAULT_CONFIG,
		.runtime_dir = DEFAULT_RUNTIME,
		.state_dir = DEFAULT_STATE,
		.duration = HA_NEVER,
		.command = CLI_HELP };
	int letter;

	optind = 0; /* glibc: start over */
	opterr = 0;
	for (;;) {
		int at = optind > 0 ? optind : 1;

		letter = getopt_long(argc, argv, ":c:o:hV", long_options, NULL);
		if (letter < 0)
			break;
		/* getopt names an unknown short option in optopt, a long one only by its place. */
		const char *word = optind > at && optind <= argc ? argv[optind - 1] : at < argc ? argv[at] : "";
		int result = take_option(letter, optarg, word, &options, ret_problem);

		if (result != CLI_EXIT_GOOD)
			return result;
	}
	int result = take_words(argc, argv, &options, ret_problem);

	if (result == CLI_EXIT_GOOD)
		*ret = options;
	return result;
}

char *
cli_help(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fprintf(f, "Usage: ha-fence [-c FILE] [--node NODE] [--runtime-dir DIR] [--state-dir DIR]\n"
		   "                [--json] COMMAND\n\n"
		   "Looks after a pair of servers that ha-fenced keeps at one virtual IP.\n\nCommands:\n");
	for (unsigned i = 0; i < CLI_COMMANDS; i++) {
		fprintf(f, "  %s%s%s\n", entries[i].name, *entries[i].arguments ? " " : "", entries[i].arguments);
		fprintf(f, "        %s\n", entries[i].summary);
	}
	fprintf(f, "\nOptions (before or after the command):\n"
		   "  -c, --config FILE   configuration (default " DEFAULT_CONFIG ")\n"
		   "  --node NODE         which node this is (default: by host name, or address)\n"
		   "  --runtime-dir DIR   where the daemon's socket is (default " DEFAULT_RUNTIME ")\n"
		   "  --state-dir DIR     what the daemon keeps on disk (default " DEFAULT_STATE ")\n"
		   "  --json              for programs: stable names, see ha-fence(8)\n"
		   "  -h, --help          this text; after a command: all about it\n"
		   "  -V, --version       versions\n"
		   "\nExit status: 0 good, 1 failed or not so, 2 usage or configuration.\n"
		   "To begin with: ha-fence test, then ha-fence status.\n");
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

char *
cli_help_command(enum cli_command command)
{
	const struct cli_command_entry *entry = cli_command_entry(command);
	char *text = NULL;

	if (asprintf(&text, "Usage: ha-fence %s%s%s\n\n%c%s.\n%s%s", entry->name, *entry->arguments ? " " : "",
		    entry->arguments,
		    entry->summary[0] >= 'a' && entry->summary[0] <= 'z' ? entry->summary[0] - 'a' + 'A'
									 : entry->summary[0],
		    entry->summary + 1, *entry->details ? "\n" : "", entry->details) < 0)
		return NULL;
	return text;
}
