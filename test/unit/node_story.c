#include "test/unit/node_story.h"

#include <string.h>

static const struct ha_guid own_guid = { { 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 1 } };
static const struct ha_guid peer_guid = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } };

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

void
step(struct story *t, struct node_event event)
{
	static uint64_t random = 77;
	struct node_update update;

	event.now = t->now;
	event.random = random += UINT64_C(0x9e3779b97f4a7c15);
	node_step(&t->node, &event, &update);
	take_actions(t, &update);
}

void
happens(struct story *t, enum node_event_type type, bool ok)
{
	step(t, (struct node_event){ .type = type, .ok = ok });
}

void
forget(struct story *t)
{
	memset(t->did, 0, sizeof(t->did));
	memset(t->notes, 0, sizeof(t->notes));
	t->readings = t->downs = t->ups = 0;
	t->granted = 0;
	t->reply_token = 0;
}

void
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

struct vrrp_message
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

void
says(struct story *t, struct vrrp_message m)
{
	m.sequence = ++t->peer_sequence;
	step(t, (struct node_event){ .type = NODE_EV_MESSAGE, .message = m });
}

void
hear(struct story *t, enum node_state state)
{
	says(t, message(t, state));
}

void
hear_for(struct story *t, enum node_state state, ha_time length)
{
	for (ha_time until = t->now + length; t->now < until;) {
		hear(t, state);
		pass(t, t->config.hello);
	}
}

void
hear_claim(struct story *t, uint64_t number, enum node_intent intent, uint8_t priority)
{
	struct vrrp_message m = message(t, NODE_CLAIMING);

	m.claim = number;
	m.intent = intent;
	m.claim_priority = priority;
	says(t, m);
}

void
hear_grant(struct story *t)
{
	struct vrrp_message m = message(t, NODE_BACKUP);

	m.grant = t->node.claim.number;
	says(t, m);
}

void
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

void
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

void
commands(struct story *t, enum node_command_type type)
{
	step(t, (struct node_event){ .type = NODE_EV_COMMAND,
			.command = { .type = type, .token = 5, .duration = HA_NEVER, .claim = t->node.claim.number } });
}

struct story
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

void
begin(struct story *t)
{
	node_init(&t->node, &t->config);
	step(t, (struct node_event){ .type = NODE_EV_START, .start = t->start });
}

struct story
backup(void)
{
	struct story t = story();

	begin(&t);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	forget(&t);
	return t;
}

struct story
beside_master(void)
{
	struct story t = backup();

	hear_for(&t, NODE_MASTER, 2 * HA_SEC);
	ck_assert_int_eq(t.node.state, NODE_BACKUP);
	forget(&t);
	return t;
}

struct story
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

void
becomes(const struct story *t, enum node_state state)
{
	ck_assert_str_eq(node_state_name(t->node.state), node_state_name(state));
}

void
answers_release(struct story *t, bool proven)
{
	happens(t, NODE_EV_SERVICE_STOPPED, proven);
	if (proven)
		happens(t, NODE_EV_VIP_REMOVED, true);
}
