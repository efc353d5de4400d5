/* libconfig says "syntax error" and a line. The tokens say more: the mistakes that people make are few. */
#include "lib/config_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DUPLICATES_MAX 16

struct finding {
	const struct config_token *token;
	const char *message, *hint;
};

static char
mark_at(const struct config_text *text, size_t i)
{
	return i < text->token_count ? config_token_mark(text, &text->tokens[i]) : '\0';
}

static bool
is_kind(const struct config_text *text, size_t i, enum config_token_kind kind)
{
	return i < text->token_count && text->tokens[i].kind == kind;
}

static bool
is_boolean(const struct config_text *text, size_t i)
{
	return config_token_is(text, &text->tokens[i], "true") || config_token_is(text, &text->tokens[i], "false");
}

/* A bare word where a value stands: yes, on, reboot ... */
static bool
find_bare_word(const struct config_text *text, size_t i, struct finding *ret)
{
	static const char *const yes[] = { "yes", "on", "no", "off", "enable", "enabled", "disable", "disabled" };
	const struct config_token *token = &text->tokens[i];
	char before = i > 0 ? mark_at(text, i - 1) : '\0';

	if (token->kind != CONFIG_TOKEN_NAME || is_boolean(text, i) || (before != '=' && before != ':'))
		return false;
	*ret = (struct finding){ token, "syntax error: a word without quotes", "write the text in quotes: \"...\"" };
	for (unsigned k = 0; k < sizeof(yes) / sizeof(*yes); k++) {
		if (config_token_is(text, token, yes[k]))
			ret->hint = "libconfig says true and false, not yes and no; a text stands in quotes";
	}
	return true;
}

/* NAME without = or : behind it, where a setting begins. */
static bool
find_missing_sign(const struct config_text *text, size_t i, struct finding *ret)
{
	char after = mark_at(text, i + 1), before = i > 0 ? mark_at(text, i - 1) : ';';

	if (!is_kind(text, i, CONFIG_TOKEN_NAME) || after == '=' || after == ':' || before == '=' || before == ':' ||
		is_boolean(text, i))
		return false;
	if (before == '(' || before == '[' || before == ',')
		*ret = (struct finding){ &text->tokens[i], "syntax error: a word without quotes",
			"write the text in quotes: \"...\"; settings in a list stand in { }" };
	else
		*ret = (struct finding){ &text->tokens[i], "syntax error: = or : is missing behind the name",
			"write NAME = VALUE; or NAME: { ... };" };
	return true;
}

/* "192.168.1.98" without quotes, "200ms": a number with something right behind it. */
static bool
find_number(const struct config_text *text, size_t i, struct finding *ret)
{
	const struct config_token *token = &text->tokens[i], *next = token + 1;

	if (token->kind != CONFIG_TOKEN_NUMBER || i + 1 >= text->token_count || next->file != token->file ||
		next->begin != token->begin + token->length ||
		(next->kind != CONFIG_TOKEN_NUMBER && next->kind != CONFIG_TOKEN_NAME))
		return false;
	*ret = (struct finding){ token, "syntax error: this is not a number",
		"addresses and other texts stand in quotes; seconds are plain numbers without a unit" };
	return true;
}

static bool
find_punctuation(const struct config_text *text, size_t i, struct finding *ret)
{
	const struct config_token *token = &text->tokens[i];
	char mark = mark_at(text, i), after = mark_at(text, i + 1);

	if (mark == ',' && (after == ')' || after == ']' || after == '\0') &&
		(i + 1 == text->token_count || after != '\0'))
		*ret = (struct finding){ token, "syntax error: a comma with nothing behind it",
			"delete it: the last element of a list has no comma" };
	else if ((mark == ';' || mark == ',') && (after == ';' || after == ','))
		*ret = (struct finding){ &text->tokens[i + 1], "syntax error: one separator too many", "delete it" };
	else if ((mark == '=' || mark == ':') &&
		 (after == ';' || after == ',' || after == '}' || i + 1 == text->token_count))
		*ret = (struct finding){ token, "syntax error: the value is missing", "write NAME = VALUE;" };
	else if ((mark == '=' || mark == ':') && (after == '=' || after == ':'))
		*ret = (struct finding){ &text->tokens[i + 1], "syntax error: one sign too many",
			"write NAME = VALUE;" };
	else if (mark == '}' && after == '{')
		*ret = (struct finding){ &text->tokens[i + 1], "syntax error: a comma is missing before this {",
			"the elements of a list are separated: ( { ... }, { ... } )" };
	else
		return false;
	return true;
}

static bool
find_garbage(const struct config_text *text, size_t i, struct finding *ret)
{
	const struct config_token *token = &text->tokens[i];
	const char *at = config_token_text(text, token);

	if (token->kind == CONFIG_TOKEN_INCLUDE)
		*ret = (struct finding){ token, "syntax error: @include without a file name",
			"write @include \"FILE\" on a line of its own" };
	else if (token->kind == CONFIG_TOKEN_UNCLOSED && *at == '"')
		*ret = (struct finding){ token, "syntax error: this quote is never closed", "add the closing \"" };
	else if (token->kind == CONFIG_TOKEN_UNCLOSED)
		*ret = (struct finding){ token, "syntax error: this comment is never closed", "add */" };
	else if (token->kind == CONFIG_TOKEN_STRING && memchr(at, '\n', token->length))
		*ret = (struct finding){ token, "syntax error: the quote that opens here is closed on a later line",
			"a closing \" is missing on this line" };
	else if (token->kind != CONFIG_TOKEN_GARBAGE)
		return false;
	else if (*at == '!')
		*ret = (struct finding){ token,
			"syntax error: ! begins no comment here (as it does in keepalived.conf)",
			"write # or // instead" };
	else if (*at == '\'')
		*ret = (struct finding){ token, "syntax error: single quotes",
			"texts stand in double quotes: \"...\"" };
	else if ((unsigned char)*at == 0xef && token->begin == 0)
		*ret = (struct finding){ token, "syntax error: the file begins with a byte order mark",
			"save it as UTF-8 without BOM" };
	else
		*ret = (struct finding){ token, "syntax error: this character has no meaning here",
			"texts stand in double quotes, comments begin with #" };
	return true;
}

/* Every bracket has its partner. */
static bool
find_bracket(const struct config_text *text, struct finding *ret)
{
	size_t *open = calloc(text->token_count + 1, sizeof(*open)), depth = 0;
	bool found = false;

	for (size_t i = 0; open && !found && i < text->token_count; i++) {
		char mark = mark_at(text, i), partner = mark == ')'   ? '('
							: mark == ']' ? '['
							: mark == '}' ? '{'
								      : '\0';

		if (mark == '(' || mark == '[' || mark == '{') {
			open[depth++] = i;
		} else if (partner && (depth == 0 || mark_at(text, open[depth - 1]) != partner)) {
			found = true;
			*ret = (struct finding){ &text->tokens[i], "syntax error: this bracket closes nothing",
				depth ? "another kind of bracket is open here; is one missing?" : "delete it" };
		} else if (partner) {
			depth--;
		}
	}
	if (open && !found && depth > 0) {
		found = true;
		*ret = (struct finding){ &text->tokens[open[depth - 1]], "syntax error: this bracket is never closed",
			"add its partner" };
	}
	free(open);
	return found;
}

static void
report(struct config_loader *loader, const struct finding *finding)
{
	struct config_place place = config_token_place(&loader->text, finding->token);

	if (memchr(place.source + place.column - 1, '\n', place.length))
		place.length = 1;
	config_problem_add(loader->problems, CONFIG_ERROR, &place, finding->hint, "%s", finding->message);
}

struct duplicate {
	const struct config_token *first, *second;
};

/* Two settings of one name in the same group; libconfig stops at the first, all are told. */
static unsigned
find_duplicates(const struct config_text *text, struct duplicate *ret, unsigned max)
{
	size_t *group = calloc(text->token_count + 1, sizeof(*group)),
	       *open = calloc(text->token_count + 1, sizeof(*open));
	size_t depth = 0;
	unsigned found = 0;

	for (size_t i = 0; group && open && i < text->token_count && found < max; i++) {
		char mark = mark_at(text, i), after = mark_at(text, i + 1);
		const struct config_token *b = &text->tokens[i];

		group[i] = open[depth];
		if (mark == '{' || mark == '(' || mark == '[')
			open[++depth] = i + 1;
		else if ((mark == '}' || mark == ')' || mark == ']') && depth > 0)
			depth--;
		if (b->kind != CONFIG_TOKEN_NAME || (after != '=' && after != ':'))
			continue;
		for (size_t k = group[i]; k < i; k++) {
			const struct config_token *a = &text->tokens[k];

			if (group[k] != group[i] || a->kind != CONFIG_TOKEN_NAME || a->length != b->length ||
				memcmp(config_token_text(text, a), config_token_text(text, b), a->length) != 0)
				continue;
			ret[found++] = (struct duplicate){ a, b };
			break;
		}
	}
	free(group);
	free(open);
	return found;
}

static void
report_duplicate(struct config_loader *loader, const struct duplicate *duplicate)
{
	const struct config_text *text = &loader->text;
	const struct config_token *a = duplicate->first, *b = duplicate->second;
	struct config_place place = config_token_place(text, b);

	config_problem_add(loader->problems, CONFIG_ERROR, &place, "delete one of the two",
		"%.*s is set twice; first at %s:%u", (int)(b->length < 64 ? b->length : 64), config_token_text(text, b),
		text->files[a->file].path, a->line);
}

/* The token on or before `line` where libconfig gave up, as far as a line can tell. */
static const struct config_token *
token_of_line(const struct config_text *text, unsigned line)
{
	const struct config_token *found = NULL;

	for (size_t i = 0; i < text->token_count && text->tokens[i].flat_line <= line; i++) {
		if (!found || text->tokens[i].flat_line != found->flat_line)
			found = &text->tokens[i];
	}
	return found;
}

static bool
find_mistake(const struct config_text *text, unsigned line, struct finding *ret)
{
	for (size_t i = 0; i < text->token_count && text->tokens[i].flat_line <= line + 1; i++) {
		if (find_garbage(text, i, ret) || find_bare_word(text, i, ret) || find_missing_sign(text, i, ret) ||
			find_number(text, i, ret) || find_punctuation(text, i, ret))
			return true;
	}
	return find_bracket(text, ret);
}

void
config_explain_syntax(struct config_loader *loader, unsigned line, const char *message)
{
	struct duplicate duplicates[DUPLICATES_MAX];
	struct finding finding;
	unsigned count = strstr(message, "duplicate") ? find_duplicates(&loader->text, duplicates, DUPLICATES_MAX) : 0;

	if (count > 0) {
		finding = (struct finding){ NULL, NULL, NULL };
	} else if (strstr(message, "mismatched element")) {
		finding = (struct finding){ token_of_line(&loader->text, line),
			"syntax error: the elements of an array [ ] are of different types", "write a list: ( ... )" };
	} else if (!find_mistake(&loader->text, line, &finding)) {
		finding = (struct finding){ token_of_line(&loader->text, line), "syntax error",
			"look at this line and the one before it: a quote, a bracket, a comma?" };
	}
	if (!finding.token)
		finding.token = &loader->end;
	/* Only now: what was found points to the tokens, and masking changes the text under them. */
	config_text_mask_broken(&loader->text);
	for (unsigned i = 0; i < count; i++)
		report_duplicate(loader, &duplicates[i]);
	if (count == 0)
		report(loader, &finding);
}
