#include "fence/agent.h"

#include "fence/agent_answer.h"
#include "lib/log.h"
#include "lib/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_KEPT 2048
#define INPUT_BYTES 8192 /* far below what a pipe holds: it is written before the program reads */
#define FIRST_LOOK  (500 * HA_MS)
#define EXIT_NO_RUN 127

enum stream { STREAM_OUT, STREAM_ERROR, STREAMS };

struct fence_agent {
	sd_event *event;
	struct config_device device;
	uint8_t number;
	fence_agent_report_handler *handler;
	void *userdata;
	sd_event_source *monitor, *deadline;

	pid_t pid; /* 0: nothing runs */
	int pidfd;
	sd_event_source *end;
	int fds[STREAMS];
	sd_event_source *sources[STREAMS];
	char output[STREAMS][OUTPUT_KEPT + 1];
	struct fence_order order; /* what runs; token 0: our own question */
	bool answered;            /* it was killed: nobody waits for its end but the next one */
	ha_time asked;

	bool waiting; /* `next` waits for the end of what runs */
	struct fence_order next;
	enum fence_error error; /* newest; FENCE_ERRORS: none yet */
};

static void run(struct fence_agent *agent, const struct fence_order *order);

/* --- reports --- */

static void
note_error(struct fence_agent *agent, enum fence_error error)
{
	char line[FENCE_AGENT_COMPLAINT];

	if (error == agent->error || error == FENCE_NOT_SENT)
		return;
	const char *said = fence_agent_complaint(agent->output[STREAM_ERROR], agent->device.secrets, line);

	if (error != FENCE_OK)
		ha_log(LOG_WARNING, "device %s (%s) %s%s%s", agent->device.name, agent->device.agent,
			fence_error_text(error), *said ? "; " : "", said);
	else if (agent->error != FENCE_ERRORS)
		ha_log(LOG_NOTICE, "device %s (%s) answers", agent->device.name, agent->device.agent);
	agent->error = error;
}

static void
send_report(struct fence_agent *agent, enum fence_report_type type, const struct fence_order *order,
	struct fence_report *report)
{
	report->type = type;
	report->device = agent->number;
	report->token = order->token;
	report->session = 1; /* as long as this process */
	agent->handler(agent->userdata, report);
}

static void
answer(struct fence_agent *agent, const struct fence_order *order, struct fence_report *report)
{
	note_error(agent, report->error);
	send_report(agent, order->token == 0 ? FENCE_REPORT_DEVICE : FENCE_REPORT_ANSWER, order, report);
}

static void
answer_error(struct fence_agent *agent, const struct fence_order *order, enum fence_error error)
{
	struct fence_report report = { .error = error };

	answer(agent, order, &report);
}

/* --- one run --- */

static void
forget_run(struct fence_agent *agent)
{
	for (unsigned i = 0; i < STREAMS; i++) {
		agent->sources[i] = sd_event_source_disable_unref(agent->sources[i]);
		if (agent->fds[i] >= 0)
			(void)close(agent->fds[i]);
		agent->fds[i] = -1;
	}
	agent->end = sd_event_source_disable_unref(agent->end);
	if (agent->pidfd >= 0)
		(void)close(agent->pidfd);
	agent->pidfd = -1;
	agent->pid = 0;
	(void)sd_event_source_set_enabled(agent->deadline, SD_EVENT_OFF);
}

/* The first of what it says is kept, the rest is read away. False: nothing more comes. */
static bool
hear(struct fence_agent *agent, unsigned stream)
{
	size_t length = strlen(agent->output[stream]);
	char buffer[512];
	ssize_t n = read(agent->fds[stream], buffer, sizeof(buffer));

	for (ssize_t i = 0; i < n && length < OUTPUT_KEPT; i++)
		if (buffer[i] != '\0')
			agent->output[stream][length++] = buffer[i];
	agent->output[stream][length] = '\0';
	return n > 0;
}

static int
on_output(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct fence_agent *agent = userdata;
	unsigned stream = fd == agent->fds[STREAM_OUT] ? STREAM_OUT : STREAM_ERROR;

	(void)events;
	if (!hear(agent, stream) && errno != EAGAIN)
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

static void
kill_run(struct fence_agent *agent)
{
	/* Not waited for yet: the number of the group is its own. */
	if (agent->pid != 0)
		(void)kill(-agent->pid, SIGKILL);
}

/* What runs is ended, and how far it got is not known. Its place is free when the kernel lets go of it. */
static void
abandon(struct fence_agent *agent, enum fence_error error)
{
	kill_run(agent);
	if (agent->answered)
		return;
	agent->answered = true;
	answer_error(agent, &agent->order, error);
}

static int
on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	abandon(userdata, FENCE_TIMEOUT);
	return 0;
}

static int
on_end(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct fence_agent *agent = userdata;
	struct fence_report report = { .asked = agent->asked, .answered = ha_now() };
	struct fence_order order = agent->order;
	siginfo_t info = { 0 };
	bool answered = agent->answered;

	(void)source;
	(void)events;
	for (unsigned i = 0; i < STREAMS; i++)
		while (hear(agent, i))
			;
	kill_run(agent); /* what it left behind, too */
	if (waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG) < 0)
		info.si_code = CLD_KILLED;
	forget_run(agent);
	fence_agent_answer(order.type, info.si_code == CLD_EXITED, info.si_status, agent->output[STREAM_OUT], &report);
	if (!answered)
		answer(agent, &order, &report);
	if (agent->waiting && agent->pid == 0) {
		agent->waiting = false;
		order = agent->next;
		run(agent, &order);
	}
	return 0;
}

static int
look_for(const struct config_device *device, char ret_path[PATH_MAX])
{
	static const char *const places[] = { "/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/bin" };

	if (device->agent[0] == '/') {
		(void)snprintf(ret_path, PATH_MAX, "%s", device->agent);
		return access(ret_path, X_OK) == 0 ? 0 : -errno;
	}
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		(void)snprintf(ret_path, PATH_MAX, "%s/%s", places[i], device->agent);
		if (access(ret_path, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

int
fence_agent_find(const struct config_device *device, char ret_path[PATH_MAX], char ret_culprit[PATH_MAX])
{
	int r = look_for(device, ret_path);

	return r < 0 ? r : program_check(ret_path, ret_culprit);
}

/* It is given the password, and its word is taken for "off": what others could have put there is not run. */
static int
find_program(struct fence_agent *agent, char ret_path[PATH_MAX])
{
	char culprit[PATH_MAX];
	int r = fence_agent_find(&agent->device, ret_path, culprit);

	if (r == -EPERM && agent->error != FENCE_CONFIG)
		ha_log(LOG_ERR, "device %s: %s is not run: others can write %s; chmod go-w %s", agent->device.name,
			ret_path, culprit, culprit);
	return r;
}

static size_t
write_input(const struct config_device *device, const char *action, char input[INPUT_BYTES])
{
	int length = snprintf(input, INPUT_BYTES, "action=%s\n", action);

	for (unsigned i = 0; i < device->option_count; i++)
		length += snprintf(input + length, INPUT_BYTES - (size_t)length, "%s\n", device->options[i]);
	length += snprintf(input + length, INPUT_BYTES - (size_t)length, "%s", device->secrets);
	return (size_t)length;
}

_Static_assert(CONFIG_DEVICE_OPTIONS *CONFIG_OPTION_MAX + CONFIG_SECRETS_MAX + 32 < INPUT_BYTES, "input fits");

static _Noreturn void
be_agent(const char *path, const int ends[3], pid_t parent)
{
	static char search[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		    language[] = "LC_ALL=C", home[] = "HOME=/";
	char *environment[] = { search, language, home, NULL };
	const char *slash = strrchr(path, '/');
	char *arguments[] = { (char *)(slash ? slash + 1 : path), NULL };
	sigset_t none;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || setpgid(0, 0) < 0)
		_exit(EXIT_NO_RUN);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	/* As the service starts it, also when a person does: what it may write, a password perhaps, is its own. */
	(void)umask(077);
	if (chdir("/") < 0)
		_exit(EXIT_NO_RUN);
	for (int i = 0; i < 3; i++)
		if (dup2(ends[i], i) < 0)
			_exit(EXIT_NO_RUN);
	if (close_range(STDERR_FILENO + 1, ~0U, 0) < 0)
		_exit(EXIT_NO_RUN);
	(void)execve(path, arguments, environment);
	_exit(EXIT_NO_RUN);
}

/* Three pipes: ours[0] is written to its stdin, ours[1] and ours[2] are read. */
static int
open_pipes(int ours[3], int theirs[3])
{
	for (unsigned i = 0; i < 3; i++)
		ours[i] = theirs[i] = -1;
	for (unsigned i = 0; i < 3; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0)
			return -errno;
		ours[i] = ends[i == 0];
		theirs[i] = ends[i != 0];
		if (i > 0 && fcntl(ours[i], F_SETFL, O_NONBLOCK) < 0)
			return -errno;
	}
	return 0;
}

static void
close_all(int fds[3])
{
	for (unsigned i = 0; i < 3; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}

static int
feed(struct fence_agent *agent, int fd, enum fence_order_type type)
{
	char input[INPUT_BYTES];
	size_t length = write_input(&agent->device, fence_agent_action(type), input);
	ssize_t n = write(fd, input, length);

	explicit_bzero(input, sizeof(input));
	return n == (ssize_t)length ? 0 : -EIO;
}

static int
watch(struct fence_agent *agent)
{
	int r = 0;

	agent->pidfd = pidfd_open(agent->pid, 0);
	if (agent->pidfd < 0)
		return -errno;
	for (unsigned i = 0; r >= 0 && i < STREAMS; i++)
		r = sd_event_add_io(agent->event, &agent->sources[i], agent->fds[i], EPOLLIN, on_output, agent);
	if (r >= 0)
		r = sd_event_add_io(agent->event, &agent->end, agent->pidfd, EPOLLIN, on_end, agent);
	if (r >= 0)
		r = sd_event_source_set_time(agent->deadline, ha_time_add(ha_now(), agent->device.timeout));
	if (r >= 0)
		r = sd_event_source_set_enabled(agent->deadline, SD_EVENT_ONESHOT);
	return r;
}

static int
start(struct fence_agent *agent, const struct fence_order *order)
{
	pid_t parent = getpid();
	char path[PATH_MAX];
	int ours[3], theirs[3];
	int r = find_program(agent, path);

	if (r < 0)
		return r;
	r = open_pipes(ours, theirs);
	if (r == 0)
		r = feed(agent, ours[0], order->type);
	if (r < 0)
		goto out;
	agent->asked = ha_now();
	agent->order = *order;
	agent->answered = false;
	memset(agent->output, 0, sizeof(agent->output));
	agent->pid = fork();
	if (agent->pid == 0)
		be_agent(path, theirs, parent);
	if (agent->pid < 0) {
		r = -errno;
		agent->pid = 0;
		goto out;
	}
	(void)setpgid(agent->pid, agent->pid); /* before anybody kills the group */
	agent->fds[STREAM_OUT] = ours[1];
	agent->fds[STREAM_ERROR] = ours[2];
	ours[1] = ours[2] = -1;
	r = watch(agent);
	if (r < 0) {
		kill_run(agent);
		(void)waitpid(agent->pid, NULL, 0);
		forget_run(agent);
	}
out:
	close_all(ours);
	close_all(theirs);
	return r;
}

/* S9: late is not begun. */
static void
run(struct fence_agent *agent, const struct fence_order *order)
{
	struct fence_report sent = { .asked = ha_now() };
	int r;

	if (ha_now() > order->not_after) {
		answer_error(agent, order, FENCE_NOT_SENT);
		return;
	}
	r = start(agent, order);
	if (r < 0) {
		if (r != -EPERM)
			ha_log(LOG_WARNING, "device %s: %s cannot be started: %s", agent->device.name,
				agent->device.agent, strerror(-r));
		answer_error(agent, order,
			order->type == FENCE_ORDER_READ
				? (r == -ENOENT || r == -EACCES || r == -EPERM ? FENCE_CONFIG : FENCE_WORKER)
				: FENCE_NOT_SENT);
	} else if (order->token != 0) {
		send_report(agent, FENCE_REPORT_SENT, order, &sent);
	}
}

/* --- orders --- */

static void
cancel(struct fence_agent *agent, uint32_t token)
{
	if (agent->waiting && (token == 0 || agent->next.token == token)) {
		agent->waiting = false;
		answer_error(agent, &agent->next, FENCE_NOT_SENT);
	}
	if (agent->pid != 0 && agent->order.token != 0 && (token == 0 || agent->order.token == token))
		abandon(agent, FENCE_TIMEOUT);
}

void
fence_agent_execute(struct fence_agent *agent, const struct fence_order *order)
{
	if (order->type == FENCE_ORDER_CANCEL) {
		cancel(agent, order->token);
	} else if (agent->pid == 0) {
		run(agent, order);
	} else if (agent->waiting) {
		answer_error(agent, order, FENCE_NOT_SENT);
	} else {
		if (agent->order.token == 0 && !agent->answered) {
			agent->answered = true; /* our own question has time */
			kill_run(agent);
		}
		agent->waiting = true;
		agent->next = *order;
	}
}

static int
on_monitor(sd_event_source *source, uint64_t usec, void *userdata)
{
	const struct fence_order look = { .type = FENCE_ORDER_READ, .not_after = HA_NEVER };
	struct fence_agent *agent = userdata;
	int r;

	(void)usec;
	if (agent->pid == 0)
		run(agent, &look);
	r = sd_event_source_set_time(source, ha_time_add(ha_now(), agent->device.monitor_interval));
	return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int
fence_agent_open(sd_event *event, const struct config_device *device, unsigned number,
	fence_agent_report_handler *handler, void *userdata, struct fence_agent **ret)
{
	struct fence_agent *agent = calloc(1, sizeof(*agent));
	int r;

	if (!agent)
		return -ENOMEM;
	*agent = (struct fence_agent){ .event = event,
		.device = *device,
		.number = (uint8_t)number,
		.handler = handler,
		.userdata = userdata,
		.pidfd = -1,
		.fds = { -1, -1 },
		.error = FENCE_ERRORS };
	r = sd_event_add_time(event, &agent->deadline, CLOCK_BOOTTIME, 0, 1, on_deadline, agent);
	if (r >= 0)
		r = sd_event_source_set_enabled(agent->deadline, SD_EVENT_OFF);
	if (r >= 0 && device->monitor_interval != 0)
		r = sd_event_add_time(event, &agent->monitor, CLOCK_BOOTTIME,
			ha_time_add(ha_now(), FIRST_LOOK * (number - 1)), 1, on_monitor, agent);
	if (r < 0) {
		fence_agent_close(agent);
		return r;
	}
	*ret = agent;
	return 0;
}

void
fence_agent_close(struct fence_agent *agent)
{
	if (!agent)
		return;
	kill_run(agent);
	if (agent->pidfd >= 0)
		(void)waitid(P_PIDFD, (id_t)agent->pidfd, &(siginfo_t){ 0 }, WEXITED | WNOHANG);
	forget_run(agent);
	agent->monitor = sd_event_source_disable_unref(agent->monitor);
	agent->deadline = sd_event_source_disable_unref(agent->deadline);
	explicit_bzero(&agent->device, sizeof(agent->device));
	free(agent);
}
