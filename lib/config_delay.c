#include "lib/config_delay.h"

#include <stddef.h>

ha_time
config_device_patience(const struct config_device *device)
{
	return device->timeout + 5 * HA_SEC;
}

/* S9: of two that may both fence, the lower waits until the higher's power-down must have had its effect. An IMM has it
 * at once, an agent may need its time, first for a reading and then for the order; what the peer switches are this
 * node's outlets. */
ha_time
config_priority_delay(const struct config *config, const struct config_device **ret_slowest)
{
	const struct config_node *local = config_local(config);
	ha_time delay = config->fence.priority_fencing_delay;

	*ret_slowest = NULL;
	for (unsigned i = 0; i < local->device_count; i++) {
		ha_time twice = 2 * config_device_patience(&local->devices[i]);

		if (twice > delay) {
			delay = twice;
			*ret_slowest = &local->devices[i];
		}
	}
	return delay;
}
