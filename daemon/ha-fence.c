/* ha-fence -- the administrator's side of ha-fenced: see, test, fence, switch. */
#include "daemon/cli_agent.h"
#include "daemon/cli_command.h"
#include "daemon/cli_config.h"
#include "daemon/cli_fence.h"
#include "daemon/cli_history.h"
#include "daemon/cli_metrics.h"
#include "daemon/cli_import.h"
#include "daemon/cli_init.h"
#include "daemon/cli_options.h"
#include "daemon/cli_status.h"
#include "daemon/cli_test.h"
#include "daemon/cli_text.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

static int
print_help(const struct cli_options *options)
{
	char *text = NULL;

	if (options->command != CLI_HELP)
		text = cli_help_command(options->command);
	else if (options->argument_count == 0)
		text = cli_help();
	for (unsigned i = 0; !text && i < CLI_COMMANDS; i++) {
		if (strcmp(cli_command_entry((enum cli_command)i)->name, options->arguments[0]) == 0)
			text = cli_help_command((enum cli_command)i);
	}
	if (!text) {
		cli_error("no help for that", "ha-fence help  lists all commands");
		return CLI_EXIT_USAGE;
	}
	(void)fputs(text, stdout);
	free(text);
	return CLI_EXIT_GOOD;
}

static int
run(const struct cli_options *options)
{
	if (options->help)
		return print_help(options);
	switch (options->command) {
	case CLI_TEST:
		return cli_test(options);
	case CLI_STATUS:
		return cli_status(options);
	case CLI_HISTORY:
		return cli_history(options);
	case CLI_FENCE:
		return cli_fence(options);
	case CLI_AGENT: /* it would have been called by now */
		cli_error("agent takes its own options only", "ha-fence agent --help");
		return CLI_EXIT_USAGE;
	case CLI_CONFIRM_OFF:
		return cli_command_confirm_off(options);
	case CLI_SWITCHOVER:
	case CLI_STANDBY:
	case CLI_UNSTANDBY:
	case CLI_RESUME:
	case CLI_RELOAD:
		return cli_command_plain(options);
	case CLI_PAUSE:
		return cli_command_pause(options);
	case CLI_REEXEC:
		return cli_command_reexec(options);
	case CLI_INIT:
		return cli_init(options);
	case CLI_IMPORT:
		return cli_import(options);
	case CLI_CHECK_CONFIG:
		return cli_check_config(options);
	case CLI_SHOW_CONFIG:
		return cli_show_config(options);
	case CLI_KEYGEN:
		return cli_keygen(options);
	case CLI_METRICS:
		return cli_metrics(options);
	case CLI_EXPLAIN:
		return cli_explain(options);
	case CLI_VERSION:
		return cli_command_version(options);
	case CLI_HELP:
	case CLI_COMMANDS:
		break;
	}
	return print_help(options);
}

/* The fence agent is this program by another name. */
static bool
is_agent(const char *name)
{
	const char *slash = name ? strrchr(name, '/') : NULL;

	return name && strcmp(slash ? slash + 1 : name, CLI_AGENT_NAME) == 0;
}

int
main(int argc, char **argv)
{
	struct cli_options options;
	struct cli_problem problem;
	int status;

	(void)signal(SIGPIPE, SIG_IGN);  /* a pager that ends early is no crash */
	(void)prctl(PR_SET_DUMPABLE, 0); /* S11: check-config and test read secrets to check them */
	if (is_agent(argv[0]))
		return cli_agent(argc, argv);
	if (argc > 1 && strcmp(argv[1], cli_command_entry(CLI_AGENT)->name) == 0)
		return cli_agent(argc - 1, argv + 1);
	status = cli_options_parse(argc, argv, &options, &problem);
	if (status != CLI_EXIT_GOOD) {
		cli_error(problem.text, problem.remedy);
		return status;
	}
	status = run(&options);
	if (fflush(stdout) != 0 && status == CLI_EXIT_GOOD)
		status = CLI_EXIT_FAILED;
	return status;
}
