#include "daemon/cli_history.h"

#include "daemon/cli_control.h"
#include "daemon/cli_text.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define READ_TIMEOUT (2 * HA_SEC)

static const char *
proof_of(const json_t *episode)
{
	const char *proof = cli_json_string(episode, "proof", "");

	return *proof && strcmp(proof, "NONE") != 0 ? proof : NULL;
}

void
cli_history_render_list(FILE *out, const json_t *episodes)
{
	const json_t *episode;
	size_t index;
	char when[CLI_LENGTH_TEXT], length[CLI_LENGTH_TEXT];

	json_array_foreach(episodes, index, episode)
	{
		double outage = cli_json_number(episode, "outage_ms", -1);

		(void)fprintf(out, "#%-4.0f %s  ", cli_json_number(episode, "number", 0),
			cli_moment(cli_json_number(episode, "time", 0), 0, when));
		cli_put(out, cli_json_string(episode, "title", "?"));
		if (proof_of(episode)) {
			(void)fputs(", proof ", out);
			cli_put(out, proof_of(episode));
		}
		if (outage >= 0)
			(void)fprintf(out, ", outage %s", cli_milliseconds(outage, length));
		if (strcmp(cli_json_string(episode, "result", ""), "open") == 0)
			(void)fputs(", goes on", out);
		(void)fputc('\n', out);
	}
	if (json_array_size(episodes) == 0)
		(void)fputs("Nothing has happened in this run of the daemon.\n", out);
	else
		(void)fputs("All about one of them: ha-fence history N\n", out);
}

static void
print_clock(FILE *out, double wall)
{
	long long ms = llround(wall * 1000);
	time_t when = (time_t)(ms / 1000);
	struct tm local;
	char text[16] = "--:--:--";

	if (localtime_r(&when, &local))
		(void)strftime(text, sizeof(text), "%H:%M:%S", &local);
	(void)fprintf(out, "%s.%03lld", text, ms % 1000);
}

static void
print_offset(FILE *out, double ms)
{
	char text[CLI_LENGTH_TEXT];

	if (ms < 100000)
		(void)snprintf(text, sizeof(text), "+%.3f", ms / 1000);
	else
		(void)snprintf(text, sizeof(text), "+%.1f", ms / 1000);
	(void)fprintf(out, "%-7s", text);
}

/* Is this one of the lines that an administrator looks for? */
static enum cli_tone
step_tone(const char *text)
{
	if (strstr(text, "MASTER") || strstr(text, "PROOF") || strstr(text, "proof"))
		return CLI_GOOD;
	return strstr(text, "ALARM") || strstr(text, "failed") ? CLI_BAD : CLI_PLAIN;
}

void
cli_history_render(FILE *out, bool colour, const json_t *episode)
{
	const json_t *step;
	size_t index;
	double outage = cli_json_number(episode, "outage_ms", -1);
	char when[CLI_LENGTH_TEXT], length[CLI_LENGTH_TEXT];

	(void)fprintf(out, "#%.0f ", cli_json_number(episode, "number", 0));
	cli_put(out, cli_json_string(episode, "title", "?"));
	(void)fprintf(out, "   %s", cli_moment(cli_json_number(episode, "time", 0), 0, when));
	if (proof_of(episode)) {
		(void)fputs("   proof ", out);
		cli_put(out, proof_of(episode));
	}
	if (outage >= 0)
		(void)fprintf(out, "   outage %s", cli_milliseconds(outage, length));
	(void)fputs("\nCause: ", out);
	cli_put(out, cli_json_string(episode, "cause", "unknown"));
	(void)fputs("\n\n", out);
	json_array_foreach(json_object_get(episode, "steps"), index, step)
	{
		const char *text = cli_json_string(step, "text", "?");

		if (index == 0)
			print_clock(out, cli_json_number(step, "time", cli_json_number(episode, "time", 0)));
		else
			(void)fprintf(out, "%12s", "");
		(void)fputs("  ", out);
		print_offset(out, cli_json_number(step, "ms", 0));
		(void)fputs("  ", out);
		cli_paint(out, colour, step_tone(text), 0, text);
		(void)fputc('\n', out);
	}
	if (strcmp(cli_json_string(episode, "result", ""), "open") == 0)
		(void)fputs("Goes on: ha-fence status\n", out);
	if (!cli_json_is_null(episode, "next")) {
		(void)fputs("Next: ", out);
		cli_put(out, cli_json_string(episode, "next", ""));
		(void)fputc('\n', out);
	}
}

/* The administrator's N: 0 for all, -1 if it is none. */
static long
episode_number(const struct cli_options *options)
{
	const char *text = options->argument_count > 0 ? options->arguments[0] : NULL;
	char *end;
	long number;

	if (!text)
		return 0;
	if (*text == '#')
		text++;
	number = strtol(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && number > 0 ? number : -1;
}

static json_t *
request_for(long number)
{
	json_t *request = json_pack("{s:s}", "request", "history");

	if (number > 0)
		(void)json_object_set_new(request, "n", json_integer(number));
	return request;
}

static int
show_one(const struct cli_options *options, const json_t *result, long number)
{
	const json_t *episode = json_array_get(result, 0);
	struct cli_problem problem;

	if (!episode) {
		(void)snprintf(problem.text, sizeof(problem.text),
			"there is no episode %ld (the history is of this run of the daemon)", number);
		cli_error(problem.text, "ha-fence history  lists what there is");
		return CLI_EXIT_FAILED;
	}
	if (options->json)
		cli_print_json(episode);
	else
		cli_history_render(stdout, cli_colour(stdout), episode);
	return CLI_EXIT_GOOD;
}

/* Print steps of `episodes` that have not been printed yet. `seen` maps episode numbers to how many were. */
static void
print_news(const struct cli_options *options, const json_t *episodes, json_t *seen)
{
	const json_t *episode;
	size_t index;
	bool colour = cli_colour(stdout);

	json_array_foreach(episodes, index, episode)
	{
		const json_t *steps = json_object_get(episode, "steps");
		char key[24];

		(void)snprintf(key, sizeof(key), "%.0f", cli_json_number(episode, "number", 0));
		size_t known = (size_t)cli_json_number(seen, key, 0);

		for (size_t i = known; i < json_array_size(steps); i++) {
			const json_t *step = json_array_get(steps, i);

			if (options->json) {
				json_t *line = json_pack("{s:s, s:O}", "episode", key, "step", step);

				cli_print_json(line);
				json_decref(line);
				continue;
			}
			(void)printf("#%s ", key);
			print_clock(stdout, cli_json_number(step, "time", 0));
			(void)fputs("  ", stdout);
			cli_paint(stdout, colour, step_tone(cli_json_string(step, "text", "")), 0,
				cli_json_string(step, "text", "?"));
			(void)fputc('\n', stdout);
		}
		(void)json_object_set_new(seen, key, json_integer((json_int_t)json_array_size(steps)));
	}
	(void)fflush(stdout);
}

/* Asks every second until Ctrl-C; a daemon that restarts in between is waited for. */
static int
follow(const struct cli_options *options)
{
	const struct timespec second = { .tv_sec = 1 };
	json_t *seen = json_object(), *result = NULL;
	sigset_t ends;
	int status = cli_control_read(options, request_for(0), &result);

	if (status != CLI_EXIT_GOOD) {
		json_decref(seen);
		return status;
	}
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGINT);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	do {
		json_t *request = request_for(0), *answer = NULL;

		if (result)
			print_news(options, result, seen);
		json_decref(result);
		result = NULL;
		if (cli_control_ask(options->runtime_dir, request, READ_TIMEOUT, &answer) == 0)
			result = json_incref(json_object_get(answer, "result"));
		json_decref(answer);
		json_decref(request);
	} while (!ferror(stdout) && sigtimedwait(&ends, NULL, &second) < 0);
	json_decref(result);
	json_decref(seen);
	return CLI_EXIT_GOOD;
}

int
cli_history(const struct cli_options *options)
{
	long number = episode_number(options);
	json_t *result = NULL;
	int status;

	if (number < 0) {
		cli_error("history takes the number of an episode",
			"ha-fence history  lists them; then: ha-fence history 12");
		return CLI_EXIT_USAGE;
	}
	if (options->given & CLI_OPTION_FOLLOW)
		return follow(options);
	status = cli_control_read(options, request_for(number), &result);
	if (status != CLI_EXIT_GOOD)
		return status;
	if (number > 0)
		status = show_one(options, result, number);
	else if (options->json)
		cli_print_json(result);
	else
		cli_history_render_list(stdout, result);
	json_decref(result);
	return status;
}
