#include "daemon/daemon.h"

#include "lib/log.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>

#define WORKER_ANSWER (10 * HA_SEC) /* beyond the login's own time */

static int
on_memory(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *d = userdata;
	(void)source;
	(void)fd;
	(void)revents;
	daemon_wake(d);
	daemon_remembered(d);
	return 0;
}

static int
on_journal(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *d = userdata;
	int result;
	(void)source;
	(void)fd;
	(void)revents;
	daemon_wake(d);
	if (!journal_changed(d->journal, &result))
		return 0;
	if (result < 0)
		ha_log(LOG_ERR, "cannot write %s/history: %s; tried again until it works", d->state_dir,
			strerror(-result));
	else
		ha_log(LOG_NOTICE, "%s/history is written again", d->state_dir);
	return 0;
}

static int
on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *d = userdata;
	(void)source;
	(void)info;
	daemon_wake(d);
	ha_log(LOG_NOTICE, "stopping");
	sd_notify(0, "STOPPING=1");
	daemon_event_type(d, NODE_EV_STOP, true);
	return 0;
}

static int
on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *d = userdata;
	(void)source;
	(void)info;
	daemon_wake(d);
	commands_reload(d, 0);
	return 0;
}

static void
on_report(void *userdata, const struct fence_report *report)
{
	struct daemon *d = userdata;
	struct node_event event = { .type = NODE_EV_FENCE, .report = *report };
	daemon_wake(d);
	daemon_event(d, &event);
}

static void
on_worker(void *userdata, bool running, bool planned)
{
	struct daemon *d = userdata;
	daemon_wake(d);
	struct node_event event = { .type = NODE_EV_WORKER, .ok = running, .up = planned };
	/* The first start is none of the node's business. */
	if (!running || workers_restarts(d->workers) > 0)
		daemon_event(d, &event);
}

/* Health speaks from the loop, and while an action is executed: then nobody was away. */
static void
on_health(void *userdata, const struct node_event *event)
{
	struct daemon *d = userdata;
	if (!d->stepping)
		daemon_wake(d);
	daemon_event(d, event);
}

static void
on_released(void *userdata, bool proven, const char *reason)
{
	struct daemon *d = userdata;
	(void)reason;
	daemon_wake(d);
	daemon_event_type(d, NODE_EV_SERVICE_STOPPED, proven);
}

static int
open_signals(struct daemon *d)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	(void)signal(SIGPIPE, SIG_IGN);
	int r = sd_event_add_signal(d->event, NULL, SIGTERM, on_stop, d);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGINT, on_stop, d);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGHUP, on_hangup, d);
	return r < 0 ? r : 0;
}

static int
open_memory(struct daemon *d, struct node_memory *ret)
{
	int r = memory_read(d->state_dir, ret);
	if (r == -EBADMSG)
		ha_log(LOG_ERR,
			"%s/" MEMORY_FILE " cannot be read and was moved aside (" MEMORY_FILE ".bad): permissions "
			"to power the peer down count as spent until it is heard",
			d->state_dir);
	else if (r < 0)
		ha_log(LOG_ERR,
			"%s/" MEMORY_FILE ": %s; permissions to power the peer down count as spent until it is heard",
			d->state_dir, strerror(-r));
	r = memory_open(d->state_dir, &d->memory);
	if (r < 0)
		return r;
	return sd_event_add_io(d->event, &d->memory_source, memory_fd(d->memory), EPOLLIN, on_memory, d);
}

/* What is damaged is lost, and no reason not to start. */
static int
open_journal(struct daemon *d)
{
	unsigned lost = 0;
	int r = journal_load(d->state_dir, &d->history, &lost);
	if (r < 0)
		ha_log(LOG_ERR, "%s/history cannot be read: %s", d->state_dir, strerror(-r));
	if (lost > 0)
		ha_log(LOG_WARNING, "%s/history: %u damaged records are left out", d->state_dir, lost);
	r = metrics_read_tested(d->state_dir, &d->metrics);
	if (r < 0)
		ha_log(LOG_WARNING, "%s/" METRICS_TESTED ": %s", d->state_dir, strerror(-r));
	r = journal_open(d->state_dir, &d->journal);
	if (r < 0)
		return r;
	return sd_event_add_io(d->event, &d->journal_source, journal_fd(d->journal), EPOLLIN, on_journal, d);
}

static int
open_workers(struct daemon *d)
{
	struct workers_config config = { .config = d->config->path,
		.node = config_local(d->config)->name,
		.answer = d->config->fence.login_timeout + WORKER_ANSWER };
	struct workers_handler handler = { .userdata = d, .report = on_report, .state = on_worker };
	return workers_open(d->event, &config, &handler, &d->workers);
}

static int
open_health(struct daemon *d)
{
	struct daemon_health_handler handler = { .userdata = d, .event = on_health };
	return daemon_health_open(d->event, d->config, &d->guid, &handler, &d->health);
}

int
parts_open(struct daemon *d, struct node_memory *ret_memory)
{
	int r = open_signals(d);
	if (r >= 0)
		reexec_adopt(d->event);
	if (r >= 0)
		r = daemon_loop_open(d);
	if (r >= 0)
		r = open_memory(d, ret_memory);
	if (r >= 0)
		r = open_journal(d);
	if (r >= 0)
		r = links_open(d);
	if (r >= 0)
		r = daemon_configure(d);
	if (r >= 0)
		r = vip_open(d);
	if (r >= 0)
		r = release_open(d->event, d->config, on_released, d, &d->release);
	if (r >= 0)
		r = notify_open(d->event, d->config, &d->notify);
	if (r >= 0)
		r = open_workers(d);
	if (r >= 0)
		r = open_health(d);
	if (r >= 0)
		r = control_open(d->event, d->runtime_dir, commands_request, d, &d->control);
	return r < 0 ? r : 0;
}

void
parts_close(struct daemon *d)
{
	control_close(d->control);
	workers_close(d->workers);
	daemon_health_close(d->health);
	release_close(d->release);
	notify_close(d->notify);
	vip_close(d);
	links_close(d);
	sd_event_source_unref(d->announcing.source);
	sd_event_source_unref(d->memory_source);
	memory_close(d->memory);
	sd_event_source_unref(d->journal_source);
	journal_close(d->journal);
	sd_event_source_unref(d->timer);
}
