/* ha-fenced-health -- runs the health checks for ha-fenced and ha-fence, which start it. Not to be started by hand. */
#include "health/worker.h"
#include "lib/log.h"
#include "lib/worker.h"

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
	config = ha_worker_config(&options, 0); /* S11: neither passwords nor keys */
	r = ha_worker_harden();
	if (r == 0)
		r = health_worker_open(options.fd, config, &worker);
	if (r == 0)
		r = ha_worker_drop_capabilities();
	if (r == 0)
		r = health_worker_run(worker);
	if (worker)
		health_worker_close(worker);
	if (config)
		config_free(config);
	return ha_worker_exit(r);
}
