/* The own claim: suspicion, fencing, proof, wire, add. */
#include "daemon/node_step.h"

#include "vrrp/election.h"

#include <string.h>

#define ASK_PATIENCE     (2 * HA_SEC) /* a preempt or switchover claim that a MASTER does not take up ends */
#define RETRY_QUIET      (2 * HA_SEC) /* after a claim that ended by the wire or by a failed add */
#define WIRE_FRESH       (2 * HA_SEC) /* a silent wire older than this is asked again before the add */
#define WIRE_REFRESH     (2 * HA_SEC) /* ... and while an "off" waits for its power-down */
#define UNASKED_PATIENCE (3 * HA_SEC) /* a wire that cannot be asked for so long ends the claim */
#define FIT_PROBE_GAP    HA_SEC

static void run_plan(struct step *s, enum fence_plan_event_type type, const struct fence_report *report);

static const struct ha_guid *
expected_guid(const struct node *n)
{
	return ha_guid_is_set(&n->config.peer_guid) ? &n->config.peer_guid : &n->memory.peer_guid;
}

/* By configured priority: of two that may both fence, the lower one waits. */
bool
claim_is_lower(const struct node *n)
{
	return election_compare(n->config.priority, n->config.name, n->config.peer_priority, n->config.peer) < 0;
}

/* Section 3.4: `after` of silence ... */
static ha_time
after_at(const struct node *n)
{
	return ha_time_add(n->peer.silence_since, ha_time_max(n->config.after, peer_master_down(n)));
}

/* ... and of its device's answers, and of the required checks': a network that comes back may bring these first, and
 * the peer after them. */
static ha_time
network_trusted_at(const struct node *n)
{
	ha_time back = ha_time_max(n->plan.back_at, n->topology.back_at);

	if (n->claim.fit_probe_ok)
		back = ha_time_max(back, n->claim.fit_since);
	return back == 0 ? 0 : back + node_silence_limit(n);
}

/* ... and the delay of the lower priority unless the peer was last heard as MASTER. */
ha_time
claim_shot_at(const struct node *n)
{
	ha_time delay = claim_is_lower(n) && !n->peer.was_master ? n->config.priority_fencing_delay : 0;

	if (n->peer.ever && n->peer.message.dirty)
		return 0;
	return ha_time_max(ha_time_add(after_at(n), delay), network_trusted_at(n));
}

/* S8. As of sockets that were emptied: another such packet may wait in one (S13). */
static bool
maybe_alive(const struct node *n)
{
	return n->peer.last_invalid != 0 && ha_time_since(n->drained_at, n->peer.last_invalid) < n->config.after;
}

struct fence_facts
claim_facts(const struct node *n, ha_time now)
{
	bool dirty = n->peer.ever && n->peer.message.dirty;
	return (struct fence_facts){
		/* Not in the middle: the peer is off by our hand, and somebody has to serve. */
		.paused = node_paused(n, now) && !((n->plan.killed || n->topology.killed) && !n->peer.heard),
		.fit = peer_link_settled(n, now) && n->health.fit,
		.probes_answered = !n->config.required_probes || n->claim.fit_probe_ok,
		.after_over = !n->peer.heard && n->drained_at >= after_at(n),
		.delays_over = (dirty || !n->peer.heard) && n->drained_at >= claim_shot_at(n), /* S13 */
		.credit = !n->memory.credit_spent || n->shot_reserved,
		/* One level's shot that the peer outlived is every level's (S9); so is that of outlets which all said
		 * that they are off, whatever feeds the peer now. */
		.used_up = n->topology.spent || n->topology.switched || n->topology.obeyed ||
			   (n->plan.obeyed && n->config.topology.count > 0),
		.heard = (n->peer.ever && !peer_left(n)) || n->startup_armed,
		.heard_since_loss = !n->memory.gave_up,
		.maybe_alive = !dirty && maybe_alive(n),
		.wire_silent = n->claim.wire_silent,
		.remembered = n->shot_reserved &&
			      (n->remembered_token >= n->shot_token || (n->remember_failed && !n->startup_armed)),
	};
}

/* S9 across restarts: the power-down is written down before it is sent, so that a restart cannot forget it. */
static void
reserve_shot(struct step *s)
{
	struct node *n = s->n;
	struct fence_facts facts;

	if ((n->plan.phase != FENCE_PLAN_ON && !fence_topology_wants_to_kill(&n->topology)) || n->shot_reserved ||
		n->config.fence.action == FENCE_ACTION_CHECK)
		return;
	if (!n->peer.ever && n->config.startup_fence && !n->memory.startup_burned && s->now >= n->startup_at)
		n->startup_armed = true;
	facts = claim_facts(n, s->now);
	facts.delays_over = facts.remembered = true;
	if (fence_permit_kill(&facts) != FENCE_PERMITTED)
		return;
	n->shot_reserved = true;
	n->memory.credit_spent = true;
	n->memory.startup_burned = n->memory.startup_burned || n->startup_armed;
	n->peer.credit_heard = 0;
	step_remember(s);
	n->shot_token = n->remember_token;
}

/* The claim is over: a power-down that was certainly not sent costs nothing. */
static void
settle_shot(struct step *s, bool sent)
{
	struct node *n = s->n;
	bool refund = n->shot_reserved && !sent;

	if (refund) {
		n->memory.credit_spent = false;
		if (n->startup_armed)
			n->memory.startup_burned = false;
	} else if (sent) {
		n->memory.credit_spent = true;
		n->peer.credit_heard = 0;
	}
	if (refund || sent)
		step_remember(s);
	n->shot_reserved = n->startup_armed = false;
}

static void
start_round(struct step *s)
{
	struct node_claim *claim = &s->n->claim;

	claim->wire_silent = false;
	claim->wire_began = s->now;
	claim->probes_sent = 1;
	claim->probe_at = s->now + (claim->proof == NODE_PROOF_CONSENT ? NODE_PROBE_GRANT : NODE_PROBE_GAP);
	step_act(s, NODE_PROBE);
	step_note(s, NODE_NOTE_PROBES_SENT, claim->probes_sent, 0);
}

static void
try_add(struct step *s)
{
	struct node *n = s->n;

	/* S1, S5: a proof of this claim, and a wire that was silent when it was asked for this claim. */
	if (n->state == NODE_CLAIMING && n->claim.proof != NODE_PROOF_NONE && n->claim.wire_silent)
		hold_begin(s);
}

/* What outlets have switched off they switch on again, and the machine's power restore policy does the rest: its IMM
 * will not answer for minutes. */
static bool
owes_power_up(const struct node *n)
{
	return n->plan.killed && !n->claim.by_outlets && n->config.fence.action == FENCE_ACTION_REBOOT;
}

static void
set_proof(struct step *s, enum node_proof proof)
{
	struct node *n = s->n;

	n->claim.proof = proof;
	step_note(s, NODE_NOTE_PROOF, n->claim.number, proof);
	/* A peer that ran a moment ago and is off now, by its own power cut or by ours. */
	if (proof == NODE_PROOF_OFF && (n->plan.killed || n->topology.killed || n->peer.ever))
		n->sticky |= alarm_bit(ALARM_FENCED);
	if (proof == NODE_PROOF_OFF && owes_power_up(n)) {
		n->memory.power_up_tries = RESTORE_TRIES;
		step_remember(s);
	}
	/* S5 while the readings were taken; other proofs ask the wire now. */
	if (proof != NODE_PROOF_OFF ||
		(n->claim.wire_silent && ha_time_since(s->now, n->claim.wire_began) > WIRE_FRESH) ||
		(!n->claim.wire_silent && n->claim.probe_at == HA_NEVER))
		start_round(s);
	try_add(s);
}

/* S5: the wire is asked when the IMM says "off", for until then a holder that hangs may well answer. */
static void
follow_plan(struct step *s)
{
	struct node *n = s->n;
	struct node_claim *claim = &n->claim;
	bool off = n->plan.off_since != HA_NEVER && n->plan.power == FENCE_POWER_OFF;

	if (claim->proof != NODE_PROOF_NONE)
		return;
	if (!off) {
		claim->wire_silent = false;
		claim->probe_at = HA_NEVER;
	} else if (claim->probe_at == HA_NEVER &&
		   (!claim->wire_silent || ha_time_since(s->now, claim->wire_began) > WIRE_REFRESH)) {
		start_round(s);
	}
	if (n->config.required_probes && !claim->fit_probe_ok && !n->peer.heard &&
		s->now >= claim->fit_probe_at + (claim->fit_token == 0 ? FIT_PROBE_GAP : node_probe_patience(n))) {
		claim->fit_token = ++n->fit_tokens;
		claim->fit_probe_at = s->now;
		step_act(s, NODE_PROBE_FIT)->token = claim->fit_token;
	}
}

static uint64_t
note_number(const struct node *n, enum fence_plan_note what)
{
	switch (what) {
	case FENCE_NOTE_REFUSED:
		return n->plan.completion;
	case FENCE_NOTE_ERROR:
	case FENCE_NOTE_NO_ANSWER:
		return n->plan.error;
	case FENCE_NOTE_IDENTITY:
		return n->plan.identity;
	case FENCE_NOTE_SAMPLE:
		return n->plan.samples;
	case FENCE_NOTE_POWER_ON:
	case FENCE_NOTE_POWER_OFF:
		return n->device.rtt;
	case FENCE_NOTE_ORDERED:
		return n->plan.down_harmless;
	case FENCE_NOTE_OFF:
		return n->plan.answered_at == 0 ? 0 : ha_time_since(n->now, n->plan.answered_at);
	case FENCE_NOTE_NONE:
	case FENCE_NOTE_SENT:
	case FENCE_NOTE_ANSWERED:
	case FENCE_NOTE_NOT_SENT:
	case FENCE_NOTE_ENDED_BY_PEER:
	case FENCE_NOTE_ENDED_BY_PEER_LATE:
	case FENCE_NOTE_SPENT:
	case FENCE_NOTE_STILL_ON:
	case FENCE_NOTE_RESTARTED:
	case FENCE_NOTES:
		break;
	}
	return 0;
}

static void
run_plan(struct step *s, enum fence_plan_event_type type, const struct fence_report *report)
{
	struct node *n = s->n;
	enum fence_permit before = n->plan.permit;
	struct fence_plan_event event = { .now = s->now, .type = type, .report = report };
	struct fence_plan_update update;

	n->plan.expected = *expected_guid(n); /* it may have been announced since the claim began */
	if (type != FENCE_PLAN_END)
		reserve_shot(s);
	event.facts = claim_facts(n, s->now);
	update = fence_plan_step(&n->plan, &event);
	for (unsigned i = 0; i < update.order_count; i++)
		step_act(s, NODE_FENCE_ORDER)->order = update.orders[i];
	for (unsigned i = 0; i < update.note_count; i++)
		step_note(s, NODE_NOTE_FENCE, update.notes[i], note_number(n, update.notes[i]));
	if (type == FENCE_PLAN_END || n->state != NODE_CLAIMING)
		return;
	/* That the wire is asked, and that it was permitted, is told by what follows. */
	if (n->plan.permit != before && n->plan.permit != FENCE_PERMITTED && n->plan.permit != FENCE_WAIT_WIRE &&
		!n->peer.heard && n->claim.proof == NODE_PROOF_NONE)
		step_note(s, NODE_NOTE_PERMIT, n->plan.permit, 0);
	follow_plan(s);
	if (n->plan.phase == FENCE_PLAN_OFF && n->claim.proof == NODE_PROOF_NONE)
		set_proof(s, NODE_PROOF_OFF);
}

void
claim_outlets_off(struct step *s)
{
	if (s->n->state != NODE_CLAIMING || s->n->claim.proof != NODE_PROOF_NONE)
		return;
	s->n->claim.by_outlets = true;
	set_proof(s, NODE_PROOF_OFF);
}

/* S1: an outlet's word ends where the peer's begins. */
void
claim_outlets_doubted(struct step *s)
{
	struct node_claim *claim = &s->n->claim;

	if (s->n->state != NODE_CLAIMING || claim->proof != NODE_PROOF_OFF || !claim->by_outlets)
		return;
	claim->proof = NODE_PROOF_NONE;
	claim->by_outlets = false;
	claim->wire_silent = false;
	claim->probe_at = HA_NEVER;
}

void
claim_begin(struct step *s, enum node_intent intent)
{
	struct node *n = s->n;

	n->claim = (struct node_claim){ .number = s->event->random | 1,
		.intent = intent,
		.priority = n->health.effective_priority,
		.began = s->now,
		.probe_at = HA_NEVER };
	step_episode(s);
	step_note(s, NODE_NOTE_CLAIM, n->claim.number, intent);
	step_state(s, NODE_CLAIMING);
	fence_restore_end(&n->restore);
	if (intent == NODE_INTENT_SUSPECT && n->config.fence_configured) {
		run_plan(s, FENCE_PLAN_BEGIN, NULL);
		levels_begin(s);
	}
	say(s);
}

bool
claim_power_down_sent(const struct node *n)
{
	return fence_plan_power_down_sent(&n->plan) || fence_topology_sent(&n->topology);
}

static bool
claim_may_have_fired(const struct node *n)
{
	return fence_plan_power_down_sent(&n->plan) || n->plan.down_token != 0 ||
	       fence_topology_committed(&n->topology);
}

void
claim_end(struct step *s, enum node_end why)
{
	struct node *n = s->n;
	bool sent = claim_may_have_fired(n);

	step_note(s, NODE_NOTE_CLAIM_ENDED, n->claim.number, why);
	/* Whoever serves in the end owes a power-up to the peer that we powered down. */
	if (owes_power_up(n))
		n->memory.power_up_tries = RESTORE_TRIES;
	run_plan(s, FENCE_PLAN_END, NULL);
	levels_end(s);
	settle_shot(s, sent);
	/* S2: with the claim go its number and every proof. */
	n->claim = (struct node_claim){ .probe_at = HA_NEVER };
	if (why == NODE_END_SUCCESS)
		return;
	if (why == NODE_END_WIRE || why == NODE_END_ADD_FAILED)
		n->quiet_until = s->now + RETRY_QUIET;
	step_state(s, node_idle_state(n));
}

/* Is the peer heard, and heard to serve nothing? Then it can be asked for its consent. */
static bool
peer_serves_nothing(const struct node *n, ha_time now)
{
	const struct vrrp_message *m = &n->peer.message;

	if (!n->peer.ever || ha_time_since(now, n->peer.last_message) > 2 * n->config.hello + 50 * HA_MS)
		return false; /* heard by adverts alone: a VRRP master speaks there */
	if (m->holding || m->state == NODE_INIT)
		return false;
	if (m->claim != 0)
		return election_compare(n->health.effective_priority, n->config.name, m->claim_priority, m->sender) > 0;
	return true;
}

static bool
wants_to_preempt(struct node *n, ha_time now)
{
	const struct vrrp_message *m = &n->peer.message;

	if (!n->peer.heard || !m->holding || m->state != NODE_MASTER ||
		n->health.effective_priority <= m->effective_priority) {
		n->peer.better_since = HA_NEVER;
		return false;
	}
	n->peer.better_since = ha_time_min(n->peer.better_since, now);
	return now >= election_preempt_at(n->config.preempt, n->config.preempt_delay, n->health.effective_priority,
			      m->effective_priority, n->peer.better_since);
}

/* The first words after a silence may be old ones: the kernel keeps them until it knows the neighbour again. */
static bool
asks_me_to_take(const struct node *n)
{
	return n->peer.message.handover &&
	       ha_time_since(n->peer.last_message, n->peer.heard_from) >= 2 * n->config.hello;
}

void
claim_consider(struct step *s)
{
	struct node *n = s->n;
	const struct vrrp_message *m = &n->peer.message;

	if (n->state != NODE_BACKUP || n->stopping || node_paused(n, s->now) || s->now < n->quiet_until || n->draining)
		return;
	if (!n->peer.heard || peer_serves_nothing(n, s->now))
		claim_begin(s, NODE_INTENT_SUSPECT);
	else if (m->holding && (asks_me_to_take(n) || n->switchover))
		claim_begin(s, NODE_INTENT_SWITCHOVER);
	else if (wants_to_preempt(n, s->now))
		claim_begin(s, NODE_INTENT_PREEMPT);
}

/* A power-down of this claim has left or may have. */
bool
claim_is_committed(const struct node *n)
{
	return n->state == NODE_CLAIMING && claim_may_have_fired(n);
}

/* A pause ends the open claim, but not one whose power-down may have been executed: then nobody would serve. */
void
claim_pause(struct step *s)
{
	struct node *n = s->n;

	if (n->state == NODE_CLAIMING && !claim_is_committed(n))
		claim_end(s, NODE_END_COMMAND);
}

void
claim_message(struct step *s)
{
	struct node *n = s->n;
	const struct vrrp_message *m = &n->peer.message;

	if (n->state != NODE_CLAIMING)
		return;
	/* S1: the number binds the grant to this claim; S10: peer_message() let only the peer's machine through. */
	if (m->grant != 0 && m->grant == n->claim.number) {
		step_note(s, NODE_NOTE_CONSENT, n->claim.number, 0);
		if (n->claim.proof != NODE_PROOF_CONSENT)
			set_proof(s, NODE_PROOF_CONSENT);
		return;
	}
	if (m->holding && n->claim.intent == NODE_INTENT_SUSPECT)
		claim_end(s, NODE_END_PEER_HOLDS);
}

void
claim_peer_spoke(struct step *s)
{
	struct node *n = s->n;

	if (n->state != NODE_CLAIMING)
		return;
	run_plan(s, FENCE_PLAN_PEER_SPOKE, NULL);
	levels_run(s, FENCE_TOPOLOGY_SPOKE);
}

/* Who speaks is not off, whatever an administrator has seen. */
void
claim_operator_heard(struct step *s)
{
	struct node_claim *claim = &s->n->claim;

	if (s->n->state != NODE_CLAIMING || claim->proof != NODE_PROOF_OPERATOR)
		return;
	claim->proof = NODE_PROOF_NONE;
	claim->wire_silent = false;
	claim->probe_at = HA_NEVER;
}

void
claim_fence_report(struct step *s)
{
	if (s->n->state == NODE_CLAIMING)
		run_plan(s, FENCE_PLAN_REPORT, &s->event->report);
}

/* S9: only the answer to the newest question, asked after the present silence began. */
void
claim_fit_probe(struct step *s)
{
	struct node *n = s->n;

	if (n->claim.fit_token == 0 || s->event->token != n->claim.fit_token)
		return;
	n->claim.fit_token = 0;
	n->claim.fit_probe_ok = s->event->ok && !n->peer.heard && n->claim.fit_probe_at >= n->peer.silence_since;
	n->claim.fit_since = s->now;
}

void
claim_worker(struct step *s)
{
	if (s->n->state == NODE_CLAIMING)
		run_plan(s, FENCE_PLAN_WORKER, NULL);
	levels_worker(s);
}

void
claim_probe_answer(struct step *s)
{
	struct node *n = s->n;

	/* Before "off" is seen the holder that hangs may answer for itself; nothing was asked yet. */
	if (n->claim.probe_at == HA_NEVER && !n->claim.wire_silent)
		return;
	n->conflict_at = s->now;
	step_note(s, NODE_NOTE_WIRE_ANSWER, 0, 0);
	levels_wire_answer(s);
	claim_end(s, NODE_END_WIRE);
}

/* S5: a wire that could not be asked is not silent. */
void
claim_probe_failed(struct step *s)
{
	struct node_claim *claim = &s->n->claim;

	if (s->n->state != NODE_CLAIMING || claim->probe_at == HA_NEVER)
		return;
	claim->wire_silent = false;
	claim->probes_sent = 0;
	claim->wire_began = s->now;
	claim->probe_at = s->now + NODE_PROBE_GAP;
	if (claim->unasked_since == 0)
		claim->unasked_since = s->now;
	if (s->now < claim->unasked_since + UNASKED_PATIENCE)
		return;
	/* It can neither add nor leave the VIP to a peer that could: it steps back for a while. */
	s->n->sticky |= alarm_bit(ALARM_VIP_ADD_FAILED);
	claim_end(s, NODE_END_ADD_FAILED);
}

/* S13: a loop that was away has not listened to the wire either. */
void
claim_late(struct step *s)
{
	struct node_claim *claim = &s->n->claim;

	if (s->n->state != NODE_CLAIMING)
		return;
	claim->wire_silent = false;
	claim->probe_at = HA_NEVER;
}

void
claim_drained(struct step *s)
{
	if (s->n->state == NODE_CLAIMING && s->n->claim.proof != NODE_PROOF_NONE)
		start_round(s);
}

static void
probe_timer(struct step *s)
{
	struct node_claim *claim = &s->n->claim;
	bool consent = claim->proof == NODE_PROOF_CONSENT;

	if (s->now < claim->probe_at)
		return;
	if (claim->probes_sent == 0) {
		start_round(s); /* the last one could not be sent */
		return;
	}
	if (claim->probes_sent < (consent ? 1 : NODE_PROBES)) {
		claim->probes_sent++;
		claim->probe_at = s->now + NODE_PROBE_GAP;
		step_act(s, NODE_PROBE);
		return;
	}
	if (s->n->drained_at < claim->probe_at)
		return; /* S13: an answer may wait in the socket */
	claim->probe_at = HA_NEVER;
	claim->unasked_since = 0;
	claim->wire_silent = true;
	step_note(s, NODE_NOTE_WIRE_SILENT, 0, 0);
	try_add(s);
}

static void
asked_in_vain(struct step *s)
{
	struct node *n = s->n;
	ha_time patience =
		n->peer.message.state == NODE_RELEASING ? n->config.release_timeout + ASK_PATIENCE : ASK_PATIENCE;

	if (n->claim.intent == NODE_INTENT_SUSPECT || n->claim.proof != NODE_PROOF_NONE)
		return;
	if (n->peer.heard && s->now < n->claim.began + patience)
		return;
	n->quiet_until = n->peer.heard ? s->now + ASK_PATIENCE : s->now;
	if (n->switchover)
		step_end_command(s, n->peer.message.state == NODE_MASTER ? NODE_REPLY_TIMEOUT : NODE_REPLY_DIRTY);
	claim_end(s, NODE_END_TIMEOUT);
}

void
claim_timer(struct step *s)
{
	struct node *n = s->n;

	if (n->state != NODE_CLAIMING)
		return;
	probe_timer(s);
	if (n->state == NODE_CLAIMING)
		asked_in_vain(s);
	if (n->state == NODE_CLAIMING && n->claim.intent == NODE_INTENT_SUSPECT)
		run_plan(s, FENCE_PLAN_TIMER, NULL);
	if (n->state == NODE_CLAIMING && n->claim.intent == NODE_INTENT_SUSPECT)
		levels_run(s, FENCE_TOPOLOGY_TIMER);
}

/* The next moment, after `now`, at which a permission may change by itself. */
static ha_time
permission_changes(const struct node *n)
{
	ha_time times[] = { claim_shot_at(n), ha_time_add(n->links[0].up_since, NODE_LINK_SETTLE),
		n->peer.last_invalid == 0 ? HA_NEVER : n->peer.last_invalid + n->config.after, n->startup_at };
	ha_time at = n->drained_at < times[0] ? times[0] : HA_NEVER;

	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (times[i] > n->now)
			at = ha_time_min(at, times[i]);
	}
	return at;
}

ha_time
claim_deadline(const struct node *n)
{
	ha_time at;

	if (n->state == NODE_BACKUP) {
		if (n->quiet_until > n->now)
			return n->quiet_until;
		if (n->peer.better_since == HA_NEVER || !n->config.preempt)
			return HA_NEVER;
		at = ha_time_add(n->peer.better_since, n->config.preempt_delay);
		return at > n->now ? at : n->now + n->config.hello;
	}
	if (n->state != NODE_CLAIMING)
		return HA_NEVER;
	if (n->claim.intent != NODE_INTENT_SUSPECT)
		return ha_time_min(
			n->claim.probe_at, ha_time_max(n->claim.began + ASK_PATIENCE, n->now + n->config.hello));
	at = ha_time_min(n->claim.probe_at, fence_plan_deadline(&n->plan));
	at = ha_time_min(at, levels_deadline(n));
	return ha_time_min(at, permission_changes(n));
}

/* S1: of this claim. Somebody who was asked a minute ago has seen the machine off a minute ago. */
enum node_reply
claim_confirm(struct step *s, const struct node_command *command)
{
	struct node *n = s->n;

	if (n->state != NODE_CLAIMING)
		return NODE_REPLY_NO_CLAIM;
	if (!command->dry && command->claim != n->claim.number)
		return NODE_REPLY_OTHER_CLAIM;
	if (n->peer.heard || maybe_alive(n))
		return NODE_REPLY_PEER_HEARD;
	if (n->plan.power == FENCE_POWER_ON && n->plan.error == FENCE_OK)
		return NODE_REPLY_PEER_ON;
	if (!command->dry && n->claim.proof == NODE_PROOF_NONE)
		set_proof(s, NODE_PROOF_OPERATOR);
	return NODE_REPLY_DONE;
}
