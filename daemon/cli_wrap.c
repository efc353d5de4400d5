#include "daemon/cli_wrap.h"

#include "daemon/cli_text.h"

#include <ctype.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_UNKNOWN 80
#define COLUMNS_LEAST   20

int
cli_terminal_columns(FILE *stream)
{
	struct winsize size = { 0 };
	int fd = fileno(stream);

	if (isatty(fd) != 1)
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return COLUMNS_UNKNOWN;
	return size.ws_col < COLUMNS_LEAST ? COLUMNS_LEAST : size.ws_col;
}

/* Where the lines after the first one begin: under the text, not under its number. */
static int
hanging(const char *text)
{
	size_t blanks = strspn(text, " "), digits = strspn(text + blanks, "0123456789");

	if (digits > 0 && strncmp(text + blanks + digits, ". ", 2) == 0)
		return (int)(blanks + digits + 2);
	return (int)blanks;
}

static int
columns_of(const char *text, size_t length)
{
	int columns = 0;

	for (size_t i = 0; i < length; i++)
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
	return columns;
}

/* Up to the next blank, or with `whole` up to the next two of them. */
static size_t
piece(const char *text, bool whole)
{
	const char *end = strstr(text, whole ? "  " : " ");

	return end ? (size_t)(end - text) : strlen(text);
}

static void
put(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		(void)fputc(iscntrl((unsigned char)text[i]) ? '?' : text[i], out);
}

/* How much of `text`, which stands behind `gap` blanks, goes into the `left` columns that this line has; 0: it begins a
 * new line. An empty line takes a word in any case. */
static size_t
fitting(const char *text, size_t gap, int left, int whole_line, bool empty)
{
	size_t all = piece(text, true), word = piece(text, false);

	if (columns_of(text, all) <= left)
		return all;
	if (!empty && gap >= 2 && columns_of(text, all) <= whole_line)
		return 0;
	return empty || columns_of(text, word) <= left ? word : 0;
}

void
cli_put_wrapped(FILE *out, int columns, int indent, const char *text)
{
	int begin = indent + hanging(text), at = indent;
	bool empty = true;

	(void)fprintf(out, "%*s", indent, "");
	if (columns == 0)
		cli_put(out, text);
	for (size_t gap = strspn(text, " "); columns > 0 && text[gap]; gap = strspn(text, " ")) {
		size_t length = fitting(text + gap, gap, columns - at - (int)gap, columns - begin, empty);

		if (length > 0) {
			(void)fprintf(out, "%*s", (int)gap, "");
			put(out, text + gap, length);
			at += (int)gap + columns_of(text + gap, length);
		} else {
			(void)fprintf(out, "\n%*s", begin, "");
			at = begin;
		}
		empty = length == 0;
		text += gap + length;
	}
	(void)fputc('\n', out);
}
