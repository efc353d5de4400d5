/* The addresses: what is asked of the kernel, the record, the wire and the LAN on behalf of a holder (S3, S4, S5). */
#include "daemon/node_step.h"

#define LOSS_MEMORY  (10 * HA_SEC)
#define LOSSES_QUICK 5            /* lost more often within LOSS_MEMORY: somebody removes it each time */
#define VIPS_RETRY   (5 * HA_SEC) /* an address that somebody answers for is asked for again */
#define HEAL_GAP     HA_SEC

void
address_record(struct step *s, enum node_record_state state)
{
	struct node *n = s->n;

	if (state == NODE_RECORD_NONE)
		n->record = (struct node_record){ .state = NODE_RECORD_NONE };
	n->record.state = state;
	step_act(s, NODE_WRITE_RECORD)->record = n->record;
}

void
address_remove(struct step *s)
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
bool
address_newest_answer(struct node *n)
{
	if (n->vip_answers < n->vip_requests)
		n->vip_answers++;
	return n->vip_answers == n->vip_requests;
}

void
address_announce(struct step *s)
{
	step_act(s, NODE_ANNOUNCE);
	s->n->heal_at = s->now + HEAL_GAP;
}

void
address_advert(struct step *s, uint8_t priority)
{
	step_act(s, NODE_SEND_ADVERT)->value = priority;
}

void
address_start_adverts(struct step *s)
{
	struct node *n = s->n;

	address_advert(s, n->health.effective_priority);
	n->advert_at = s->now + n->config.advert;
}

/* Also while it releases, until the address goes. After a stall on the same grid, never several at once. */
void
address_advert_timer(struct step *s)
{
	struct node *n = s->n;

	if (s->now < n->advert_at)
		return;
	address_advert(s, n->health.effective_priority);
	n->advert_late_max = ha_time_max(n->advert_late_max, s->now - n->advert_at);
	n->advert_at = ha_time_max(n->advert_at + n->config.advert, s->now + n->config.advert / 2);
}

void
address_add(struct step *s)
{
	/* S3, S4: holder, and on record, from before the first request. */
	address_record(s, NODE_RECORD_HOLDING);
	s->n->vip_present = true;
	s->n->remove_out = false;
	s->n->vip_requests++;
	step_act(s, NODE_ADD_VIP);
}

/* Put back what is missing. If the set has changed meanwhile, the wire is asked for it first (S5). */
void
address_put_back(struct step *s)
{
	struct node *n = s->n;

	if (!n->vips_pending)
		address_add(s);
	else if (!n->vips_asked)
		n->vips_at = ha_time_min(n->vips_at, s->now);
}

void
address_lost(struct step *s)
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
		address_put_back(s);
}

/* S2, S3: an address of the set in the kernel of a node that does not hold it, whoever put it there. It answers
 * clients, so nothing is granted, and it is removed. */
void
address_seen(struct step *s)
{
	struct node *n = s->n;

	if (node_holding(n))
		return;
	n->vip_present = true;
	if (!n->remove_out)
		address_remove(s);
}

/* An address that nobody here asked for and that could not be removed at once. */
void
address_stray_timer(struct step *s)
{
	struct node *n = s->n;

	if (node_holding(n) || release_under_way(n) || !n->vip_present || n->remove_out || s->now < n->retry_at)
		return;
	n->retry_at = HA_NEVER;
	address_remove(s);
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
	address_add(s);
}

void
address_ask_later(struct step *s)
{
	s->n->vips_asked = false;
	s->n->vips_at = s->now + VIPS_RETRY;
}

void
address_probe_failed(struct step *s)
{
	if (s->n->state == NODE_MASTER && s->n->vips_pending && s->n->vips_asked)
		address_ask_later(s);
}

void
address_timer(struct step *s)
{
	struct node *n = s->n;

	if (s->now >= n->garp_at) {
		address_announce(s);
		n->garp_at = n->config.garp_refresh == 0 ? HA_NEVER : s->now + n->config.garp_refresh;
	}
	if (s->now >= n->retry_at) {
		n->retry_at = HA_NEVER;
		address_put_back(s);
	}
	vips_timer(s);
}

ha_time
address_deadline(const struct node *n)
{
	ha_time at = ha_time_min(n->garp_at, n->retry_at);

	return n->vips_pending ? ha_time_min(at, n->vips_at) : at;
}
