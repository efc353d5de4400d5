/* keepalived.conf: whatever it says, bounded and without a crash; what import accepts, setup can write. */
#include "daemon/import.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
import_tree(struct arena *arena, struct keepalived_item *root)
{
	struct setup setup = { .folder = "/etc/ha-fenced", .origin = "a fuzzer" };
	struct import import = { .arena = arena, .setup = &setup };
	char *out = NULL;
	size_t length = 0;

	if (import_run(&import, root, NULL) < 0)
		return;
	setup_defaults(&setup);
	FILE *stream = open_memstream(&out, &length);

	if (stream) {
		setup_write(&setup, stream);
		(void)fclose(stream);
	}
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { .limit = 1 << 18 }; /* what grows for ever soon ends */
	struct keepalived_text text = { .arena = &arena, .config_id = "main" };
	char *content = arena_text(&arena, (const char *)data, size);

	if (content && keepalived_text_add(&text, "keepalived.conf", content) == 0) {
		struct keepalived_item *root = keepalived_parse(&text);

		if (root)
			import_tree(&arena, root);
	}
	arena_free(&arena);
	return 0;
}
