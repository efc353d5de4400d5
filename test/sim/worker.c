/* test/sim/worker.c -- the fence process as fence/ipmi.h promises it: a warm session, orders executed in it or not at all.
 *
 * Every order but CANCEL is answered once, unless the process ends. */
#include "test/sim/world.h"

#include <string.h>

#define ANSWER_TIMEOUT	(8 * HA_SEC)
#define SUSPICION	(1400 * HA_MS) /* unanswered that long: try a second login beside it */
#define LOGIN_TIMEOUT	(3 * HA_SEC)
#define LOGIN_TRIPS	7
#define LOGIN_RETRY_CAP (2 * HA_SEC)
#define LOCKOUT		(60 * HA_SEC)

static void
worker_push(struct world *w, unsigned host, ha_time delay, sim_handler *run, uint64_t a)
{
	world_push(w, delay, SIM_HOST, host, run, a, w->hosts[host].worker.process);
}

static bool
current(const struct world *w, const struct sim_event *event)
{
	const struct sim_worker *k = &w->hosts[event->host].worker;

	return k->up && k->process == event->b;
}

static void
report(struct world *w, unsigned host, enum fence_report_type type, const struct sim_order *order, struct fence_report *r)
{
	const struct sim_worker *k = &w->hosts[host].worker;
	const struct sim_imm *imm = &w->imms[w->imm_target[host]];

	r->type = type;
	r->token = order != NULL ? order->token : 0;
	r->asked = order != NULL ? order->asked : 0;
	r->answered = host_clock(w, host);
	if (k->session != 0) {
		r->session = k->session;
		r->session_since = k->since;
		r->guid_known = imm->guid_known;
		r->guid = imm->guid;
		r->privilege = 3;
	}
	/* Readings that go well are told by the node's own notes. */
	if (w->trace && (r->error != FENCE_OK || (order != NULL && order->type != FENCE_ORDER_READ)))
		trace(w, (int)host, "fence process: %s token %u %s completion %02x session %llu",
			type == FENCE_REPORT_SENT ? "sent" : type == FENCE_REPORT_DEVICE ? "device" : "answer", r->token,
			fence_error_name(r->error), r->completion, (unsigned long long)r->session);
	oracle_report(w, host, r);
	w->event.type = NODE_EV_FENCE;
	w->event.report = *r;
	daemon_event(w, host, &w->event);
}

static void
device(struct world *w, unsigned host, enum fence_error error)
{
	struct fence_report r = { .error = error };

	report(w, host, FENCE_REPORT_DEVICE, NULL, &r);
}

/* The order ends without an answer of the IMM. */
static void
fail(struct world *w, unsigned host, struct sim_order *order, enum fence_error error)
{
	struct sim_order copy = *order;
	struct fence_report r = { .error = error };

	order->used = false;
	if (copy.token != 0)
		report(w, host, FENCE_REPORT_ANSWER, &copy, &r);
}

static void login(struct world *w, const struct sim_event *event);

static void
end_session(struct world *w, unsigned host, enum fence_error error)
{
	struct sim_worker *k = &w->hosts[host].worker;

	for (unsigned i = 0; i < ORDERS; i++) {
		if (k->orders[i].used && k->orders[i].sent)
			fail(w, host, &k->orders[i], FENCE_TIMEOUT);
	}
	k->session = 0;
	k->error = error;
	if (error != FENCE_OK)
		device(w, host, error);
	k->login_delay = 500 * HA_MS;
	worker_push(w, host, HA_MS, login, 0);
}

static void
suspicious(struct world *w, const struct sim_event *event)
{
	const struct sim_worker *k = &w->hosts[event->host].worker;
	const struct sim_order *order = &k->orders[event->a & 0xff];
	const struct sim_imm *imm = &w->imms[w->imm_target[event->host]];

	if (!current(w, event) || !order->used || order->token != event->a >> 8 || k->session == 0)
		return;
	if (imm_reachable(w, event->host) && imm->delay * LOGIN_TRIPS < LOGIN_TIMEOUT)
		end_session(w, event->host, FENCE_OK);
}

static void
timed_out(struct world *w, const struct sim_event *event)
{
	const struct sim_worker *k = &w->hosts[event->host].worker;
	const struct sim_order *order = &k->orders[event->a & 0xff];

	if (current(w, event) && order->used && order->token == event->a >> 8 && k->session != 0)
		end_session(w, event->host, FENCE_UNREACHABLE);
}

static void
send_order(struct world *w, unsigned host, unsigned slot)
{
	struct sim_worker *k = &w->hosts[host].worker;
	struct sim_order *order = &k->orders[slot];
	uint64_t key = slot | (uint64_t)order->token << 8;

	order->sent = true;
	order->session = k->session;
	order->asked = host_clock(w, host);
	if (order->type == FENCE_ORDER_POWER_DOWN || order->type == FENCE_ORDER_POWER_UP)
		oracle_power_order(w, host, order);
	imm_request(w, host, slot, order->token);
	worker_push(w, host, SUSPICION, suspicious, key);
	worker_push(w, host, ANSWER_TIMEOUT, timed_out, key);
	if (order->token != 0) {
		struct fence_report r = { .error = FENCE_OK };

		report(w, host, FENCE_REPORT_SENT, order, &r);
	}
}

static unsigned
new_slot(struct sim_worker *k)
{
	unsigned slot = 0;

	while (slot < ORDERS - 1 && k->orders[slot].used)
		slot++;
	return slot;
}

static void
monitor(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;
	unsigned slot = new_slot(k);

	if (!current(w, event))
		return;
	worker_push(w, event->host, w->config.monitor_interval, monitor, 0);
	if (k->session == 0 || k->hung || k->orders[slot].used)
		return;
	k->orders[slot] = (struct sim_order){ .used = true, .type = FENCE_ORDER_READ };
	send_order(w, event->host, slot);
}

static void
logged_in(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;
	struct sim_imm *imm = &w->imms[w->imm_target[event->host]];

	if (!current(w, event) || k->session != 0)
		return;
	if (!imm_reachable(w, event->host)) {
		worker_push(w, event->host, LOGIN_TIMEOUT, login, 0);
		return;
	}
	k->session = ++k->sessions;
	k->since = host_clock(w, event->host);
	k->imm_epoch = imm->epoch;
	k->error = FENCE_OK;
	k->login_delay = 500 * HA_MS;
	device(w, event->host, FENCE_OK);
	for (unsigned i = 0; i < ORDERS && k->session != 0; i++) {
		if (k->orders[i].used && !k->orders[i].sent)
			send_order(w, event->host, i);
	}
}

static void
login_fails(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;
	ha_time wait = event->a == FENCE_AUTHENTICATION ? LOCKOUT : k->login_delay;

	if (!current(w, event) || k->session != 0)
		return;
	k->error = (enum fence_error)event->a;
	k->login_delay = ha_time_min(2 * k->login_delay, LOGIN_RETRY_CAP);
	device(w, event->host, k->error);
	worker_push(w, event->host, wait, login, 0);
}

static void
login(struct world *w, const struct sim_event *event)
{
	const struct sim_worker *k = &w->hosts[event->host].worker;
	const struct sim_imm *imm = &w->imms[w->imm_target[event->host]];

	if (!current(w, event) || k->session != 0)
		return;
	if (k->hung)
		worker_push(w, event->host, HA_SEC, login, 0);
	else if (!imm_reachable(w, event->host) || imm->delay * LOGIN_TRIPS >= LOGIN_TIMEOUT)
		worker_push(w, event->host, LOGIN_TIMEOUT, login_fails, FENCE_UNREACHABLE);
	else if (imm->login != FENCE_OK)
		worker_push(w, event->host, 5 * HA_MS, login_fails, imm->login);
	else
		worker_push(w, event->host, 2 * HA_MS + imm->delay * LOGIN_TRIPS, logged_in, 0);
}

static void
expired(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;
	struct sim_order *order = &k->orders[event->a & 0xff];

	if (current(w, event) && order->used && order->token == event->a >> 8 && !order->sent)
		fail(w, event->host, order, k->error != FENCE_OK ? k->error : FENCE_NOT_SENT);
}

static void
cancel(struct world *w, unsigned host, uint32_t token)
{
	struct sim_worker *k = &w->hosts[host].worker;

	for (unsigned i = 0; i < ORDERS; i++) {
		struct sim_order *order = &k->orders[i];

		if (order->used && order->token != 0 && (token == 0 || order->token == token))
			fail(w, host, order, order->sent ? FENCE_TIMEOUT : FENCE_NOT_SENT);
	}
}

static void
take(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;
	struct sim_order *order = &k->orders[event->a & 0xff];
	ha_time now = host_clock(w, event->host);

	if (!current(w, event) || !order->used || order->token != event->a >> 8 || order->sent)
		return;
	if (k->hung) {
		worker_push(w, event->host, 100 * HA_MS, take, event->a);
		return;
	}
	if (order->type == FENCE_ORDER_CANCEL) {
		order->used = false;
		cancel(w, event->host, order->token);
	} else if (now > order->not_after) {
		fail(w, event->host, order, FENCE_NOT_SENT);
	} else if (order->type == FENCE_ORDER_READ && k->session == 0) {
		worker_push(w, event->host, order->not_after - now, expired, event->a);
	} else if (k->session == 0 || (order->session != 0 && order->session != k->session)) {
		fail(w, event->host, order, FENCE_NOT_SENT);
	} else {
		send_order(w, event->host, (unsigned)(event->a & 0xff));
	}
}

static void
no_worker(struct world *w, const struct sim_event *event)
{
	struct fence_report r = { .type = FENCE_REPORT_ANSWER, .error = FENCE_WORKER, .token = (uint32_t)event->a };

	w->event.type = NODE_EV_FENCE;
	w->event.report = r;
	daemon_event(w, event->host, &w->event);
}

void
worker_order(struct world *w, unsigned host, const struct fence_order *order)
{
	struct sim_worker *k = &w->hosts[host].worker;
	unsigned slot = new_slot(k);

	if (!k->up || k->orders[slot].used) {
		if (order->type != FENCE_ORDER_CANCEL)
			world_push(w, 0, SIM_DAEMON, host, no_worker, order->token, 0);
		return;
	}
	k->orders[slot] = (struct sim_order){ .used = true,
		.token = order->token,
		.type = order->type,
		.session = order->session,
		.not_after = order->not_after };
	worker_push(w, host, sim_between(&w->random, 20, HA_MS), take, slot | (uint64_t)order->token << 8);
}

void
worker_answer(struct world *w, unsigned host, unsigned slot, uint32_t token, const struct fence_report *answer)
{
	struct sim_worker *k = &w->hosts[host].worker;
	struct sim_order *order = &k->orders[slot], copy = *order;
	struct fence_report r = *answer;

	if (!order->used || order->token != token || !order->sent || order->session != k->session || k->session == 0)
		return;
	order->used = false;
	report(w, host, token == 0 ? FENCE_REPORT_DEVICE : FENCE_REPORT_ANSWER, &copy, &r);
}

void
worker_start(struct world *w, unsigned host)
{
	struct sim_worker *k = &w->hosts[host].worker;
	uint32_t process = k->process;

	memset(k, 0, sizeof(*k));
	k->process = process + 1;
	k->up = true;
	k->login_delay = 500 * HA_MS;
	worker_push(w, host, sim_between(&w->random, HA_MS, 10 * HA_MS), login, 0);
	worker_push(w, host, 50 * HA_MS, monitor, 0);
}

void
worker_end(struct world *w, unsigned host)
{
	w->hosts[host].worker.up = false;
	w->hosts[host].worker.process++;
}

static void
tell(struct world *w, const struct sim_event *event)
{
	if (event->a && !w->hosts[event->host].worker.up)
		worker_start(w, event->host);
	w->event.type = NODE_EV_WORKER;
	w->event.worker = 0;
	w->event.ok = event->a;
	daemon_event(w, event->host, &w->event);
}

void
worker_restart(struct world *w, unsigned host)
{
	if (!w->hosts[host].worker.up)
		return;
	trace(w, (int)host, "fence process killed");
	worker_end(w, host);
	world_push(w, HA_MS, SIM_DAEMON, host, tell, false, 0);
	world_push(w, sim_between(&w->random, 100 * HA_MS, HA_SEC), SIM_DAEMON, host, tell, true, 0);
}

void
worker_hang(struct world *w, unsigned host, bool hangs)
{
	w->hosts[host].worker.hung = hangs;
}
