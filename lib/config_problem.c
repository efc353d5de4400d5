#include "lib/config_problem.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_WIDTH 110 /* a longer source line is shown in part */
#define WORD_MAX     64

struct config_problems {
	char *text[CONFIG_PROBLEMS_MAX + 1];
	unsigned count, errors, warnings;
};

struct config_problems *
config_problems_new(void)
{
	return calloc(1, sizeof(struct config_problems));
}

static void
print_place(FILE *out, const struct config_place *place)
{
	if (!place || !place->path)
		return;
	fputs(place->path, out);
	if (place->line != 0)
		fprintf(out, ":%u", place->line);
	if (place->line != 0 && place->column != 0)
		fprintf(out, ":%u", place->column);
	fputs(": ", out);
}

/* The source line and under it the caret. Tabs stay tabs in both, so that they line up on any terminal. */
static void
print_source(FILE *out, const struct config_place *place)
{
	size_t column = place->column - 1, from = 0, to = place->source_length;

	if (column > place->source_length)
		column = place->source_length;
	if (to > SOURCE_WIDTH) {
		from = column > SOURCE_WIDTH / 2 ? column - SOURCE_WIDTH / 2 : 0;
		to = from + SOURCE_WIDTH < to ? from + SOURCE_WIDTH : to;
	}
	fprintf(out, "\n%5u | %s", place->line, from > 0 ? "..." : "");
	for (size_t i = from; i < to; i++) {
		char c = place->source[i];

		fputc(c == '\t' || (unsigned char)c >= 0x80 || isprint((unsigned char)c) ? c : '?', out);
	}
	fprintf(out, "\n      | %s", from > 0 ? "   " : "");
	for (size_t i = from; i < column; i++) {
		if (((unsigned char)place->source[i] & 0xc0) != 0x80)
			fputc(place->source[i] == '\t' ? '\t' : ' ', out);
	}
	fputc('^', out);
	for (size_t i = 1; i < place->length && column + i < to; i++) {
		if (((unsigned char)place->source[column + i] & 0xc0) != 0x80)
			fputc('~', out);
	}
}

static void
print_hint(FILE *out, const char *hint)
{
	while (hint && *hint != '\0') {
		size_t length = strcspn(hint, "\n");

		fprintf(out, "\n      %.*s", (int)length, hint);
		hint += length + (hint[length] == '\n');
	}
}

void
config_problem_add(struct config_problems *problems, enum config_severity severity, const struct config_place *place,
	const char *hint, const char *format, ...)
{
	char *text = NULL;
	size_t length;
	va_list arguments;
	FILE *out;

	if (severity == CONFIG_ERROR)
		problems->errors++;
	else
		problems->warnings++;
	if (problems->count > CONFIG_PROBLEMS_MAX)
		return;
	out = open_memstream(&text, &length);
	if (!out)
		return;
	if (problems->count == CONFIG_PROBLEMS_MAX) {
		fputs("... and more; repair these first", out);
	} else {
		print_place(out, place);
		fputs(severity == CONFIG_ERROR ? "error: " : "warning: ", out);
		va_start(arguments, format);
		vfprintf(out, format, arguments);
		va_end(arguments);
		if (place && place->source && place->line != 0 && place->column != 0)
			print_source(out, place);
		print_hint(out, hint);
	}
	if (fclose(out) == 0)
		problems->text[problems->count++] = text;
	else
		free(text);
}

unsigned
config_problems_errors(const struct config_problems *problems)
{
	return problems->errors;
}

unsigned
config_problems_warnings(const struct config_problems *problems)
{
	return problems->warnings;
}

const char *
config_problems_text(const struct config_problems *problems, unsigned index)
{
	return index < problems->count ? problems->text[index] : NULL;
}

void
config_problems_free(struct config_problems *problems)
{
	if (!problems)
		return;
	for (unsigned i = 0; i < problems->count; i++)
		free(problems->text[i]);
	free(problems);
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned
config_distance(const char *a, const char *b, unsigned limit)
{
	unsigned rows[3][WORD_MAX + 1];
	size_t m = strlen(a), n = strlen(b);

	if (m > WORD_MAX || n > WORD_MAX || (m > n ? m - n : n - m) > limit)
		return limit + 1;
	for (unsigned j = 0; j <= n; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= m; i++) {
		unsigned *now = rows[i % 3], *up = rows[(i - 1) % 3], *up2 = rows[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= n; j++) {
			bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);

			now[j] = least(least(up[j] + 1, now[j - 1] + 1), up[j - 1] + !same);
			if (i > 1 && j > 1 && tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 2]) &&
				tolower((unsigned char)a[i - 2]) == tolower((unsigned char)b[j - 1]))
				now[j] = least(now[j], up2[j - 2] + 1);
		}
	}
	return least(rows[m % 3][n], limit + 1);
}

const char *
config_meant(const char *word, const char *const *words)
{
	size_t length = strlen(word);
	unsigned limit = length < 4 ? 1 : length < 8 ? 2 : 3, best = limit + 1;
	const char *meant = NULL;

	for (; *words; words++) {
		unsigned distance = config_distance(word, *words, limit);

		if (distance < best && distance < strlen(*words)) {
			best = distance;
			meant = *words;
		}
	}
	return meant;
}
