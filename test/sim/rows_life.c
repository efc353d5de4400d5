/* test/sim/rows_life.c -- FAULTS.md 37 to 80: starts, restarts, services, administrators, attackers. */
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
	alarmed(w, A, ALARM_WORKER_RESTARTED);
	host_freeze(w, A, false);
	until_serves(w, B, 10 * HA_SEC);
}

/* The new fence process counts its sessions from 1 again, and talks to another IMM: what the old one saw is void (S10).
 */
static void
worker_replaced_in_claim(struct world *w)
{
	for (ha_time when = 2500 * HA_MS; when < 3700 * HA_MS && !w->failed; when += 20 * HA_MS) {
		up(w);
		split(w, true);
		after(w, when); /* around the moment of the power-down */
		if (w->power_downs > 0)
			break;
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
	after(w, 2500 * HA_MS);
	w->imms[A].loss = w->imms[B].loss = 1000;
	until = w->now + 40 * HA_SEC;
	while (w->power_downs < 2 && w->now < until && !w->failed)
		after(w, 10 * HA_MS);
	after(w, 300 * HA_MS);
	expect(w, w->power_downs >= 2, "both have sent a power-down");
	w->imms[A].loss = w->imms[B].loss = 0;
	split(w, false);
	after(w, 30 * HA_SEC);
	expect(w, oracle_serving(w) >= 0, "one serves");
	expect(w, w->kills[A] + w->kills[B] == 0, "nobody is powered down");
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

const struct row rows_life[] = {
	{ 37, "both start at once", both_start, NULL },
	{ 38, "both start, split, startup = \"wait\"", both_start_split, NULL },
	{ 38, "both start, split, startup = \"fence\"", both_start_split_fence, NULL },
	{ 39, "one starts alone, the peer is off", alone_peer_off, NULL },
	{ 39, "one starts alone, the peer was never heard", alone_first_start, NULL },
	{ 40, "one starts alone, the peer is on and silent", alone_peer_on, NULL },
	{ 41, "fenced, boots, still split", fenced_boots_split, NULL },
	{ 42, "B dies in mid-fence", dies_in_fence, NULL },
	{ 43, "B dies after its claim, A off", dies_after_claim, NULL },
	{ 44, "A powered on after OFF was seen, before B has claimed", powered_on_before_claim, NULL },
	{ 45, "wall clock jumps", NULL, "no code in here has a wall clock; the lab shows it" },
	{ 46, "the backup misses packets", backup_misses_packets, NULL },
	{ 47, "forged, replayed, invalid packets", forged_and_replayed, NULL },
	{ 48, "the service dies on the master", service_dies, NULL },
	{ 49, "the service is dead on both", service_dead_on_both, NULL },
	{ 50, "NFS dead on the master only", nfs_dead_on_master, NULL },
	{ 51, "NFS dead on both", nfs_dead_on_both, NULL },
	{ 52, "a managed service cannot be stopped", service_unstoppable, NULL },
	{ 53, "the add fails after the fence", add_fails, NULL },
	{ 54, "somebody deletes the VIP", vip_deleted, NULL },
	{ 55, "a third host uses the VIP", third_host, NULL },
	{ 56, "fence process killed and hung", workers_killed, NULL },
	{ 56, "fence process replaced in a claim, with another IMM", worker_replaced_in_claim, NULL },
	{ 57, "reload with a valid change", reloaded, NULL },
	{ 58, "configurations differ", configs_differ, NULL },
	{ 58, "keys differ", keys_differ, NULL },
	{ 59, "disk full", disk_full, NULL },
	{ 60, "a foreign VRRP router", foreign_daemon, NULL },
	{ 61, "second daemon on one host", NULL, "the lock is the shell's: test_lock and the lab" },
	{ 62, "a claim within the add window", claim_in_add_window, NULL },
	{ 63, "one of two addresses cannot be added", half_a_set, NULL },
	{ 65, "the IMM restarts and says off while the LAN blips", imm_blinks, NULL },
	{ 65, "the IMM restarts and says off to a daemon that restarts", imm_and_daemon_restart, NULL },
	{ 66, "the NFS server reboots, the master notices first", nfs_server_reboots, NULL },
	{ 67, "switch reload", switch_reload, NULL },
	{ 68, "power-down into the void, then all heals", shot_into_the_void, NULL },
	{ 69, "both power-downs into the void", both_shoot_into_the_void, NULL },
	{ 70, "startup = \"fence\" under a lasting split", lasting_split_fence, NULL },
	{ 71, "a voluntary release turns dirty", voluntary_turns_dirty, NULL },
	{ 72, "upgrade, crash, reload, restart", upgraded, NULL },
	{ 72, "restart beside a peer that is not fit", restarted_alone, NULL },
	{ 73, "restart after the VIP set was changed", NULL, "the kernel of the simulator has one set of addresses" },
	{ 74, "key rotation", NULL, "several keys are the codec's: test_message and the lab" },
	{ 75, "the backup is stopped, crashes, reboots", backup_away, NULL },
	{ 76, "wrong confirm-off", wrong_confirm, NULL },
	{ 77, "daemon killed, record wiped, services run", record_wiped, NULL },
	{ 78, "one LAN flaps for an hour", flapping, NULL },
	{ 78, "the only LAN flaps for an hour", flapping_pair, NULL },
	{ 79, "the peer replaced by another machine", second_machine, NULL },
	{ 80, "source address spoofed through the other LAN", NULL,
		"sockets are the shell's: test_peer_socket and the lab" },
	{ 0, NULL, NULL, NULL },
};
