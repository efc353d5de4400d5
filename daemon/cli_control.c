#include "daemon/cli_control.h"

#include "daemon/cli_text.h"
#include "daemon/control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define READ_TIMEOUT  (2 * HA_SEC)
#define FACTS_TIMEOUT (500 * HA_MS)

static int
wait_for(int fd, short events, ha_time until)
{
	struct pollfd entry = { .fd = fd, .events = events };
	ha_time now = ha_now();
	int n = poll(&entry, 1, now < until ? (int)((until - now + HA_MS - 1) / HA_MS) : 0);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

static int
connect_to(const char *runtime_dir, int *ret_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int n = snprintf(address.sun_path, sizeof(address.sun_path), "%s/" CONTROL_SOCKET, runtime_dir);

	if (n < 0 || (size_t)n >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	/* A Unix socket connects at once, or says EAGAIN when too many wait there. */
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int error = errno == EAGAIN ? ETIMEDOUT : errno;

		(void)close(fd);
		return -error;
	}
	*ret_fd = fd;
	return 0;
}

static int
send_line(int fd, const json_t *request, ha_time until)
{
	char *line = json_dumps(request, JSON_COMPACT);
	int r = line ? 0 : -ENOMEM;

	if (!line)
		return r;
	size_t length = strlen(line), at = 0;

	line[length++] = '\n'; /* in place of the terminator: only `length` counts below */
	while (r == 0 && at < length) {
		ssize_t n = send(fd, line + at, length - at, MSG_NOSIGNAL);

		if (n > 0)
			at += (size_t)n;
		else if (errno == EAGAIN)
			r = wait_for(fd, POLLOUT, until);
		else if (errno != EINTR)
			r = -errno;
	}
	free(line);
	return r == -EPIPE ? -ECONNRESET : r;
}

static int
receive_line(int fd, ha_time until, json_t **ret)
{
	char *buffer = malloc(CONTROL_ANSWER_BYTES);
	size_t used = 0;
	int r = buffer ? -EAGAIN : -ENOMEM;

	while (r == -EAGAIN) {
		ssize_t n = recv(fd, buffer + used, CONTROL_ANSWER_BYTES - used, 0);

		if (n > 0) {
			used += (size_t)n;
			const char *end = memchr(buffer + used - n, '\n', (size_t)n);

			if (end) {
				*ret = json_loadb(buffer, (size_t)(end - buffer), 0, NULL);
				r = *ret ? 0 : -EBADMSG;
			} else if (used == CONTROL_ANSWER_BYTES) {
				r = -EBADMSG;
			}
		} else if (n == 0) {
			r = -ECONNRESET;
		} else if (errno == EAGAIN) {
			int waited = wait_for(fd, POLLIN, until);

			r = waited < 0 ? waited : -EAGAIN;
		} else if (errno != EINTR) {
			r = -errno;
		}
	}
	free(buffer);
	return r;
}

int
cli_control_ask(const char *runtime_dir, const json_t *request, ha_time timeout, json_t **ret)
{
	ha_time until = ha_time_add(ha_now(), timeout);
	json_t *answer = NULL;
	int fd = -1, r;

	r = connect_to(runtime_dir, &fd);
	if (r < 0)
		return r;
	r = send_line(fd, request, until);
	if (r == 0)
		r = receive_line(fd, until, &answer);
	(void)close(fd);
	if (r == 0 && !json_is_object(answer)) {
		json_decref(answer);
		return -EBADMSG;
	}
	if (r == 0)
		*ret = answer;
	return r;
}

bool
cli_control_no_daemon(int error)
{
	return error == -ENOENT || error == -ECONNREFUSED || error == -ENOTDIR;
}

void
cli_control_problem(int error, const char *runtime_dir, struct cli_problem *ret)
{
	if (cli_control_no_daemon(error)) {
		(void)snprintf(ret->text, sizeof(ret->text),
			"ha-fenced does not run here (nothing listens at %.150s/" CONTROL_SOCKET ")", runtime_dir);
		(void)snprintf(ret->remedy, sizeof(ret->remedy),
			"systemctl start ha-fenced     if it ends again: journalctl -u ha-fenced -n 50");
	} else if (error == -EACCES || error == -EPERM) {
		(void)snprintf(ret->text, sizeof(ret->text),
			"no permission to talk to ha-fenced at %.150s/" CONTROL_SOCKET, runtime_dir);
		(void)snprintf(ret->remedy, sizeof(ret->remedy),
			"run it as root (sudo ha-fence ...); the socket's group may read");
	} else if (error == -ETIMEDOUT) {
		(void)snprintf(ret->text, sizeof(ret->text), "ha-fenced has not answered in time");
		(void)snprintf(ret->remedy, sizeof(ret->remedy), "ha-fence status; journalctl -u ha-fenced -n 50");
	} else {
		(void)snprintf(ret->text, sizeof(ret->text), "talking to ha-fenced failed: %s", strerror(-error));
		(void)snprintf(ret->remedy, sizeof(ret->remedy), "try again; then journalctl -u ha-fenced -n 50");
	}
}

int
cli_control_report(int error, const struct cli_options *options)
{
	struct cli_problem problem;

	cli_control_problem(error, options->runtime_dir, &problem);
	if (options->json) {
		json_t *answer = json_pack("{s:b, s:i, s:s, s:s}", "ok", 0, "exit", CLI_EXIT_FAILED, "text",
			problem.text, "remedy", problem.remedy);

		cli_print_json(answer);
		json_decref(answer);
	} else {
		cli_error(problem.text, problem.remedy);
	}
	return CLI_EXIT_FAILED;
}

static int
exit_of(const json_t *answer)
{
	double status = cli_json_number(answer, "exit", cli_json_bool(answer, "ok") ? CLI_EXIT_GOOD : CLI_EXIT_FAILED);

	return status >= CLI_EXIT_GOOD && status <= CLI_EXIT_USAGE ? (int)status : CLI_EXIT_FAILED;
}

int
cli_control_refused(const json_t *answer, const struct cli_options *options)
{
	if (options->json)
		cli_print_json(answer);
	else
		cli_error(cli_json_string(answer, "text", "refused"), cli_json_string(answer, "remedy", ""));
	return exit_of(answer);
}

int
cli_control_command(const struct cli_options *options, json_t *request, ha_time timeout)
{
	json_t *answer = NULL;
	int r = cli_control_ask(options->runtime_dir, request, timeout, &answer);

	json_decref(request);
	if (r < 0)
		return cli_control_report(r, options);
	int status = exit_of(answer);

	if (status != CLI_EXIT_GOOD)
		(void)cli_control_refused(answer, options);
	else if (options->json)
		cli_print_json(answer);
	else
		(void)printf("%s\n", cli_json_string(answer, "text", "done"));
	json_decref(answer);
	return status;
}

int
cli_control_read(const struct cli_options *options, json_t *request, json_t **ret)
{
	json_t *answer = NULL;
	int r = cli_control_ask(options->runtime_dir, request, READ_TIMEOUT, &answer);

	json_decref(request);
	if (r < 0)
		return cli_control_report(r, options);
	int status = exit_of(answer);

	if (status == CLI_EXIT_GOOD)
		*ret = json_incref(json_object_get(answer, "result"));
	else
		(void)cli_control_refused(answer, options);
	json_decref(answer);
	return status;
}

int
cli_control_facts_within(const char *runtime_dir, ha_time timeout, json_t **ret)
{
	json_t *request = json_pack("{s:s}", "request", "test"), *answer = NULL;
	int r = cli_control_ask(runtime_dir, request, timeout, &answer);

	if (r == 0 && (exit_of(answer) != CLI_EXIT_GOOD || !json_is_object(json_object_get(answer, "result"))))
		r = -EBADMSG;
	if (r == 0)
		*ret = json_incref(json_object_get(answer, "result"));
	json_decref(answer);
	json_decref(request);
	return r;
}

json_t *
cli_control_facts(const char *runtime_dir)
{
	json_t *facts = NULL;

	(void)cli_control_facts_within(runtime_dir, FACTS_TIMEOUT, &facts);
	return facts;
}
