#include "daemon/control.h"

#include "lib/log.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONTROL_WATCH   HA_SEC
#define CONTROL_READERS "ha-fence" /* etc/ha-fenced.sysusers */

struct control_client {
	struct control *control;
	int fd; /* -1: free */
	sd_event_source *source;
	bool may_command;
	bool waiting; /* a request is being worked on: the next one is not read yet */
	uint32_t token;
	ha_time active;
	char input[REQUEST_BYTES];
	size_t input_length;
	char *output; /* NULL: nothing to send */
	size_t output_length, output_sent;
};

struct control {
	sd_event *event;
	control_handler handler;
	void *userdata;
	int fd;
	sd_event_source *source, *timer;
	uint32_t last_token;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	struct control_client clients[CONTROL_CLIENTS];
};

static void
client_drop(struct control_client *client)
{
	client->source = sd_event_source_unref(client->source);
	if (client->fd >= 0)
		close(client->fd);
	free(client->output);
	struct control *control = client->control;
	*client = (struct control_client){ .control = control, .fd = -1 };
}

static void
client_watch(struct control_client *client)
{
	uint32_t events = client->output != NULL ? EPOLLOUT : client->waiting ? 0 : EPOLLIN;
	(void)sd_event_source_set_io_events(client->source, events);
}

static void
client_write(struct control_client *client)
{
	while (client->output_sent < client->output_length) {
		ssize_t n = send(client->fd, client->output + client->output_sent,
			client->output_length - client->output_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN) {
			client_watch(client);
			return;
		}
		if (n < 0) {
			client_drop(client);
			return;
		}
		client->output_sent += (size_t)n;
		client->active = ha_now();
	}
	free(client->output);
	client->output = NULL;
	client->waiting = false;
	client_watch(client);
}

static void
client_answer(struct control_client *client, int exit_status, const char *text, const char *remedy, json_t *result)
{
	json_t *answer = json_pack("{s:b, s:i, s:s}", "ok", exit_status == 0, "exit", exit_status, "text", text);
	if (remedy != NULL && remedy[0] != '\0')
		json_object_set_new(answer, "remedy", json_string(remedy));
	if (result != NULL)
		json_object_set_new(answer, "result", result);
	char *output = answer == NULL ? NULL : json_dumps(answer, JSON_COMPACT);
	json_decref(answer);
	size_t length = output == NULL ? 0 : strlen(output);
	if (output == NULL || length + 1 > CONTROL_ANSWER_BYTES) {
		free(output);
		client_drop(client);
		return;
	}
	output[length] = '\n'; /* one line: the NUL is not needed any more */
	client->output = output;
	client->output_length = length + 1;
	client->output_sent = 0;
	client->token = 0;
	client_write(client);
}

void
control_answer(
	struct control *control, uint32_t token, int exit_status, const char *text, const char *remedy, json_t *result)
{
	for (unsigned i = 0; token != 0 && i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &control->clients[i];
		if (client->fd >= 0 && client->token == token) {
			client_answer(client, exit_status, text, remedy, result);
			return;
		}
	}
	json_decref(result);
}

static void
client_request(struct control_client *client, const char *line, size_t length)
{
	struct control *control = client->control;
	struct request request;
	char error[REQUEST_ERROR];
	client->waiting = true;
	if (request_parse(line, length, &request, error) < 0) {
		client_answer(client, 2, error, NULL, NULL);
		return;
	}
	if (!client->may_command && !request_reads_only(request.type)) {
		client_answer(
			client, 1, "refused: only root and the daemon's user may command", "repeat it with sudo", NULL);
		return;
	}
	if (++control->last_token == 0)
		control->last_token = 1;
	client->token = control->last_token;
	client_watch(client);
	control->handler(control->userdata, &request, client->token);
}

static void
client_lines(struct control_client *client)
{
	while (client->fd >= 0 && !client->waiting) {
		char line[REQUEST_BYTES];
		char *end = memchr(client->input, '\n', client->input_length);
		if (end == NULL) {
			if (client->input_length == sizeof(client->input))
				client_drop(client); /* a line without an end */
			return;
		}
		size_t length = (size_t)(end - client->input);
		memcpy(line, client->input, length);
		client->input_length -= length + 1;
		memmove(client->input, end + 1, client->input_length);
		client_request(client, line, length);
	}
}

static void
client_read(struct control_client *client)
{
	ssize_t n = recv(client->fd, client->input + client->input_length, sizeof(client->input) - client->input_length,
		MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		client_drop(client);
		return;
	}
	client->input_length += (size_t)n;
	client->active = ha_now();
	client_lines(client);
}

static int
on_client(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct control_client *client = userdata;
	(void)source;
	(void)fd;
	if (revents & EPOLLOUT) {
		client_write(client);
		client_lines(client);
	} else if (revents & EPOLLIN) {
		client_read(client);
	} else if (revents & (EPOLLHUP | EPOLLERR)) {
		client_drop(client);
	}
	return 0;
}

static bool
may_command(int fd)
{
	struct ucred credentials;
	socklen_t size = sizeof(credentials);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
		return false;
	return credentials.uid == 0 || credentials.uid == geteuid();
}

/* Who may only read cannot keep out who may command: of a full house the reader goes that has said nothing for longest.
 */
static struct control_client *
place(struct control *control, bool commands)
{
	struct control_client *quiet = NULL;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &control->clients[i];
		if (client->fd < 0)
			return client;
		if (!client->may_command && (quiet == NULL || client->active < quiet->active))
			quiet = client;
	}
	if (!commands || quiet == NULL)
		return NULL;
	client_drop(quiet);
	return quiet;
}

static void
accept_one(struct control *control, int fd)
{
	bool commands = may_command(fd);
	struct control_client *client = place(control, commands);
	if (client == NULL) {
		close(fd);
		return;
	}
	client->fd = fd;
	client->may_command = commands;
	client->active = ha_now();
	if (sd_event_add_io(control->event, &client->source, fd, EPOLLIN, on_client, client) < 0) {
		client_drop(client);
		return;
	}
	(void)sd_event_source_set_priority(client->source, SD_EVENT_PRIORITY_IDLE); /* behind everything that serves */
	sd_event_source_set_time(control->timer, ha_now() + CONTROL_WATCH);
	sd_event_source_set_enabled(control->timer, SD_EVENT_ONESHOT);
}

static int
on_accept(sd_event_source *source, int listening, uint32_t revents, void *userdata)
{
	struct control *control = userdata;
	(void)revents;
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0) {
		accept_one(control, fd);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
		/* The caller stays in the queue, and the socket readable: without a pause the loop would spin. */
		ha_log(LOG_ERR, "control socket: %s; asked again in a moment", strerror(errno));
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
		sd_event_source_set_time(control->timer, ha_now() + CONTROL_WATCH);
		sd_event_source_set_enabled(control->timer, SD_EVENT_ONESHOT);
	}
	return 0;
}

/* Who neither says nor takes anything makes room for others; who waits for a long command does not. */
static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct control *control = userdata;
	bool any = false;
	(void)usec;
	sd_event_source_set_enabled(control->source, SD_EVENT_ON);
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &control->clients[i];
		bool working = client->waiting && client->output == NULL;
		if (client->fd >= 0 && !working && ha_time_since(ha_now(), client->active) > CONTROL_IDLE)
			client_drop(client);
		any |= client->fd >= 0;
	}
	if (!any)
		return 0;
	sd_event_source_set_time(source, ha_now() + CONTROL_WATCH);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* Its members may read the status. Without that group, or the right to give it, only we and root may. */
static void
share_with_readers(const char *path)
{
	const struct group *readers = getgrnam(CONTROL_READERS);
	if (readers != NULL && chown(path, (uid_t)-1, readers->gr_gid) < 0)
		ha_log(LOG_INFO, "%s: not for the group " CONTROL_READERS ": %s", path, strerror(errno));
}

static int
listen_at(struct control *control, const char *runtime_dir)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int length = snprintf(control->path, sizeof(control->path), "%s/" CONTROL_SOCKET, runtime_dir);
	if (length >= (int)sizeof(control->path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, control->path);
	if (mkdir(runtime_dir, 0755) < 0 && errno != EEXIST)
		return -errno;
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->fd < 0)
		return -errno;
	/* We hold the lock: what stands there is a leftover. */
	if (unlink(control->path) < 0 && errno != ENOENT)
		return -errno;
	mode_t mask = umask(0117);
	int r = bind(control->fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	umask(mask);
	if (r == 0)
		share_with_readers(control->path);
	if (r == 0 && listen(control->fd, CONTROL_CLIENTS) < 0)
		r = -errno;
	return r;
}

int
control_open(
	sd_event *event, const char *runtime_dir, control_handler handler, void *userdata, struct control **ret_control)
{
	struct control *control = calloc(1, sizeof(*control));
	if (control == NULL)
		return -ENOMEM;
	control->event = event;
	control->handler = handler;
	control->userdata = userdata;
	control->fd = -1;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		control->clients[i] = (struct control_client){ .control = control, .fd = -1 };
	int r = listen_at(control, runtime_dir);
	if (r == 0)
		r = sd_event_add_time(event, &control->timer, CLOCK_BOOTTIME, HA_NEVER, 1, on_timer, control);
	if (r >= 0)
		r = sd_event_add_io(event, &control->source, control->fd, EPOLLIN, on_accept, control);
	if (r >= 0)
		r = sd_event_source_set_priority(control->source, SD_EVENT_PRIORITY_IDLE);
	if (r < 0) {
		ha_log(LOG_ERR, "control socket in %s: %s", runtime_dir, strerror(-r));
		control_close(control);
		return r;
	}
	*ret_control = control;
	return 0;
}

void
control_close(struct control *control)
{
	if (control == NULL)
		return;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		client_drop(&control->clients[i]);
	sd_event_source_unref(control->source);
	sd_event_source_unref(control->timer);
	if (control->fd >= 0) {
		close(control->fd);
		unlink(control->path);
	}
	free(control);
}
