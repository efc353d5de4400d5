/* test/sim/rows_hands.c -- administrators, strangers, attackers. */
#include "test/sim/row.h"

#include <string.h>

static void
false_hints(struct world *w)
{
	up(w);
	daemon_command(w, A, NODE_CMD_SWITCHOVER, 0); /* grants and releases to record */
	after(w, 20 * HA_SEC);
	serves(w, B);
	daemon_command(w, B, NODE_CMD_SWITCHOVER, 0);
	after(w, 20 * HA_SEC);
	serves(w, A);
	for (int i = 0; i < 200; i++) {
		network_forge_advert(w, B, true, 0);
		network_replay(w, B, (unsigned)i % LINKS);
		after(w, 20 * HA_MS);
		serves(w, A);
	}
	expect(w, w->power_downs == 0, "no power-down was sent");
}

/* The grant of a claim that has ended comes while the next claim is open: it is for that number and no other (S1). */
static void
late_grant(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.checks = CHECKS_MANY;
	dark(w, &c);
	w->hosts[B].memory.standby = true;
	host_power_on(w, A);
	host_power_on(w, B);
	after(w, 2 * HA_SEC);
	w->hosts[A].maintenance = true; /* grants, never claims */
	after(w, 48 * HA_SEC);
	serves(w, NOBODY);
	for (unsigned link = 0; link < LINKS; link++)
		w->paths[A][link].delay = 3 * HA_SEC;
	daemon_command(w, B, NODE_CMD_UNSTANDBY, 0);
	after(w, HA_SEC); /* granted; the grant is on its way */
	daemon_command(w, B, NODE_CMD_PAUSE, HA_NEVER);
	after(w, 500 * HA_MS);
	daemon_command(w, B, NODE_CMD_RESUME, 0);
	after(w, 2300 * HA_MS);
	serves(w, NOBODY);
	until_serves(w, B, 5 * HA_SEC);
	expect(w, w->power_downs == 0, "no power-down was sent");
}

static void
forged_and_replayed(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.encode = true;
	up_with(w, &c);
	for (unsigned i = 0; i < 500; i++) {
		network_forge_advert(w, i % HOSTS, i % 3 == 0, (uint8_t)(i % 256));
		network_replay(w, i % HOSTS, i % LINKS);
		network_invalid(w, i % HOSTS, i % LINKS);
		after(w, 20 * HA_MS);
		serves(w, A);
	}
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, B, ALARM_VIP_CONFLICT);
}

static void
workers_killed(struct world *w)
{
	up(w);
	worker_restart(w, A);
	worker_restart(w, B);
	after(w, 5 * HA_SEC);
	worker_hang(w, B, true);
	after(w, 30 * HA_SEC);
	worker_hang(w, B, false);
	after(w, 20 * HA_SEC);
	serves(w, A);
	expect(w, w->power_downs == 0, "no power-down");
}

static void
workers_killed_then_master(struct world *w)
{
	workers_killed(w);
	host_freeze(w, A, false);
	until_serves(w, B, 10 * HA_SEC);
}

static void
health_killed(struct world *w)
{
	up(w);
	health_restart(w, A);
	after(w, 5 * HA_SEC);
	serves(w, A);
	health_hang(w, A); /* what it said last stays in force */
	for (int i = 0; i < 300; i++) {
		after(w, 100 * HA_MS);
		serves(w, A);
	}
	expect(w, !w->hosts[A].checks.hung, "the one that hangs is replaced");
}

/* The new fence process counts its sessions from 1 again, and talks to another IMM: what the old one saw is void (S10).
 */
static void
worker_replaced_in_claim(struct world *w)
{
	for (ha_time when = 2500 * HA_MS; when < 3700 * HA_MS && !w->failed; when += 20 * HA_MS) {
		up(w);
		split(w, true);
		after(w, when);           /* around the moment of the power-down */
		if (w->power_downs > 0) { /* too late by now: what goes on is an ordinary split */
			until_serves(w, B, 10 * HA_SEC);
			return;
		}
		w->imm_target[B] = THIRD;
		w->imms[THIRD].third_on = true;
		worker_restart(w, B);
		after(w, 60 * HA_SEC);
		holds(w, A);
		expect(w, w->power_downs == 0, "no power command");
		alarmed(w, B, ALARM_FENCE_IDENTITY);
	}
}

static void
reloaded(struct world *w)
{
	up(w);
	w->hosts[A].daemon.config.priority = 80;
	daemon_reload(w, A);
	for (int i = 0; i < 100; i++) {
		after(w, 100 * HA_MS);
		serves(w, A);
	}
	expect(w, w->hosts[A].daemon.node.config.priority == 80, "the change is in force");
}

static void
configs_differ(struct world *w)
{
	up(w);
	memset(w->hosts[A].daemon.config.config_digest, 7, VRRP_MESSAGE_DIGEST);
	memset(w->hosts[A].daemon.config.vip_digest, 7, VRRP_MESSAGE_DIGEST);
	daemon_reload(w, A);
	after(w, 90 * HA_SEC);
	serves(w, A);
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, A, ALARM_CONFIG_DIFFERS);
	alarmed(w, B, ALARM_CONFIG_DIFFERS);
}

/* S8: what cannot be verified still shows that somebody lives there. */
static void
keys_differ(struct world *w)
{
	up(w);
	w->keys_differ = true;
	w->paths[A][SERVICE].no_adverts = w->paths[B][SERVICE].no_adverts = true;
	network_changed(w);
	after(w, 120 * HA_SEC);
	serves(w, A);
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, B, ALARM_VIP_CONFLICT);
}

static void
foreign_daemon(struct world *w)
{
	up(w);
	for (int i = 0; i < 60; i++) {
		network_forge_advert(w, A, false, (uint8_t)(i < 30 ? 200 : 50));
		network_forge_advert(w, B, false, (uint8_t)(i < 30 ? 200 : 50));
		after(w, HA_SEC);
		serves(w, A);
	}
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, A, ALARM_VIP_CONFLICT);
}

static void
wrong_confirm(struct world *w)
{
	up(w);
	w->operator_lies = true;
	w->imms[A].reachable = w->imms[B].reachable = false;
	split(w, true);
	after(w, 20 * HA_SEC);
	daemon_command(w, B, NODE_CMD_CONFIRM_OFF, 0);
	after(w, 5 * HA_SEC);
	holds(w, A);
	holds(w, B);
	forget_alarms(w);
	split(w, false);
	after(w, 2 * HA_SEC);
	expect(w, kernel_has_vip(w, A) && !kernel_has_vip(w, B), "the one holding by OPERATOR gives way at once");
	w->operator_lies = false;
	after(w, 30 * HA_SEC);
	serves(w, A);
	expect(w, w->power_downs == 0, "no power-down");
	alarmed(w, A, ALARM_VIP_CONFLICT);
}

static void
second_machine(struct world *w)
{
	up(w);
	daemon_kill(w, B);
	memset(w->hosts[B].daemon.config.guid.bytes, 0xcc, 16);
	w->hosts[B].memory.standby = true; /* it would grant everything */
	daemon_start(w, B);
	after(w, 20 * HA_SEC);
	serves(w, A);
	alarmed(w, A, ALARM_FENCE_IDENTITY);
	daemon_stop(w, A);
	after(w, 20 * HA_SEC);
	daemon_start(w, A);
	after(w, 60 * HA_SEC);
	expect(w, !oracle_holder(w, A), "A takes no grant of a second machine");
	shots(w, A, 0);
}

/* Nothing that decides reads a wall clock: the pair does what it would have done, step by step. */
static void
clocks_jump(struct world *w)
{
	uint64_t said[HOSTS] = { 0 };

	for (int jump = 0; jump < 2; jump++) {
		up(w);
		for (unsigned i = 0; i < 4; i++) {
			if (jump)
				w->hosts[i % HOSTS].wall += (i < 2 ? 1 : -2) * (int64_t)(3600 * HA_SEC);
			after(w, 30 * HA_SEC);
			serves(w, A);
		}
		for (unsigned host = 0; host < HOSTS; host++) {
			const struct node *n = &w->hosts[host].daemon.node;

			expect(w, !jump || said[host] == n->sequence, "each has said as much as without a jump");
			said[host] = n->sequence;
		}
	}
}

static void
second_daemon(struct world *w)
{
	uint64_t incarnation;

	up(w);
	incarnation = w->hosts[A].daemon.node.window.my_incarnation;
	expect(w, !daemon_second(w, A), "the second one refuses");
	after(w, 10 * HA_SEC);
	expect(w, w->hosts[A].daemon.node.window.my_incarnation == incarnation, "the first one goes on");
	serves(w, A);
}

static void
set_keys(struct world *w, unsigned host, unsigned count, uint8_t first, uint8_t second)
{
	w->keys[host].count = count;
	memset(w->keys[host].keys[0], first, sizeof(w->keys[host].keys[0]));
	memset(w->keys[host].keys[1], second, sizeof(w->keys[host].keys[1]));
	daemon_reload(w, host);
}

/* The new one first believed, then used, then the old one gone; each on A, then on B. Real codec, real signatures. */
static void
keys_rotate(struct world *w)
{
	static const struct {
		unsigned count;
		uint8_t first, second;
	} steps[] = { { 2, 0x5a, 0xa5 }, { 2, 0xa5, 0x5a }, { 1, 0xa5, 0 } };
	struct world_config c;

	pair_config(&c);
	c.encode = true;
	up_with(w, &c);
	for (unsigned i = 0; i < 2 * sizeof(steps) / sizeof(steps[0]); i++) {
		set_keys(w, i % HOSTS, steps[i / 2].count, steps[i / 2].first, steps[i / 2].second);
		for (unsigned k = 0; k < 50; k++) {
			after(w, 100 * HA_MS);
			serves(w, A);
			expect(w, w->hosts[1 - i % HOSTS].daemon.node.peer.heard, "each hears the other");
		}
	}
	expect(w, w->hosts[A].daemon.node.peer.last_mismatch == 0 && w->hosts[B].daemon.node.peer.last_mismatch == 0,
		"no packet was refused");
}

/* B rotates without A: it is not understood, and A keeps (S8). */
static void
keys_rotate_on_one(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.encode = true;
	up_with(w, &c);
	set_keys(w, B, 1, 0xa5, 0);
	after(w, 120 * HA_SEC);
	serves(w, A);
	set_keys(w, A, 1, 0xa5, 0);
	after(w, 60 * HA_SEC);
	serves(w, A);
	expect(w, w->hosts[B].daemon.node.peer.heard, "they hear each other again");
}

/* What is said on one link and comes in on another is no sign of life of either path. */
static void
path_spoofed(struct world *w)
{
	struct world_config c;

	pair_config(&c);
	c.encode = true;
	up_with(w, &c);
	w->relayed = true;
	after(w, 30 * HA_SEC);
	serves(w, A);
	expect(w, w->hosts[A].daemon.alarms_seen == 0 && w->hosts[B].daemon.alarms_seen == 0, "no alarm");
	cut_link(w, STORAGE, true);
	after(w, 30 * HA_SEC);
	serves(w, A);
	alarmed(w, A, ALARM_PATH_DOWN);
	alarmed(w, B, ALARM_PATH_DOWN);
	forget_alarms(w);
	cut_link(w, STORAGE, false);
	after(w, 10 * HA_SEC);
	forget_alarms(w);
	after(w, 20 * HA_SEC);
}

const struct row rows_hands[] = {
	{
		.number = 7,
		.title = "forged priority 0 and replayed grants",
		.run = false_hints,
		.holder = A,
		.power = POWER_ON,
	},
	{
		.number = 7,
		.title = "a grant of an earlier claim comes late",
		.run = late_grant,
		.holder = B,
		.power = POWER_ON,
		.may_alarm = { ALARM(FENCE_IDENTITY) | ALARM(PATH_ASYMMETRIC) | ALARM(CHECK_FAILED) | ALARM(PAUSED),
			ALARM(WAITING_FOR_PEER) | ALARM(NO_STANDBY) | ALARM(FENCE_IDENTITY) | ALARM(STANDBY_ON) |
				ALARM(FENCE_UNREACHABLE) | ALARM(PAUSED) },
	},
	{
		.number = 45,
		.title = "wall clocks jump by an hour",
		.run = clocks_jump,
		.holder = A,
		.power = POWER_ON,
	},
	{
		.number = 47,
		.title = "forged, replayed, invalid packets",
		.run = forged_and_replayed,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(VIP_CONFLICT), ALARM(VIP_CONFLICT) | ALARM(ADVERT_MISMATCH) },
		.may_alarm = { ALARM(ADVERT_MISMATCH), 0 },
	},
	{
		.number = 56,
		.title = "fence process killed and hung",
		.run = workers_killed,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(WORKER_RESTARTED), ALARM(WORKER_RESTARTED) },
	},
	{
		.number = 56,
		.title = "fence process replaced in a claim, with another IMM",
		.run = worker_replaced_in_claim,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.may_alarm = { ALARM(NO_STANDBY), ALARM(FENCED) | ALARM(NO_STANDBY) },
	},
	{
		.number = 56,
		.title = "fence process killed, then the master dies",
		.run = workers_killed_then_master,
		.holder = B,
		.power = POWER_OFF,
		.downs = { 1, 0 },
		.alarms = { 0, ALARM(FENCED) },
		.may_alarm = { ALARM(WORKER_RESTARTED), ALARM(NO_STANDBY) | ALARM(WORKER_RESTARTED) },
	},
	{
		.number = 56,
		.title = "health process killed and hung",
		.run = health_killed,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(WORKER_RESTARTED), 0 },
	},
	{
		.number = 57,
		.title = "reload with a valid change",
		.run = reloaded,
		.holder = A,
		.power = POWER_ON,
	},
	{
		.number = 58,
		.title = "configurations differ",
		.run = configs_differ,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(CONFIG_DIFFERS), ALARM(CONFIG_DIFFERS) },
		.may_alarm = { ALARM(NO_STANDBY), 0 },
	},
	{
		.number = 58,
		.title = "keys differ",
		.run = keys_differ,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(VIP_CONFLICT), ALARM(VIP_CONFLICT) },
		.may_alarm = { ALARM(NO_STANDBY) | ALARM(ADVERT_MISMATCH),
			ALARM(CLAIM_STUCK) | ALARM(ADVERT_MISMATCH) },
	},
	{
		.number = 60,
		.title = "a foreign VRRP router",
		.run = foreign_daemon,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(VIP_CONFLICT), ALARM(VIP_CONFLICT) },
	},
	{
		.number = 61,
		.title = "a second daemon on one host",
		.run = second_daemon,
		.holder = A,
		.power = POWER_ON,
	},
	{
		.number = 74,
		.title = "key rotation on both",
		.run = keys_rotate,
		.holder = A,
		.power = POWER_ON,
	},
	{
		.number = 74,
		.title = "key replaced on one node, then on the other",
		.run = keys_rotate_on_one,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(VIP_CONFLICT), ALARM(VIP_CONFLICT) },
		.may_alarm = { ALARM(NO_STANDBY) | ALARM(ADVERT_MISMATCH),
			ALARM(WAITING_FOR_PEER) | ALARM(PATH_DOWN) | ALARM(PATH_ASYMMETRIC) | ALARM(ADVERT_MISMATCH) },
	},
	{
		.number = 76,
		.title = "wrong confirm-off",
		.run = wrong_confirm,
		.holder = A,
		.power = POWER_ON,
		.alarms = { ALARM(VIP_CONFLICT), ALARM(VIP_CONFLICT) },
		.may_alarm = { ALARM(NO_STANDBY) | ALARM(FENCE_UNREACHABLE),
			ALARM(FENCE_UNREACHABLE) | ALARM(VRRP_BLOCKED) },
	},
	{
		.number = 79,
		.title = "the peer replaced by another machine",
		.run = second_machine,
		.holder = NOBODY,
		.power = POWER_ON,
		.alarms = { ALARM(FENCE_IDENTITY), 0 },
		.may_alarm = { ALARM(WAITING_FOR_PEER) | ALARM(NO_STANDBY) | ALARM(LOOP_AVERTED),
			ALARM(PATH_DOWN) | ALARM(STANDBY_ON) },
	},
	{
		.number = 80,
		.title = "one path comes in through the other",
		.run = path_spoofed,
		.holder = A,
		.power = POWER_ON,
	},
	{ .number = 0 },
};
