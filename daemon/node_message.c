#include "daemon/node_step.h"

#include <string.h>

#define HEARD_LINK (HA_SEC) /* a link without a message for so long is not "heard" in links_heard */

static uint8_t
links_heard(const struct node *n, ha_time now)
{
	uint8_t bits = 0;

	for (unsigned i = 0; i < n->config.link_count; i++) {
		if (n->links[i].last_message != 0 &&
			ha_time_since(now, n->links[i].last_message) < ha_time_max(HEARD_LINK, 4 * n->config.hello))
			bits |= (uint8_t)(1u << i);
	}
	return bits;
}

static uint32_t
paused_seconds(const struct node *n, ha_time now)
{
	if (n->paused_until == HA_NEVER)
		return UINT32_MAX;
	if (n->paused_until <= now)
		return 0;
	return (uint32_t)((n->paused_until - now) / HA_SEC + 1);
}

static void
describe(const struct node *n, ha_time now, struct vrrp_message *m)
{
	const struct node_config *c = &n->config;

	*m = (struct vrrp_message){ .version = VRRP_MESSAGE_VERSION };
	memcpy(m->cluster, c->cluster, sizeof(m->cluster));
	memcpy(m->sender, c->name, sizeof(m->sender));
	m->guid = c->guid;
	m->incarnation = n->window.my_incarnation;
	m->sequence = n->sequence;
	m->echo_incarnation = n->echo_incarnation;
	m->echo_sequence = n->echo_sequence;
	m->links_heard = links_heard(n, now);
	m->state = n->state;
	m->holding = node_holding(n);
	m->proof = n->record.proof;
	m->woke_late = n->record.woke_late;
	m->fit = n->health.fit && n->links[0].up;
	m->standby = n->memory.standby;
	m->paused_s = paused_seconds(n, now);
	m->pause_generation = n->pause_generation;
	m->leaving = n->stopping;
	m->handover = n->handover && n->state == NODE_MASTER;
	/* Where no record of this boot says that we held, the machine is clean but for what cannot be proven yet: no
	 * reason to be powered down. */
	m->dirty = n->state == NODE_DIRTY && n->release_reason != NODE_RELEASE_START && now >= n->plead_at;
	m->priority = c->priority;
	m->effective_priority = n->health.effective_priority;
	m->claim = n->state == NODE_CLAIMING ? n->claim.number : 0;
	m->intent = n->claim.intent;
	m->claim_priority = n->claim.priority;
	m->power_down_sent = m->claim != 0 && claim_power_down_sent(n);
	m->can_fence = node_can_fence(n);
	m->fence_error = (uint8_t)(n->device.known ? n->device.error : FENCE_UNREACHABLE);
	m->peer_power = (uint8_t)n->device.power;
	m->fence_rtt_us = n->device.rtt > UINT32_MAX ? UINT32_MAX : (uint32_t)n->device.rtt;
	m->alarms = n->alarms;
	m->storage_probe_age_ms = UINT32_MAX;
	if (n->storage_probed != 0)
		m->storage_probe_age_ms = (uint32_t)ha_time_min((now - n->storage_probed) / HA_MS, UINT32_MAX - 1);
	memcpy(m->config_digest, c->config_digest, sizeof(m->config_digest));
	memcpy(m->vip_digest, c->vip_digest, sizeof(m->vip_digest));
	memcpy(m->config_groups, c->config_groups, sizeof(m->config_groups));
}

void
node_describe(const struct node *node, ha_time now, struct vrrp_message *ret)
{
	describe(node, now, ret);
}

static void
send(struct step *s, uint64_t grant, uint64_t denied)
{
	struct node *n = s->n;
	struct node_action *action = step_act(s, NODE_SEND);

	n->sequence++;
	vrrp_window_sent(&n->window, n->sequence);
	describe(n, s->now, &action->message);
	action->message.grant = grant;
	action->message.denied = denied;
	action->links = (1u << n->config.link_count) - 1;
	n->hello_at = s->now + n->config.hello;
	n->said_at = s->now;
}

void
say(struct step *s)
{
	send(s, 0, 0);
}

void
say_grant(struct step *s, uint64_t claim)
{
	send(s, claim, 0);
}

void
say_no(struct step *s, uint64_t claim)
{
	send(s, 0, claim);
}
