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
#define SILENCE       HA_SEC        /* not heard for so long: it is asked whether it lives */
#define HANGS         (2 * HA_SEC)  /* asked, and nothing heard for so long */
#define BEGINNING     (10 * HA_SEC) /* the same of one that has said nothing yet: it may be reading from a slow disk */
#define AWAY          (HA_SEC / 2)  /* our own loop was so late: its silence is not the process's */
#define TOGETHER      (HA_SEC / 5)  /* so much later is as well: some other timer's awakening will do */
#define FAREWELL      (2 * HA_SEC)  /* how long one that was asked to end may take */

struct process {
	sd_event *event;
	struct process_config config;
	char path[PATH_MAX], node[CONFIG_NAME_MAX]; /* of the configuration, which may be replaced */
	struct process_handler handler;
	pid_t pid; /* 0: not running */
	int fd;
	sd_event_source *io, *child, *timer;
	ha_time started, heard, backoff;
	ha_time asked;  /* whether it lives; 0: not, or it has said something since */
	ha_time armed;  /* the timer */
	pid_t unreaped; /* was started, could not be watched and was killed; 0: none */
	unsigned restarts;
	bool failure_said;
	bool planned; /* its last end was */
};

/* One that was asked to end. Its two sources are the loop's, and it goes with the second: whenever it ends it is
 * reaped, also when its struct process is gone. */
struct leaving {
	sd_event_source *child; /* NULL: has ended */
	unsigned sources;
};

static void
arm(struct process *process, ha_time at, ha_time accuracy)
{
	process->armed = at;
	(void)sd_event_source_set_time_accuracy(process->timer, accuracy);
	(void)sd_event_source_set_time(process->timer, at);
	(void)sd_event_source_set_enabled(process->timer, SD_EVENT_ONESHOT);
}

/* Its child source outlives it: whenever the child ends it is reaped, and that is nobody's business any more. Until
 * then it is the loop's, and goes with it. */
static void
forget(struct process *process)
{
	if (process->child != NULL) {
		(void)sd_event_source_set_userdata(process->child, NULL);
		(void)sd_event_source_set_floating(process->child, true);
	}
	process->child = sd_event_source_unref(process->child);
	process->asked = 0;
	process->io = sd_event_source_unref(process->io);
	if (process->fd >= 0)
		close(process->fd);
	process->fd = -1;
	process->pid = 0;
}

/* It is gone, or as good as gone. */
static void
ended(struct process *process, ha_time pause, bool planned)
{
	if (process->pid == 0)
		return;
	forget(process);
	process->restarts++;
	process->planned = planned;
	arm(process, ha_now() + pause, 1);
	process->handler.state(process->handler.userdata, false, planned);
}

static void
ended_badly(struct process *process)
{
	if (ha_time_since(ha_now(), process->started) >= STABLE)
		process->backoff = BACKOFF_FIRST;
	ha_time pause = process->backoff;
	process->backoff = ha_time_min(2 * process->backoff, BACKOFF_CAP);
	ended(process, pause, false);
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
	sd_event_source_unref(source); /* the loop's own */
	return 0;
}

static void
leaving_unref(void *userdata)
{
	struct leaving *leaving = userdata;
	if (--leaving->sources == 0)
		free(leaving);
}

static void
give_to_loop(sd_event_source *source, struct leaving *leaving)
{
	leaving->sources++;
	(void)sd_event_source_set_destroy_callback(source, leaving_unref);
	(void)sd_event_source_set_floating(source, true);
	sd_event_source_unref(source);
}

static int
on_left(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct leaving *leaving = userdata;
	(void)info;
	leaving->child = NULL;
	sd_event_source_unref(source); /* the loop's own */
	return 0;
}

static int
on_farewell(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct leaving *leaving = userdata;
	(void)usec;
	if (leaving->child != NULL)
		(void)sd_event_source_send_child_signal(leaving->child, SIGKILL, NULL, 0);
	sd_event_source_unref(source); /* the loop's own */
	return 0;
}

/* It may say good-bye to whom it talks to (an IMM has few sessions), but one that hangs does not stay. */
static int
ask_to_leave(struct process *process)
{
	struct leaving *leaving = calloc(1, sizeof(*leaving));
	sd_event_source *timer = NULL;
	if (leaving == NULL)
		return -ENOMEM;
	int r = sd_event_add_time_relative(process->event, &timer, CLOCK_BOOTTIME, FAREWELL, 1, on_farewell, leaving);
	/* A child has one source: the next takes the place of the old one. */
	process->child = sd_event_source_unref(process->child);
	if (r >= 0)
		r = sd_event_add_child(process->event, &leaving->child, process->pid, WEXITED, on_left, leaving);
	if (r < 0) {
		sd_event_source_unref(timer);
		free(leaving);
		return r;
	}
	give_to_loop(timer, leaving);
	give_to_loop(leaving->child, leaving);
	kill(process->pid, SIGTERM);
	return 0;
}

/* One that cannot be watched: killed, and reaped before another is started. */
static void
abandon(struct process *process)
{
	kill(process->pid, SIGKILL);
	process->unreaped = process->pid;
}

void
process_restart(struct process *process)
{
	if (process->pid == 0)
		return;
	if (ask_to_leave(process) < 0)
		abandon(process);
	ended(process, 0, true);
}

void
process_drain(struct process *process)
{
	int fd = process->fd;
	/* The handler may replace the process. */
	for (unsigned i = 0; i < BURST && fd >= 0 && process->fd == fd; i++) {
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
		if (process->asked != 0)
			arm(process, process->heard + SILENCE, TOGETHER);
		process->asked = 0;
		if (!process->handler.packet(process->handler.userdata, data, (size_t)n))
			process_replace(process, "says what nobody can read");
	}
}

static int
on_packet(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	(void)source;
	(void)fd;
	(void)revents;
	process_drain(userdata);
	return 0;
}

static int
spawn(struct process *process)
{
	char program[PATH_MAX];
	int r = ha_worker_locate(process->config.program, program, sizeof(program));
	if (r == 0 && process->unreaped != 0 && waitpid(process->unreaped, NULL, WNOHANG) == 0)
		r = -EBUSY;
	if (r < 0)
		return r;
	process->unreaped = 0;
	if (r == 0)
		r = ha_worker_spawn(
			program, process->path, process->node, process->config.option, &process->pid, &process->fd);
	if (r < 0)
		return r;
	r = sd_event_add_io(process->event, &process->io, process->fd, EPOLLIN, on_packet, process);
	if (r >= 0)
		r = sd_event_add_child(process->event, &process->child, process->pid, WEXITED, on_child, process);
	if (r < 0) {
		abandon(process);
		forget(process);
	}
	return r;
}

static void
begin(struct process *process)
{
	int r = spawn(process);
	if (r < 0) {
		if (!process->failure_said)
			ha_log(LOG_ERR, "cannot start %s: %s; tried again for ever", process->config.program,
				strerror(-r));
		process->failure_said = true;
		arm(process, ha_now() + BACKOFF_CAP, 1);
		return;
	}
	process->failure_said = false;
	process->started = process->heard = ha_now();
	arm(process, process->heard + SILENCE, TOGETHER);
	process->handler.state(process->handler.userdata, true, process->planned);
}

static ha_time
hangs_at(const struct process *process)
{
	return process->asked + (process->heard == process->started ? BEGINNING : HANGS);
}

/* While our own loop was away it may have been, too (a frozen host, a machine that slept): then it is asked anew. */
static void
watch(struct process *process, ha_time now, bool away)
{
	if (process->asked != 0 && !away && now >= hangs_at(process)) {
		process_replace(process, "does not answer");
		return;
	}
	if (away || (process->asked == 0 && now >= process->heard + SILENCE)) {
		/* If it takes nothing any more, it does not answer either. */
		(void)process_send(process, process->config.alive, process->config.alive_length);
		process->asked = now;
	}
	arm(process, process->asked != 0 ? hangs_at(process) : process->heard + SILENCE, TOGETHER);
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct process *process = userdata;
	ha_time now = ha_now();
	bool away = now > ha_time_add(process->armed, AWAY);
	(void)source;
	(void)usec;
	process_drain(process);
	/* Draining may have found its end, which has armed the timer. */
	if (process->pid != 0)
		watch(process, now, away);
	else if (now >= process->armed)
		begin(process);
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
	bool leaves = process->config.farewell && process->pid != 0;
	if (leaves && (sd_event_get_state(process->event) == SD_EVENT_FINISHED || ask_to_leave(process) < 0))
		process->child = sd_event_source_unref(process->child); /* closing its socket ends it */
	else if (!leaves && process->pid != 0)
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

int
process_fd(const struct process *process)
{
	return process->fd;
}

bool
process_running(const struct process *process)
{
	return process->pid != 0;
}

unsigned
process_restarts(const struct process *process)
{
	return process->restarts;
}
