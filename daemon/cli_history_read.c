/* The running daemon knows the newest episodes as they are now; the file has those before, and all without a daemon. */
#include "daemon/cli_history.h"

#include "daemon/cli_control.h"
#include "daemon/cli_text.h"
#include "daemon/history_file.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define READ_TIMEOUT (2 * HA_SEC)

/* Nobody goes on with it any more. */
static void
interrupt(json_t *episodes)
{
	json_t *episode;
	size_t index;

	json_array_foreach(episodes, index, episode)
	{
		if (strcmp(cli_json_string(episode, "result", ""), "open") == 0)
			(void)json_object_set_new(episode, "result", json_string("interrupted"));
	}
}

static json_t *
merge(json_t *file, const json_t *live)
{
	double first = cli_json_number(json_array_get(live, 0), "number", HUGE_VAL);
	size_t keep = 0;

	while (keep < json_array_size(file) && cli_json_number(json_array_get(file, keep), "number", 0) < first)
		keep++;
	while (json_array_size(file) > keep)
		(void)json_array_remove(file, json_array_size(file) - 1);
	interrupt(file);
	(void)json_array_extend(file, (json_t *)(uintptr_t)live);
	return file;
}

static int
file_problem(const struct cli_options *options, int error)
{
	struct cli_problem problem;

	(void)snprintf(problem.text, sizeof(problem.text), "%.200s/" HISTORY_FILE ": %s", options->state_dir,
		strerror(-error));
	cli_error(problem.text, error == -EACCES ? "run it as root (sudo ha-fence ...): only a running ha-fenced "
						   "shows the history to others"
						 : "the daemon would begin a new file in its place");
	return CLI_EXIT_FAILED;
}

/* Without a daemon. */
static int
from_file(const struct cli_options *options, json_t *file, unsigned lost, json_t **ret)
{
	if (!options->json)
		(void)fprintf(stderr, "ha-fenced does not run here; from %s/" HISTORY_FILE ":\n", options->state_dir);
	if (lost > 0)
		(void)fprintf(stderr, "%u damaged record%s left out\n", lost, lost == 1 ? " is" : "s are");
	interrupt(file);
	*ret = file;
	return CLI_EXIT_GOOD;
}

json_t *
cli_history_live(const struct cli_options *options, int *ret_error)
{
	json_t *request = json_pack("{s:s}", "request", "history"), *answer = NULL, *episodes = NULL;

	*ret_error = cli_control_ask(options->runtime_dir, request, READ_TIMEOUT, &answer);
	json_decref(request);
	if (*ret_error == 0 && json_is_array(json_object_get(answer, "result")))
		episodes = json_incref(json_object_get(answer, "result"));
	else if (*ret_error == 0)
		*ret_error = -EBADMSG;
	json_decref(answer);
	return episodes;
}

int
cli_history_read(const struct cli_options *options, json_t **ret)
{
	json_t *file = NULL;
	unsigned lost = 0;
	int error, read = history_file_read(options->state_dir, &file, &lost);
	json_t *live = cli_history_live(options, &error);

	if (live) {
		*ret = read == 0 ? merge(file, live) : json_incref(live);
		json_decref(live);
		return CLI_EXIT_GOOD;
	}
	if (cli_control_no_daemon(error) || (read == 0 && json_array_size(file) > 0))
		return read == 0 ? from_file(options, file, lost, ret) : file_problem(options, read);
	json_decref(file);
	return cli_control_report(error, options);
}
