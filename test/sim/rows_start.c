/* test/sim/rows_start.c -- who starts beside whom, restarts, upgrades. */
#include "test/sim/row.h"

#include <string.h>

/* As dark(), but each has once heard the other's GUID: a pair that ran before. */
static void
dark_again(struct world *w, const struct world_config *config)
{
	dark(w, config);
	w->hosts[A].memory.peer_guid = config->node[B].guid;
	w->hosts[B].memory.peer_guid = config->node[A].guid;
}

static void
both_start(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.checks = CHECKS_NONE; /* else whose checks answer first serves */
	dark(w, &c);
	host_power_on(w, A);
	host_power_on(w, B);
	until_serves(w, A, 40 * HA_SEC);
	expect(w, w->power_downs == 0, "no power-down");
}

static void
both_start_split(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	dark_again(w, &c);
	split(w, true);
	host_power_on(w, A);
	host_power_on(w, B);
	after(w, 900 * HA_SEC);
	serves(w, NOBODY);
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, A, ALARM_WAITING_FOR_PEER);
	alarmed(w, B, ALARM_WAITING_FOR_PEER);
}

static void
startup_fence(struct world *w, ha_time watched)
{
	struct world_config c;

	pair_config(&c);
	for (unsigned host = 0; host < HOSTS; host++) {
		c.node[host].startup_fence = true;
		c.node[host].startup_fence_delay = 60 * HA_SEC;
	}
	dark_again(w, &c);
	split(w, true);
	host_power_on(w, A);
	host_power_on(w, B);
	after(w, watched);
}

static void
both_start_split_fence(struct world *w)
{
	startup_fence(w, 110 * HA_SEC);
	expect(w, oracle_serving(w) >= 0, "one serves");
	expect(w, w->kills[A] + w->kills[B] == 1, "one power-down");
}

static void
lasting_split_fence(struct world *w)
{
	startup_fence(w, 3600 * HA_SEC);
	expect(w, oracle_serving(w) >= 0, "one serves");
	expect(w, w->kills[A] <= 1 && w->kills[B] <= 1, "each shoots once at most, ever");
}

static void
alone_peer_off(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	dark_again(w, &c);
	host_power_on(w, B);
	until_serves(w, B, 60 * HA_SEC);
	is_off(w, A);
	alarmed(w, B, ALARM_NO_STANDBY);
}

/* Whose IMM it is has never been learned: nothing is believed, nothing is sent (S10). */
static void
alone_first_start(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	dark(w, &c);
	host_power_on(w, B);
	after(w, 300 * HA_SEC);
	serves(w, NOBODY);
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, B, ALARM_FENCE_IDENTITY);
}

static void
alone_peer_on(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	dark_again(w, &c);
	w->hosts[A].daemon.enabled = false;
	host_power_on(w, A);
	host_power_on(w, B);
	after(w, 900 * HA_SEC);
	serves(w, NOBODY);
	is_on(w, A);
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, B, ALARM_WAITING_FOR_PEER);
}

static void
fenced_boots_split(struct world *w)
{
	up(w);
	split(w, true);
	until_serves(w, B, 10 * HA_SEC);
	after(w, 300 * HA_SEC);
	is_on(w, A);
	serves(w, B);
	shots(w, A, 1);
	shots(w, B, 0);
	alarmed(w, A, ALARM_LOOP_AVERTED);
}

/* The permission is to be burned on a disk that is full just then. Room comes back, and nothing else ever happens. */
static void
startup_fence_on_full_disk(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.node[B].startup_fence = true;
	c.node[B].startup_fence_delay = 60 * HA_SEC;
	up_with(w, &c); /* the GUIDs are known */
	split(w, true);
	daemon_kill(w, A); /* for good; its machine runs on, and holds */
	host_power_off(w, B);
	after(w, HA_SEC);
	w->hosts[B].memory_fails = true;
	host_power_on(w, B);
	after(w, 300 * HA_SEC);
	shots(w, A, 0); /* S9: not before it is on disk */
	alarmed(w, B, ALARM_RESOURCES);
	w->hosts[B].memory_fails = false;
	until_serves(w, B, 30 * HA_SEC);
	shots(w, A, 1);
	expect(w, w->hosts[B].memory.startup_burned, "the permission is burned");
}

/* What a full disk did not take is known to the next daemon all the same, once there is room. */
static void
standby_on_full_disk(struct world *w)
{
	up(w);
	w->hosts[B].memory_fails = true;
	daemon_command(w, B, NODE_CMD_STANDBY, 0);
	after(w, 10 * HA_SEC);
	alarmed(w, B, ALARM_RESOURCES);
	w->hosts[B].memory_fails = false;
	after(w, 20 * HA_SEC);
	expect(w, w->hosts[B].memory.standby, "standby is remembered");
	expect(w, (w->hosts[B].daemon.node.alarms & alarm_bit(ALARM_RESOURCES)) == 0, "the alarm is over");
	serves(w, A);
	expect(w, w->power_downs == 0, "no power-down");
	daemon_command(w, B, NODE_CMD_UNSTANDBY, 0);
	after(w, 5 * HA_SEC);
}

/* An upgrade in place, of each node in turn, is no reason to wake anybody. */
static void
upgraded_quietly(struct world *w)
{
	up(w);
	for (unsigned host = 0; host < HOSTS; host++) {
		for (unsigned other = 0; other < HOSTS; other++)
			w->hosts[other].daemon.alarms_seen = 0;
		daemon_kill(w, host);
		daemon_start(w, host);
		after(w, 10 * HA_SEC);
		serves(w, A);
		for (unsigned other = 0; other < HOSTS; other++) {
			not_alarmed(w, other, ALARM_NO_STANDBY);
			not_alarmed(w, other, ALARM_PATH_ASYMMETRIC);
			not_alarmed(w, other, ALARM_PATH_DOWN);
		}
	}
	/* But a standby that does not come back is one. */
	daemon_kill(w, B);
	after(w, 2 * HA_SEC);
	alarmed(w, A, ALARM_NO_STANDBY);
	daemon_start(w, B);
	after(w, 10 * HA_SEC);
}

static void
upgraded(struct world *w)
{
	up(w);
	daemon_kill(w, A); /* reexec */
	daemon_start(w, A);
	after(w, 10 * HA_SEC);
	serves(w, A);
	daemon_crash(w, A);
	after(w, 10 * HA_SEC);
	serves(w, A);
	daemon_reload(w, A);
	after(w, 10 * HA_SEC);
	serves(w, A);
	daemon_stop(w, A); /* systemctl restart */
	until_serves(w, B, 3 * HA_SEC);
	after(w, 5 * HA_SEC);
	daemon_start(w, A);
	after(w, 10 * HA_SEC);
	serves(w, B);
	expect(w, w->power_downs == 0, "no power-down");
}

static void
restarted_alone(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.checks = CHECKS_ALWAYS;
	up_with(w, &c);
	sick(w, B, false);
	after(w, 10 * HA_SEC);
	daemon_stop(w, A); /* systemctl restart beside a peer that is not fit */
	after(w, 6 * HA_SEC);
	daemon_start(w, A);
	until_serves(w, A, 10 * HA_SEC);
	expect(w, w->power_downs == 0, "no power-down");
}

static void
backup_away(struct world *w)
{
	up(w);
	daemon_stop(w, B);
	after(w, 60 * HA_SEC);
	serves(w, A);
	alarmed(w, A, ALARM_NO_STANDBY);
	daemon_start(w, B);
	after(w, 10 * HA_SEC);
	daemon_crash(w, B);
	after(w, 10 * HA_SEC);
	host_power_off(w, B);
	after(w, 5 * HA_SEC);
	host_power_on(w, B);
	after(w, 60 * HA_SEC);
	serves(w, A);
	expect(w, w->power_downs == 0, "no power-down");
}

static void
record_wiped(struct world *w)
{
	up(w);
	daemon_kill(w, A);
	memset(&w->hosts[A].record, 0, sizeof(w->hosts[A].record));
	after(w, HA_SEC);
	expect(w, w->hosts[A].service, "the services of A still run");
	daemon_start(w, A);
	after(w, 20 * HA_SEC);
	expect(w, oracle_serving(w) >= 0, "one serves");
	expect(w, w->power_downs == 0, "no power-down");
}

/* S9: who gave up the VIP without a grant has to hear its peer before it powers it down, whatever it was since. */
static void
gave_up_and_restarted(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.node[A].startup_fence = true;
	c.node[A].startup_fence_delay = 60 * HA_SEC;
	up_with(w, &c);
	after(w, 30 * HA_SEC);
	imm_dies(w, A);
	split(w, true);
	after(w, HA_SEC);
	daemon_stop(w, A);
	after(w, 5 * HA_SEC);
	expect(w, !w->hosts[A].daemon.alive, "A has ended");
	daemon_start(w, A);
	after(w, 110 * HA_SEC);
	shots(w, B, 0);
	split(w, false);
	after(w, 10 * HA_SEC);
}

const struct row rows_start[] = {
	{
		.number = 37,
		.title = "both start at once",
		.run = both_start,
		.holder = A,
		.power = POWER_ON,
		.may_alarm = { ALARM(FENCE_IDENTITY), ALARM(FENCE_IDENTITY) },
	},
	{
		.number = 38,
		.title = "both start, split, startup = \"wait\"",
		.run = both_start_split,
		.holder = NOBODY,
		.power = POWER_ON,
		.alarms = { ALARM(WAITING_FOR_PEER), ALARM(WAITING_FOR_PEER) },
		.may_alarm = { ALARM(LOOP_AVERTED), ALARM(LOOP_AVERTED) },
	},
	{
		.number = 38,
		.title = "both start, split, startup = \"fence\"",
		.run = both_start_split_fence,
		.holder = EITHER,
		.power = POWER_ANY,
		.downs = { 0, 1 },
		.alarms = { ALARM(WAITING_FOR_PEER), ALARM(WAITING_FOR_PEER) },
		.may_alarm = { ALARM(FENCED) | ALARM(NO_STANDBY) | ALARM(LOOP_AVERTED), ALARM(LOOP_AVERTED) },
	},
	{
		.number = 39,
		.title = "one starts alone, the peer is off",
		.run = alone_peer_off,
		.holder = B,
		.power = POWER_ANY,
		.alarms = { 0, ALARM(NO_STANDBY) },
	},
	{
		.number = 39,
		.title = "one starts alone, the peer was never heard",
		.run = alone_first_start,
		.holder = NOBODY,
		.power = POWER_ANY,
		.alarms = { 0, ALARM(FENCE_IDENTITY) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) },
	},
	{
		.number = 40,
		.title = "one starts alone, the peer is on and silent",
		.run = alone_peer_on,
		.holder = NOBODY,
		.power = POWER_ON,
		.alarms = { 0, ALARM(WAITING_FOR_PEER) },
		.may_alarm = { 0, ALARM(LOOP_AVERTED) },
	},
	{
		.number = 40,
		.title = "one gave up the VIP and is restarted, the peer is on and silent",
		.run = gave_up_and_restarted,
		.holder = EITHER,
		.power = POWER_ON,
		.alarms = { ALARM(LOOP_AVERTED), ALARM(CLAIM_STUCK) },
		.may_alarm = { UINT64_MAX, UINT64_MAX },
	},
	{
		.number = 59,
		.title = "startup = \"fence\", and the disk is full just then",
		.run = startup_fence_on_full_disk,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(RESOURCES) },
		.may_alarm = { UINT64_MAX, UINT64_MAX },
	},
	{
		.number = 59,
		.title = "standby, and the disk is full just then",
		.run = standby_on_full_disk,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(RESOURCES) | ALARM(STANDBY_ON) },
		.may_alarm = { ALARM(NO_STANDBY), 0 },
	},
	{
		.number = 41,
		.title = "fenced, boots, still split",
		.run = fenced_boots_split,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { ALARM(LOOP_AVERTED), ALARM(FENCED) },
		.may_alarm = { ALARM(WAITING_FOR_PEER) | ALARM(NO_STANDBY), ALARM(NO_STANDBY) },
	},
	{
		.number = 70,
		.title = "startup = \"fence\" under a lasting split",
		.run = lasting_split_fence,
		.holder = EITHER,
		.power = POWER_ANY,
		.downs = { 1, 1 },
		.alarms = { ALARM(LOOP_AVERTED), ALARM(LOOP_AVERTED) },
		.may_alarm = { ALARM(WAITING_FOR_PEER) | ALARM(FENCED) | ALARM(NO_STANDBY),
			ALARM(WAITING_FOR_PEER) | ALARM(FENCED) | ALARM(NO_STANDBY) },
	},
	{
		.number = 72,
		.title = "upgrade in place of both",
		.run = upgraded_quietly,
		.holder = A,
		.power = POWER_ON,
		.may_alarm = { ALARM(NO_STANDBY), ALARM(WAITING_FOR_PEER) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 72,
		.title = "upgrade, crash, reload, restart",
		.run = upgraded,
		.holder = B,
		.power = POWER_ON,
		.may_alarm = { ALARM(NO_STANDBY),
			ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE) | ALARM(PATH_ASYMMETRIC) },
	},
	{
		.number = 72,
		.title = "restart beside a peer that is not fit",
		.run = restarted_alone,
		.holder = A,
		.power = POWER_ON,
		.may_alarm = { ALARM(NO_STANDBY), ALARM(CHECK_FAILED) },
	},
	{
		.number = 75,
		.title = "the backup is stopped, crashes, reboots",
		.run = backup_away,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(NO_STANDBY), 0 },
	},
	{
		.number = 77,
		.title = "daemon killed, record wiped, services run",
		.run = record_wiped,
		.holder = EITHER,
		.power = POWER_ON,
		.may_alarm = { 0, ALARM(NO_STANDBY) },
	},
	{ .number = 0 },
};
