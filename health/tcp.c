#include "health/address.h"
#include "health/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

struct tcp {
	int fd; /* -1: nothing under way */
	sd_event_source *source;
};

static void
tcp_open(struct health_probe *probe)
{
	struct tcp *tcp = calloc(1, sizeof(*tcp));

	if (tcp)
		tcp->fd = -1;
	probe->state = tcp;
}

static void
tcp_stop(struct health_probe *probe)
{
	struct tcp *tcp = probe->state;

	tcp->source = sd_event_source_unref(tcp->source);
	if (tcp->fd >= 0)
		(void)close(tcp->fd);
	tcp->fd = -1;
}

static void
answer(struct health_probe *probe, int error)
{
	char address[HA_ADDRESS_TEXT];

	tcp_stop(probe);
	(void)ha_address_format(&probe->check->address, address);
	if (error == 0)
		health_probe_answer(probe, HEALTH_OK, "%s port %u accepts", address, probe->check->port);
	else
		health_probe_answer(probe, error == ETIMEDOUT ? HEALTH_TIMEOUT : HEALTH_FAILED, "%s port %u: %s",
			address, probe->check->port, strerror(error));
}

static int
on_connected(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	int error = 0;
	socklen_t length = sizeof(error);

	(void)source;
	(void)events;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
		error = errno;
	answer(userdata, error);
	return 0;
}

static int
begin(struct health_probe *probe, struct tcp *tcp)
{
	const struct config_check *check = probe->check;
	struct sockaddr_storage address;
	socklen_t length;

	tcp->fd = socket(check->address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (tcp->fd < 0)
		return -errno;
	if (check->source.family != 0) {
		length = health_sockaddr(&check->source, 0, &address);
		if (bind(tcp->fd, (struct sockaddr *)&address, length) < 0)
			return -errno;
	}
	length = health_sockaddr(&check->address, check->port, &address);
	if (connect(tcp->fd, (struct sockaddr *)&address, length) < 0 && errno != EINPROGRESS)
		return -errno;
	return sd_event_add_io(probe->shared->event, &tcp->source, tcp->fd, EPOLLOUT, on_connected, probe);
}

static void
tcp_start(struct health_probe *probe)
{
	int r = probe->state ? begin(probe, probe->state) : -ENOMEM;

	if (r >= 0)
		return;
	if (probe->state)
		answer(probe, -r);
	else
		health_probe_answer(probe, HEALTH_UNKNOWN, "out of memory");
}

static void
tcp_close(struct health_probe *probe)
{
	if (!probe->state)
		return;
	tcp_stop(probe);
	free(probe->state);
}

const struct health_kind health_tcp = { .open = tcp_open, .start = tcp_start, .stop = tcp_stop, .close = tcp_close };
