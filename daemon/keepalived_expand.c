#include "daemon/keepalived_expand.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 4096 /* of one sequence: more than a VRID or a subnet needs */
#define NAMES     8    /* variables of one ~LST */

struct parameter {
	const char *name, *value;
};

static size_t
name_length(const char *at)
{
	size_t length = 0;

	if (isdigit((unsigned char)*at))
		return 0;
	while (isalnum((unsigned char)at[length]) || at[length] == '_')
		length++;
	return length;
}

/* --- definitions --- */

bool
keepalived_expand_is_definition(const char *line)
{
	line += strspn(line, " \t");
	size_t length = *line == '$' ? name_length(line + 1) : 0;

	return length > 0 && line[1 + length] == '=';
}

static bool
continues(const char *line, size_t length)
{
	while (length > 0 && isspace((unsigned char)line[length - 1]))
		length--;
	return length > 0 && line[length - 1] == '\\';
}

/* Without the backslash. */
static size_t
kept(const char *line, size_t length)
{
	while (length > 0 && line[length - 1] != '\\')
		length--;
	return length > 0 ? length - 1 : 0;
}

char *
keepalived_expand_definition(struct keepalived_text *text, char *line, const char **next, unsigned *joined)
{
	/* An @ condition may stand before it. */
	const char *dollar = strchr(line, '$');
	const char *value = dollar && keepalived_expand_is_definition(dollar) ? strchr(dollar, '=') + 1 : NULL;

	if (!value || value[strspn(value, " \t")] != '\\' || !continues(value, strlen(value)))
		return line;
	char *whole = arena_text(text->arena, line, (size_t)(value - line));

	for (bool more = true; whole && more;) {
		size_t part = strcspn(*next, "\n");

		more = continues(*next, part);
		whole = arena_print(text->arena, "%s\n%.*s", whole, (int)(more ? kept(*next, part) : part), *next);
		*next += part + ((*next)[part] == '\n');
		(*joined)++;
		more = more && **next != '\0';
	}
	return whole;
}

static struct parameter *
find(const struct keepalived_text *text, const char *name, size_t length)
{
	for (size_t i = 0; i < text->parameters.count; i++) {
		struct parameter *parameter = text->parameters.items[i];

		if (strlen(parameter->name) == length && memcmp(parameter->name, name, length) == 0)
			return parameter;
	}
	return NULL;
}

static bool
set(struct keepalived_text *text, const char *name, size_t length, const char *value)
{
	struct parameter *parameter = find(text, name, length);

	if (!parameter) {
		parameter = arena_take(text->arena, sizeof(*parameter));
		if (!parameter || !arena_add(text->arena, &text->parameters, parameter))
			return false;
		parameter->name = arena_text(text->arena, name, length);
	}
	parameter->value = value;
	return !text->arena->failed;
}

bool
keepalived_expand_define(struct keepalived_text *text, char *line)
{
	line += strspn(line, " \t");
	size_t length = name_length(line + 1);
	const char *value = line + 1 + length + 1;

	return set(text, line + 1, length, value + strspn(value, " \t\n"));
}

/* --- parameters --- */

static const char *
predefined(struct keepalived_text *text, const char *name, size_t length, const char *file)
{
	static const struct {
		const char *name, *value;
	} fixed[] = { { "_HASH", "\\#" }, { "_BANG", "\\!" }, { "_RANDOM", "0" } };
	const char *slash = strrchr(file, '/');

	if (length == 4 && memcmp(name, "_PWD", 4) == 0)
		return slash ? arena_text(text->arena, file, (size_t)(slash - file)) : ".";
	if (length == 9 && memcmp(name, "_INSTANCE", 9) == 0)
		return text->config_id ? text->config_id : "";
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (strlen(fixed[i].name) == length && memcmp(fixed[i].name, name, length) == 0)
			return fixed[i].value;
	return NULL;
}

/* What stands for the parameter at `at` ("$NAME" before a blank or the end, "${NAME}"), and how long that is. */
static const char *
value_at(struct keepalived_text *text, const char *at, const char *file, size_t *ret_length)
{
	bool braces = at[1] == '{';
	const char *name = at + 1 + braces;
	size_t length = name_length(name), end = length;

	if (length == 0)
		return NULL;
	if (braces)
		end += strcspn(name + end, "}"); /* ${_RANDOM 1 9} */
	if (braces ? name[end] != '}' : name[end] != '\0' && !isspace((unsigned char)name[end]))
		return NULL;
	*ret_length = 1 + (size_t)braces + end + (size_t)braces;
	const struct parameter *parameter = find(text, name, length);

	return parameter ? parameter->value : predefined(text, name, length, file);
}

static int
replace_parameter(struct keepalived_text *text, const char *line, const char *file, char **ret)
{
	for (const char *at = strchr(line, '$'); at; at = strchr(at + 1, '$')) {
		size_t length = 0;
		const char *value = value_at(text, at, file, &length);

		if (!value)
			continue;
		*ret = arena_print(text->arena, "%.*s%s%s", (int)(at - line), line, value, at + length);
		return *ret ? 0 : -ENOMEM;
	}
	return 0;
}

/* --- sequences --- */

/* What a sequence has become so far. It doubles when it is full: thousands of turns cost what they need. */
struct turns {
	char *text;
	size_t length, room;
};

static int
put(struct keepalived_text *text, struct turns *turns, const char *word)
{
	size_t length = strlen(word);

	if (length >= turns->room - turns->length) {
		size_t room = 2 * (turns->length + length) + 64;
		char *wider = arena_take(text->arena, room);

		if (!wider)
			return -ENOMEM;
		if (turns->length > 0)
			memcpy(wider, turns->text, turns->length);
		turns->text = wider;
		turns->room = room;
	}
	memcpy(turns->text + turns->length, word, length + 1);
	turns->length += length;
	return 0;
}

/* A further turn: each name is defined, then `rest` is a line of its own. */
static int
append(struct keepalived_text *text, const char *rest, const char *const *names, const char *const *values,
	unsigned count, struct turns *turns)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < count; i++) {
		const char *words[] = { "$", names[i], "=", values[i], "\n" };

		for (unsigned k = 0; r == 0 && k < sizeof(words) / sizeof(words[0]); k++)
			r = put(text, turns, words[k]);
	}
	if (r == 0)
		r = put(text, turns, rest);
	return r == 0 ? put(text, turns, "\n") : r;
}

/* The arguments of ~NAME(...), split at commas outside of braces, trimmed. */
static int
split(struct keepalived_text *text, const char *from, const char *end, struct arena_list *ret)
{
	while (from <= end) {
		unsigned depth = 0;
		const char *at = from;

		for (; at < end && (depth > 0 || *at != ','); at++)
			depth += *at == '{' ? 1u : *at == '}' && depth > 0 ? -1u : 0u;
		const char *first = from, *last = at;

		while (first < last && isspace((unsigned char)*first))
			first++;
		while (last > first && isspace((unsigned char)last[-1]))
			last--;
		char *word = arena_text(text->arena, first, (size_t)(last - first));

		if (!word || !arena_add(text->arena, ret, word))
			return -ENOMEM;
		from = at + 1;
	}
	return 0;
}

static int
sequence(struct keepalived_text *text, const struct arena_list *words, bool hexadecimal, const char *rest,
	struct turns *turns)
{
	long numbers[3];
	size_t given = words->count - 1;

	if (words->count < 2 || words->count > 4 || ((char *)words->items[0])[0] == '\0')
		return -EINVAL;
	for (size_t i = 0; i < given; i++) {
		char *end;

		numbers[i] = strtol(words->items[i + 1], &end, 0);
		if (*end != '\0' || labs(numbers[i]) > 0xffffff)
			return -EINVAL;
	}
	long last = numbers[given - 1], first = given > 1 ? numbers[0] : last < 0 ? -1 : 1;
	long step = given > 2 ? numbers[1] : last < first ? -1 : 1;

	if (step == 0 || labs(last - first) / labs(step) >= STEPS_MAX)
		return -EINVAL;
	for (long n = first; step > 0 ? n <= last : n >= last; n += step) {
		char digits[24];
		const char *value = digits;

		(void)snprintf(digits, sizeof(digits), hexadecimal ? "%lx" : "%ld", n);
		int r = append(text, rest, (const char **)words->items, &value, 1, turns);

		if (r < 0)
			return r;
	}
	return 0;
}

static int
braced(struct keepalived_text *text, const char *word, const char *ret[NAMES], unsigned *ret_count)
{
	size_t length = strlen(word);
	struct arena_list parts = { 0 };

	if (length >= 2 && word[0] == '{' && word[length - 1] == '}') {
		word++;
		length -= 2;
	}
	if (split(text, word, word + length, &parts) < 0)
		return -ENOMEM;
	if (parts.count > NAMES)
		return -EINVAL;
	for (size_t i = 0; i < parts.count; i++)
		ret[i] = parts.items[i];
	*ret_count = (unsigned)parts.count;
	return 0;
}

static int
list(struct keepalived_text *text, const struct arena_list *words, const char *rest, struct turns *turns)
{
	const char *names[NAMES], *values[NAMES];
	unsigned count = 0, given = 0;
	int r = words->count < 2 || words->count > STEPS_MAX ? -EINVAL : braced(text, words->items[0], names, &count);

	for (unsigned i = 0; r == 0 && i < count; i++)
		r = names[i][0] == '\0' ? -EINVAL : 0;
	for (size_t i = 1; r == 0 && i < words->count; i++) {
		r = braced(text, words->items[i], values, &given);
		if (r == 0)
			r = given == count ? append(text, rest, names, values, count, turns) : -EINVAL;
	}
	return r;
}

static int
expand_sequence(struct keepalived_text *text, const char *line, char **ret)
{
	const char *open = strchr(line, '('), *close = open ? strchr(open, ')') : NULL;
	struct arena_list words = { 0 };
	struct turns turns = { 0 };

	if (!close)
		return -EINVAL;
	const char *rest = close + 1 + strspn(close + 1, " \t");
	int r = split(text, open + 1, close, &words);

	if (r < 0)
		return r;
	if (strncmp(line, "~SEQ(", 5) == 0)
		r = sequence(text, &words, false, rest, &turns);
	else if (strncmp(line, "~SEQx(", 6) == 0)
		r = sequence(text, &words, true, rest, &turns);
	else
		r = strncmp(line, "~LST(", 5) == 0 ? list(text, &words, rest, &turns) : -EINVAL;
	if (r == 0)
		*ret = turns.text;
	return r;
}

int
keepalived_expand_step(struct keepalived_text *text, const char *line, const char *file, char **ret)
{
	*ret = NULL;
	return line[0] == '~' ? expand_sequence(text, line, ret) : replace_parameter(text, line, file, ret);
}
