/* daemon/cli_fence.h -- power of a node by its IMM or its outlets, by hand: `ha-fence fence` and `ha-fence test
 * --reboot-peer`.
 *
 * The promise: the same plan as the daemon's (fence/plan.h) decides what "off" is; the administrator stands in for the
 * permission (S9) only. No command reaches a machine whose GUID is not NODE's (S10); an outlet has none, so "off" by
 * outlets is believed only if the node is silent then. */
#ifndef HA_DAEMON_CLI_FENCE_H
#define HA_DAEMON_CLI_FENCE_H

#include "daemon/cli_options.h"
#include "fence/report.h"
#include "lib/config.h"

#include <stdio.h>
#include <jansson.h>

/* The same trouble has the same remedy in `ha-fence test`. */
#define CLI_FENCE_ADD_IMM "add imm: { address, username, password_file } to that node: ha-fenced.conf(5)"
#define CLI_FENCE_AS_ROOT "ha-fence check-config; then try again as root"
#define CLI_FENCE_PROGRAM "ha-fenced-fence belongs beside ha-fence or in ../libexec/ha-fenced"

enum cli_fence_action { CLI_FENCE_STATUS, CLI_FENCE_OFF, CLI_FENCE_ON, CLI_FENCE_REBOOT };

struct cli_fence_request {
	const struct config *config;
	const json_t *daemon;    /* as of the test request; NULL: no daemon runs */
	const char *runtime_dir; /* to ask the daemon again later; NULL: not */
	unsigned node;           /* index of the node whose power it is about */
	enum cli_fence_action action;
	unsigned level; /* 0, 1: the IMM; else the outlets of that level */
	bool by_agent;  /* for a cluster manager: the configuration knows nothing of this machine */
	FILE *progress; /* a line for each step; NULL: none */
};

struct cli_fence_feed {
	enum fence_power power; /* newest reading */
	enum fence_error error; /* of the newest answer */
};

struct cli_fence_outcome {
	bool done;
	struct cli_problem problem;                  /* not done: why, and what to do; done: a warning, or empty */
	enum fence_power power;                      /* newest reading */
	struct cli_fence_feed feeds[CONFIG_DEVICES]; /* of the level */
	double rtt_ms;                               /* of that reading; negative: none */
	double ms;                                   /* all of it */
};

int cli_fence(const struct cli_options *options);

/* Does it, without asking. Takes login_timeout + power_timeout + some seconds at most for each of off and on. */
void cli_fence_run(const struct cli_fence_request *request, struct cli_fence_outcome *ret);
/* The same by the outlets of request->level, which has some. Takes their agents' timeouts for each step. */
void cli_fence_run_level(const struct cli_fence_request *request, struct cli_fence_outcome *ret);
/* Has `node` that level? CLI_EXIT_GOOD, or CLI_EXIT_USAGE after an error message that names those it has. */
int cli_fence_level(const struct config *config, unsigned node, unsigned level);
/* Index of the node called `name`; CLI_EXIT_GOOD, or CLI_EXIT_USAGE after an error message. */
int cli_fence_node(const struct config *config, const char *name, unsigned *ret);
/* May a person power `node` down? True, or false after an error message: it holds the VIP, now or by the older facts of
 * `daemon`, or a daemon runs and does not say, and there is no --force; or the question was not answered with yes. */
bool cli_fence_permitted(const struct cli_options *options, const struct config *config, const json_t *daemon,
	unsigned node, bool on_again);

#endif
