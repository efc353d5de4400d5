#include "health/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void
forget(struct health_child *child)
{
	child->source = sd_event_source_unref(child->source);
	(void)close(child->pidfd);
	(void)close(child->pipe);
	child->pid = 0;
}

static int
on_end(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct health_child *child = userdata;
	struct health_child_answer answer;
	health_child_done done = child->done;
	siginfo_t info;
	bool answered;

	(void)source;
	(void)events;
	(void)waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG);
	answered = read(child->pipe, &answer, sizeof(answer)) == (ssize_t)sizeof(answer);
	forget(child);
	if (done) {
		answer.detail[HEALTH_DETAIL - 1] = '\0';
		done(child->userdata, answered ? &answer : NULL);
	}
	return 0;
}

/* After fork, and curl may have threads: nothing but system calls. */
static _Noreturn void
be_child(int fd, pid_t parent, health_child_work work, const void *argument)
{
	struct health_child_answer answer = { .good = false };
	sigset_t none;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	/* It may live long in the kernel: it keeps neither the daemon's socket nor anybody's connection open. */
	if (dup2(fd, STDERR_FILENO + 1) < 0 || close_range(STDERR_FILENO + 2, ~0U, 0) < 0)
		_exit(1);
	work(argument, &answer);
	_exit(write(STDERR_FILENO + 1, &answer, sizeof(answer)) == (ssize_t)sizeof(answer) ? 0 : 1);
}

int
health_child_start(struct health_child *child, sd_event *event, health_child_work work, const void *argument,
	health_child_done done, void *userdata)
{
	pid_t parent = getpid();
	int ends[2], r;

	if (child->pid != 0)
		return -EBUSY;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	*child = (struct health_child){ .event = event, .pipe = ends[0], .done = done, .userdata = userdata };
	child->pid = fork();
	if (child->pid == 0)
		be_child(ends[1], parent, work, argument);
	r = -errno;
	(void)close(ends[1]);
	if (child->pid < 0) {
		(void)close(ends[0]);
		child->pid = 0;
		return r;
	}
	/* Nobody but us reaps it: the number is still its own. */
	child->pidfd = pidfd_open(child->pid, 0);
	r = child->pidfd < 0 ? -errno : sd_event_add_io(event, &child->source, child->pidfd, EPOLLIN, on_end, child);
	if (r >= 0)
		return 0;
	(void)kill(child->pid, SIGKILL);
	if (child->pidfd >= 0)
		forget(child);
	else
		(void)close(ends[0]);
	child->pid = 0;
	return r;
}

bool
health_child_is_busy(const struct health_child *child)
{
	return child->pid != 0;
}

void
health_child_stop(struct health_child *child)
{
	if (child->pid == 0)
		return;
	child->done = NULL;
	(void)pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0);
}

void
health_child_close(struct health_child *child)
{
	health_child_stop(child);
	if (child->pid != 0)
		forget(child);
}
