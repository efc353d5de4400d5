#include "test/sim/schedule.h"

#include "test/sim/pair.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REPLACED (20 * HA_SEC) /* a master without power, by the word of its IMM */
#define UNSTUCK  (10 * HA_SEC) /* a claim whose IMM has returned */
#define QUIET    (8 * HA_SEC)  /* until the pair is usually up */

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
draw_outlets(struct sim_random *r, struct world_config *c)
{
	static const uint8_t levels[][3] = { { 2 }, { 2, 2 }, { 2, 2, 3 }, { 2, 3, 3 } };
	static const unsigned counts[] = { 1, 2, 3, 3 };
	unsigned drawn = sim_below(r, 10);

	if (drawn < 4)
		pair_outlets(c, counts[drawn], levels[drawn]);
}

static void
draw_config(struct sim_random *r, struct world_config *c)
{
	pair_config(c);
	draw_timing(r, c);
	draw_policy(r, c);
	draw_outlets(r, c);
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

void
schedule_draw(uint64_t seed, struct schedule *ret)
{
	struct sim_random r = { .state = seed };
	unsigned epilogue;

	draw_config(&r, &ret->config);
	ret->seed = sim_random(&r);
	ret->both = sim_chance(&r, 900);
	ret->fault_count = 1 + sim_below(&r, SCHEDULE_FAULTS);
	ret->length = sim_chance(&r, 700) ? sim_between(&r, 5 * HA_SEC, 30 * HA_SEC)
					  : sim_between(&r, 30 * HA_SEC, 120 * HA_SEC);
	for (unsigned i = 0; i < ret->fault_count; i++)
		fault_draw(&r, ret->length, &ret->faults[i]);
	ret->idle = sim_chance(&r, 300) ? 20 * HA_SEC : 0;
	epilogue = sim_below(&r, 10);
	ret->epilogue = epilogue < 2 ? EPILOGUE_POWER_CUT : epilogue < 4 ? EPILOGUE_STUCK : EPILOGUE_NONE;
}

static bool
serves_within(struct world *w, int host, ha_time limit)
{
	ha_time until = w->now + limit;

	while (!w->failed && w->now < until && oracle_serving(w) != host)
		world_pass(w, 100 * HA_MS);
	return oracle_serving(w) == host;
}

static bool
is_ready(const struct node *n)
{
	const struct node_link *link = &n->links[SERVICE];
	bool works = link->up && (link->heard_since_up || n->now >= link->up_since + NODE_LINK_SETTLE);

	return n->state == NODE_BACKUP && works && n->paused_until <= n->now && n->device.error == FENCE_OK &&
	       n->device.power == FENCE_POWER_ON;
}

/* The standby has looked at the IMM since it was repaired (a session that was refused is tried again after a while),
 * and its port is known to work (S13); no pause is in force. */
static bool
standby_ready(struct world *w, unsigned host)
{
	ha_time until = w->now + 90 * HA_SEC;

	while (!w->failed && w->now < until && !(w->hosts[host].powered && is_ready(&w->hosts[host].daemon.node)))
		world_pass(w, HA_SEC);
	return !w->failed && w->now < until;
}

static void
epilogue(struct world *w, enum schedule_epilogue what)
{
	int master = oracle_serving(w), standby = 1 - master;

	if (what == EPILOGUE_NONE || !w->hosts[standby].powered || !standby_ready(w, (unsigned)standby) ||
		oracle_serving(w) != master)
		return;
	trace(w, -1, "---- and then: the master's power goes%s ----", what == EPILOGUE_STUCK ? ", and its IMM's" : "");
	if (what == EPILOGUE_STUCK) {
		w->imms[master].alive = false;
		w->imms[master].epoch++;
	}
	host_power_off(w, (unsigned)master);
	if (what == EPILOGUE_STUCK) {
		world_pass(w, 25 * HA_SEC);
		if (!w->hosts[standby].powered) /* by an order that an IMM executes very late */
			return;
		/* With outlets it need not be. */
		if ((w->hosts[standby].daemon.node.alarms & alarm_bit(ALARM_CLAIM_STUCK)) == 0 &&
			oracle_serving(w) != standby)
			oracle_violation(w, "node %d is stuck and does not say so", standby);
		trace(w, -1, "---- the IMM returns ----");
		w->imms[master].alive = true;
		imm_reset(w, (unsigned)master, 0, 0);
	}
	if (!serves_within(w, standby, what == EPILOGUE_STUCK ? UNSTUCK : REPLACED) && w->hosts[standby].powered)
		oracle_violation(w, "node %d does not replace a master that is off", standby);
}

/* Both hosts are off, one of them by an order that its IMM executed long after it had accepted it: no node is left that
 * could do anything. A person switches them on, and the pair must be well again after that. */
static bool
settles_by_hand(struct world *w, ha_time healed)
{
	if (w->hosts[A].powered || w->hosts[B].powered || w->late_cut < healed)
		return false;
	trace(w, -1, "---- both are off: somebody switches them on ----");
	host_power_on(w, A);
	host_power_on(w, B);
	return pair_settles(w, LIVENESS);
}

bool
schedule_play(struct world *w, const struct schedule *schedule)
{
	world_init(w, &schedule->config, schedule->seed);
	host_power_on(w, A);
	if (schedule->both)
		host_power_on(w, B);
	/* Boot, without the idle minutes. */
	world_pass(w, schedule->config.boot_time + QUIET);
	fault_schedule(w, schedule->faults, schedule->fault_count);
	world_pass(w, schedule->length + schedule->idle);
	w->healing = true;
	pair_heal(w);
	ha_time healed = w->now;
	if (!w->failed && !pair_settles(w, LIVENESS) && !w->failed && !settles_by_hand(w, healed))
		oracle_violation(w, "after all faults ended nobody serves, or the pair is not at rest");
	if (!w->failed && oracle_serving(w) < 0)
		oracle_violation(w, "nobody serves in the end");
	if (!w->failed)
		epilogue(w, schedule->epilogue);
	w->stats.failed += w->failed;
	return !w->failed;
}

static double
seconds(ha_time time)
{
	return time == HA_NEVER ? -1 : (double)time / (double)HA_SEC;
}

void
schedule_print(const struct schedule *s)
{
	static const char *const actions[] = { "reboot", "off", "check" };
	const struct world_config *c = &s->config;
	const struct node_config *n = &c->node[A];

	printf("priorities %u %u, preempt %d after %.1f s, hello %.1f, advert %.1f, v%u, links %u, addresses %u, "
	       "checks %d\n",
		n->priority, n->peer_priority, n->preempt, seconds(n->preempt_delay), seconds(n->hello),
		seconds(n->advert), n->vrrp_version, n->link_count, c->addresses, (int)c->checks);
	printf("action %s, after %.1f, delay %.1f, settle %.1f, samples %u, startup %s, guid %s\n",
		actions[n->fence.action], seconds(n->after), seconds(n->priority_fencing_delay),
		seconds(n->fence.settle), n->fence.samples, n->startup_fence ? "fence" : "wait",
		n->fence.guid_none              ? "none"
		: ha_guid_is_set(&n->peer_guid) ? "pinned"
						: "announced");
	printf("IMM on the service LAN %d %d, watchdog %.0f, boot %.0f, chatter %d, codec %d, off when off %02x\n",
		c->imm_on_service[A], c->imm_on_service[B], seconds(c->watchdog), seconds(c->boot_time), c->chatter,
		c->encode, c->off_when_off);
	for (unsigned i = 0; i < s->fault_count; i++)
		printf("fault at %.3f: %s, host %c, for %.3f\n", seconds(s->faults[i].at), fault_name(&s->faults[i]),
			s->faults[i].host == A ? 'A' : 'B', seconds(s->faults[i].duration));
	printf("repaired after %.3f; then %s\n", seconds(s->length + s->idle),
		s->epilogue == EPILOGUE_NONE        ? "nothing"
		: s->epilogue == EPILOGUE_POWER_CUT ? "the master's power goes"
						    : "the power of the master and of its IMM goes");
}
