/* ha-fenced-fence -- talks to the peer's IMM for ha-fenced and ha-fence, which start it. Not to be started by hand. */
#include "fence/worker.h"
#include "lib/log.h"

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

/* The peer's IMM and the times, and nothing else of the file, stay in memory. False: cannot be used, the reason is
 * logged. */
static bool
load(const struct options *options, struct config_imm *ret_imm, struct config_fence *ret_fence)
{
	struct config_problems *problems = NULL;
	struct config *config = NULL;
	int r = config_load(options->config, options->node, CONFIG_PASSWORDS, &config, &problems);
	bool usable = r == 0 && config_peer(config)->imm.configured;

	if (r < 0)
		ha_log(LOG_ERR, "%s: not usable (%s); see ha-fence check-config", options->config, strerror(-r));
	else if (!usable)
		ha_log(LOG_WARNING, "%s: no IMM is configured for %s", options->config, config_peer(config)->name);
	if (usable) {
		*ret_imm = config_peer(config)->imm;
		*ret_fence = config->fence;
	}
	config_problems_free(problems);
	if (config)
		config_free(config);
	return usable;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct config_imm imm = { 0 };
	struct config_fence fence = { 0 };
	bool usable;
	int r;

	if (parse(argc, argv, &options) < 0 || !is_packet_socket(options.fd)) {
		fprintf(stderr,
			"usage: ha-fenced-fence -c FILE [--node NODE] --fd N\n(started by ha-fenced and ha-fence)\n");
		return EXIT_USAGE;
	}
	(void)fcntl(options.fd, F_SETFD, FD_CLOEXEC);
	ha_log_open("ha-fenced-fence", false);
	r = fence_worker_harden();
	if (r == 0) {
		usable = load(&options, &imm, &fence);
		r = fence_worker_drop_capabilities();
		if (r == 0)
			r = fence_worker_run(options.fd, usable ? &imm : NULL, &fence);
		explicit_bzero(&imm, sizeof(imm));
	}
	if (r < 0)
		ha_log(LOG_ERR, "%s", strerror(-r));
	ha_log_close();
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
