#include "lib/config_text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define INCLUDE_DEPTH 10 /* libconfig's own limit */
#define FILES_MAX     64
#define BYTES_MAX     ((size_t)4 << 20) /* of all files together */

struct cursor {
	const char *text;
	size_t length, at;
	unsigned line;
	size_t line_begin;
};

static bool
name_start(char c)
{
	return isalpha((unsigned char)c) || c == '*';
}

static bool
name_char(char c)
{
	return isalnum((unsigned char)c) || c == '*' || c == '-' || c == '_';
}

static size_t
digits(const char *at, const char *end)
{
	const char *begin = at;

	while (at < end && isdigit((unsigned char)*at))
		at++;
	return (size_t)(at - begin);
}

/* As long as libconfig takes it for one number: "6nodes" is a 6 and then a name. An address without quotes is cut too.
 */
static size_t
number_length(const char *begin, const char *end)
{
	const char *at = begin + (*begin == '-' || *begin == '+'), *next;
	bool whole = true;

	if (at + 2 < end && at[0] == '0' && (at[1] == 'x' || at[1] == 'X') && isxdigit((unsigned char)at[2])) {
		for (at += 2; at < end && isxdigit((unsigned char)*at);)
			at++;
	} else {
		at += digits(at, end);
		if (at < end && *at == '.') {
			whole = false;
			at += 1 + digits(at + 1, end);
		}
		next = at + 1;
		if (next < end && (*at == 'e' || *at == 'E')) {
			next += *next == '-' || *next == '+';
			whole = whole && digits(next, end) == 0;
			at = digits(next, end) > 0 ? next + digits(next, end) : at;
		}
	}
	for (unsigned i = 0; whole && i < 2 && at < end && *at == 'L'; i++)
		at++;
	return at > begin ? (size_t)(at - begin) : 1;
}

static bool
ahead(const struct cursor *c, const char *word)
{
	size_t length = strlen(word);

	return c->length - c->at >= length && memcmp(c->text + c->at, word, length) == 0;
}

static void
step(struct cursor *c)
{
	if (c->text[c->at++] == '\n') {
		c->line++;
		c->line_begin = c->at;
	}
}

static void
skip_line(struct cursor *c)
{
	while (c->at < c->length && c->text[c->at] != '\n')
		c->at++;
}

/* Past white space and comments. False if a block comment is not closed; `c` then stands at its beginning. */
static bool
skip_blank(struct cursor *c)
{
	while (c->at < c->length) {
		struct cursor begin = *c;

		if (isspace((unsigned char)c->text[c->at])) {
			step(c);
		} else if (c->text[c->at] == '#' || ahead(c, "//")) {
			skip_line(c);
		} else if (ahead(c, "/*")) {
			c->at += 2;
			while (c->at < c->length && !ahead(c, "*/"))
				step(c);
			if (c->at == c->length) {
				*c = begin;
				return false;
			}
			c->at += 2;
		} else {
			return true;
		}
	}
	return true;
}

static enum config_token_kind
scan_string(struct cursor *c)
{
	c->at++;
	while (c->at < c->length) {
		if (c->text[c->at] == '"') {
			c->at++;
			return CONFIG_TOKEN_STRING;
		}
		if (c->text[c->at] == '\\' && c->at + 1 < c->length)
			c->at++;
		step(c);
	}
	return CONFIG_TOKEN_UNCLOSED;
}

static enum config_token_kind
scan_word(struct cursor *c)
{
	char first = c->text[c->at];

	if (first == '"')
		return scan_string(c);
	if (ahead(c, "@include")) {
		c->at += strlen("@include");
		return CONFIG_TOKEN_INCLUDE;
	}
	if (name_start(first)) {
		while (c->at < c->length && name_char(c->text[c->at]))
			c->at++;
		return CONFIG_TOKEN_NAME;
	}
	if (isdigit((unsigned char)first) || first == '-' || first == '+' || first == '.') {
		c->at += number_length(c->text + c->at, c->text + c->length);
		return CONFIG_TOKEN_NUMBER;
	}
	c->at++;
	return first != '\0' && strchr("=:;,()[]{}", first) ? CONFIG_TOKEN_PUNCTUATION : CONFIG_TOKEN_GARBAGE;
}

/* The next token; false at the end. */
static bool
scan(struct cursor *c, struct config_token *ret)
{
	bool closed = skip_blank(c);

	if (c->at == c->length)
		return false;
	*ret = (struct config_token){
		.line = c->line, .column = (unsigned)(c->at - c->line_begin) + 1, .begin = c->at
	};
	if (closed) {
		ret->kind = scan_word(c);
	} else {
		ret->kind = CONFIG_TOKEN_UNCLOSED;
		c->at = c->length;
	}
	ret->length = c->at - ret->begin;
	return true;
}

static int
append_token(struct config_text *text, const struct config_token *token)
{
	/* Grows at each power of two. */
	if ((text->token_count & (text->token_count - 1)) == 0) {
		size_t room = text->token_count ? text->token_count * 2 : 1;
		struct config_token *tokens = reallocarray(text->tokens, room, sizeof(*tokens));

		if (!tokens)
			return -ENOMEM;
		text->tokens = tokens;
	}
	text->tokens[text->token_count++] = *token;
	return 0;
}

/* Joined text grows in steps through a wiped copy: realloc() would leave secrets behind. */
static int
append_flat(struct config_text *text, const char *data, size_t length)
{
	char *flat = malloc(text->flat_length + length + 1);

	if (!flat)
		return -ENOMEM;
	if (text->flat)
		memcpy(flat, text->flat, text->flat_length);
	memcpy(flat + text->flat_length, data, length);
	flat[text->flat_length + length] = '\0';
	if (text->flat)
		explicit_bzero(text->flat, text->flat_length);
	free(text->flat);
	text->flat = flat;
	text->flat_length += length;
	return 0;
}

static int read_file(struct config_text *text, const char *path, const struct config_place *from, unsigned depth,
	struct config_problems *problems);

/* A relative name is looked for beside the main file. */
static char *
include_path(const struct config_text *text, const struct config_file *file, const struct config_token *name)
{
	const char *main = text->files[0].path, *slash = strrchr(main, '/');
	const char *begin = file->text + name->begin + 1;
	int length = (int)name->length - 2;
	char *path = NULL;

	if (*begin == '/' || !slash)
		slash = main;
	else
		slash++;
	if (asprintf(&path, "%.*s%.*s", (int)(slash - main), main, length, begin) < 0)
		return NULL;
	return path;
}

/* Returns 1 if `at` (an @include) was followed, 0 if it cannot be and stays in the token list, or a negative errno. */
static int
follow_include(struct config_text *text, unsigned file, struct cursor *c, struct config_token *at, unsigned depth,
	struct config_problems *problems)
{
	struct cursor after = *c;
	struct config_token name;
	struct config_place place;
	char *path;
	int r;

	at->file = file;
	if (!scan(&after, &name) || name.kind != CONFIG_TOKEN_STRING || name.line != at->line)
		return 0;
	place = config_token_place(text, at);
	if (text->files[0].stat.st_mode == 0 || depth + 1 >= INCLUDE_DEPTH || text->file_count >= FILES_MAX) {
		config_problem_add(problems, CONFIG_ERROR, &place, NULL, "%s",
			text->files[0].stat.st_mode == 0 ? "@include is not possible here"
							 : "too many nested @include; does a file include itself?");
		return -EINVAL;
	}
	path = include_path(text, &text->files[file], &name);
	if (!path)
		return -ENOMEM;
	r = read_file(text, path, &place, depth + 1, problems);
	free(path);
	*c = after;
	return r < 0 ? r : 1;
}

static int
add_tokens(struct config_text *text, unsigned file, unsigned depth, struct config_problems *problems)
{
	struct cursor c = { .text = text->files[file].text, .length = text->files[file].length, .line = 1 };
	struct config_token token;
	size_t copied = 0;

	while (scan(&c, &token)) {
		int r = 0;

		if (token.kind == CONFIG_TOKEN_INCLUDE) {
			/* What stands before it goes first. */
			r = append_flat(text, c.text + copied, token.begin - copied);
			copied = token.begin;
			if (r == 0)
				r = follow_include(text, file, &c, &token, depth, problems);
			if (r == 1) {
				copied = c.at;
				continue;
			}
		}
		token.file = file;
		token.flat = text->flat_length + token.begin - copied;
		if (r == 0)
			r = append_token(text, &token);
		if (r < 0)
			return r;
	}
	return append_flat(text, c.text + copied, c.length - copied);
}

static int
add_file(struct config_text *text, const char *path, char *data, size_t length, const struct stat *st, unsigned depth,
	struct config_problems *problems)
{
	struct config_file *files = reallocarray(text->files, text->file_count + 1, sizeof(*files));
	unsigned index = text->file_count;
	char *copy = strdup(path);

	if (files)
		text->files = files;
	if (!files || !copy) {
		explicit_bzero(data, length);
		free(data);
		free(copy);
		return -ENOMEM;
	}
	files[index] = (struct config_file){ .path = copy, .text = data, .length = length, .stat = *st };
	text->file_count++;
	if (memchr(data, '\0', length)) {
		config_problem_add(problems, CONFIG_ERROR, &(struct config_place){ .path = copy }, NULL,
			"this is not a text file (it holds a NUL byte)");
		return -EINVAL;
	}
	return add_tokens(text, index, depth, problems);
}

/* The whole of `fd`, at most `limit` bytes, in memory of its own. */
static int
read_all(int fd, const struct stat *st, size_t limit, char **ret, size_t *ret_length)
{
	size_t size = (size_t)st->st_size, length = 0;
	char *data;
	ssize_t n = 1;

	if (!S_ISREG(st->st_mode))
		return S_ISDIR(st->st_mode) ? -EISDIR : -EINVAL;
	if (size > limit)
		return -EFBIG;
	data = malloc(size + 1);
	if (!data)
		return -ENOMEM;
	while (length < size && n > 0) {
		n = read(fd, data + length, size - length);
		if (n > 0)
			length += (size_t)n;
	}
	if (n < 0) {
		n = -errno;
		explicit_bzero(data, length);
		free(data);
		return (int)n;
	}
	data[length] = '\0';
	*ret = data;
	*ret_length = length;
	return 0;
}

static const char *
file_hint(int error)
{
	switch (error) {
	case -ENOENT:
		return "write it (a commented sample: etc/ha-fenced.conf), or name another with -c FILE";
	case -EACCES:
		return "run this as root, or as the user of the service";
	default:
		return NULL;
	}
}

static int
read_file(struct config_text *text, const char *path, const struct config_place *from, unsigned depth,
	struct config_problems *problems)
{
	struct config_place whole = { .path = path };
	struct stat st;
	char *data = NULL;
	size_t length = 0;
	int r = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) != 0)
		r = -errno;
	if (r == 0)
		r = read_all(fd, &st, BYTES_MAX - text->flat_length, &data, &length);
	if (fd >= 0)
		close(fd);
	if (r == 0)
		return add_file(text, path, data, length, &st, depth, problems);
	if (from)
		config_problem_add(problems, CONFIG_ERROR, from, NULL, "cannot read %s: %s", path, strerror(-r));
	else
		config_problem_add(problems, CONFIG_ERROR, &whole, file_hint(r), "cannot read it: %s", strerror(-r));
	return from ? -EINVAL : r;
}

/* libconfig tells a syntax error by its line in the joined text. */
static void
count_flat_lines(struct config_text *text)
{
	size_t at = 0;
	unsigned line = 1;

	for (size_t i = 0; i < text->token_count; i++) {
		for (; at < text->tokens[i].flat; at++)
			line += text->flat[at] == '\n';
		text->tokens[i].flat_line = line;
	}
}

int
config_text_read(struct config_text *text, const char *path, struct config_problems *problems)
{
	int r;

	*text = (struct config_text){ 0 };
	r = read_file(text, path, NULL, 0, problems);
	if (r == 0)
		count_flat_lines(text);
	return r;
}

int
config_text_set(
	struct config_text *text, const char *name, const char *data, size_t length, struct config_problems *problems)
{
	struct stat none = { 0 };
	char *copy = malloc(length + 1);
	int r;

	*text = (struct config_text){ 0 };
	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, length);
	copy[length] = '\0';
	r = add_file(text, name, copy, length, &none, 0, problems);
	if (r == 0)
		count_flat_lines(text);
	return r;
}

static void
mask(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] != '\n' && text[i] != '\r')
			text[i] = '*';
	}
}

static void
mask_line(char *text)
{
	mask(text, strcspn(text, "\n"));
}

/* What follows the name of a secret: a string, or, where the syntax is wrong, the rest of the line. */
static void
mask_value(struct config_text *text, size_t name, bool flat)
{
	const struct config_token *token = &text->tokens[name];
	size_t i = name + 1;

	if (i < text->token_count && config_token_mark(text, &text->tokens[i]) != 0)
		i++;
	if (i >= text->token_count)
		return;
	if (text->tokens[i].kind != CONFIG_TOKEN_STRING) {
		mask_line(text->files[token->file].text + token->begin + token->length);
		if (flat)
			mask_line(text->flat + token->flat + token->length);
		return;
	}
	for (; i < text->token_count && text->tokens[i].kind == CONFIG_TOKEN_STRING; i++) {
		/* All between the quotes, escaped quotes too: the length stays, and it stays a string. */
		mask(text->files[text->tokens[i].file].text + text->tokens[i].begin + 1, text->tokens[i].length - 2);
		if (flat)
			mask(text->flat + text->tokens[i].flat + 1, text->tokens[i].length - 2);
	}
}

/* "password=..." among the options of a fence agent, where it is refused: neither shown nor handed on. */
static void
mask_option(struct config_text *text, const struct config_token *token)
{
	static const char *const secrets[] = { "password", "passwd", "snmp_priv_passwd", "snmp-priv-passwd",
		"community", "token" };
	const char *option = config_token_text(text, token) + 1;

	for (unsigned s = 0; s < sizeof(secrets) / sizeof(*secrets); s++) {
		size_t length = strlen(secrets[s]) + 1;

		if (token->length < length + 2 || strncmp(option, secrets[s], length - 1) != 0 ||
			option[length - 1] != '=')
			continue;
		mask(text->files[token->file].text + token->begin + 1 + length, token->length - 2 - length);
		mask(text->flat + token->flat + 1 + length, token->length - 2 - length);
		return;
	}
}

void
config_text_mask(struct config_text *text, bool keep_secrets)
{
	static const char *const secrets[] = { "password", "passwd", "hexadecimal_kg", "auth_pass" };

	for (size_t i = 0; i < text->token_count; i++) {
		const struct config_token *token = &text->tokens[i];

		if (token->kind == CONFIG_TOKEN_STRING)
			mask_option(text, token);
		for (unsigned s = 0; s < sizeof(secrets) / sizeof(*secrets); s++) {
			/* auth_pass is no secret (it is on the wire in clear), only not to be shown. */
			bool flat = !keep_secrets && strcmp(secrets[s], "auth_pass") != 0;

			if (token->kind == CONFIG_TOKEN_NAME && config_token_is(text, token, secrets[s]))
				mask_value(text, i, flat);
		}
	}
}

void
config_text_mask_broken(struct config_text *text)
{
	static const char *const secrets[] = { "password", "passwd", "hexadecimal_kg", "auth_pass" };

	for (unsigned f = 0; f < text->file_count; f++) {
		for (unsigned s = 0; s < sizeof(secrets) / sizeof(*secrets); s++) {
			char *at = text->files[f].text;

			while ((at = strcasestr(at, secrets[s])) != NULL) {
				at += strlen(secrets[s]);
				if (strncmp(at, "_file", 5) != 0 && strncmp(at, "_script", 7) != 0)
					mask_line(at);
			}
		}
	}
}

void
config_text_free(struct config_text *text)
{
	for (unsigned i = 0; i < text->file_count; i++) {
		explicit_bzero(text->files[i].text, text->files[i].length);
		free(text->files[i].text);
		free(text->files[i].path);
	}
	if (text->flat)
		explicit_bzero(text->flat, text->flat_length);
	free(text->flat);
	free(text->files);
	free(text->tokens);
	*text = (struct config_text){ 0 };
}

const char *
config_token_text(const struct config_text *text, const struct config_token *token)
{
	return text->files[token->file].text + token->begin;
}

bool
config_token_is(const struct config_text *text, const struct config_token *token, const char *word)
{
	return strlen(word) == token->length && strncasecmp(config_token_text(text, token), word, token->length) == 0;
}

char
config_token_mark(const struct config_text *text, const struct config_token *token)
{
	return token->kind == CONFIG_TOKEN_PUNCTUATION ? *config_token_text(text, token) : '\0';
}

struct config_place
config_token_place(const struct config_text *text, const struct config_token *token)
{
	const char *begin = config_token_text(text, token) - (token->column - 1);

	return (struct config_place){ .path = text->files[token->file].path,
		.line = token->line,
		.column = token->column,
		.source = begin,
		.source_length = strcspn(begin, "\r\n"),
		.length = token->length };
}
