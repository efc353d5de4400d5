/* test/sim/rows_faults.c -- FAULTS.md 1 to 36: the master dies, links and IMMs fail. */
#include "test/sim/row.h"

#define AS_INSTALLED (5500 * HA_MS) /* to verified off, and the VIP: the aim of DESIGN section 7 */

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
	alarmed(w, B, ALARM_CLAIM_STUCK);
	w->hosts[B].gateway_lost = false;
	until_serves(w, B, 10 * HA_SEC);
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
	forget_alarms(w);
	host_freeze(w, A, false); /* row 20 */
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

const struct row rows_faults[] = {
	{ 1, "power lost on the master, IMM alive", power_lost, NULL },
	{ 1, "panic of the master", panic, NULL },
	{ 2, "master frozen, later thawed", frozen_and_thawed, NULL },
	{ 3, "daemon killed and restarted, five times", daemon_restarted, NULL },
	{ 4, "daemon killed for good", daemon_dead, NULL },
	{ 5, "daemon stalled shorter than `after`", stalled_short, NULL },
	{ 5, "daemon stalled longer", stalled_long, NULL },
	{ 5, "daemon stalled until its watchdog restarts it", stalled_watchdog, NULL },
	{ 6, "graceful stop", graceful_stop, NULL },
	{ 7, "forged priority 0 and replayed grants", false_hints, NULL },
	{ 7, "a grant of an earlier claim comes late", late_grant, NULL },
	{ 8, "service cable of the master out", service_cable, NULL },
	{ 9, "both cables of the master out", both_cables, NULL },
	{ 10, "cables of the backup out", backup_cable, NULL },
	{ 11, "VRRP filtered", vrrp_filtered, NULL },
	{ 12, "peer messages filtered on one LAN", path_filtered, NULL },
	{ 13, "split on all LANs", split_all, NULL },
	{ 13, "split in mid-switchover", split_in_switchover, NULL },
	{ 13, "split, and the backup has lost the gateway", gateway_lost, NULL },
	{ 14, "one-way loss A to B", deaf_backup, NULL },
	{ 15, "one-way loss B to A", deaf_master, NULL },
	{ 16, "switch dead", switch_dead, NULL },
	{ 17, "power and IMM lost, IMM returns", power_and_imm_lost, NULL },
	{ 17, "power and IMM lost, confirm-off", power_and_imm_lost_confirmed, NULL },
	{ 18, "PDU as second level", NULL, "the fence plan has one level so far" },
	{ 19, "IMM dead, then (20) the master too", imm_dead, NULL },
	{ 21, "wrong IMM password", wrong_password, NULL },
	{ 22, "privilege refused at login", no_privilege, NULL },
	{ 22, "privilege refused at the power-down (0xD4)", no_privilege_at_power_down, NULL },
	{ 23, "cipher suite refused", cipher_refused, NULL },
	{ 24, "no free session", no_session, NULL },
	{ 25, "IMM answers after 5 s", slow_imm, NULL },
	{ 25, "IMM answers after 0.23 s", sluggish_imm, NULL },
	{ 26, "loss on the IMM LAN", lossy_imm, NULL },
	{ 27, "power-down accepted, host stays on", stays_on, NULL },
	{ 28, "answer to the power-down lost", answer_lost, NULL },
	{ 29, "power reading lags", lagging, NULL },
	{ 30, "dwell of somebody's power cycle", dwell, NULL },
	{ 31, "0xD5 to the power-down", refused, NULL },
	{ 32, "0xC3 to the power-down", strange_code, NULL },
	{ 32, "garbage from the IMM", garbage, NULL },
	{ 33, "IMM cold-resets in mid-fence", imm_resets, NULL },
	{ 34, "IMM of another host", imm_of_another, NULL },
	{ 35, "my own IMM as the peer's", imm_of_mine, NULL },
	{ 36, "fenced, but somebody answers for the VIP", still_answers, NULL },
	{ 64, "IMM of a third machine that is off", imm_of_another_off, NULL },
	{ 0, NULL, NULL, NULL },
};
