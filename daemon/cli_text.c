#include "daemon/cli_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NUMBER_MAX 1e15 /* 30 million years of seconds: more is a mistake, and no integer could take it */

bool
cli_colour(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (no_color && *no_color)
		return false;
	return term && *term && strcmp(term, "dumb") != 0 && isatty(fileno(stream)) == 1;
}

int
cli_columns(const char *text)
{
	int columns = 0;

	for (; *text; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

void
cli_put(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		(void)fputc(c < 0x20 || c == 0x7f ? '?' : c, out);
	}
}

static const char *
colour_of(enum cli_tone tone)
{
	switch (tone) {
	case CLI_GOOD:
		return "\033[32m";
	case CLI_WARN:
		return "\033[33m";
	case CLI_BAD:
		return "\033[1;31m";
	case CLI_PLAIN:
		return "";
	}
	return "";
}

void
cli_paint(FILE *out, bool colour, enum cli_tone tone, int width, const char *word)
{
	bool painted = colour && tone != CLI_PLAIN;

	if (painted)
		(void)fputs(colour_of(tone), out);
	cli_put(out, word);
	if (painted)
		(void)fputs("\033[0m", out);
	for (int i = cli_columns(word); i < width; i++)
		(void)fputc(' ', out);
}

const char *
cli_length(double seconds, char buffer[CLI_LENGTH_TEXT])
{
	long long s = (long long)seconds;

	if (seconds < 0)
		(void)snprintf(buffer, CLI_LENGTH_TEXT, "-");
	else if (seconds < 9.95)
		(void)snprintf(buffer, CLI_LENGTH_TEXT, "%.1f s", seconds);
	else if (s < 60)
		(void)snprintf(buffer, CLI_LENGTH_TEXT, "%lld s", s);
	else if (s < 3600)
		(void)snprintf(buffer, CLI_LENGTH_TEXT, "%lld min %lld s", s / 60, s % 60);
	else if (s < 86400)
		(void)snprintf(buffer, CLI_LENGTH_TEXT, "%lld h %lld min", s / 3600, s / 60 % 60);
	else
		(void)snprintf(buffer, CLI_LENGTH_TEXT, "%lldd %lldh", s / 86400, s / 3600 % 24);
	return buffer;
}

const char *
cli_milliseconds(double ms, char buffer[CLI_LENGTH_TEXT])
{
	if (ms < 0)
		(void)snprintf(buffer, CLI_LENGTH_TEXT, "-");
	else if (ms < 0.95)
		(void)snprintf(buffer, CLI_LENGTH_TEXT, "%.1f ms", ms);
	else if (ms < 999.5)
		(void)snprintf(buffer, CLI_LENGTH_TEXT, "%.0f ms", ms);
	else
		return cli_length(ms / 1000, buffer);
	return buffer;
}

const char *
cli_moment(double wall, time_t now, char buffer[CLI_LENGTH_TEXT])
{
	time_t when = (time_t)wall;
	struct tm local;

	if (wall <= 0 || !localtime_r(&when, &local))
		(void)snprintf(buffer, CLI_LENGTH_TEXT, "-");
	else if (when <= now && now - when < 20 * 3600)
		(void)strftime(buffer, CLI_LENGTH_TEXT, "%H:%M:%S", &local);
	else
		(void)strftime(buffer, CLI_LENGTH_TEXT, "%Y-%m-%d %H:%M", &local);
	return buffer;
}

const char *
cli_json_string(const json_t *object, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : otherwise;
}

double
cli_json_number(const json_t *object, const char *key, double otherwise)
{
	double value = json_number_value(json_object_get(object, key));

	return json_is_number(json_object_get(object, key)) && fabs(value) < NUMBER_MAX ? value : otherwise;
}

bool
cli_json_bool(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

bool
cli_json_is_null(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return !value || json_is_null(value);
}

void
cli_error(const char *text, const char *remedy)
{
	(void)fputs("ha-fence: ", stderr);
	cli_put(stderr, text);
	(void)fputc('\n', stderr);
	if (remedy && *remedy) {
		(void)fputs("      ", stderr);
		for (const char *c = remedy; *c; c++) {
			(void)fputc(*c, stderr);
			if (*c == '\n' && c[1])
				(void)fputs("      ", stderr);
		}
		(void)fputc('\n', stderr);
	}
}

bool
cli_confirm(const char *question, const char *wanted)
{
	char line[64];

	if (isatty(STDIN_FILENO) != 1) {
		cli_error("this needs an answer, and there is no terminal to ask on",
			"if you are sure: the same again with --yes");
		return false;
	}
	(void)fprintf(stderr, "%s\nType %s to go on: ", question, wanted);
	(void)fflush(stderr);
	if (!fgets(line, sizeof(line), stdin))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (strcmp(line, wanted) == 0)
		return true;
	(void)fputs("Nothing was done.\n", stderr);
	return false;
}

void
cli_print_json(const json_t *value)
{
	size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);

	if (isatty(STDOUT_FILENO) == 1)
		flags |= JSON_INDENT(2);
	(void)json_dumpf(value, stdout, flags);
	(void)fputc('\n', stdout);
}
