/* The history file: once as it is, once with each line's checksum made right, so that what lies behind it is reached.
 * What is read is in order, and can be shown as text, drawing and figures.
 *
 * options: -max_len=1600 */
#include "daemon/cli_history.h"
#include "daemon/cli_timeline.h"
#include "daemon/history_file.h"
#include "test/fuzz/sink.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *data, size_t length)
{
	unsigned lost;
	json_t *episodes = history_file_parse(data, length, &lost), *episode;
	FILE *stream = fuzz_sink();
	json_int_t last = 0;
	size_t index;

	json_array_foreach(episodes, index, episode)
	{
		json_int_t number = json_integer_value(json_object_get(episode, "number"));

		if (number <= last)
			abort();
		last = number;
		if (index != 0 && index != json_array_size(episodes) - 1)
			continue; /* shown like these two */
		cli_history_render(stream, false, episode);
		cli_timeline_render(stream, episode);
	}
	cli_history_render_list(stream, episodes);
	json_decref(episodes);
}

/* As history_file.c writes it, a byte at a time. */
static uint32_t
checksum(const uint8_t *data, size_t length)
{
	static uint32_t table[256];
	uint32_t crc = UINT32_MAX;

	for (uint32_t i = 0; table[255] == 0 && i < 256; i++) {
		table[i] = i;
		for (unsigned bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? UINT32_C(0xedb88320) : 0);
	}
	for (size_t i = 0; i < length; i++)
		crc = crc >> 8 ^ table[(crc ^ data[i]) & 0xff];
	return ~crc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(11 * size + 1);
	size_t length = 0;

	if (!text)
		return 0;
	for (size_t at = 0; at < size;) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t line = end ? (size_t)(end - data) - at : size - at;

		if (line > 0) {
			length += (size_t)sprintf(text + length, "%08x ", checksum(data + at, line));
			memcpy(text + length, data + at, line);
			length += line;
			text[length++] = '\n';
		}
		at += line + 1;
	}
	check((const char *)data, size);
	check(text, length);
	free(text);
	return 0;
}
