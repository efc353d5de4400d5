/* Giving the VIP up: release, its proof, undoing it, dirty, the end of the daemon (S3). */
#include "daemon/node_step.h"

#define DIRTY_RETRY   (2 * HA_SEC)
#define REMOVE_RETRY  (200 * HA_MS)
#define STOP_ECHO     (3 * HA_SEC)   /* ... and repeats "released" so long, or until it is echoed */
#define PREEMPT_RESTS (600 * HA_SEC) /* after an undone one: each try stops what serves for up to release_timeout */
#define RELEASE_GRACE HA_SEC         /* beyond release_timeout, for a shell that does not answer at all */

static void
stop_service(struct step *s)
{
	s->n->stop_out = true;
	s->n->service_stopped = false;
	step_act(s, NODE_STOP_SERVICE)->time = s->n->config.release_timeout;
}

bool
release_under_way(const struct node *n)
{
	return n->state == NODE_RELEASING || n->state == NODE_DIRTY || n->state == NODE_INIT;
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
		address_remove(s);
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

/* S9: who gave up does not power the other one down before it has been heard again: nobody knows yet whether the grant
 * arrived. A restart does not know it either. */
void
release_gave_up(struct step *s)
{
	if (s->n->memory.gave_up)
		return;
	s->n->memory.gave_up = true;
	step_remember(s);
}

/* The peer knows, or this node holds again. */
void
release_made_good(struct step *s)
{
	if (!s->n->memory.gave_up)
		return;
	s->n->memory.gave_up = false;
	step_remember(s);
}

static void
released(struct step *s)
{
	struct node *n = s->n;
	bool was_start = n->state == NODE_INIT;
	bool granted = false;

	/* S4: the record goes only now that S3 is proven. */
	address_record(s, NODE_RECORD_NONE);
	n->dirty_at = 0;
	n->release_by = HA_NEVER;
	n->retry_at = HA_NEVER;
	n->handover = false;
	if (!was_start) {
		step_note(s, NODE_NOTE_RELEASED, s->now - n->release_began, n->release_reason);
		address_advert(s, 0);
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
	if (n->release_reason != NODE_RELEASE_START && n->release_reason != NODE_RELEASE_ADD_FAILED)
		release_gave_up(s);
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
		address_record(s, NODE_RECORD_DIRTY);
		release_gave_up(s);
	}
	n->dirty_at = s->now;
	n->plead_at = 0;
	n->release_by = HA_NEVER;
	n->retry_at = s->now + DIRTY_RETRY;
	step_state(s, NODE_DIRTY);
	if (n->vip_present && !n->remove_out)
		address_remove(s);
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
	if (n->release_reason == NODE_RELEASE_PREEMPTED)
		n->preempt_rests = s->now + PREEMPT_RESTS;
	n->dirty_at = s->now;
	n->release_by = HA_NEVER;
	n->stop_out = false;
	n->handover = false;
	if (n->release_reason == NODE_RELEASE_STANDBY && n->memory.standby) {
		n->memory.standby = false;
		step_remember(s);
	}
	step_state(s, NODE_MASTER);
	address_record(s, NODE_RECORD_HOLDING);
	address_put_back(s);
	step_act(s, NODE_START_SERVICE);
	address_start_adverts(s);
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
		address_remove(s);
}

void
release_clean_start(struct step *s)
{
	struct node *n = s->n;

	n->release_reason = NODE_RELEASE_START;
	n->release_voluntary = false;
	n->release_began = s->now;
	n->release_by = s->now + n->config.release_timeout + RELEASE_GRACE;
	address_remove(s);
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
	if (!s->event->ok)
		n->plead_at = 0;
	if (!release_under_way(n))
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

	if (!address_newest_answer(n) || !n->remove_out)
		return;
	n->remove_out = false;
	if (s->event->ok)
		n->vip_present = false;
	else
		n->retry_at = ha_time_min(n->retry_at, s->now + REMOVE_RETRY);
	if (release_under_way(n) && s->event->ok)
		progress(s);
}

void
release_timer(struct step *s)
{
	struct node *n = s->n;

	if (!release_under_way(n))
		return;
	if (n->state != NODE_DIRTY && s->now >= n->release_by) {
		release_failed(s);
		return;
	}
	if (s->now < n->retry_at)
		return;
	n->retry_at = n->state == NODE_DIRTY ? s->now + DIRTY_RETRY : HA_NEVER;
	if (n->vip_present && !n->remove_out)
		address_remove(s);
	if (n->state == NODE_DIRTY && !n->stop_out && !n->service_stopped)
		stop_service(s);
}

void
release_at_stop(struct step *s)
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
