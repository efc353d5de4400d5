#include "daemon/cli_history.h"

#include "daemon/cli_control.h"
#include "daemon/cli_report.h"
#include "daemon/cli_text.h"
#include "daemon/cli_write.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <string.h>

#define FOREVER 1e15 /* more steps than there will be */

static const char *
proof_of(const json_t *episode)
{
	const char *proof = cli_json_string(episode, "proof", "");

	return *proof && strcmp(proof, "NONE") != 0 ? proof : NULL;
}

static bool
result_is(const json_t *episode, const char *result)
{
	return strcmp(cli_json_string(episode, "result", ""), result) == 0;
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
		if (result_is(episode, "open"))
			(void)fputs(", goes on", out);
		if (result_is(episode, "interrupted"))
			(void)fputs(", the daemon ended first", out);
		(void)fputc('\n', out);
	}
	if (json_array_size(episodes) == 0)
		(void)fputs("Nothing has happened yet.\n", out);
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
	if (result_is(episode, "open"))
		(void)fputs("Goes on: ha-fence status\n", out);
	if (result_is(episode, "interrupted"))
		(void)fputs("The daemon ended before this was decided; what came next is in the next episode.\n", out);
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

/* Borrowed; NULL: there is none. */
static json_t *
episode_of(const json_t *episodes, long number)
{
	json_t *episode;
	size_t index;

	json_array_foreach(episodes, index, episode)
	{
		if (llround(cli_json_number(episode, "number", 0)) == number)
			return episode;
	}
	return NULL;
}

static int
no_episode(long number)
{
	struct cli_problem problem;

	(void)snprintf(problem.text, sizeof(problem.text), "there is no episode %ld", number);
	cli_error(problem.text, "ha-fence history  lists what there is");
	return CLI_EXIT_FAILED;
}

static int
write_page(const struct cli_options *options, const json_t *episodes, long number)
{
	json_t *chosen = json_array();
	size_t count = json_array_size(episodes), first = count > CLI_REPORT_EPISODES ? count - CLI_REPORT_EPISODES : 0;

	if (number > 0 && !episode_of(episodes, number)) {
		json_decref(chosen);
		return no_episode(number);
	}
	if (number > 0)
		(void)json_array_append(chosen, episode_of(episodes, number));
	for (size_t i = first; number == 0 && i < count; i++)
		(void)json_array_append(chosen, json_array_get(episodes, i));
	int r = cli_report_write(options->html, chosen);

	json_decref(chosen);
	if (r == 0)
		return CLI_EXIT_GOOD;
	return cli_write_failed(options->html, r, "a file with .new at its end is in the way: delete it");
}

static int
show_one(const struct cli_options *options, const json_t *episodes, long number)
{
	const json_t *episode = episode_of(episodes, number);

	if (!episode)
		return no_episode(number);
	if (options->json)
		cli_print_json(episode);
	else
		cli_history_render(stdout, cli_colour(stdout), episode);
	return CLI_EXIT_GOOD;
}

static void
print_step(const struct cli_options *options, const char *number, json_t *step)
{
	if (options->json) {
		json_t *line = json_pack("{s:s, s:O}", "episode", number, "step", step);

		cli_print_json(line);
		json_decref(line);
		return;
	}
	(void)printf("#%s ", number);
	print_clock(stdout, cli_json_number(step, "time", 0));
	(void)fputs("  ", stdout);
	cli_paint(stdout, cli_colour(stdout), step_tone(cli_json_string(step, "text", "")), 0,
		cli_json_string(step, "text", "?"));
	(void)fputc('\n', stdout);
}

/* Print steps of `episodes` that have not been printed yet. `seen` maps episode numbers to how many were. */
static void
print_news(const struct cli_options *options, const json_t *episodes, json_t *seen)
{
	const json_t *episode;
	size_t index;

	json_array_foreach(episodes, index, episode)
	{
		const json_t *steps = json_object_get(episode, "steps");
		char number[24];

		(void)snprintf(number, sizeof(number), "%.0f", cli_json_number(episode, "number", 0));
		/* One that is too long has lost steps from its middle: the newest are those that count. */
		double total = (double)json_array_size(steps) + cli_json_number(episode, "steps_dropped", 0);
		double news = total - cli_json_number(seen, number, 0);
		size_t size = json_array_size(steps), count = news < 0 ? 0 : news < (double)size ? (size_t)news : size;

		for (size_t i = size - count; i < size; i++)
			print_step(options, number, json_array_get(steps, i));
		(void)json_object_set_new(seen, number, json_real(total));
	}
	(void)fflush(stdout);
}

/* It begins with the newest episode, or with that of the administrator: what was before counts as seen. */
static void
forget_before(const json_t *episodes, long number, json_t *seen)
{
	const json_t *episode;
	size_t index, last = json_array_size(episodes) - 1;

	json_array_foreach(episodes, index, episode)
	{
		char key[24];

		if (number > 0 ? llround(cli_json_number(episode, "number", 0)) >= number : index == last)
			continue;
		(void)snprintf(key, sizeof(key), "%.0f", cli_json_number(episode, "number", 0));
		(void)json_object_set_new(seen, key, json_real(FOREVER));
	}
}

/* Asks every second until Ctrl-C; a daemon that restarts in between is waited for. */
static int
follow(const struct cli_options *options, long number)
{
	const struct timespec second = { .tv_sec = 1 };
	json_t *seen = json_object(), *episodes;
	sigset_t ends;
	int error;

	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGINT);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	episodes = cli_history_live(options, &error);
	if (!episodes) {
		json_decref(seen);
		return cli_control_report(error, options);
	}
	forget_before(episodes, number, seen);
	do {
		if (episodes)
			print_news(options, episodes, seen);
		json_decref(episodes);
		if (ferror(stdout) || sigtimedwait(&ends, NULL, &second) >= 0)
			break;
		episodes = cli_history_live(options, &error);
	} while (true);
	json_decref(seen);
	return CLI_EXIT_GOOD;
}

int
cli_history(const struct cli_options *options)
{
	long number = episode_number(options);
	json_t *episodes = NULL;
	int status;

	if (number < 0) {
		cli_error("history takes the number of an episode",
			"ha-fence history  lists them; then: ha-fence history 12");
		return CLI_EXIT_USAGE;
	}
	if (options->given & CLI_OPTION_FOLLOW)
		return follow(options, number);
	status = cli_history_read(options, &episodes);
	if (status != CLI_EXIT_GOOD)
		return status;
	if (options->given & CLI_OPTION_HTML)
		status = write_page(options, episodes, number);
	else if (number > 0)
		status = show_one(options, episodes, number);
	else if (options->json)
		cli_print_json(episodes);
	else
		cli_history_render_list(stdout, episodes);
	json_decref(episodes);
	return status;
}
