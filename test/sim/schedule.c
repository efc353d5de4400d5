#include "test/sim/schedule.h"

#include "test/sim/fault.h"
#include "test/sim/pair.h"

#include <string.h>

#define FAULTS_MAX 7
#define QUIET      (8 * HA_SEC) /* until the pair is usually up */

static ha_time
pick(struct sim_random *r, const ha_time *times, unsigned count)
{
	return times[sim_below(r, count)];
}

static void
draw_timing(struct sim_random *r, struct world_config *c)
{
	static const ha_time hellos[] = { 200 * HA_MS, 500 * HA_MS, 500 * HA_MS, HA_SEC };
	static const ha_time afters[] = { HA_SEC, 3 * HA_SEC, 3 * HA_SEC, 5 * HA_SEC };
	static const ha_time settles[] = { 100 * HA_MS, HA_SEC, HA_SEC };
	static const ha_time delays[] = { 0, 5 * HA_SEC, 10 * HA_SEC, 10 * HA_SEC };
	static const ha_time adverts[] = { 100 * HA_MS, HA_SEC, HA_SEC };
	ha_time hello = pick(r, hellos, 4), after = pick(r, afters, 4), settle = pick(r, settles, 3);
	ha_time delay = pick(r, delays, 4), advert = pick(r, adverts, 3);
	bool v3 = sim_chance(r, 500);

	for (unsigned i = 0; i < HOSTS; i++) {
		struct node_config *n = &c->node[i];

		n->hello = hello;
		n->after = after;
		n->fence.settle = settle;
		n->priority_fencing_delay = delay;
		n->advert = hello < HA_SEC ? HA_SEC : advert;
		n->vrrp_version = v3 ? 3 : 2;
	}
}

static void
draw_policy(struct sim_random *r, struct world_config *c)
{
	bool preempt = sim_chance(r, 300), startup = sim_chance(r, 200), arbitrary = sim_chance(r, 300);
	bool none = sim_chance(r, 50), pinned = sim_chance(r, 500), equal = sim_chance(r, 100);
	ha_time preempt_delay = sim_chance(r, 500) ? 5 * HA_SEC : 0;
	unsigned samples = 2 + sim_chance(r, 200), links = sim_chance(r, 700) ? 2 : sim_chance(r, 500) ? 1 : LINKS;
	uint8_t priorities[HOSTS];
	enum fence_action action = sim_chance(r, 700)   ? FENCE_ACTION_REBOOT
				   : sim_chance(r, 800) ? FENCE_ACTION_OFF
							: FENCE_ACTION_CHECK;

	for (unsigned i = 0; i < HOSTS; i++)
		priorities[i] = (uint8_t)(1 + sim_below(r, 254));
	for (unsigned i = 0; i < HOSTS; i++) {
		struct node_config *n = &c->node[i];

		n->preempt = preempt;
		n->preempt_delay = preempt_delay;
		n->startup_fence = startup;
		n->startup_fence_delay = 40 * HA_SEC;
		n->fence.guid_none = none;
		n->fence.action = action;
		n->fence.samples = samples;
		n->link_count = links;
		n->release_timeout = 10 * HA_SEC;
		if (pinned)
			n->peer_guid = c->node[1 - i].guid;
		if (equal)
			n->priority = n->peer_priority = 100;
		else if (arbitrary)
			n->priority = priorities[i], n->peer_priority = priorities[1 - i];
	}
}

static void
draw_config(struct sim_random *r, struct world_config *c)
{
	pair_config(c);
	draw_timing(r, c);
	draw_policy(r, c);
	c->addresses = 1 + sim_chance(r, 300);
	c->checks = (enum sim_check_set)sim_below(r, CHECK_SETS);
	c->encode = sim_chance(r, 20);
	c->imm_on_service[A] = sim_chance(r, 200);
	c->imm_on_service[B] = sim_chance(r, 200);
	c->watchdog = sim_chance(r, 300) ? 10 * HA_SEC : HA_NEVER;
	c->boot_time = sim_between(r, 20 * HA_SEC, 40 * HA_SEC);
	c->chatter = sim_chance(r, 700);
	c->off_when_off = sim_chance(r, 500) ? 0xd5 : 0;
}

bool
schedule_run(struct world *w, uint64_t seed)
{
	struct sim_random r = { .state = seed };
	struct world_config config;
	unsigned faults;
	ha_time length;
	int serving;

	draw_config(&r, &config);
	world_init(w, &config, sim_random(&r));
	host_power_on(w, A);
	if (sim_chance(&r, 900))
		host_power_on(w, B);
	/* Boot, without the idle minutes. */
	world_pass(w, config.boot_time + QUIET);
	faults = 1 + sim_below(&r, FAULTS_MAX);
	length = sim_chance(&r, 700) ? sim_between(&r, 5 * HA_SEC, 30 * HA_SEC)
				     : sim_between(&r, 30 * HA_SEC, 120 * HA_SEC);
	for (unsigned i = 0; i < faults; i++)
		fault_plan(w, sim_between(&r, 0, length));
	world_pass(w, length);
	if (sim_chance(&r, 300))
		world_pass(w, 20 * HA_SEC);
	w->healing = true;
	pair_heal(w);
	if (!w->failed && !pair_settles(w, LIVENESS))
		oracle_violation(w, "after all faults ended nobody serves, or the pair is not at rest");
	serving = oracle_serving(w);
	return !w->failed && serving >= 0;
}
