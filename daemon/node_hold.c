/* Holding, late wake, two holders, release, dirty. */
#include "daemon/node_step.h"

#include "vrrp/election.h"

#include <string.h>

#define DIRTY_RETRY     (2 * HA_SEC)
#define REMOVE_RETRY    (200 * HA_MS)
#define READD_RETRY     HA_SEC
#define LOSS_MEMORY     (10 * HA_SEC)
#define LOSSES_QUICK    5 /* lost more often within LOSS_MEMORY: somebody removes it each time */
#define READD_TRIES     3
#define STOP_HANDOVER   HA_SEC       /* a stopping master waits so long for its peer's claim */
#define STOP_ECHO       (3 * HA_SEC) /* ... and repeats "released" so long, or until it is echoed */
#define VIPS_RETRY      (5 * HA_SEC) /* an address that somebody answers for is asked for again */
#define HEAL_GAP        HA_SEC
#define RELEASE_GRACE   HA_SEC /* beyond release_timeout, for a shell that does not answer at all */
#define STORAGE_ASK_GAP HA_SEC

static void
write_record(struct step *s, enum node_record_state state)
{
	struct node *n = s->n;

	if (state == NODE_RECORD_NONE)
		n->record = (struct node_record){ .state = NODE_RECORD_NONE };
	n->record.state = state;
	step_act(s, NODE_WRITE_RECORD)->record = n->record;
}

static void
remove_vip(struct step *s)
{
	if (s->n->state == NODE_RELEASING && s->n->vip_present)
		s->n->outage_since = s->now;
	s->n->remove_out = true;
	s->n->advert_at = HA_NEVER;
	s->n->vip_requests++;
	step_act(s, NODE_REMOVE_VIP);
}

/* The kernel answers in the order of the requests. Only the answer to the newest one tells what it shows now: a late
 * "removed" says nothing once an add has followed it. */
static bool
is_newest_answer(struct node *n)
{
	if (n->vip_answers < n->vip_requests)
		n->vip_answers++;
	return n->vip_answers == n->vip_requests;
}

static void
stop_service(struct step *s)
{
	s->n->stop_out = true;
	s->n->service_stopped = false;
	step_act(s, NODE_STOP_SERVICE)->time = s->n->config.release_timeout;
}

static void
announce(struct step *s)
{
	step_act(s, NODE_ANNOUNCE);
	s->n->heal_at = s->now + HEAL_GAP;
}

static void
advert(struct step *s, uint8_t priority)
{
	step_act(s, NODE_SEND_ADVERT)->value = priority;
}

static void
start_adverts(struct step *s)
{
	struct node *n = s->n;

	advert(s, n->health.effective_priority);
	n->advert_at = s->now + n->config.advert;
}

static void
add_vip(struct step *s)
{
	/* S3, S4: holder, and on record, from before the first request. */
	write_record(s, NODE_RECORD_HOLDING);
	s->n->vip_present = true;
	s->n->remove_out = false;
	s->n->vip_requests++;
	step_act(s, NODE_ADD_VIP);
}

void
hold_begin(struct step *s)
{
	struct node *n = s->n;

	n->record = (struct node_record){ .proof = n->claim.proof, .claim = n->claim.number };
	n->adding_since = n->claim.began;
	n->late_until = 0;
	claim_end(s, NODE_END_SUCCESS);
	step_state(s, NODE_ADDING);
	add_vip(s);
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
		start_adverts(s);
		announce(s);
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

	if (!is_newest_answer(n) || (n->state != NODE_ADDING && n->state != NODE_MASTER))
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
			announce(s);
	}
}

/* Put back what is missing. If the set has changed meanwhile, the wire is asked for it first (S5). */
static void
put_back(struct step *s)
{
	struct node *n = s->n;

	if (!n->vips_pending)
		add_vip(s);
	else if (!n->vips_asked)
		n->vips_at = ha_time_min(n->vips_at, s->now);
}

void
hold_vip_lost(struct step *s)
{
	struct node *n = s->n;
	bool again;

	if (n->state != NODE_MASTER)
		return;
	if (ha_time_since(s->now, n->vip_lost_at) > LOSS_MEMORY)
		n->vip_losses = 0;
	again = ++n->vip_losses > LOSSES_QUICK;
	step_note(s, NODE_NOTE_VIP_LOST, 0, 0);
	n->vip_lost_at = s->now;
	/* Somebody removes it each time; or I was away, and it may be another's by now (S7). */
	if (again || n->late_until != 0)
		n->retry_at = ha_time_min(n->retry_at, s->now + READD_RETRY);
	else
		put_back(s);
}

/* S2, S3: an address of the set in the kernel of a node that does not hold it, whoever put it there. It answers
 * clients, so nothing is granted, and it is removed. */
void
hold_vip_seen(struct step *s)
{
	struct node *n = s->n;

	if (node_holding(n))
		return;
	n->vip_present = true;
	if (!n->remove_out)
		remove_vip(s);
}

void
hold_resume(struct step *s)
{
	struct node *n = s->n;

	n->record.woke_late = true;
	step_episode(s);
	step_state(s, NODE_MASTER);
	n->advert_at = HA_NEVER;
	n->garp_at = HA_NEVER;
	write_record(s, NODE_RECORD_HOLDING);
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
		write_record(s, NODE_RECORD_HOLDING);
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
	start_adverts(s);
	announce(s);
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
		announce(s);
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
		write_record(s, NODE_RECORD_HOLDING);
	}
	if (n->late_until != 0 && n->state == NODE_MASTER)
		keep_after_wake(s);
	/* A changed set of VIPs takes effect when both nodes have it. */
	if (n->vips_pending && n->vips_at == HA_NEVER &&
		memcmp(n->peer.message.vip_digest, n->config.vip_digest, VRRP_MESSAGE_DIGEST) == 0)
		n->vips_at = s->now;
}

/* S5 for addresses that join those held: the wire is asked for them before they are added. */
static void
vips_timer(struct step *s)
{
	struct node *n = s->n;

	if (!n->vips_pending || n->drained_at < n->vips_at)
		return;
	if (!n->vips_asked) {
		n->vips_asked = true;
		n->vips_at = s->now + NODE_PROBES * NODE_PROBE_GAP;
		step_act(s, NODE_PROBE);
		return;
	}
	n->vips_pending = n->vips_asked = false;
	n->vips_at = HA_NEVER;
	add_vip(s);
}

static void
vips_wait(struct step *s)
{
	s->n->vips_asked = false;
	s->n->vips_at = s->now + VIPS_RETRY;
}

void
hold_probe_failed(struct step *s)
{
	if (s->n->state == NODE_MASTER && s->n->vips_pending && s->n->vips_asked)
		vips_wait(s);
}

void
hold_heal(struct step *s)
{
	struct node *n = s->n;

	if (n->state == NODE_MASTER && n->late_until == 0 && s->now >= n->heal_at)
		announce(s);
}

void
hold_probe_answer(struct step *s)
{
	struct node *n = s->n;

	if (n->state != NODE_MASTER)
		return;
	n->conflict_at = s->now;
	if (n->vips_pending && n->vips_asked)
		vips_wait(s);
	if (n->late_until != 0) {
		/* S7: I was away, and somebody else answers for the VIP now. */
		step_note(s, NODE_NOTE_GIVES_WAY, NODE_PROOF_NONE, 0);
		release_begin(s, NODE_RELEASE_GIVES_WAY);
	} else if (s->now >= n->heal_at) {
		step_note(s, NODE_NOTE_WIRE_ANSWER, 0, 0);
		announce(s);
	}
}

static bool
unfit(const struct node *n)
{
	return !n->health.fit || !n->links[0].up || n->add_failures >= READD_TRIES;
}

/* "If the reason is storage, it first asks the peer for a storage probe started after its own failure." */
static bool
storage_cleared(const struct node *n)
{
	uint32_t age_ms = n->peer.message.storage_probe_age_ms;

	if (n->health.fit || !n->health.storage)
		return true;
	return age_ms != UINT32_MAX && n->peer.last_message > n->unfit_since + (ha_time)age_ms * HA_MS;
}

static bool
wishes(const struct node *n, ha_time now, enum node_release_reason *ret_reason)
{
	if (n->stopping)
		*ret_reason = NODE_RELEASE_STOP;
	else if (node_paused(n, now))
		return false;
	else if (unfit(n) && storage_cleared(n))
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
	n->handover = wishes(n, s->now, &n->release_wish) && peer_can_take(n);
	if (n->handover && !was)
		say(s);
	if (n->stopping && (!n->handover || s->now >= n->command_by))
		release_begin(s, NODE_RELEASE_STOP);
}

/* A backup beside a holder that is not fit looks whether the storage answers here. */
static void
storage_timer(struct step *s)
{
	struct node *n = s->n;

	if (n->state != NODE_BACKUP || !n->peer.heard || !n->peer.message.holding || n->peer.message.fit ||
		s->now < n->storage_at)
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

static bool
is_voluntary(enum node_release_reason reason)
{
	return reason == NODE_RELEASE_SWITCHOVER || reason == NODE_RELEASE_STANDBY ||
	       reason == NODE_RELEASE_PREEMPTED || reason == NODE_RELEASE_CLAIMED;
}

void
release_begin(struct step *s, enum node_release_reason reason)
{
	struct node *n = s->n;
	bool at_once = reason == NODE_RELEASE_GIVES_WAY || reason == NODE_RELEASE_ADD_FAILED;

	n->release_reason = reason;
	n->release_voluntary = is_voluntary(reason);
	n->release_began = s->now;
	n->release_by = s->now + n->config.release_timeout + RELEASE_GRACE;
	n->late_until = 0;
	n->garp_at = HA_NEVER;
	n->retry_at = HA_NEVER;
	fence_restore_end(&n->restore);
	if (reason != NODE_RELEASE_ADD_FAILED)
		step_episode(s);
	step_note(s, NODE_NOTE_RELEASE, reason, 0);
	step_state(s, NODE_RELEASING);
	if (at_once) /* S12: the address first, the rest as fast as it can be proven */
		remove_vip(s);
	stop_service(s);
	say(s);
}

static void
finish_stop(struct step *s)
{
	struct node *n = s->n;

	n->exiting = true;
	n->exit_by = n->peer.heard ? s->now + STOP_ECHO : s->now;
	n->exit_echo = n->sequence;
}

static void
released(struct step *s)
{
	struct node *n = s->n;
	bool was_start = n->state == NODE_INIT;
	bool granted = false;

	/* S4: the record goes only now that S3 is proven. */
	write_record(s, NODE_RECORD_NONE);
	n->dirty_at = 0;
	n->release_by = HA_NEVER;
	n->retry_at = HA_NEVER;
	n->handover = false;
	if (!was_start) {
		step_note(s, NODE_NOTE_RELEASED, s->now - n->release_began, n->release_reason);
		advert(s, 0);
	}
	step_state(s, node_idle_state(n));
	if (n->release_reason == NODE_RELEASE_ADD_FAILED)
		n->quiet_until = s->now + DIRTY_RETRY;
	if (!was_start && n->peer.heard && n->peer.message.claim != 0) {
		uint64_t before = n->granted;

		peer_answer_claim(s);
		granted = n->granted != before;
	} else {
		say(s);
	}
	/* S9: who gave up does not power the other one down before it has been heard again: nobody knows yet whether
	 * the grant arrived. */
	n->gave_up = n->release_reason != NODE_RELEASE_START && n->release_reason != NODE_RELEASE_ADD_FAILED;
	n->gave_up_at = n->sequence;
	if (n->switchover)
		step_end_command(s, granted ? NODE_REPLY_DONE : NODE_REPLY_TIMEOUT);
	if (n->stopping)
		finish_stop(s);
}

static void
go_dirty(struct step *s)
{
	struct node *n = s->n;

	/* A start without a record did not hold in this boot: a restart is to find that again. */
	if (n->release_reason != NODE_RELEASE_START) {
		write_record(s, NODE_RECORD_DIRTY);
		n->gave_up = true;
	}
	n->dirty_at = s->now;
	n->release_by = HA_NEVER;
	n->retry_at = s->now + DIRTY_RETRY;
	step_state(s, NODE_DIRTY);
	if (n->vip_present && !n->remove_out)
		remove_vip(s);
	if (n->switchover)
		step_end_command(s, NODE_REPLY_DIRTY);
	say(s);
	n->gave_up_at = n->sequence;
	if (n->stopping)
		finish_stop(s);
}

static void
undo(struct step *s)
{
	struct node *n = s->n;

	step_note(s, NODE_NOTE_UNDONE, n->release_reason, 0);
	n->undone = n->peer.message.claim;
	n->dirty_at = s->now;
	n->release_by = HA_NEVER;
	n->stop_out = false;
	n->handover = false;
	if (n->release_reason == NODE_RELEASE_STANDBY && n->memory.standby) {
		n->memory.standby = false;
		step_remember(s);
	}
	step_state(s, NODE_MASTER);
	write_record(s, NODE_RECORD_HOLDING);
	put_back(s);
	step_act(s, NODE_START_SERVICE);
	start_adverts(s);
	if (n->switchover)
		step_end_command(s, NODE_REPLY_DIRTY);
	say(s);
}

static void
release_failed(struct step *s)
{
	struct node *n = s->n;

	step_note(s, NODE_NOTE_RELEASE_FAILED, n->release_reason, 0);
	if (n->state == NODE_RELEASING && n->release_voluntary && !n->stopping)
		undo(s);
	else
		go_dirty(s);
}

/* S3: holder until the kernel has confirmed the removal and the release is proven. */
static void
progress(struct step *s)
{
	struct node *n = s->n;

	if (n->service_stopped && !n->vip_present && !n->stop_out && !n->remove_out) {
		released(s);
		return;
	}
	/* What serves is stopped first, so that a voluntary release can still be undone with the VIP in place. */
	if (n->service_stopped && n->vip_present && !n->remove_out && n->state == NODE_RELEASING)
		remove_vip(s);
}

static bool
is_releasing(const struct node *n)
{
	return n->state == NODE_RELEASING || n->state == NODE_DIRTY || n->state == NODE_INIT;
}

void
release_clean_start(struct step *s)
{
	struct node *n = s->n;

	n->release_reason = NODE_RELEASE_START;
	n->release_voluntary = false;
	n->release_began = s->now;
	n->release_by = s->now + n->config.release_timeout + RELEASE_GRACE;
	remove_vip(s);
	stop_service(s);
}

void
release_service_stopped(struct step *s)
{
	struct node *n = s->n;

	if (!n->stop_out)
		return;
	n->stop_out = false;
	n->service_stopped = s->event->ok;
	if (!is_releasing(n))
		return;
	if (!s->event->ok && n->state != NODE_DIRTY)
		release_failed(s);
	else
		progress(s);
}

void
release_vip_removed(struct step *s)
{
	struct node *n = s->n;

	if (!is_newest_answer(n) || !n->remove_out)
		return;
	n->remove_out = false;
	if (s->event->ok)
		n->vip_present = false;
	else
		n->retry_at = ha_time_min(n->retry_at, s->now + REMOVE_RETRY);
	if (is_releasing(n))
		progress(s);
}

void
release_timer(struct step *s)
{
	struct node *n = s->n;

	if (!is_releasing(n))
		return;
	if (n->state != NODE_DIRTY && s->now >= n->release_by) {
		release_failed(s);
		return;
	}
	if (s->now < n->retry_at)
		return;
	n->retry_at = n->state == NODE_DIRTY ? s->now + DIRTY_RETRY : HA_NEVER;
	if (n->vip_present && !n->remove_out)
		remove_vip(s);
	if (n->state == NODE_DIRTY && !n->stop_out && !n->service_stopped)
		stop_service(s);
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

/* Also while it releases, until the address goes. After a stall on the same grid, never several at once. */
static void
advert_timer(struct step *s)
{
	struct node *n = s->n;

	if (s->now < n->advert_at)
		return;
	advert(s, n->health.effective_priority);
	n->advert_late_max = ha_time_max(n->advert_late_max, s->now - n->advert_at);
	n->advert_at = ha_time_max(n->advert_at + n->config.advert, s->now + n->config.advert / 2);
}

/* An address that nobody here asked for and that could not be removed at once. */
static void
stray_timer(struct step *s)
{
	struct node *n = s->n;

	if (node_holding(n) || is_releasing(n) || !n->vip_present || n->remove_out || s->now < n->retry_at)
		return;
	n->retry_at = HA_NEVER;
	remove_vip(s);
}

static void
address_timer(struct step *s)
{
	struct node *n = s->n;

	if (s->now >= n->garp_at) {
		announce(s);
		n->garp_at = n->config.garp_refresh == 0 ? HA_NEVER : s->now + n->config.garp_refresh;
	}
	if (s->now >= n->retry_at) {
		n->retry_at = HA_NEVER;
		put_back(s);
	}
	vips_timer(s);
}

void
hold_timer(struct step *s)
{
	struct node *n = s->n;

	storage_timer(s);
	stray_timer(s);
	if (n->state == NODE_RELEASING)
		advert_timer(s);
	if (n->state != NODE_MASTER)
		return;
	if (n->late_until != 0 && n->drained_at >= n->late_until) /* S13: an answer may wait in a socket */
		keep_after_wake(s);
	advert_timer(s);
	if (n->late_until == 0) /* S7: nothing is announced or added before the peer and the wire have been asked */
		address_timer(s);
	restore_update(s, fence_restore_timer(&n->restore, s->now));
}

static ha_time
address_deadline(const struct node *n)
{
	ha_time at = ha_time_min(n->garp_at, n->retry_at);

	return n->vips_pending ? ha_time_min(at, n->vips_at) : at;
}

ha_time
hold_deadline(const struct node *n)
{
	ha_time at = HA_NEVER;

	switch (n->state) {
	case NODE_MASTER:
		at = ha_time_min(n->advert_at, fence_restore_deadline(&n->restore));
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
		if (n->peer.heard && n->peer.message.holding && !n->peer.message.fit)
			return n->storage_at;
		return HA_NEVER;
	case NODE_FAULT:
	case NODE_STANDBY:
	case NODE_CLAIMING:
	case NODE_ADDING:
	case NODE_STATES:
		break;
	}
	return HA_NEVER;
}

void
hold_stop(struct step *s)
{
	struct node *n = s->n;

	n->stopping = true;
	n->command_by = s->now + STOP_HANDOVER;
	switch (n->state) {
	case NODE_CLAIMING:
		claim_end(s, NODE_END_STOP);
		finish_stop(s);
		break;
	case NODE_INIT:
	case NODE_BACKUP:
	case NODE_FAULT:
	case NODE_STANDBY:
		finish_stop(s);
		break;
	case NODE_DIRTY:
		finish_stop(s);
		break;
	case NODE_MASTER:    /* hold_want() asks the peer, then releases */
	case NODE_ADDING:    /* when the kernel has answered */
	case NODE_RELEASING: /* when it is proven */
	case NODE_STATES:
		break;
	}
	if (n->started && n->state != NODE_INIT)
		say(s);
}
