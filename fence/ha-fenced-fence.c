/* ha-fenced-fence -- talks to the peer's IMM, or (--own) reads the node's own, for ha-fenced and ha-fence, which start
 * it. Not to be started by hand. */
#include "fence/worker.h"
#include "lib/log.h"
#include "lib/worker.h"

#include <string.h>

/* With --own our own node's IMM, which is only read; else the peer's, and its outlets. These and the times, and nothing
 * else of the file, stay in memory. What cannot be used is logged. */
static void
load(const struct ha_worker_options *options, struct fence_worker_config *ret)
{
	struct config *config = ha_worker_config(options, CONFIG_PASSWORDS);
	const struct config_node *node;

	if (!config)
		return;
	node = options->own ? config_local(config) : config_peer(config);
	if (node->imm.configured) {
		ret->usable = true;
		ret->own = options->own;
		ret->imm = node->imm;
		if (!options->own) {
			memcpy(ret->devices, node->devices, sizeof(ret->devices));
			ret->device_count = node->device_count;
		}
		ret->login_timeout = config->fence.login_timeout;
		ret->monitor_interval = config->fence.monitor_interval;
	} else {
		ha_log(LOG_WARNING, "%s: no IMM is configured for %s", options->config, node->name);
	}
	config_free(config);
}

int
main(int argc, char **argv)
{
	struct ha_worker_options options;
	struct fence_worker_config config = { 0 };
	int r;

	if (!ha_worker_options(argc, argv, &options))
		return HA_WORKER_USAGE;
	ha_log_open("ha-fenced-fence", false);
	r = ha_worker_harden();
	if (r == 0) {
		load(&options, &config);
		r = ha_worker_drop_capabilities();
		if (r == 0)
			r = fence_worker_run(options.fd, &config);
		explicit_bzero(&config, sizeof(config));
	}
	return ha_worker_exit(r);
}
