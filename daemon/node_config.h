/* daemon/node_config.h -- from the file's words to the node's.
 *
 * Pure. The promise: everything the node decides by comes from here, and nothing that is secret. */
#ifndef HA_DAEMON_NODE_CONFIG_H
#define HA_DAEMON_NODE_CONFIG_H

#include "daemon/node.h"
#include "lib/config.h"

/* `own`: this machine's GUID (daemon/guid.h), unset if unknown. */
void node_config_from(const struct config *config, const struct ha_guid *own, struct node_config *ret);
/* The part of it that the checks decide: what is required before a power-down, and how long an answer may take. */
void node_config_checks(const struct config_check *checks, unsigned count, struct node_config *ret);

/* The levels behind the IMM of `node`. */
void node_topology_from(
	const struct config *config, const struct config_node *node, struct fence_topology_config *ret_topology);

#endif
