/* daemon/keepalived_text.h -- keepalived.conf as the lines that keepalived itself would see.
 *
 * keepalived.conf(5), ADVANCED CONFIGURATION: comments, include and its variants with wildcards, lines for one host
 * (@host, @^host), parameters ($NAME=value, ${NAME}, over several lines), ~SEQ, ~SEQx and ~LST. The promise: bounded in
 * depth, lines and memory, whatever the file says; every line keeps its file and number. */
#ifndef HA_DAEMON_KEEPALIVED_TEXT_H
#define HA_DAEMON_KEEPALIVED_TEXT_H

#include "daemon/arena.h"

#define KEEPALIVED_DEPTH 16      /* includes within includes, parameters within parameters */
#define KEEPALIVED_LINES 200000u /* after expansion */
#define KEEPALIVED_ERROR 512

struct keepalived_line {
	const char *text; /* without comment and blanks at its ends; never "" */
	const char *file;
	unsigned number;
};

/* Where text comes from: files, or in tests and fuzzing none. Both may be NULL: then nothing can be included. */
struct keepalived_source {
	void *userdata;
	/* The file's text, in the arena; NULL and errno. */
	char *(*read)(void *userdata, struct arena *arena, const char *path);
	/* Adds the paths (char *) that match to `paths`, sorted. 0 or -errno (-ENOENT: none). */
	int (*match)(void *userdata, struct arena *arena, const char *pattern, struct arena_list *paths);
};

struct keepalived_text {
	struct arena *arena;
	const struct keepalived_source *source;
	const char *config_id;    /* what @ lines are compared with: the host's short name */
	struct arena_list lines;  /* struct keepalived_line */
	struct arena_list hosts;  /* char *: every name that an @ line has */
	struct arena_list absent; /* char *: "FILE:LINE: include PATTERN: reason" */
	struct arena_list parameters;
	char error[KEEPALIVED_ERROR]; /* "FILE:LINE: what" */
};

/* Append the lines of `text`, which is the content of `path`. 0, or -EINVAL with the reason in `error`. */
int keepalived_text_add(struct keepalived_text *text, const char *path, const char *content);
/* Files of this machine. */
extern const struct keepalived_source keepalived_files;

#endif
