/* The answer of a daemon, maybe of another release, as `ha-fence` shows it: status in both forms and any width,
 * episodes, figures.
 *
 * options: -max_len=2048 */
#include "daemon/cli_history.h"
#include "daemon/cli_status.h"
#include "daemon/metrics_text.h"
#include "test/fuzz/sink.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *answer = json_loadb((const char *)data, size, 0, NULL);

	if (!answer)
		return 0;
	FILE *stream = fuzz_sink();

	cli_status_render(stream, true, (int)(size % 128), answer, 1700000000);
	cli_status_render_line(stream, false, answer);
	cli_status_render_down(stream, false, answer);
	cli_history_render(stream, true, answer);
	cli_history_render_list(stream, answer);
	metrics_text_write(stream, answer, 1.7e9);
	if (cli_status_exit(answer) == 0 &&
		strcmp(json_string_value(json_object_get(answer, "summary")), "PROTECTED") != 0)
		abort();
	json_decref(answer);
	return 0;
}
