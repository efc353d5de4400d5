#include "test/model/search.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX
#define CHUNK   ((size_t)1 << 24)

/* How a state was reached first, and with how few faults. */
struct found {
	struct model_key key;
	uint32_t from;
	struct move move;
	uint8_t faults;
};

/* States of one depth: what differs from the root, as runs of (offset, length, bytes), in chunks. */
struct layer {
	unsigned char **chunks;
	size_t chunk_count, used;
};

struct search {
	struct model *m;
	struct world root;
	const struct search_limits *limits;
	struct found *found;
	size_t count, room;
	uint32_t *table; /* index + 1 by key; 0: free */
	size_t slots;
	struct layer now, next;
	struct search_result *result;
};

static void
layer_free(struct layer *layer)
{
	for (size_t i = 0; i < layer->chunk_count; i++)
		free(layer->chunks[i]);
	free(layer->chunks);
	*layer = (struct layer){ .used = 0 };
}

/* Room for `bytes` in one piece. */
static unsigned char *
layer_room(struct layer *layer, size_t bytes)
{
	if (layer->chunk_count == 0 || layer->used + bytes > CHUNK) {
		unsigned char **chunks = realloc(layer->chunks, (layer->chunk_count + 1) * sizeof(*chunks));

		if (chunks == NULL)
			return NULL;
		layer->chunks = chunks;
		if (layer->chunk_count > 0 && layer->used + 4 <= CHUNK)
			memset(chunks[layer->chunk_count - 1] + layer->used, 0xff, 4); /* NOWHERE: the rest is free */
		chunks[layer->chunk_count] = malloc(CHUNK);
		if (chunks[layer->chunk_count] == NULL)
			return NULL;
		layer->chunk_count++;
		layer->used = 0;
	}
	return layer->chunks[layer->chunk_count - 1] + layer->used;
}

/* index (4), then runs of words: offset (2), length (2), words; closed by a run of length 0. Returns the bytes. */
static size_t
pack(const struct world *root, const struct world *w, uint32_t index, unsigned char *to)
{
	const uint64_t *a = (const uint64_t *)(const void *)root, *b = (const uint64_t *)(const void *)w;
	size_t words = sizeof(*w) / 8, i = 0, at = 4;
	uint16_t run[2] = { 0, 0 };

	memcpy(to, &index, 4);
	while (i < words) {
		size_t begin;

		while (i < words && a[i] == b[i])
			i++;
		begin = i;
		while (i < words && a[i] != b[i])
			i++;
		if (i == begin)
			break;
		run[0] = (uint16_t)begin;
		run[1] = (uint16_t)(i - begin);
		memcpy(to + at, run, 4);
		memcpy(to + at + 4, b + begin, 8 * (i - begin));
		at += 4 + 8 * (i - begin);
	}
	memset(run, 0, sizeof(run));
	memcpy(to + at, run, 4);
	return at + 4;
}

static size_t
unpack(const struct world *root, const unsigned char *from, struct world *w, uint32_t *ret_index)
{
	uint64_t *b = (uint64_t *)(void *)w;
	uint16_t run[2];
	size_t at = 4;

	_Static_assert(sizeof(struct world) % 8 == 0, "packed by words");
	memcpy(ret_index, from, 4);
	*w = *root;
	for (;;) {
		memcpy(run, from + at, 4);
		at += 4;
		if (run[1] == 0)
			return at;
		memcpy(b + run[0], from + at, 8 * (size_t)run[1]);
		at += 8 * (size_t)run[1];
	}
}

static int
grow(struct search *s)
{
	size_t slots = s->slots == 0 ? (size_t)1 << 16 : 2 * s->slots;
	uint32_t *table = calloc(slots, sizeof(*table));
	struct found *found = realloc(s->found, slots / 2 * sizeof(*found));

	if (found != NULL)
		s->found = found;
	if (table == NULL || found == NULL) {
		free(table);
		return -ENOMEM;
	}
	for (size_t i = 0; i < s->count; i++) {
		size_t at = found[i].key.a & (slots - 1);

		while (table[at] != 0)
			at = (at + 1) & (slots - 1);
		table[at] = (uint32_t)i + 1;
	}
	free(s->table);
	s->table = table;
	s->slots = slots;
	s->room = slots / 2;
	return 0;
}

/* 1: to be looked at; 0: known, with no more faults; or -ENOMEM. */
static int
enter(struct search *s, struct model_key key, uint32_t from, const struct move *move, unsigned faults,
	uint32_t *ret_index)
{
	size_t at;

	if (s->count == s->room && grow(s) < 0)
		return -ENOMEM;
	for (at = key.a & (s->slots - 1); s->table[at] != 0; at = (at + 1) & (s->slots - 1)) {
		struct found *f = &s->found[s->table[at] - 1];

		if (f->key.a != key.a || f->key.b != key.b)
			continue;
		if (f->faults <= faults)
			return 0;
		/* Known, but with fewer faults left. It stays where it was found first, for the trace. */
		f->faults = (uint8_t)faults;
		f->from = from;
		f->move = *move;
		*ret_index = s->table[at] - 1;
		return 1;
	}
	s->found[s->count] = (struct found){ .key = key, .from = from, .move = *move, .faults = (uint8_t)faults };
	s->table[at] = (uint32_t)++s->count;
	*ret_index = (uint32_t)s->count - 1;
	return 1;
}

/* The way from the root, told again. */
static void
tell(struct search *s, uint32_t last, const struct move *move)
{
	struct move way[256];
	unsigned length = 0;
	struct world before;

	way[length++] = *move;
	for (uint32_t i = last; s->found[i].from != NOWHERE && length < 256; i = s->found[i].from)
		way[length++] = s->found[i].move;
	s->m->world = s->root;
	s->m->talks = true;
	puts("from:");
	talk_world(&s->m->world);
	while (length-- > 0) {
		before = s->m->world;
		talk_move(&before, &way[length]);
		world_move(s->m, &way[length]);
		talk_world(&s->m->world);
	}
	s->m->talks = false;
	printf("WRONG: %s\n", judge_text(s->m->world.wrong));
}

static int
arrive(struct search *s, uint32_t from, const struct move *move, unsigned faults)
{
	uint32_t index;
	unsigned char *room;
	int r;

	if (s->m->world.wrong != MODEL_GOOD) {
		s->result->wrong = s->m->world.wrong;
		tell(s, from, move);
		return 0;
	}
	r = enter(s, world_key(&s->m->world), from, move, faults, &index);
	if (r <= 0)
		return r;
	room = layer_room(&s->next, 2 * sizeof(struct world));
	if (room == NULL)
		return -ENOMEM;
	s->next.used += pack(&s->root, &s->m->world, index, room);
	if (s->count > s->limits->states)
		s->result->full = true;
	return 0;
}

static bool
has_record(const struct node_update *update)
{
	for (unsigned i = 0; i + 1 < update->count; i++) {
		if (update->actions[i].type == NODE_WRITE_RECORD)
			return true;
	}
	return false;
}

static int
expand(struct search *s, const struct world *w, uint32_t index)
{
	struct move moves[MOVES];
	unsigned count = world_moves(w, moves), faults = s->found[index].faults;

	for (unsigned i = 0; i < count && s->result->wrong == MODEL_GOOD; i++) {
		unsigned price = world_price(&moves[i]);
		int r;

		if (faults + price > s->limits->faults)
			continue;
		s->m->world = *w;
		s->m->update.count = 0;
		s->result->moves++;
		if (!world_move(s->m, &moves[i]))
			continue;
		r = arrive(s, index, &moves[i], faults + price);
		if (r < 0)
			return r;
		if (!has_record(&s->m->update) || faults + 1 > s->limits->faults || price != 0)
			continue;
		/* The same, and the daemon dies between the record and what follows it. */
		moves[i].cut = true;
		s->m->world = *w;
		s->result->moves++;
		r = world_move(s->m, &moves[i]) ? arrive(s, index, &moves[i], faults + 1) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static int
expand_layer(struct search *s)
{
	struct world w;
	uint32_t index;

	for (size_t c = 0; c < s->now.chunk_count; c++) {
		const unsigned char *p = s->now.chunks[c];
		size_t end = c + 1 == s->now.chunk_count ? s->now.used : CHUNK, at = 0;

		while (at < end && s->result->wrong == MODEL_GOOD && !s->result->full) {
			int r;

			memcpy(&index, p + at, 4);
			if (index == NOWHERE)
				break;
			at += unpack(&s->root, p + at, &w, &index);
			r = expand(s, &w, index);
			if (r < 0)
				return r;
		}
		free(s->now.chunks[c]);
		s->now.chunks[c] = NULL;
	}
	return 0;
}

int
search(struct model *m, const struct search_limits *limits, struct search_result *ret)
{
	struct search *s = calloc(1, sizeof(*s));
	struct move none = { .kind = MOVE_KINDS };
	int r;

	*ret = (struct search_result){ .depth = 0 };
	if (s == NULL)
		return -ENOMEM;
	s->m = m;
	s->root = m->world;
	s->limits = limits;
	s->result = ret;
	r = grow(s);
	if (r == 0)
		r = arrive(s, NOWHERE, &none, 0);
	while (r == 0 && ret->depth < limits->depth && ret->wrong == MODEL_GOOD && !ret->full && !ret->whole) {
		layer_free(&s->now);
		s->now = s->next;
		s->next = (struct layer){ .used = 0 };
		r = expand_layer(s);
		if (ret->wrong == MODEL_GOOD && !ret->full)
			ret->depth++;
		ret->whole = s->next.chunk_count == 0;
	}
	ret->states = s->count;
	layer_free(&s->now);
	layer_free(&s->next);
	free(s->found);
	free(s->table);
	free(s);
	return r;
}
