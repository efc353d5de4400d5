/* Hearing the peer, and its silence. */
#include "daemon/node_step.h"

#include "daemon/grant.h"
#include "vrrp/election.h"

#include <string.h>

#define ANSWER_GAP  (20 * HA_MS) /* an unproven message is answered at once, but not each of a flood */
#define GRANT_QUIET HA_SEC       /* after a grant: time for the peer to add, before I ask again */

void
peer_init(struct node *n, ha_time now)
{
	n->peer = (struct node_peer){
		.silence_since = now,
		.holding_since = HA_NEVER,
		.differs_since = HA_NEVER,
		.better_since = HA_NEVER,
		.advert_interval = n->config.advert,
	};
}

ha_time
peer_master_down(const struct node *n)
{
	return election_master_down_interval(n->config.vrrp_version, n->config.priority, n->peer.advert_interval);
}

/* Section 3.1: 2 x hello + 50 ms while messages flow; if they stopped and adverts go on, the adverts' own limit. */
ha_time
node_silence_limit(const struct node *n)
{
	ha_time limit = 2 * n->config.hello + 50 * HA_MS;

	if (n->peer.last_advert > n->peer.last_message + limit)
		return peer_master_down(n);
	return limit;
}

bool
peer_link_settled(const struct node *n, ha_time now)
{
	const struct node_link *link = &n->links[0];

	return link->up && (link->heard_since_up || now >= link->up_since + NODE_LINK_SETTLE);
}

/* S13: what was not observed does not count; the silence begins anew. */
void
peer_restart_silence(struct step *s)
{
	s->n->peer.silence_since = s->now;
	s->n->claim.fit_probe_ok = false;
}

/* The port forwards from now on, and only from now on is a silence observed: what comes first through a port that was
 * blocked is seldom the peer. */
void
peer_link_heard(struct step *s, unsigned link)
{
	struct node *n = s->n;

	if (link >= n->config.link_count || n->links[link].heard_since_up)
		return;
	n->links[link].heard_since_up = true;
	if (link == 0)
		peer_restart_silence(s);
}

bool
peer_can_take(const struct node *n)
{
	const struct vrrp_message *m = &n->peer.message;

	return n->peer.ever && n->peer.heard && m->fit && !m->standby && !m->leaving &&
	       memcmp(m->vip_digest, n->config.vip_digest, sizeof(m->vip_digest)) == 0;
}

/* A daemon that was stopped in order, with its release proven, leaves a healthy machine behind: that is not powered
 * down for being silent. An administrator stopped it and can start it. */
bool
peer_left(const struct node *n)
{
	const struct vrrp_message *m = &n->peer.message;

	return n->peer.ever && m->leaving && !m->holding && !m->dirty;
}

/* S9: 60 s of hearing the peer since the last power-down bring the next permission. Authentic messages only. */
static void
gather_credit(struct step *s)
{
	struct node *n = s->n;

	if (!n->memory.credit_spent || n->shot_reserved)
		return;
	if (n->peer.heard && n->peer.last_message != 0)
		n->peer.credit_heard += ha_time_min(s->now - n->peer.last_message, node_silence_limit(n));
	if (n->peer.credit_heard >= NODE_CREDIT) {
		n->memory.credit_spent = false;
		step_remember(s);
	}
}

/* S8: nothing in it is believed, but it shows that the peer may be alive. */
static void
noise(struct step *s)
{
	s->n->peer.last_invalid = s->now;
	levels_noise(s);
}

static void
heard(struct step *s, enum node_state state)
{
	struct node *n = s->n;

	if (!n->peer.heard) {
		ha_time last = ha_time_max(n->peer.last_message, n->peer.last_advert);

		n->peer.heard = true;
		n->peer.heard_from = s->now;
		step_note(s, NODE_NOTE_PEER_HEARD, last == 0 ? 0 : s->now - last, state);
		hold_heal(s);
	}
	n->peer.silence_since = s->now;
	n->claim.fit_probe_ok = false;
	claim_operator_heard(s);
	levels_heard(s, state == NODE_DIRTY);
}

static void
remember_peer(struct step *s, const struct vrrp_message *m)
{
	struct node *n = s->n;
	bool changed = false;

	if (ha_guid_is_set(&m->guid) && !ha_guid_is_set(&n->memory.peer_guid)) {
		n->memory.peer_guid = m->guid;
		changed = true;
	}
	if (n->memory.startup_burned && !n->startup_armed) {
		n->memory.startup_burned = false; /* the peer lives: the permission is back */
		changed = true;
	}
	if (n->memory.power_up_tries != 0) {
		n->memory.power_up_tries = 0;
		fence_restore_end(&n->restore);
		changed = true;
	}
	if (changed)
		step_remember(s);
}

/* S10: a GRANT counts only from the peer's GUID. A second machine with the same name and key is not the peer. */
static bool
is_the_peer(struct step *s, const struct vrrp_message *m)
{
	struct node *n = s->n;
	const struct ha_guid *known =
		ha_guid_is_set(&n->config.peer_guid) ? &n->config.peer_guid : &n->memory.peer_guid;
	bool same;

	if (strcmp(m->sender, n->config.peer) != 0 || strcmp(m->cluster, n->config.cluster) != 0)
		return false; /* my own, reflected, or another pair with the same key */
	same = !ha_guid_is_set(known) || ha_guid_same(known, &m->guid);

	if (!same && !n->peer.guid_changed)
		step_note(s, NODE_NOTE_GUID_CHANGED, 0, 0);
	n->peer.guid_changed = !same;
	return same;
}

static void
compare_config(struct step *s, const struct vrrp_message *m)
{
	struct node *n = s->n;

	if (memcmp(m->config_digest, n->config.config_digest, sizeof(m->config_digest)) == 0)
		n->peer.differs_since = HA_NEVER;
	else
		n->peer.differs_since = ha_time_min(n->peer.differs_since, s->now);
}

static void
note_path(struct step *s, unsigned link)
{
	if (link < s->n->config.link_count) {
		s->n->links[link].last_message = s->now;
		s->n->links[link].heard_since_up = true;
	}
}

/* Section 3.3. S2: the grant ends the own claim, and every proof gathered for it, before it is said. */
void
peer_answer_claim(struct step *s)
{
	struct node *n = s->n;
	const struct vrrp_message *m = &n->peer.message;
	struct grant_me me = { .state = n->state,
		.name = n->config.name,
		.claim_priority = n->claim.priority,
		.power_down_sent = claim_power_down_sent(n),
		.effective_priority = n->health.effective_priority,
		.vip_present = n->vip_present,
		.vips_agree = memcmp(m->vip_digest, n->config.vip_digest, sizeof(m->vip_digest)) == 0,
		.preempt = n->config.preempt && s->now >= n->preempt_rests,
		.may_switch = !node_paused(n, s->now) && m->claim != n->undone };
	struct grant_claim claim = { .intent = m->intent,
		.name = m->sender,
		.priority = m->claim_priority,
		.power_down_sent = m->power_down_sent };
	enum node_release_reason reason;

	switch (grant_decide(&me, &claim)) {
	case GRANT_GIVE:
		if (n->state == NODE_CLAIMING)
			claim_end(s, NODE_END_GRANTED_PEER);
		if (n->granted != m->claim)
			step_note(s, NODE_NOTE_GRANTED, m->claim, 0);
		n->granted = m->claim;
		n->quiet_until = n->grant_quiet = s->now + GRANT_QUIET;
		say_grant(s, m->claim);
		break;
	case GRANT_WIN:
		say(s); /* my claim is the answer */
		break;
	case GRANT_RELEASE:
		say_no(s, m->claim);
		/* The own reason as of now goes first: `handover` is from before this message, which may be the one
		 * that says that the peer can take again. A release that was not free to be left is not undone. */
		reason = m->intent == NODE_INTENT_PREEMPT ? NODE_RELEASE_PREEMPTED : NODE_RELEASE_SWITCHOVER;
		(void)hold_wishes(n, s->now, &reason);
		release_begin(s, reason);
		break;
	case GRANT_NOT_YET:
	case GRANT_HOLD:
	case GRANT_FENCE_ME:
		say_no(s, m->claim);
		break;
	}
}

static ha_time
pause_end(const struct vrrp_message *m, ha_time now)
{
	return m->paused_s == 0 ? 0 : m->paused_s == UINT32_MAX ? HA_NEVER : now + m->paused_s * HA_SEC;
}

/* Of two commands given at the same time the pause wins. A message may have been long under way: a pause heard of ends
 * as soon as one says so, and never later than the first said. */
static bool
pause_changes(const struct node *n, const struct vrrp_message *m, ha_time now)
{
	if (m->pause_generation != n->pause_generation)
		return m->pause_generation > n->pause_generation;
	if (n->paused_until == 0)
		return m->paused_s > 0;
	return n->pause_heard && pause_end(m, now) < n->paused_until;
}

/* A pause or its end, said on the other node. */
static void
adopt_pause(struct step *s, const struct vrrp_message *m)
{
	struct node *n = s->n;

	n->pause_generation = m->pause_generation;
	n->pause_heard = true;
	n->paused_until = pause_end(m, s->now);
	if (n->paused_until != 0)
		claim_pause(s);
}

static void
take_message(struct step *s, const struct vrrp_message *m)
{
	struct node *n = s->n;
	bool new_claim = m->claim != 0 && m->claim != n->peer.message.claim;

	gather_credit(s);
	heard(s, m->state);
	n->peer.last_message = s->now;
	n->peer.ever = true;
	if (m->echo_incarnation == n->window.my_incarnation && m->echo_sequence >= n->gave_up_at)
		release_made_good(s); /* it has heard me say that I do not hold */
	if (n->peer.message.incarnation != m->incarnation && n->peer.message.incarnation != 0) {
		n->peer.heard_from = s->now; /* it has heard me on no link yet: that is no broken path */
		step_note(s, NODE_NOTE_PEER_RESTARTED, m->incarnation, 0);
	}
	n->peer.message = *m;
	n->peer.was_master = m->state == NODE_MASTER; /* who is releasing may be a backup soon, and fence */
	if (m->state == NODE_MASTER && n->quiet_until == n->grant_quiet)
		n->quiet_until = 0; /* the grant has been used */
	if (m->holding) {
		n->peer.last_holding = s->now;
		n->outage_since = s->now;
		n->peer.holding_since = ha_time_min(n->peer.holding_since, s->now);
	} else {
		n->peer.holding_since = HA_NEVER;
	}
	if (pause_changes(n, m, s->now))
		adopt_pause(s, m);
	compare_config(s, m);
	remember_peer(s, m);
	if (new_claim)
		step_note(s, NODE_NOTE_CLAIM_SEEN, m->claim, m->intent);
	/* "dirty: fence me" stands for the silence: it does not end the power-down that it asks for. */
	if (!m->dirty)
		claim_peer_spoke(s);
	claim_message(s);
	hold_message(s);
	if (m->claim != 0 && n->started)
		peer_answer_claim(s);
}

void
peer_message(struct step *s)
{
	struct node *n = s->n;
	const struct vrrp_message *m = &s->event->message;
	enum vrrp_freshness fresh;

	if (!is_the_peer(s, m)) {
		noise(s);
		return;
	}
	fresh = vrrp_window_check(&n->window, m, s->event->link);
	switch (fresh) {
	case VRRP_FRESH:
		n->echo_incarnation = m->incarnation;
		n->echo_sequence = m->sequence;
		note_path(s, s->event->link);
		take_message(s, m);
		break;
	case VRRP_DUPLICATE:
		note_path(s, s->event->link);
		break;
	case VRRP_UNPROVEN:
		/* Authentic, but perhaps old: it is answered, so that the next one can echo me, and it shows that the
		 * peer may be alive (S8). Nothing in it is believed. */
		noise(s);
		/* A replay must not make me echo a dead incarnation while the living one is heard. */
		if (n->peer.last_message == 0 ||
			ha_time_since(s->now, n->peer.last_message) > 2 * n->config.hello + 50 * HA_MS) {
			n->echo_incarnation = m->incarnation;
			n->echo_sequence = m->sequence;
		}
		if (n->started && n->state != NODE_INIT && ha_time_since(s->now, n->said_at) >= ANSWER_GAP)
			say(s);
		break;
	case VRRP_OLD:
		noise(s);
		break;
	}
}

void
peer_advert(struct step *s)
{
	struct node *n = s->n;
	const struct node_advert *advert = &s->event->advert;

	peer_link_heard(s, 0);
	if (!advert->from_peer) {
		n->peer.last_foreign = s->now;
		hold_heal(s);
		return;
	}
	/* Priority 0 says "I stop": a hint to ask now, no more (S1), and not a sign of life. */
	if (advert->priority == 0) {
		if (n->state == NODE_BACKUP && !n->peer.heard)
			claim_consider(s);
		return;
	}
	if (advert->interval != 0)
		n->peer.advert_interval = advert->interval;
	heard(s, NODE_MASTER);
	n->peer.last_advert = s->now;
	claim_peer_spoke(s);
}

void
peer_invalid(struct step *s)
{
	noise(s);
	s->n->peer.last_mismatch = s->now;
}

static ha_time
silent_at(const struct node *n)
{
	return ha_time_add(n->peer.silence_since, node_silence_limit(n));
}

void
peer_timer(struct step *s)
{
	struct node *n = s->n;

	/* S13: silence is judged only when every socket has been emptied. */
	if (!n->peer.heard || n->draining || n->drained_at < silent_at(n))
		return;
	n->peer.heard = false;
	n->peer.credit_heard = 0; /* S9: 60 s unbroken, or a LAN that flaps would gather them (FAULTS 78) */
	n->peer.better_since = HA_NEVER;
	step_note(s, NODE_NOTE_PEER_SILENT, s->now - ha_time_max(n->peer.last_message, n->peer.last_advert), 0);
}

ha_time
peer_deadline(const struct node *n)
{
	return n->peer.heard ? silent_at(n) : HA_NEVER;
}
