/* test/sim/rows_imm.c -- IMMs fail, lie, belong to others. */
#include "test/sim/row.h"

#include <string.h>

static void
power_and_imm_lost(struct world *w)
{
	up(w);
	imm_dies(w, A);
	host_power_off(w, A);
	after(w, 120 * HA_SEC);
	serves(w, NOBODY);
	alarmed(w, B, ALARM_CLAIM_STUCK);
	imm_returns(w, A);
	until_serves(w, B, 5 * HA_SEC);
	shots(w, A, 0);
}

static void
power_and_imm_lost_confirmed(struct world *w)
{
	up(w);
	imm_dies(w, A);
	host_power_off(w, A);
	after(w, 30 * HA_SEC);
	serves(w, NOBODY);
	daemon_command(w, B, NODE_CMD_CONFIRM_OFF, 0);
	expect(w, w->hosts[B].daemon.reply == NODE_REPLY_DONE, "confirm-off is accepted");
	until_serves(w, B, HA_SEC);
}

static void
imm_dead(struct world *w)
{
	up(w);
	imm_dies(w, A);
	after(w, 30 * HA_SEC);
	serves(w, A);
	shots(w, A, 0);
	alarmed(w, B, ALARM_FENCE_UNREACHABLE);
}

static void
imm_dead_then_master(struct world *w)
{
	imm_dead(w);
	host_freeze(w, A, false);
	after(w, 120 * HA_SEC);
	expect(w, !oracle_holder(w, B), "B does not add");
	alarmed(w, B, ALARM_CLAIM_STUCK);
	imm_returns(w, A);
	until_serves(w, B, 10 * HA_SEC);
	shots(w, A, 1);
}

static void
login_fails(struct world *w, enum fence_error error, enum alarm alarm)
{
	up(w);
	w->imms[A].login = error;
	w->imms[A].epoch++;
	after(w, 30 * HA_SEC);
	serves(w, A);
	alarmed(w, B, alarm);
	for (enum alarm other = ALARM_FENCE_AUTHENTICATION; other <= ALARM_FENCE_SESSIONS; other++) {
		if (other != alarm)
			not_alarmed(w, B, other);
	}
	host_freeze(w, A, false);
	after(w, 60 * HA_SEC);
	expect(w, !oracle_holder(w, B), "B does not add");
	shots(w, A, 0);
	alarmed(w, B, ALARM_CLAIM_STUCK);
}

static void
wrong_password(struct world *w)
{
	login_fails(w, FENCE_AUTHENTICATION, ALARM_FENCE_AUTHENTICATION);
}

static void
no_privilege(struct world *w)
{
	login_fails(w, FENCE_PRIVILEGE, ALARM_FENCE_PRIVILEGE);
}

static void
no_privilege_at_power_down(struct world *w)
{
	up(w);
	w->imms[A].refuse = 0xd4;
	host_freeze(w, A, false);
	after(w, 60 * HA_SEC);
	expect(w, !oracle_holder(w, B), "B does not add");
	shots(w, A, 0);
}

static void
cipher_refused(struct world *w)
{
	login_fails(w, FENCE_CIPHER, ALARM_FENCE_CIPHER);
}

static void
no_session(struct world *w)
{
	login_fails(w, FENCE_SESSIONS, ALARM_FENCE_SESSIONS);
	w->imms[A].login = FENCE_OK;
	until_serves(w, B, 15 * HA_SEC);
}

static void
slow_imm(struct world *w)
{
	up(w);
	w->imms[A].delay = 5 * HA_SEC;
	after(w, 30 * HA_SEC);
	alarmed(w, B, ALARM_FENCE_SLOW);
	host_freeze(w, A, false);
	until_serves(w, B, 60 * HA_SEC);
	shots(w, A, 1);
}

static void
sluggish_imm(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.node[A].fence.settle = c.node[B].fence.settle = 100 * HA_MS;
	up_with(w, &c);
	w->imms[A].delay = 230 * HA_MS; /* readings are on their way when the power-down is answered */
	host_freeze(w, A, false);
	until_serves(w, B, 10 * HA_SEC);
	shots(w, A, 1);
}

static void
lossy_imm(struct world *w)
{
	up(w);
	w->imms[A].loss = 200;
	host_freeze(w, A, false);
	until_serves(w, B, 60 * HA_SEC);
	shots(w, A, 1);
}

static void
stays_on(struct world *w)
{
	up(w);
	w->imms[A].stuck_on = true;
	host_freeze(w, A, false);
	after(w, 60 * HA_SEC);
	expect(w, !oracle_holder(w, B), "B does not add");
	is_on(w, A);
	alarmed(w, B, ALARM_OFF_FAILED);
}

static void
answer_lost(struct world *w)
{
	up(w);
	w->imms[A].lost_answers = 1;
	host_freeze(w, A, false);
	until_serves(w, B, 30 * HA_SEC);
	shots(w, A, 1);
}

static void
lagging(struct world *w)
{
	up(w);
	w->imms[A].lag = 3 * HA_SEC;
	host_freeze(w, A, false);
	until_serves(w, B, 20 * HA_SEC);
	shots(w, A, 1);
}

static void
dwell(struct world *w)
{
	up(w);
	host_power_off(w, A);
	after(w, 500 * HA_MS);
	host_power_on(w, A); /* somebody's cycle */
	after(w, 20 * HA_SEC);
	if (oracle_serving(w) != B)
		until_serves(w, B, 30 * HA_SEC);
	after(w, 60 * HA_SEC);
	serves(w, B);
	shots(w, B, 0);
}

static void
refused(struct world *w)
{
	up(w);
	w->imms[A].refuse = 0xd5;
	host_freeze(w, A, false);
	after(w, 20 * HA_SEC);
	expect(w, !oracle_holder(w, B), "B does not add while A is on");
	w->imms[A].refuse = 0;
	until_serves(w, B, 20 * HA_SEC);
	shots(w, A, 1);
}

static void
strange_code(struct world *w)
{
	up(w);
	w->imms[A].refuse = 0xc3;
	host_freeze(w, A, false);
	after(w, 30 * HA_SEC);
	expect(w, !oracle_holder(w, B), "B does not add while A is on");
	host_power_off(w, A);
	until_serves(w, B, 20 * HA_SEC);
}

static void
garbage(struct world *w)
{
	up(w);
	w->imms[A].garbage = 1000;
	host_freeze(w, A, false);
	after(w, 30 * HA_SEC);
	expect(w, !oracle_holder(w, B), "B does not add");
	w->imms[A].garbage = 0;
	until_serves(w, B, 20 * HA_SEC);
	shots(w, A, 1);
}

static void
imm_resets(struct world *w)
{
	up(w);
	host_freeze(w, A, false);
	until_shot(w, A, 10 * HA_SEC);
	imm_reset(w, A, 10 * HA_SEC, HA_SEC);
	after(w, 9 * HA_SEC);
	serves(w, NOBODY);
	until_serves(w, B, 20 * HA_SEC);
	shots(w, A, 1);
}

static void
imm_of(struct world *w, unsigned target, bool third_on)
{
	up(w);
	w->imm_target[B] = target;
	w->imms[THIRD].third_on = third_on;
	worker_restart(w, B);
	after(w, 20 * HA_SEC);
	serves(w, A);
	alarmed(w, B, ALARM_FENCE_IDENTITY);
	host_freeze(w, A, false);
	after(w, 60 * HA_SEC);
	expect(w, !oracle_holder(w, B), "B does not add");
	expect(w, w->power_downs == 0, "no power command");
}

static void
imm_of_another(struct world *w)
{
	imm_of(w, THIRD, true);
}

static void
imm_of_another_off(struct world *w)
{
	imm_of(w, THIRD, false);
}

static void
imm_of_mine(struct world *w)
{
	imm_of(w, B, true);
}

static void
still_answers(struct world *w)
{
	up(w);
	host_freeze(w, A, false);
	until_shot(w, A, 10 * HA_SEC);
	w->third_has_vip = true;
	after(w, 60 * HA_SEC);
	serves(w, NOBODY);
	alarmed(w, B, ALARM_VIP_CONFLICT);
}

static void
imm_blinks(struct world *w)
{
	up(w);
	imm_reset(w, A, 100 * HA_MS, 1500 * HA_MS);
	after(w, 100 * HA_MS);
	split(w, true);
	after(w, 1800 * HA_MS);
	split(w, false);
	after(w, 30 * HA_SEC);
	serves(w, A);
	expect(w, w->kills[A] == 0, "A is not powered down");
}

/* The IMM has just restarted and says "off" without knowing, to a daemon that has just restarted too. */
static void
imm_and_daemon_restart(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.node[A].fence.action = c.node[B].fence.action = FENCE_ACTION_CHECK;
	up_with(w, &c);
	host_freeze(w, A, false);
	imm_reset(w, A, 3 * HA_SEC, 1500 * HA_MS);
	w->hosts[B].stop_delay = 1200 * HA_MS; /* the session is older than the claim */
	daemon_kill(w, B);
	after(w, 2900 * HA_MS);
	daemon_start(w, B);
	after(w, 60 * HA_SEC);
	holds(w, A);
	expect(w, !oracle_holder(w, B), "B does not believe it");
}

const struct row rows_imm[] = {
	{
		.number = 17,
		.title = "power and IMM lost, IMM returns",
		.run = power_and_imm_lost,
		.holder = B,
		.power = POWER_OFF,
		.alarms = { 0, ALARM(CLAIM_STUCK) },
		.may_alarm = { 0, ALARM(FENCED) | ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 17,
		.title = "power and IMM lost, confirm-off",
		.run = power_and_imm_lost_confirmed,
		.holder = B,
		.power = POWER_OFF,
		.alarms = { 0, ALARM(CLAIM_STUCK) },
		.may_alarm = { 0, ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 19,
		.title = "IMM dead, master healthy",
		.run = imm_dead,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 20,
		.title = "IMM dead, then the master too",
		.run = imm_dead_then_master,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCE_UNREACHABLE) | ALARM(CLAIM_STUCK) },
		.may_alarm = { 0, ALARM(FENCED) | ALARM(NO_STANDBY) },
	},
	{
		.number = 21,
		.title = "wrong IMM password",
		.run = wrong_password,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(FENCE_AUTHENTICATION) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 22,
		.title = "privilege refused at login",
		.run = no_privilege,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(FENCE_PRIVILEGE) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 22,
		.title = "privilege refused at the power-down (0xD4)",
		.run = no_privilege_at_power_down,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(CLAIM_STUCK) },
		.may_alarm = { 0, ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 23,
		.title = "cipher suite refused",
		.run = cipher_refused,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(FENCE_CIPHER) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 24,
		.title = "no free session",
		.run = no_session,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCE_SESSIONS) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) | ALARM(FENCED) | ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 25,
		.title = "IMM answers after 5 s",
		.run = slow_imm,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCE_SLOW) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) | ALARM(FENCED) | ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 25,
		.title = "IMM answers after 0.23 s",
		.run = sluggish_imm,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { 0, ALARM(NO_STANDBY) },
	},
	{
		.number = 26,
		.title = "loss on the IMM LAN",
		.run = lossy_imm,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { 0, ALARM(NO_STANDBY) },
	},
	{
		.number = 27,
		.title = "power-down accepted, host stays on",
		.run = stays_on,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(OFF_FAILED) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) },
	},
	{
		.number = 28,
		.title = "answer to the power-down lost",
		.run = answer_lost,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) | ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 29,
		.title = "power reading lags",
		.run = lagging,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { 0, ALARM(NO_STANDBY) },
	},
	{
		.number = 30,
		.title = "dwell of somebody's power cycle",
		.run = dwell,
		.holder = B,
		.power = POWER_OFF,
		.may_alarm = { 0, ALARM(FENCED) | ALARM(NO_STANDBY) },
	},
	{
		.number = 31,
		.title = "0xD5 to the power-down",
		.run = refused,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) | ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 32,
		.title = "0xC3 to the power-down",
		.run = strange_code,
		.holder = B,
		.power = POWER_OFF,
		.may_alarm = { 0, ALARM(CLAIM_STUCK) | ALARM(FENCED) | ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 32,
		.title = "garbage from the IMM",
		.run = garbage,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(CLAIM_STUCK) },
		.may_alarm = { 0, ALARM(FENCED) | ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 33,
		.title = "IMM cold-resets in mid-fence",
		.run = imm_resets,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCE_UNREACHABLE) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) | ALARM(FENCED) | ALARM(NO_STANDBY) },
	},
	{
		.number = 34,
		.title = "IMM of another host",
		.run = imm_of_another,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(FENCE_IDENTITY) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) | ALARM(WORKER_RESTARTED) },
	},
	{
		.number = 35,
		.title = "my own IMM as the peer's",
		.run = imm_of_mine,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(FENCE_IDENTITY) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) | ALARM(WORKER_RESTARTED) },
	},
	{
		.number = 36,
		.title = "fenced, but somebody answers for the VIP",
		.run = still_answers,
		.holder = NOBODY,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(VIP_CONFLICT) },
	},
	{
		.number = 64,
		.title = "IMM of a third machine that is off",
		.run = imm_of_another_off,
		.holder = A,
		.power = POWER_ON,
		.alarms = { 0, ALARM(FENCE_IDENTITY) },
		.may_alarm = { 0, ALARM(CLAIM_STUCK) | ALARM(WORKER_RESTARTED) },
	},
	{
		.number = 65,
		.title = "the IMM restarts and says off while the LAN blips",
		.run = imm_blinks,
		.holder = A,
		.power = POWER_ON,
		.may_alarm = { ALARM(NO_STANDBY), ALARM(CLAIM_STUCK) | ALARM(FENCE_UNREACHABLE) },
	},
	{
		.number = 65,
		.title = "the IMM restarts and says off to a daemon that restarts",
		.run = imm_and_daemon_restart,
		.holder = A,
		.power = POWER_ON,
		.may_alarm = { 0, ALARM(WAITING_FOR_PEER) },
	},
	{ .number = 0 },
};
