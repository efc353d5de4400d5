#include "daemon/cli_metrics.h"

#include "daemon/cli_control.h"
#include "daemon/cli_text.h"
#include "daemon/file.h"
#include "daemon/metrics.h"
#include "daemon/metrics_text.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TESTED_TIMEOUT (500 * HA_MS)
#define HTTP_REQUEST   4096
#define HTTP_TIMEOUT   (5 * HA_SEC) /* for the whole request */
#define HTTP_DAEMON    (2 * HA_SEC)
#define HTTP_LIFE      10 /* seconds */

static double
wall_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Up to the empty line that ends it. 200, or what is wrong with it. */
static unsigned
read_request(char request[HTTP_REQUEST])
{
	ha_time until = ha_now() + HTTP_TIMEOUT;
	size_t length = 0;

	while (length < HTTP_REQUEST - 1) {
		struct pollfd entry = { .fd = STDIN_FILENO, .events = POLLIN };
		ha_time left = ha_time_since(until, ha_now());

		if (poll(&entry, 1, (int)(left / HA_MS)) <= 0)
			return 408;
		ssize_t n = read(STDIN_FILENO, request + length, HTTP_REQUEST - 1 - length);

		if (n <= 0)
			return 400;
		length += (size_t)n;
		request[length] = '\0';
		if (strlen(request) != length)
			return 400;
		if (strstr(request, "\r\n\r\n") || strstr(request, "\n\n"))
			return 200;
	}
	return 431;
}

unsigned
cli_metrics_judge(const char *request)
{
	char method[16], path[128], version[16];

	if (sscanf(request, "%15[A-Z] %127[^ \r\n] %15[^ \r\n]", method, path, version) != 3 ||
		request[strlen(method)] != ' ' || strncmp(version, "HTTP/1.", 7) != 0)
		return 400;
	if (strcmp(method, "GET") != 0)
		return 405;
	path[strcspn(path, "?")] = '\0';
	return strcmp(path, "/metrics") == 0 || strcmp(path, "/") == 0 ? 200 : 404;
}

/* The figures, or why there are none; to be freed. */
static char *
page(const struct cli_options *options, unsigned *code, size_t *ret_length)
{
	json_t *request = json_pack("{s:s}", "request", "metrics"), *answer = NULL;
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_length);
	int r = *code == 200 ? cli_control_ask(options->runtime_dir, request, HTTP_DAEMON, &answer) : 0;

	json_decref(request);
	if (out && r < 0) {
		struct cli_problem problem;

		*code = 503;
		cli_control_problem(r, options->runtime_dir, &problem);
		(void)fprintf(out, "%s\n", problem.text);
	} else if (out && *code == 200) {
		metrics_text_write(out, json_object_get(answer, "result"), wall_now());
	} else if (out) {
		(void)fputs("GET /metrics\n", out);
	}
	json_decref(answer);
	if (out && fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static const char *
reason(unsigned code)
{
	switch (code) {
	case 200:
		return "OK";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 431:
		return "Request Header Fields Too Large";
	case 503:
		return "Service Unavailable";
	default:
		return "Bad Request";
	}
}

/* Whoever is slow to read ends with the process: nobody else waits for it. */
static int
serve(const struct cli_options *options)
{
	char request[HTTP_REQUEST];
	size_t length = 0;

	(void)alarm(HTTP_LIFE);
	unsigned code = read_request(request);

	if (code == 200)
		code = cli_metrics_judge(request);
	char *text = page(options, &code, &length);

	if (!text)
		return CLI_EXIT_FAILED;
	(void)printf("HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", code,
		reason(code), code == 200 ? METRICS_CONTENT_TYPE : "text/plain; charset=utf-8", length, text);
	free(text);
	return fflush(stdout) == 0 ? CLI_EXIT_GOOD : CLI_EXIT_FAILED;
}

int
cli_metrics(const struct cli_options *options)
{
	json_t *status = NULL;

	if (options->given & CLI_OPTION_HTTP)
		return serve(options);
	int exit_status = cli_control_read(options, json_pack("{s:s}", "request", "metrics"), &status);

	if (exit_status != CLI_EXIT_GOOD)
		return exit_status;
	if (options->json)
		cli_print_json(status);
	else
		metrics_text_write(stdout, status, wall_now());
	json_decref(status);
	return CLI_EXIT_GOOD;
}

/* It is root who tests, and the daemon, which is not root, that reads the result at its next start. */
static void
give_to_owner(const char *directory, const char *name)
{
	struct stat owner;
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (fstat(fd, &owner) == 0)
		(void)!fchownat(fd, name, owner.st_uid, owner.st_gid, AT_SYMLINK_NOFOLLOW);
	close(fd);
}

void
cli_metrics_tested(const struct cli_options *options, unsigned failures)
{
	char text[64];
	json_t *request = json_pack("{s:s, s:I}", "request", "tested", "n", (json_int_t)failures), *answer = NULL;

	(void)cli_control_ask(options->runtime_dir, request, TESTED_TIMEOUT, &answer);
	json_decref(answer);
	json_decref(request);
	/* The directory is the daemon's: one that is not there is not made. */
	if (access(options->state_dir, W_OK) < 0)
		return;
	int length = snprintf(text, sizeof(text), "ha-fence test 1 %.0f %u\n", wall_now(), failures);

	if (file_replace(options->state_dir, METRICS_TESTED, text, (size_t)length, true) == 0)
		give_to_owner(options->state_dir, METRICS_TESTED);
}
