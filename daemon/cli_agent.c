#include "daemon/cli_agent.h"

#include "daemon/cli_fence.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum action {
	ACTION_ON,
	ACTION_OFF,
	ACTION_REBOOT,
	ACTION_STATUS,
	ACTION_MONITOR,
	ACTION_METADATA,
	ACTION_VALIDATE,
	ACTIONS
};

static bool
action_of(const char *word, enum action *ret)
{
	static const char *const words[ACTIONS] = { "on", "off", "reboot", "status", "monitor", "metadata",
		"validate-all" };

	for (unsigned i = 0; i < ACTIONS; i++) {
		if (strcmp(word, words[i]) == 0) {
			*ret = (enum action)i;
			return true;
		}
	}
	cli_agent_error("there is no action \"%.60s\": on, off, reboot, status, monitor, validate-all, metadata", word);
	return false;
}

static enum cli_fence_action
order_of(enum action action)
{
	switch (action) {
	case ACTION_ON:
		return CLI_FENCE_ON;
	case ACTION_OFF:
		return CLI_FENCE_OFF;
	case ACTION_REBOOT:
		return CLI_FENCE_REBOOT;
	case ACTION_STATUS:
	case ACTION_MONITOR:
	case ACTION_METADATA:
	case ACTION_VALIDATE:
	case ACTIONS:
		break;
	}
	return CLI_FENCE_STATUS;
}

static void
say(const struct cli_agent_options *options, const char *text)
{
	if (!cli_agent_options_flag(options, AGENT_QUIET))
		(void)puts(text);
}

/* In the words and exit statuses of fence-agents. */
static int
tell(const struct cli_agent_options *options, enum action action, const struct cli_fence_outcome *outcome)
{
	static const char *const done[] = { [ACTION_ON] = "Success: Powered ON",
		[ACTION_OFF] = "Success: Powered OFF",
		[ACTION_REBOOT] = "Success: Rebooted" };
	bool off = outcome->power == FENCE_POWER_OFF;

	if (!outcome->done) {
		cli_agent_error("%s", outcome->problem.text);
		return CLI_AGENT_FAILED;
	}
	if (action <= ACTION_REBOOT) {
		say(options, done[action]);
		return CLI_AGENT_GOOD;
	}
	say(options, off ? "Status: OFF" : "Status: ON");
	return off && action == ACTION_STATUS ? CLI_AGENT_OFF : CLI_AGENT_GOOD;
}

static struct config *
load(int fd)
{
	struct config_problems *problems = NULL;
	struct config *config = NULL;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (config_load(path, CLI_AGENT_HERE, 0, &config, &problems) < 0) {
		cli_agent_error("an option cannot be used:");
		for (unsigned i = 0; config_problems_text(problems, i); i++)
			(void)fprintf(stderr, "%s\n", config_problems_text(problems, i));
		config = NULL;
	}
	config_problems_free(problems);
	return config;
}

static void
wait_delay(const struct cli_agent_options *options)
{
	double delay = strtod(options->values[AGENT_DELAY], NULL);
	struct timespec rest = { .tv_sec = (time_t)delay, .tv_nsec = (long)((delay - (double)(time_t)delay) * 1e9) };

	while (nanosleep(&rest, &rest) < 0)
		;
}

static int
run(const struct cli_agent_options *options, enum action action, int fd)
{
	struct cli_fence_request request = { .action = order_of(action), .by_agent = true };
	struct cli_fence_outcome outcome;
	struct config *config = load(fd);

	if (!config)
		return CLI_AGENT_FAILED;
	if (action == ACTION_VALIDATE) {
		config_free(config);
		return CLI_AGENT_GOOD;
	}
	request.config = config;
	request.node = 1 - config->local;
	request.progress = cli_agent_options_flag(options, AGENT_VERBOSE) ? stderr : NULL;
	if (action == ACTION_OFF || action == ACTION_REBOOT)
		wait_delay(options);
	cli_fence_run(&request, &outcome);
	config_free(config);
	return tell(options, action, &outcome);
}

static int
act(const struct cli_agent_options *options)
{
	enum action action;
	int fd, status;

	if (options->values[AGENT_HELP]) {
		cli_agent_usage(stdout);
		return CLI_AGENT_GOOD;
	}
	if (options->values[AGENT_VERSION]) {
		say(options, CLI_AGENT_NAME " " HA_VERSION);
		return CLI_AGENT_GOOD;
	}
	if (!action_of(options->values[AGENT_ACTION], &action))
		return CLI_AGENT_FAILED;
	if (action == ACTION_METADATA) {
		cli_agent_metadata(stdout);
		return CLI_AGENT_GOOD;
	}
	fd = cli_agent_config_open(options);
	if (fd < 0)
		return CLI_AGENT_FAILED;
	status = run(options, action, fd);
	cli_agent_config_close(fd);
	return status;
}

int
cli_agent(int argc, char **argv)
{
	struct cli_agent_options options = { { NULL } };
	int status = CLI_AGENT_FAILED;

	if (argc <= 1 && isatty(STDIN_FILENO) == 1)
		cli_agent_usage(stderr);
	else if (cli_agent_options_read(argc, argv, stdin, &options))
		status = act(&options);
	cli_agent_options_wipe(&options);
	if (fflush(stdout) != 0)
		status = CLI_AGENT_FAILED;
	return status;
}
