/* lib/config_text.h -- the text of the configuration before libconfig sees it.
 *
 * libconfig knows lines only, wraps integers silently ("port = 4294967408" is 112) and copies every string into buffers
 * that nobody wipes. So the text is cut into tokens here, with libconfig's own lexical rules: they give columns, the
 * digits as written, hints for a syntax error, and the place of each secret. Files named by @include are joined here
 * too.
 *
 * The promise: without `keep_secrets` no IMM password reaches libconfig, and no diagnostic ever shows one (S11). */
#ifndef HA_LIB_CONFIG_TEXT_H
#define HA_LIB_CONFIG_TEXT_H

#include "lib/config_problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct config_file {
	char *path;
	char *text; /* secrets masked once config_text_mask() has run; NUL-terminated */
	size_t length;
	struct stat stat; /* st_mode 0: from memory */
};

enum config_token_kind {
	CONFIG_TOKEN_NAME, /* also true, false, yes ... */
	CONFIG_TOKEN_STRING,
	CONFIG_TOKEN_NUMBER,
	CONFIG_TOKEN_PUNCTUATION, /* one of = : ; , ( ) [ ] { } */
	CONFIG_TOKEN_INCLUDE,     /* @include; in the list only if it could not be followed */
	CONFIG_TOKEN_UNCLOSED,    /* a string or a comment up to the end of the file */
	CONFIG_TOKEN_GARBAGE,
};

struct config_token {
	enum config_token_kind kind;
	unsigned file, line, column; /* line and column count from 1 */
	size_t begin, length;        /* in the file's text */
	size_t flat;                 /* where it is in the joined text */
	unsigned flat_line;
};

struct config_text {
	struct config_file *files; /* [0] is the main file */
	unsigned file_count;
	struct config_token *tokens;
	size_t token_count;
	char *flat; /* what libconfig reads */
	size_t flat_length;
};

/* Read `path` and what it includes. Returns 0, -errno of `path` itself, or -EINVAL (a problem was added). */
int config_text_read(struct config_text *text, const char *path, struct config_problems *problems);
/* The same from memory; `name` stands for the path in messages, @include is refused. */
int config_text_set(
	struct config_text *text, const char *name, const char *data, size_t length, struct config_problems *problems);
/* Overwrite secrets: in the files' texts (diagnostics) always, in the joined text unless `keep_secrets`. */
void config_text_mask(struct config_text *text, bool keep_secrets);
/* With a quote missing, tokens no longer tell what is a secret: mask from its name to the end of the line. */
void config_text_mask_broken(struct config_text *text);
void config_text_free(struct config_text *text); /* wipes */

const char *config_token_text(const struct config_text *text, const struct config_token *token);
bool config_token_is(const struct config_text *text, const struct config_token *token, const char *word);
char config_token_mark(const struct config_text *text, const struct config_token *token); /* '=' ..., 0 if not such */
struct config_place config_token_place(const struct config_text *text, const struct config_token *token);

#endif
