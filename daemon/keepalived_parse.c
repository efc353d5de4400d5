#include "daemon/keepalived_parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct keepalived_text *text;
	const struct keepalived_line *line;
	struct keepalived_item *open[KEEPALIVED_DEPTH];
	unsigned depth;
	struct keepalived_item *current; /* the statement of this line; NULL: none yet */
	struct keepalived_item *last;    /* the newest statement: a brace on the next line belongs to it */
};

static int
fail(struct parser *parser, const char *file, unsigned line, const char *what)
{
	(void)snprintf(parser->text->error, sizeof(parser->text->error), "%.200s:%u: %s", file, line, what);
	return -EINVAL;
}

static int
fail_here(struct parser *parser, const char *what)
{
	return fail(parser, parser->line->file, parser->line->number, what);
}

/* Escapes of keepalived.conf(5), Quoted strings. Returns behind it. */
static const char *
take_escape(const char *at, char *ret)
{
	static const char letters[] = "abEfnrtv", values[] = "\a\b\033\f\n\r\t\v";
	const char *letter = *at != '\0' ? strchr(letters, *at) : NULL;
	char *end;

	if (letter) {
		*ret = values[letter - letters];
		return at + 1;
	}
	if (*at >= '0' && *at <= '7') {
		int value = 0, digits = 0;

		for (; digits < 3 && at[digits] >= '0' && at[digits] <= '7'; digits++)
			value = value * 8 + at[digits] - '0';
		*ret = (char)value;
		return at + digits;
	}
	if (*at == 'x' && isxdigit((unsigned char)at[1])) {
		*ret = (char)strtoul(at + 1, &end, 16);
		return end;
	}
	if (*at == 'c' && at[1] != '\0') {
		*ret = (char)(at[1] & 0x1f);
		return at + 2;
	}
	*ret = *at;
	return *at == '\0' ? at : at + 1;
}

/* The word at `at`, which is no blank and no brace, into `ret`. Returns behind it; NULL: a quote is not closed. */
static const char *
take_word(const char *at, char *ret)
{
	char quote = '\0';

	while (*at != '\0' && (quote != '\0' || (!isspace((unsigned char)*at) && *at != '{' && *at != '}'))) {
		if (*at == '\\' && at[1] != '\0') {
			at = take_escape(at + 1, ret);
			ret += *ret != '\0'; /* a NUL in a word would end it */
		} else if (quote == '\0' && (*at == '"' || *at == '\'')) {
			quote = *at++;
		} else if (quote != '\0' && *at == quote) {
			quote = '\0';
			at++;
		} else if (*at == '$' && at[1] == '{' && strchr(at, '}')) {
			/* A parameter that nobody defined stays as it is. */
			while (*at != '}')
				*ret++ = *at++;
			*ret++ = *at++;
		} else {
			*ret++ = *at++;
		}
	}
	*ret = '\0';
	return quote == '\0' ? at : NULL;
}

static int
add_word(struct parser *parser, char *word)
{
	struct arena *arena = parser->text->arena;

	if (!parser->current) {
		struct keepalived_item *item = arena_take(arena, sizeof(*item));

		if (!item || !arena_add(arena, &parser->open[parser->depth]->items, item))
			return -ENOMEM;
		item->file = parser->line->file;
		item->line = parser->line->number;
		parser->current = parser->last = item;
	}
	return arena_add(arena, &parser->current->words, word) ? 0 : -ENOMEM;
}

static int
open_block(struct parser *parser)
{
	if (!parser->last || parser->last->block)
		return fail_here(parser, "\"{\" without a keyword before it");
	if (parser->depth + 1 == KEEPALIVED_DEPTH)
		return fail_here(parser, "blocks are nested too deep");
	parser->last->block = true;
	parser->open[++parser->depth] = parser->last;
	parser->current = parser->last = NULL;
	return 0;
}

static int
close_block(struct parser *parser)
{
	if (parser->depth == 0)
		return fail_here(parser, "\"}\" without a block that it closes");
	parser->depth--;
	parser->current = parser->last = NULL;
	return 0;
}

static int
take_line(struct parser *parser)
{
	const char *at = parser->line->text;
	int r = 0;

	parser->current = NULL;
	while (r == 0 && *(at += strspn(at, " \t\r\n\v\f")) != '\0') {
		if (*at == '{' || *at == '}') {
			r = *at == '{' ? open_block(parser) : close_block(parser);
			at++;
			continue;
		}
		char *word = arena_take(parser->text->arena, strlen(at) + 1);

		if (!word)
			return -ENOMEM;
		at = take_word(at, word);
		r = at ? add_word(parser, word) : fail_here(parser, "a quote is not closed on its line");
	}
	return r;
}

struct keepalived_item *
keepalived_parse(struct keepalived_text *text)
{
	struct keepalived_item *root = arena_take(text->arena, sizeof(*root));
	struct parser parser = { .text = text, .open = { root } };
	int r = root ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < text->lines.count; i++) {
		parser.line = text->lines.items[i];
		r = take_line(&parser);
	}
	if (r == 0 && parser.depth > 0)
		r = fail(&parser, parser.open[parser.depth]->file, parser.open[parser.depth]->line,
			"this block is not closed");
	if (r == -ENOMEM)
		(void)snprintf(text->error, sizeof(text->error), "the configuration is too big");
	return r == 0 ? root : NULL;
}

const char *
keepalived_word(const struct keepalived_item *item, size_t index)
{
	return index < item->words.count ? item->words.items[index] : "";
}

struct keepalived_item *
keepalived_find(struct keepalived_item *parent, const char *keyword)
{
	struct keepalived_item *found = NULL;

	for (size_t i = 0; i < parent->items.count; i++) {
		struct keepalived_item *item = parent->items.items[i];

		if (strcmp(keepalived_word(item, 0), keyword) != 0)
			continue;
		item->used = true;
		found = item;
	}
	return found;
}
