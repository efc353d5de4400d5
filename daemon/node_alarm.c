/* Alarms are derived from the state at every step; only what has no state of its own is sticky. */
#include "daemon/node_step.h"

#include <string.h>

#define PATH_PATIENCE    (2 * HA_SEC)
#define CONFLICT_MEMORY  (30 * HA_SEC)
#define STALL_MEMORY     (60 * HA_SEC)
#define RESTART_MEMORY   (60 * HA_SEC)
#define DIFFERS_PATIENCE (60 * HA_SEC)
#define DIRTY_MEMORY     (600 * HA_SEC)
#define LOST_MEMORY      (60 * HA_SEC)
#define START_GRACE      (3 * HA_SEC) /* a fence process that has just started has not looked yet */
#define WAIT_GRACE       (2 * HA_SEC) /* a peer that starts at the same time is not waited for yet */
#define SLOW_RTT         (HA_SEC)

static bool
within(ha_time now, ha_time since, ha_time memory)
{
	return since != 0 && ha_time_since(now, since) < memory;
}

static uint64_t
device_alarm(const struct node *n, ha_time now)
{
	bool fresh = ha_time_since(now, ha_time_max(n->started_at, n->worker_changed)) < START_GRACE;

	if (!n->config.fence_configured)
		return alarm_bit(ALARM_FENCE_UNREACHABLE);
	if (!n->device.known)
		return 0;
	switch (n->device.error) {
	case FENCE_OK:
		break;
	case FENCE_UNREACHABLE:
	case FENCE_CONFIG:
	case FENCE_WORKER:
	case FENCE_TIMEOUT:
	case FENCE_GARBAGE:
		return fresh ? 0 : alarm_bit(ALARM_FENCE_UNREACHABLE);
	case FENCE_AUTHENTICATION:
		return alarm_bit(ALARM_FENCE_AUTHENTICATION);
	case FENCE_PRIVILEGE:
		return alarm_bit(ALARM_FENCE_PRIVILEGE);
	case FENCE_CIPHER:
		return alarm_bit(ALARM_FENCE_CIPHER);
	case FENCE_SESSIONS:
		return alarm_bit(ALARM_FENCE_SESSIONS);
	case FENCE_REFUSED:
	case FENCE_NOT_SENT:
	case FENCE_ERRORS:
		return 0;
	}
	if (!fence_identity_good(n->device.identity))
		return alarm_bit(ALARM_FENCE_IDENTITY);
	return n->device.rtt > SLOW_RTT ? alarm_bit(ALARM_FENCE_SLOW) : 0;
}

/* The peer is heard, holds nothing, and does not consent. */
static uint64_t
refused_alarm(const struct node *n, ha_time now)
{
	if (ha_time_since(now, n->claim.began) < WAIT_GRACE)
		return 0;
	if (n->peer.message.state == NODE_DIRTY)
		return alarm_bit(ALARM_DIRTY_RELEASE);
	if (memcmp(n->peer.message.vip_digest, n->config.vip_digest, VRRP_MESSAGE_DIGEST) != 0)
		return alarm_bit(ALARM_CONFIG_DIFFERS);
	return alarm_bit(ALARM_WAITING_FOR_PEER);
}

/* What a power-down that is not permitted yet is worth saying; `stuck`: as what. */
static uint64_t
permit_alarm(const struct node *n, enum fence_permit permit, uint64_t stuck)
{
	switch (permit) {
	case FENCE_WAIT_HEARD:
	case FENCE_WAIT_HEARD_SINCE_LOSS:
	case FENCE_WAIT_CREDIT:
		return stuck | alarm_bit(ALARM_LOOP_AVERTED);
	case FENCE_WAIT_FIT:
	case FENCE_WAIT_PROBES:
	case FENCE_WAIT_MAYBE_ALIVE:
		/* Until the delays are over nothing is kept from happening: a daemon that is restarted is no alarm. */
		return n->drained_at >= claim_shot_at(n) ? stuck : 0;
	case FENCE_PERMITTED:
	case FENCE_WAIT_PAUSED:
	case FENCE_WAIT_WIRE:
	case FENCE_WAIT_DELAYS:
	case FENCE_WAIT_REMEMBERED:
	case FENCE_PERMITS:
		break;
	}
	return 0;
}

/* Why an open claim does not come on. */
static uint64_t
claim_alarm(const struct node *n, ha_time now)
{
	const struct fence_plan *plan = &n->plan;
	uint64_t stuck = alarm_bit(n->peer.ever && !peer_left(n) ? ALARM_CLAIM_STUCK : ALARM_WAITING_FOR_PEER);
	uint64_t bits = 0;

	if (n->state != NODE_CLAIMING || n->claim.intent != NODE_INTENT_SUSPECT || n->claim.proof != NODE_PROOF_NONE)
		return 0;
	if (!n->config.fence_configured)
		return n->peer.heard ? 0 : alarm_bit(ALARM_CLAIM_STUCK);
	if (plan->still_on || plan->spent || (n->topology.disproved && !n->peer.heard))
		bits |= alarm_bit(ALARM_OFF_FAILED);
	/* VRRP comes from the peer's address and not one message of ha-fenced: a foreign daemon runs there. */
	if (n->peer.heard && !n->peer.ever)
		return bits | alarm_bit(ALARM_WAITING_FOR_PEER) | alarm_bit(ALARM_VIP_CONFLICT);
	if (n->peer.heard)
		return bits | refused_alarm(n, now);
	if (!n->peer.ever && ha_time_since(now, n->claim.began) < WAIT_GRACE)
		return bits;
	if (!fence_identity_good(plan->identity) && plan->error == FENCE_OK && plan->power == FENCE_POWER_UNKNOWN &&
		plan->identity != FENCE_IDENTITY_PEER)
		bits |= alarm_bit(ALARM_FENCE_IDENTITY);
	/* The next level is tried before anybody is called. */
	if (fence_topology_hopeful(&n->topology) && (bits != 0 || plan->error != FENCE_OK))
		return n->topology.phase == FENCE_TOPOLOGY_ON ? bits | permit_alarm(n, n->topology.permit, stuck)
							      : bits;
	if (plan->error != FENCE_OK && (plan->error != FENCE_REFUSED || plan->power == FENCE_POWER_UNKNOWN))
		return bits | alarm_bit(ALARM_CLAIM_STUCK) |
		       permit_alarm(n, n->topology.permit, 0); /* no proof of "off" */
	if (bits != 0)
		return bits | alarm_bit(ALARM_CLAIM_STUCK);
	if (plan->phase != FENCE_PLAN_ON)
		return 0;
	if (n->config.fence.action == FENCE_ACTION_CHECK)
		return stuck;
	return permit_alarm(n, plan->permit, stuck);
}

static uint64_t
path_alarm(const struct node *n, ha_time now)
{
	uint64_t bits = 0;
	ha_time patience = ha_time_max(PATH_PATIENCE, 4 * n->config.hello);

	for (unsigned i = 0; i < n->config.link_count; i++) {
		const struct node_link *link = &n->links[i];
		bool heard = link->last_message != 0 && ha_time_since(now, link->last_message) < patience;

		if (!link->up)
			bits |= alarm_bit(ALARM_LINK_DOWN);
		/* Of a path is spoken only while the peer is heard on another one. */
		if (!heard && n->peer.heard && ha_time_since(now, n->peer.heard_from) > patience)
			bits |= alarm_bit(ALARM_PATH_DOWN);
		if (heard && n->peer.ever && ha_time_since(now, n->peer.heard_from) > patience &&
			(n->peer.message.links_heard & 1u << i) == 0)
			bits |= alarm_bit(ALARM_PATH_ASYMMETRIC);
	}
	if (n->peer.heard && n->peer.message.state == NODE_MASTER && n->peer.holding_since != HA_NEVER) {
		ha_time from = ha_time_max(n->peer.holding_since, n->peer.last_advert);
		ha_time limit = 2 * HA_SEC + peer_master_down(n);

		if (n->links[0].up && ha_time_since(now, from) > limit && !n->peer.message.woke_late)
			bits |= alarm_bit(ALARM_VRRP_BLOCKED);
	}
	return bits;
}

static uint64_t
peer_alarm(const struct node *n, ha_time now, bool raised)
{
	/* A daemon that has just started, here or there (an upgrade in place), has not said yet what it can: that is no
	 * alarm before a silence would be one. One that is raised already stays. */
	ha_time known_from = ha_time_max(n->started_at, n->peer.heard_from);
	uint64_t bits = 0;

	if (n->state == NODE_MASTER && !peer_can_take(n) &&
		(raised || ha_time_since(now, known_from) >= node_silence_limit(n)))
		bits |= alarm_bit(ALARM_NO_STANDBY);
	if (n->peer.guid_changed)
		bits |= alarm_bit(ALARM_FENCE_IDENTITY);
	if (n->peer.differs_since != HA_NEVER && ha_time_since(now, n->peer.differs_since) >= DIFFERS_PATIENCE)
		bits |= alarm_bit(ALARM_CONFIG_DIFFERS);
	if (within(now, n->peer.last_mismatch, CONFLICT_MEMORY))
		bits |= alarm_bit(ALARM_ADVERT_MISMATCH) | alarm_bit(ALARM_VIP_CONFLICT);
	if (within(now, n->peer.last_foreign, CONFLICT_MEMORY) || within(now, n->conflict_at, CONFLICT_MEMORY))
		bits |= alarm_bit(ALARM_VIP_CONFLICT);
	return bits;
}

static uint64_t
own_alarm(const struct node *n, ha_time now)
{
	uint64_t bits = 0;

	if (n->state == NODE_DIRTY || within(now, n->dirty_at, DIRTY_MEMORY))
		bits |= alarm_bit(ALARM_DIRTY_RELEASE);
	if (within(now, n->vip_lost_at, LOST_MEMORY))
		bits |= alarm_bit(ALARM_VIP_LOST);
	if (n->health.check_failed)
		bits |= alarm_bit(ALARM_CHECK_FAILED);
	if (n->health.storage_hung)
		bits |= alarm_bit(ALARM_STORAGE_HUNG);
	if (within(now, n->last_late, STALL_MEMORY))
		bits |= alarm_bit(ALARM_STALLED);
	if (within(now, n->worker_restarted, RESTART_MEMORY))
		bits |= alarm_bit(ALARM_WORKER_RESTARTED);
	if (n->restore.failed || n->repower.failed)
		bits |= alarm_bit(ALARM_POWER_UP_FAILED);
	if (n->memory.standby)
		bits |= alarm_bit(ALARM_STANDBY_ON);
	if (node_paused(n, now))
		bits |= alarm_bit(ALARM_PAUSED);
	if (n->remember_failed)
		bits |= alarm_bit(ALARM_RESOURCES);
	return bits;
}

void
alarm_update(struct node *n, ha_time now)
{
	bool no_standby = (n->alarms & alarm_bit(ALARM_NO_STANDBY)) != 0;

	if (n->peer.ever && n->peer.heard && n->peer.message.fit)
		n->sticky &= ~alarm_bit(ALARM_FENCED);
	if (levels_trouble(n))
		n->alarms = alarm_bit(ALARM_FENCE_UNREACHABLE);
	else
		n->alarms = 0;
	n->alarms |= n->sticky | device_alarm(n, now) | claim_alarm(n, now) | path_alarm(n, now) |
		     peer_alarm(n, now, no_standby) | own_alarm(n, now);
}
