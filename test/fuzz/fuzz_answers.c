/* What `ha-fence` reads from whoever calls it: answers to init's questions or --set, a scraper's request, a fence
 * agent's options on stdin. The first byte chooses.
 *
 * options: -max_len=512 -close_fd_mask=2 */
#include "daemon/cli_agent.h"
#include "daemon/cli_metrics.h"
#include "daemon/setup.h"
#include "test/fuzz/sink.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_setup(char *text)
{
	struct setup setup = { .folder = "/etc/ha-fenced", .origin = "a fuzzer" };
	struct arena arena = { .limit = 1 << 16 };
	char why[SETUP_TEXT];

	for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n"))
		if (setup_set(&setup, line, why) && why[0] == '\0')
			abort();
	for (unsigned key = 0; key < SETUP_KEYS; key++)
		(void)setup_question(&setup, (enum setup_key)key, why);
	setup_defaults(&setup);
	if (setup_vips(&setup, &arena))
		setup_write(&setup, fuzz_sink());
	arena_free(&arena);
}

static void
check_agent(char *text)
{
	char *name = (char *)CLI_AGENT_NAME, *argv[] = { name, NULL };
	struct cli_agent_options options = { .values = { NULL } };
	size_t length = strlen(text);
	FILE *stream = length > 0 ? fmemopen(text, length, "r") : NULL;

	if (!stream)
		return;
	if (cli_agent_options_read(1, argv, stream, &options))
		for (unsigned key = 0; key < AGENT_KEYS; key++) {
			(void)cli_agent_options_flag(&options, (enum cli_agent_key)key);
			if (cli_agent_option((enum cli_agent_key)key)->initial && !options.values[key])
				abort();
		}
	cli_agent_options_wipe(&options);
	(void)fclose(stream);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = calloc(1, size); /* its own, and terminated */
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	if (data[0] % 3 == 0)
		check_setup(text);
	else if (data[0] % 3 == 1)
		check_agent(text);
	else if (cli_metrics_judge(text) == 200 && strncmp(text, "GET ", 4) != 0)
		abort();
	free(text);
	return 0;
}
