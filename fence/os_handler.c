#include "fence/os_handler.h"

#include "lib/log.h"
#include "lib/time.h"

#include <OpenIPMI/ipmiif.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define DATAGRAMS_AT_ONCE 64 /* then the loop looks at its timers */

struct fence_os {
	os_handler_t handler; /* calloc'ed: ipmi_alloc_os_handler() before ipmi_init() crashes */
	sd_event *event;
	struct fence_filter *expected;
};

struct os_hnd_fd_id_s {
	int fd;
	struct fence_filter *filter;
	sd_event_source *source;
	os_data_ready_t ready;
	void *data;
	os_fd_data_freed_t freed;
	bool reading, removed; /* the library may remove a descriptor while it is called for it */
};

struct os_hnd_timer_id_s {
	sd_event_source *source;
	os_timed_out_t timed_out;
	void *data;
	bool running;
};

static struct fence_os *
os_of(os_handler_t *handler)
{
	return handler->internal_data;
}

static void *
memory_get(int size)
{
	return size < 0 ? NULL : malloc((size_t)size);
}

static void
sender_of(const struct sockaddr_storage *from, struct ha_address *ret_address, uint16_t *ret_port)
{
	memset(ret_address, 0, sizeof(*ret_address));
	*ret_port = 0;
	if (from->ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, from, sizeof(in));
		ret_address->family = AF_INET;
		memcpy(ret_address->bytes, &in.sin_addr, 4);
		*ret_port = ntohs(in.sin_port);
	} else if (from->ss_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, from, sizeof(in6));
		ret_address->family = AF_INET6;
		memcpy(ret_address->bytes, &in6.sin6_addr, 16);
		*ret_port = ntohs(in6.sin6_port);
	}
}

enum peeked { PEEKED_NOTHING, PEEKED_BAD, PEEKED_GOOD };

static enum peeked
peek(os_hnd_fd_id_t *id)
{
	uint8_t data[FENCE_DATAGRAM_BYTES];
	struct sockaddr_storage from = { 0 };
	socklen_t from_length = sizeof(from);
	struct ha_address address;
	uint16_t port;
	ssize_t n;

	n = recvfrom(id->fd, data, sizeof(data), MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT, (struct sockaddr *)&from,
		&from_length);
	if (n < 0)
		return PEEKED_NOTHING;
	sender_of(&from, &address, &port);
	return fence_filter_pass(id->filter, &address, port, data, (size_t)n) ? PEEKED_GOOD : PEEKED_BAD;
}

static int
fd_readable(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	os_hnd_fd_id_t *id = userdata;
	char byte;

	(void)source;
	(void)events;
	id->reading = true;
	for (unsigned i = 0; i < DATAGRAMS_AT_ONCE && !id->removed; i++) {
		enum peeked peeked = peek(id);

		if (peeked == PEEKED_NOTHING)
			break;
		if (peeked == PEEKED_GOOD)
			id->ready(fd, id->data, id); /* reads exactly this one */
		else
			(void)!recv(fd, &byte, sizeof(byte), MSG_DONTWAIT);
	}
	id->reading = false;
	if (id->removed)
		free(id);
	return 0;
}

static int
fd_add(os_handler_t *handler, int fd, os_data_ready_t ready, void *data, os_fd_data_freed_t freed, os_hnd_fd_id_t **ret)
{
	struct fence_os *os = os_of(handler);
	os_hnd_fd_id_t *id;

	if (!os->expected)
		return EPERM; /* no filter, no socket */
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return errno;
	id = calloc(1, sizeof(*id));
	if (!id)
		return ENOMEM;
	id->fd = fd;
	id->filter = os->expected;
	id->ready = ready;
	id->data = data;
	id->freed = freed;
	if (sd_event_add_io(os->event, &id->source, fd, EPOLLIN, fd_readable, id) < 0) {
		free(id);
		return ENOMEM;
	}
	(void)sd_event_source_set_exit_on_failure(id->source, true);
	os->expected = NULL;
	*ret = id;
	return 0;
}

static int
fd_remove(os_handler_t *handler, os_hnd_fd_id_t *id)
{
	(void)handler;
	id->source = sd_event_source_disable_unref(id->source);
	if (id->freed)
		id->freed(id->fd, id->data);
	id->removed = true;
	if (!id->reading)
		free(id);
	return 0;
}

static int
timer_alloc(os_handler_t *handler, os_hnd_timer_id_t **ret)
{
	(void)handler;
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : ENOMEM;
}

static int
timer_free(os_handler_t *handler, os_hnd_timer_id_t *id)
{
	(void)handler;
	sd_event_source_disable_unref(id->source);
	free(id);
	return 0;
}

static int
timer_fires(sd_event_source *source, uint64_t usec, void *userdata)
{
	os_hnd_timer_id_t *id = userdata;

	(void)source;
	(void)usec;
	id->running = false;
	id->timed_out(id->data, id); /* may free it */
	return 0;
}

static int
timer_arm(struct fence_os *os, os_hnd_timer_id_t *id, uint64_t after)
{
	int r;

	if (!id->source) {
		/* Accuracy 1: 0 would mean 250 ms. */
		r = sd_event_add_time_relative(os->event, &id->source, CLOCK_BOOTTIME, after, 1, timer_fires, id);
		if (r < 0)
			return r;
		return sd_event_source_set_exit_on_failure(id->source, true);
	}
	r = sd_event_source_set_time_relative(id->source, after);
	return r < 0 ? r : sd_event_source_set_enabled(id->source, SD_EVENT_ONESHOT);
}

static int
timer_start(os_handler_t *handler, os_hnd_timer_id_t *id, struct timeval *timeout, os_timed_out_t timed_out, void *data)
{
	int r;

	if (id->running)
		return EBUSY;
	id->timed_out = timed_out;
	id->data = data;
	r = timer_arm(os_of(handler), id, (uint64_t)timeout->tv_sec * HA_SEC + (uint64_t)timeout->tv_usec);
	if (r < 0)
		return -r;
	id->running = true;
	return 0;
}

static int
timer_stop(os_handler_t *handler, os_hnd_timer_id_t *id)
{
	(void)handler;
	if (!id->running)
		return ESRCH;
	id->running = false;
	(void)sd_event_source_set_enabled(id->source, SD_EVENT_OFF);
	return 0;
}

static int
random_get(os_handler_t *handler, void *data, unsigned int length)
{
	(void)handler;
	/* At most 256 bytes come whole (getrandom(2)); the library asks for 16. */
	return getrandom(data, length, 0) == (ssize_t)length ? 0 : EIO;
}

static int
time_get(os_handler_t *handler, struct timeval *ret)
{
	ha_time now = ha_now();

	(void)handler;
	ret->tv_sec = (time_t)(now / HA_SEC);
	ret->tv_usec = (suseconds_t)(now % HA_SEC);
	return 0;
}

/* What the library says is for debugging; what matters is reported by our own lines. */
__attribute__((format(printf, 3, 0))) static void
log_list(os_handler_t *handler, enum ipmi_log_type_e type, const char *format, va_list arguments)
{
	char line[256];

	(void)handler;
	(void)type;
	vsnprintf(line, sizeof(line), format, arguments);
	ha_log(LOG_DEBUG, "OpenIPMI: %s", line);
}

__attribute__((format(printf, 3, 4))) static void
log_line(os_handler_t *handler, enum ipmi_log_type_e type, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_list(handler, type, format, arguments);
	va_end(arguments);
}

static void
log_set(os_handler_t *handler, os_vlog_t log)
{
	(void)handler;
	(void)log;
}

static const os_handler_t functions = {
	.mem_alloc = memory_get,
	.mem_free = free,
	.add_fd_to_wait_for = fd_add,
	.remove_fd_to_wait_for = fd_remove,
	.alloc_timer = timer_alloc,
	.free_timer = timer_free,
	.start_timer = timer_start,
	.stop_timer = timer_stop,
	.get_random = random_get,
	.log = log_line,
	.vlog = log_list,
	.set_log_handler = log_set,
	.get_monotonic_time = time_get,
	.get_real_time = time_get,
};

int
fence_os_open(sd_event *event, struct fence_os **ret)
{
	struct fence_os *os = calloc(1, sizeof(*os));

	if (!os)
		return -ENOMEM;
	os->handler = functions;
	os->handler.internal_data = os;
	os->event = sd_event_ref(event);
	if (ipmi_init(&os->handler) != 0) {
		sd_event_unref(os->event);
		free(os);
		return -EIO;
	}
	*ret = os;
	return 0;
}

void
fence_os_close(struct fence_os *os)
{
	if (!os)
		return;
	ipmi_shutdown();
	sd_event_unref(os->event);
	free(os);
}

os_handler_t *
fence_os_handler(struct fence_os *os)
{
	return &os->handler;
}

void
fence_os_expect(struct fence_os *os, struct fence_filter *filter)
{
	os->expected = filter;
}
