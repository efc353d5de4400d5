#include "daemon/process.h"

#include "lib/config.h"
#include "lib/log.h"
#include "lib/worker.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BACKOFF_FIRST (100 * HA_MS)
#define BACKOFF_CAP   (5 * HA_SEC)
#define STABLE        (10 * HA_SEC) /* ran so long: the next restart is quick again */
#define BURST         64            /* packets taken at a time */

struct process {
	sd_event *event;
	struct process_config config;
	char path[PATH_MAX], node[CONFIG_NAME_MAX]; /* of the configuration, which may be replaced */
	struct process_handler handler;
	pid_t pid; /* 0: not running */
	int fd;
	sd_event_source *io, *child, *timer;
	ha_time started, heard, backoff;
	unsigned restarts;
	bool failure_said;
};

static void
start_at(struct process *process, ha_time at)
{
	(void)sd_event_source_set_time(process->timer, at);
	(void)sd_event_source_set_enabled(process->timer, SD_EVENT_ONESHOT);
}

/* Its child source outlives it: whenever the child ends it is reaped, and that is nobody's business any more. */
static void
forget(struct process *process)
{
	if (process->child != NULL)
		(void)sd_event_source_set_userdata(process->child, NULL);
	process->child = NULL;
	process->io = sd_event_source_unref(process->io);
	if (process->fd >= 0)
		close(process->fd);
	process->fd = -1;
	process->pid = 0;
}

/* It is gone, or as good as gone. */
static void
ended(struct process *process, ha_time pause)
{
	if (process->pid == 0)
		return;
	forget(process);
	process->restarts++;
	start_at(process, ha_now() + pause);
	process->handler.state(process->handler.userdata, false);
}

static void
ended_badly(struct process *process)
{
	if (ha_time_since(ha_now(), process->started) >= STABLE)
		process->backoff = BACKOFF_FIRST;
	ha_time pause = process->backoff;
	process->backoff = ha_time_min(2 * process->backoff, BACKOFF_CAP);
	ended(process, pause);
}

void
process_replace(struct process *process, const char *why)
{
	if (process->pid == 0)
		return;
	ha_log(LOG_WARNING, "the %s %d %s: replaced", process->config.what, (int)process->pid, why);
	kill(process->pid, SIGKILL);
	ended_badly(process);
}

static int
on_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct process *process = userdata;
	if (process != NULL) {
		ha_log(LOG_WARNING, "the %s %d %s %d", process->config.what, (int)info->si_pid,
			info->si_code == CLD_EXITED ? "ended with status" : "was ended by signal", info->si_status);
		ended_badly(process);
	}
	sd_event_source_unref(source);
	return 0;
}

static int
on_packet(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct process *process = userdata;
	(void)source;
	(void)revents;
	/* The handler may replace the process. */
	for (unsigned i = 0; i < BURST && process->fd == fd; i++) {
		uint8_t data[PROCESS_PACKET];
		ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0) {
			/* Its end of the socket is closed; that it has ended follows, or it is made to. */
			kill(process->pid, SIGKILL);
			ended_badly(process);
			break;
		}
		process->heard = ha_now();
		if (!process->handler.packet(process->handler.userdata, data, (size_t)n))
			process_replace(process, "says what nobody can read");
	}
	return 0;
}

static int
spawn(struct process *process)
{
	char program[PATH_MAX];
	int r = ha_worker_locate(process->config.program, program, sizeof(program));
	if (r == 0)
		r = ha_worker_spawn(program, process->path, process->node, &process->pid, &process->fd);
	if (r < 0)
		return r;
	r = sd_event_add_io(process->event, &process->io, process->fd, EPOLLIN, on_packet, process);
	if (r >= 0)
		r = sd_event_add_child(process->event, &process->child, process->pid, WEXITED, on_child, process);
	if (r < 0) {
		kill(process->pid, SIGKILL);
		forget(process);
	}
	return r;
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct process *process = userdata;
	(void)source;
	(void)usec;
	if (process->pid != 0)
		return 0;
	int r = spawn(process);
	if (r < 0) {
		if (!process->failure_said)
			ha_log(LOG_ERR, "cannot start %s: %s; tried again for ever", process->config.program,
				strerror(-r));
		process->failure_said = true;
		start_at(process, ha_now() + BACKOFF_CAP);
		return 0;
	}
	process->failure_said = false;
	process->started = process->heard = ha_now();
	process->handler.state(process->handler.userdata, true);
	return 0;
}

int
process_open(sd_event *event, const struct process_config *config, const struct process_handler *handler,
	struct process **ret)
{
	struct process *process = calloc(1, sizeof(*process));
	if (process == NULL)
		return -ENOMEM;
	process->event = event;
	process->config = *config;
	process->handler = *handler;
	snprintf(process->path, sizeof(process->path), "%s", config->config);
	snprintf(process->node, sizeof(process->node), "%s", config->node);
	process->fd = -1;
	process->backoff = BACKOFF_FIRST;
	int r = sd_event_add_time(event, &process->timer, CLOCK_BOOTTIME, 0, 1, on_timer, process);
	if (r < 0) {
		free(process);
		return r;
	}
	*ret = process;
	return 0;
}

void
process_close(struct process *process)
{
	if (process == NULL)
		return;
	sd_event_source_unref(process->timer);
	if (process->pid != 0)
		kill(process->pid, SIGKILL);
	forget(process);
	free(process);
}

int
process_send(struct process *process, const void *data, size_t length)
{
	if (process->fd < 0)
		return -ENOTCONN;
	return send(process->fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length ? 0 : -errno;
}

ha_time
process_heard(const struct process *process)
{
	return process->heard;
}

unsigned
process_restarts(const struct process *process)
{
	return process->restarts;
}
