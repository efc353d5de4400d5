/* test/sim/rows_death.c -- the master dies, hangs, stops; the backup is kept from listening. */
#include "test/sim/row.h"

#include <string.h>

static void
power_lost(struct world *w)
{
	up(w);
	host_power_off(w, A);
	until_serves(w, B, HA_SEC); /* an IMM that says off replaces the wait for adverts */
	is_off(w, A);               /* found off: left off */
	shots(w, A, 0);
	after(w, 60 * HA_SEC);
	is_off(w, A);
	serves(w, B);
	alarmed(w, B, ALARM_NO_STANDBY);
}

static void
panic(struct world *w)
{
	up(w);
	host_freeze(w, A, false); /* power stays on */
	until_serves(w, B, AS_INSTALLED);
	shots(w, A, 1);
	alarmed(w, B, ALARM_FENCED);
}

static void
frozen_and_thawed(struct world *w)
{
	up(w);
	host_freeze(w, A, false);
	after(w, 6 * HA_SEC);
	shots(w, A, 1);
	serves(w, B);
	host_thaw(w, A); /* nothing is left to thaw */
	after(w, 60 * HA_SEC);
	serves(w, B);
	is_on(w, A); /* action = "reboot" */
	alarmed(w, B, ALARM_FENCED);
}

static void
daemon_restarted(struct world *w)
{
	up(w);
	for (int i = 0; i < 5; i++) {
		daemon_crash(w, A);
		holds(w, A);
		after(w, 10 * HA_SEC);
		serves(w, A);
	}
	shots(w, A, 0);
	expect(w, w->power_downs == 0, "no power-down was sent");
	not_alarmed(w, B, ALARM_FENCED);
}

static void
daemon_dead(struct world *w)
{
	up(w);
	daemon_kill(w, A);
	after(w, 2 * HA_SEC);
	holds(w, A);
	until_serves(w, B, AS_INSTALLED);
	shots(w, A, 1);
	alarmed(w, B, ALARM_FENCED);
}

static void
stalled_short(struct world *w)
{
	up(w);
	daemon_stall(w, A);
	after(w, 2 * HA_SEC);
	daemon_wake(w, A);
	expect(w, w->hosts[A].daemon.node.late_until != 0, "A asks before it goes on (S7)");
	after(w, 20 * HA_SEC);
	serves(w, A);
	shots(w, A, 0);
	alarmed(w, A, ALARM_STALLED);
}

static void
stalled_long(struct world *w)
{
	up(w);
	daemon_stall(w, A);
	until_serves(w, B, AS_INSTALLED);
	shots(w, A, 1);
	alarmed(w, B, ALARM_FENCED);
}

static void
stalled_watchdog(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.watchdog = HA_SEC;
	up_with(w, &c);
	daemon_stall(w, A);
	after(w, 1500 * HA_MS);
	daemon_wake(w, A); /* the service manager kills and restarts it */
	after(w, 20 * HA_SEC);
	serves(w, A);
	shots(w, A, 0);
}

static void
graceful_stop(struct world *w)
{
	up(w);
	daemon_stop(w, A);
	until_serves(w, B, 2 * HA_SEC);
	shots(w, A, 0);
	is_on(w, A);
	after(w, 10 * HA_SEC);
	expect(w, !w->hosts[A].daemon.alive, "the daemon ends");
}

static void
dies_in_fence(struct world *w)
{
	up(w);
	host_freeze(w, A, false);
	until_shot(w, A, 10 * HA_SEC);
	host_power_off(w, B);
	after(w, 30 * HA_SEC);
	serves(w, NOBODY);
	host_power_on(w, B);
	until_serves(w, B, 60 * HA_SEC);
	shots(w, B, 0);
}

static void
dies_after_claim(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.node[A].fence.action = c.node[B].fence.action = FENCE_ACTION_OFF;
	up_with(w, &c);
	host_freeze(w, A, false);
	until_serves(w, B, 10 * HA_SEC);
	host_power_off(w, B);
	after(w, 60 * HA_SEC);
	serves(w, NOBODY);
	host_power_on(w, A);
	until_serves(w, A, 60 * HA_SEC);
}

static void
powered_on_before_claim(struct world *w)
{
	up(w);
	w->hosts[B].daemon.trap =
		(struct sim_trap){ .kind = TRAP_STALL, .before = NODE_WRITE_RECORD, .duration = 2 * HA_SEC };
	host_freeze(w, A, false);
	until_shot(w, A, 10 * HA_SEC);
	after(w, 1500 * HA_MS);
	host_power_on(w, A);
	until_serves(w, B, 20 * HA_SEC);
	after(w, 60 * HA_SEC);
	serves(w, B);
	is_on(w, A);
	expect(w, w->hosts[A].daemon.node.state == NODE_BACKUP, "A is BACKUP");
	shots(w, B, 0);
}

static void
backup_misses_packets(struct world *w)
{
	uint64_t episode;

	up(w);
	episode = w->hosts[B].daemon.node.episode;
	for (int i = 0; i < 4; i++) {
		daemon_stall(w, B);
		after(w, 20 * HA_SEC);
		daemon_wake(w, B);
		after(w, 10 * HA_SEC);
		w->hosts[B].deaf = i / 2 == 0;
		host_freeze(w, B, i % 2 == 0);
		after(w, 20 * HA_SEC);
		host_thaw(w, B);
		after(w, 10 * HA_SEC);
		serves(w, A);
	}
	expect(w, w->hosts[B].daemon.node.episode == episode, "B has not claimed: its silence began anew");
	expect(w, w->kills[A] == 0, "A is not powered down");
	alarmed(w, B, ALARM_STALLED);
}

const struct row rows_death[] = {
	{
		.number = 1,
		.title = "power lost on the master, IMM alive",
		.run = power_lost,
		.holder = B,
		.power = POWER_OFF,
		.alarms = { 0, ALARM(FENCED) | ALARM(NO_STANDBY) },
	},
	{
		.number = 1,
		.title = "panic of the master",
		.run = panic,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { 0, ALARM(NO_STANDBY) },
	},
	{
		.number = 2,
		.title = "master frozen, later thawed",
		.run = frozen_and_thawed,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { 0, ALARM(NO_STANDBY) },
	},
	{
		.number = 3,
		.title = "daemon killed and restarted, five times",
		.run = daemon_restarted,
		.holder = A,
		.power = POWER_ON,
		.may_alarm = { ALARM(NO_STANDBY), 0 },
	},
	{
		.number = 4,
		.title = "daemon killed for good",
		.run = daemon_dead,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { 0, ALARM(NO_STANDBY) },
	},
	{
		.number = 5,
		.title = "daemon stalled shorter than `after`",
		.run = stalled_short,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(STALLED), 0 },
		.may_alarm = { ALARM(PATH_DOWN) | ALARM(PATH_ASYMMETRIC), 0 },
	},
	{
		.number = 5,
		.title = "daemon stalled longer",
		.run = stalled_long,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { 0, ALARM(NO_STANDBY) },
	},
	{
		.number = 5,
		.title = "daemon stalled until its watchdog restarts it",
		.run = stalled_watchdog,
		.holder = A,
		.power = POWER_ON,
		.may_alarm = { ALARM(NO_STANDBY), 0 },
	},
	{
		.number = 6,
		.title = "graceful stop",
		.run = graceful_stop,
		.holder = B,
		.power = POWER_ON,
		.may_alarm = { 0, ALARM(NO_STANDBY) },
	},
	{
		.number = 42,
		.title = "B dies in mid-fence",
		.run = dies_in_fence,
		.holder = B,
		.power = POWER_ANY,
		.downs = { 1, 0 },
		.may_alarm = { 0, ALARM(NO_STANDBY) },
	},
	{
		.number = 43,
		.title = "B dies after its claim, A off",
		.run = dies_after_claim,
		.holder = A,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { ALARM(NO_STANDBY), ALARM(NO_STANDBY) },
	},
	{
		.number = 44,
		.title = "A powered on after OFF was seen, before B has claimed",
		.run = powered_on_before_claim,
		.holder = B,
		.power = POWER_ANY,
		.downs = { 1, 0 },
		.may_alarm = { 0, ALARM(FENCED) | ALARM(NO_STANDBY) | ALARM(STALLED) },
	},
	{
		.number = 46,
		.title = "the backup misses packets",
		.run = backup_misses_packets,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(STALLED) },
		.may_alarm = { ALARM(NO_STANDBY),
			ALARM(FENCE_SLOW) | ALARM(PATH_DOWN) | ALARM(VRRP_BLOCKED) | ALARM(PATH_ASYMMETRIC) },
	},
	{ .number = 0 },
};
