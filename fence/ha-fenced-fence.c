/* ha-fenced-fence -- talks to the peer's IMM, or (--own) reads the node's own, for ha-fenced and ha-fence, which start
 * it. Not to be started by hand. */
#include "fence/worker.h"
#include "lib/log.h"
#include "lib/worker.h"

#include <stdlib.h>
#include <string.h>

/* With --own our own node's IMM, which is only read; else the peer's. That one and the times, and nothing else of the
 * file, stay in memory. False: cannot be used, the reason is logged. */
static bool
load(const struct ha_worker_options *options, struct config_imm *ret_imm, struct config_fence *ret_fence)
{
	struct config_problems *problems = NULL;
	struct config *config = NULL;
	const struct config_node *node;
	int r = config_load(options->config, options->node, CONFIG_PASSWORDS, &config, &problems);

	config_problems_free(problems);
	if (r < 0) {
		ha_log(LOG_ERR, "%s: not usable (%s); see ha-fence check-config", options->config, strerror(-r));
		return false;
	}
	node = options->own ? config_local(config) : config_peer(config);
	if (node->imm.configured) {
		*ret_imm = node->imm;
		*ret_fence = config->fence;
	} else {
		ha_log(LOG_WARNING, "%s: no IMM is configured for %s", options->config, node->name);
	}
	config_free(config);
	return ret_imm->configured;
}

int
main(int argc, char **argv)
{
	struct ha_worker_options options;
	struct config_imm imm = { 0 };
	struct config_fence fence = { 0 };
	bool usable;
	int r;

	if (!ha_worker_options(argc, argv, &options))
		return HA_WORKER_USAGE;
	ha_log_open("ha-fenced-fence", false);
	r = ha_worker_harden();
	if (r == 0) {
		usable = load(&options, &imm, &fence);
		r = ha_worker_drop_capabilities();
		if (r == 0)
			r = fence_worker_run(options.fd, usable ? &imm : NULL, options.own, &fence);
		explicit_bzero(&imm, sizeof(imm));
	}
	if (r < 0)
		ha_log(LOG_ERR, "%s", strerror(-r));
	ha_log_close();
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
