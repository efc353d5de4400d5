#include "fence/worker.h"

#include "fence/agent.h"
#include "fence/ipmi.h"
#include "fence/own.h"
#include "fence/report.h"
#include "lib/log.h"
#include "lib/worker.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>

#define ORDERS_AT_ONCE 16

struct worker {
	int fd;
	sd_event *event;
	sd_event_source *io;
	struct fence_ipmi *ipmi;                    /* the peer's; NULL: no usable configuration, or --own */
	struct fence_own *own;                      /* our own node's: there is either one or the other */
	struct fence_agent *agents[CONFIG_DEVICES]; /* the peer's outlets */
	unsigned agent_count;
};

/* If the daemon does not read, news of the devices can be lost, they are repeated; a power order's answer cannot: then
 * this process ends, which says UNKNOWN. */
static void
send_report(void *userdata, const struct fence_report *report)
{
	struct worker *worker = userdata;
	uint8_t buffer[FENCE_REPORT_BYTES];
	size_t length = fence_report_encode(report, buffer);

	if (send(worker->fd, buffer, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length)
		return;
	if (errno == EAGAIN && report->type != FENCE_REPORT_ANSWER && report->type != FENCE_REPORT_SENT)
		return;
	(void)sd_event_exit(worker->event, errno == EPIPE || errno == ECONNRESET ? 0 : -errno);
}

static void
execute(struct worker *worker, const struct fence_order *order)
{
	struct fence_report report = {
		.type = FENCE_REPORT_ANSWER,
		.device = order->device,
		.token = order->token,
		.error = FENCE_CONFIG,
	};

	if (order->type == FENCE_ORDER_SENSOR)
		report.type = FENCE_REPORT_SENSOR;
	if (order->type == FENCE_ORDER_ALIVE)
		send_report(worker, &(struct fence_report){ .type = FENCE_REPORT_ALIVE });
	else if (order->type == FENCE_ORDER_SENSOR && worker->own)
		fence_own_execute(worker->own, order);
	else if (order->type == FENCE_ORDER_SENSOR)
		send_report(worker, &report);
	else if (order->device == 0 && worker->ipmi)
		fence_ipmi_execute(worker->ipmi, order);
	else if (order->device > 0 && order->device <= worker->agent_count)
		fence_agent_execute(worker->agents[order->device - 1], order);
	else if (order->type != FENCE_ORDER_CANCEL)
		send_report(worker, &report);
}

static int
on_orders(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct worker *worker = userdata;

	(void)source;
	(void)events;
	for (unsigned i = 0; i < ORDERS_AT_ONCE; i++) {
		uint8_t buffer[FENCE_ORDER_BYTES];
		struct fence_order order;
		ssize_t n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n <= 0)
			return sd_event_exit(worker->event, 0); /* the daemon is gone */
		if (fence_order_decode(buffer, (size_t)n, &order) == 0)
			execute(worker, &order);
		else
			ha_log(LOG_ERR, "malformed order of %zd bytes ignored", n);
	}
	return 0;
}

static int
start_ipmi(struct worker *worker, const struct fence_worker_config *config)
{
	struct fence_ipmi_config ipmi = {
		.imm = &config->imm,
		.login_timeout = config->login_timeout,
		.monitor_interval = config->monitor_interval,
	};

	return fence_ipmi_open(worker->event, &ipmi, send_report, worker, &worker->ipmi);
}

static int
start_agents(struct worker *worker, const struct fence_worker_config *config)
{
	int r = 0;

	for (unsigned i = 0; r >= 0 && i < config->device_count; i++) {
		r = fence_agent_open(
			worker->event, &config->devices[i], i + 1, send_report, worker, &worker->agents[i]);
		if (r >= 0)
			worker->agent_count++;
	}
	return r;
}

static int
start_own(struct worker *worker, struct fence_worker_config *config)
{
	struct fence_own_config own = { .imm = &config->imm, .login_timeout = config->login_timeout };

	return fence_own_open(worker->event, &own, send_report, worker, &worker->own);
}

int
fence_worker_run(int fd, struct fence_worker_config *config)
{
	struct worker worker = { .fd = fd };
	bool usable = config->usable;
	int r;

	r = sd_event_new(&worker.event);
	if (r >= 0)
		r = ha_worker_listen(worker.event, fd, on_orders, &worker, &worker.io);
	if (r >= 0 && usable)
		r = config->own ? start_own(&worker, config) : start_ipmi(&worker, config);
	if (r >= 0 && usable)
		r = start_agents(&worker, config);
	explicit_bzero(config, sizeof(*config));
	if (r >= 0 && !usable)
		send_report(&worker, &(struct fence_report){ .type = FENCE_REPORT_DEVICE, .error = FENCE_CONFIG });
	if (r >= 0)
		r = sd_event_loop(worker.event);
	for (unsigned i = 0; i < worker.agent_count; i++)
		fence_agent_close(worker.agents[i]);
	fence_own_close(worker.own);
	fence_ipmi_close(worker.ipmi);
	sd_event_source_unref(worker.io);
	sd_event_unref(worker.event);
	return r;
}
