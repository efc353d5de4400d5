/* test/sim/worker.c -- the fence process as fence/ipmi.c does it: a warm session, orders executed in it or not at all,
 * questions repeated, commands never, a second login beside a session that is silent.
 *
 * Every order but CANCEL is answered once, unless the process ends. */
#include "test/sim/world.h"

#include <string.h>

#define ANSWER_TIMEOUT  (8 * HA_SEC)
#define ANSWER_CAP      (30 * HA_SEC)
#define PATIENCE_MIN    (250 * HA_MS)
#define PATIENCE_CAP    (8 * HA_SEC)
#define LOST_AFTER      (20 * HA_SEC)
#define SENDS           3
#define LOGIN_TIMEOUT   (3 * HA_SEC)
#define LOGIN_AGAIN     (300 * HA_MS) /* its messages are sent again while it lasts */
#define LOGIN_TRIPS     7
#define LOGIN_RETRY_CAP (2 * HA_SEC)
#define LOCKOUT         (60 * HA_SEC)

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

static struct sim_order *
find(struct sim_worker *k, uint64_t id)
{
	for (unsigned i = 0; i < ORDERS; i++) {
		if (k->orders[i].used && k->orders[i].id == id)
			return &k->orders[i];
	}
	return NULL;
}

static struct sim_order *
new_order(struct sim_worker *k)
{
	for (unsigned i = 0; i < ORDERS; i++) {
		if (!k->orders[i].used) {
			k->orders[i] = (struct sim_order){ .used = true, .id = ++k->last_id };
			return &k->orders[i];
		}
	}
	return NULL;
}

static ha_time
clamp(ha_time value, ha_time low, ha_time high)
{
	return ha_time_min(ha_time_max(value, low), high);
}

static ha_time
patience(const struct sim_worker *k)
{
	return clamp(2 * k->slowest, PATIENCE_MIN, PATIENCE_CAP);
}

static const char *
report_name(enum fence_report_type type)
{
	return type == FENCE_REPORT_SENT ? "sent" : type == FENCE_REPORT_DEVICE ? "device" : "answer";
}

static void
report(struct world *w, unsigned host, enum fence_report_type type, const struct sim_order *order,
	struct fence_report *r)
{
	const struct sim_worker *k = &w->hosts[host].worker;

	r->type = type;
	r->token = order != NULL ? order->token : 0;
	r->answered = host_clock(w, host);
	if (k->session != 0) {
		r->session = k->session;
		r->session_since = k->since;
		r->guid_known = k->guid_known;
		r->guid = k->guid;
		r->privilege = 3;
	}
	/* Readings that go well are told by the node's own notes. */
	if (w->trace && (r->error != FENCE_OK || (order != NULL && order->type != FENCE_ORDER_READ)))
		trace(w, (int)host, "fence process: %s token %u %s completion %02x session %llu", report_name(type),
			r->token, fence_error_name(r->error), r->completion, (unsigned long long)r->session);
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

/* The order ends without an answer of the IMM. What was sent keeps its place: a late answer shows how slow the IMM is.
 */
static void
fail(struct world *w, unsigned host, struct sim_order *order, enum fence_error error)
{
	struct fence_report r = { .error = error, .asked = order->sends > 0 ? order->asked[0] : 0 };
	bool wanted = order->token != 0 && !order->reported;

	order->used = order->sends > 0;
	order->reported = true;
	if (wanted)
		report(w, host, FENCE_REPORT_ANSWER, order, &r);
}

static void login(struct world *w, const struct sim_event *event);

/* What was sent in it may have been executed. */
static void
end_session(struct world *w, unsigned host, enum fence_error error)
{
	struct sim_worker *k = &w->hosts[host].worker;

	for (unsigned i = 0; i < ORDERS; i++) {
		if (!k->orders[i].used || k->orders[i].sends == 0)
			continue;
		fail(w, host, &k->orders[i], FENCE_TIMEOUT);
		k->orders[i].used = false;
	}
	k->session = 0;
	k->second = false;
	k->silent_since = HA_NEVER;
	k->error = error;
	if (error != FENCE_OK)
		device(w, host, error);
	k->login_delay = 500 * HA_MS;
	worker_push(w, host, HA_MS, login, 0);
}

static void silent(struct world *w, const struct sim_event *event);

/* a: the session beside which the second login failed */
static void
second_fails(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;

	if (!current(w, event) || k->session != event->a || !k->second)
		return;
	k->second = false;
	if (k->silent_since == HA_NEVER)
		return; /* the session was slow, not gone */
	if (ha_time_since(w->now, k->silent_since) >= ha_time_max(LOST_AFTER, 4 * patience(k))) {
		end_session(w, event->host, FENCE_UNREACHABLE);
		return;
	}
	device(w, event->host, FENCE_UNREACHABLE);
	for (unsigned i = 0; i < ORDERS; i++) {
		if (k->orders[i].used && k->orders[i].type == FENCE_ORDER_READ && k->orders[i].token != 0)
			fail(w, event->host, &k->orders[i], FENCE_UNREACHABLE);
	}
	worker_push(w, event->host, LOGIN_RETRY_CAP, silent, event->a);
}

/* a: session. Is it the session that is silent, or is the IMM gone? */
static void
silent(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;
	const struct sim_imm *imm = &w->imms[w->imm_target[event->host]];
	ha_time limit = 3 * patience(k), since;

	if (!current(w, event) || k->session != event->a || k->silent_since == HA_NEVER || k->second)
		return;
	since = ha_time_since(w->now, k->silent_since);
	if (since < limit) {
		worker_push(w, event->host, limit - since, silent, event->a);
	} else if (imm_reachable(w, event->host) && imm->login == FENCE_OK &&
		   imm->delay * LOGIN_TRIPS < LOGIN_TIMEOUT) {
		end_session(w, event->host, FENCE_OK);
	} else {
		k->second = true;
		worker_push(w, event->host, LOGIN_TIMEOUT, second_fails, event->a);
	}
}

static void
deadline(struct world *w, const struct sim_event *event)
{
	if (current(w, event) && find(&w->hosts[event->host].worker, event->a) != NULL)
		end_session(w, event->host, FENCE_OK); /* spoiled: to be replaced */
}

static void transmit(struct world *w, unsigned host, struct sim_order *order);
static void probe(struct world *w, const struct sim_event *event);

/* Something is unanswered from now on. */
static void
await(struct world *w, unsigned host)
{
	struct sim_worker *k = &w->hosts[host].worker;

	k->silent_since = w->now;
	worker_push(w, host, patience(k), probe, k->session);
	worker_push(w, host, 3 * patience(k), silent, k->session);
}

/* a: id */
static void
repeat(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;
	struct sim_order *order = find(k, event->a);

	if (current(w, event) && order != NULL && order->session == k->session && order->sends < SENDS &&
		!order->reported)
		transmit(w, event->host, order);
}

/* a: session. Is it the session that is silent, or only a command that takes long? */
static void
probe(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;
	struct sim_order *order;

	if (!current(w, event) || k->session != event->a || ha_time_since(w->now, k->silent_since) < patience(k))
		return;
	for (unsigned i = 0; i < ORDERS; i++) {
		if (k->orders[i].used && k->orders[i].probe)
			return;
	}
	order = new_order(k);
	if (order == NULL)
		return;
	order->type = FENCE_ORDER_READ;
	order->probe = true;
	transmit(w, event->host, order);
}

static void
transmit(struct world *w, unsigned host, struct sim_order *order)
{
	struct sim_worker *k = &w->hosts[host].worker;
	bool command = order->type != FENCE_ORDER_READ;

	order->session = k->session;
	order->asked[order->sends] = host_clock(w, host);
	if (command)
		oracle_power_order(w, host, order);
	imm_request(w, host, order, order->sends++);
	if (!command && order->sends < SENDS)
		worker_push(w, host, order->sends * patience(k), repeat, order->id);
	if (order->sends == 1)
		worker_push(w, host, clamp(4 * k->slowest, ANSWER_TIMEOUT, ANSWER_CAP), deadline, order->id);
	if (k->silent_since == HA_NEVER)
		await(w, host);
}

static void
send_order(struct world *w, unsigned host, struct sim_order *order)
{
	struct fence_report r = { .error = FENCE_OK };

	transmit(w, host, order);
	r.asked = order->asked[0];
	if (order->token != 0)
		report(w, host, FENCE_REPORT_SENT, order, &r);
}

static void
monitor(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;
	struct sim_order *order;

	if (!current(w, event))
		return;
	worker_push(w, event->host, w->config.monitor_interval, monitor, 0);
	if (k->session == 0 || k->hung || k->silent_since != HA_NEVER)
		return;
	order = new_order(k);
	if (order == NULL)
		return;
	order->type = FENCE_ORDER_READ;
	send_order(w, event->host, order);
}

static void
logged_in(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;
	struct sim_imm *imm = &w->imms[w->imm_target[event->host]];

	if (!current(w, event) || k->session != 0)
		return;
	if (!imm_reachable(w, event->host)) {
		worker_push(w, event->host, LOGIN_AGAIN, login, event->a + 1);
		return;
	}
	k->session = ++k->sessions;
	k->since = host_clock(w, event->host);
	k->imm_epoch = imm->epoch;
	k->guid_known = imm->guid_known;
	k->guid = imm->guid;
	k->error = FENCE_OK;
	k->login_delay = 500 * HA_MS;
	device(w, event->host, FENCE_OK);
	for (unsigned i = 0; i < ORDERS && k->session != 0; i++) {
		if (k->orders[i].used && k->orders[i].sends == 0 && k->orders[i].waits)
			send_order(w, event->host, &k->orders[i]);
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
	for (unsigned i = 0; i < ORDERS; i++) {
		if (k->orders[i].used && k->orders[i].type == FENCE_ORDER_READ)
			fail(w, event->host, &k->orders[i], k->error);
	}
	worker_push(w, event->host, wait, login, 0);
}

/* a: how often its messages were sent in vain */
static void
login(struct world *w, const struct sim_event *event)
{
	const struct sim_worker *k = &w->hosts[event->host].worker;
	const struct sim_imm *imm = &w->imms[w->imm_target[event->host]];

	if (!current(w, event) || k->session != 0)
		return;
	if (k->hung)
		worker_push(w, event->host, HA_SEC, login, 0);
	else if (event->a * LOGIN_AGAIN >= LOGIN_TIMEOUT)
		worker_push(w, event->host, 0, login_fails, FENCE_UNREACHABLE);
	else if (!imm_reachable(w, event->host) || imm->delay * LOGIN_TRIPS >= LOGIN_TIMEOUT)
		worker_push(w, event->host, LOGIN_AGAIN, login, event->a + 1);
	else if (imm->login != FENCE_OK)
		worker_push(w, event->host, 5 * HA_MS, login_fails, imm->login);
	else
		worker_push(w, event->host, 2 * HA_MS + imm->delay * LOGIN_TRIPS, logged_in, event->a);
}

static void
expired(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;
	struct sim_order *order = find(k, event->a);

	if (current(w, event) && order != NULL && order->sends == 0)
		fail(w, event->host, order, k->error != FENCE_OK ? k->error : FENCE_NOT_SENT);
}

static void
cancel(struct world *w, unsigned host, uint32_t token)
{
	struct sim_worker *k = &w->hosts[host].worker;

	for (unsigned i = 0; i < ORDERS; i++) {
		struct sim_order *order = &k->orders[i];

		if (order->used && order->token != 0 && !order->reported && order->type != FENCE_ORDER_CANCEL &&
			(token == 0 || order->token == token))
			fail(w, host, order, order->sends > 0 ? FENCE_TIMEOUT : FENCE_NOT_SENT);
	}
}

static void
take(struct world *w, const struct sim_event *event)
{
	struct sim_worker *k = &w->hosts[event->host].worker;
	struct sim_order *order = find(k, event->a);
	ha_time now = host_clock(w, event->host);

	if (!current(w, event) || order == NULL || order->sends > 0)
		return;
	if (k->hung) {
		worker_push(w, event->host, 100 * HA_MS, take, event->a);
	} else if (order->type == FENCE_ORDER_CANCEL) {
		order->used = false;
		cancel(w, event->host, order->token);
	} else if (now > order->not_after) {
		fail(w, event->host, order, FENCE_NOT_SENT);
	} else if (order->type == FENCE_ORDER_READ && k->session == 0 && order->session == 0) {
		order->waits = true;
		worker_push(w, event->host, order->not_after - now, expired, event->a);
	} else if (k->session == 0 || (order->session != k->session && order->type != FENCE_ORDER_READ)) {
		fail(w, event->host, order, FENCE_NOT_SENT);
	} else {
		send_order(w, event->host, order);
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
worker_order(struct world *w, unsigned host, const struct fence_order *wanted)
{
	struct sim_worker *k = &w->hosts[host].worker;
	struct sim_order *order;

	if (wanted->device != 0) {
		pdu_order(w, host, wanted);
		return;
	}
	order = k->up ? new_order(k) : NULL;
	if (order == NULL) {
		if (wanted->type != FENCE_ORDER_CANCEL)
			world_push(w, 0, SIM_DAEMON, host, no_worker, wanted->token, 0);
		return;
	}
	order->token = wanted->token;
	order->type = wanted->type;
	order->session = wanted->session;
	order->not_after = wanted->not_after;
	k->taken_at = ha_time_max(k->taken_at, w->now + sim_between(&w->random, 20, HA_MS));
	worker_push(w, host, k->taken_at - w->now, take, order->id); /* a socket: in order */
}

static bool
anything_sent(const struct sim_worker *k)
{
	for (unsigned i = 0; i < ORDERS; i++) {
		if (k->orders[i].used && k->orders[i].sends > 0)
			return true;
	}
	return false;
}

void
worker_answer(struct world *w, unsigned host, uint32_t id, unsigned nth, const struct fence_report *answer)
{
	struct sim_worker *k = &w->hosts[host].worker;
	struct sim_order *order = find(k, id), copy;
	struct fence_report r = *answer;

	if (k->session == 0)
		return;
	k->silent_since = HA_NEVER;
	if (order == NULL || order->session != k->session || nth >= order->sends)
		return;
	copy = *order;
	order->used = false;
	r.asked = copy.asked[nth];
	k->slowest = ha_time_max(host_clock(w, host) - r.asked, k->slowest - k->slowest / 8);
	if (anything_sent(k))
		await(w, host);
	if (copy.probe || copy.reported)
		return;
	report(w, host, copy.token == 0 ? FENCE_REPORT_DEVICE : FENCE_REPORT_ANSWER, &copy, &r);
}

void
worker_start(struct world *w, unsigned host)
{
	struct sim_worker *k = &w->hosts[host].worker;
	uint32_t process = k->process;

	memset(k, 0, sizeof(*k));
	k->process = process + 1;
	k->up = true;
	k->silent_since = HA_NEVER;
	k->login_delay = 500 * HA_MS;
	worker_push(w, host, sim_between(&w->random, HA_MS, 10 * HA_MS), login, 0);
	worker_push(w, host, 50 * HA_MS, monitor, 0);
	pdu_monitor(w, host);
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
	w->event.up = false; /* not planned */
	w->event.worker = 0;
	w->event.up = false; /* not as planned */
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
