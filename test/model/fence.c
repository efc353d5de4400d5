/* test/model/fence.c -- the fence processes and the IMMs: late, lagging, refusing, silent, and with real power.
 *
 * What is assumed of an IMM, and stands in for the times that no model without a clock can have: it may show the power
 * as it was before the newest change, but no longer once it has answered a power-down; and a command that was answered
 * or lost may be executed at any later moment of the same power-up. */
#include "test/model/world.h"

#include <string.h>

void
fence_restart(struct model *m, unsigned host)
{
	struct model_host *h = &m->world.hosts[host];

	memset(&h->worker, 0, sizeof(h->worker));
	h->worker.session = 1; /* each process counts from 1 again */
	h->worker.since = h->clock;
}

static struct model_order *
find(struct model_worker *k, uint32_t token)
{
	for (unsigned i = 0; i < ORDERS; i++) {
		if (k->orders[i].stage != STAGE_FREE && k->orders[i].token == token)
			return &k->orders[i];
	}
	return NULL;
}

/* What was asked and not answered is forgotten, what was sent cannot be called back, and an answer under way still
 * comes. */
static void
cancel(struct model_worker *k, uint32_t token)
{
	struct model_order *o = find(k, token);

	if (o == NULL)
		return;
	if (o->type == FENCE_ORDER_READ && o->stage != STAGE_ANSWERED)
		memset(o, 0, sizeof(*o));
	else
		o->cancelled = true;
}

/* The place of the oldest answer that nobody waits for. */
static struct model_order *
room(struct model_worker *k)
{
	for (unsigned i = 0; i < ORDERS; i++) {
		if (k->orders[i].stage == STAGE_FREE)
			return &k->orders[i];
	}
	for (unsigned i = 0; i < ORDERS; i++) {
		if (k->orders[i].cancelled && k->orders[i].stage == STAGE_ANSWERED) {
			memset(&k->orders[i], 0, sizeof(k->orders[i]));
			return &k->orders[i];
		}
	}
	return NULL;
}

void
fence_order(struct model *m, unsigned host, const struct fence_order *order)
{
	struct model_host *h = &m->world.hosts[host];
	struct model_order *o;

	if (order->type == FENCE_ORDER_CANCEL) {
		cancel(&h->worker, order->token);
		return;
	}
	if (order->type == FENCE_ORDER_POWER_UP)
		return; /* a host may be powered on at any time anyway */
	if (order->type == FENCE_ORDER_POWER_DOWN)
		judge_order(&m->world, host);
	o = room(&h->worker);
	if (o == NULL)
		return; /* lost: the plan asks again */
	*o = (struct model_order){ .type = order->type,
		.token = order->token,
		.session = order->type == FENCE_ORDER_READ ? h->worker.session : order->session };
	o->stage = order->type == FENCE_ORDER_READ ? STAGE_SENT : STAGE_ORDERED;
	o->asked = h->clock;
}

static void
report(struct model *m, unsigned host, enum fence_report_type type, const struct model_order *o, enum fence_error error,
	enum fence_power power)
{
	struct model_host *h = &m->world.hosts[host];
	struct fence_report *r = &m->event.report;

	*r = (struct fence_report){ .type = type,
		.token = o->token,
		.error = error,
		.completion = error == FENCE_REFUSED ? 0xd5 : 0,
		.power = power,
		.session = o->session,
		.session_since = h->worker.since,
		.guid_known = true,
		.guid = m->config[1 - host].guid,
		.privilege = 3,
		.asked = o->asked,
		.answered = h->clock };
	judge_report(&m->world, host, r);
	host_event(m, host, NODE_EV_FENCE, true);
	m->significant = true;
}

static enum fence_power
shown(const struct model_host *target, bool before)
{
	return target->powered != before ? FENCE_POWER_ON : FENCE_POWER_OFF;
}

static void
answer(struct model *m, unsigned host, struct model_order *o, enum fence_error error, enum fence_power power)
{
	struct model_order copy = *o;

	memset(o, 0, sizeof(*o));
	m->world.hosts[host].clock += READ_TAKES;
	report(m, host, FENCE_REPORT_ANSWER, &copy, error, power);
}

/* It leaves for the IMM. */
static void
leaves(struct model *m, unsigned host, struct model_order *o)
{
	struct model_host *h = &m->world.hosts[host];

	o->stage = STAGE_SENT;
	o->asked = h->clock;
	if (!h->node.plan.down_harmless && h->node.plan.down_token == o->token)
		h->truth.kills++;
	report(m, host, FENCE_REPORT_SENT, o, FENCE_OK, FENCE_POWER_UNKNOWN);
}

/* A refused one was certainly not executed: it may be tried again. */
static void
down_answer(struct model *m, unsigned host, struct model_order *o)
{
	struct model_host *h = &m->world.hosts[host];

	if (o->error == FENCE_REFUSED && h->truth.kills > 0 && h->node.plan.down_token == o->token &&
		!h->node.plan.down_harmless)
		h->truth.kills--;
	answer(m, host, o, o->error, FENCE_POWER_UNKNOWN);
}

static void
executed(struct model *m, unsigned host, struct model_order *o, enum fence_error error)
{
	struct model_host *target = &m->world.hosts[1 - host];

	if (error == FENCE_OK)
		host_power_off(m, 1 - host);
	target->lags = false;
	o->stage = STAGE_ANSWERED;
	o->error = error;
}

void
fence_move(struct model *m, const struct move *move)
{
	struct model_host *h = &m->world.hosts[move->host], *target = &m->world.hosts[1 - move->host];
	struct model_order *o = &h->worker.orders[move->arg], copy;

	switch ((enum model_move)move->kind) {
	case MOVE_READ:
		target->lags = false;
		answer(m, move->host, o, FENCE_OK, shown(target, false));
		break;
	case MOVE_READ_LAG:
		answer(m, move->host, o, FENCE_OK, shown(target, true));
		break;
	case MOVE_SAMPLE:
		o->stage = STAGE_ANSWERED;
		o->power = shown(target, false);
		m->significant = true;
		break;
	case MOVE_READ_FAILS:
		answer(m, move->host, o, FENCE_UNREACHABLE, FENCE_POWER_UNKNOWN);
		break;
	case MOVE_ANSWER:
		if (o->type == FENCE_ORDER_READ)
			answer(m, move->host, o, FENCE_OK, o->power);
		else
			down_answer(m, move->host, o);
		break;
	case MOVE_DOWN:
		copy = *o;
		leaves(m, move->host, o);
		if (!h->alive || o->token != copy.token)
			break;
		executed(m, move->host, o, FENCE_OK);
		answer(m, move->host, o, FENCE_OK, FENCE_POWER_UNKNOWN);
		break;
	case MOVE_SENT:
		leaves(m, move->host, o);
		break;
	case MOVE_NOT_SENT:
		answer(m, move->host, o, FENCE_NOT_SENT, FENCE_POWER_UNKNOWN);
		break;
	case MOVE_EXECUTED:
		executed(m, move->host, o, FENCE_OK);
		m->significant = true;
		break;
	case MOVE_ACCEPTED:
		target->late_off = target->powered;
		target->lags = false;
		answer(m, move->host, o, FENCE_OK, FENCE_POWER_UNKNOWN);
		break;
	case MOVE_REFUSED:
		executed(m, move->host, o, FENCE_REFUSED);
		m->significant = true;
		break;
	case MOVE_LOST:
		if (o->stage == STAGE_SENT)
			target->late_off = target->powered;
		answer(m, move->host, o, FENCE_TIMEOUT, FENCE_POWER_UNKNOWN);
		break;
	case MOVE_WORKER:
		for (unsigned i = 0; i < ORDERS; i++) {
			if (h->worker.orders[i].stage == STAGE_SENT &&
				h->worker.orders[i].type == FENCE_ORDER_POWER_DOWN)
				target->late_off = target->powered;
		}
		fence_restart(m, move->host);
		m->event.worker = 0;
		m->event.up = false;
		host_event(m, move->host, NODE_EV_WORKER, false);
		m->significant = true;
		break;
	case MOVE_TIMER:
	case MOVE_RUN:
	case MOVE_MESSAGE:
	case MOVE_DOUBLE:
	case MOVE_ADVERT:
	case MOVE_RESIGN:
	case MOVE_KERNEL:
	case MOVE_ADD_FAILS:
	case MOVE_STOPPED:
	case MOVE_NOT_STOPPED:
	case MOVE_DISK:
	case MOVE_LATE_OFF:
	case MOVE_POWER_CUT:
	case MOVE_POWER_ON:
	case MOVE_START:
	case MOVE_CRASH:
	case MOVE_STALL:
	case MOVE_DRAINED:
	case MOVE_RECORD_LOST:
	case MOVE_RECORD_DIRTY:
	case MOVE_RECORD_FAILS:
	case MOVE_DISK_SLOW:
	case MOVE_LINK_DOWN:
	case MOVE_LINK_UP:
	case MOVE_WIRE:
	case MOVE_PRIORITY:
	case MOVE_SWITCHOVER:
	case MOVE_STOP:
	case MOVE_CONFIRM:
	case MOVE_KINDS:
		break;
	}
}

static void
put(struct move *moves, unsigned *count, enum model_move kind, unsigned host, unsigned arg)
{
	moves[(*count)++] = (struct move){ .kind = (uint8_t)kind, .host = (uint8_t)host, .arg = (uint8_t)arg };
}

/* What can become of the orders of this host's fence process. */
unsigned
fence_moves(const struct world *w, unsigned host, struct move *moves)
{
	unsigned count = 0;

	for (unsigned i = 0; i < ORDERS; i++) {
		const struct model_order *o = &w->hosts[host].worker.orders[i];
		bool down = o->type == FENCE_ORDER_POWER_DOWN;

		switch (o->stage) {
		case STAGE_FREE:
			break;
		case STAGE_ORDERED:
			if (!o->cancelled)
				put(moves, &count, MOVE_DOWN, host, i);
			put(moves, &count, MOVE_SENT, host, i); /* also when cancelled: it may have left just before */
			put(moves, &count, MOVE_NOT_SENT, host, i);
			break;
		case STAGE_SENT:
			put(moves, &count, down ? MOVE_EXECUTED : MOVE_READ, host, i);
			put(moves, &count, down ? MOVE_ACCEPTED : MOVE_SAMPLE, host, i);
			put(moves, &count, down ? MOVE_REFUSED : MOVE_READ_FAILS, host, i);
			if (down)
				put(moves, &count, MOVE_LOST, host, i);
			else if (w->hosts[1 - host].lags)
				put(moves, &count, MOVE_READ_LAG, host, i);
			break;
		case STAGE_ANSWERED:
			put(moves, &count, MOVE_ANSWER, host, i);
			if (down)
				put(moves, &count, MOVE_LOST, host, i);
			break;
		}
	}
	return count;
}
