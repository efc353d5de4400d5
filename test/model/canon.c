/* test/model/canon.c -- which states are the same: those that differ only in what cannot matter to what comes.
 *
 * The search goes on from the first state it found of each such class, and that one is real; so nothing here can raise
 * a false alarm. What could be lost is the future of the others; why it is not, is said at each rule. Whatever no rule
 * names is compared byte for byte, so a new field of the node makes more states and never fewer.
 *
 * 1. Time. Each clock is compared with itself only. A moment to come is known by its place among the moments to come of
 * that node (timers run in that order, however long it takes), a moment past by what the node asks about it ("longer
 * ago than the limit?"). How long ago the peer was heard, while it is heard, is no more than the place of the moment of
 * silence.
 * 2. Numbers of claims and incarnations are compared for equality only: renamed in the order in which they are met.
 * 3. Sequences of one incarnation are compared by order only and grow at the end only: replaced by their rank.
 * 4. Tokens: those of the fence process by equality, those of the disk by rank.
 * 5. What an older incarnation of the receiver is echoed by is equal to an echo of nothing: it will not come back.
 * 6. What is only for people: alarms, notes, episodes, times of the log, the monitoring of the device. */
#include "test/model/world.h"

#include <string.h>

#define IDS     64
#define SLOTS   64
#define FUTURES 16

struct sequence {
	uint64_t incarnation, *value;
};

struct canon {
	struct world w;
	uint64_t ids[IDS];
	unsigned id_count;
	struct sequence sequences[SLOTS];
	unsigned sequence_count;
	ha_time *futures[FUTURES];
	unsigned future_count;
};

static void
rename_id(struct canon *c, uint64_t *id)
{
	unsigned i;

	if (*id == 0)
		return;
	for (i = 0; i < c->id_count && c->ids[i] != *id; i++)
		;
	if (i == c->id_count && c->id_count < IDS)
		c->ids[c->id_count++] = *id;
	*id = i + 1;
}

static void
note_sequence(struct canon *c, uint64_t incarnation, uint64_t *value)
{
	if (*value != 0 && c->sequence_count < SLOTS)
		c->sequences[c->sequence_count++] = (struct sequence){ incarnation, value };
}

static void
rank_sequences(struct canon *c)
{
	uint64_t ranks[SLOTS];

	for (unsigned i = 0; i < c->sequence_count; i++) {
		const struct sequence *s = &c->sequences[i];
		uint64_t seen[SLOTS];
		unsigned smaller = 0;

		for (unsigned j = 0; j < c->sequence_count; j++) {
			const struct sequence *o = &c->sequences[j];
			bool known = o->incarnation != s->incarnation || *o->value >= *s->value;

			for (unsigned k = 0; k < smaller && !known; k++)
				known = seen[k] == *o->value;
			if (!known)
				seen[smaller++] = *o->value;
		}
		ranks[i] = smaller + 1;
	}
	for (unsigned i = 0; i < c->sequence_count; i++)
		*c->sequences[i].value = ranks[i];
	c->sequence_count = 0;
}

/* A moment that is waited for. */
static void
future(struct canon *c, ha_time *at)
{
	if (c->future_count < FUTURES)
		c->futures[c->future_count++] = at;
}

/* 0: none; 1: due; then in order; HA_NEVER. */
static void
rank_futures(struct canon *c, ha_time now)
{
	ha_time ranks[FUTURES];

	for (unsigned i = 0; i < c->future_count; i++) {
		ha_time at = *c->futures[i], last = 0;
		unsigned rank = 2;

		if (at == 0 || at == HA_NEVER || at <= now) {
			ranks[i] = at == 0 || at == HA_NEVER ? at : 1;
			continue;
		}
		for (;;) { /* one step for each different moment before it */
			ha_time next = HA_NEVER;

			for (unsigned j = 0; j < c->future_count; j++) {
				if (*c->futures[j] > now && *c->futures[j] > last && *c->futures[j] < at)
					next = ha_time_min(next, *c->futures[j]);
			}
			if (next == HA_NEVER)
				break;
			last = next;
			rank++;
		}
		ranks[i] = rank;
	}
	for (unsigned i = 0; i < c->future_count; i++)
		*c->futures[i] = ranks[i];
	c->future_count = 0;
}

static bool
older(ha_time now, ha_time since, ha_time limit)
{
	return ha_time_since(now, since) >= limit;
}

static void
message(struct canon *c, struct vrrp_message *m, uint64_t receiver)
{
	if (m->echo_incarnation != receiver)
		m->echo_incarnation = m->echo_sequence = 0;
	m->denied = 0; /* for people */
	note_sequence(c, m->incarnation, &m->sequence);
	note_sequence(c, m->echo_incarnation, &m->echo_sequence);
}

static void
message_ids(struct canon *c, struct vrrp_message *m)
{
	rename_id(c, &m->incarnation);
	rename_id(c, &m->echo_incarnation);
	rename_id(c, &m->claim);
	rename_id(c, &m->grant);
}

static void
peer(struct canon *c, struct node *n, ha_time now)
{
	struct node_peer *p = &n->peer;
	ha_time limit = 2 * n->config.hello + 50 * HA_MS;
	ha_time silent = ha_time_add(p->silence_since, node_silence_limit(n));
	bool flows = p->ever && ha_time_since(now, p->last_message) <= limit;
	bool adverts = p->last_advert > p->last_message + limit;
	bool maybe_alive = p->last_invalid != 0 && !older(now, p->last_invalid, n->config.after);

	/* Silent: how long counts up to the moment of the power-down only. */
	p->silence_since = p->heard ? silent : p->silence_since + 900 * HA_MS;
	future(c, &p->silence_since);
	p->heard_from = p->heard && older(p->last_message, p->heard_from, 2 * n->config.hello);
	p->last_message = flows;
	p->last_advert = adverts;
	p->last_invalid = maybe_alive;
	p->last_mismatch = p->last_foreign = p->last_holding = p->credit_heard = 0;
	p->holding_since = p->differs_since = 0;
	p->better_since = p->better_since != HA_NEVER;
	message(c, &p->message, n->window.my_incarnation);
}

static void
order(struct model_order *o, const struct node *n, const struct model_worker *k)
{
	const struct fence_plan *p = &n->plan;
	unsigned bits = 0;

	if (o->stage == STAGE_FREE)
		return;
	bits |= o->asked >= p->began;
	bits |= (unsigned)(o->asked >= p->answered_at) << 1;
	bits |= (unsigned)(p->samples > 0 && o->asked >= p->sample_last + FENCE_SAMPLE_GAP) << 2;
	bits |= (unsigned)(p->samples > 0 && o->asked - p->sample_first >= p->config.settle) << 3;
	bits |= (unsigned)(o->asked >= k->since + FENCE_RESTART_DOUBT) << 4;
	bits |= (unsigned)(p->off_since != HA_NEVER && o->asked >= p->off_since + FENCE_RESTART_DOUBT) << 5;
	bits |= (unsigned)(p->off_since != HA_NEVER && o->asked > p->off_last + FENCE_RESTART_GAP) << 6;
	bits |= (unsigned)(p->on_since != HA_NEVER && o->asked >= p->on_since + p->config.settle) << 7;
	o->asked = bits;
}

static void
plan(struct canon *c, struct model_host *h, ha_time now)
{
	struct fence_plan *p = &h->node.plan;

	for (unsigned i = 0; i < ORDERS; i++)
		order(&h->worker.orders[i], &h->node, &h->worker);
	p->sample_first = p->samples > 0 && older(now, p->sample_first, p->config.settle);
	p->sample_last = p->samples > 0 && older(now, p->sample_last, FENCE_SAMPLE_GAP);
	p->began = h->worker.since > p->began;
	p->answered_at = p->answered_at != 0;
	p->down_ordered_at = p->down_token != 0 && older(now, p->down_ordered_at, FENCE_ANSWER_LOST);
	p->off_last = p->off_since != HA_NEVER && older(now, p->off_last, FENCE_RESTART_GAP);
	if (p->off_since != HA_NEVER)
		p->off_since = older(now, p->off_since, FENCE_RESTART_DOUBT);
	if (p->on_since != HA_NEVER)
		p->on_since = older(now, p->on_since, p->config.settle);
	h->worker.since = older(now, h->worker.since, FENCE_RESTART_DOUBT);
	if (p->back_at != 0)
		p->back_at += 2 * h->node.config.hello + 50 * HA_MS;
	future(c, &p->back_at);
	future(c, &p->read_at);
	future(c, &p->down_at);
	/* Only what stands behind the IMM looks at these, and nothing does here. */
	p->good_at = p->alive_asked = p->silent_asked = p->read_given = 0;
	p->last_token = 0;
}

/* Rule 4. */
static void
tokens(struct model_host *h)
{
	struct node *n = &h->node;
	uint32_t remembered = n->remembered_token;

	n->shot_token = !n->shot_reserved                 ? 0
			: remembered >= n->shot_token     ? 1
			: h->write_token >= n->shot_token ? 2
							  : 3;
	h->write_token = h->write_token == 0 ? 0 : 1;
	n->remember_token = n->remembered_token = 0;
	for (unsigned i = 0; i < ORDERS; i++) {
		struct model_order *o = &h->worker.orders[i];

		if (o->stage == STAGE_FREE)
			continue;
		o->token = o->token == n->plan.read_token ? 1 : o->token == n->plan.down_token ? 2 : 3;
	}
	n->plan.read_token = n->plan.read_token != 0;
	n->plan.down_token = n->plan.down_token != 0;
}

static void
times(struct canon *c, struct node *n, ha_time now)
{
	for (unsigned i = 0; i < n->config.link_count; i++) {
		n->links[i].up_since = n->links[i].up && older(now, n->links[i].up_since, NODE_LINK_SETTLE);
		n->links[i].last_message = 0;
	}
	n->claim.began = n->claim.number != 0 && older(now, n->claim.began, 2 * HA_SEC);
	n->claim.wire_began = n->claim.wire_began != 0 && !older(now, n->claim.wire_began, 2 * HA_SEC);
	n->grant_quiet = n->grant_quiet != 0 && n->grant_quiet == n->quiet_until;
	n->hello_at = n->hello_at != HA_NEVER;
	n->advert_at = n->advert_at != HA_NEVER;
	n->garp_at = n->garp_at != HA_NEVER;
	n->unfit_since = n->unfit_since != HA_NEVER;
	n->startup_at = n->startup_at <= now;
	n->command_by = n->command_token != 0 || n->stopping ? n->command_by : 0;
	future(c, &n->claim.probe_at);
	future(c, &n->late_until);
	future(c, &n->retry_at);
	future(c, &n->release_by);
	future(c, &n->quiet_until);
	future(c, &n->exit_by);
	future(c, &n->command_by);
	future(c, &n->vips_at);
	n->started_at = n->said_at = n->now = n->drained_at = n->heal_at = n->advert_late_max = n->state_since = 0;
	n->adding_since = n->release_began = n->last_late = n->worker_changed = n->worker_restarted = 0;
	n->conflict_at = n->vip_lost_at = n->dirty_at = n->outage_since = 0;
	n->episode = n->alarms = n->sticky = n->memory.episode = 0;
}

static void
host(struct canon *c, unsigned index)
{
	struct model_host *h = &c->w.hosts[index];
	struct node *n = &h->node;
	ha_time now = h->clock;

	if (!h->alive || h->node.claim.number == 0)
		h->truth.granted = h->truth.consented = h->truth.dead = h->truth.operator_saw = h->truth.read_on =
			h->truth.read_off = h->truth.peer_was_off = false;
	h->truth.heard_at = older(now, h->truth.heard_at, n->config.after);
	h->memory.episode = h->writing.episode = 0;
	h->clock = 0;
	if (!h->alive) {
		h->truth.claim = 0;
		return;
	}
	peer(c, n, now);
	plan(c, h, now);
	tokens(h);
	times(c, n, now);
	rank_futures(c, now);
	n->vip_requests -= n->vip_answers;
	n->vip_answers = 0;
	memset(&n->device, 0, sizeof(n->device));
	if (!n->memory.gave_up)
		n->gave_up_at = 0;
	if (!n->exiting)
		n->exit_echo = 0;
	if (n->echo_incarnation != c->w.hosts[1 - index].node.window.my_incarnation)
		n->echo_incarnation = n->echo_sequence = 0;
	note_sequence(c, n->window.my_incarnation, &n->sequence);
	note_sequence(c, n->window.my_incarnation, &n->window.my_sequence);
	note_sequence(c, n->window.my_incarnation, &n->window.echo_sequence);
	note_sequence(c, n->window.my_incarnation, &n->gave_up_at);
	note_sequence(c, n->window.my_incarnation, &n->exit_echo);
	note_sequence(c, n->window.incarnation, &n->window.sequence);
	note_sequence(c, n->window.incarnation, &n->window.link_sequence[STORAGE]);
	note_sequence(c, n->echo_incarnation, &n->echo_sequence);
	memset(&n->config, 0, sizeof(n->config));
	memset(&n->plan.config, 0, sizeof(n->plan.config));
}

static void
host_ids(struct canon *c, struct model_host *h)
{
	struct node *n = &h->node;

	rename_id(c, &n->window.my_incarnation);
	rename_id(c, &n->window.incarnation);
	rename_id(c, &n->echo_incarnation);
	rename_id(c, &n->claim.number);
	rename_id(c, &n->granted);
	rename_id(c, &n->undone);
	rename_id(c, &n->record.claim);
	rename_id(c, &h->record.claim);
	rename_id(c, &h->truth.claim);
	message_ids(c, &n->peer.message);
}

/* Two lanes of multiply and fold, with different constants and orders. */
static struct model_key
hash(const void *data, size_t bytes)
{
	const unsigned char *p = data;
	uint64_t a = 0x9e3779b97f4a7c15, b = 0xd1b54a32d192ed03;

	for (size_t i = 0; i + 16 <= bytes; i += 16) {
		uint64_t x, y;
		unsigned __int128 m;

		memcpy(&x, p + i, 8);
		memcpy(&y, p + i + 8, 8);
		m = (unsigned __int128)(x ^ a ^ 0xa0761d6478bd642f) * (y ^ 0xe7037ed1a0b428db ^ i);
		a = (uint64_t)m ^ (uint64_t)(m >> 64) ^ (a << 23 | a >> 41);
		m = (unsigned __int128)(y + b + 0x8ebc6af09c88c6e3) * ((x ^ 0x589965cc75374cc3) + 2 * i + 1);
		b = (uint64_t)m ^ (uint64_t)(m >> 64) ^ (b << 31 | b >> 33);
	}
	return (struct model_key){ a, b };
}

struct model_key
world_key(const struct world *w)
{
	struct canon c = { .w = *w };
	unsigned char block[(sizeof(struct world) + 15) / 16 * 16] = { 0 };

	for (unsigned i = 0; i < HOSTS; i++)
		host(&c, i);
	for (unsigned i = 0; i < HOSTS; i++) {
		for (unsigned j = 0; j < c.w.to[i].count; j++)
			message(&c, &c.w.to[i].messages[j], w->hosts[i].node.window.my_incarnation);
	}
	rank_sequences(&c);
	for (unsigned i = 0; i < HOSTS; i++)
		host_ids(&c, &c.w.hosts[i]);
	for (unsigned i = 0; i < HOSTS; i++) {
		for (unsigned j = 0; j < c.w.to[i].count; j++)
			message_ids(&c, &c.w.to[i].messages[j]);
		memset(&c.w.to[i].messages[c.w.to[i].count], 0,
			(BAG - c.w.to[i].count) * sizeof(c.w.to[i].messages[0]));
	}
	c.w.numbers = 0;
	memcpy(block, &c.w, sizeof(c.w));
	return hash(block, sizeof(block));
}
