/* daemon/cli_agent.h -- `ha-fence agent`, or fence_ipmi_ha: a fence agent for Pacemaker and whatever else calls those.
 *
 * The promise: the options, actions and exit statuses of fence-agents' fence_ipmilan; "off" is what the daemon would
 * call off (fence/plan.h), reboot is off, seen, then on; and no secret goes into arguments, environment or a file
 * (S11).
 */
#ifndef HA_DAEMON_CLI_AGENT_H
#define HA_DAEMON_CLI_AGENT_H

#include <stdbool.h>
#include <stdio.h>

#define CLI_AGENT_NAME "fence_ipmi_ha"

/* The exit statuses of fence-agents: 0, 1, and 2 for "off" of status. */
#define CLI_AGENT_GOOD   0
#define CLI_AGENT_FAILED 1
#define CLI_AGENT_OFF    2

enum cli_agent_key {
	AGENT_ACTION,
	AGENT_IP,
	AGENT_IPPORT,
	AGENT_USERNAME,
	AGENT_PASSWORD,
	AGENT_PASSWORD_SCRIPT,
	AGENT_HEXADECIMAL_KG,
	AGENT_CIPHER,
	AGENT_PRIVLVL,
	AGENT_GUID,
	AGENT_METHOD,
	AGENT_PLUG,
	AGENT_LOGIN_TIMEOUT,
	AGENT_POWER_TIMEOUT,
	AGENT_DELAY,
	AGENT_VERBOSE,
	AGENT_QUIET,
	AGENT_INET4,
	AGENT_INET6,
	AGENT_LANPLUS, /* from here on: known, and of no effect */
	AGENT_AUTH,
	AGENT_TARGET,
	AGENT_POWER_WAIT,
	AGENT_SHELL_TIMEOUT,
	AGENT_STATUS_SLEEP,
	AGENT_RETRY_ON,
	AGENT_IPMITOOL_PATH,
	AGENT_IPMITOOL_TIMEOUT,
	AGENT_USE_SUDO,
	AGENT_VERSION,
	AGENT_HELP,
	AGENT_KEYS
};

struct cli_agent_option {
	const char *name;     /* long option; on stdin with _ for - */
	const char *old;      /* deprecated name on stdin; NULL: none */
	char letter;          /* 0: none */
	bool flag;            /* takes no value as an argument */
	bool secret;          /* overwritten where it was read */
	const char *initial;  /* NULL: none */
	const char *describe; /* NULL: not in the metadata */
};

/* Values are strings of the heap, NULL: not given. */
struct cli_agent_options {
	char *values[AGENT_KEYS];
};

/* The whole agent; arguments[0] is its name. Exit status. */
int cli_agent(int argc, char **argv);

const struct cli_agent_option *cli_agent_option(enum cli_agent_key key);
/* From the arguments if there are any, else from stdin; then the defaults. False after an error message. In either case
 * cli_agent_options_wipe(). */
bool cli_agent_options_read(int argc, char **argv, FILE *input, struct cli_agent_options *ret);
void cli_agent_options_wipe(struct cli_agent_options *options);
bool cli_agent_options_flag(const struct cli_agent_options *options, enum cli_agent_key key);

void cli_agent_metadata(FILE *out);
void cli_agent_usage(FILE *out);

/* A configuration with the IMM as node CLI_AGENT_TARGET, in an unnamed file of memory. The descriptor, which the caller
 * gives back with cli_agent_config_close(), or -1 after an error message. */
#define CLI_AGENT_HERE   "here"
#define CLI_AGENT_TARGET "target"
int cli_agent_config_open(const struct cli_agent_options *options);
void cli_agent_config_close(int fd);

void __attribute__((format(printf, 1, 2))) cli_agent_error(const char *format, ...);

#endif
