/* test/lab/service.c -- one service under a service manager, for a node that has no systemd.
 *
 *	service [-r RESTART_MS] [-w WATCHDOG_MS] -d DIR -g CGROUP -- COMMAND...
 *
 * Does what systemd does for a unit of Type=notify, Restart=always, KillMode=control-group: runs the command in a
 *cgroup of its own, restarts it after RESTART_MS when it ends unasked (0: never), kills what it left behind, kills it
 *when it owes its watchdog message for WATCHDOG_MS, and ends it on SIGTERM. In DIR it keeps `pid` (of the command while
 *it runs), `starts` (a line each time), `ended` (exit status or -signal, a line each time) and `log` (the command's
 *output). SIGUSR1: do not restart it any more. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STOP_MS 15000 /* TimeoutStopSec: then SIGKILL */

struct service {
	char **command;
	const char *directory, *cgroup;
	long restart_ms, watchdog_ms;
	int notify, signals;
	pid_t pid; /* 0: not running */
	bool ready, stopping;
	int64_t fed, stop_by, start_at;
};

static int64_t
now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
die(const char *what)
{
	fprintf(stderr, "service: %s: %s\n", what, strerror(errno));
	exit(1);
}

static const char *
path(const char *directory, const char *name)
{
	static char text[4][512];
	static unsigned turn;
	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof(text[turn]), "%s/%s", directory, name);
	return text[turn];
}

static void
put(const char *file, int flags, long number)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "%ld\n", number), fd = open(file, flags | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	(void)!write(fd, text, (size_t)length);
	close(fd);
}

static void
open_notify(struct service *service)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int one = 1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path(service->directory, "notify"));
	unlink(address.sun_path);
	service->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (service->notify < 0 || bind(service->notify, (void *)&address, sizeof(address)) != 0)
		die(address.sun_path);
	setsockopt(service->notify, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one));
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
}

static void
child(const struct service *service)
{
	sigset_t none;
	char text[32];
	int log = open(path(service->directory, "log"), O_WRONLY | O_CREAT | O_APPEND, 0644);

	put(path(service->cgroup, "cgroup.procs"), 0, 0);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	close(log);
	snprintf(text, sizeof(text), "%ld", service->watchdog_ms * 1000);
	if (service->watchdog_ms)
		setenv("WATCHDOG_USEC", text, 1);
	snprintf(text, sizeof(text), "%d", getpid());
	setenv("WATCHDOG_PID", text, 1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(service->command[0], service->command);
	die(service->command[0]);
}

static void
start(struct service *service)
{
	service->ready = false;
	service->start_at = 0;
	service->fed = now_ms();
	service->pid = fork();
	if (service->pid < 0)
		die("fork");
	if (service->pid == 0)
		child(service);
	put(path(service->directory, "pid"), O_CREAT | O_TRUNC, service->pid);
	put(path(service->directory, "starts"), O_CREAT | O_APPEND, service->pid);
}

/* The main process has ended: nothing of its cgroup may outlive it. */
static void
ended(struct service *service, int status)
{
	put(path(service->cgroup, "cgroup.kill"), 0, 1);
	unlink(path(service->directory, "pid"));
	put(path(service->directory, "ended"), O_CREAT | O_APPEND,
		WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
	service->pid = 0;
	if (service->stopping || service->restart_ms == 0)
		exit(0);
	service->start_at = now_ms() + service->restart_ms;
}

static void
reap(struct service *service)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == service->pid)
			ended(service, status);
}

static void
on_signal(struct service *service)
{
	struct signalfd_siginfo info;
	while (read(service->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			service->restart_ms = 0;
		if (info.ssi_signo != SIGTERM)
			continue;
		service->stopping = true;
		service->stop_by = now_ms() + STOP_MS;
		if (service->pid == 0)
			exit(0);
		kill(service->pid, SIGTERM);
	}
	reap(service);
}

static void
on_notify(struct service *service)
{
	char text[1024];
	ssize_t got;
	while ((got = recv(service->notify, text, sizeof(text) - 1, 0)) > 0) {
		text[got] = 0;
		service->fed = now_ms();
		if (strstr(text, "READY=1") && !service->ready) {
			service->ready = true;
			put(path(service->directory, "ready"), O_CREAT | O_APPEND, service->pid);
		}
	}
}

static void
timers(struct service *service)
{
	int64_t now = now_ms();
	if (service->pid == 0 && service->start_at && now >= service->start_at)
		start(service);
	if (service->pid && service->watchdog_ms && service->ready && now - service->fed > service->watchdog_ms)
		kill(service->pid, SIGKILL);
	if (service->pid && service->stopping && now > service->stop_by)
		kill(service->pid, SIGKILL);
}

int
main(int argc, char **argv)
{
	struct service service = { .restart_ms = 100 };
	sigset_t wanted;
	int option;

	while ((option = getopt(argc, argv, "+r:w:d:g:")) != -1) {
		if (option == 'r')
			service.restart_ms = atol(optarg);
		else if (option == 'w')
			service.watchdog_ms = atol(optarg);
		else if (option == 'd')
			service.directory = optarg;
		else if (option == 'g')
			service.cgroup = optarg;
		else
			return 2;
	}
	service.command = argv + optind;
	if (!service.directory || !service.cgroup || optind == argc) {
		fputs("usage: service [-r RESTART_MS] [-w WATCHDOG_MS] -d DIR -g CGROUP -- COMMAND...\n", stderr);
		return 2;
	}
	if ((mkdir(service.directory, 0755) != 0 || mkdir(service.cgroup, 0755) != 0) && errno != EEXIST)
		die("mkdir");
	close_range(3, ~0U, 0); /* whoever started us may hold the IMM's socket */
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGUSR1);
	sigaddset(&wanted, SIGCHLD);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	service.signals = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
	open_notify(&service);
	start(&service);
	for (;;) {
		struct pollfd polled[] = { { service.signals, POLLIN, 0 }, { service.notify, POLLIN, 0 } };
		if (poll(polled, 2, 20) < 0 && errno != EINTR)
			die("poll");
		if (polled[0].revents)
			on_signal(&service);
		if (polled[1].revents)
			on_notify(&service);
		timers(&service);
	}
}
