#include "health/worker.h"

#include "health/probe.h"
#include "lib/log.h"
#include "lib/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define ORDERS_AT_ONCE 64
#define FIRST_ROUND    (250 * HA_MS) /* the first probe of every check begins within this */
#define STEP           (20 * HA_MS)  /* phases are multiples: some checks share one awakening */
#define GRACE          (HA_SEC / 4)  /* a probe that was stopped may take so long to end before an ordered one fails */

struct check {
	struct health_probe probe; /* first: the kinds know only this */
	struct health_worker *worker;
	uint16_t index;
	ha_time phase;    /* of its schedule, from the worker's start */
	ha_time due;      /* HA_NEVER: not by schedule */
	bool running;     /* between start and answer, or deadline */
	uint32_t token;   /* of the order that the running probe is for; 0: none */
	uint32_t ordered; /* to be started as soon as it may; 0: none */
	ha_time start_at; /* that one, not before */
	ha_time asked, deadline;
	ha_time stopped;             /* when the last one that did not answer was stopped */
	bool waits;                  /* `unsent` does */
	struct health_report unsent; /* the newest; an ordered one is kept until its turn comes */
};

struct health_worker {
	int fd;
	sd_event *event;
	sd_event_source *timer, *io;
	bool blocked; /* the daemon does not read: reports wait */
	bool hello_waits;
	const struct config *config;
	struct health_shared shared;
	bool master;
	ha_time began, armed;
	unsigned count;
	struct check *checks;
};

/* False: the daemon does not read, it waits. */
static bool
transmit(struct health_worker *worker, const struct health_report *report)
{
	uint8_t buffer[HEALTH_REPORT_BYTES];
	size_t length = health_report_encode(report, buffer);

	if (send(worker->fd, buffer, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length)
		return true;
	if (errno == EAGAIN) {
		worker->blocked = true;
		(void)sd_event_source_set_io_events(worker->io, EPOLLIN | EPOLLOUT);
		return false;
	}
	/* Closed, perhaps with reports in it that nobody has read: the daemon is gone. */
	(void)sd_event_exit(worker->event, errno == EPIPE || errno == ECONNRESET ? 0 : -errno);
	return true;
}

/* Results by schedule are repeated, so of each check only the newest waits; an answer to an order is never lost. */
static void
send_result(struct check *check, const struct health_report *report)
{
	if (!check->worker->blocked && transmit(check->worker, report))
		return;
	if (check->waits && check->unsent.token != 0 && report->token == 0)
		return;
	check->waits = true;
	check->unsent = *report;
}

static void
say_hello(struct health_worker *worker)
{
	struct health_report report = { .type = HEALTH_REPORT_HELLO, .count = (uint16_t)worker->count };

	if (worker->config)
		memcpy(report.digest, worker->config->digest, sizeof(report.digest));
	worker->hello_waits = worker->blocked || !transmit(worker, &report);
}

/* The daemon reads again. */
static void
send_waiting(struct health_worker *worker)
{
	worker->blocked = false;
	if (worker->hello_waits)
		say_hello(worker);
	for (unsigned i = 0; i < worker->count && !worker->blocked; i++)
		if (worker->checks[i].waits)
			worker->checks[i].waits = !transmit(worker, &worker->checks[i].unsent);
	if (!worker->blocked)
		(void)sd_event_source_set_io_events(worker->io, EPOLLIN);
}

/* --- the schedule --- */

static ha_time
next_time(const struct check *check)
{
	if (check->running)
		return check->deadline;
	return check->ordered != 0 ? check->start_at : check->due;
}

static void
arm(struct health_worker *worker)
{
	ha_time at = HA_NEVER;

	for (unsigned i = 0; i < worker->count; i++)
		at = ha_time_min(at, next_time(&worker->checks[i]));
	if (at == worker->armed)
		return;
	worker->armed = at;
	(void)sd_event_source_set_time(worker->timer, at);
	(void)sd_event_source_set_enabled(worker->timer, at == HA_NEVER ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* The next time after `now` on the check's own raster: a late probe does not shift those after it. */
static ha_time
next_due(const struct check *check, ha_time now)
{
	ha_time interval = check->probe.check->interval, first = check->worker->began + check->phase;

	return now < first ? first : first + ((now - first) / interval + 1) * interval;
}

/* One's own IMM is asked by the fence process, which has the credentials; the daemon keeps those checks' schedule. */
static bool
runs_now(const struct check *check)
{
	return check->probe.check->type != CONFIG_CHECK_IMM &&
	       (check->worker->master || !check->probe.check->when_master);
}

static void
start_probe(struct check *check, ha_time now, uint32_t token)
{
	check->running = true;
	check->token = token;
	check->asked = now;
	check->deadline = now + check->probe.check->timeout;
	check->probe.kind->start(&check->probe);
}

static void
on_answer(struct health_probe *probe, enum health_result result, const char *detail)
{
	struct check *check = (struct check *)probe;
	struct health_report report = { .type = HEALTH_REPORT_RESULT,
		.token = check->token,
		.index = check->index,
		.result = result,
		.asked = check->asked,
		.answered = ha_now() };

	if (!check->running)
		return;
	check->running = false;
	health_detail_set(report.detail, detail);
	send_result(check, &report);
	arm(check->worker);
}

/* One that was stopped a moment ago may still be ending: it would make the next one fail, whatever that would see. */
static bool
is_ending(const struct check *check, ha_time now)
{
	const struct health_kind *kind = check->probe.kind;

	return kind->is_busy && kind->is_busy(&check->probe) && now < check->stopped + GRACE;
}

static void
look_at(struct check *check, ha_time now)
{
	if (check->running && now >= check->deadline) {
		check->stopped = now;
		check->probe.kind->stop(&check->probe);
		health_probe_answer(&check->probe, HEALTH_TIMEOUT, "no answer within %.1f s",
			(double)check->probe.check->timeout / (double)HA_SEC);
	}
	if (check->running)
		return;
	if (check->ordered != 0) {
		uint32_t token = check->ordered;

		if (is_ending(check, now)) {
			check->start_at = now + STEP;
			return;
		}
		check->ordered = 0;
		start_probe(check, now, token);
	} else if (now >= check->due) {
		check->due = next_due(check, now);
		start_probe(check, now, 0);
	}
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct health_worker *worker = userdata;
	ha_time now = ha_now();

	(void)source;
	(void)usec;
	worker->armed = HA_NEVER - 1;
	for (unsigned i = 0; i < worker->count; i++)
		look_at(&worker->checks[i], now);
	arm(worker);
	return 0;
}

/* Every check soon, but not all at once; later each at its own phase, evenly over the interval. */
static void
schedule(struct check *check, ha_time now)
{
	ha_time within = ha_time_min(check->probe.check->interval, FIRST_ROUND);

	check->due = runs_now(check) ? now + within * check->index / check->worker->count / STEP * STEP : HA_NEVER;
}

static void
set_mode(struct health_worker *worker, bool master)
{
	ha_time now = ha_now();

	if (worker->master == master)
		return;
	worker->master = master;
	for (unsigned i = 0; i < worker->count; i++)
		if (worker->checks[i].probe.check->when_master)
			schedule(&worker->checks[i], now);
}

/* --- orders --- */

/* A probe under way was asked before the order: another one follows it. */
static void
order_probes(struct health_worker *worker, const struct health_order *order)
{
	for (unsigned i = 0; i < worker->count; i++) {
		if (!health_set_has(&order->wanted, i))
			continue;
		worker->checks[i].ordered = order->token;
		worker->checks[i].start_at = 0;
	}
}

static void
execute(struct health_worker *worker, const struct health_order *order)
{
	switch (order->type) {
	case HEALTH_ORDER_HELLO:
		say_hello(worker);
		break;
	case HEALTH_ORDER_PROBE:
		order_probes(worker, order);
		break;
	case HEALTH_ORDER_MODE:
		set_mode(worker, order->master);
		break;
	case HEALTH_ORDER_TYPES:
		break;
	}
}

static int
on_orders(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct health_worker *worker = userdata;

	(void)source;
	if (events & EPOLLOUT)
		send_waiting(worker);
	for (unsigned i = 0; i < ORDERS_AT_ONCE; i++) {
		uint8_t buffer[HEALTH_ORDER_BYTES + 1];
		struct health_order order;
		ssize_t n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0)
			return sd_event_exit(worker->event, 0); /* the daemon is gone */
		if (health_order_decode(buffer, (size_t)n, &order) == 0)
			execute(worker, &order);
		else
			ha_log(LOG_ERR, "malformed order of %zd bytes ignored", n);
	}
	arm(worker);
	return 0;
}

/* --- begin and end --- */

static int
open_checks(struct health_worker *worker)
{
	const struct config *config = worker->config;

	if (config->check_count == 0)
		return 0;
	worker->checks = calloc(config->check_count, sizeof(*worker->checks));
	if (!worker->checks)
		return -ENOMEM;
	worker->count = config->check_count;
	worker->shared = (struct health_shared){
		.event = worker->event, .node = config_local(config)->name, .user = config->notify.script_user
	};
	for (unsigned i = 0; i < worker->count; i++) {
		struct check *check = &worker->checks[i];

		*check = (struct check){ .worker = worker,
			.index = (uint16_t)i,
			.phase = config->checks[i].interval * i / worker->count / STEP * STEP,
			.probe = { .check = &config->checks[i],
				.kind = health_kind_of(config->checks[i].type),
				.shared = &worker->shared,
				.answer = on_answer } };
		check->probe.kind->open(&check->probe);
		schedule(check, worker->began);
	}
	return 0;
}

int
health_worker_open(int fd, const struct config *config, struct health_worker **ret)
{
	struct health_worker *worker = calloc(1, sizeof(*worker));
	int r;

	if (!worker)
		return -ENOMEM;
	worker->fd = fd;
	worker->config = config;
	worker->began = ha_now();
	worker->armed = HA_NEVER;
	(void)signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to sockets without MSG_NOSIGNAL */
	r = sd_event_new(&worker->event);
	if (r >= 0)
		r = ha_worker_listen(worker->event, fd, on_orders, worker, &worker->io);
	if (r >= 0)
		r = sd_event_add_time(worker->event, &worker->timer, CLOCK_BOOTTIME, HA_NEVER, 1, on_timer, worker);
	if (r >= 0 && config)
		r = open_checks(worker);
	if (r < 0) {
		health_worker_close(worker);
		return r;
	}
	*ret = worker;
	return 0;
}

int
health_worker_run(struct health_worker *worker)
{
	say_hello(worker);
	arm(worker);
	return sd_event_loop(worker->event);
}

void
health_worker_close(struct health_worker *worker)
{
	for (unsigned i = 0; i < worker->count; i++)
		worker->checks[i].probe.kind->close(&worker->checks[i].probe);
	health_http_free(worker->shared.http);
	health_bus_free(worker->shared.bus);
	health_runner_free(worker->shared.runner);
	sd_event_source_unref(worker->timer);
	sd_event_source_unref(worker->io);
	sd_event_unref(worker->event);
	free(worker->checks);
	free(worker);
}
