/* ha-fenced-health -- runs the health checks for ha-fenced and ha-fence, which start it. Not to be started by hand. */
#include "health/worker.h"
#include "lib/log.h"
#include "lib/worker.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXIT_USAGE 2

struct options {
	const char *config, *node;
	int fd;
};

static int
parse(int argc, char **argv, struct options *ret)
{
	static const struct option names[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "node", required_argument, NULL, 'n' },
		{ "fd", required_argument, NULL, 'f' },
		{ 0 },
	};
	int c;

	*ret = (struct options){ .fd = -1 };
	while ((c = getopt_long(argc, argv, "c:", names, NULL)) != -1) {
		switch (c) {
		case 'c':
			ret->config = optarg;
			break;
		case 'n':
			ret->node = optarg;
			break;
		case 'f':
			ret->fd = atoi(optarg);
			break;
		default:
			return -1;
		}
	}
	return ret->config && ret->fd > STDERR_FILENO && optind == argc ? 0 : -1;
}

static bool
is_packet_socket(int fd)
{
	int type = 0;
	socklen_t length = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET;
}

/* S11: neither passwords nor keys. NULL: cannot be used, the reason is logged. */
static struct config *
load(const struct options *options)
{
	struct config_problems *problems = NULL;
	struct config *config = NULL;
	int r = config_load(options->config, options->node, 0, &config, &problems);

	if (r < 0)
		ha_log(LOG_ERR, "%s: not usable (%s); see ha-fence check-config", options->config, strerror(-r));
	config_problems_free(problems);
	return r < 0 ? NULL : config;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct health_worker *worker = NULL;
	struct config *config;
	int r;

	if (parse(argc, argv, &options) < 0 || !is_packet_socket(options.fd)) {
		fprintf(stderr,
			"usage: ha-fenced-health -c FILE [--node NODE] --fd N\n(started by ha-fenced and ha-fence)\n");
		return EXIT_USAGE;
	}
	(void)fcntl(options.fd, F_SETFD, FD_CLOEXEC);
	ha_log_open("ha-fenced-health", false);
	config = load(&options);
	r = ha_worker_harden();
	if (r == 0)
		r = health_worker_open(options.fd, config, &worker);
	if (r == 0)
		r = ha_worker_drop_capabilities();
	if (r == 0)
		r = health_worker_run(worker);
	if (r < 0)
		ha_log(LOG_ERR, "%s", strerror(-r));
	if (worker)
		health_worker_close(worker);
	if (config)
		config_free(config);
	ha_log_close();
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
