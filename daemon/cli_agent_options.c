/* The options of fence_ipmilan, as arguments or as lines KEY=VALUE on stdin, and what describes them. */
#include "daemon/cli_agent.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define OPTSTRING_MAX (2 + 2 * AGENT_KEYS)

static const struct cli_agent_option table[AGENT_KEYS] = {
	[AGENT_ACTION] = { .name = "action",
		.old = "option",
		.letter = 'o',
		.initial = "reboot",
		.describe = "on, off, reboot, status, monitor, validate-all or metadata" },
	[AGENT_IP] = { .name = "ip",
		.old = "ipaddr",
		.letter = 'a',
		.describe = "IP address or host name of the IMM (BMC)" },
	[AGENT_IPPORT] = { .name = "ipport", .letter = 'u', .initial = "623", .describe = "UDP port of the IMM" },
	[AGENT_USERNAME] = { .name = "username",
		.old = "login",
		.letter = 'l',
		.describe = "user of the IMM, at most 16 bytes" },
	[AGENT_PASSWORD] = { .name = "password",
		.old = "passwd",
		.letter = 'p',
		.secret = true,
		.describe = "its password, at most 20 bytes" },
	[AGENT_PASSWORD_SCRIPT] = { .name = "password-script",
		.old = "passwd_script",
		.letter = 'S',
		.describe = "command that prints the password" },
	[AGENT_HEXADECIMAL_KG] = { .name = "hexadecimal-kg",
		.secret = true,
		.describe = "BMC key K_g, 2 to 40 hexadecimal digits" },
	[AGENT_CIPHER] = { .name = "cipher",
		.letter = 'C',
		.initial = "3",
		.describe = "cipher suite; 3 is the only one" },
	[AGENT_PRIVLVL] = { .name = "privlvl",
		.letter = 'L',
		.initial = "operator",
		.describe = "privilege level: operator, administrator, or user for status alone" },
	[AGENT_GUID] = { .name = "guid",
		.initial = "none",
		.describe = "System GUID that the IMM must report, else it gets no command; none: not checked" },
	[AGENT_METHOD] = { .name = "method",
		.letter = 'm',
		.initial = "onoff",
		.describe = "onoff; a chassis cycle proves nothing and is refused" },
	[AGENT_PLUG] = { .name = "plug",
		.old = "port",
		.letter = 'n',
		.describe = "of no effect: an IMM has one machine" },
	[AGENT_LOGIN_TIMEOUT] = { .name = "login-timeout",
		.initial = "5",
		.describe = "seconds that opening a session may take" },
	[AGENT_POWER_TIMEOUT] = { .name = "power-timeout",
		.initial = "20",
		.describe = "seconds from the command until the IMM shows the new state" },
	[AGENT_DELAY] = { .name = "delay", .initial = "0", .describe = "seconds to wait before off and reboot" },
	[AGENT_VERBOSE] = { .name = "verbose", .letter = 'v', .flag = true, .describe = "say each step on stderr" },
	[AGENT_QUIET] = { .name = "quiet", .letter = 'q', .flag = true, .describe = "print nothing on stdout" },
	[AGENT_INET4] = { .name = "inet4-only", .letter = '4', .flag = true, .describe = "IPv4 only" },
	[AGENT_INET6] = { .name = "inet6-only", .letter = '6', .flag = true, .describe = "IPv6 only" },
	[AGENT_LANPLUS] = { .name = "lanplus",
		.letter = 'P',
		.flag = true,
		.describe = "of no effect: it is always IPMI 2.0 (RMCP+)" },
	[AGENT_AUTH] = { .name = "auth", .letter = 'A' },
	[AGENT_TARGET] = { .name = "target" },
	[AGENT_POWER_WAIT] = { .name = "power-wait", .describe = "of no effect: the state is read until it is proven" },
	[AGENT_SHELL_TIMEOUT] = { .name = "shell-timeout" },
	[AGENT_STATUS_SLEEP] = { .name = "stonith-status-sleep" },
	[AGENT_RETRY_ON] = { .name = "retry-on" },
	[AGENT_IPMITOOL_PATH] = { .name = "ipmitool-path" },
	[AGENT_IPMITOOL_TIMEOUT] = { .name = "ipmitool-timeout" },
	[AGENT_USE_SUDO] = { .name = "use-sudo", .flag = true },
	[AGENT_VERSION] = { .name = "version", .letter = 'V', .flag = true },
	[AGENT_HELP] = { .name = "help", .letter = 'h', .flag = true },
};

const struct cli_agent_option *
cli_agent_option(enum cli_agent_key key)
{
	return &table[key];
}

void
cli_agent_error(const char *format, ...)
{
	va_list arguments;

	(void)fputs(CLI_AGENT_NAME ": ", stderr);
	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	(void)fputc('\n', stderr);
}

static void
wipe(char **value)
{
	if (*value)
		explicit_bzero(*value, strlen(*value));
	free(*value);
	*value = NULL;
}

void
cli_agent_options_wipe(struct cli_agent_options *options)
{
	for (unsigned i = 0; i < AGENT_KEYS; i++)
		wipe(&options->values[i]);
}

bool
cli_agent_options_flag(const struct cli_agent_options *options, enum cli_agent_key key)
{
	static const char *const no[] = { "", "0", "no", "off", "false" };
	const char *value = options->values[key];

	for (unsigned i = 0; value && i < sizeof(no) / sizeof(no[0]); i++) {
		if (strcasecmp(value, no[i]) == 0)
			return false;
	}
	return value != NULL;
}

/* A secret does not stay where anybody can see it (ps) or where it was read. */
static bool
set(struct cli_agent_options *options, unsigned key, char *value)
{
	wipe(&options->values[key]);
	options->values[key] = strdup(value);
	if (table[key].secret)
		explicit_bzero(value, strlen(value));
	if (options->values[key])
		return true;
	cli_agent_error("out of memory");
	return false;
}

static bool
read_arguments(int argc, char **argv, struct cli_agent_options *ret)
{
	struct option names[AGENT_KEYS + 1] = { 0 };
	char letters[OPTSTRING_MAX] = "", yes[] = "1";
	bool good = true;
	int index, c;

	for (unsigned i = 0; i < AGENT_KEYS; i++) {
		const char letter[] = { table[i].letter, '\0' };

		names[i] = (struct option){ table[i].name, table[i].flag ? no_argument : required_argument, NULL,
			(int)(256 + i) };
		(void)strcat(strcat(letters, letter), table[i].letter && !table[i].flag ? ":" : "");
	}
	while (good && (c = getopt_long(argc, argv, letters, names, &index)) != -1) {
		unsigned key = c >= 256 ? (unsigned)c - 256 : 0;

		for (; c < 256 && key < AGENT_KEYS && table[key].letter != c; key++)
			;
		good = key < AGENT_KEYS && set(ret, key, table[key].flag ? yes : optarg);
	}
	if (good && optind < argc) {
		cli_agent_error("\"%.60s\" is no option", argv[optind]);
		good = false;
	}
	return good;
}

/* fence-agents take both - and _ there. */
static unsigned
key_of(const char *name)
{
	char dashed[32];
	unsigned key = 0;

	(void)snprintf(dashed, sizeof(dashed), "%s", name);
	for (char *at = dashed; (at = strchr(at, '_')); at++)
		*at = '-';
	if (strcmp(dashed, "passwd-script") == 0)
		return AGENT_PASSWORD_SCRIPT;
	for (; key < AGENT_KEYS; key++) {
		if (strcmp(dashed, table[key].name) == 0 || (table[key].old && strcmp(dashed, table[key].old) == 0))
			break;
	}
	return key;
}

/* A name that is not known is passed over, as fence-agents do: the caller may know more than this agent. */
static bool
take_line(char *line, struct cli_agent_options *ret)
{
	char *value;
	unsigned key;

	line[strcspn(line, "\r\n")] = '\0';
	line += strspn(line, " \t");
	value = strchr(line, '=');
	if (*line == '\0' || *line == '#')
		return true;
	if (!value) {
		cli_agent_error("a line on stdin is no KEY=VALUE: passed over");
		return true;
	}
	*value++ = '\0';
	key = key_of(line);
	return key == AGENT_KEYS || key == AGENT_HELP || key == AGENT_VERSION || set(ret, key, value);
}

static bool
read_lines(FILE *input, struct cli_agent_options *ret)
{
	char *line = NULL;
	size_t size = 0;
	bool good = true;

	while (good && getline(&line, &size, input) >= 0)
		good = take_line(line, ret);
	if (line)
		explicit_bzero(line, size);
	free(line);
	return good;
}

bool
cli_agent_options_read(int argc, char **argv, FILE *input, struct cli_agent_options *ret)
{
	bool good = argc > 1 ? read_arguments(argc, argv, ret) : read_lines(input, ret);

	for (unsigned i = 0; good && i < AGENT_KEYS; i++) {
		char *initial = table[i].initial && !ret->values[i] ? strdup(table[i].initial) : ret->values[i];

		if (table[i].initial && !initial) {
			cli_agent_error("out of memory");
			good = false;
		}
		ret->values[i] = initial;
	}
	if (!good)
		(void)fputs("see " CLI_AGENT_NAME " --help\n", stderr);
	return good;
}
