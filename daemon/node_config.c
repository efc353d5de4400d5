#include "daemon/node_config.h"

#include "lib/config_delay.h"

#include <string.h>

_Static_assert(CONFIG_NAME_MAX <= VRRP_MESSAGE_NAME, "a name of the configuration fits a message");
_Static_assert(CONFIG_DIGEST == VRRP_MESSAGE_DIGEST && CONFIG_GROUPS <= VRRP_MESSAGE_GROUPS,
	"digests of the configuration fit a message");
_Static_assert(CONFIG_LINKS == NODE_LINKS, "every configured link has a place in the node");

static enum fence_action
action_from(enum config_fence_action action)
{
	switch (action) {
	case CONFIG_FENCE_REBOOT:
		return FENCE_ACTION_REBOOT;
	case CONFIG_FENCE_OFF:
		return FENCE_ACTION_OFF;
	case CONFIG_FENCE_CHECK:
		break;
	}
	return FENCE_ACTION_CHECK;
}

static void
fence_from(const struct config *config, const struct ha_guid *own, struct fence_plan_config *ret)
{
	*ret = (struct fence_plan_config){
		.action = action_from(config->fence.action),
		.samples = config->fence.samples,
		.settle = config->fence.settle,
		.power_timeout = config->fence.power_timeout,
		.guid_none = config_peer(config)->imm.guid_none,
		.own = *own,
	};
}

_Static_assert(CONFIG_DEVICES == FENCE_FEEDS, "every configured device has a place in the topology");

void
node_topology_from(
	const struct config *config, const struct config_node *node, struct fence_topology_config *ret_topology)
{
	*ret_topology = (struct fence_topology_config){ .action = action_from(config->fence.action),
		.samples = config->fence.samples,
		.settle = config->fence.settle,
		.power_timeout = config->fence.power_timeout,
		.count = node->device_count };
	for (unsigned i = 0; i < node->device_count; i++) {
		ret_topology->level[i] = (uint8_t)node->devices[i].level;
		ret_topology->patience[i] = config_device_patience(&node->devices[i]);
	}
}

void
node_config_from(const struct config *config, const struct ha_guid *own, struct node_config *ret)
{
	const struct config_node *local = config_local(config), *peer = config_peer(config);
	const struct config_device *slowest;

	*ret = (struct node_config){
		.priority = local->priority,
		.peer_priority = peer->priority,
		.hello = config->hello_interval,
		.advert = config->vrrp.advert_interval,
		.vrrp_version = config->vrrp.version,
		.preempt = config->vrrp.preempt,
		.preempt_delay = config->vrrp.preempt_delay,
		.fence_configured = peer->imm.configured,
		.after = config->fence.after,
		.priority_fencing_delay = config_priority_delay(config, &slowest),
		.startup_fence = config->fence.startup == CONFIG_STARTUP_FENCE,
		.startup_fence_delay = config->fence.startup_fence_delay,
		.release_timeout = config->release.release_timeout,
		.garp_delay = config->vrrp.garp_master_delay,
		.garp_refresh = config->vrrp.garp_master_refresh,
		.link_count = local->link_count,
		.guid = *own,
		.peer_guid = ha_guid_is_set(&peer->imm.guid) ? peer->imm.guid : peer->guid,
	};
	strcpy(ret->cluster, config->cluster);
	strcpy(ret->name, local->name);
	strcpy(ret->peer, peer->name);
	memcpy(ret->config_digest, config->digest, sizeof(ret->config_digest));
	memcpy(ret->vip_digest, config->vip_digest, sizeof(ret->vip_digest));
	config_group_digests(config, ret->config_groups);
	fence_from(config, own, &ret->fence);
	node_topology_from(config, peer, &ret->topology);
	node_config_checks(config->checks, config->check_count, ret);
}
