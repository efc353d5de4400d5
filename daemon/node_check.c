/* What the configured checks mean to the node. */
#include "daemon/node_config.h"

void
node_config_checks(const struct config_check *checks, unsigned count, struct node_config *ret)
{
	ret->required_probes = false;
	ret->probe_patience = ret->start_delay = 0;
	for (unsigned i = 0; i < count; i++) {
		const struct config_check *check = &checks[i];

		ret->required_probes |= check->required_to_fence;
		/* A round may have to wait for a scheduled run of the same check first. */
		if (check->required_to_fence || check->type == CONFIG_CHECK_NFS)
			ret->probe_patience = ha_time_max(ret->probe_patience, 2 * check->timeout + 2 * HA_SEC);
		if (check->when_master)
			ret->start_delay = ha_time_max(ret->start_delay, check->start_delay);
	}
}
