#include "daemon/cli_metrics.h"

#include "daemon/cli_control.h"
#include "daemon/cli_text.h"
#include "daemon/file.h"
#include "daemon/metrics.h"
#include "daemon/metrics_text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TESTED_TIMEOUT (500 * HA_MS)

static double
wall_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
cli_metrics(const struct cli_options *options)
{
	json_t *status = NULL;
	int exit_status = cli_control_read(options, json_pack("{s:s}", "request", "metrics"), &status);

	if (exit_status != CLI_EXIT_GOOD)
		return exit_status;
	if (options->json)
		cli_print_json(status);
	else
		metrics_text_write(stdout, status, wall_now());
	json_decref(status);
	return CLI_EXIT_GOOD;
}

void
cli_metrics_tested(const struct cli_options *options, unsigned failures)
{
	char text[64];
	json_t *request = json_pack("{s:s, s:I}", "request", "tested", "n", (json_int_t)failures), *answer = NULL;

	(void)cli_control_ask(options->runtime_dir, request, TESTED_TIMEOUT, &answer);
	json_decref(answer);
	json_decref(request);
	/* The directory is the daemon's: one that is not there is not made. */
	if (access(options->state_dir, W_OK) < 0)
		return;
	int length = snprintf(text, sizeof(text), "ha-fence test 1 %.0f %u\n", wall_now(), failures);

	(void)file_replace(options->state_dir, METRICS_TESTED, text, (size_t)length, true);
}
