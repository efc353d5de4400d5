/* ha-fenced -- the daemon's main: options in, exit status out. */
#include "daemon/daemon.h"
#include "daemon/limits.h"
#include "lib/config.h"
#include "lib/log.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_CONFIG      "/etc/ha-fenced/ha-fenced.conf"
#define DEFAULT_RUNTIME_DIR "/run/ha-fenced"
#define DEFAULT_STATE_DIR   "/var/lib/ha-fenced"

enum { OPTION_NODE = 256, OPTION_RUNTIME_DIR, OPTION_STATE_DIR, OPTION_DEBUG, OPTION_VERSION, OPTION_HELP };

static const char usage[] =
	"usage: ha-fenced [-c FILE] [--node NODE] [-t] [--runtime-dir DIR] [--state-dir DIR] [--debug]\n"
	"\n"
	"  -c, --config FILE   configuration (" DEFAULT_CONFIG ")\n"
	"      --node NODE     the local node's name (default: found by host name or link address)\n"
	"  -t, --test          check the configuration and exit: 0 good, 2 bad\n"
	"      --runtime-dir   control socket and record of this boot (" DEFAULT_RUNTIME_DIR ")\n"
	"      --state-dir     what survives a reboot (" DEFAULT_STATE_DIR ")\n"
	"      --debug         log more\n"
	"      --version       print the version and exit\n"
	"      --help          print this and exit\n"
	"\n"
	"Always stays in the foreground. See ha-fenced(8).\n";

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "node", required_argument, NULL, OPTION_NODE },
	{ "test", no_argument, NULL, 't' },
	{ "runtime-dir", required_argument, NULL, OPTION_RUNTIME_DIR },
	{ "state-dir", required_argument, NULL, OPTION_STATE_DIR },
	{ "debug", no_argument, NULL, OPTION_DEBUG },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

/* Below 0: go on; else the exit status. */
static int
parse(int argc, char **argv, struct daemon_options *options, bool *ret_test)
{
	int c;
	while ((c = getopt_long(argc, argv, "c:t", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->config = optarg;
			break;
		case 't':
			*ret_test = true;
			break;
		case OPTION_NODE:
			options->node = optarg;
			break;
		case OPTION_RUNTIME_DIR:
			options->runtime_dir = optarg;
			break;
		case OPTION_STATE_DIR:
			options->state_dir = optarg;
			break;
		case OPTION_DEBUG:
			options->debug = true;
			break;
		case OPTION_VERSION:
			puts("ha-fenced " HA_VERSION);
			return 0;
		case OPTION_HELP:
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "ha-fenced: unexpected \"%s\"\n%s", argv[optind], usage);
		return 2;
	}
	return -1;
}

static void
print_problems(const struct config_problems *problems)
{
	for (unsigned i = 0; problems != NULL && config_problems_text(problems, i) != NULL; i++)
		fprintf(stderr, "%s\n", config_problems_text(problems, i));
}

int
main(int argc, char **argv)
{
	struct daemon_options options = { .config = DEFAULT_CONFIG,
		.runtime_dir = DEFAULT_RUNTIME_DIR,
		.state_dir = DEFAULT_STATE_DIR,
		.argv = argv };
	struct config_problems *problems = NULL;
	struct config *config = NULL;
	bool test = false;
	int status = parse(argc, argv, &options, &test);
	if (status >= 0)
		return status;
	limits_secrets();
	/* A check looks at every secret; the daemon itself never sees the passwords (S11). */
	unsigned flags = CONFIG_AUTHKEYS | (test ? CONFIG_PASSWORDS : 0);
	int r = config_load(options.config, options.node, flags, &config, &problems);
	print_problems(problems);
	config_problems_free(problems);
	if (r < 0) {
		fprintf(stderr, "ha-fenced: %s: not usable\n", options.config);
		return 2;
	}
	if (test) {
		printf("%s: good, this node is %s\n", options.config, config_local(config)->name);
		config_free(config);
		return 0;
	}
	ha_log_open("ha-fenced", options.debug);
	r = daemon_run(&options, config);
	ha_log_close();
	return r < 0 ? 1 : 0;
}
