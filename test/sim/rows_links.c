/* test/sim/rows_links.c -- cables, switches, splits, losses. */
#include "test/sim/row.h"

#include <string.h>

static void
service_cable(struct world *w)
{
	up(w);
	network_cable(w, A, SERVICE, false);
	until_serves(w, B, HA_SEC);
	shots(w, A, 0);
	is_on(w, A);
	alarmed(w, A, ALARM_LINK_DOWN);
}

static void
both_cables(struct world *w)
{
	up(w);
	network_cable(w, A, SERVICE, false);
	network_cable(w, A, STORAGE, false);
	until_serves(w, B, 20 * HA_SEC);
	shots(w, A, 1);
	alarmed(w, B, ALARM_FENCED);
}

static void
backup_cable(struct world *w)
{
	up(w);
	network_cable(w, B, SERVICE, false);
	after(w, 30 * HA_SEC);
	network_cable(w, B, STORAGE, false);
	after(w, 120 * HA_SEC);
	serves(w, A);
	expect(w, w->power_downs == 0, "B does not shoot");
	alarmed(w, B, ALARM_LINK_DOWN);
}

static void
vrrp_filtered(struct world *w)
{
	up(w);
	w->paths[A][SERVICE].no_adverts = w->paths[B][SERVICE].no_adverts = true;
	after(w, 120 * HA_SEC);
	serves(w, A);
	shots(w, A, 0);
	alarmed(w, B, ALARM_VRRP_BLOCKED);
}

static void
path_filtered(struct world *w)
{
	up(w);
	w->paths[A][STORAGE].no_messages = w->paths[B][STORAGE].no_messages = true;
	after(w, 60 * HA_SEC);
	serves(w, A);
	shots(w, A, 0);
	alarmed(w, A, ALARM_PATH_DOWN);
	alarmed(w, B, ALARM_PATH_DOWN);
}

static void
split_all(struct world *w)
{
	up(w);
	split(w, true);
	until_serves(w, B, AS_INSTALLED);
	shots(w, A, 1);
	shots(w, B, 0);
	alarmed(w, B, ALARM_FENCED);
	after(w, 300 * HA_SEC);
	serves(w, B);
	shots(w, A, 1);
	shots(w, B, 0);
}

/* A has given up the VIP and could not grant: it must not power B down, which is about to do that with A (S9). */
static void
split_in_switchover(struct world *w)
{
	up(w);
	w->hosts[A].stop_delay = 4 * HA_SEC;
	daemon_command(w, A, NODE_CMD_SWITCHOVER, 0);
	after(w, 500 * HA_MS);
	expect(w, w->hosts[A].daemon.node.state == NODE_RELEASING, "A is releasing");
	split(w, true);
	w->imms[A].reachable = false; /* B would be first otherwise */
	after(w, 60 * HA_SEC);
	shots(w, B, 0);
	w->imms[A].reachable = true;
	until_serves(w, B, 20 * HA_SEC);
	shots(w, A, 1);
}

static void
gateway_lost(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.checks = CHECKS_GATEWAY;
	up_with(w, &c);
	w->hosts[B].gateway_lost = true;
	split(w, true);
	after(w, 60 * HA_SEC);
	serves(w, A);
	expect(w, w->power_downs == 0, "no power-down");
	w->hosts[B].gateway_lost = false;
	until_serves(w, B, 15 * HA_SEC);
	shots(w, A, 1);
}

static void
deaf_backup(struct world *w)
{
	up(w);
	one_way(w, A, true);
	after(w, 60 * HA_SEC);
	expect(w, oracle_serving(w) >= 0, "one of them serves");
	expect(w, w->kills[A] + w->kills[B] <= 1, "at most one power-down");
	alarmed(w, A, ALARM_PATH_ASYMMETRIC);
}

static void
deaf_master(struct world *w)
{
	up(w);
	one_way(w, B, true);
	after(w, 60 * HA_SEC);
	serves(w, A);
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, B, ALARM_PATH_ASYMMETRIC);
}

static void
switch_dead(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.imm_on_service[A] = c.imm_on_service[B] = true;
	up_with(w, &c);
	network_switch(w, SERVICE, false, 0);
	network_switch(w, STORAGE, false, 0);
	after(w, 120 * HA_SEC);
	holds(w, A);
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, B, ALARM_FENCE_UNREACHABLE);
}

/* A switch that hung goes on: the port of A's IMM first, the LANs a little later. */
static void
imm_port_first(struct world *w)
{
	const struct fence_plan *plan = &w->hosts[B].daemon.node.plan;

	up(w);
	split(w, true);
	w->imms[A].reachable = w->imms[B].reachable = false;
	after(w, 60 * HA_SEC);
	alarmed(w, B, ALARM_CLAIM_STUCK);
	w->imms[A].reachable = true;
	for (int i = 0; i < 10000 && plan->power != FENCE_POWER_ON; i++)
		after(w, HA_MS);
	expect(w, plan->power == FENCE_POWER_ON, "B reads that A is on");
	after(w, 300 * HA_MS);
	split(w, false);
	w->imms[B].reachable = true;
	after(w, 60 * HA_SEC);
	expect(w, w->power_downs == 0, "no power-down");
	/* It does not come back: then A is powered down, at once as it were. */
	split(w, true);
	w->imms[A].reachable = false;
	after(w, 60 * HA_SEC);
	w->imms[A].reachable = true;
	until_shot(w, A, 6 * HA_SEC);
	until_serves(w, B, 5 * HA_SEC);
}

static void
switch_reload(struct world *w)
{
	up(w);
	network_switch(w, SERVICE, false, 0);
	network_switch(w, STORAGE, false, 0);
	after(w, 3 * HA_SEC);
	network_switch(w, SERVICE, true, 30 * HA_SEC);
	network_switch(w, STORAGE, true, 30 * HA_SEC);
	after(w, 120 * HA_SEC);
	expect(w, oracle_serving(w) >= 0, "one serves");
	expect(w, w->kills[A] + w->kills[B] == 0, "no power-down");
	alarmed(w, A, ALARM_LINK_DOWN);
}

static void
shot_into_the_void(struct world *w)
{
	ha_time until;

	up(w);
	split(w, true);
	after(w, 2500 * HA_MS);
	w->imms[A].loss = 1000;
	until = w->now + 10 * HA_SEC;
	while (w->power_downs == 0 && w->now < until && !w->failed)
		after(w, 10 * HA_MS);
	expect(w, w->power_downs == 1, "B has sent a power-down");
	after(w, 300 * HA_MS);
	w->imms[A].loss = 0;
	split(w, false);
	after(w, 60 * HA_SEC);
	serves(w, A);
	shots(w, A, 0);
}

static void
both_shoot_into_the_void(struct world *w)
{
	ha_time until;

	up(w);
	w->third_has_vip = true; /* nobody can add, both have heard each other */
	daemon_command(w, A, NODE_CMD_SWITCHOVER, 0);
	after(w, 10 * HA_SEC);
	split(w, true);
	w->third_has_vip = false;
	until = w->now + 40 * HA_SEC;
	while (w->power_downs < 2 && w->now < until && !w->failed) {
		after(w, HA_MS / 10);
		for (unsigned host = A; host <= B; host++)
			if (w->hosts[host].daemon.node.plan.phase == FENCE_PLAN_ORDERED)
				w->imms[1 - host].loss = 1000;
	}
	after(w, 300 * HA_MS);
	expect(w, w->power_downs >= 2, "both have sent a power-down");
	w->imms[A].loss = w->imms[B].loss = 0;
	split(w, false);
	after(w, 30 * HA_SEC);
	expect(w, oracle_serving(w) >= 0, "one serves");
	expect(w, w->kills[A] + w->kills[B] == 0, "nobody is powered down");
}

static void
flapping(struct world *w)
{
	up(w);
	for (int i = 0; i < 360; i++) {
		cut_link(w, SERVICE, i % 2 == 0);
		after(w, 10 * HA_SEC);
	}
	serves(w, A);
	expect(w, w->kills[A] + w->kills[B] == 0, "no power-down");
	alarmed(w, A, ALARM_PATH_DOWN);
}

static void
flapping_pair(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.node[A].link_count = c.node[B].link_count = 1;
	up_with(w, &c);
	for (int i = 0; i < 360; i++) {
		cut_link(w, SERVICE, i % 2 == 0);
		after(w, 10 * HA_SEC);
	}
	after(w, 60 * HA_SEC);
	expect(w, oracle_serving(w) >= 0, "one serves");
	/* Each cut is longer than `after`: the peer is powered down, but never in a loop (the oracle counts). */
}

const struct row rows_links[] = {
	{
		.number = 8,
		.title = "service cable of the master out",
		.run = service_cable,
		.holder = B,
		.power = POWER_ON,
		.alarms = { ALARM(LINK_DOWN), 0 },
		.may_alarm = { 0, ALARM(NO_STANDBY) },
	},
	{
		.number = 9,
		.title = "both cables of the master out",
		.run = both_cables,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { ALARM(NO_STANDBY) | ALARM(LINK_DOWN), ALARM(NO_STANDBY) },
	},
	{
		.number = 10,
		.title = "cables of the backup out",
		.run = backup_cable,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(LINK_DOWN) },
		.may_alarm = { ALARM(NO_STANDBY) | ALARM(PATH_DOWN) | ALARM(PATH_ASYMMETRIC),
			ALARM(PATH_DOWN) | ALARM(PATH_ASYMMETRIC) },
	},
	{
		.number = 11,
		.title = "VRRP filtered",
		.run = vrrp_filtered,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(VRRP_BLOCKED) },
	},
	{
		.number = 12,
		.title = "peer messages filtered on one LAN",
		.run = path_filtered,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(PATH_DOWN), ALARM(PATH_DOWN) },
		.may_alarm = { ALARM(PATH_ASYMMETRIC), ALARM(PATH_ASYMMETRIC) },
	},
	{
		.number = 13,
		.title = "split on all LANs",
		.run = split_all,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { ALARM(WAITING_FOR_PEER) | ALARM(NO_STANDBY) | ALARM(LOOP_AVERTED), ALARM(NO_STANDBY) },
	},
	{
		.number = 13,
		.title = "split in mid-switchover",
		.run = split_in_switchover,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { ALARM(CLAIM_STUCK) | ALARM(LOOP_AVERTED),
			ALARM(CLAIM_STUCK) | ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 13,
		.title = "split, and the backup has lost the gateway",
		.run = gateway_lost,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(CHECK_FAILED) | ALARM(FENCED) },
		.may_alarm = { ALARM(NO_STANDBY), ALARM(CLAIM_STUCK) | ALARM(NO_STANDBY) },
	},
	{
		.number = 14,
		.title = "one-way loss A to B",
		.run = deaf_backup,
		.holder = EITHER,
		.power = POWER_ANY,
		.downs = { 1, 0 },
		.alarms = { ALARM(PATH_ASYMMETRIC), 0 },
		.may_alarm = { ALARM(PATH_DOWN), ALARM(FENCED) | ALARM(NO_STANDBY) },
	},
	{
		.number = 15,
		.title = "one-way loss B to A",
		.run = deaf_master,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(PATH_ASYMMETRIC) },
		.may_alarm = { ALARM(NO_STANDBY), 0 },
	},
	{
		.number = 16,
		.title = "switch dead",
		.run = switch_dead,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(FENCE_UNREACHABLE) },
		.may_alarm = { ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE) | ALARM(LINK_DOWN), ALARM(LINK_DOWN) },
	},
	{
		.number = 16,
		.title = "switch hangs, and gives the IMM back first",
		.run = imm_port_first,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(CLAIM_STUCK) | ALARM(FENCE_UNREACHABLE) | ALARM(FENCED) },
		.may_alarm = { ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE), ALARM(NO_STANDBY) | ALARM(VRRP_BLOCKED) },
	},
	{
		.number = 67,
		.title = "switch reload",
		.run = switch_reload,
		.holder = EITHER,
		.power = POWER_ON,
		.alarms = { ALARM(LINK_DOWN), ALARM(LINK_DOWN) },
		.may_alarm = { ALARM(NO_STANDBY), ALARM(CLAIM_STUCK) | ALARM(VRRP_BLOCKED) },
	},
	{
		.number = 68,
		.title = "power-down into the void, then all heals",
		.run = shot_into_the_void,
		.holder = A,
		.power = POWER_ON,
		.may_alarm = { ALARM(NO_STANDBY), ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 69,
		.title = "both power-downs into the void",
		.run = both_shoot_into_the_void,
		.holder = EITHER,
		.power = POWER_ON,
		.may_alarm = { ALARM(CLAIM_STUCK) | ALARM(WAITING_FOR_PEER) | ALARM(OFF_FAILED) | ALARM(VIP_CONFLICT) |
				       ALARM(FENCE_UNREACHABLE),
			ALARM(CLAIM_STUCK) | ALARM(VIP_CONFLICT) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 78,
		.title = "one LAN flaps for an hour",
		.run = flapping,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(PATH_DOWN), ALARM(PATH_DOWN) },
		.may_alarm = { ALARM(PATH_ASYMMETRIC), ALARM(VRRP_BLOCKED) | ALARM(PATH_ASYMMETRIC) },
	},
	{
		.number = 78,
		.title = "the only LAN flaps for an hour",
		.run = flapping_pair,
		.holder = EITHER,
		.power = POWER_ANY,
		.downs = { 1, 1 },
		.may_alarm = { ALARM(FENCED) | ALARM(NO_STANDBY), ALARM(CLAIM_STUCK) | ALARM(FENCED) |
									  ALARM(NO_STANDBY) | ALARM(VRRP_BLOCKED) |
									  ALARM(LOOP_AVERTED) },
	},
	{ .number = 0 },
};
