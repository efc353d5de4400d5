/* daemon/arena.h -- memory of one task of ha-fence, given back as a whole.
 *
 * The promise: nothing returned here is ever NULL but after the arena said so once and for all (`failed`), and nothing
 * has to be freed by itself. Not for the daemon, which allocates nothing after its start. */
#ifndef HA_DAEMON_ARENA_H
#define HA_DAEMON_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t bytes; /* so far */
	size_t limit; /* 0: ARENA_MAX */
	bool failed;  /* out of memory, or above the limit: what was asked for since is NULL */
};

#define ARENA_MAX (64u << 20) /* a file that wants more is an attack or a mistake */

/* Zeroed. NULL if it failed. */
void *arena_take(struct arena *arena, size_t bytes);
char *arena_text(struct arena *arena, const char *text, size_t length);
char *arena_print(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *arena);

/* A list that grows. */
struct arena_list {
	void **items;
	size_t count, room;
};

/* False if it failed. */
bool arena_add(struct arena *arena, struct arena_list *list, void *item);

#endif
