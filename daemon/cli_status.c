#include "daemon/cli_status.h"

#include "daemon/cli_control.h"
#include "daemon/cli_look.h"
#include "daemon/cli_text.h"
#include "daemon/cli_wrap.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define READ_TIMEOUT (2 * HA_SEC)

/* The daemon's word, or what can be seen without it; a daemon that does not answer is not called down. *ret is owned by
 * the caller. 0 or -errno of the control socket. */
static int
read_status(const struct cli_options *options, json_t **ret, bool *ret_running)
{
	json_t *request = json_pack("{s:s}", "request", "status"), *answer = NULL;
	int r = cli_control_ask(options->runtime_dir, request, READ_TIMEOUT, &answer);

	json_decref(request);
	*ret_running = r == 0;
	if (r == 0) {
		*ret = json_incref(json_object_get(answer, "result"));
		json_decref(answer);
		return json_is_object(*ret) ? 0 : -EBADMSG;
	}
	if (!cli_control_no_daemon(r))
		return r;
	*ret = cli_look_around(options, r);
	return *ret ? 0 : -ENOMEM;
}

void
cli_status_line(const struct cli_options *options)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };

	for (unsigned tries = 20; tries > 0; tries--) {
		json_t *status = NULL;
		bool running = false;
		bool known = read_status(options, &status, &running) == 0 && running;
		bool settled = !known || strcmp(cli_json_string(status, "summary", ""), "DOWN") != 0;

		if (known && (settled || tries == 1))
			cli_status_render_line(stdout, cli_colour(stdout), status);
		json_decref(status);
		if (settled)
			return;
		(void)nanosleep(&pause, NULL);
	}
}

static int
show_once(const struct cli_options *options, bool clear)
{
	bool running = false;
	json_t *status = NULL;
	int r = read_status(options, &status, &running);

	if (clear)
		(void)fputs("\033[H\033[2J", stdout);
	if (r < 0)
		return cli_control_report(r, options);
	if (options->json)
		cli_print_json(status);
	else if (running)
		cli_status_render(stdout, cli_colour(stdout), cli_terminal_columns(stdout), status, time(NULL));
	else
		cli_status_render_down(stdout, cli_colour(stdout), status);
	(void)fflush(stdout);
	r = cli_status_exit(status);
	json_decref(status);
	return r;
}

/* Every second until Ctrl-C; the screen is given back as it was. */
static int
watch(const struct cli_options *options)
{
	bool screen = !options->json && isatty(STDOUT_FILENO) == 1;
	const struct timespec second = { .tv_sec = 1 };
	sigset_t ends;
	int result;

	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGINT);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	if (screen)
		(void)fputs("\033[?1049h", stdout);
	do {
		result = show_once(options, screen);
		if (!screen && !options->json)
			(void)fputc('\n', stdout);
		if (ferror(stdout))
			break;
	} while (sigtimedwait(&ends, NULL, &second) < 0);
	if (screen) {
		(void)fputs("\033[?1049l", stdout);
		(void)fflush(stdout);
	}
	return result;
}

int
cli_status(const struct cli_options *options)
{
	if (options->given & CLI_OPTION_WATCH)
		return watch(options);
	return show_once(options, false);
}
