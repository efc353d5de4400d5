/* daemon/cli_fence.h -- power of a node by its IMM, by hand: `ha-fence fence` and `ha-fence test --reboot-peer`.
 *
 * The promise: the same plan as the daemon's (fence/plan.h) decides what "off" is; the administrator stands in for the
 * permission (S9) only. No command reaches a machine whose GUID is not NODE's (S10). */
#ifndef HA_DAEMON_CLI_FENCE_H
#define HA_DAEMON_CLI_FENCE_H

#include "daemon/cli_options.h"
#include "fence/report.h"
#include "lib/config.h"

#include <stdio.h>
#include <jansson.h>

enum cli_fence_action { CLI_FENCE_STATUS, CLI_FENCE_OFF, CLI_FENCE_ON, CLI_FENCE_REBOOT };

struct cli_fence_request {
	const struct config *config;
	const json_t *daemon; /* as of the test request; NULL: no daemon runs */
	unsigned node;        /* index of the node whose power it is about */
	enum cli_fence_action action;
	bool by_agent;  /* for a cluster manager: the configuration knows nothing of this machine */
	FILE *progress; /* a line for each step; NULL: none */
};

struct cli_fence_outcome {
	bool done;
	struct cli_problem problem; /* not done: why, and what to do; done: a warning, or empty */
	enum fence_power power;     /* newest reading */
	double rtt_ms;              /* of that reading; negative: none */
	double ms;                  /* all of it */
};

int cli_fence(const struct cli_options *options);

/* Does it, without asking. Takes login_timeout + power_timeout + some seconds at most for each of off and on. */
void cli_fence_run(const struct cli_fence_request *request, struct cli_fence_outcome *ret);
/* Index of the node called `name`; CLI_EXIT_GOOD, or CLI_EXIT_USAGE after an error message. */
int cli_fence_node(const struct config *config, const char *name, unsigned *ret);
/* May a person power `node` down? True, or false after an error message: it holds the VIP and there is no --force, or
 * the question was not answered with yes. */
bool cli_fence_permitted(const struct cli_options *options, const struct config *config, const json_t *daemon,
	unsigned node, bool on_again);

#endif
