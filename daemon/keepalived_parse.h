/* daemon/keepalived_parse.h -- the blocks and words of a keepalived.conf.
 *
 * The promise: every statement is in the tree, in its order, with file and line; a file that keepalived would read
 * wrongly (a block that is not closed, a brace too many) is an error that says where. */
#ifndef HA_DAEMON_KEEPALIVED_PARSE_H
#define HA_DAEMON_KEEPALIVED_PARSE_H

#include "daemon/keepalived_text.h"

/* One statement: its words, and what stands in its braces. */
struct keepalived_item {
	struct arena_list words; /* char *, quotes and escapes resolved; at least one, but for the root */
	struct arena_list items; /* struct keepalived_item */
	const char *file;
	unsigned line;
	bool block, used; /* used: for whoever walks the tree */
};

/* The tree of `text`'s lines, in its arena. NULL: the reason is in text->error. */
struct keepalived_item *keepalived_parse(struct keepalived_text *text);
/* Word `index`; "" if there are fewer. */
const char *keepalived_word(const struct keepalived_item *item, size_t index);
/* The last statement that begins with `keyword`, as keepalived's last one wins; NULL: none. Marks all of them used. */
struct keepalived_item *keepalived_find(struct keepalived_item *parent, const char *keyword);

#endif
