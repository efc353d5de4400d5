/* test/sim/rows_service.c -- services, storage, addresses. */
#include "test/sim/row.h"

#include <string.h>

static void
service_dies(struct world *w)
{
	up(w);
	sick(w, A, false);
	until_serves(w, B, 10 * HA_SEC); /* three failures, 2 s apart */
	shots(w, A, 0);
	alarmed(w, A, ALARM_CHECK_FAILED);
}

static void
service_dead_on_both(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.checks = CHECKS_ALWAYS;
	up_with(w, &c);
	sick(w, B, false);
	after(w, 10 * HA_SEC);
	sick(w, A, false);
	after(w, 60 * HA_SEC);
	serves(w, A);
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, A, ALARM_CHECK_FAILED);
}

static void
nfs_dead_on_master(struct world *w)
{
	up(w);
	sick(w, A, true);
	until_serves(w, B, 60 * HA_SEC);
	shots(w, A, 1);
	alarmed(w, A, ALARM_STORAGE_HUNG);
}

static void
nfs_dead_on_both(struct world *w)
{
	up(w);
	sick(w, B, true);
	sick(w, A, true);
	after(w, 120 * HA_SEC);
	serves(w, A);
	expect(w, w->power_downs == 0, "no power-down");
}

static void
nfs_server_reboots(struct world *w)
{
	up(w);
	w->hosts[B].nfs_hung = true;
	sick(w, A, true); /* A's probe fails first; B still believes that it is fit */
	after(w, 8 * HA_SEC);
	sick(w, B, true);
	after(w, 60 * HA_SEC);
	well(w, A);
	well(w, B);
	after(w, 30 * HA_SEC);
	serves(w, A);
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, A, ALARM_STORAGE_HUNG);
}

static void
service_unstoppable(struct world *w)
{
	up(w);
	w->hosts[A].unstoppable = true;
	sick(w, A, false);
	until_serves(w, B, 60 * HA_SEC);
	shots(w, A, 1);
	alarmed(w, A, ALARM_DIRTY_RELEASE);
}

static void
add_fails(struct world *w)
{
	up(w);
	w->hosts[B].add_fails[0] = true;
	host_freeze(w, A, false);
	after(w, 60 * HA_SEC);
	serves(w, NOBODY);
	shots(w, A, 1);
	alarmed(w, B, ALARM_VIP_ADD_FAILED);
	w->hosts[B].add_fails[0] = false;
	until_serves(w, B, 30 * HA_SEC);
}

static void
vip_deleted(struct world *w)
{
	up(w);
	for (int i = 0; i < 5; i++) {
		kernel_foreign_removal(w, A);
		after(w, 100 * HA_MS);
		serves(w, A);
		after(w, 2 * HA_SEC); /* it does not fight more often than once a second */
	}
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, A, ALARM_VIP_LOST);
}

static void
third_host(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	dark(w, &c);
	w->third_has_vip = true;
	host_power_on(w, A);
	host_power_on(w, B);
	after(w, 120 * HA_SEC);
	serves(w, NOBODY);
	expect(w, (w->hosts[A].daemon.alarms_seen | w->hosts[B].daemon.alarms_seen) & alarm_bit(ALARM_VIP_CONFLICT),
		"alarm vip-conflict");
	w->third_has_vip = false;
	after(w, 20 * HA_SEC);
	expect(w, oracle_serving(w) >= 0, "one serves");
}

static void
disk_full(struct world *w)
{
	up(w);
	w->hosts[A].record_fails = w->hosts[A].memory_fails = true;
	daemon_command(w, A, NODE_CMD_STANDBY, 0);
	after(w, 40 * HA_SEC);
	expect(w, oracle_serving(w) >= 0, "one serves");
	alarmed(w, A, ALARM_RESOURCES);
	expect(w, w->power_downs == 0, "no power-down");
}

static void
claim_in_add_window(struct world *w)
{
	up(w);
	w->hosts[B].kernel_delay = 4 * HA_SEC;
	w->hosts[B].kernel_at = w->now + 4 * HA_SEC;
	daemon_command(w, B, NODE_CMD_SWITCHOVER, 0);
	after(w, 1500 * HA_MS);
	expect(w, w->hosts[B].daemon.node.state == NODE_ADDING, "B is adding");
	split(w, true);
	after(w, 1500 * HA_MS); /* A claims */
	split(w, false);
	after(w, 100 * HA_MS);
	until_serves(w, B, 10 * HA_SEC);
	expect(w, w->power_downs == 0, "no power-down");
}

static void
half_a_set(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.addresses = 2;
	up_with(w, &c);
	w->hosts[B].add_fails[1] = true;
	daemon_command(w, A, NODE_CMD_SWITCHOVER, 0);
	after(w, 20 * HA_SEC);
	alarmed(w, B, ALARM_VIP_ADD_FAILED);
	expect(w, !w->hosts[B].vip[0] || w->hosts[B].daemon.node.state == NODE_ADDING, "not half a set stays on B");
	until_serves(w, A, 20 * HA_SEC);
	expect(w, w->power_downs == 0, "no power-down");
}

static void
voluntary_turns_dirty(struct world *w)
{
	up(w);
	w->hosts[A].unstoppable = true;
	daemon_command(w, A, NODE_CMD_SWITCHOVER, 0);
	after(w, 60 * HA_SEC);
	serves(w, A);
	expect(w, w->hosts[A].daemon.reply == NODE_REPLY_DIRTY, "the command reports it");
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, A, ALARM_DIRTY_RELEASE);
}

static void
set_file(struct world *w, unsigned host, unsigned vips)
{
	struct sim_daemon *daemon = &w->hosts[host].daemon;

	w->hosts[host].file_vips = vips;
	memset(daemon->config.vip_digest, 0x40 + (int)vips, VRRP_MESSAGE_DIGEST);
	memset(daemon->config.config_digest, 0x40 + (int)vips, VRRP_MESSAGE_DIGEST);
}

/* One of two addresses has gone from the file. */
static void
address_gone(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.addresses = 2;
	up_with(w, &c);
	for (unsigned host = 0; host < HOSTS; host++) {
		set_file(w, host, 1);
		daemon_crash(w, host);
		after(w, 5 * HA_SEC);
		serves(w, A);
		expect(w, !w->hosts[A].vip[1], "the old address is cleaned");
		after(w, 65 * HA_SEC);
	}
	serves(w, A);
}

/* The VIP is another one: whoever started with the new file does not hold, and waits for consent to it. */
static void
set_replaced(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	up_with(w, &c);
	for (unsigned host = 0; host < HOSTS; host++) {
		set_file(w, host, 2);
		daemon_crash(w, host);
		after(w, 70 * HA_SEC);
		expect(w, !w->hosts[A].vip[0] && !w->hosts[B].vip[0], "the old address is cleaned");
	}
	expect(w, oracle_serving(w) >= 0, "one serves");
	expect(w, w->power_downs == 0, "no power-down");
}

const struct row rows_service[] = {
	{
		.number = 48,
		.title = "the service dies on the master",
		.run = service_dies,
		.holder = B,
		.power = POWER_ON,
		.alarms = { ALARM(CHECK_FAILED), 0 },
		.may_alarm = { 0, ALARM(NO_STANDBY) },
	},
	{
		.number = 49,
		.title = "the service is dead on both",
		.run = service_dead_on_both,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(CHECK_FAILED), ALARM(CHECK_FAILED) },
		.may_alarm = { ALARM(NO_STANDBY), 0 },
	},
	{
		.number = 50,
		.title = "NFS dead on the master only",
		.run = nfs_dead_on_master,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { ALARM(STORAGE_HUNG) | ALARM(DIRTY_RELEASE), ALARM(FENCED) },
		.may_alarm = { ALARM(CHECK_FAILED), ALARM(NO_STANDBY) },
	},
	{
		.number = 51,
		.title = "NFS dead on both",
		.run = nfs_dead_on_both,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(STORAGE_HUNG), ALARM(STORAGE_HUNG) },
		.may_alarm = { ALARM(NO_STANDBY) | ALARM(CHECK_FAILED), ALARM(CHECK_FAILED) },
	},
	{
		.number = 52,
		.title = "a managed service cannot be stopped",
		.run = service_unstoppable,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { ALARM(DIRTY_RELEASE), ALARM(FENCED) },
		.may_alarm = { ALARM(CHECK_FAILED), ALARM(NO_STANDBY) },
	},
	{
		.number = 53,
		.title = "the add fails after the fence",
		.run = add_fails,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(VIP_ADD_FAILED) },
		.may_alarm = { 0, ALARM(FENCED) | ALARM(NO_STANDBY) },
	},
	{
		.number = 54,
		.title = "somebody deletes the VIP",
		.run = vip_deleted,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(VIP_LOST), 0 },
	},
	{
		.number = 55,
		.title = "a third host uses the VIP",
		.run = third_host,
		.holder = EITHER,
		.power = POWER_ON,
		.alarms = { ALARM(VIP_CONFLICT), ALARM(VIP_CONFLICT) },
		.may_alarm = { ALARM(FENCE_UNREACHABLE) | ALARM(FENCE_IDENTITY),
			ALARM(FENCE_UNREACHABLE) | ALARM(FENCE_IDENTITY) },
	},
	{
		.number = 59,
		.title = "disk full",
		.run = disk_full,
		.holder = EITHER,
		.power = POWER_ON,
		.alarms = { ALARM(RESOURCES), 0 },
		.may_alarm = { ALARM(STANDBY_ON), ALARM(NO_STANDBY) },
	},
	{
		.number = 62,
		.title = "a claim within the add window",
		.run = claim_in_add_window,
		.holder = B,
		.power = POWER_ON,
	},
	{
		.number = 63,
		.title = "one of two addresses cannot be added",
		.run = half_a_set,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(VIP_ADD_FAILED) },
	},
	{
		.number = 66,
		.title = "the NFS server reboots, the master notices first",
		.run = nfs_server_reboots,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(STORAGE_HUNG), ALARM(STORAGE_HUNG) },
		.may_alarm = { ALARM(NO_STANDBY) | ALARM(CHECK_FAILED), ALARM(CHECK_FAILED) },
	},
	{
		.number = 71,
		.title = "a voluntary release turns dirty",
		.run = voluntary_turns_dirty,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(DIRTY_RELEASE), 0 },
	},
	{
		.number = 73,
		.title = "restart after an address has gone from the file",
		.run = address_gone,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(CONFIG_DIFFERS), ALARM(CONFIG_DIFFERS) },
		.may_alarm = { ALARM(NO_STANDBY), 0 },
	},
	{
		.number = 73,
		.title = "restart after the VIP was replaced",
		.run = set_replaced,
		.holder = EITHER,
		.power = POWER_ON,
		.alarms = { ALARM(CONFIG_DIFFERS), ALARM(CONFIG_DIFFERS) },
		.may_alarm = { ALARM(WAITING_FOR_PEER) | ALARM(DIRTY_RELEASE) | ALARM(NO_STANDBY), 0 },
	},
	{ .number = 0 },
};
