/* The node as conversations: what it hears, what its kernel and its fence process answer, what it does. The simulator
 * runs whole pairs for a long time; here each rule has its shortest story. */
#include "daemon/node.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define ME        1000 /* incarnations */
#define PEER      2000
#define SERVICE   0
#define PEER_PRIO 90

static const struct ha_guid own_guid = { { 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 1 } };
static const struct ha_guid peer_guid = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } };

/* A node, the clock, and what it did since forget(). */
struct story {
	struct node_config config;
	struct node_start start;
	struct node node;
	ha_time now;
	uint64_t peer_sequence, session;
	ha_time session_since;
	unsigned did[NODE_ACTION_TYPES], notes[NODE_NOTES];
	unsigned readings, downs, ups;
	uint32_t read, down, up; /* tokens of orders that are not answered yet; 0: none */
	uint64_t granted;        /* by the newest message that grants; 0: none */
	uint64_t record_before_add;
	struct node_record record;
	struct node_memory memory;
	uint32_t remember, reply_token;
	enum node_reply reply;
	uint8_t advert;
};

static void
take_order(struct story *t, const struct fence_order *order)
{
	switch (order->type) {
	case FENCE_ORDER_READ:
		t->read = order->token;
		t->readings++;
		break;
	case FENCE_ORDER_POWER_DOWN:
		t->down = order->token;
		t->downs++;
		break;
	case FENCE_ORDER_POWER_UP:
		t->up = order->token;
		t->ups++;
		break;
	case FENCE_ORDER_CANCEL:
		if (t->read == order->token)
			t->read = 0;
		break;
	case FENCE_ORDER_ALIVE:
	case FENCE_ORDER_SENSOR:
	case FENCE_ORDER_TYPES:
		break;
	}
}

static void
take_actions(struct story *t, const struct node_update *update)
{
	for (unsigned i = 0; i < update->count; i++) {
		const struct node_action *action = &update->actions[i];

		t->did[action->type]++;
		if (action->type == NODE_SEND && action->message.grant != 0)
			t->granted = action->message.grant;
		else if (action->type == NODE_SEND_ADVERT)
			t->advert = (uint8_t)action->value;
		else if (action->type == NODE_WRITE_RECORD)
			t->record = action->record;
		else if (action->type == NODE_ADD_VIP) /* S4 */
			ck_assert_int_eq(t->record.state, NODE_RECORD_HOLDING);
		else if (action->type == NODE_FENCE_ORDER)
			take_order(t, &action->order);
		else if (action->type == NODE_NOTE)
			t->notes[action->note.type]++;
		else if (action->type == NODE_REMEMBER) {
			t->memory = action->memory;
			t->remember = action->token;
		} else if (action->type == NODE_REPLY_TO) {
			t->reply = action->reply;
			t->reply_token = action->token;
		}
	}
}

static void
step(struct story *t, struct node_event event)
{
	static uint64_t random = 77;
	struct node_update update;

	event.now = t->now;
	event.random = random += UINT64_C(0x9e3779b97f4a7c15);
	node_step(&t->node, &event, &update);
	take_actions(t, &update);
}

static void
happens(struct story *t, enum node_event_type type, bool ok)
{
	step(t, (struct node_event){ .type = type, .ok = ok });
}

/* What was done so far is of no interest; orders stay open. */
static void
forget(struct story *t)
{
	memset(t->did, 0, sizeof(t->did));
	memset(t->notes, 0, sizeof(t->notes));
	t->readings = t->downs = t->ups = 0;
	t->granted = 0;
	t->reply_token = 0;
}

/* Time passes, every socket is empty, nothing comes in. What is asked to be written is written. */
static void
pass(struct story *t, ha_time length)
{
	ha_time until = t->now + length;

	for (unsigned steps = 0; steps < 100000; steps++) {
		ha_time at = ha_time_max(node_deadline(&t->node), t->now);

		if (t->remember > t->node.remembered_token) {
			step(t, (struct node_event){ .type = NODE_EV_REMEMBERED, .ok = true, .token = t->remember });
			continue;
		}
		if (at > until)
			break;
		t->now = at;
		step(t, (struct node_event){ .type = NODE_EV_TIMER, .drained = t->now });
		/* A deadline that stays in the past would be a loop without end. */
		ck_assert_uint_gt(node_deadline(&t->node), t->now);
	}
	t->now = until;
}

static struct vrrp_message
message(const struct story *t, enum node_state state)
{
	struct vrrp_message m = { .version = VRRP_MESSAGE_VERSION,
		.guid = peer_guid,
		.incarnation = PEER,
		.echo_incarnation = ME,
		.echo_sequence = t->node.sequence + 1,
		.links_heard = 1,
		.state = state,
		.fit = state != NODE_FAULT,
		.standby = state == NODE_STANDBY,
		.dirty = state == NODE_DIRTY,
		.priority = PEER_PRIO,
		.effective_priority = PEER_PRIO,
		.can_fence = true,
		.storage_probe_age_ms = UINT32_MAX };

	m.holding = state == NODE_ADDING || state == NODE_MASTER || state == NODE_RELEASING;
	if (m.holding)
		m.proof = NODE_PROOF_CONSENT;
	memcpy(m.vip_digest, t->config.vip_digest, sizeof(m.vip_digest));
	memcpy(m.config_digest, t->config.config_digest, sizeof(m.config_digest));
	strcpy(m.cluster, "test");
	strcpy(m.sender, "B");
	return m;
}

static void
says(struct story *t, struct vrrp_message m)
{
	m.sequence = ++t->peer_sequence;
	step(t, (struct node_event){ .type = NODE_EV_MESSAGE, .message = m });
}

static void
hear(struct story *t, enum node_state state)
{
	says(t, message(t, state));
}

/* The peer says the same for a while. */
static void
hear_for(struct story *t, enum node_state state, ha_time length)
{
	for (ha_time until = t->now + length; t->now < until;) {
		hear(t, state);
		pass(t, t->config.hello);
	}
}

static void
hear_claim(struct story *t, uint64_t number, enum node_intent intent, uint8_t priority)
{
	struct vrrp_message m = message(t, NODE_CLAIMING);

	m.claim = number;
	m.intent = intent;
	m.claim_priority = priority;
	says(t, m);
}

static void
hear_grant(struct story *t)
{
	struct vrrp_message m = message(t, NODE_BACKUP);

	m.grant = t->node.claim.number;
	says(t, m);
}

static void
answers(struct story *t, uint32_t *token, enum fence_error error, enum fence_power power, uint8_t completion)
{
	struct fence_report report = { .type = FENCE_REPORT_ANSWER,
		.token = *token,
		.error = error,
		.completion = completion,
		.power = power,
		.session = t->session,
		.session_since = t->session_since,
		.guid_known = true,
		.guid = peer_guid,
		.asked = t->now };

	ck_assert_uint_ne(*token, 0);
	*token = 0;
	t->now += 5 * HA_MS;
	report.answered = t->now;
	step(t, (struct node_event){ .type = NODE_EV_FENCE, .report = report });
}

/* The IMM reads `power` for a while and accepts every command. */
static void
imm_for(struct story *t, enum fence_power power, ha_time length)
{
	for (ha_time until = t->now + length; t->now < until;) {
		if (t->down != 0)
			answers(t, &t->down, FENCE_OK, FENCE_POWER_UNKNOWN, 0);
		else if (t->up != 0)
			answers(t, &t->up, FENCE_OK, FENCE_POWER_UNKNOWN, 0);
		else if (t->read != 0)
			answers(t, &t->read, FENCE_OK, power, 0);
		else
			pass(t, 10 * HA_MS);
	}
}

static void
commands(struct story *t, enum node_command_type type)
{
	step(t, (struct node_event){
			.type = NODE_EV_COMMAND, .command = { .type = type, .token = 5, .duration = HA_NEVER } });
}

static struct story
story(void)
{
	struct story t = { .now = 1000 * HA_SEC, .session = 1, .session_since = 900 * HA_SEC };

	t.config = (struct node_config){ .cluster = "test",
		.name = "A",
		.peer = "B",
		.priority = 100,
		.peer_priority = PEER_PRIO,
		.hello = 200 * HA_MS,
		.advert = HA_SEC,
		.vrrp_version = 2,
		.fence = { .action = FENCE_ACTION_REBOOT,
			.samples = 2,
			.settle = HA_SEC,
			.power_timeout = 20 * HA_SEC,
			.own = own_guid },
		.fence_configured = true,
		.after = 3 * HA_SEC,
		.priority_fencing_delay = 10 * HA_SEC,
		.startup_fence_delay = 600 * HA_SEC,
		.release_timeout = 30 * HA_SEC,
		.link_count = 1,
		.guid = own_guid };
	t.start = (struct node_start){ .incarnation = ME, .link_up = { true }, .memory = { .peer_guid = peer_guid } };
	return t;
}

static void
begin(struct story *t)
{
	node_init(&t->node, &t->config);
	step(t, (struct node_event){ .type = NODE_EV_START, .start = t->start });
}

/* Started without a record, cleaned up, beside a peer that does nothing. */
static struct story
backup(void)
{
	struct story t = story();

	begin(&t);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	forget(&t);
	return t;
}

/* ... beside a master, heard for long enough that it may be powered down. */
static struct story
beside_master(void)
{
	struct story t = backup();

	hear_for(&t, NODE_MASTER, 2 * HA_SEC);
	ck_assert_int_eq(t.node.state, NODE_BACKUP);
	forget(&t);
	return t;
}

static struct story
master(void)
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	pass(&t, 10 * HA_MS);
	happens(&t, NODE_EV_VIP_ADDED, true);
	ck_assert_int_eq(t.node.state, NODE_MASTER);
	hear_for(&t, NODE_BACKUP, HA_SEC);
	forget(&t);
	return t;
}

static void
becomes(const struct story *t, enum node_state state)
{
	ck_assert_str_eq(node_state_name(t->node.state), node_state_name(state));
}

/* --- start --- */

START_TEST(a_start_cleans_up_before_it_speaks)
{
	struct story t = story();

	begin(&t);
	becomes(&t, NODE_INIT);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	ck_assert_uint_eq(t.did[NODE_STOP_SERVICE], 1);
	pass(&t, HA_SEC);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 90);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	ck_assert_uint_eq(t.granted, 0);
	becomes(&t, NODE_INIT);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	ck_assert_int_ne(t.node.state, NODE_INIT);
	ck_assert_int_eq(t.record.state, NODE_RECORD_NONE);
}
END_TEST

START_TEST(a_record_and_the_address_resume)
{
	struct story t = story();

	t.start.record.state = NODE_RECORD_HOLDING;
	t.start.vip_present = true;
	begin(&t);
	becomes(&t, NODE_MASTER);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 0);
	ck_assert_uint_eq(t.did[NODE_STOP_SERVICE], 0);
	ck_assert_uint_eq(t.did[NODE_PROBE], 1); /* it asks the wire and the peer before it goes on */
	ck_assert_uint_eq(t.did[NODE_SEND_ADVERT], 0);
	ck_assert(t.record.woke_late);
	happens(&t, NODE_EV_VIP_ADDED, true);
	pass(&t, HA_SEC);
	becomes(&t, NODE_MASTER);
	ck_assert_uint_gt(t.did[NODE_SEND_ADVERT], 0);
	hear(&t, NODE_BACKUP);
	ck_assert(!t.record.woke_late);
}
END_TEST

START_TEST(a_record_without_the_address_starts_dirty)
{
	struct story t = story();

	t.start.record.state = NODE_RECORD_HOLDING;
	begin(&t);
	becomes(&t, NODE_DIRTY);
	ck_assert_int_eq(t.record.state, NODE_RECORD_DIRTY);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 90);
	ck_assert_uint_eq(t.granted, 0);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	becomes(&t, NODE_DIRTY);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	becomes(&t, NODE_BACKUP);
	ck_assert_int_eq(t.record.state, NODE_RECORD_NONE);
	ck_assert_uint_eq(t.granted, 7);
}
END_TEST

/* --- consent --- */

START_TEST(both_start_and_one_consents)
{
	struct story t = backup();
	uint64_t claim;

	hear(&t, NODE_BACKUP);
	becomes(&t, NODE_CLAIMING);
	claim = t.node.claim.number;
	ck_assert_uint_ne(claim, 0);
	hear_grant(&t);
	ck_assert_uint_eq(t.did[NODE_PROBE], 1);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0); /* S5: the wire first */
	pass(&t, 10 * HA_MS);
	becomes(&t, NODE_ADDING);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 1);
	ck_assert(node_holding(&t.node)); /* S3: from before the add */
	ck_assert_int_eq(t.record.proof, NODE_PROOF_CONSENT);
	ck_assert_uint_eq(t.record.claim, claim);
	happens(&t, NODE_EV_VIP_ADDED, true);
	becomes(&t, NODE_MASTER);
	ck_assert_uint_eq(t.did[NODE_START_SERVICE], 1);
	ck_assert_uint_eq(t.did[NODE_ANNOUNCE], 1);
	ck_assert_uint_eq(t.advert, 100);
}
END_TEST

START_TEST(a_grant_of_another_claim_is_none)
{
	struct story t = backup();
	struct vrrp_message m;

	hear(&t, NODE_BACKUP);
	m = message(&t, NODE_BACKUP);
	m.grant = t.node.claim.number ^ 2;
	says(&t, m);
	pass(&t, 300 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(a_grant_from_another_machine_is_none) /* S10 */
{
	struct story t = backup();
	struct vrrp_message m;

	hear(&t, NODE_BACKUP);
	m = message(&t, NODE_BACKUP);
	m.grant = t.node.claim.number;
	m.guid.bytes[0]++;
	says(&t, m);
	pass(&t, 300 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_FENCE_IDENTITY));
}
END_TEST

START_TEST(granting_ends_the_own_claim) /* S2 */
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	becomes(&t, NODE_CLAIMING);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 110);
	ck_assert_uint_eq(t.granted, 7);
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.node.claim.number, 0);
	ck_assert_int_eq(t.node.claim.proof, NODE_PROOF_NONE);
}
END_TEST

START_TEST(the_better_claim_does_not_grant)
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 90);
	ck_assert_uint_eq(t.granted, 0);
	becomes(&t, NODE_CLAIMING);
}
END_TEST

START_TEST(a_claim_ends_when_the_peer_holds)
{
	struct story t = backup();

	pass(&t, HA_SEC);
	becomes(&t, NODE_CLAIMING);
	hear(&t, NODE_MASTER);
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(a_wire_that_answers_ends_the_claim) /* S5 */
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	happens(&t, NODE_EV_PROBE_ANSWER, true);
	pass(&t, HA_SEC);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_VIP_CONFLICT));
}
END_TEST

START_TEST(a_wire_that_was_not_asked_is_not_silent) /* S5 */
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	for (unsigned i = 0; i < 20; i++) {
		happens(&t, NODE_EV_PROBE_FAILED, false);
		pass(&t, 50 * HA_MS);
	}
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(a_failed_add_is_removed) /* S3 */
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	pass(&t, 10 * HA_MS);
	becomes(&t, NODE_ADDING);
	happens(&t, NODE_EV_VIP_ADDED, false);
	becomes(&t, NODE_RELEASING);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 110);
	ck_assert_uint_eq(t.granted, 0); /* a holder until it is removed */
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.granted, 7);
	ck_assert_int_eq(t.record.state, NODE_RECORD_NONE);
	ck_assert(t.node.alarms & alarm_bit(ALARM_VIP_ADD_FAILED));
}
END_TEST

/* --- fencing --- */

START_TEST(a_peer_found_off_is_replaced_at_once)
{
	struct story t = beside_master();
	ha_time from = t.now;

	pass(&t, 500 * HA_MS);
	becomes(&t, NODE_CLAIMING);
	imm_for(&t, FENCE_POWER_OFF, HA_SEC);
	becomes(&t, NODE_ADDING);
	ck_assert_int_eq(t.record.proof, NODE_PROOF_OFF);
	ck_assert_uint_eq(t.downs, 1); /* S6: answered before "off" counts */
	ck_assert_uint_ge(t.readings, 3);
	ck_assert_uint_ge(t.did[NODE_PROBE], NODE_PROBES);
	ck_assert_uint_lt(t.now - from, 2 * HA_SEC);
	ck_assert_uint_eq(t.memory.power_up_tries, 0); /* found off, left off */
}
END_TEST

START_TEST(a_silent_peer_is_powered_down_after_the_delay)
{
	struct story t = beside_master();
	ha_time heard = t.node.peer.last_message;

	for (unsigned i = 0; i < 1000 && t.downs == 0; i++)
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	ck_assert_uint_ge(t.now - heard, 3 * HA_SEC);
	ck_assert_uint_lt(t.now - heard, 5 * HA_SEC); /* last heard as master: no delay of the priority */
	ck_assert(t.memory.credit_spent);             /* written before it was sent */
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	imm_for(&t, FENCE_POWER_OFF, 900 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0); /* S6: settle */
	imm_for(&t, FENCE_POWER_OFF, 500 * HA_MS);
	becomes(&t, NODE_ADDING);
	happens(&t, NODE_EV_VIP_ADDED, true);
	ck_assert_uint_eq(t.memory.power_up_tries, RESTORE_TRIES);
	imm_for(&t, FENCE_POWER_OFF, HA_SEC);
	ck_assert_uint_eq(t.ups, 1);
	hear(&t, NODE_INIT); /* it lives again */
	ck_assert_uint_eq(t.memory.power_up_tries, 0);
}
END_TEST

START_TEST(the_lower_priority_waits_for_a_peer_that_was_no_master)
{
	struct story t = story();
	ha_time heard;

	t.config.priority = 80;
	begin(&t);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	hear_for(&t, NODE_INIT, HA_SEC);
	heard = t.node.peer.last_message;
	for (unsigned i = 0; i < 3000 && t.downs == 0; i++)
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	ck_assert_uint_eq(t.downs, 1);
	ck_assert_uint_ge(t.now - heard, 13 * HA_SEC);
}
END_TEST

START_TEST(a_peer_that_speaks_ends_the_power_down)
{
	struct story t = beside_master();

	for (unsigned i = 0; i < 1000 && t.downs == 0; i++)
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	hear(&t, NODE_MASTER);
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.node.plan.down_token, 0);
	imm_for(&t, FENCE_POWER_ON, HA_SEC);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(nobody_is_powered_down_who_was_never_heard) /* S9 */
{
	struct story t = backup();

	pass(&t, 500 * HA_MS);
	imm_for(&t, FENCE_POWER_ON, 700 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_WAITING_FOR_PEER));
}
END_TEST

START_TEST(one_power_down_in_a_minute_of_hearing) /* S9 */
{
	struct story t = beside_master();

	t.node.memory.credit_spent = true;
	pass(&t, 500 * HA_MS);
	imm_for(&t, FENCE_POWER_ON, 60 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_LOOP_AVERTED));
	hear_for(&t, NODE_MASTER, 61 * HA_SEC);
	ck_assert(!t.node.memory.credit_spent);
	imm_for(&t, FENCE_POWER_ON, 6 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

START_TEST(invalid_packets_forbid_the_power_down) /* S8 */
{
	struct story t = beside_master();

	pass(&t, 500 * HA_MS);
	for (unsigned i = 0; i < 20; i++) {
		happens(&t, NODE_EV_INVALID, false);
		imm_for(&t, FENCE_POWER_ON, HA_SEC);
	}
	ck_assert_uint_eq(t.downs, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_VIP_CONFLICT));
	imm_for(&t, FENCE_POWER_ON, 5 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

START_TEST(a_cut_off_node_powers_nobody_down) /* S9 */
{
	struct story t = beside_master();

	step(&t, (struct node_event){ .type = NODE_EV_LINK, .link = SERVICE, .up = false });
	becomes(&t, NODE_FAULT);
	imm_for(&t, FENCE_POWER_ON, 60 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	step(&t, (struct node_event){ .type = NODE_EV_LINK, .link = SERVICE, .up = true });
	imm_for(&t, FENCE_POWER_ON, 30 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0); /* S13: the switch may not forward yet */
	imm_for(&t, FENCE_POWER_ON, 10 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

START_TEST(dirty_stands_for_the_silence)
{
	struct story t = backup();

	hear(&t, NODE_DIRTY);
	becomes(&t, NODE_CLAIMING);
	for (unsigned i = 0; i < 20 && t.downs == 0; i++) {
		hear(&t, NODE_DIRTY);
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	}
	ck_assert_uint_eq(t.downs, 1);
	hear(&t, NODE_DIRTY); /* what it asks for does not end the power-down that it asks for */
	imm_for(&t, FENCE_POWER_OFF, 2 * HA_SEC);
	becomes(&t, NODE_ADDING);
	ck_assert_int_eq(t.record.proof, NODE_PROOF_OFF);
}
END_TEST

START_TEST(an_unsent_power_down_costs_nothing)
{
	struct story t = beside_master();

	for (unsigned i = 0; i < 1000 && t.downs == 0; i++)
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	ck_assert(t.memory.credit_spent);
	answers(&t, &t.down, FENCE_NOT_SENT, FENCE_POWER_UNKNOWN, 0);
	hear(&t, NODE_MASTER);
	becomes(&t, NODE_BACKUP);
	ck_assert(!t.memory.credit_spent);
}
END_TEST

START_TEST(an_operator_proves_it)
{
	struct story t = beside_master();

	commands(&t, NODE_CMD_CONFIRM_OFF);
	ck_assert_int_eq(t.reply, NODE_REPLY_NO_CLAIM);
	pass(&t, HA_SEC);
	answers(&t, &t.read, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_CLAIM_STUCK));
	commands(&t, NODE_CMD_CONFIRM_OFF);
	ck_assert_int_eq(t.reply, NODE_REPLY_DONE);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	pass(&t, 100 * HA_MS);
	becomes(&t, NODE_ADDING);
	ck_assert_int_eq(t.record.proof, NODE_PROOF_OPERATOR);
}
END_TEST

START_TEST(an_operator_is_refused_when_the_imm_says_on)
{
	struct story t = beside_master();

	pass(&t, HA_SEC);
	imm_for(&t, FENCE_POWER_ON, 100 * HA_MS);
	commands(&t, NODE_CMD_CONFIRM_OFF);
	ck_assert_int_eq(t.reply, NODE_REPLY_PEER_ON);
}
END_TEST

/* --- release --- */

static void
answers_release(struct story *t, bool proven)
{
	happens(t, NODE_EV_SERVICE_STOPPED, proven);
	if (proven)
		happens(t, NODE_EV_VIP_REMOVED, true);
}

START_TEST(a_switchover_releases_then_grants)
{
	struct story t = master();

	commands(&t, NODE_CMD_SWITCHOVER);
	becomes(&t, NODE_MASTER); /* keeps it until the peer claims */
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_RELEASING);
	ck_assert_uint_eq(t.granted, 0);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 0); /* what serves is stopped first */
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	ck_assert_uint_eq(t.granted, 0);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.granted, 7);
	ck_assert_uint_eq(t.advert, 0);
	ck_assert_int_eq(t.record.state, NODE_RECORD_NONE);
	ck_assert_uint_eq(t.reply_token, 5);
	ck_assert_int_eq(t.reply, NODE_REPLY_DONE);
}
END_TEST

START_TEST(a_switchover_that_cannot_be_proven_is_undone)
{
	struct story t = master();

	commands(&t, NODE_CMD_SWITCHOVER);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	happens(&t, NODE_EV_SERVICE_STOPPED, false);
	becomes(&t, NODE_MASTER);
	ck_assert_uint_eq(t.granted, 0);
	ck_assert_uint_eq(t.did[NODE_START_SERVICE], 1);
	ck_assert_int_eq(t.reply, NODE_REPLY_DIRTY);
	ck_assert(t.node.alarms & alarm_bit(ALARM_DIRTY_RELEASE));
	happens(&t, NODE_EV_VIP_ADDED, true);
	becomes(&t, NODE_MASTER);
}
END_TEST

START_TEST(a_late_removal_says_nothing_after_an_undo) /* S3 */
{
	struct story t = master();

	commands(&t, NODE_CMD_SWITCHOVER);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	hear_for(&t, NODE_CLAIMING, 32 * HA_SEC); /* the kernel does not answer */
	becomes(&t, NODE_MASTER);
	forget(&t);
	hear_claim(&t, 8, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_RELEASING);
	happens(&t, NODE_EV_VIP_REMOVED, true); /* of the first removal: an add has followed it */
	happens(&t, NODE_EV_VIP_ADDED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	becomes(&t, NODE_RELEASING);
	ck_assert_uint_eq(t.granted, 0);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	ck_assert_uint_eq(t.granted, 8);
}
END_TEST

START_TEST(a_removal_that_fails_is_repeated_with_patience)
{
	struct story t = master();

	commands(&t, NODE_CMD_SWITCHOVER);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	for (unsigned i = 0; i < 50; i++) {
		happens(&t, NODE_EV_VIP_REMOVED, false);
		pass(&t, 20 * HA_MS);
	}
	becomes(&t, NODE_RELEASING);
	ck_assert_uint_ge(t.did[NODE_REMOVE_VIP], 4);
	ck_assert_uint_le(t.did[NODE_REMOVE_VIP], 7); /* each 200 ms */
}
END_TEST

START_TEST(an_unfit_master_asks_its_peer)
{
	struct story t = master();

	step(&t, (struct node_event){ .type = NODE_EV_LINK, .link = SERVICE, .up = false });
	becomes(&t, NODE_MASTER);
	ck_assert(t.node.handover);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_RELEASING);
	happens(&t, NODE_EV_SERVICE_STOPPED, false); /* not proven, and it has to: dirty */
	becomes(&t, NODE_DIRTY);
	ck_assert_int_eq(t.record.state, NODE_RECORD_DIRTY);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	ck_assert_uint_eq(t.granted, 0);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	pass(&t, 3 * HA_SEC);
	ck_assert_uint_ge(t.did[NODE_STOP_SERVICE], 2); /* goes on trying */
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	becomes(&t, NODE_FAULT);
	ck_assert_int_eq(t.record.state, NODE_RECORD_NONE);
}
END_TEST

START_TEST(an_unfit_master_without_a_fit_peer_keeps)
{
	struct story t = master();

	hear(&t, NODE_FAULT);
	step(&t, (struct node_event){ .type = NODE_EV_LINK, .link = SERVICE, .up = false });
	hear_for(&t, NODE_FAULT, 5 * HA_SEC);
	becomes(&t, NODE_MASTER);
	ck_assert(!t.node.handover);
	pass(&t, 60 * HA_SEC); /* silent: a master does not power down to keep what it has */
	becomes(&t, NODE_MASTER);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_NO_STANDBY));
}
END_TEST

START_TEST(a_stop_hands_over_and_ends)
{
	struct story t = master();

	happens(&t, NODE_EV_STOP, true);
	becomes(&t, NODE_MASTER);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	answers_release(&t, true);
	ck_assert_uint_eq(t.granted, 7);
	ck_assert_uint_eq(t.did[NODE_EXIT], 0); /* repeated until it is echoed */
	hear(&t, NODE_MASTER);
	ck_assert_uint_eq(t.did[NODE_EXIT], 1);
}
END_TEST

START_TEST(a_stop_that_cannot_be_proven_leaves_a_mark)
{
	struct story t = master();

	happens(&t, NODE_EV_STOP, true);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	answers_release(&t, false);
	becomes(&t, NODE_DIRTY);
	ck_assert_int_eq(t.record.state, NODE_RECORD_DIRTY);
	pass(&t, 4 * HA_SEC);
	ck_assert_uint_eq(t.did[NODE_EXIT], 1);
	ck_assert_uint_eq(t.granted, 0);
}
END_TEST

START_TEST(a_stop_without_a_peer_releases)
{
	struct story t = master();

	pass(&t, HA_SEC);
	happens(&t, NODE_EV_STOP, true);
	becomes(&t, NODE_RELEASING);
	answers_release(&t, true);
	ck_assert_uint_eq(t.did[NODE_EXIT], 1);
}
END_TEST

START_TEST(a_peer_that_left_in_order_is_not_powered_down)
{
	struct story t = backup();
	struct vrrp_message m;

	hear(&t, NODE_MASTER);
	m = message(&t, NODE_BACKUP);
	m.leaving = true;
	says(&t, m);
	imm_for(&t, FENCE_POWER_ON, 60 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_WAITING_FOR_PEER));
}
END_TEST

START_TEST(a_standby_grants_and_never_claims)
{
	struct story t = backup();

	commands(&t, NODE_CMD_STANDBY);
	ck_assert(t.memory.standby);
	becomes(&t, NODE_STANDBY);
	imm_for(&t, FENCE_POWER_OFF, 10 * HA_SEC);
	becomes(&t, NODE_STANDBY);
	ck_assert_uint_eq(t.downs, 0);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 90);
	ck_assert_uint_eq(t.granted, 7);
	commands(&t, NODE_CMD_UNSTANDBY);
	becomes(&t, NODE_BACKUP);
}
END_TEST

START_TEST(a_pause_keeps_everything_as_it_is)
{
	struct story t = beside_master();

	commands(&t, NODE_CMD_PAUSE);
	pass(&t, 10 * HA_SEC);
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.readings, 0);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 90); /* who does not hold still consents */
	ck_assert_uint_eq(t.granted, 7);
	commands(&t, NODE_CMD_RESUME);
	pass(&t, 10 * HA_SEC);
	becomes(&t, NODE_CLAIMING);
}
END_TEST

START_TEST(a_paused_master_does_not_switch)
{
	struct story t = master();

	commands(&t, NODE_CMD_PAUSE);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_MASTER);
	commands(&t, NODE_CMD_SWITCHOVER);
	ck_assert_int_eq(t.reply, NODE_REPLY_PAUSED);
}
END_TEST

/* --- reload --- */

static void
reloads(struct story *t)
{
	step(t, (struct node_event){ .type = NODE_EV_RELOAD, .token = 9, .config = &t->config });
}

START_TEST(a_reload_ends_a_claim_but_not_after_a_power_down)
{
	struct story t = beside_master();

	pass(&t, 500 * HA_MS);
	becomes(&t, NODE_CLAIMING);
	reloads(&t);
	ck_assert_int_eq(t.reply, NODE_REPLY_DONE);
	ck_assert_uint_eq(t.notes[NODE_NOTE_CLAIM_ENDED], 1);
	hear_for(&t, NODE_MASTER, HA_SEC); /* a reload may have moved the link: it must be heard again (S13) */
	for (unsigned i = 0; i < 1000 && t.downs == 0; i++)
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	reloads(&t);
	ck_assert_int_eq(t.reply, NODE_REPLY_REFUSED_POWERED);
	becomes(&t, NODE_CLAIMING);
}
END_TEST

START_TEST(changed_addresses_wait_for_the_peer)
{
	struct story t = master();
	uint8_t before = t.config.vip_digest[0];
	struct vrrp_message m;

	t.config.vip_digest[0] = 44;
	reloads(&t);
	m = message(&t, NODE_BACKUP);
	m.vip_digest[0] = before;
	says(&t, m);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	becomes(&t, NODE_MASTER);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_RELEASING);
}
END_TEST

START_TEST(no_grant_when_the_sets_of_addresses_differ)
{
	struct story t = backup();
	struct vrrp_message m = message(&t, NODE_CLAIMING);

	m.claim = 7;
	m.claim_priority = 110;
	m.vip_digest[3] = 1;
	says(&t, m);
	ck_assert_uint_eq(t.granted, 0);
}
END_TEST

/* --- late wake, two holders --- */

START_TEST(a_late_master_asks_before_it_goes_on) /* S7 */
{
	struct story t = master();

	t.now += 10 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 10 * HA_SEC });
	ck_assert_uint_eq(t.did[NODE_SEND_ADVERT], 0);
	ck_assert(t.record.woke_late);
	ck_assert_uint_eq(node_deadline(&t.node), HA_NEVER);
	happens(&t, NODE_EV_DRAINED, true);
	ck_assert_uint_eq(t.did[NODE_PROBE], 1);
	ck_assert_uint_eq(t.did[NODE_SEND_ADVERT], 0);
	pass(&t, 200 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_SEND_ADVERT], 0);
	hear(&t, NODE_BACKUP);
	ck_assert_uint_ge(t.did[NODE_SEND_ADVERT], 1);
	ck_assert(!t.record.woke_late);
	becomes(&t, NODE_MASTER);
}
END_TEST

START_TEST(a_late_master_gives_way_to_a_new_one) /* S7, S12 */
{
	struct story t = master();

	t.now += 10 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 10 * HA_SEC });
	hear(&t, NODE_MASTER);
	becomes(&t, NODE_RELEASING);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	ck_assert_uint_eq(t.did[NODE_SEND_ADVERT], 0);
}
END_TEST

START_TEST(a_late_master_gives_way_to_an_answer_on_the_wire) /* S7 */
{
	struct story t = master();

	t.now += 10 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 10 * HA_SEC });
	happens(&t, NODE_EV_DRAINED, true);
	happens(&t, NODE_EV_PROBE_ANSWER, true);
	becomes(&t, NODE_RELEASING);
}
END_TEST

START_TEST(of_two_holders_one_gives_way) /* S12 */
{
	struct story t = master();
	struct vrrp_message m;

	hear(&t, NODE_MASTER); /* 90: it gives way */
	becomes(&t, NODE_MASTER);
	ck_assert_uint_eq(t.did[NODE_ANNOUNCE], 1);
	ck_assert(t.node.alarms & alarm_bit(ALARM_VIP_CONFLICT));
	m = message(&t, NODE_MASTER);
	m.priority = 110;
	says(&t, m);
	becomes(&t, NODE_RELEASING);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1); /* the address first */
}
END_TEST

START_TEST(silence_is_not_judged_before_the_sockets_are_empty) /* S13 */
{
	struct story t = beside_master();

	t.now += 5 * HA_SEC;
	happens(&t, NODE_EV_LINK_HEARD, true);
	ck_assert(t.node.peer.heard);
	becomes(&t, NODE_BACKUP);
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 5 * HA_SEC });
	happens(&t, NODE_EV_DRAINED, true);
	ck_assert(t.node.peer.heard); /* its silence begins anew */
	pass(&t, 500 * HA_MS);
	ck_assert(!t.node.peer.heard);
}
END_TEST

START_TEST(a_lost_address_is_added_again)
{
	struct story t = master();

	happens(&t, NODE_EV_VIP_LOST, false);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 1);
	ck_assert(t.node.alarms & alarm_bit(ALARM_VIP_LOST));
	for (unsigned i = 0; i < 3; i++) {
		happens(&t, NODE_EV_VIP_ADDED, false);
		hear_for(&t, NODE_BACKUP, 1200 * HA_MS);
	}
	ck_assert(t.node.handover); /* it cannot: the peer may */
	becomes(&t, NODE_MASTER);
	happens(&t, NODE_EV_VIP_ADDED, true);
	hear(&t, NODE_BACKUP);
	ck_assert(!t.node.handover);
}
END_TEST

/* --- narrow places: each was a hole once --- */

START_TEST(an_unread_answer_of_the_wire_counts) /* S5, S13 */
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	t.now += 60 * HA_MS; /* late, but not by much: the message is looked at before the ARP socket */
	hear(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	happens(&t, NODE_EV_PROBE_ANSWER, true);
	pass(&t, HA_SEC);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(a_wire_that_was_not_listened_to_is_asked_again) /* S5, S13 */
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	t.now += 60 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 60 * HA_SEC });
	happens(&t, NODE_EV_DRAINED, true);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	ck_assert_uint_eq(t.did[NODE_PROBE], 2);
	pass(&t, 10 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 1);
}
END_TEST

START_TEST(a_wire_that_cannot_be_asked_leaves_the_vip_to_the_peer)
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	for (unsigned i = 0; i < 500 && t.node.state == NODE_CLAIMING; i++) {
		if (t.did[NODE_PROBE] != 0)
			happens(&t, NODE_EV_PROBE_FAILED, false);
		t.did[NODE_PROBE] = 0;
		if (i % 20 == 0)
			hear(&t, NODE_BACKUP);
		pass(&t, 10 * HA_MS);
	}
	becomes(&t, NODE_BACKUP);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_VIP_ADD_FAILED));
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 90);
	ck_assert_uint_eq(t.granted, 7);
}
END_TEST

START_TEST(who_gave_it_up_waits_to_be_heard) /* S9: or both power each other down */
{
	struct story t = master();
	struct vrrp_message m;

	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	answers_release(&t, true);
	ck_assert_uint_eq(t.granted, 7);
	m = message(&t, NODE_CLAIMING); /* under way since before the grant */
	m.claim = 7;
	m.intent = NODE_INTENT_SWITCHOVER;
	m.echo_sequence = 1;
	says(&t, m);
	imm_for(&t, FENCE_POWER_ON, 60 * HA_SEC); /* the grant was lost, and every link with it */
	ck_assert_uint_eq(t.downs, 0);
	ck_assert(t.node.alarms & alarm_bit(ALARM_LOOP_AVERTED));
	hear_for(&t, NODE_MASTER, HA_SEC);
	imm_for(&t, FENCE_POWER_ON, 5 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

static ha_time
first_power_down_of(uint8_t priority)
{
	struct story t = story();
	ha_time from = t.now;

	t.config.priority = priority;
	t.config.startup_fence = true;
	begin(&t);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	for (unsigned i = 0; i < 700 && t.downs == 0; i++)
		imm_for(&t, FENCE_POWER_ON, HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
	ck_assert(t.memory.startup_burned);
	return t.now - from;
}

START_TEST(two_that_boot_together_do_not_fence_together) /* S9 */
{
	ha_time higher = first_power_down_of(100), lower = first_power_down_of(80);

	ck_assert_uint_ge(higher, 600 * HA_SEC);
	ck_assert_uint_ge(lower, higher + 9 * HA_SEC);
}
END_TEST

START_TEST(the_answer_to_a_power_up_is_not_one_to_a_power_down) /* S6 */
{
	struct story t = story();
	uint32_t up;

	t.start.record.state = NODE_RECORD_HOLDING;
	t.start.vip_present = true;
	t.start.memory.power_up_tries = 2;
	begin(&t);
	pass(&t, 500 * HA_MS);
	answers(&t, &t.read, FENCE_OK, FENCE_POWER_OFF, 0);
	ck_assert_uint_eq(t.ups, 1);
	up = t.up;
	hear(&t, NODE_MASTER); /* S12: it gives way, before the power-up is answered */
	becomes(&t, NODE_RELEASING);
	if (t.did[NODE_ADD_VIP] != 0)
		happens(&t, NODE_EV_VIP_ADDED, true);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	becomes(&t, NODE_BACKUP);
	pass(&t, HA_SEC);
	becomes(&t, NODE_CLAIMING);
	for (unsigned i = 0; i < 100 && t.downs == 0; i++) {
		if (t.read != 0)
			answers(&t, &t.read, FENCE_OK, FENCE_POWER_OFF, 0);
		pass(&t, 10 * HA_MS);
	}
	ck_assert_uint_eq(t.downs, 1);
	ck_assert_uint_ne(up, t.down);
	t.up = up;
	answers(&t, &t.up, FENCE_OK, FENCE_POWER_UNKNOWN, 0);
	ck_assert_uint_eq(t.node.plan.answered_session, 0);
}
END_TEST

START_TEST(a_probe_of_an_earlier_silence_proves_no_fitness) /* S9 */
{
	struct story t = story();
	ha_time began;
	uint32_t first;

	t.config.required_probes = true;
	begin(&t);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	hear_for(&t, NODE_MASTER, HA_SEC);
	imm_for(&t, FENCE_POWER_ON, HA_SEC);
	first = t.node.claim.fit_token;
	ck_assert_uint_ne(first, 0);
	hear_for(&t, NODE_MASTER, HA_SEC);
	imm_for(&t, FENCE_POWER_ON, HA_SEC);
	ck_assert_uint_ne(t.node.claim.fit_token, first);
	step(&t, (struct node_event){ .type = NODE_EV_FIT_PROBE, .ok = true, .token = first });
	began = t.now;
	imm_for(&t, FENCE_POWER_ON, 20 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert_uint_gt(t.node.claim.fit_probe_at, began); /* nobody answered: asked again */
	step(&t, (struct node_event){ .type = NODE_EV_FIT_PROBE, .ok = true, .token = t.node.claim.fit_token });
	imm_for(&t, FENCE_POWER_ON, 2 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

START_TEST(added_addresses_are_asked_for_first) /* S5 */
{
	struct story t = master();

	t.config.vip_digest[0] = 44;
	reloads(&t);
	hear(&t, NODE_BACKUP); /* the peer has them, too */
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	pass(&t, HA_MS);
	ck_assert_uint_eq(t.did[NODE_PROBE], 1);
	happens(&t, NODE_EV_VIP_LOST, false); /* does not shorten the wait */
	pass(&t, 50 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	hear_for(&t, NODE_BACKUP, 200 * HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 1);
}
END_TEST

START_TEST(an_address_in_the_kernel_forbids_the_grant) /* S2, S3 */
{
	struct story t = backup();

	hear(&t, NODE_MASTER);
	happens(&t, NODE_EV_VIP_SEEN, false);
	ck_assert_uint_eq(t.did[NODE_REMOVE_VIP], 1);
	hear_claim(&t, 7, NODE_INTENT_SUSPECT, 110);
	ck_assert_uint_eq(t.granted, 0);
	happens(&t, NODE_EV_VIP_REMOVED, false);
	hear_for(&t, NODE_MASTER, HA_SEC);
	ck_assert_uint_ge(t.did[NODE_REMOVE_VIP], 2);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	hear_claim(&t, 8, NODE_INTENT_SUSPECT, 110);
	ck_assert_uint_eq(t.granted, 8);
}
END_TEST

START_TEST(who_speaks_is_not_off) /* S1 */
{
	struct story t = beside_master();

	pass(&t, HA_SEC);
	answers(&t, &t.read, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN, 0);
	commands(&t, NODE_CMD_CONFIRM_OFF);
	ck_assert_int_eq(t.reply, NODE_REPLY_DONE);
	pass(&t, 50 * HA_MS);
	hear_for(&t, NODE_DIRTY, HA_SEC);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
	becomes(&t, NODE_CLAIMING);
}
END_TEST

START_TEST(a_guid_announced_in_the_claim_counts) /* S10 */
{
	struct story t = story();

	t.start.memory.peer_guid = (struct ha_guid){ { 0 } };
	begin(&t);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	pass(&t, HA_SEC);
	becomes(&t, NODE_CLAIMING);
	imm_for(&t, FENCE_POWER_OFF, HA_SEC);
	ck_assert_uint_eq(t.downs, 0); /* whose IMM is it? */
	hear(&t, NODE_INIT);
	becomes(&t, NODE_CLAIMING);
	imm_for(&t, FENCE_POWER_OFF, 2 * HA_SEC);
	becomes(&t, NODE_ADDING);
}
END_TEST

START_TEST(the_claim_of_an_undone_release_is_not_taken_up_again)
{
	struct story t = master();

	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	answers_release(&t, false);
	becomes(&t, NODE_MASTER);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_MASTER);
	hear_claim(&t, 8, NODE_INTENT_SWITCHOVER, 90);
	becomes(&t, NODE_RELEASING);
}
END_TEST

/* Its services would be stopped and started again for ever, a new claim each time. */
START_TEST(preemption_rests_after_an_undone_release)
{
	struct story t = master();

	t.node.config.preempt = true;
	hear_claim(&t, 7, NODE_INTENT_PREEMPT, 200);
	becomes(&t, NODE_RELEASING);
	answers_release(&t, false);
	becomes(&t, NODE_MASTER);
	hear_for(&t, NODE_BACKUP, 60 * HA_SEC);
	hear_claim(&t, 8, NODE_INTENT_PREEMPT, 200);
	becomes(&t, NODE_MASTER);
	/* What an administrator asks for is tried at once. */
	hear_claim(&t, 9, NODE_INTENT_SWITCHOVER, 200);
	becomes(&t, NODE_RELEASING);
	answers_release(&t, false);
	becomes(&t, NODE_MASTER);
	/* The rest is over 10 minutes after the undone preemption, not later. */
	hear_for(&t, NODE_BACKUP, 541 * HA_SEC);
	hear_claim(&t, 10, NODE_INTENT_PREEMPT, 200);
	becomes(&t, NODE_RELEASING);
}
END_TEST

START_TEST(an_address_that_is_always_taken_away_is_not_a_busy_loop)
{
	struct story t = master();

	for (unsigned i = 0; i < 100; i++) {
		happens(&t, NODE_EV_VIP_LOST, false);
		happens(&t, NODE_EV_VIP_ADDED, true);
	}
	ck_assert_uint_lt(t.did[NODE_ADD_VIP], 20);
	hear_for(&t, NODE_BACKUP, 2 * HA_SEC);
	ck_assert_uint_gt(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(a_standby_that_resumes_gives_the_vip_away)
{
	struct story t = story();

	t.start.record.state = NODE_RECORD_HOLDING;
	t.start.vip_present = true;
	t.start.memory.standby = true;
	begin(&t);
	becomes(&t, NODE_MASTER);
	hear_for(&t, NODE_BACKUP, HA_SEC);
	happens(&t, NODE_EV_VIP_ADDED, true);
	ck_assert(t.node.handover);
	hear_claim(&t, 7, NODE_INTENT_SWITCHOVER, 90);
	answers_release(&t, true);
	becomes(&t, NODE_STANDBY);
	ck_assert_uint_eq(t.granted, 7);
}
END_TEST

START_TEST(a_stall_while_adding_is_a_late_wake)
{
	struct story t = backup();

	hear(&t, NODE_BACKUP);
	hear_grant(&t);
	pass(&t, 10 * HA_MS);
	becomes(&t, NODE_ADDING);
	forget(&t);
	t.now += 60 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 60 * HA_SEC });
	happens(&t, NODE_EV_VIP_ADDED, true);
	happens(&t, NODE_EV_DRAINED, true);
	ck_assert_uint_eq(t.did[NODE_SEND_ADVERT], 0);
	ck_assert(t.record.woke_late);
}
END_TEST

START_TEST(a_pause_ends)
{
	struct story t = backup();
	struct vrrp_message m;

	hear(&t, NODE_MASTER);
	step(&t, (struct node_event){ .type = NODE_EV_COMMAND,
			 .command = { .type = NODE_CMD_PAUSE, .token = 5, .duration = HA_SEC } });
	for (unsigned i = 0; i < 30; i++) {
		m = message(&t, NODE_MASTER);
		m.pause_generation = t.node.pause_generation;
		m.paused_s = i < 6 ? 1 : 0; /* its clock is a little behind */
		says(&t, m);
		pass(&t, 200 * HA_MS);
		if (i == 7)
			ck_assert((t.node.alarms & alarm_bit(ALARM_PAUSED)) == 0);
	}
	pass(&t, HA_SEC);
	becomes(&t, NODE_CLAIMING);
}
END_TEST

/* A message that was long under way tells how long a pause lasts as it was then. */
START_TEST(a_pause_heard_late_ends_with_the_peers)
{
	struct story t = backup();
	struct vrrp_message m;

	hear(&t, NODE_MASTER);
	m = message(&t, NODE_MASTER);
	m.pause_generation = 1;
	m.paused_s = 21; /* it was over 7 s ago */
	says(&t, m);
	ck_assert_uint_eq(t.node.paused_until, t.now + 21 * HA_SEC);
	m.paused_s = 30; /* not longer than was heard */
	m.sequence++;
	says(&t, m);
	ck_assert_uint_eq(t.node.paused_until, t.now + 21 * HA_SEC);
	m = message(&t, NODE_MASTER);
	m.pause_generation = 1;
	says(&t, m);
	ck_assert_uint_eq(t.node.paused_until, 0);
	pass(&t, HA_SEC);
	becomes(&t, NODE_CLAIMING);
	/* One that was commanded here is not the peer's to end but by a resume. */
	hear(&t, NODE_MASTER);
	commands(&t, NODE_CMD_PAUSE);
	m = message(&t, NODE_MASTER);
	m.pause_generation = t.node.pause_generation;
	says(&t, m);
	ck_assert_uint_eq(t.node.paused_until, HA_NEVER);
	m = message(&t, NODE_MASTER);
	m.pause_generation = t.node.pause_generation + 1;
	says(&t, m);
	ck_assert_uint_eq(t.node.paused_until, 0);
}
END_TEST

/* --- what a second adversary found --- */

/* A holder whose file was changed: its new set is pending, the peer still has the old one. */
static void
set_changes(struct story *t)
{
	t->config.vip_digest[0] ^= 0xff;
	reloads(t);
	forget(t);
}

static void
peer_with_the_old_set_for(struct story *t, ha_time time)
{
	struct vrrp_message m = message(t, NODE_BACKUP);

	m.vip_digest[0] ^= 0xff;
	for (ha_time until = t->now + time; t->now < until;) {
		m.echo_sequence = t->node.sequence;
		says(t, m);
		pass(t, 200 * HA_MS);
	}
}

START_TEST(a_retry_does_not_add_a_changed_set)
{
	struct story t = master();

	happens(&t, NODE_EV_VIP_LOST, false);
	happens(&t, NODE_EV_VIP_ADDED, false); /* tried again in a second */
	set_changes(&t);
	peer_with_the_old_set_for(&t, 2 * HA_SEC);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(a_stall_voids_the_question_for_a_changed_set)
{
	struct story t = master();

	set_changes(&t);
	hear(&t, NODE_BACKUP);
	pass(&t, HA_MS);
	ck_assert_uint_eq(t.did[NODE_PROBE], 1);
	forget(&t);
	t.now += 400 * HA_MS;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 400 * HA_MS });
	happens(&t, NODE_EV_DRAINED, true);
	pass(&t, HA_MS);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(after_a_late_wake_nothing_is_announced_before_asking)
{
	struct story t = master();

	forget(&t);
	t.now += 70 * HA_SEC;
	step(&t, (struct node_event){ .type = NODE_EV_LATE, .late = 70 * HA_SEC });
	happens(&t, NODE_EV_VIP_LOST, false);
	happens(&t, NODE_EV_DRAINED, true);
	pass(&t, 100 * HA_MS);
	ck_assert_uint_ne(t.node.late_until, 0);
	ck_assert_uint_eq(t.did[NODE_ANNOUNCE], 0);
	ck_assert_uint_eq(t.did[NODE_ADD_VIP], 0);
}
END_TEST

START_TEST(a_slow_storage_check_counts)
{
	struct story t = backup();
	struct vrrp_message m;

	for (unsigned i = 0; i < 10; i++) {
		m = message(&t, NODE_MASTER);
		m.fit = false;
		says(&t, m);
		pass(&t, 200 * HA_MS);
	}
	ck_assert_uint_eq(t.did[NODE_PROBE_STORAGE], 1); /* not asked again while the answer is awaited */
	step(&t, (struct node_event){ .type = NODE_EV_STORAGE_PROBE, .ok = true, .token = t.node.storage_token });
	ck_assert_uint_ne(t.node.storage_probed, 0);
}
END_TEST

START_TEST(a_storage_probe_before_the_failure_is_no_reason_to_give)
{
	struct story t = master();
	struct vrrp_message m = message(&t, NODE_BACKUP);

	m.storage_probe_age_ms = 10;
	says(&t, m);
	t.now += 100 * HA_MS;
	step(&t, (struct node_event){ .type = NODE_EV_HEALTH,
			 .health = { .fit = false, .storage = true, .effective_priority = 100 } });
	pass(&t, 50 * HA_MS);
	ck_assert(!t.node.handover);
}
END_TEST

/* FAULTS 66: a server that comes back answers both, but the peer may be seen to be well a moment sooner. */
START_TEST(a_holder_asks_its_own_storage_once_more_before_it_gives)
{
	for (unsigned own = 0; own < 2; own++) {
		struct story t = master();
		struct vrrp_message m;

		step(&t, (struct node_event){ .type = NODE_EV_HEALTH,
				 .health = { .fit = false, .storage = true, .effective_priority = 100 } });
		forget(&t);
		for (unsigned i = 0; i < 10; i++) {
			pass(&t, 200 * HA_MS);
			m = message(&t, NODE_BACKUP);
			m.storage_probe_age_ms = 10;
			says(&t, m);
		}
		ck_assert_uint_eq(t.did[NODE_PROBE_STORAGE], 1);
		ck_assert(!t.node.handover);
		for (unsigned i = 0; i < 3; i++) {
			step(&t, (struct node_event){
					 .type = NODE_EV_STORAGE_PROBE, .ok = own, .token = t.node.storage_token });
			m = message(&t, NODE_BACKUP);
			m.storage_probe_age_ms = 10;
			says(&t, m);
			pass(&t, 200 * HA_MS);
		}
		ck_assert_uint_eq(t.node.handover, !own);
	}
}
END_TEST

/* ... or long after: its client repeats itself at intervals that double. */
START_TEST(a_holder_gives_its_storage_as_long_as_the_outage_was)
{
	struct story t = master();
	ha_time given = 0, heard = 0;

	step(&t, (struct node_event){ .type = NODE_EV_HEALTH,
			 .health = { .fit = false,
				 .storage = true,
				 .effective_priority = 100,
				 .storage_since = t.now - 4 * HA_SEC } });
	for (unsigned i = 0; i < 200 && !t.node.handover; i++) {
		struct vrrp_message m = message(&t, NODE_BACKUP);
		if (i >= 50) /* the peer's storage is back after 10 s */
			m.storage_probe_age_ms = 10;
		if (i == 50)
			heard = t.now;
		says(&t, m);
		step(&t, (struct node_event){
				 .type = NODE_EV_STORAGE_PROBE, .ok = false, .token = t.node.storage_token });
		pass(&t, 200 * HA_MS);
		given = t.now;
	}
	ck_assert(t.node.handover);
	ck_assert_uint_ge(given - heard, 14 * HA_SEC);
	ck_assert_uint_le(given - heard, 16 * HA_SEC);
}
END_TEST

/* FAULTS 73: the set of addresses has changed, or the release had begun: what is found may be clean. */
START_TEST(a_record_without_an_address_is_tried_before_it_pleads)
{
	struct story t = story();
	struct vrrp_message m;

	t.start.record.state = NODE_RECORD_HOLDING;
	begin(&t);
	becomes(&t, NODE_DIRTY);
	pass(&t, 50 * HA_MS);
	node_describe(&t.node, t.now, &m);
	ck_assert(!m.dirty);
	happens(&t, NODE_EV_SERVICE_STOPPED, false);
	node_describe(&t.node, t.now, &m);
	ck_assert(m.dirty);
}
END_TEST

START_TEST(who_ends_a_claim_after_its_power_down_owes_the_power_up)
{
	struct story t = beside_master();

	for (unsigned i = 0; i < 2000 && t.node.plan.answered_session == 0; i++)
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
	ck_assert_uint_ne(t.node.plan.answered_session, 0);
	step(&t, (struct node_event){ .type = NODE_EV_HEALTH, .health = { .fit = false, .effective_priority = 100 } });
	becomes(&t, NODE_FAULT);
	imm_for(&t, FENCE_POWER_OFF, HA_SEC);
	step(&t, (struct node_event){ .type = NODE_EV_HEALTH, .health = { .fit = true, .effective_priority = 100 } });
	imm_for(&t, FENCE_POWER_OFF, 10 * HA_SEC);
	becomes(&t, NODE_ADDING);
	happens(&t, NODE_EV_VIP_ADDED, true);
	imm_for(&t, FENCE_POWER_OFF, 10 * HA_SEC);
	ck_assert_uint_gt(t.ups, 0);
}
END_TEST

START_TEST(a_slow_required_check_counts)
{
	struct story t = beside_master();
	ha_time due = HA_NEVER;
	uint32_t token = t.node.fit_tokens;

	t.node.config.required_probes = true;
	t.node.config.probe_patience = 24 * HA_SEC;
	for (unsigned i = 0; i < 6000 && t.downs == 0; i++) {
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
		if (t.node.fit_tokens != token) {
			token = t.node.fit_tokens;
			due = t.now + 11 * HA_SEC;
		}
		if (t.now >= due) {
			due = HA_NEVER;
			step(&t, (struct node_event){ .type = NODE_EV_FIT_PROBE, .ok = true, .token = token });
		}
	}
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

static TCase *
case_of(Suite *suite, const char *name)
{
	TCase *tc = tcase_create(name);

	suite_add_tcase(suite, tc);
	return tc;
}

static void
add_claims(Suite *suite)
{
	TCase *tc = case_of(suite, "start");

	tcase_add_test(tc, a_start_cleans_up_before_it_speaks);
	tcase_add_test(tc, a_record_and_the_address_resume);
	tcase_add_test(tc, a_record_without_the_address_starts_dirty);
	tc = case_of(suite, "consent");
	tcase_add_test(tc, both_start_and_one_consents);
	tcase_add_test(tc, a_grant_of_another_claim_is_none);
	tcase_add_test(tc, a_grant_from_another_machine_is_none);
	tcase_add_test(tc, granting_ends_the_own_claim);
	tcase_add_test(tc, the_better_claim_does_not_grant);
	tcase_add_test(tc, a_claim_ends_when_the_peer_holds);
	tcase_add_test(tc, a_wire_that_answers_ends_the_claim);
	tcase_add_test(tc, a_wire_that_was_not_asked_is_not_silent);
	tcase_add_test(tc, a_failed_add_is_removed);
	tc = case_of(suite, "fencing");
	tcase_add_test(tc, a_peer_found_off_is_replaced_at_once);
	tcase_add_test(tc, a_silent_peer_is_powered_down_after_the_delay);
	tcase_add_test(tc, the_lower_priority_waits_for_a_peer_that_was_no_master);
	tcase_add_test(tc, a_peer_that_speaks_ends_the_power_down);
	tcase_add_test(tc, nobody_is_powered_down_who_was_never_heard);
	tcase_add_test(tc, one_power_down_in_a_minute_of_hearing);
	tcase_add_test(tc, invalid_packets_forbid_the_power_down);
	tcase_add_test(tc, a_cut_off_node_powers_nobody_down);
	tcase_add_test(tc, dirty_stands_for_the_silence);
	tcase_add_test(tc, an_unsent_power_down_costs_nothing);
	tcase_add_test(tc, an_operator_proves_it);
	tcase_add_test(tc, an_operator_is_refused_when_the_imm_says_on);
}

static void
add_holding(Suite *suite)
{
	TCase *tc = case_of(suite, "release");

	tcase_add_test(tc, a_switchover_releases_then_grants);
	tcase_add_test(tc, a_switchover_that_cannot_be_proven_is_undone);
	tcase_add_test(tc, a_late_removal_says_nothing_after_an_undo);
	tcase_add_test(tc, a_removal_that_fails_is_repeated_with_patience);
	tcase_add_test(tc, an_unfit_master_asks_its_peer);
	tcase_add_test(tc, an_unfit_master_without_a_fit_peer_keeps);
	tcase_add_test(tc, a_stop_hands_over_and_ends);
	tcase_add_test(tc, a_stop_that_cannot_be_proven_leaves_a_mark);
	tcase_add_test(tc, a_stop_without_a_peer_releases);
	tcase_add_test(tc, a_peer_that_left_in_order_is_not_powered_down);
	tcase_add_test(tc, a_standby_grants_and_never_claims);
	tcase_add_test(tc, a_pause_keeps_everything_as_it_is);
	tcase_add_test(tc, a_paused_master_does_not_switch);
	tc = case_of(suite, "reload");
	tcase_add_test(tc, a_reload_ends_a_claim_but_not_after_a_power_down);
	tcase_add_test(tc, changed_addresses_wait_for_the_peer);
	tcase_add_test(tc, no_grant_when_the_sets_of_addresses_differ);
	tc = case_of(suite, "holding");
	tcase_add_test(tc, a_late_master_asks_before_it_goes_on);
	tcase_add_test(tc, a_late_master_gives_way_to_a_new_one);
	tcase_add_test(tc, a_late_master_gives_way_to_an_answer_on_the_wire);
	tcase_add_test(tc, of_two_holders_one_gives_way);
	tcase_add_test(tc, silence_is_not_judged_before_the_sockets_are_empty);
	tcase_add_test(tc, a_lost_address_is_added_again);
}

static void
add_narrow_places(Suite *suite)
{
	TCase *tc = case_of(suite, "narrow places");

	tcase_add_test(tc, an_unread_answer_of_the_wire_counts);
	tcase_add_test(tc, a_wire_that_was_not_listened_to_is_asked_again);
	tcase_add_test(tc, a_wire_that_cannot_be_asked_leaves_the_vip_to_the_peer);
	tcase_add_test(tc, who_gave_it_up_waits_to_be_heard);
	tcase_add_test(tc, two_that_boot_together_do_not_fence_together);
	tcase_add_test(tc, the_answer_to_a_power_up_is_not_one_to_a_power_down);
	tcase_add_test(tc, a_probe_of_an_earlier_silence_proves_no_fitness);
	tcase_add_test(tc, added_addresses_are_asked_for_first);
	tcase_add_test(tc, an_address_in_the_kernel_forbids_the_grant);
	tcase_add_test(tc, who_speaks_is_not_off);
	tcase_add_test(tc, a_guid_announced_in_the_claim_counts);
	tcase_add_test(tc, the_claim_of_an_undone_release_is_not_taken_up_again);
	tcase_add_test(tc, preemption_rests_after_an_undone_release);
	tcase_add_test(tc, an_address_that_is_always_taken_away_is_not_a_busy_loop);
	tcase_add_test(tc, a_standby_that_resumes_gives_the_vip_away);
	tcase_add_test(tc, a_stall_while_adding_is_a_late_wake);
	tcase_add_test(tc, a_pause_ends);
	tcase_add_test(tc, a_pause_heard_late_ends_with_the_peers);
	tc = case_of(suite, "a second adversary");
	tcase_add_test(tc, a_retry_does_not_add_a_changed_set);
	tcase_add_test(tc, a_stall_voids_the_question_for_a_changed_set);
	tcase_add_test(tc, after_a_late_wake_nothing_is_announced_before_asking);
	tcase_add_test(tc, a_slow_storage_check_counts);
	tcase_add_test(tc, a_storage_probe_before_the_failure_is_no_reason_to_give);
	tcase_add_test(tc, a_holder_asks_its_own_storage_once_more_before_it_gives);
	tcase_add_test(tc, a_holder_gives_its_storage_as_long_as_the_outage_was);
	tcase_add_test(tc, a_record_without_an_address_is_tried_before_it_pleads);
	tcase_add_test(tc, who_ends_a_claim_after_its_power_down_owes_the_power_up);
	tcase_add_test(tc, a_slow_required_check_counts);
}

int
main(void)
{
	Suite *suite = suite_create("node");
	SRunner *runner;
	int failed;

	add_claims(suite);
	add_holding(suite);
	add_narrow_places(suite);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
