/* test/model/host.c -- a host around the real node: its daemon's life, kernel, services, disk, and what it hears. */
#include "test/model/world.h"

#include <string.h>

#define RUN_STEPS 200 /* timers in a row that bring nothing but hellos */

static void
request(struct model *m, unsigned host, enum model_request what)
{
	struct model_kernel *k = &m->world.hosts[host].kernel;

	if (k->count == QUEUE) {
		/* The node never has so many unanswered: only orphans of many crashes fill it. The oldest is executed.
		 */
		host_kernel(m, host, false);
	}
	k->request[k->count] = (uint8_t)what;
	k->orphan[k->count] = false;
	k->count++;
}

/* The same message again, but for its number, replaces the one under way: to hear the earlier of two equal ones is to
 * hear nothing new. A full network loses the oldest. */
static void
post(struct model_bag *bag, const struct vrrp_message *message)
{
	struct vrrp_message new = *message, old;

	new.link = STORAGE;
	new.alarms = 0;
	new.fence_rtt_us = 0;
	new.peer_power = new.fence_error = 0;
	new.can_fence = false;
	new.links_heard = 0;
	for (unsigned i = 0; i < bag->count; i++) {
		old = bag->messages[i];
		old.sequence = new.sequence;
		if (old.echo_incarnation == new.echo_incarnation)
			old.echo_sequence = new.echo_sequence;
		if (memcmp(&old, &new, sizeof(new)) == 0) {
			memmove(&bag->messages[i], &bag->messages[i + 1],
				(bag->count - i - 1) * sizeof(bag->messages[0]));
			bag->count--;
			break;
		}
	}
	if (bag->count == BAG) {
		memmove(&bag->messages[0], &bag->messages[1], (BAG - 1) * sizeof(bag->messages[0]));
		bag->count--;
	}
	bag->messages[bag->count++] = new;
}

static void
send(struct model *m, unsigned host, const struct vrrp_message *message)
{
	if (message->grant != 0)
		judge_grant(&m->world, host, message->grant);
	post(&m->world.to[1 - host], message);
}

static void
advert(struct model *m, unsigned host, unsigned priority)
{
	struct model_bag *bag = &m->world.to[1 - host];

	if (priority == 0)
		bag->resigns = true;
	else
		bag->advert = true;
}

static void
execute(struct model *m, unsigned host, const struct node_action *action)
{
	struct model_host *h = &m->world.hosts[host];

	if (m->talks)
		talk_action(host, action);
	switch (action->type) {
	case NODE_SEND:
		send(m, host, &action->message);
		break;
	case NODE_SEND_ADVERT:
		advert(m, host, action->value);
		break;
	case NODE_WRITE_RECORD:
		judge_record(&m->world, host, &action->record);
		if (!h->record_fails)
			h->record = action->record;
		break;
	case NODE_ADD_VIP:
		if (h->record_fails) { /* S4: the shell adds nothing that is not on record */
			request(m, host, REQUEST_REFUSED);
			break;
		}
		m->adds[h->record.proof] += !h->truth.entitled;
		judge_add(&m->world, host);
		request(m, host, REQUEST_ADD);
		break;
	case NODE_REMOVE_VIP:
		request(m, host, REQUEST_REMOVE);
		break;
	case NODE_PROBE:
		h->probed = true;
		break;
	case NODE_START_SERVICE:
		h->stop_void = h->stop_asked;
		h->service = true;
		break;
	case NODE_STOP_SERVICE:
		h->stop_asked = true;
		h->stop_void = false;
		break;
	case NODE_FENCE_ORDER:
		m->downs += action->order.type == FENCE_ORDER_POWER_DOWN;
		fence_order(m, host, &action->order);
		break;
	case NODE_REMEMBER:
		h->writing = action->memory;
		h->write_token = action->token;
		break;
	case NODE_EXIT:
		host_crash(m, host);
		break;
	case NODE_ANNOUNCE:
	case NODE_PROBE_FIT:
	case NODE_PROBE_STORAGE:
	case NODE_REPLY_TO:
	case NODE_NOTE:
	case NODE_ACTION_TYPES:
		break;
	}
	judge_world(&m->world);
}

/* More than a hello, an advert or a line in the log? */
static bool
says_something(const struct node_action *action)
{
	switch (action->type) {
	case NODE_SEND:
		return action->message.grant != 0 || action->message.denied != 0;
	case NODE_SEND_ADVERT:
		return action->value == 0;
	case NODE_ANNOUNCE:
	case NODE_NOTE:
	case NODE_PROBE:
	case NODE_REPLY_TO:
		return false;
	case NODE_WRITE_RECORD:
	case NODE_ADD_VIP:
	case NODE_REMOVE_VIP:
	case NODE_START_SERVICE:
	case NODE_STOP_SERVICE:
	case NODE_FENCE_ORDER:
	case NODE_PROBE_FIT:
	case NODE_PROBE_STORAGE:
	case NODE_REMEMBER:
	case NODE_EXIT:
	case NODE_ACTION_TYPES:
		break;
	}
	return true;
}

struct essence {
	enum node_state state;
	uint64_t claim;
	enum node_proof proof;
	enum fence_plan_phase phase;
	bool heard, wire_silent, verifying, gave_up, handover, switchover, exiting, wire_open;
};

static struct essence
essence(const struct node *n)
{
	struct essence e;

	memset(&e, 0, sizeof(e));
	e.state = n->state;
	e.claim = n->claim.number;
	e.proof = n->claim.proof;
	e.phase = n->plan.phase;
	e.heard = n->peer.heard;
	e.wire_silent = n->claim.wire_silent;
	e.verifying = n->late_until != 0;
	e.gave_up = n->memory.gave_up;
	e.handover = n->handover;
	e.switchover = n->switchover;
	e.exiting = n->exiting;
	return e;
}

/* Between the record and what relies on it a daemon may die. */
static bool
dies_after(const struct model *m, const struct node_action *action)
{
	return m->cut && action->type == NODE_WRITE_RECORD;
}

/* Give m->event to the node and do what it says, in order. */
void
host_step(struct model *m, unsigned host)
{
	struct model_host *h = &m->world.hosts[host];
	struct essence before = essence(&h->node), after;

	m->event.now = h->clock;
	m->event.random = 2 * ++m->world.numbers;
	node_step(&h->node, &m->event, &m->update);
	after = essence(&h->node);
	m->significant = memcmp(&before, &after, sizeof(after)) != 0;
	judge_step(&m->world, host);
	for (unsigned i = 0; i < m->update.count && h->alive; i++) {
		m->significant = m->significant || says_something(&m->update.actions[i]);
		execute(m, host, &m->update.actions[i]);
		if (dies_after(m, &m->update.actions[i])) {
			m->was_cut = true;
			host_crash(m, host);
		}
	}
	if (h->alive && !(h->node.state == NODE_CLAIMING && h->node.claim.probe_at != HA_NEVER) &&
		!(h->node.state == NODE_MASTER && (h->node.late_until != 0 || h->node.vips_asked)))
		h->probed = false;
}

void
host_event(struct model *m, unsigned host, enum node_event_type type, bool ok)
{
	m->event.type = type;
	m->event.ok = ok;
	host_step(m, host);
}

bool
host_timer(struct model *m, unsigned host)
{
	struct model_host *h = &m->world.hosts[host];
	ha_time at = node_deadline(&h->node);

	if (at == HA_NEVER)
		return false;
	h->clock = ha_time_max(h->clock, at);
	m->event.type = NODE_EV_TIMER;
	m->event.drained = h->clock;
	host_step(m, host);
	return true;
}

bool
host_run(struct model *m, unsigned host)
{
	for (unsigned i = 0; i < RUN_STEPS; i++) {
		if (!host_timer(m, host))
			return false;
		if (m->significant)
			return true;
	}
	return false;
}

void
host_start(struct model *m, unsigned host)
{
	struct model_host *h = &m->world.hosts[host];
	struct node_start *start = &m->event.start;

	h->alive = true;
	h->clock += HA_MS;
	fence_restart(m, host);
	h->worker.since = h->clock - 3 * HA_SEC; /* the IMM itself has not restarted */
	h->truth.claim = 0;
	h->truth.heard = h->truth.granted = h->truth.consented = h->truth.operator_saw = false;
	h->truth.heard_at = 0;
	h->truth.entitled = h->vip && h->record.state == NODE_RECORD_HOLDING;
	node_init(&h->node, &m->config[host]);
	memset(start, 0, sizeof(*start));
	start->record = h->record;
	start->vip_present = h->vip;
	start->memory = h->memory;
	m->resumes += h->truth.entitled;
	start->incarnation = 2 * ++m->world.numbers + 1;
	start->link_up[SERVICE] = h->link_up;
	start->link_up[STORAGE] = true;
	host_event(m, host, NODE_EV_START, true);
	/* Strangers' packets show at once that the port works: a power-down waits for nothing. */
	m->event.link = SERVICE;
	if (h->alive && h->link_up)
		host_event(m, host, NODE_EV_LINK_HEARD, true);
	if (h->alive && h->priority_low) {
		m->event.health = (struct node_health){ .fit = true, .effective_priority = h->priority_low };
		host_event(m, host, NODE_EV_HEALTH, true);
	}
	m->significant = true;
}

/* The process is gone. What it has asked of the kernel and of the IMM happens all the same, and what serves goes on. */
void
host_crash(struct model *m, unsigned host)
{
	struct model_host *h = &m->world.hosts[host];

	h->alive = h->probed = false;
	for (unsigned i = 0; i < h->kernel.count; i++)
		h->kernel.orphan[i] = true;
	for (unsigned i = 0; i < ORDERS; i++) {
		struct model_order *o = &h->worker.orders[i];

		if (o->stage == STAGE_SENT && o->type == FENCE_ORDER_POWER_DOWN)
			m->world.hosts[1 - host].late_off = true;
		memset(o, 0, sizeof(*o));
	}
	memset(&h->worker, 0, sizeof(h->worker));
	memset(&h->writing, 0, sizeof(h->writing));
	h->write_token = 0;
	memset(&h->node, 0, sizeof(h->node));
	if (h->stop_void) /* systemd goes on with the newest job */
		h->stop_asked = h->stop_void = false;
}

void
host_power_off(struct model *m, unsigned host)
{
	struct model_host *h = &m->world.hosts[host];

	if (!h->powered)
		return;
	if (h->alive)
		host_crash(m, host);
	h->powered = h->vip = h->service = h->stop_asked = h->stop_void = false;
	h->record_fails = h->disk_slow = false;
	h->late_off = false;
	h->lags = true;
	h->record = (struct node_record){ .state = NODE_RECORD_NONE };
	memset(&h->kernel, 0, sizeof(h->kernel));
	h->truth.entitled = h->truth.held = false;
	judge_world(&m->world);
}

static bool
change(struct model_host *h, enum model_request what, bool fails)
{
	switch (what) {
	case REQUEST_ADD:
		h->vip = h->vip || !fails;
		return !fails;
	case REQUEST_REMOVE:
		h->vip = h->vip && fails;
		return !h->vip;
	case REQUEST_REFUSED:
		break;
	}
	return false;
}

void
host_kernel(struct model *m, unsigned host, bool fails)
{
	struct model_host *h = &m->world.hosts[host];
	struct model_kernel *k = &h->kernel;
	enum model_request what = (enum model_request)k->request[0];
	bool orphan = k->orphan[0], ok = change(h, what, fails);

	k->count--;
	memmove(&k->request[0], &k->request[1], sizeof(k->request) - 1);
	memmove(&k->orphan[0], &k->orphan[1], sizeof(k->orphan) - sizeof(k->orphan[0]));
	k->request[k->count] = 0;
	k->orphan[k->count] = false;
	m->significant = true;
	if (!h->alive)
		return;
	if (!orphan)
		host_event(m, host, what == REQUEST_REMOVE ? NODE_EV_VIP_REMOVED : NODE_EV_VIP_ADDED, ok);
	else if (what == REQUEST_ADD)
		host_event(m, host, NODE_EV_VIP_SEEN, true);
	else if (what == REQUEST_REMOVE)
		host_event(m, host, NODE_EV_VIP_LOST, true);
}

void
host_stopped(struct model *m, unsigned host, bool proven)
{
	struct model_host *h = &m->world.hosts[host];
	bool replaced = h->stop_void;

	h->stop_asked = h->stop_void = false;
	if (proven && !replaced)
		h->service = false;
	m->significant = true;
	if (h->alive)
		host_event(m, host, NODE_EV_SERVICE_STOPPED, proven && !replaced);
}

void
host_disk(struct model *m, unsigned host)
{
	struct model_host *h = &m->world.hosts[host];

	h->memory = h->writing;
	m->event.token = h->write_token;
	h->write_token = 0;
	memset(&h->writing, 0, sizeof(h->writing));
	host_event(m, host, NODE_EV_REMEMBERED, true);
	m->significant = true;
}

/* It is delivered: and what was sent before it comes too late to be believed. */
static void
take_out(struct model_bag *bag, const struct vrrp_message *message)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < bag->count; i++) {
		const struct vrrp_message *other = &bag->messages[i];

		if (other->incarnation == message->incarnation && other->sequence <= message->sequence)
			continue;
		if (kept != i)
			bag->messages[kept] = *other;
		kept++;
	}
	bag->count = (uint8_t)kept;
}

void
host_message(struct model *m, unsigned host, unsigned index, bool stays)
{
	struct model_host *h = &m->world.hosts[host];
	struct vrrp_window window = h->node.window;
	const struct vrrp_message *message = &m->event.message;

	m->event.link = STORAGE;
	m->event.message = m->world.to[host].messages[index];
	if (vrrp_window_check(&window, message, STORAGE) == VRRP_FRESH) {
		h->truth.heard = true;
		h->truth.lost = false;
		h->truth.heard_at = h->clock;
		if (message->grant != 0 && message->grant == h->node.claim.number)
			h->truth.consented = true;
	}
	if (!stays)
		take_out(&m->world.to[host], message);
	host_event(m, host, NODE_EV_MESSAGE, true);
	m->significant = true;
}

void
host_advert(struct model *m, unsigned host, bool resigns)
{
	struct model_host *h = &m->world.hosts[host];

	m->event.link = SERVICE;
	m->event.advert = (struct node_advert){
		.from_peer = true, .priority = resigns ? 0 : 100, .interval = m->config[host].advert, .link = SERVICE
	};
	if (resigns)
		m->world.to[host].resigns = false;
	else
		m->world.to[host].advert = false;
	if (!resigns)
		h->truth.heard_at = h->clock;
	host_event(m, host, NODE_EV_ADVERT, true);
	m->significant = true;
}
