/* ha-fenced-health -- runs the health checks for ha-fenced and ha-fence, which start it. Not to be started by hand. */
#include "health/worker.h"
#include "lib/log.h"
#include "lib/worker.h"

#include <stdlib.h>
#include <string.h>

/* S11: neither passwords nor keys. NULL: cannot be used, the reason is logged. */
static struct config *
load(const struct ha_worker_options *options)
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
	struct ha_worker_options options;
	struct health_worker *worker = NULL;
	struct config *config;
	int r;

	if (!ha_worker_options(argc, argv, &options))
		return HA_WORKER_USAGE;
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
