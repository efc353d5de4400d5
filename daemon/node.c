#include "daemon/node_step.h"

#include <assert.h>
#include <string.h>

#define PROBE_PATIENCE (10 * HA_SEC)
#define COMMAND_GRACE  (5 * HA_SEC)
#define REMEMBER_RETRY (5 * HA_SEC)

struct node_action *
step_act(struct step *s, enum node_action_type type)
{
	struct node_action *action;

	/* More actions than one step can have is a bug of ours; to lose one silently would be a worse one. */
	assert(s->update->count < NODE_ACTIONS);
	action = &s->update->actions[s->update->count++];
	action->type = type;
	action->links = 0;
	action->value = 0;
	action->token = 0;
	action->time = 0;
	return action;
}

void
step_note(struct step *s, enum node_note_type type, uint64_t a, uint64_t b)
{
	step_act(s, NODE_NOTE)->note = (struct node_note){ .type = type, .a = a, .b = b, .episode = s->n->episode };
}

void
step_state(struct step *s, enum node_state state)
{
	struct node *n = s->n;

	if (n->state == state)
		return;
	step_note(s, NODE_NOTE_STATE, n->state, state);
	n->state = state;
	n->state_since = s->now;
}

static void
reply_to(struct step *s, uint32_t token, enum node_reply reply)
{
	struct node_action *action = step_act(s, NODE_REPLY_TO);

	action->token = token;
	action->reply = reply;
}

void
step_reply(struct step *s, uint32_t token, enum node_command_type type, enum node_reply reply)
{
	reply_to(s, token, reply);
	step_note(s, NODE_NOTE_COMMAND, type, reply);
}

void
step_end_command(struct step *s, enum node_reply reply)
{
	struct node *n = s->n;

	n->switchover = false;
	if (n->command_token == 0)
		return;
	step_reply(s, n->command_token, n->command_type, reply);
	n->command_token = 0;
}

void
step_remember(struct step *s)
{
	struct node_action *action = step_act(s, NODE_REMEMBER);

	action->token = ++s->n->remember_token;
	action->memory = s->n->memory;
	s->n->remember_at = HA_NEVER;
}

/* S9: a power-down that waits for its permission to be on disk, or one that went without, would wait or be forgotten
 * for ever: nothing else may ever happen to this node. So room on the disk is looked for. */
static void
remembered(struct step *s)
{
	struct node *n = s->n;

	n->remember_failed = !s->event->ok;
	if (s->event->ok && s->event->token > n->remembered_token)
		n->remembered_token = s->event->token;
	if (!s->event->ok && s->event->token == n->remember_token)
		n->remember_at = s->now + REMEMBER_RETRY;
}

static void
remember_timer(struct step *s)
{
	if (s->now >= s->n->remember_at)
		step_remember(s);
}

void
step_episode(struct step *s)
{
	s->n->episode = ++s->n->memory.episode;
}

ha_time
node_probe_patience(const struct node *n)
{
	return ha_time_max(PROBE_PATIENCE, n->config.probe_patience);
}

bool
node_paused(const struct node *n, ha_time now)
{
	return n->paused_until > now;
}

enum node_state
node_idle_state(const struct node *n)
{
	if (n->memory.standby)
		return NODE_STANDBY;
	return n->health.fit && n->links[0].up ? NODE_BACKUP : NODE_FAULT;
}

bool
node_holding(const struct node *node)
{
	switch (node->state) {
	case NODE_ADDING:
	case NODE_MASTER:
	case NODE_RELEASING:
		return true;
	case NODE_INIT:
	case NODE_BACKUP:
	case NODE_FAULT:
	case NODE_STANDBY:
	case NODE_CLAIMING:
	case NODE_DIRTY:
	case NODE_STATES:
		break;
	}
	return false;
}

bool
node_can_fence(const struct node *node)
{
	const struct node_device *d = &node->device;

	if (!node->config.fence_configured || node->config.fence.action == FENCE_ACTION_CHECK)
		return false;
	if (d->known && d->error == FENCE_OK && d->power != FENCE_POWER_UNKNOWN && fence_identity_good(d->identity))
		return true;
	return levels_can_fence(node);
}

void
node_init(struct node *node, const struct node_config *config)
{
	*node = (struct node){ .config = *config, .state = NODE_INIT };
	node->hello_at = node->advert_at = node->garp_at = HA_NEVER;
	node->retry_at = node->release_by = node->unfit_since = node->remember_at = HA_NEVER;
	node->startup_at = HA_NEVER;
	node->health = (struct node_health){ .fit = true, .effective_priority = config->priority };
	fence_plan_init(&node->plan, &config->fence);
	fence_restore_init(&node->restore, &config->fence);
	fence_topology_init(&node->topology, &config->topology);
	fence_repower_init(&node->repower);
	peer_init(node, 0);
	node->claim.probe_at = HA_NEVER;
}

static void
start(struct step *s)
{
	struct node *n = s->n;
	const struct node_start *start = &s->event->start;

	n->started = true;
	n->started_at = s->now;
	n->memory = start->memory;
	n->episode = n->memory.episode;
	n->record = start->record;
	n->vip_present = start->vip_present;
	n->outage_since = n->state_since = s->now;
	n->startup_at = s->now + n->config.startup_fence_delay;
	if (claim_is_lower(n)) /* both boot after a power cut: not both at the same moment */
		n->startup_at += n->config.priority_fencing_delay;
	n->vips_at = HA_NEVER;
	vrrp_window_init(&n->window, start->incarnation);
	for (unsigned i = 0; i < n->config.link_count; i++) {
		n->links[i] = (struct node_link){ .up = start->link_up[i],
			.up_since = start->link_up[i] ? s->now : HA_NEVER };
	}
	peer_init(n, s->now);
	n->hello_at = s->now;
	step_note(s, NODE_NOTE_STARTED, start->record.state, start->vip_present);
	if (start->record.state == NODE_RECORD_HOLDING && start->vip_present) {
		hold_resume(s); /* S4 */
	} else if (start->record.state != NODE_RECORD_NONE) {
		n->record.state = NODE_RECORD_DIRTY;
		step_act(s, NODE_WRITE_RECORD)->record = n->record;
		step_state(s, NODE_DIRTY);
		n->vip_present = true; /* until the kernel has said otherwise */
		n->release_reason = NODE_RELEASE_GIVES_WAY;
		n->dirty_at = s->now;
		/* What it finds may well be clean: a changed set of addresses, an end in the middle of a release. */
		if (start->record.state == NODE_RECORD_HOLDING)
			n->plead_at = s->now + n->config.release_timeout;
		release_gave_up(s);
		n->retry_at = s->now;
		say(s);
		n->gave_up_at = n->sequence;
	} else {
		n->vip_present = true;
		release_clean_start(s); /* nothing is said before it is clean */
	}
}

static void
link_event(struct step *s)
{
	struct node *n = s->n;
	struct node_link *link;

	if (s->event->link >= n->config.link_count)
		return;
	link = &n->links[s->event->link];
	if (link->up == s->event->up && !s->event->flapped)
		return;
	link->up = s->event->up;
	link->up_since = link->up ? s->now : HA_NEVER;
	link->heard_since_up = false;
	step_note(s, NODE_NOTE_LINK, s->event->link, link->up);
	if (s->event->link == 0)
		peer_restart_silence(s); /* S13: the link was not up throughout */
}

static void
idle_state(struct step *s)
{
	struct node *n = s->n;
	enum node_state idle = node_idle_state(n);

	switch (n->state) {
	case NODE_BACKUP:
	case NODE_FAULT:
	case NODE_STANDBY:
		step_state(s, idle);
		break;
	case NODE_CLAIMING:
		if (idle != NODE_BACKUP)
			claim_end(s, NODE_END_UNFIT);
		break;
	case NODE_INIT:
	case NODE_ADDING:
	case NODE_MASTER:
	case NODE_RELEASING:
	case NODE_DIRTY:
	case NODE_STATES:
		break;
	}
}

static void
device_report(struct step *s)
{
	struct node *n = s->n;
	const struct fence_report *r = &s->event->report;
	struct node_device *d = &n->device;
	const struct ha_guid *expected =
		ha_guid_is_set(&n->config.peer_guid) ? &n->config.peer_guid : &n->memory.peer_guid;

	if (r->type == FENCE_REPORT_SENT || r->error == FENCE_NOT_SENT || r->error == FENCE_REFUSED)
		return;
	d->known = true;
	d->error = r->error;
	d->completion = r->completion;
	d->privilege = r->privilege;
	if (r->error != FENCE_OK)
		return;
	d->identity = fence_identify(&n->config.fence, expected, r->guid_known, &r->guid);
	d->checked = s->now;
	if (r->asked != 0) /* that a session stands answers no question */
		d->rtt = ha_time_since(r->answered, r->asked);
	if (r->power != FENCE_POWER_UNKNOWN)
		d->power = fence_identity_good(d->identity) ? r->power : FENCE_POWER_UNKNOWN;
}

static enum node_reply
can_switch(const struct node *n, ha_time now)
{
	if (node_paused(n, now))
		return NODE_REPLY_PAUSED;
	if (n->command_token != 0 || n->stopping)
		return NODE_REPLY_BUSY;
	if (!n->peer.heard || !n->peer.ever)
		return NODE_REPLY_PEER_SILENT;
	if (memcmp(n->peer.message.vip_digest, n->config.vip_digest, VRRP_MESSAGE_DIGEST) != 0)
		return NODE_REPLY_VIP_DIFFERS;
	if (n->state == NODE_MASTER) {
		if (n->peer.message.standby)
			return NODE_REPLY_PEER_STANDBY;
		return peer_can_take(n) ? NODE_REPLY_DONE : NODE_REPLY_PEER_UNFIT;
	}
	if (n->state != NODE_BACKUP)
		return n->state == NODE_FAULT || n->state == NODE_STANDBY ? NODE_REPLY_NOT_FIT : NODE_REPLY_BUSY;
	return n->peer.message.state == NODE_MASTER ? NODE_REPLY_DONE : NODE_REPLY_NOBODY_HOLDS;
}

static void
begin_switch(struct step *s, const struct node_command *command)
{
	struct node *n = s->n;

	n->switchover = true;
	n->command_token = command->token;
	n->command_type = command->type;
	n->command_by = s->now + n->config.release_timeout + COMMAND_GRACE;
	n->quiet_until = 0;
}

static void
command_standby(struct step *s, const struct node_command *command)
{
	struct node *n = s->n;
	enum node_reply reply = n->memory.standby ? NODE_REPLY_NOTHING : NODE_REPLY_DONE;

	if (reply == NODE_REPLY_DONE && (n->state == NODE_ADDING || n->state == NODE_RELEASING ||
						n->command_token != 0 || claim_is_committed(n)))
		reply = NODE_REPLY_BUSY;
	else if (reply == NODE_REPLY_DONE && n->state == NODE_MASTER)
		reply = can_switch(n, s->now);
	if (reply != NODE_REPLY_DONE) {
		step_reply(s, command->token, command->type, reply);
		return;
	}
	n->memory.standby = true;
	step_remember(s);
	if (n->state == NODE_MASTER)
		begin_switch(s, command);
	else
		step_reply(s, command->token, command->type, NODE_REPLY_DONE);
}

static void
pause(struct step *s, const struct node_command *command)
{
	struct node *n = s->n;
	bool on = command->type == NODE_CMD_PAUSE;
	bool change = on || node_paused(n, s->now);

	if (change) {
		n->pause_generation++;
		n->pause_heard = false;
		n->paused_until = on ? ha_time_add(s->now, command->duration) : 0;
	}
	if (on)
		claim_pause(s);
	step_reply(s, command->token, command->type, change ? NODE_REPLY_DONE : NODE_REPLY_NOTHING);
	if (change && n->state != NODE_INIT)
		say(s);
}

static void
command(struct step *s)
{
	struct node *n = s->n;
	const struct node_command *command = &s->event->command;
	enum node_reply reply;

	switch (command->type) {
	case NODE_CMD_SWITCHOVER:
		reply = can_switch(n, s->now);
		if (reply == NODE_REPLY_DONE)
			begin_switch(s, command);
		else
			step_reply(s, command->token, command->type, reply);
		break;
	case NODE_CMD_STANDBY:
		command_standby(s, command);
		break;
	case NODE_CMD_UNSTANDBY:
		reply = n->memory.standby ? NODE_REPLY_DONE : NODE_REPLY_NOTHING;
		n->memory.standby = false;
		if (reply == NODE_REPLY_DONE)
			step_remember(s);
		step_reply(s, command->token, command->type, reply);
		break;
	case NODE_CMD_PAUSE:
	case NODE_CMD_RESUME:
		pause(s, command);
		break;
	case NODE_CMD_CONFIRM_OFF:
		reply = claim_confirm(s, command);
		if (command->dry) /* asked whether it would be taken, which nobody reads of in the log as done */
			reply_to(s, command->token, reply);
		else
			step_reply(s, command->token, command->type, reply);
		break;
	case NODE_COMMANDS:
		break;
	}
}

/* A switchover that nobody took up. */
static void
command_timer(struct step *s)
{
	struct node *n = s->n;

	if (n->command_token == 0 || s->now < n->command_by || n->state == NODE_RELEASING)
		return;
	if (n->command_type == NODE_CMD_STANDBY && n->state == NODE_MASTER) {
		n->memory.standby = false;
		step_remember(s);
	}
	step_end_command(s, NODE_REPLY_TIMEOUT);
}

static void
reload_reply(struct step *s, enum node_reply reply)
{
	struct node_action *action = step_act(s, NODE_REPLY_TO);

	action->token = s->event->token;
	action->reply = reply;
}

static void
reload(struct step *s)
{
	struct node *n = s->n;
	const struct node_config *config = s->event->config;
	bool vips_differ = memcmp(config->vip_digest, n->config.vip_digest, VRRP_MESSAGE_DIGEST) != 0;

	if (claim_is_committed(n)) {
		reload_reply(s, NODE_REPLY_REFUSED_POWERED);
		return;
	}
	if (n->stop_out) {
		/* What is being proven is what the old configuration names. */
		reload_reply(s, NODE_REPLY_BUSY);
		return;
	}
	if (n->state == NODE_CLAIMING)
		claim_end(s, NODE_END_RELOAD);
	levels_reload(n, config);
	n->config = *config;
	n->plan.config = config->fence;
	n->restore.config = config->fence;
	n->topology.config = config->topology;
	fence_repower_end(&n->repower); /* they are numbered anew */
	n->health.effective_priority = config->priority;
	/* S13: the links may be others now. */
	for (unsigned i = 0; i < n->config.link_count; i++) {
		n->links[i].heard_since_up = false;
		n->links[i].up_since = n->links[i].up ? s->now : HA_NEVER;
	}
	peer_restart_silence(s);
	reload_reply(s, NODE_REPLY_DONE);
	if (vips_differ && node_holding(n)) {
		n->vips_pending = true;
		n->vips_asked = false;
		n->vips_at = n->retry_at = HA_NEVER;
	} else if (vips_differ) {
		/* One of the new set may stand here: nothing is granted before the kernel has said no. */
		address_seen(s);
	}
	if (n->state != NODE_INIT)
		say(s);
}

static void
dispatch(struct step *s)
{
	struct node *n = s->n;
	const struct node_event *event = s->event;

	switch (event->type) {
	case NODE_EV_START:
		start(s);
		break;
	case NODE_EV_TIMER:
		break; /* every step looks at the timers */
	case NODE_EV_LATE:
		hold_late(s);
		break;
	case NODE_EV_DRAINED:
		hold_drained(s);
		break;
	case NODE_EV_MESSAGE:
		peer_message(s);
		break;
	case NODE_EV_ADVERT:
		peer_advert(s);
		break;
	case NODE_EV_INVALID:
		peer_invalid(s);
		break;
	case NODE_EV_LINK:
		link_event(s);
		break;
	case NODE_EV_LINK_HEARD:
		peer_link_heard(s, event->link);
		break;
	case NODE_EV_FENCE:
		if (event->report.device != 0) {
			levels_report(s);
			break;
		}
		device_report(s);
		claim_fence_report(s);
		hold_restore_report(s);
		break;
	case NODE_EV_PROBE_ANSWER:
		if (n->state == NODE_CLAIMING)
			claim_probe_answer(s);
		else
			hold_probe_answer(s);
		break;
	case NODE_EV_PROBE_FAILED:
		claim_probe_failed(s);
		address_probe_failed(s);
		break;
	case NODE_EV_VIP_ADDED:
		hold_vip_added(s);
		break;
	case NODE_EV_VIP_REMOVED:
		release_vip_removed(s);
		break;
	case NODE_EV_VIP_SEEN:
		address_seen(s);
		break;
	case NODE_EV_VIP_LOST:
		address_lost(s);
		break;
	case NODE_EV_SERVICE_STOPPED:
		release_service_stopped(s);
		break;
	case NODE_EV_HEALTH:
		n->health = event->health;
		break;
	case NODE_EV_FIT_PROBE:
		claim_fit_probe(s);
		break;
	case NODE_EV_STORAGE_PROBE:
		hold_storage_probe(s);
		break;
	case NODE_EV_REMEMBERED:
		remembered(s);
		break;
	case NODE_EV_WORKER:
		n->worker_changed = s->now;
		if (!event->up)
			n->worker_restarted = s->now;
		if (event->worker == 0) {
			claim_worker(s);
			fence_restore_worker(&n->restore, s->now);
			n->device.known = true;
			n->device.error = FENCE_WORKER;
		}
		break;
	case NODE_EV_COMMAND:
		command(s);
		break;
	case NODE_EV_STOP:
		if (!n->stopping)
			release_at_stop(s);
		break;
	case NODE_EV_RELOAD:
		reload(s);
		break;
	case NODE_EVENTS:
		break;
	}
}

static void
hello_timer(struct step *s)
{
	struct node *n = s->n;

	if (s->now >= n->hello_at && n->state != NODE_INIT)
		say(s);
}

static void
exit_timer(struct step *s)
{
	struct node *n = s->n;
	const struct vrrp_message *m = &n->peer.message;
	bool echoed =
		n->peer.ever && m->echo_incarnation == n->window.my_incarnation && m->echo_sequence > n->exit_echo;

	if (!n->exiting || (s->now < n->exit_by && !(echoed && m->claim == 0)))
		return;
	n->exit_by = HA_NEVER;
	n->exiting = false;
	step_act(s, NODE_EXIT);
}

void
node_step(struct node *node, const struct node_event *event, struct node_update *ret_update)
{
	struct step s = { .n = node, .now = event->now, .event = event, .update = ret_update };

	ret_update->count = 0;
	node->now = event->now;
	if (event->type == NODE_EV_TIMER)
		node->drained_at = ha_time_max(node->drained_at, event->drained);
	else if (event->type == NODE_EV_DRAINED || event->type == NODE_EV_START)
		node->drained_at = event->now;
	dispatch(&s);
	if (!node->started)
		return;
	/* While the queues are being emptied no timer is looked at (S13). */
	if (!node->draining) {
		peer_timer(&s);
		claim_timer(&s);
		release_timer(&s);
		hold_timer(&s);
		command_timer(&s);
		idle_state(&s);
		levels_timer(&s);
		hold_want(&s);
		claim_consider(&s);
		remember_timer(&s);
		hello_timer(&s);
		exit_timer(&s);
	}
	alarm_update(node, s.now);
}

ha_time
node_deadline(const struct node *node)
{
	ha_time at;

	if (!node->started || node->draining)
		return HA_NEVER;
	at = node->state == NODE_INIT ? HA_NEVER : node->hello_at;
	at = ha_time_min(at, peer_deadline(node));
	at = ha_time_min(at, claim_deadline(node));
	at = ha_time_min(at, hold_deadline(node));
	at = ha_time_min(at, fence_repower_deadline(&node->repower));
	at = ha_time_min(at, node->remember_at);
	if (node->command_token != 0)
		at = ha_time_min(at, node->state == NODE_RELEASING ? HA_NEVER : node->command_by);
	if (node->exiting)
		at = ha_time_min(at, node->exit_by);
	return at;
}
