/* lib/config_delay.h -- how long power-downs take and wait, by the configuration.
 *
 * Pure. The promise: what the node waits for and what `ha-fence show-config` says of it is the same figure. */
#ifndef HA_LIB_CONFIG_DELAY_H
#define HA_LIB_CONFIG_DELAY_H

#include "lib/config.h"

/* What an order to a device may take at most: it may have to end a question of its own first. */
ha_time config_device_patience(const struct config_device *device);
/* priority_fencing_delay as it is in effect on the local node. *ret_slowest: the device that makes it longer than
 * configured, or NULL. */
ha_time config_priority_delay(const struct config *config, const struct config_device **ret_slowest);

#endif
