#include "daemon/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *next;
	max_align_t data[];
};

void *
arena_take(struct arena *arena, size_t bytes)
{
	struct arena_block *block = NULL;
	size_t limit = arena->limit == 0 ? ARENA_MAX : arena->limit;

	if (!arena->failed && bytes <= limit - arena->bytes)
		block = calloc(1, sizeof(*block) + bytes);
	if (!block) {
		arena->failed = true;
		return NULL;
	}
	arena->bytes += bytes;
	block->next = arena->blocks;
	arena->blocks = block;
	return block->data;
}

char *
arena_text(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_take(arena, length + 1);

	if (copy)
		memcpy(copy, text, length);
	return copy;
}

char *
arena_print(struct arena *arena, const char *format, ...)
{
	va_list arguments, again;

	va_start(arguments, format);
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	char *text = length < 0 ? NULL : arena_take(arena, (size_t)length + 1);

	if (text)
		(void)vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(arguments);
	return text;
}

void
arena_free(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
	*arena = (struct arena){ 0 };
}

bool
arena_add(struct arena *arena, struct arena_list *list, void *item)
{
	if (list->count == list->room) {
		size_t room = list->room == 0 ? 8 : 2 * list->room;
		void **items = arena_take(arena, room * sizeof(*items));

		if (!items)
			return false;
		if (list->count > 0)
			memcpy(items, list->items, list->count * sizeof(*items));
		list->items = items;
		list->room = room;
	}
	list->items[list->count++] = item;
	return true;
}
