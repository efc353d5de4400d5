#include "daemon/keepalived_text.h"

#include "daemon/keepalived_expand.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct place {
	const char *file;
	unsigned number;
	unsigned depth;
};

static int add_line(struct keepalived_text *text, char *line, const struct place *place);

static int
fail(struct keepalived_text *text, const struct place *place, const char *what, const char *detail)
{
	(void)snprintf(text->error, sizeof(text->error), "%.200s:%u: %s%s%.200s", place->file, place->number, what,
		detail[0] != '\0' ? ": " : "", detail);
	return -EINVAL;
}

static char *
trim(char *line)
{
	line += strspn(line, " \t\r\v\f");
	size_t length = strlen(line);

	while (length > 0 && isspace((unsigned char)line[length - 1]))
		length--;
	line[length] = '\0';
	return line;
}

/* A comment begins at # or ! outside of quotes. */
static void
cut_comment(char *line)
{
	char quote = '\0';

	for (char *at = line; *at != '\0'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		else if (quote != '\0')
			quote = *at == quote ? '\0' : quote;
		else if (*at == '"' || *at == '\'')
			quote = *at;
		else if (*at == '#' || *at == '!') {
			*at = '\0';
			return;
		}
	}
}

/* --- include --- */

static const char *
include_pattern(const char *line)
{
	static const char *const words[] = { "include", "includer", "includem", "includew", "includeb", "includea" };
	size_t length = strcspn(line, " \t");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == length && strncmp(line, words[i], length) == 0 && line[length] != '\0')
			return line + length + strspn(line + length, " \t");
	return NULL;
}

static int
note_absent(struct keepalived_text *text, const struct place *place, const char *pattern, int error)
{
	char *note =
		arena_print(text->arena, "%s:%u: include %s: %s", place->file, place->number, pattern, strerror(error));

	return note && arena_add(text->arena, &text->absent, note) ? 0 : -ENOMEM;
}

static int
add_content(struct keepalived_text *text, const char *path, const char *content, unsigned depth)
{
	struct place place = { .file = path, .depth = depth };
	const char *at = content;
	int r = 0;

	while (r == 0 && *at != '\0') {
		size_t length = strcspn(at, "\n");
		char *line = arena_text(text->arena, at, length);
		const char *next = at + length + (at[length] == '\n');

		place.number++;
		if (!line)
			return -ENOMEM;
		/* $NAME= \ and the lines that follow it, as long as each ends with a backslash. */
		unsigned joined = 0;
		char *whole = keepalived_expand_definition(text, line, &next, &joined);

		if (!whole)
			return text->arena->failed ? -ENOMEM : fail(text, &place, "definition is too long", "");
		r = add_line(text, whole, &place);
		place.number += joined;
		at = next;
	}
	return r;
}

static int
add_include(struct keepalived_text *text, const char *pattern, const struct place *place)
{
	const char *slash = strrchr(place->file, '/');
	struct arena_list paths = { 0 };
	char *full = pattern[0] == '/' || !slash
			     ? arena_text(text->arena, pattern, strlen(pattern))
			     : arena_print(text->arena, "%.*s/%s", (int)(slash - place->file), place->file, pattern);
	int r;

	if (!full)
		return -ENOMEM;
	if (place->depth >= KEEPALIVED_DEPTH)
		return fail(text, place, "includes are nested too deep", pattern);
	if (!text->source)
		return note_absent(text, place, pattern, ENOENT);
	r = text->source->match(text->source->userdata, text->arena, full, &paths);
	if (r < 0)
		return r == -ENOMEM ? r : note_absent(text, place, pattern, -r);
	for (size_t i = 0; r == 0 && i < paths.count; i++) {
		char *content = text->source->read(text->source->userdata, text->arena, paths.items[i]);

		r = content ? add_content(text, paths.items[i], content, place->depth + 1)
			    : note_absent(text, place, paths.items[i], errno);
	}
	return r;
}

/* --- lines --- */

static int
keep_host(struct keepalived_text *text, const char *name, size_t length)
{
	for (size_t i = 0; i < text->hosts.count; i++)
		if (strlen(text->hosts.items[i]) == length && memcmp(text->hosts.items[i], name, length) == 0)
			return 0;
	char *copy = arena_text(text->arena, name, length);

	return copy && arena_add(text->arena, &text->hosts, copy) ? 0 : -ENOMEM;
}

/* @host and @^host; NULL: this line is not for us. */
static char *
for_this_host(struct keepalived_text *text, char *line)
{
	while (line && *line == '@') {
		bool other = line[1] == '^';
		const char *name = line + 1 + other;
		size_t length = strcspn(name, " \t");
		const char *id = text->config_id ? text->config_id : "";
		bool same = strlen(id) == length && strncmp(id, name, length) == 0;

		if (keep_host(text, name, length) < 0)
			return NULL;
		line = same != other ? trim(line + 1 + other + length) : NULL;
	}
	return line;
}

static int
add_words(struct keepalived_text *text, const char *line, const struct place *place)
{
	struct keepalived_line *entry = arena_take(text->arena, sizeof(*entry));

	if (!entry)
		return -ENOMEM;
	if (text->lines.count >= KEEPALIVED_LINES)
		return fail(text, place, "too many lines", "");
	*entry = (struct keepalived_line){ .text = line, .file = place->file, .number = place->number };
	return arena_add(text->arena, &text->lines, entry) ? 0 : -ENOMEM;
}

static int
add_expanded(struct keepalived_text *text, char *expanded, const struct place *place)
{
	struct place deeper = *place;
	int r = 0;

	if (++deeper.depth > 4 * KEEPALIVED_DEPTH)
		return fail(text, place, "parameters refer to themselves", "");
	for (char *at = expanded; r == 0 && at;) {
		char *end = strchr(at, '\n');

		if (end)
			*end = '\0';
		r = add_line(text, at, &deeper);
		at = end ? end + 1 : NULL;
	}
	return r;
}

static int
add_line(struct keepalived_text *text, char *line, const struct place *place)
{
	const char *pattern;
	char *expanded = NULL;
	int r;

	/* A value of several lines keeps their comments until it is used. */
	if (!strchr(line, '\n'))
		cut_comment(line);
	line = trim(line);
	if (keepalived_expand_is_definition(line))
		return keepalived_expand_define(text, line) ? 0 : -ENOMEM;
	pattern = include_pattern(line);
	if (pattern)
		return add_include(text, pattern, place);
	line = for_this_host(text, line);
	if (!line)
		return text->arena->failed ? -ENOMEM : 0;
	if (keepalived_expand_is_definition(line))
		return keepalived_expand_define(text, line) ? 0 : -ENOMEM;
	/* One step at a time: what comes out is looked at as a line again. */
	r = keepalived_expand_step(text, line, place->file, &expanded);
	if (r < 0)
		return text->arena->failed ? -ENOMEM : fail(text, place, "cannot be expanded", line);
	if (expanded)
		return add_expanded(text, expanded, place);
	return line[0] == '\0' ? 0 : add_words(text, line, place);
}

int
keepalived_text_add(struct keepalived_text *text, const char *path, const char *content)
{
	int r = add_content(text, path, content, 0);

	if (r < 0 && text->error[0] == '\0')
		(void)snprintf(text->error, sizeof(text->error), "%.200s: too big", path);
	return r < 0 ? -EINVAL : 0;
}
