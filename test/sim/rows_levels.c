/* test/sim/rows_levels.c -- FAULTS.md 18 in its many forms: outlets as the levels behind the IMM. */
#include "test/sim/row.h"

#define LEVEL_TWO (25 * HA_SEC) /* `after`, the IMM's failure, and what agents take */

void
pair_outlets(struct world_config *c, unsigned count, const uint8_t *levels)
{
	for (unsigned host = 0; host < HOSTS; host++) {
		struct fence_topology_config *t = &c->node[host].topology;

		*t = (struct fence_topology_config){ .action = c->node[host].fence.action,
			.samples = c->node[host].fence.samples,
			.settle = c->node[host].fence.settle,
			.power_timeout = c->node[host].fence.power_timeout,
			.count = count };
		for (unsigned i = 0; i < count; i++) {
			t->level[i] = levels[i];
			t->patience[i] = 12 * HA_SEC;
		}
	}
}

static void
up_with_levels(struct world *w, unsigned count, const uint8_t *levels)
{
	struct world_config c;

	pair_config(&c);
	pair_outlets(&c, count, levels);
	up_with(w, &c);
	after(w, 30 * HA_SEC);
}

static void
two_feeds(struct world *w)
{
	static const uint8_t levels[] = { 2, 2 };

	up_with_levels(w, 2, levels);
}

static void
outlets_off(struct world *w, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		expect(w, !w->pdu.outlets[A][i].on, "its outlets are off");
}

/* Whoever takes over switches them on again at once. */
static void
until_outlets_off(struct world *w, ha_time limit)
{
	for (ha_time at = w->now; !pdu_all_off(w, A) && w->now < at + limit;)
		after(w, 10 * HA_MS);
	outlets_off(w, 2);
}

/* A's power supplies burn: host and IMM are dark, the outlets are on. */
static void
burn(struct world *w)
{
	imm_dies(w, A);
	host_power_off(w, A);
}

static void
power_lost(struct world *w)
{
	two_feeds(w);
	burn(w);
	until_serves(w, B, LEVEL_TWO);
	outlets_off(w, 2);
	shots(w, A, 0);
	not_alarmed(w, B, ALARM_CLAIM_STUCK);
	alarmed(w, B, ALARM_FENCE_UNREACHABLE);
	alarmed(w, B, ALARM_FENCED);
	after(w, 120 * HA_SEC);
	expect(w, w->pdu.outlets[A][0].on && w->pdu.outlets[A][1].on, "the outlets are on again");
	serves(w, B);
	is_on(w, A);
}

static void
left_off(struct world *w)
{
	static const uint8_t levels[] = { 2, 2 };
	struct world_config c;

	pair_config(&c);
	c.node[A].fence.action = c.node[B].fence.action = FENCE_ACTION_OFF;
	pair_outlets(&c, 2, levels);
	up_with(w, &c);
	burn(w);
	until_serves(w, B, LEVEL_TWO);
	after(w, 120 * HA_SEC);
	outlets_off(w, 2);
	serves(w, B);
}

static void
frozen(struct world *w)
{
	two_feeds(w);
	imm_dies(w, A);
	after(w, 20 * HA_SEC);
	serves(w, A); /* 19: an IMM alone is no reason */
	expect(w, w->power_downs == 0, "no power-down was sent");
	host_freeze(w, A, false);
	until_serves(w, B, LEVEL_TWO);
	shots(w, A, 1);
	after(w, 120 * HA_SEC);
	serves(w, B);
	is_on(w, A);
	shots(w, A, 1);
}

/* The IMM takes the power-down and the host stays on. */
static void
imm_cannot(struct world *w)
{
	two_feeds(w);
	w->imms[A].stuck_on = true;
	host_freeze(w, A, false);
	until_outlets_off(w, 60 * HA_SEC);
	until_serves(w, B, LEVEL_TWO);
	alarmed(w, B, ALARM_OFF_FAILED);
}

static void
imm_refuses(struct world *w)
{
	two_feeds(w);
	w->imms[A].refuse = 0xd5;
	host_freeze(w, A, false);
	until_outlets_off(w, 60 * HA_SEC);
	until_serves(w, B, LEVEL_TWO);
}

/* While the IMM says on and is able, its outlets are left alone, however long the permission takes. */
static void
imm_waits(struct world *w)
{
	two_feeds(w);
	daemon_stop(w, B); /* a master that was stopped in order is not powered down for its silence */
	after(w, 5 * HA_SEC);
	daemon_start(w, B);
	daemon_kill(w, A);
	after(w, 60 * HA_SEC);
	expect(w, w->pdu.outlets[A][0].on && w->pdu.outlets[A][1].on, "the outlets are on");
}

static void
one_feed_dead(struct world *w)
{
	two_feeds(w);
	w->pdu.outlets[A][1].reachable = false;
	imm_dies(w, A);
	host_freeze(w, A, false);
	after(w, 60 * HA_SEC);
	is_on(w, A); /* by its second feed */
	holds(w, A);
	expect(w, !kernel_has_vip(w, B), "B does not claim");
	alarmed(w, B, ALARM_CLAIM_STUCK);
	w->pdu.outlets[A][1].reachable = true;
	until_serves(w, B, LEVEL_TWO);
	is_off(w, A);
}

static void
third_level(struct world *w)
{
	static const uint8_t levels[] = { 2, 3, 3 };

	up_with_levels(w, 3, levels);
	w->pdu.outlets[A][0].reachable = false;
	imm_dies(w, A);
	host_freeze(w, A, false);
	until_serves(w, B, 2 * LEVEL_TWO);
	expect(w, w->pdu.outlets[A][0].on, "level 2 is as it was");
	expect(w, !w->pdu.outlets[A][1].on && !w->pdu.outlets[A][2].on, "the outlets of level 3 are off");
	shots(w, A, 1);
}

/* An outlet that is off although the machine runs feeds nothing, and proves nothing. */
static void
unused_outlet(struct world *w)
{
	two_feeds(w);
	w->pdu.outlets[A][0].on = w->pdu.outlets[A][1].on = false;
	w->pdu.outlets[A][0].feeds = w->pdu.outlets[A][1].feeds = false;
	after(w, 30 * HA_SEC);
	alarmed(w, B, ALARM_FENCE_UNREACHABLE);
	imm_dies(w, A);
	split(w, true);
	after(w, 60 * HA_SEC);
	holds(w, A);
	expect(w, !kernel_has_vip(w, B), "B does not claim");
	alarmed(w, B, ALARM_CLAIM_STUCK);
}

/* One of two is somebody else's, and off: the other one alone is no proof. */
static void
half_unused(struct world *w)
{
	two_feeds(w);
	w->pdu.outlets[A][1].on = false;
	w->pdu.outlets[A][1].feeds = false;
	imm_dies(w, A);
	split(w, true);
	after(w, 60 * HA_SEC);
	holds(w, A);
	expect(w, !kernel_has_vip(w, B), "B does not claim");
	is_on(w, A);
}

/* Outlets of another machine: on, switched off, and the peer speaks again. */
static void
outlets_of_another(struct world *w)
{
	two_feeds(w);
	w->pdu.outlets[A][0].feeds = w->pdu.outlets[A][1].feeds = false;
	imm_dies(w, A);
	split(w, true);
	until_outlets_off(w, 30 * HA_SEC);
	after(w, 500 * HA_MS);
	split(w, false);
	after(w, 5 * HA_SEC);
	serves(w, A);
	expect(w, !kernel_has_vip(w, B), "B does not claim");
	split(w, true); /* again: what was heard is remembered */
	after(w, 90 * HA_SEC);
	holds(w, A);
	expect(w, !kernel_has_vip(w, B), "B does not claim");
}

/* A level of which one feed does not even answer is not begun; the IMM comes back meanwhile. */
static void
imm_returns_first(struct world *w)
{
	two_feeds(w);
	w->pdu.outlets[A][1].reachable = false;
	imm_dies(w, A);
	split(w, true);
	after(w, 40 * HA_SEC);
	expect(w, w->pdu.outlets[A][0].on, "its first outlet is on");
	is_on(w, A);
	imm_returns(w, A);
	until_serves(w, B, LEVEL_TWO);
	expect(w, w->pdu.outlets[A][0].on, "its first outlet is on");
	shots(w, A, 1);
}

static void
stuck_outlet(struct world *w)
{
	two_feeds(w);
	w->pdu.outlets[A][1].stuck_on = true;
	imm_dies(w, A);
	host_freeze(w, A, false);
	after(w, 60 * HA_SEC);
	is_on(w, A);
	expect(w, !kernel_has_vip(w, B), "B does not claim");
}

/* S9: a second power-down needs a minute of hearing, by whatever level. */
static void
no_loop(struct world *w)
{
	two_feeds(w);
	imm_dies(w, A);
	host_freeze(w, A, false);
	until_serves(w, B, LEVEL_TWO);
	shots(w, A, 1);
	imm_dies(w, A);
	split(w, true);
	after(w, 180 * HA_SEC);
	serves(w, B);
	is_on(w, A);
	shots(w, A, 1);
	shots(w, B, 0);
}

/* The same with two levels that answer: going round them switches nothing off, and says why. */
static void
no_loop_of_levels(struct world *w)
{
	static const uint8_t levels[] = { 2, 3 };

	up_with_levels(w, 2, levels);
	imm_dies(w, A);
	host_freeze(w, A, false);
	until_serves(w, B, LEVEL_TWO);
	shots(w, A, 1);
	after(w, 50 * HA_SEC); /* A boots, and is heard for less than 60 s */
	daemon_command(w, B, NODE_CMD_SWITCHOVER, 0);
	after(w, 5 * HA_SEC);
	serves(w, A);
	imm_dies(w, A);
	host_freeze(w, A, false);
	after(w, 120 * HA_SEC);
	expect(w, (w->hosts[B].daemon.node.alarms & alarm_bit(ALARM_LOOP_AVERTED)) != 0, "B says why, all the time");
	alarmed(w, B, ALARM_CLAIM_STUCK);
	is_on(w, A);
	shots(w, A, 1);
}

static void
check_only(struct world *w)
{
	static const uint8_t levels[] = { 2 };
	struct world_config c;

	pair_config(&c);
	c.node[A].fence.action = c.node[B].fence.action = FENCE_ACTION_CHECK;
	pair_outlets(&c, 1, levels);
	up_with(w, &c);
	burn(w);
	pdu_switch(w, A, 0, false);
	after(w, 60 * HA_SEC);
	serves(w, NOBODY);
	expect(w, w->power_downs == 0, "no power-down was sent");
}

/* The daemon that has switched them off is restarted before it claims: it knows its own work. */
static void
restarted(struct world *w)
{
	static const uint8_t levels[] = { 2, 2 };

	up_with_levels(w, 2, levels);
	burn(w);
	until_outlets_off(w, 30 * HA_SEC);
	daemon_crash(w, B);
	until_serves(w, B, 2 * LEVEL_TWO);
	outlets_off(w, 2);
}

/* Its own work was undone: it has seen the outlets on since. Off again is somebody else's. */
static void
seen_on_since(struct world *w)
{
	two_feeds(w);
	burn(w);
	until_serves(w, B, LEVEL_TWO);
	split(w, true);
	after(w, 120 * HA_SEC);
	expect(w, w->pdu.outlets[A][0].on && w->pdu.outlets[A][1].on, "the outlets are on again");
	is_on(w, A);
	w->pdu.outlets[A][0].feeds = w->pdu.outlets[A][1].feeds = false; /* plugged in elsewhere */
	pdu_switch(w, A, 0, false);
	pdu_switch(w, A, 1, false);
	imm_dies(w, A);
	imm_dies(w, B);
	is_on(w, A);
	host_power_off(w, B);
	after(w, 5 * HA_SEC);
	host_power_on(w, B);
	after(w, 300 * HA_SEC);
	is_on(w, A);
	serves(w, NOBODY);
}

/* Somebody switches them off by hand: not our work, no proof; the IMM's return or a person ends it. */
static void
off_by_hand(struct world *w)
{
	two_feeds(w);
	pdu_switch(w, A, 0, false);
	pdu_switch(w, A, 1, false);
	after(w, 60 * HA_SEC);
	serves(w, NOBODY);
	alarmed(w, B, ALARM_CLAIM_STUCK);
	daemon_command(w, B, NODE_CMD_CONFIRM_OFF, 0);
	until_serves(w, B, 2 * HA_SEC);
}

static void
switch_dead(struct world *w)
{
	two_feeds(w);
	imm_dies(w, A);
	network_switch(w, SERVICE, false, 0);
	network_switch(w, STORAGE, false, 0);
	after(w, 60 * HA_SEC);
	is_on(w, A);
	expect(w, !kernel_has_vip(w, B), "B never claims");
	expect(w, w->power_downs == 0, "no power-down was sent");
}

/* S9: what the outlets did was the power-down of this claim, though somebody feeds the host again before it was read.
 */
static void
fed_again(struct world *w)
{
	const struct fence_topology *t = &w->hosts[B].daemon.node.topology;

	two_feeds(w);
	imm_dies(w, A);
	host_freeze(w, A, false);
	for (int i = 0; i < 60000 && t->phase != FENCE_TOPOLOGY_CONFIRMING; i++)
		after(w, HA_MS);
	outlets_off(w, 2);
	pdu_switch(w, A, 0, true);
	host_power_on(w, A);
	imm_returns(w, A);
	after(w, 120 * HA_SEC); /* it boots, and consents */
	shots(w, A, 1);
}

/* Outlets of another machine, and an IMM that cannot be used but lives by what A lives by. */
static void
imm_lives_on(struct world *w)
{
	w->pdu.outlets[A][0].feeds = w->pdu.outlets[A][1].feeds = false;
	split(w, true);
	until_outlets_off(w, 60 * HA_SEC);
	after(w, 60 * HA_SEC);
	holds(w, A);
	expect(w, !kernel_has_vip(w, B), "B does not claim");
	alarmed(w, B, ALARM_OFF_FAILED);
	alarmed(w, B, ALARM_CLAIM_STUCK);
}

static void
imm_answers_with_errors(struct world *w)
{
	two_feeds(w);
	w->imms[A].garbage = 1000;
	after(w, 10 * HA_SEC);
	imm_lives_on(w);
}

static void
imm_says_not_whose_it_is(struct world *w)
{
	two_feeds(w);
	w->imms[A].guid_known = false;
	imm_reset(w, A, 0, 0);
	after(w, 40 * HA_SEC);
	imm_lives_on(w);
}

/* It answers until its outlets are off: then its silence is waited for. */
static void
imm_ends_with_them(struct world *w)
{
	two_feeds(w);
	w->imms[A].garbage = 1000;
	host_freeze(w, A, false);
	until_outlets_off(w, 60 * HA_SEC);
	until_serves(w, B, LEVEL_TWO);
	shots(w, A, 1);
}

/* A speaks when the power-down of its outlets has left: the agents are killed, and the outlets go off all the same. */
static void
executed_late(struct world *w, enum fence_action action)
{
	static const uint8_t levels[] = { 2, 2, 3 };
	const struct fence_topology *t = &w->hosts[B].daemon.node.topology;
	struct world_config c;

	pair_config(&c);
	c.node[A].fence.action = c.node[B].fence.action = action;
	pair_outlets(&c, 3, levels);
	up_with(w, &c);
	imm_dies(w, A);
	after(w, 30 * HA_SEC);
	daemon_stall(w, A);
	for (int i = 0; i < 60000 && t->phase != FENCE_TOPOLOGY_ORDERED; i++)
		after(w, HA_MS);
	after(w, 2 * HA_MS);
	daemon_wake(w, A);
	after(w, HA_SEC);
	for (unsigned i = 0; i < 2; i++)
		if (w->pdu.outlets[A][i].on)
			pdu_switch(w, A, i, false);
	is_off(w, A);
	after(w, 120 * HA_SEC);
	serves(w, B);
	is_on(w, A);
	expect(w, w->pdu.outlets[A][0].on && w->pdu.outlets[A][1].on, "the outlets are on again");
}

static void
late_reboot(struct world *w)
{
	executed_late(w, FENCE_ACTION_REBOOT);
}

static void
late_off(struct world *w)
{
	executed_late(w, FENCE_ACTION_OFF);
}

/* A speaks as level 3 is ordered off, and goes off all the same. Then its level 2 answers again: it is on, and must not
 * be switched off, for A has not been heard for long enough. What is off by B's own hand is looked at, too. */
static void
passed_over(struct world *w, enum fence_action action)
{
	static const uint8_t levels[] = { 2, 3 };
	const struct fence_topology *t = &w->hosts[B].daemon.node.topology;
	struct world_config c;

	pair_config(&c);
	c.node[A].fence.action = c.node[B].fence.action = action;
	pair_outlets(&c, 2, levels);
	up_with(w, &c);
	w->pdu.outlets[A][0].feeds = false; /* only level 3 does */
	w->pdu.outlets[A][0].reachable = false;
	imm_dies(w, A);
	after(w, 30 * HA_SEC);
	daemon_stall(w, A);
	for (int i = 0; i < 60000 && (t->phase != FENCE_TOPOLOGY_ORDERED || t->level != 3); i++)
		after(w, HA_MS);
	expect(w, t->phase == FENCE_TOPOLOGY_ORDERED && t->level == 3, "level 3 is ordered off");
	after(w, 2 * HA_MS);
	daemon_wake(w, A);
	w->pdu.outlets[A][0].reachable = true;
	after(w, HA_SEC);
	if (w->pdu.outlets[A][1].on)
		pdu_switch(w, A, 1, false);
	is_off(w, A);
	after(w, 150 * HA_SEC);
	expect(w, w->pdu.outlets[A][0].on, "level 2 is as it was");
	expect(w, w->pdu.outlets[A][1].on, "the outlet of level 3 is on again");
	is_on(w, A);
}

static void
passed_over_reboot(struct world *w)
{
	passed_over(w, FENCE_ACTION_REBOOT);
}

static void
passed_over_off(struct world *w)
{
	passed_over(w, FENCE_ACTION_OFF);
}

/* A switch that hung gives the power units back first, and a little later the LANs. */
static void
pdu_port_first(struct world *w)
{
	const struct fence_topology *t = &w->hosts[B].daemon.node.topology;

	two_feeds(w);
	imm_dies(w, A);
	split(w, true);
	w->pdu.outlets[A][0].reachable = w->pdu.outlets[A][1].reachable = false;
	after(w, 60 * HA_SEC);
	w->pdu.outlets[A][0].reachable = w->pdu.outlets[A][1].reachable = true;
	for (int i = 0; i < 30000 && t->phase != FENCE_TOPOLOGY_ON; i++)
		after(w, HA_MS);
	expect(w, t->phase == FENCE_TOPOLOGY_ON, "B reads that its outlets are on");
	after(w, 300 * HA_MS);
	split(w, false);
	after(w, 60 * HA_SEC);
	shots(w, A, 0);
	serves(w, A);
}

/* A speaks while the agents run: what one of them has sent takes effect after the claim, and is undone after that. */
static void
agent_killed_too_late(struct world *w)
{
	const struct fence_topology *t = &w->hosts[B].daemon.node.topology;

	two_feeds(w);
	w->pdu.outlets[A][0].late = HA_NEVER;
	w->pdu.outlets[A][1].late = 10 * HA_SEC;
	imm_dies(w, A);
	daemon_stall(w, A);
	for (int i = 0; i < 60000 && t->phase != FENCE_TOPOLOGY_ORDERED; i++)
		after(w, HA_MS);
	expect(w, t->phase == FENCE_TOPOLOGY_ORDERED, "its outlets are ordered off");
	after(w, 8 * HA_SEC); /* the agents run */
	daemon_wake(w, A);
	after(w, 2 * HA_SEC);
	expect(w, w->pdu.outlets[A][1].on, "it has not gone off yet");
	after(w, 3 * HA_SEC);
	expect(w, !w->pdu.outlets[A][1].on, "it has gone off");
	after(w, 60 * HA_SEC);
	expect(w, w->pdu.outlets[A][1].on, "it is on again");
	serves(w, A);
	is_on(w, A);
}

/* Power, power-downs and alarms are asserted by the cases themselves. */
#define ANY_ALARM UINT64_MAX
#define ROW(title, run, holder)                                                                                        \
	{                                                                                                              \
		18, title, run, holder, POWER_ANY, { 9, 9 }, true, { 0, 0 },                                           \
		{                                                                                                      \
			ANY_ALARM, ANY_ALARM                                                                           \
		}                                                                                                      \
	}

const struct row rows_levels[] = {
	ROW("PDU as second level: power and IMM lost", power_lost, B),
	ROW("the same, action off", left_off, B),
	ROW("host frozen, IMM dead", frozen, B),
	ROW("host frozen, IMM accepts and stays on", imm_cannot, B),
	ROW("host frozen, IMM refuses", imm_refuses, B),
	ROW("IMM works, the permission is missing", imm_waits, EITHER),
	ROW("one of two feeds cannot be switched", one_feed_dead, B),
	ROW("level 2 dead, level 3 used", third_level, B),
	ROW("outlets that were off before", unused_outlet, A),
	ROW("one of two outlets was off before", half_unused, A),
	ROW("outlets of another machine, the peer speaks", outlets_of_another, A),
	ROW("one feed does not answer, the IMM returns", imm_returns_first, B),
	ROW("an outlet stays on", stuck_outlet, A),
	ROW("no second power-down without hearing the peer", no_loop, B),
	ROW("neither of two levels without hearing the peer", no_loop_of_levels, A),
	ROW("IMM answers with errors while the outlets are off", imm_answers_with_errors, A),
	ROW("IMM of unknown GUID answers while the outlets are off", imm_says_not_whose_it_is, A),
	ROW("IMM answers with errors until the outlets are off", imm_ends_with_them, B),
	ROW("an agent was killed too late", agent_killed_too_late, A),
	ROW("fed again by somebody, the IMM returns", fed_again, EITHER),
	ROW("action check: an outlet that is off proves nothing", check_only, NOBODY),
	ROW("B restarted between outlets and claim", restarted, B),
	ROW("switched off, on again, then off by hand", seen_on_since, NOBODY),
	ROW("outlets switched off by hand", off_by_hand, B),
	ROW("switch dead, PDU reachable", switch_dead, A),
	ROW("switch hangs, and gives the PDU back first", pdu_port_first, A),
	ROW("the peer speaks, the outlets go off all the same", late_reboot, B),
	ROW("the same, action off", late_off, B),
	ROW("level 3 went off late, level 2 is on and not permitted", passed_over_reboot, B),
	ROW("the same, action off", passed_over_off, B),
	{ .title = NULL },
};
