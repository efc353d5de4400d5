#include "daemon/workers.h"

#include "daemon/process.h"
#include "fence/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORKERS_ORDERS 32
#define WORKERS_AGENT  (75 * HA_SEC) /* the longest `timeout` of a device, and what ran before it */

struct order {
	bool open;
	bool reading; /* FENCE_ORDER_READ */
	bool failed;  /* to be answered by us with `error` */
	enum fence_error error;
	uint8_t device;
	uint32_t token;
	ha_time asked;
};

struct workers {
	struct workers_config config;
	struct workers_handler handler;
	struct process *process;
	uint8_t alive[FENCE_ORDER_BYTES];
	sd_event_source *timer; /* an order to be answered by us, or overdue */
	struct order orders[WORKERS_ORDERS];
};

static ha_time
overdue_at(const struct workers *workers, const struct order *order)
{
	return ha_time_add(order->asked, order->device == 0 ? workers->config.answer : WORKERS_AGENT);
}

static void
arm(struct workers *workers)
{
	ha_time at = HA_NEVER;
	for (unsigned i = 0; i < WORKERS_ORDERS; i++) {
		const struct order *order = &workers->orders[i];
		if (order->open)
			at = ha_time_min(at, order->failed ? 0 : overdue_at(workers, order));
	}
	(void)sd_event_source_set_time(workers->timer, at);
	(void)sd_event_source_set_enabled(workers->timer, at == HA_NEVER ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

static struct order *
find_order(struct workers *workers, uint32_t token)
{
	for (unsigned i = 0; i < WORKERS_ORDERS; i++)
		if (workers->orders[i].open && workers->orders[i].token == token)
			return &workers->orders[i];
	return NULL;
}

static void
answer_failed(struct workers *workers)
{
	for (unsigned i = 0; i < WORKERS_ORDERS; i++) {
		struct order *order = &workers->orders[i];
		if (!order->open || !order->failed)
			continue;
		struct fence_report report = { .type = FENCE_REPORT_ANSWER,
			.device = order->device,
			.token = order->token,
			.error = order->error,
			.asked = order->asked,
			.answered = ha_now() };
		order->open = false;
		workers->handler.report(workers->handler.userdata, &report);
	}
}

/* Whatever was under way may have been executed: FENCE_WORKER says just that we cannot know. */
static void
fail_open_orders(struct workers *workers)
{
	for (unsigned i = 0; i < WORKERS_ORDERS; i++) {
		struct order *order = &workers->orders[i];
		if (order->open && !order->failed) {
			order->failed = true;
			order->error = FENCE_WORKER;
		}
	}
}

/* From the process; false: nonsense. */
static bool
on_packet(void *userdata, const uint8_t *data, size_t length)
{
	struct workers *workers = userdata;
	struct fence_report report;
	if (fence_report_decode(data, length, &report) < 0)
		return false;
	if (report.type == FENCE_REPORT_ALIVE)
		return true;
	if (report.type == FENCE_REPORT_ANSWER) {
		struct order *order = find_order(workers, report.token);
		if (order == NULL)
			return true; /* answered by us already */
		order->open = false;
		arm(workers);
	}
	workers->handler.report(workers->handler.userdata, &report);
	return true;
}

static void
on_process(void *userdata, bool running, bool planned)
{
	struct workers *workers = userdata;
	if (!running) {
		fail_open_orders(workers);
		arm(workers);
	}
	workers->handler.state(workers->handler.userdata, running, planned);
}

int
workers_fd(const struct workers *workers)
{
	return process_fd(workers->process);
}

void
workers_drain(struct workers *workers)
{
	process_drain(workers->process);
	answer_failed(workers);
}

static bool
order_overdue(const struct workers *workers, ha_time now)
{
	for (unsigned i = 0; i < WORKERS_ORDERS; i++) {
		const struct order *order = &workers->orders[i];
		if (order->open && now >= overdue_at(workers, order))
			return true;
	}
	return false;
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct workers *workers = userdata;
	(void)source;
	(void)usec;
	workers_drain(workers);
	if (order_overdue(workers, ha_now()))
		process_replace(workers->process, "does not answer an order");
	arm(workers);
	return 0;
}

int
workers_open(sd_event *event, const struct workers_config *config, const struct workers_handler *handler,
	struct workers **ret_workers)
{
	struct workers *workers = calloc(1, sizeof(*workers));
	if (workers == NULL)
		return -ENOMEM;
	workers->config = *config;
	workers->handler = *handler;
	struct process_config process = { .program = "ha-fenced-fence",
		.what = "fence process",
		.config = config->config,
		.node = config->node,
		.alive = workers->alive,
		.alive_length = fence_order_encode(&(struct fence_order){ .type = FENCE_ORDER_ALIVE }, workers->alive),
		.farewell = true };
	struct process_handler handlers = { .userdata = workers, .packet = on_packet, .state = on_process };
	int r = sd_event_add_time(event, &workers->timer, CLOCK_BOOTTIME, HA_NEVER, 1, on_timer, workers);
	if (r >= 0)
		r = process_open(event, &process, &handlers, &workers->process);
	if (r < 0) {
		sd_event_source_unref(workers->timer);
		free(workers);
		return r;
	}
	*ret_workers = workers;
	return 0;
}

void
workers_close(struct workers *workers)
{
	if (workers == NULL)
		return;
	sd_event_source_unref(workers->timer);
	process_close(workers->process);
	free(workers);
}

/* A free place, else that of the oldest reading: what became of a power command is never forgotten. */
static struct order *
place(struct workers *workers)
{
	struct order *oldest = NULL;
	for (unsigned i = 0; i < WORKERS_ORDERS; i++) {
		struct order *order = &workers->orders[i];
		if (!order->open)
			return order;
		if (order->reading && (oldest == NULL || order->asked < oldest->asked))
			oldest = order;
	}
	return oldest != NULL ? oldest : &workers->orders[0];
}

static void
note_order(struct workers *workers, const struct fence_order *order, int result)
{
	struct order *slot = place(workers);
	*slot = (struct order){ .open = true,
		.reading = order->type == FENCE_ORDER_READ,
		.device = order->device,
		.token = order->token,
		.asked = ha_now() };
	if (result < 0) {
		slot->failed = true;
		slot->error = slot->reading && result == -ENOTCONN ? FENCE_WORKER : FENCE_NOT_SENT;
	}
	arm(workers);
}

void
workers_order(struct workers *workers, const struct fence_order *order)
{
	uint8_t buffer[FENCE_ORDER_BYTES];
	int r = process_send(workers->process, buffer, fence_order_encode(order, buffer));
	/* The cancelled order is what gets the answer. */
	if (order->type != FENCE_ORDER_CANCEL)
		note_order(workers, order, r);
}

void
workers_restart(struct workers *workers)
{
	process_restart(workers->process);
}

bool
workers_running(const struct workers *workers)
{
	return process_running(workers->process);
}

unsigned
workers_restarts(const struct workers *workers)
{
	return process_restarts(workers->process);
}
