#include "health/probe.h"

#include <curl/curl.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>

/* curl_multi on the event loop: curl says which sockets and which time it waits for (curl's multi_socket interface). */
struct health_http {
	sd_event *event;
	CURLM *multi;
	sd_event_source *timer;
};

struct http {
	struct health_http *shared;
	CURL *easy;
	struct curl_slist *headers;
	char error[CURL_ERROR_SIZE];
	bool running, has_regex, too_long, no_room;
	regex_t regex;
	char *body; /* NULL: only its length matters */
	size_t body_bytes, body_size;
};

static bool
wants_body(const struct config_check *check)
{
	return check->body[0] != '\0' || check->body_regex[0] != '\0';
}

/* --- curl and the loop --- */

static void answer(struct health_probe *probe, CURLcode code);

static void
take_finished(struct health_http *shared)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(shared->multi, &left))) {
		CURLcode code = message->data.result;
		CURL *easy = message->easy_handle;
		char *probe = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &probe);
		answer((struct health_probe *)(void *)probe, code);
	}
}

static int
on_socket(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct health_http *shared = userdata;
	int running, actions = 0;

	(void)source;
	if (events & EPOLLIN)
		actions |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		actions |= CURL_CSELECT_OUT;
	if (events & (EPOLLERR | EPOLLHUP))
		actions |= CURL_CSELECT_ERR;
	(void)curl_multi_socket_action(shared->multi, fd, actions, &running);
	take_finished(shared);
	return 0;
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct health_http *shared = userdata;
	int running;

	(void)source;
	(void)usec;
	(void)curl_multi_socket_action(shared->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	take_finished(shared);
	return 0;
}

static uint32_t
events_of(int what)
{
	return (what == CURL_POLL_IN || what == CURL_POLL_INOUT ? (uint32_t)EPOLLIN : 0) |
	       (what == CURL_POLL_OUT || what == CURL_POLL_INOUT ? (uint32_t)EPOLLOUT : 0);
}

/* CURLMOPT_SOCKETFUNCTION */
static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *socket_data)
{
	struct health_http *shared = userdata;
	sd_event_source *source = socket_data;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		sd_event_source_unref(source);
		(void)curl_multi_assign(shared->multi, fd, NULL);
	} else if (source) {
		(void)sd_event_source_set_io_events(source, events_of(what));
	} else {
		if (sd_event_add_io(shared->event, &source, fd, events_of(what), on_socket, shared) < 0)
			return -1;
		(void)curl_multi_assign(shared->multi, fd, source);
	}
	return 0;
}

/* CURLMOPT_TIMERFUNCTION */
static int
set_timer(CURLM *multi, long ms, void *userdata)
{
	struct health_http *shared = userdata;

	(void)multi;
	if (ms < 0)
		return sd_event_source_set_enabled(shared->timer, SD_EVENT_OFF) < 0 ? -1 : 0;
	if (sd_event_source_set_time(shared->timer, ha_now() + (ha_time)ms * HA_MS) < 0 ||
		sd_event_source_set_enabled(shared->timer, SD_EVENT_ONESHOT) < 0)
		return -1;
	return 0;
}

void
health_http_free(struct health_http *http)
{
	if (!http)
		return;
	(void)curl_multi_cleanup(http->multi);
	sd_event_source_unref(http->timer);
	free(http);
	curl_global_cleanup();
}

static struct health_http *
shared_of(struct health_shared *shared)
{
	struct health_http *http = shared->http;

	if (http)
		return http;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	http = calloc(1, sizeof(*http));
	if (!http)
		return NULL;
	http->event = shared->event;
	http->multi = curl_multi_init();
	if (!http->multi ||
		sd_event_add_time(shared->event, &http->timer, CLOCK_BOOTTIME, HA_NEVER, 1, on_timer, http) < 0) {
		(void)curl_multi_cleanup(http->multi);
		free(http);
		return NULL;
	}
	(void)curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	(void)curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	(void)curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	(void)curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	shared->http = http;
	return http;
}

/* --- one check --- */

/* CURLOPT_WRITEFUNCTION */
static size_t
take_body(char *data, size_t one, size_t length, void *userdata)
{
	struct health_probe *probe = userdata;
	struct http *http = probe->state;

	(void)one;
	if (http->body_bytes + length > probe->check->max_body_bytes) {
		http->too_long = true;
		return 0;
	}
	if (wants_body(probe->check) && http->body_bytes + length >= http->body_size) {
		size_t size = 2 * (http->body_bytes + length) + 1;
		char *body = realloc(http->body, size);

		if (!body) {
			http->no_room = true;
			return 0;
		}
		http->body = body;
		http->body_size = size;
	}
	if (wants_body(probe->check)) {
		memcpy(http->body + http->body_bytes, data, length);
		http->body[http->body_bytes + length] =
			'\0'; /* for a regexec() that looks for the end in spite of REG_STARTEND */
	}
	http->body_bytes += length;
	return length;
}

static bool
regex_matches(const struct http *http)
{
	regmatch_t whole = { .rm_so = 0, .rm_eo = (regoff_t)http->body_bytes };

	return regexec(&http->regex, http->body ? http->body : "", 1, &whole, REG_STARTEND) == 0;
}

static bool
body_holds(const struct http *http, const char *text)
{
	return http->body && memmem(http->body, http->body_bytes, text, strlen(text));
}

static void
judge(struct health_probe *probe, const struct http *http)
{
	const struct config_check *check = probe->check;
	long status = 0;

	(void)curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < (long)check->status_low || status > (long)check->status_high) {
		if (check->status_low == check->status_high)
			health_probe_answer(probe, HEALTH_FAILED, "status %ld, expected %u", status, check->status_low);
		else
			health_probe_answer(probe, HEALTH_FAILED, "status %ld, expected %u-%u", status,
				check->status_low, check->status_high);
	} else if (check->body[0] != '\0' && !body_holds(http, check->body)) {
		health_probe_answer(probe, HEALTH_FAILED, "status %ld, but no \"%.60s\" in %zu bytes", status,
			check->body, http->body_bytes);
	} else if (http->has_regex && !regex_matches(http)) {
		health_probe_answer(probe, HEALTH_FAILED, "status %ld, but %zu bytes do not match \"%.60s\"", status,
			http->body_bytes, check->body_regex);
	} else {
		health_probe_answer(probe, HEALTH_OK, "status %ld", status);
	}
}

static void
detach(struct http *http)
{
	if (http->running)
		(void)curl_multi_remove_handle(http->shared->multi, http->easy);
	http->running = false;
}

static void
answer(struct health_probe *probe, CURLcode code)
{
	struct http *http = probe->state;

	detach(http);
	if (http->too_long)
		health_probe_answer(
			probe, HEALTH_FAILED, "the answer is longer than %zu bytes", probe->check->max_body_bytes);
	else if (http->no_room)
		health_probe_answer(probe, HEALTH_UNKNOWN, "no memory for the answer");
	else if (code == CURLE_OPERATION_TIMEDOUT)
		health_probe_answer(probe, HEALTH_TIMEOUT, "no answer in time");
	else if (code != CURLE_OK)
		health_probe_answer(
			probe, HEALTH_FAILED, "%s", http->error[0] != '\0' ? http->error : curl_easy_strerror(code));
	else
		judge(probe, http);
}

static void
set_tls(CURL *easy, const struct config_check *check)
{
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, check->tls_verify ? 1L : 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, check->tls_verify ? 2L : 0L);
	if (check->tls_ca[0] != '\0')
		(void)curl_easy_setopt(easy, CURLOPT_CAINFO, check->tls_ca);
}

static void
set_request(CURL *easy, struct http *http, const struct config_check *check)
{
	char header[CONFIG_TEXT_MAX + 8];

	(void)curl_easy_setopt(easy, CURLOPT_URL, check->target);
	if (strcasecmp(check->method, "HEAD") == 0)
		(void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else if (strcasecmp(check->method, "GET") != 0)
		(void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, check->method);
	if (check->host[0] != '\0') {
		(void)snprintf(header, sizeof(header), "Host: %s", check->host);
		http->headers = curl_slist_append(http->headers, header);
	}
	if (!check->keep_alive)
		http->headers = curl_slist_append(http->headers, "Connection: close");
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "ha-fenced/" HA_VERSION);
}

static void
set_connection(CURL *easy, const struct config_check *check)
{
	char interface[HA_ADDRESS_TEXT + 8], address[HA_ADDRESS_TEXT];

	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* nor one of the environment: this very server is asked */
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* A name server that is silent would hold us when the request is stopped: curl waits for its resolver thread.
	 */
	(void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	if (!check->keep_alive) {
		(void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		(void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	}
	if (check->source.family != 0) {
		(void)snprintf(interface, sizeof(interface), "host!%s", ha_address_format(&check->source, address));
		(void)curl_easy_setopt(easy, CURLOPT_INTERFACE, interface);
	}
}

static void
http_open(struct health_probe *probe)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http)
		return;
	http->shared = shared_of(probe->shared);
	http->easy = http->shared ? curl_easy_init() : NULL;
	if (!http->easy) {
		free(http);
		return;
	}
	set_request(http->easy, http, probe->check);
	set_connection(http->easy, probe->check);
	set_tls(http->easy, probe->check);
	(void)curl_easy_setopt(http->easy, CURLOPT_ERRORBUFFER, http->error);
	(void)curl_easy_setopt(http->easy, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(http->easy, CURLOPT_WRITEDATA, probe);
	(void)curl_easy_setopt(http->easy, CURLOPT_PRIVATE, probe);
	/* The configuration was refused if it does not compile; this is the same call. */
	http->has_regex = probe->check->body_regex[0] != '\0' &&
			  regcomp(&http->regex, probe->check->body_regex, REG_EXTENDED | REG_NOSUB) == 0;
	probe->state = http;
}

static void
http_start(struct health_probe *probe)
{
	struct http *http = probe->state;

	if (!http) {
		health_probe_answer(probe, HEALTH_UNKNOWN, "curl could not be started");
		return;
	}
	http->error[0] = '\0';
	http->too_long = http->no_room = false;
	http->body_bytes = 0;
	if (http->body)
		http->body[0] = '\0';
	if (curl_multi_add_handle(http->shared->multi, http->easy) != CURLM_OK) {
		health_probe_answer(probe, HEALTH_UNKNOWN, "curl does not take the request");
		return;
	}
	http->running = true;
}

static void
http_stop(struct health_probe *probe)
{
	detach(probe->state);
}

static void
http_close(struct health_probe *probe)
{
	struct http *http = probe->state;

	if (!http)
		return;
	detach(http);
	curl_easy_cleanup(http->easy);
	curl_slist_free_all(http->headers);
	if (http->has_regex)
		regfree(&http->regex);
	free(http->body);
	free(http);
}

const struct health_kind health_http = {
	.open = http_open, .start = http_start, .stop = http_stop, .close = http_close
};
