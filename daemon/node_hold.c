/* Holding: the add, resuming, late wake, two holders, the wish to hand over. */
#include "daemon/node_step.h"

#include "vrrp/election.h"

#include <string.h>

#define READD_TRIES     3
#define STORAGE_ASK_GAP HA_SEC
#define STORAGE_GRACE   (120 * HA_SEC) /* longest interval at which TCP repeats itself */

void
hold_begin(struct step *s)
{
	struct node *n = s->n;

	n->record = (struct node_record){ .proof = n->claim.proof, .claim = n->claim.number };
	n->adding_since = n->claim.began;
	n->late_until = 0;
	release_made_good(s);
	claim_end(s, NODE_END_SUCCESS);
	step_state(s, NODE_ADDING);
	address_add(s);
	say(s);
}

/* S7, S4: after a late wake or a restart the holder asks before it goes on. */
static void
verify(struct step *s)
{
	s->n->late_until = s->now + 2 * s->n->config.hello + 50 * HA_MS;
	step_act(s, NODE_PROBE);
	say(s);
}

static void
become_master(struct step *s)
{
	struct node *n = s->n;

	step_state(s, NODE_MASTER);
	n->add_failures = 0;
	n->sticky &= ~alarm_bit(ALARM_VIP_ADD_FAILED);
	n->handover = false;
	if (n->stopping)
		n->command_by = s->now + STOP_HANDOVER;
	if (n->late_until != 0) {
		verify(s); /* S7: away while the kernel added it */
	} else {
		address_start_adverts(s);
		address_announce(s);
	}
	n->garp_at = n->config.garp_delay == 0 ? HA_NEVER : s->now + n->config.garp_delay;
	step_act(s, NODE_START_SERVICE);
	step_note(s, NODE_NOTE_ADDED, s->now - n->adding_since, s->now - n->outage_since);
	say(s);
	if (n->switchover)
		step_end_command(s, NODE_REPLY_DONE);
	if (n->memory.power_up_tries > 0 && !n->peer.heard)
		fence_restore_begin(&n->restore, s->now, n->memory.power_up_tries,
			ha_guid_is_set(&n->config.peer_guid) ? &n->config.peer_guid : &n->memory.peer_guid);
}

/* S3: a failed or partial add is removed before the claim ends. */
static void
add_failed(struct step *s)
{
	struct node *n = s->n;

	n->add_failures++;
	step_note(s, NODE_NOTE_ADD_FAILED, n->add_failures, 0);
	n->sticky |= alarm_bit(ALARM_VIP_ADD_FAILED);
	if (n->state == NODE_ADDING)
		release_begin(s, NODE_RELEASE_ADD_FAILED);
	else
		n->retry_at = s->now + READD_RETRY;
}

void
hold_vip_added(struct step *s)
{
	struct node *n = s->n;

	if (!address_newest_answer(n) || (n->state != NODE_ADDING && n->state != NODE_MASTER))
		return;
	if (!s->event->ok) {
		add_failed(s);
	} else if (n->state == NODE_ADDING) {
		become_master(s);
	} else {
		n->add_failures = 0;
		n->retry_at = HA_NEVER;
		n->sticky &= ~alarm_bit(ALARM_VIP_ADD_FAILED);
		if (n->late_until == 0)
			address_announce(s);
	}
}

void
hold_resume(struct step *s)
{
	struct node *n = s->n;

	n->record.woke_late = true;
	release_made_good(s);
	step_episode(s);
	step_state(s, NODE_MASTER);
	n->advert_at = HA_NEVER;
	n->garp_at = HA_NEVER;
	address_record(s, NODE_RECORD_HOLDING);
	step_act(s, NODE_START_SERVICE);
	verify(s);
	/* What is missing in the kernel is added when the wire has been asked for it. */
	n->vips_pending = true;
	n->vips_at = s->now;
	if (n->memory.power_up_tries > 0) {
		step_note(s, NODE_NOTE_OWED, n->memory.power_up_tries, 0);
		fence_restore_begin(&n->restore, s->now, n->memory.power_up_tries,
			ha_guid_is_set(&n->config.peer_guid) ? &n->config.peer_guid : &n->memory.peer_guid);
	}
}

void
hold_late(struct step *s)
{
	struct node *n = s->n;

	step_note(s, NODE_NOTE_LATE, s->event->late, 0);
	n->last_late = s->now;
	n->draining = true;
	peer_restart_silence(s);
	claim_late(s);
	if (n->vips_pending && n->vips_asked) {
		n->vips_asked = false; /* S13: its answers may be lost */
		n->vips_at = s->now;
	}
	if ((n->state == NODE_MASTER || n->state == NODE_ADDING) && s->event->late > 2 * n->config.hello + 50 * HA_MS) {
		n->record.woke_late = true;
		address_record(s, NODE_RECORD_HOLDING);
		n->advert_at = HA_NEVER;
		n->late_until = HA_NEVER; /* until the queues are empty */
	}
}

void
hold_drained(struct step *s)
{
	struct node *n = s->n;

	n->draining = false;
	peer_restart_silence(s);
	claim_drained(s);
	if (n->state == NODE_MASTER && n->late_until == HA_NEVER)
		verify(s);
}

static void
keep_after_wake(struct step *s)
{
	s->n->late_until = 0;
	step_note(s, NODE_NOTE_LATE_KEPT, 0, 0);
	address_start_adverts(s);
	address_announce(s);
}

static void
two_holders(struct step *s)
{
	struct node *n = s->n;
	const struct vrrp_message *m = &n->peer.message;
	struct election_holder me = { .by_operator = n->record.proof == NODE_PROOF_OPERATOR,
		.woke_late = n->record.woke_late,
		.priority = n->config.priority,
		.name = n->config.name };
	struct election_holder other = { .by_operator = m->proof == NODE_PROOF_OPERATOR,
		.woke_late = m->woke_late,
		.priority = m->priority,
		.name = m->sender };

	n->conflict_at = s->now;
	if (election_gives_way(&me, &other)) {
		step_note(s, NODE_NOTE_GIVES_WAY, m->proof, 0);
		release_begin(s, NODE_RELEASE_GIVES_WAY);
		return;
	}
	if (s->now >= n->heal_at) {
		step_note(s, NODE_NOTE_KEEPS, m->proof, 0);
		address_announce(s);
	}
}

void
hold_message(struct step *s)
{
	struct node *n = s->n;

	if (n->state != NODE_MASTER && n->state != NODE_ADDING)
		return;
	if (n->peer.message.holding) {
		two_holders(s);
		return;
	}
	if (n->draining)
		return; /* said before I woke */
	if (n->record.woke_late) {
		n->record.woke_late = false;
		address_record(s, NODE_RECORD_HOLDING);
	}
	if (n->late_until != 0 && n->state == NODE_MASTER)
		keep_after_wake(s);
	/* A changed set of VIPs takes effect when both nodes have it. */
	if (n->vips_pending && n->vips_at == HA_NEVER &&
		memcmp(n->peer.message.vip_digest, n->config.vip_digest, VRRP_MESSAGE_DIGEST) == 0)
		n->vips_at = s->now;
}

void
hold_heal(struct step *s)
{
	struct node *n = s->n;

	if (n->state == NODE_MASTER && n->late_until == 0 && s->now >= n->heal_at)
		address_announce(s);
}

void
hold_probe_answer(struct step *s)
{
	struct node *n = s->n;

	if (n->state != NODE_MASTER)
		return;
	n->conflict_at = s->now;
	if (n->vips_pending && n->vips_asked)
		address_ask_later(s);
	if (n->late_until != 0) {
		/* S7: I was away, and somebody else answers for the VIP now. */
		step_note(s, NODE_NOTE_GIVES_WAY, NODE_PROOF_NONE, 0);
		release_begin(s, NODE_RELEASE_GIVES_WAY);
	} else if (s->now >= n->heal_at) {
		step_note(s, NODE_NOTE_WIRE_ANSWER, 0, 0);
		address_announce(s);
	}
}

static bool
unfit(const struct node *n)
{
	return !n->health.fit || !n->links[0].up || n->add_failures >= READD_TRIES;
}

static bool
fails_by_storage(const struct node *n)
{
	return !n->health.fit && n->health.storage;
}

/* Has the peer's storage answered a probe that was started after `since`? */
static bool
peer_storage_since(const struct node *n, ha_time since)
{
	uint32_t age_ms = n->peer.message.storage_probe_age_ms;

	return age_ms != UINT32_MAX && n->peer.last_message > since + (ha_time)age_ms * HA_MS;
}

/* Since when this node's storage fails, or at the latest that. */
static ha_time
failing_since(const struct node *n)
{
	return n->health.storage_since != 0 ? ha_time_min(n->health.storage_since, n->unfit_since) : n->unfit_since;
}

/* "If the reason is storage, it first asks the peer for a storage probe started after its own failure." And then
 * itself once more, and the peer again: a server that has just come back answers both nodes, but not at the same moment
 * (FAULTS 66). How much later may it be? The client repeats itself at intervals that double: after an outage as long as
 * this node's has been, it may be silent for as long again, though its storage is well. */
static void
judge_storage(struct step *s)
{
	struct node *n = s->n;

	if (n->state != NODE_MASTER || !fails_by_storage(n) || n->unfit_since == HA_NEVER) {
		n->storage_here = 0;
		n->storage_mine = false;
	} else if (n->storage_here == 0) {
		if (!peer_storage_since(n, n->unfit_since))
			return;
		n->storage_here = n->storage_at = s->now;
		n->storage_grace = s->now + ha_time_min(s->now - failing_since(n), STORAGE_GRACE);
	} else if (n->storage_failed >= n->storage_here && s->now >= n->storage_grace &&
		   peer_storage_since(n, n->storage_failed)) {
		n->storage_mine = true;
	}
}

bool
hold_wishes(const struct node *n, ha_time now, enum node_release_reason *ret_reason)
{
	if (n->stopping)
		*ret_reason = NODE_RELEASE_STOP;
	else if (node_paused(n, now))
		return false;
	else if (unfit(n) && (n->storage_mine || !fails_by_storage(n)))
		*ret_reason = NODE_RELEASE_UNFIT;
	else if (n->switchover || n->memory.standby)
		*ret_reason = n->memory.standby ? NODE_RELEASE_STANDBY : NODE_RELEASE_SWITCHOVER;
	else
		return false;
	return true;
}

/* Does this holder want to give? It asks its peer to claim and keeps the VIP until the claim has come. */
void
hold_want(struct step *s)
{
	struct node *n = s->n;
	bool was = n->handover;

	if (!unfit(n))
		n->unfit_since = HA_NEVER;
	else if (n->unfit_since == HA_NEVER)
		n->unfit_since = s->now;
	if (n->state != NODE_MASTER) {
		n->handover = false;
		return;
	}
	n->handover = hold_wishes(n, s->now, &n->release_wish) && peer_can_take(n);
	if (n->handover && !was)
		say(s);
	if (n->stopping && (!n->handover || s->now >= n->command_by))
		release_begin(s, NODE_RELEASE_STOP);
}

/* A backup beside a holder that is not fit looks whether the storage answers here; and so does that holder, once it
 * answers there. */
static bool
asks_storage(const struct node *n)
{
	if (n->state == NODE_MASTER)
		return n->storage_here != 0 && !n->storage_mine;
	return n->state == NODE_BACKUP && n->peer.heard && n->peer.message.holding && !n->peer.message.fit;
}

void
hold_storage_probe(struct step *s)
{
	struct node *n = s->n;

	if (s->event->token != n->storage_token)
		return;
	n->storage_out = false;
	if (!s->event->ok) {
		/* "Started after": by when it was asked. As long as the peer has not answered to this failure, it
		 * stands: the peer may be slow to answer, or its answer always just later than this node's next
		 * failure. */
		if (n->storage_failed < n->storage_here || peer_storage_since(n, n->storage_failed))
			n->storage_failed = n->storage_asked;
		return;
	}
	n->storage_probed = n->storage_asked;
	n->storage_failed = 0;
	n->storage_mine = false;
}

static void
storage_timer(struct step *s)
{
	struct node *n = s->n;

	judge_storage(s);
	if (!asks_storage(n) || s->now < n->storage_at)
		return;
	if (n->storage_out && s->now < n->storage_asked + node_probe_patience(n)) {
		n->storage_at = s->now + STORAGE_ASK_GAP;
		return; /* a slow answer is an answer */
	}
	n->storage_out = true;
	n->storage_at = s->now + STORAGE_ASK_GAP;
	n->storage_asked = s->now;
	step_act(s, NODE_PROBE_STORAGE)->token = ++n->storage_token;
}

static void
restore_update(struct step *s, struct fence_restore_update update)
{
	struct node *n = s->n;

	if (update.has_order)
		step_act(s, NODE_FENCE_ORDER)->order = update.order;
	if (update.result == RESTORE_NOTHING)
		return;
	step_note(s, NODE_NOTE_POWER_UP, update.result, n->restore.tries_left);
	n->memory.power_up_tries = update.result == RESTORE_ORDERED ? n->restore.tries_left : 0;
	step_remember(s);
}

void
hold_restore_report(struct step *s)
{
	if (s->n->state == NODE_MASTER)
		restore_update(s, fence_restore_report(&s->n->restore, s->now, &s->event->report));
}

void
hold_timer(struct step *s)
{
	struct node *n = s->n;

	storage_timer(s);
	address_stray_timer(s);
	if (n->state == NODE_RELEASING)
		address_advert_timer(s);
	if (n->state != NODE_MASTER)
		return;
	if (n->late_until != 0 && n->drained_at >= n->late_until) /* S13: an answer may wait in a socket */
		keep_after_wake(s);
	address_advert_timer(s);
	if (n->late_until == 0) /* S7: nothing is announced or added before the peer and the wire have been asked */
		address_timer(s);
	restore_update(s, fence_restore_timer(&n->restore, s->now));
}

ha_time
hold_deadline(const struct node *n)
{
	ha_time at = HA_NEVER;

	switch (n->state) {
	case NODE_MASTER:
		at = ha_time_min(n->advert_at, fence_restore_deadline(&n->restore));
		if (asks_storage(n))
			at = ha_time_min(at, n->storage_at);
		if (n->late_until != 0)
			at = ha_time_min(at, n->late_until);
		else
			at = ha_time_min(at, address_deadline(n));
		if (n->stopping)
			at = ha_time_min(at, n->command_by);
		return at;
	case NODE_INIT:
	case NODE_RELEASING:
	case NODE_DIRTY:
		at = n->started ? ha_time_min(n->retry_at, n->release_by) : HA_NEVER;
		return n->state == NODE_RELEASING ? ha_time_min(at, n->advert_at) : at;
	case NODE_BACKUP:
		return asks_storage(n) ? n->storage_at : HA_NEVER;
	case NODE_FAULT:
	case NODE_STANDBY:
	case NODE_CLAIMING:
	case NODE_ADDING:
	case NODE_STATES:
		break;
	}
	return HA_NEVER;
}
