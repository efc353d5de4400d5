#include "daemon/cli_worker.h"

#include "lib/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CLOSE_STEPS 50 /* of 10 ms: how long it may take to end by itself */

static int
on_readable(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct cli_worker *worker = userdata;
	struct fence_report report;
	int r;

	(void)events;
	while ((r = fence_client_receive(fd, &report)) == 0)
		worker->handler(worker->userdata, &report, 0);
	if (r == -EAGAIN)
		return 0;
	(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	worker->handler(worker->userdata, NULL, r);
	return 0;
}

/* The process logs for the daemon's journal; what matters here it says in its reports. So its stderr is not ours. */
int
cli_worker_start(
	const char *program, const char *config_path, const char *node, const char *option, pid_t *ret_pid, int *ret_fd)
{
	char path[PATH_MAX];
	int own = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1),
	    nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int r = own >= 0 && nowhere >= 0 && dup2(nowhere, STDERR_FILENO) >= 0 ? 0 : -errno;

	if (r == 0)
		r = ha_worker_locate(program, path, sizeof(path));
	if (r == 0)
		r = ha_worker_spawn(path, config_path, node, option, ret_pid, ret_fd);
	if (own >= 0) {
		(void)dup2(own, STDERR_FILENO);
		(void)close(own);
	}
	if (nowhere >= 0)
		(void)close(nowhere);
	return r;
}

int
cli_worker_open(struct cli_worker *worker, sd_event *event, const char *config_path, const char *node, bool own,
	cli_worker_handler handler, void *userdata)
{
	int r;

	*worker = (struct cli_worker){ .fd = -1, .handler = handler, .userdata = userdata };
	r = cli_worker_start("ha-fenced-fence", config_path, node, own ? "--own" : NULL, &worker->pid, &worker->fd);
	if (r == 0)
		r = sd_event_add_io(event, &worker->source, worker->fd, EPOLLIN, on_readable, worker);
	return r < 0 ? r : 0;
}

int
cli_worker_send(struct cli_worker *worker, const struct fence_order *order)
{
	return fence_client_send(worker->fd, order);
}

void
cli_worker_end(pid_t *pid, int *fd)
{
	const struct timespec step = { .tv_nsec = 10 * 1000 * 1000 };

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	for (unsigned i = 0; *pid > 0 && i < CLOSE_STEPS; i++) {
		if (waitpid(*pid, NULL, WNOHANG) != 0)
			*pid = 0;
		else
			(void)nanosleep(&step, NULL);
	}
	if (*pid <= 0)
		return;
	(void)kill(*pid, SIGKILL);
	(void)waitpid(*pid, NULL, 0);
	*pid = 0;
}

void
cli_worker_close(struct cli_worker *worker)
{
	sd_event_source_unref(worker->source);
	worker->source = NULL;
	cli_worker_end(&worker->pid, &worker->fd);
}
