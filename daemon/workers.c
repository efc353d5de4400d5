#include "daemon/workers.h"

#include "fence/client.h"
#include "lib/config.h"
#include "lib/log.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS_BACKOFF_FIRST (100 * HA_MS)
#define WORKERS_BACKOFF_CAP   (5 * HA_SEC)
#define WORKERS_STABLE        (10 * HA_SEC) /* ran so long: the next restart is quick again */
#define WORKERS_ORDERS        32
#define WORKERS_BURST         64 /* reports taken at a time */
#define WORKERS_WATCH         HA_SEC
#define WORKERS_TOKEN         UINT32_MAX /* of our own question whether it still lives; the node's count up from 1 */

struct order {
	bool open;
	bool reading; /* FENCE_ORDER_READ */
	bool failed;  /* to be answered by us with `error` */
	enum fence_error error;
	uint32_t token;
	ha_time asked;
};

struct workers {
	sd_event *event;
	struct workers_config config;
	char path[PATH_MAX], node[CONFIG_NAME_MAX]; /* of the configuration, which may be replaced */
	struct workers_handler handler;
	pid_t pid; /* 0: not running */
	int fd;
	sd_event_source *io, *child, *timer;
	ha_time started, reported, restart_at, backoff;
	unsigned restarts;
	bool spawn_said;
	struct order orders[WORKERS_ORDERS];
};

static void start(struct workers *workers);

static void
arm(struct workers *workers)
{
	bool failed = false;
	for (unsigned i = 0; i < WORKERS_ORDERS; i++)
		failed |= workers->orders[i].open && workers->orders[i].failed;
	ha_time at = failed ? 0 : workers->pid == 0 ? workers->restart_at : ha_time_add(ha_now(), WORKERS_WATCH);
	sd_event_source_set_time(workers->timer, at);
	sd_event_source_set_enabled(workers->timer, SD_EVENT_ONESHOT);
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
			.token = order->token,
			.error = order->error,
			.asked = order->asked,
			.answered = ha_now() };
		order->open = false;
		if (order->token != WORKERS_TOKEN)
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

static void
forget_process(struct workers *workers)
{
	workers->io = sd_event_source_unref(workers->io);
	if (workers->fd >= 0)
		close(workers->fd);
	workers->fd = -1;
	workers->pid = 0;
}

/* The process is gone, or as good as gone. */
static void
ended(struct workers *workers, ha_time backoff, bool planned)
{
	if (workers->pid == 0)
		return;
	forget_process(workers);
	workers->restarts++;
	workers->restart_at = ha_time_add(ha_now(), backoff);
	fail_open_orders(workers);
	arm(workers);
	workers->handler.state(workers->handler.userdata, false, planned);
}

static void
ended_badly(struct workers *workers)
{
	if (ha_time_since(ha_now(), workers->started) >= WORKERS_STABLE)
		workers->backoff = WORKERS_BACKOFF_FIRST;
	ha_time backoff = workers->backoff;
	workers->backoff = ha_time_min(2 * workers->backoff, WORKERS_BACKOFF_CAP);
	ended(workers, backoff, false);
}

/* One that hangs in the kernel is not waited for: its child source reaps it whenever it ends. */
static void
replace(struct workers *workers, const char *why)
{
	ha_log(LOG_WARNING, "the fence process %d %s: replaced", (int)workers->pid, why);
	kill(workers->pid, SIGKILL);
	ended_badly(workers);
}

static int
on_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct workers *workers = userdata;
	if (info->si_pid == workers->pid) {
		if (info->si_code == CLD_EXITED)
			ha_log(LOG_WARNING, "the fence process %d ended with status %d", (int)info->si_pid,
				info->si_status);
		else
			ha_log(LOG_WARNING, "the fence process %d was ended by signal %d", (int)info->si_pid,
				info->si_status);
		ended_badly(workers);
	}
	if (workers->child == source)
		workers->child = NULL;
	sd_event_source_unref(source);
	return 0;
}

static void
take_report(struct workers *workers, const struct fence_report *report)
{
	workers->reported = ha_now();
	if (report->type == FENCE_REPORT_ANSWER) {
		struct order *order = find_order(workers, report->token);
		if (order == NULL)
			return; /* answered by us already */
		order->open = false;
		if (report->token == WORKERS_TOKEN)
			return;
	}
	workers->handler.report(workers->handler.userdata, report);
}

int
workers_fd(const struct workers *workers)
{
	return workers->fd;
}

void
workers_drain(struct workers *workers)
{
	for (unsigned i = 0; i < WORKERS_BURST && workers->fd >= 0; i++) {
		struct fence_report report;
		int r = fence_client_receive(workers->fd, &report);
		if (r == -EAGAIN)
			break;
		if (r == 0) {
			take_report(workers, &report);
		} else if (r == -EBADMSG) {
			replace(workers, "says what nobody can read");
		} else {
			/* Its end of the socket is closed; that it has ended follows, or it is made to. */
			kill(workers->pid, SIGKILL);
			ended_badly(workers);
		}
	}
	answer_failed(workers);
}

static int
on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	(void)source;
	(void)fd;
	(void)revents;
	workers_drain(userdata);
	return 0;
}

static bool
order_overdue(const struct workers *workers, ha_time now)
{
	for (unsigned i = 0; i < WORKERS_ORDERS; i++)
		if (workers->orders[i].open && ha_time_since(now, workers->orders[i].asked) > workers->config.answer)
			return true;
	return false;
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct workers *workers = userdata;
	ha_time now = ha_now();
	(void)source;
	(void)usec;
	workers_drain(workers);
	if (workers->pid == 0) {
		if (now >= workers->restart_at)
			start(workers);
	} else if (order_overdue(workers, now)) {
		replace(workers, "does not answer an order");
	} else if (ha_time_since(now, workers->reported) > workers->config.silence &&
		   find_order(workers, WORKERS_TOKEN) == NULL) {
		/* It may have nothing to say (a refused password is not tried again), or hang: asked, it must answer.
		 */
		workers_order(workers, &(struct fence_order){ .type = FENCE_ORDER_READ,
					       .token = WORKERS_TOKEN,
					       .not_after = now + workers->config.answer });
	}
	arm(workers);
	return 0;
}

static int
spawn(struct workers *workers)
{
	char path[PATH_MAX];
	int r = fence_client_locate(path, sizeof(path));
	if (r < 0)
		return r;
	pid_t pid;
	int fd;
	r = fence_client_spawn(path, workers->path, workers->node, &pid, &fd);
	if (r < 0)
		return r;
	workers->pid = pid;
	workers->fd = fd;
	return 0;
}

static void
start(struct workers *workers)
{
	int r = spawn(workers);
	if (r == 0)
		r = sd_event_add_io(workers->event, &workers->io, workers->fd, EPOLLIN, on_io, workers);
	if (r >= 0)
		r = sd_event_add_child(workers->event, &workers->child, workers->pid, WEXITED, on_child, workers);
	if (r < 0) {
		if (!workers->spawn_said)
			ha_log(LOG_ERR, "cannot start ha-fenced-fence: %s; tried again for ever", strerror(-r));
		workers->spawn_said = true;
		if (workers->pid != 0)
			kill(workers->pid, SIGKILL);
		forget_process(workers);
		workers->restart_at = ha_time_add(ha_now(), WORKERS_BACKOFF_CAP);
		return;
	}
	workers->spawn_said = false;
	workers->started = workers->reported = ha_now();
	workers->handler.state(workers->handler.userdata, true, false);
}

int
workers_open(sd_event *event, const struct workers_config *config, const struct workers_handler *handler,
	struct workers **ret_workers)
{
	struct workers *workers = calloc(1, sizeof(*workers));
	if (workers == NULL)
		return -ENOMEM;
	workers->event = event;
	workers->config = *config;
	workers->handler = *handler;
	snprintf(workers->path, sizeof(workers->path), "%s", config->config);
	snprintf(workers->node, sizeof(workers->node), "%s", config->node);
	workers->fd = -1;
	workers->backoff = WORKERS_BACKOFF_FIRST;
	int r = sd_event_add_time(event, &workers->timer, CLOCK_BOOTTIME, 0, 1, on_timer, workers);
	if (r < 0) {
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
	workers->timer = sd_event_source_unref(workers->timer);
	workers->child = sd_event_source_unref(workers->child);
	/* Closing the socket ends it. */
	forget_process(workers);
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
	*slot = (struct order){
		.open = true, .reading = order->type == FENCE_ORDER_READ, .token = order->token, .asked = ha_now()
	};
	if (result < 0) {
		slot->failed = true;
		slot->error = order->type == FENCE_ORDER_READ && workers->fd < 0 ? FENCE_WORKER : FENCE_NOT_SENT;
	}
}

void
workers_order(struct workers *workers, const struct fence_order *order)
{
	int r = workers->fd < 0 ? -ENOTCONN : fence_client_send(workers->fd, order);
	if (order->type == FENCE_ORDER_CANCEL)
		return; /* the cancelled order is what gets the answer */
	note_order(workers, order, r);
	if (r < 0)
		arm(workers);
}

void
workers_restart(struct workers *workers)
{
	if (workers->pid == 0)
		return;
	kill(workers->pid, SIGTERM);
	ended(workers, 0, true);
}

bool
workers_running(const struct workers *workers)
{
	return workers->pid != 0;
}

unsigned
workers_restarts(const struct workers *workers)
{
	return workers->restarts;
}
