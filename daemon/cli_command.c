#include "daemon/cli_command.h"

#include "daemon/cli_control.h"
#include "daemon/cli_status.h"
#include "daemon/cli_text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define QUICK      (10 * HA_SEC)
#define COMES_BACK (15 * HA_SEC)
#define SLOW       (900 * HA_SEC) /* a release may take release_timeout; the daemon answers when it is over */

/* What has come of it: the pair's state in a line. */
static int
then_status(const struct cli_options *options, int status)
{
	if (status == CLI_EXIT_GOOD && !options->json)
		cli_status_line(options);
	return status;
}

int
cli_command_plain(const struct cli_options *options)
{
	const char *name = cli_command_entry(options->command)->name;

	return then_status(options, cli_control_command(options, json_pack("{s:s}", "request", name), SLOW));
}

int
cli_command_pause(const struct cli_options *options)
{
	json_t *request = json_pack("{s:s}", "request", "pause");

	if (options->duration != HA_NEVER)
		(void)json_object_set_new(request, "seconds", json_integer((json_int_t)(options->duration / HA_SEC)));
	return then_status(options, cli_control_command(options, request, QUICK));
}

static json_t *
confirm_request(const char *node)
{
	return json_pack("{s:s, s:s, s:b}", "request", "confirm-off", "node", node, "dry", true);
}

/* ... of the claim that is open now, before anybody is asked (S1). Owned by the caller; NULL: there is none by now. */
static json_t *
confirm_of_claim(const struct cli_options *options, const char *node)
{
	json_t *ask = json_pack("{s:s}", "request", "status"), *status = NULL, *request = NULL;

	if (cli_control_ask(options->runtime_dir, ask, QUICK, &status) == 0) {
		const char *claim = json_string_value(
			json_object_get(json_object_get(json_object_get(status, "result"), "claim"), "number"));

		if (claim != NULL)
			request = json_pack("{s:s, s:s, s:s}", "request", "confirm-off", "node", node, "claim", claim);
	}
	json_decref(ask);
	json_decref(status);
	return request;
}

int
cli_command_confirm_off(const struct cli_options *options)
{
	const char *node = options->arguments[0];
	json_t *dry = confirm_request(node), *answer = NULL, *request;
	char question[4 * CLI_TEXT];
	int r = cli_control_ask(options->runtime_dir, dry, QUICK, &answer);
	bool accepted = r == 0 && cli_json_bool(answer, "ok");

	json_decref(dry);
	json_decref(answer);
	/* What the daemon refuses now it refuses without a question; its own words say why. */
	if (r < 0 || !accepted)
		return cli_control_command(options, confirm_request(node), QUICK);
	request = confirm_of_claim(options, node);
	if (request == NULL) {
		cli_error("the claim has just ended: nothing was done", "ha-fence status");
		return CLI_EXIT_FAILED;
	}
	(void)snprintf(question, sizeof(question),
		"You say that %.60s is OFF: you SEE that it is, or have pulled both its cords.\n"
		"If it still runs, two servers will write to the shared data.\n"
		"If you do this on both nodes of a pair that is only cut in two, both will hold the VIP.",
		node);
	if (!(options->given & CLI_OPTION_YES) && !cli_confirm(question, "yes")) {
		json_decref(request);
		return CLI_EXIT_FAILED;
	}
	return then_status(options, cli_control_command(options, request, SLOW));
}

/* The daemon that runs now. NULL: none, or it does not answer (yet). */
static json_t *
running_daemon(const struct cli_options *options)
{
	json_t *request = json_pack("{s:s}", "request", "version"), *answer = NULL, *result = NULL;

	if (cli_control_ask(options->runtime_dir, request, QUICK, &answer) == 0)
		result = json_incref(json_object_get(answer, "result"));
	json_decref(answer);
	json_decref(request);
	return result;
}

/* Until another one than `old` answers. */
static json_t *
next_daemon(const struct cli_options *options, const json_t *old)
{
	for (ha_time until = ha_now() + COMES_BACK; ha_now() < until;) {
		json_t *running = running_daemon(options);

		if (running && cli_json_number(running, "started_us", 0) > cli_json_number(old, "started_us", 0))
			return running;
		json_decref(running);
		(void)nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
	}
	return NULL;
}

static int
say_reexecuted(const struct cli_options *options, const json_t *old, const json_t *new)
{
	char text[CLI_TEXT];

	if (!new) {
		cli_error("the new daemon does not answer; the VIP stays where it is",
			"systemctl status ha-fenced; journalctl -u ha-fenced -n 50");
		return CLI_EXIT_FAILED;
	}
	(void)snprintf(text, sizeof(text), "ha-fenced %s became %s in place, process %.0f",
		cli_json_string(old, "version", "?"), cli_json_string(new, "version", "?"),
		cli_json_number(new, "pid", 0));
	if (options->json) {
		json_t *value = json_pack("{s:b, s:i, s:s}", "ok", 1, "exit", CLI_EXIT_GOOD, "text", text);

		cli_print_json(value);
		json_decref(value);
	} else {
		(void)printf("%s\n", text);
	}
	return then_status(options, CLI_EXIT_GOOD);
}

int
cli_command_reexec(const struct cli_options *options)
{
	json_t *old = running_daemon(options), *request = json_pack("{s:s}", "request", "reexec"), *answer = NULL;
	int r = cli_control_ask(options->runtime_dir, request, SLOW, &answer), status;

	if (r == 0 && cli_json_bool(answer, "ok")) {
		json_t *new = next_daemon(options, old);

		status = say_reexecuted(options, old, new);
		json_decref(new);
	} else {
		status = r < 0 ? cli_control_report(r, options) : cli_control_refused(answer, options);
	}
	json_decref(answer);
	json_decref(request);
	json_decref(old);
	return status;
}

int
cli_command_version(const struct cli_options *options)
{
	json_t *request = json_pack("{s:s}", "request", "version"), *answer = NULL;
	int r = cli_control_ask(options->runtime_dir, request, 2 * HA_SEC, &answer);
	const json_t *result = json_object_get(answer, "result");
	const char *running = r == 0 ? cli_json_string(result, "version", "unknown") : NULL;

	if (options->json) {
		json_t *value = json_pack("{s:s, s:o, s:o}", "ha-fence", HA_VERSION, "ha-fenced",
			running ? json_string(running) : json_null(), "pid",
			running ? json_integer((json_int_t)cli_json_number(result, "pid", 0)) : json_null());

		cli_print_json(value);
		json_decref(value);
	} else if (running) {
		(void)printf("ha-fence %s; ha-fenced %s is running, process %.0f\n", HA_VERSION, running,
			cli_json_number(result, "pid", 0));
		if (strcmp(running, HA_VERSION) != 0)
			(void)printf("fix: ha-fence reexec     (%s is installed)\n", HA_VERSION);
	} else {
		(void)printf("ha-fence %s; %s\n", HA_VERSION,
			cli_control_no_daemon(r) ? "ha-fenced does not run" : "ha-fenced does not answer");
	}
	json_decref(answer);
	json_decref(request);
	return CLI_EXIT_GOOD;
}
