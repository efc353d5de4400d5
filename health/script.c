#include "health/probe.h"

#include "lib/log.h"
#include "lib/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Scripts run as another user than ours, and to become one takes a privilege that the health process has given up. So
 * at its start it forks a runner that changes its user for good:
 *
 *	health process --request, with the write end of a pipe--> runner --fork--> keeper --fork--> script
 *	               <----------------------- answer, then the end of the pipe --------'
 *
 * The keeper waits for the script, ends its process group at the deadline, and is the only one that waits. While its
 * end of the pipe is open the script is not gone: no second one is started. */

#define ARGUMENTS   32
#define EXIT_NO_RUN 127
#define RUNNER_FD   3

struct request {
	ha_time timeout;
	char command[CONFIG_TEXT_MAX];
};

enum ending { ENDED, SIGNALLED, OVERDUE, NOT_STARTED };

struct ended {
	enum ending ending;
	int status;
	char said[HEALTH_DETAIL / 2];
};

struct identity {
	bool change;
	uid_t uid;
	gid_t gid;
};

struct health_runner {
	int fd;
	pid_t pid;
};

struct script {
	int pipe; /* -1: nothing runs */
	bool running;
	sd_event_source *source;
};

/* --- the keeper and the script --- */

static _Noreturn void
be_script(char *command, int output)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *environment[] = { path, NULL }, *arguments[ARGUMENTS + 1], *rest = NULL;
	unsigned count = 0;
	int null = open("/dev/null", O_RDONLY);

	for (char *word = strtok_r(command, " ", &rest); word && count < ARGUMENTS; word = strtok_r(NULL, " ", &rest))
		arguments[count++] = word;
	arguments[count] = NULL;
	(void)setpgid(0, 0);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
		dup2(output, STDERR_FILENO) < 0 || close_range(STDERR_FILENO + 1, ~0U, 0) < 0 || count == 0)
		_exit(EXIT_NO_RUN);
	(void)execve(arguments[0], arguments, environment);
	_exit(EXIT_NO_RUN);
}

/* The first of what it says is kept, the rest is read away. False: nothing more comes. */
static bool
hear(int fd, struct ended *ended, size_t *length)
{
	char buffer[512];
	ssize_t n = read(fd, buffer, sizeof(buffer));

	for (ssize_t i = 0; i < n && *length < sizeof(ended->said) - 1; i++)
		ended->said[(*length)++] = buffer[i];
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Until the script itself has ended, whatever its children still do, or time is over. */
static void
keep(pid_t pid, int output, ha_time timeout, struct ended *ended)
{
	struct pollfd polls[] = { { .fd = pidfd_open(pid, 0), .events = POLLIN }, { .fd = output, .events = POLLIN } };
	ha_time until = ha_now() + timeout;
	size_t length = 0;
	siginfo_t info = { 0 };

	ended->ending = OVERDUE;
	for (ha_time now = ha_now(); polls[0].fd >= 0 && now < until; now = ha_now()) {
		if (poll(polls, 2, (int)((until - now + HA_MS - 1) / HA_MS)) < 0 && errno != EINTR)
			break;
		if (polls[1].revents != 0 && !hear(output, ended, &length))
			polls[1].fd = -1;
		if (polls[0].revents != 0) {
			ended->ending = ENDED;
			(void)hear(output, ended, &length);
			break;
		}
	}
	/* Its whole group: what it left behind, too. The number is its own while it has not been waited for. */
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
	if (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 || ended->ending == OVERDUE)
		return;
	ended->ending = info.si_code == CLD_EXITED ? ENDED : SIGNALLED;
	ended->status = info.si_status;
}

static _Noreturn void
be_keeper(struct request *request, int answer)
{
	struct ended ended = { .ending = NOT_STARTED };
	int ends[2];
	pid_t pid;

	(void)signal(SIGCHLD, SIG_DFL);
	if (pipe2(ends, O_CLOEXEC) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0) {
		pid = fork();
		if (pid == 0)
			be_script(request->command, ends[1]);
		(void)close(ends[1]);
		if (pid > 0)
			keep(pid, ends[0], request->timeout, &ended);
	}
	_exit(write(answer, &ended, sizeof(ended)) == (ssize_t)sizeof(ended) ? 0 : 1);
}

/* --- the runner --- */

/* The descriptor that came with it, or -1: the health process is gone or sent nonsense. */
static int
receive(struct request *ret)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec data = { .iov_base = ret, .iov_len = sizeof(*ret) };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	const struct cmsghdr *header;
	ssize_t n = recvmsg(RUNNER_FD, &message, MSG_CMSG_CLOEXEC);
	int fd;

	header = n == (ssize_t)sizeof(*ret) ? CMSG_FIRSTHDR(&message) : NULL;
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

static _Noreturn void
be_runner(int fd, const struct identity *user)
{
	struct request request;
	sigset_t none;
	int answer;

	ha_worker_limit_script();
	/* The last of the three: from here on nothing of root is left. */
	if (user->change && (setgroups(1, &user->gid) < 0 || setgid(user->gid) < 0 || setuid(user->uid) < 0))
		_exit(1);
	if (ha_worker_drop_capabilities() < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(1);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGCHLD, SIG_IGN); /* keepers are not waited for */
	if (dup2(fd, RUNNER_FD) < 0 || close_range(RUNNER_FD + 1, ~0U, 0) < 0)
		_exit(1);
	while ((answer = receive(&request)) >= 0) {
		request.command[sizeof(request.command) - 1] = '\0';
		if (fork() == 0)
			be_keeper(&request, answer);
		(void)close(answer);
	}
	_exit(0);
}

/* Who may not change runs them as it is. */
static bool
find_user(const char *name, struct identity *ret)
{
	struct passwd entry, *found = NULL;
	char texts[4096];

	*ret = (struct identity){ .change = ha_worker_may_change_user() };
	if (!ret->change)
		return true;
	if (getpwnam_r(name, &entry, texts, sizeof(texts), &found) != 0 || !found)
		return false;
	ret->uid = entry.pw_uid;
	ret->gid = entry.pw_gid;
	return true;
}

static struct health_runner *
start_runner(const char *name)
{
	struct health_runner *runner;
	struct identity user;
	int fds[2];

	if (!find_user(name, &user)) {
		ha_log(LOG_ERR, "there is no user %s (notify.script_user): no script is run", name);
		return NULL;
	}
	runner = calloc(1, sizeof(*runner));
	if (!runner || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
		free(runner);
		return NULL;
	}
	runner->pid = fork();
	if (runner->pid == 0)
		be_runner(fds[1], &user);
	(void)close(fds[1]);
	runner->fd = fds[0];
	if (runner->pid > 0)
		return runner;
	(void)close(fds[0]);
	free(runner);
	return NULL;
}

void
health_runner_free(struct health_runner *runner)
{
	if (!runner)
		return;
	(void)close(runner->fd);
	(void)waitpid(runner->pid, NULL, WNOHANG);
	free(runner);
}

/* --- the check --- */

static int
send_request(const struct health_runner *runner, const struct config_check *check, int answer)
{
	struct request request = { .timeout = check->timeout };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = {
			      .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec data = { .iov_base = &request, .iov_len = sizeof(request) };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};

	memcpy(request.command, check->target, sizeof(request.command));
	memcpy(CMSG_DATA(&control.header), &answer, sizeof(answer));
	return sendmsg(runner->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void
close_pipe(struct script *script)
{
	script->source = sd_event_source_unref(script->source);
	if (script->pipe >= 0)
		(void)close(script->pipe);
	script->pipe = -1;
}

static void
judge(struct health_probe *probe, struct ended *ended)
{
	ended->said[sizeof(ended->said) - 1] = '\0';
	ended->said[strcspn(ended->said, "\r\n")] = '\0';
	const char *said = ended->said, *colon = *said ? ": " : "";

	switch (ended->ending) {
	case ENDED:
		if (ended->status == EXIT_NO_RUN)
			health_probe_answer(probe, HEALTH_FAILED, "%.60s could not be run, or ended with status %d%s%s",
				probe->check->target, ended->status, colon, said);
		else
			health_probe_answer(probe, ended->status == 0 ? HEALTH_OK : HEALTH_FAILED, "status %d%s%s",
				ended->status, colon, said);
		return;
	case SIGNALLED:
		health_probe_answer(probe, HEALTH_FAILED, "ended by signal %d%s%s", ended->status, colon, said);
		return;
	case OVERDUE:
		health_probe_answer(probe, HEALTH_TIMEOUT, "ended at its deadline%s%s", colon, said);
		return;
	case NOT_STARTED:
		break;
	}
	health_probe_answer(probe, HEALTH_UNKNOWN, "it could not be started");
}

static int
on_answer(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct health_probe *probe = userdata;
	struct script *script = probe->state;
	struct ended ended;
	bool wanted = script->running, answered;

	(void)source;
	(void)events;
	answered = read(fd, &ended, sizeof(ended)) == (ssize_t)sizeof(ended);
	close_pipe(script);
	script->running = false;
	if (wanted && answered)
		judge(probe, &ended);
	else if (wanted)
		health_probe_answer(probe, HEALTH_UNKNOWN, "it was not watched to its end");
	return 0;
}

static void
script_open(struct health_probe *probe)
{
	struct script *script = calloc(1, sizeof(*script));

	if (script)
		script->pipe = -1;
	probe->state = script;
	if (!probe->shared->runner)
		probe->shared->runner = start_runner(probe->shared->user);
}

static int
begin(struct health_probe *probe, struct script *script)
{
	int ends[2], r;

	if (script->pipe >= 0)
		return -EBUSY;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	script->pipe = ends[0];
	r = send_request(probe->shared->runner, probe->check, ends[1]);
	(void)close(ends[1]);
	if (r >= 0)
		r = sd_event_add_io(probe->shared->event, &script->source, script->pipe, EPOLLIN, on_answer, probe);
	if (r < 0)
		close_pipe(script);
	return r;
}

static void
script_start(struct health_probe *probe)
{
	struct script *script = probe->state;
	int r = script && probe->shared->runner ? begin(probe, script) : -ENOEXEC;

	if (r >= 0)
		script->running = true;
	else if (r == -EBUSY)
		health_probe_answer(probe, HEALTH_TIMEOUT, "an earlier run still hangs");
	else
		health_probe_answer(probe, HEALTH_UNKNOWN, "scripts cannot be run: %s", strerror(-r));
}

/* The keeper ends it, at this very deadline; until then the pipe stays open. */
static void
script_stop(struct health_probe *probe)
{
	struct script *script = probe->state;

	script->running = false;
}

static bool
script_is_busy(const struct health_probe *probe)
{
	const struct script *script = probe->state;

	return script && script->pipe >= 0;
}

static void
script_close(struct health_probe *probe)
{
	struct script *script = probe->state;

	if (script)
		close_pipe(script);
	free(script);
}

const struct health_kind health_script = { .open = script_open,
	.start = script_start,
	.stop = script_stop,
	.is_busy = script_is_busy,
	.close = script_close };
