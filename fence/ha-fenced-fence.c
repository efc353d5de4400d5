/* ha-fenced-fence -- talks to the peer's IMM for ha-fenced and ha-fence, which start it. Not to be started by hand. */
#include "fence/worker.h"
#include "lib/log.h"
#include "lib/worker.h"

#include <stdlib.h>
#include <string.h>

/* The peer's IMM and the times, and nothing else of the file, stay in memory. False: cannot be used, the reason is
 * logged. */
static bool
load(const struct ha_worker_options *options, struct config_imm *ret_imm, struct config_fence *ret_fence)
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
			r = fence_worker_run(options.fd, usable ? &imm : NULL, &fence);
		explicit_bzero(&imm, sizeof(imm));
	}
	if (r < 0)
		ha_log(LOG_ERR, "%s", strerror(-r));
	ha_log_close();
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
