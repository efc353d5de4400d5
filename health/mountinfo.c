#include "health/mountinfo.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_ 4096

struct lines {
	int fd;
	char buffer[LINE_MAX_];
	size_t length, at;
};

static bool
is_octal(const char *s)
{
	return s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7';
}

/* proc(5): space, tab, newline and backslash in names are octal. In place. */
static void
unescape(char *text)
{
	char *to = text;

	for (; *text != '\0'; to++) {
		if (is_octal(text)) {
			*to = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
			text += 4;
		} else {
			*to = *text++;
		}
	}
	*to = '\0';
}

/* The next line, without its end; a longer one is cut. NULL: no more. */
static char *
next_line(struct lines *lines)
{
	for (;;) {
		char *line = lines->buffer + lines->at;
		char *end = memchr(line, '\n', lines->length - lines->at);
		ssize_t n;

		if (end) {
			*end = '\0';
			lines->at = (size_t)(end + 1 - lines->buffer);
			return line;
		}
		memmove(lines->buffer, line, lines->length - lines->at);
		lines->length -= lines->at;
		lines->at = 0;
		if (lines->length == sizeof(lines->buffer))
			lines->length = sizeof(lines->buffer) - 1;
		n = read(lines->fd, lines->buffer + lines->length, sizeof(lines->buffer) - lines->length);
		if (n <= 0)
			return NULL;
		lines->length += (size_t)n;
	}
}

/* `path` is the configuration's and may end in slashes. */
static bool
same_path(const char *point, const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	return strlen(point) == length && memcmp(point, path, length) == 0;
}

/* proc(5): "36 35 98:0 /root MOUNT-POINT options optional... - TYPE SOURCE super-options" */
static void
read_mount(char *line, const char *path, struct health_mount *mount)
{
	char *rest = NULL, *word = NULL, *point = NULL, *tail = strstr(line, " - ");

	if (!tail)
		return;
	*tail = '\0';
	word = strtok_r(line, " ", &rest);
	for (unsigned i = 0; word && i < 5; i++) {
		if (i == 4)
			point = word;
		word = strtok_r(NULL, " ", &rest);
	}
	if (!point)
		return;
	unescape(point);
	if (!same_path(point, path))
		return;
	mount->found = true;
	mount->type[0] = mount->source[0] = '\0';
	word = strtok_r(tail + 3, " ", &rest);
	if (word)
		(void)snprintf(mount->type, sizeof(mount->type), "%s", word);
	word = strtok_r(NULL, " ", &rest);
	if (word) {
		unescape(word);
		(void)snprintf(mount->source, sizeof(mount->source), "%s", word);
	}
}

void
health_mountinfo_find(int fd, const char *path, struct health_mount *ret)
{
	struct lines lines = { .fd = fd };
	char *line;

	*ret = (struct health_mount){ .found = false };
	while ((line = next_line(&lines)))
		read_mount(line, path, ret);
}
