/* keepalived.conf of one node or, behind a NUL, of the other one, too: whatever they say, bounded and without a crash;
 * what import accepts, setup can write.
 *
 * What is longer only repeats itself, at a tenth of the speed.
 * options: -max_len=800 */
#include "daemon/import.h"
#include "test/fuzz/sink.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
import_trees(struct arena *arena, struct keepalived_item *first, struct keepalived_item *second)
{
	struct setup setup = { .folder = "/etc/ha-fenced", .origin = "a fuzzer" };
	struct import import = { .arena = arena, .setup = &setup };

	if (import_run(&import, first, second) < 0) {
		if (import.error[0] == '\0')
			abort(); /* a refusal says why */
		return;
	}
	setup_defaults(&setup);
	setup_write(&setup, fuzz_sink());
}

static struct keepalived_item *
read_tree(struct keepalived_text *text, const uint8_t *data, size_t size, const char *id)
{
	char *content = arena_text(text->arena, (const char *)data, size);
	struct keepalived_item *root = NULL;

	text->config_id = id;
	if (content && keepalived_text_add(text, "keepalived.conf", content) == 0)
		root = keepalived_parse(text);
	if (content && !root && text->error[0] == '\0')
		abort();
	return root;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { .limit = 1 << 16 }; /* what grows for ever soon ends */
	struct keepalived_text texts[2] = { { .arena = &arena }, { .arena = &arena } };
	const uint8_t *end = memchr(data, 0, size);
	size_t length = end ? (size_t)(end - data) : size;
	struct keepalived_item *first = read_tree(&texts[0], data, length, "main"), *second = NULL;

	if (first && end)
		second = read_tree(&texts[1], end + 1, size - length - 1, "other");
	if (first && (second || !end))
		import_trees(&arena, first, second);
	arena_free(&arena);
	return 0;
}
