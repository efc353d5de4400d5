#include "test/sim/pair.h"

#include <string.h>

#define AT_REST (5 * HA_SEC)

static void
node_config(struct node_config *c, unsigned host)
{
	*c = (struct node_config){ .priority = host == A ? 100 : 90,
		.peer_priority = host == A ? 90 : 100,
		.hello = 200 * HA_MS,
		.advert = HA_SEC,
		.vrrp_version = 2,
		.fence_configured = true,
		.after = 3 * HA_SEC,
		.priority_fencing_delay = 10 * HA_SEC,
		.startup_fence_delay = 600 * HA_SEC,
		.release_timeout = 30 * HA_SEC,
		.garp_delay = 5 * HA_SEC,
		.link_count = 2 };
	strcpy(c->cluster, "tomcat");
	strcpy(c->name, host == A ? "NodeA" : "NodeB");
	strcpy(c->peer, host == A ? "NodeB" : "NodeA");
	memset(c->guid.bytes, host == A ? 0xaa : 0xbb, sizeof(c->guid.bytes));
	c->guid.bytes[0] = 1; /* not a palindrome: byte orders differ */
	memset(c->config_digest, 1, sizeof(c->config_digest));
	memset(c->vip_digest, 2, sizeof(c->vip_digest));
	c->fence = (struct fence_plan_config){ .action = FENCE_ACTION_REBOOT,
		.samples = 2,
		.settle = HA_SEC,
		.power_timeout = 20 * HA_SEC,
		.own = c->guid };
}

void
pair_config(struct world_config *ret)
{
	*ret = (struct world_config){ .addresses = 1,
		.checks = CHECKS_REFERENCE,
		.restarts = true,
		.watchdog = HA_NEVER,
		.boot_time = 30 * HA_SEC,
		.chatter = true,
		.monitor_interval = 5 * HA_SEC };
	for (unsigned host = 0; host < HOSTS; host++)
		node_config(&ret->node[host], host);
}

static void
heal_host(struct world *w, unsigned host)
{
	struct sim_host *h = &w->hosts[host];

	h->record_fails = h->memory_fails = h->remove_fails = h->unstoppable = h->nfs_hung = h->gateway_lost = false;
	memset(h->add_fails, 0, sizeof(h->add_fails));
	h->kernel_delay = 2 * HA_MS;
	h->broken = h->loaded = h->maintenance = h->supply_lost = false;
	h->memory.standby = false;
	h->daemon.trap.kind = TRAP_NONE;
	h->daemon.jitter = HA_MS;
	h->daemon.enabled = true;
	worker_hang(w, host, false);
	host_thaw(w, host);
	if (h->daemon.stalled)
		daemon_wake(w, host);
	host_power_on(w, host);
	daemon_start(w, host); /* if it is up, but not its daemon */
	daemon_command(w, host, NODE_CMD_RESUME, 0);
	daemon_command(w, host, NODE_CMD_UNSTANDBY, 0);
}

static void
heal_imm(struct world *w, unsigned i)
{
	struct sim_imm *imm = &w->imms[i];
	struct ha_guid guid = imm->guid;
	uint32_t epoch = imm->epoch + !imm->alive;

	if (i < HOSTS)
		guid = w->config.node[i].guid;
	*imm = (struct sim_imm){ .alive = true,
		.reachable = true,
		.guid_known = true,
		.powers_up = true,
		.delay = 2 * HA_MS,
		.epoch = epoch,
		.guid = guid };
}

void
pair_heal(struct world *w)
{
	trace(w, -1, "---- everything is repaired ----");
	w->keys_differ = w->third_has_vip = false;
	for (unsigned link = 0; link < LINKS; link++) {
		network_switch(w, link, true, 0);
		for (unsigned host = 0; host < HOSTS; host++) {
			w->paths[host][link] = (struct sim_path){ .delay = 100, .jitter = 100 };
			network_cable(w, host, link, true);
		}
	}
	for (unsigned i = 0; i < IMMS; i++)
		heal_imm(w, i);
	pdu_heal(w);
	w->imm_target[A] = B;
	w->imm_target[B] = A;
	for (unsigned host = 0; host < HOSTS; host++)
		heal_host(w, host);
	network_changed(w);
}

/* ... or asks, now and then, to take over because it is better: a holder that could not release rests before it tries
 * again. */
static bool
is_backup(const struct node *n)
{
	return n->state == NODE_BACKUP || (n->state == NODE_CLAIMING && n->claim.intent == NODE_INTENT_PREEMPT);
}

/* Somebody serves, and the other one stands by, unless it was powered down by right (then somebody may leave it off).
 */
static bool
rests(const struct world *w)
{
	int serving = oracle_serving(w);
	const struct sim_host *other;

	if (serving < 0)
		return false;
	other = &w->hosts[1 - serving];
	return !other->powered || (other->daemon.alive && !other->daemon.stalled && is_backup(&other->daemon.node) &&
					  w->hosts[serving].daemon.node.peer.heard);
}

bool
pair_settles(struct world *w, ha_time limit)
{
	ha_time until = w->now + limit, since = HA_NEVER;

	while (w->now < until && !w->failed) {
		world_pass(w, HA_SEC);
		if (!rests(w))
			since = HA_NEVER;
		else if (since == HA_NEVER)
			since = w->now;
		else if (w->now >= since + AT_REST)
			return true;
	}
	return false;
}
