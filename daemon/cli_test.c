#include "daemon/cli_test.h"

#include "daemon/cli_config.h"
#include "daemon/cli_control.h"
#include "daemon/cli_fence.h"
#include "daemon/cli_guid.h"
#include "daemon/cli_metrics.h"
#include "daemon/cli_text.h"
#include "daemon/lock.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void
cli_test_area_done(struct cli_test *test)
{
	if (test->waiting > 0 && --test->waiting == 0)
		(void)sd_event_exit(test->event, 0);
}

const char *
cli_test_peer_name(const struct cli_test *test)
{
	return config_peer(test->config)->name;
}

static void
judge_config(const struct cli_test *test, unsigned warnings)
{
	const json_t *peer = json_object_get(test->daemon, "peer");
	const char *name = cli_test_peer_name(test), *running = cli_json_string(test->daemon, "config", "");
	const char *theirs = cli_json_string(peer, "config", "");
	struct stat st = { 0 };
	char digest[7], remedy[2 * CONFIG_PATH_MAX + 160];

	(void)config_digest_text(test->config->digest, digest);
	(void)stat(test->config->path, &st);
	unsigned mode = (unsigned)st.st_mode & 07777U;

	if (*running && strcmp(running, digest) != 0)
		cli_result_add(test->results, "config", CLI_WARNING, CLI_NO_TIME, "ha-fence reload",
			"the file is %s, the running daemon has %s", digest, running);
	else if (warnings > 0)
		cli_result_add(test->results, "config", CLI_WARNING, CLI_NO_TIME,
			"ha-fence check-config     shows them", "%s: %u warning%s", test->config->path, warnings,
			warnings == 1 ? "" : "s");
	else
		cli_result_add(test->results, "config", CLI_PASS, CLI_NO_TIME, NULL, "%s, mode %04o (%s)",
			test->config->path, mode, digest);
	(void)snprintf(remedy, sizeof(remedy), "scp -p %s %s:%s; then ha-fence reload on both", test->config->path,
		name, test->config->path);
	if (!test->daemon || !*theirs)
		cli_result_add(test->results, "config-peer", CLI_SKIP, CLI_NO_TIME, NULL,
			"%s says its configuration to a running daemon only", name);
	else if (!cli_json_bool(peer, "config_same"))
		cli_result_add(test->results, "config-peer", CLI_FAIL, CLI_NO_TIME, remedy,
			"%s has another configuration (%s)", name, theirs);
	else
		cli_result_add(
			test->results, "config-peer", CLI_PASS, CLI_NO_TIME, NULL, "the same on %s (%s)", name, theirs);
}

/* The key itself is not looked at here but by config_load(), which has already refused a bad one. */
static void
judge_authkey(const struct cli_test *test)
{
	struct stat st;

	if (stat(test->config->authkey_file, &st) < 0)
		cli_result_add(test->results, "authkey", CLI_FAIL, CLI_NO_TIME,
			"ha-fence keygen; then copy it to the other node", "%s: %s", test->config->authkey_file,
			strerror(errno));
	else
		cli_result_add(test->results, "authkey", CLI_PASS, CLI_NO_TIME, NULL, "%s, mode %04o, %u key%s",
			test->config->authkey_file, (unsigned)st.st_mode & 07777U, test->config->key_count,
			test->config->key_count == 1 ? "" : "s");
}

/* Its name is there for everybody. A daemon that answers has it. */
static void
judge_lock(const struct cli_test *test)
{
	unsigned vrid = test->config->vrrp.vrid;
	char holder[LOCK_HOLDER], remedy[CLI_TEXT];
	bool ours;

	if (test->daemon || !lock_holder(test->config->vrrp.vrid, holder))
		return;
	ours = strstr(holder, "(ha-fenced)") != NULL;
	(void)snprintf(remedy, sizeof(remedy),
		ours ? "ha-fence --runtime-dir DIR test, with the directory of that daemon"
		     : "ss -xap | grep ha-fenced/%u; end that process: it keeps ha-fenced from starting",
		vrid);
	cli_result_add(test->results, "lock", ours ? CLI_WARNING : CLI_FAIL, CLI_NO_TIME, remedy,
		"@ha-fenced/%u is taken by %s", vrid, holder);
}

/* Without a usable configuration there is nothing else to test. */
static int
report_bad_config(const struct cli_options *options, int error, const struct config_problems *problems)
{
	json_t *results = json_array();
	const char *text;
	unsigned errors = 0;

	for (; problems && (text = config_problems_text(problems, errors)); errors++)
		cli_result_add(results, "config", strstr(text, "warning: ") ? CLI_WARNING : CLI_FAIL, CLI_NO_TIME, NULL,
			"%s", text);
	if (errors == 0)
		cli_result_add(results, "config", CLI_FAIL, CLI_NO_TIME,
			error == -EACCES ? "run it as root" : "ha-fence check-config", "%s: %s", options->config_path,
			strerror(-error));
	if (options->json)
		cli_print_json(results);
	else if (errors == 0)
		cli_results_render(
			stdout, cli_colour(stdout), results, 0, "Nothing else can be tested without a configuration.");
	else
		for (unsigned i = 0; (text = config_problems_text(problems, i)); i++)
			(void)printf("%s%s", text, *text && text[strlen(text) - 1] == '\n' ? "" : "\n");
	if (!options->json && errors > 0)
		(void)printf("FAIL  config: nothing else can be tested without it.\n");
	json_decref(results);
	return CLI_EXIT_USAGE;
}

static void
run_areas(struct cli_test *test, unsigned warnings)
{
	struct cli_test_imm *imm = NULL;
	struct cli_test_net *net = NULL;
	struct cli_test_storage *storage = NULL;
	struct cli_test_checks *checks = NULL;

	/* Children first, so that they inherit nothing of the others. */
	if (cli_test_storage_begin(test, &storage) < 0 || cli_test_checks_begin(test, &checks) < 0 ||
		cli_test_imm_begin(test, &imm) < 0 || cli_test_net_begin(test, &net) < 0)
		cli_result_add(test->results, "test", CLI_FAIL, CLI_NO_TIME, "free some memory",
			"not all of it could be started");
	(void)sd_event_add_time(test->event, NULL, CLOCK_BOOTTIME, test->until, 1, NULL, NULL);
	if (test->waiting > 0)
		(void)sd_event_loop(test->event);
	judge_config(test, warnings);
	judge_authkey(test);
	judge_lock(test);
	cli_test_imm_finish(imm, test);
	cli_test_net_finish(net, test);
	cli_test_storage_finish(storage, test);
	cli_test_checks_finish(checks, test);
	cli_test_lan(test, "");
	cli_test_host(test, "");
}

static void
verdict(const struct cli_test *test, char text[CLI_TEXT])
{
	const char *me = config_local(test->config)->name, *peer = cli_test_peer_name(test);

	if (!cli_results_could_fence(test->results))
		(void)snprintf(text, CLI_TEXT, "%s could NOT fence %s.", me, peer);
	else if (test->config->fence.action == CONFIG_FENCE_CHECK)
		(void)snprintf(text, CLI_TEXT, "%s could, but may not fence %s (action = \"check\").", me, peer);
	else if (!config_peer(test->config)->imm.guid_none && !ha_guid_is_set(&test->expected))
		(void)snprintf(text, CLI_TEXT, "%s could fence %s once its GUID is known.", me, peer);
	else
		(void)snprintf(text, CLI_TEXT, "%s could fence %s.", me, peer);
}

/* --reboot-peer NODE: CLI_EXIT_GOOD if NODE is the peer. */
static int
check_reboot_peer(const struct cli_options *options, const struct config *config)
{
	unsigned node = 0;
	int status = options->reboot_peer ? cli_fence_node(config, options->reboot_peer, &node) : CLI_EXIT_GOOD;

	if (status == CLI_EXIT_GOOD && options->reboot_peer && node != config->local)
		return cli_fence_level(config, node, options->level);
	if (status != CLI_EXIT_GOOD || !options->reboot_peer)
		return status;
	cli_error("that is this node", "run it on the other one; or: ha-fence fence reboot NODE");
	return CLI_EXIT_USAGE;
}

/* Every outlet of the level has said that it is on. */
static bool
outlets_passed(const struct cli_test *test)
{
	const struct config_node *peer = config_peer(test->config);

	for (unsigned i = 0; i < peer->device_count; i++) {
		char check[CONFIG_NAME_MAX + 8];

		(void)snprintf(check, sizeof(check), "outlet-%s", peer->devices[i].name);
		if (peer->devices[i].level == test->options->level && !cli_results_passed(test->results, check))
			return false;
	}
	return true;
}

/* The proof of the pudding, after everything else has passed. */
static int
reboot_peer(struct cli_test *test)
{
	const struct cli_options *options = test->options;
	struct cli_fence_request request = { .config = test->config,
		.daemon = test->daemon,
		.runtime_dir = options->runtime_dir,
		.level = options->level,
		.node = 1 - test->config->local,
		.action = CLI_FENCE_REBOOT,
		.progress = options->json ? NULL : stdout };
	struct cli_fence_outcome outcome = { .done = false };

	if (!cli_results_could_fence(test->results) || !outlets_passed(test)) {
		cli_error("not tried: it could not work", "correct what failed above, then repeat this test");
		return CLI_EXIT_FAILED;
	}
	if (!cli_fence_permitted(options, test->config, test->daemon, request.node, true))
		return CLI_EXIT_FAILED;
	cli_fence_run(&request, &outcome);
	if (outcome.done && options->level > 1)
		cli_result_add(test->results, "reboot-peer", *outcome.problem.text ? CLI_WARNING : CLI_PASS, outcome.ms,
			*outcome.problem.text ? outcome.problem.text : NULL,
			"%s: the outlets of level %u were switched off, seen off, and are on again",
			cli_test_peer_name(test), options->level);
	else if (outcome.done)
		cli_result_add(test->results, "reboot-peer", CLI_PASS, outcome.ms, NULL,
			"%s was powered off, seen off, and is on again", cli_test_peer_name(test));
	else
		cli_result_add(test->results, "reboot-peer", CLI_FAIL, outcome.ms, outcome.problem.remedy, "%s",
			outcome.problem.text);
	return outcome.done ? CLI_EXIT_GOOD : CLI_EXIT_FAILED;
}

static void
print_head(const struct cli_test *test)
{
	const char *me = config_local(test->config)->name;

	if (test->daemon)
		(void)printf("%s, daemon running (%s). ", me, cli_json_string(test->daemon, "state", "?"));
	else
		(void)printf("%s, no daemon running, or none that answers. ", me);
	(void)printf("%s\n",
		test->options->reboot_peer ? "First without harm, then the reboot." : "Nothing will be powered off.");
}

static int
run_test(struct cli_test *test, unsigned warnings)
{
	ha_time began = ha_now();
	char text[CLI_TEXT];
	int status = CLI_EXIT_GOOD;

	test->until = began + CLI_TEST_TIME;
	run_areas(test, warnings);
	verdict(test, text);
	double seconds = (double)(ha_now() - began) / (double)HA_SEC;

	if (!test->options->json)
		cli_results_render(stdout, cli_colour(stdout), test->results, seconds, text);
	(void)fflush(stdout);
	if (test->options->reboot_peer) {
		size_t before = json_array_size(test->results);

		status = reboot_peer(test);
		if (!test->options->json && json_array_size(test->results) > before) {
			json_t *last = json_pack("[O]", json_array_get(test->results, before));

			(void)snprintf(text, sizeof(text),
				status == CLI_EXIT_GOOD ? "%s has fenced %s." : "%s has NOT fenced %s.",
				config_local(test->config)->name, cli_test_peer_name(test));
			cli_results_render(
				stdout, cli_colour(stdout), last, (double)(ha_now() - began) / (double)HA_SEC, text);
			json_decref(last);
		}
	}
	if (test->options->json)
		cli_print_json(test->results);
	cli_metrics_tested(test->options, cli_results_count(test->results, CLI_FAIL));
	if (status == CLI_EXIT_GOOD && cli_results_count(test->results, CLI_FAIL) > 0)
		status = CLI_EXIT_FAILED;
	return status;
}

int
cli_test(const struct cli_options *options)
{
	struct cli_test test = { .options = options };
	struct config_problems *problems = NULL;
	struct config *config = NULL;
	int r = config_load(
		options->config_path, options->node, CONFIG_PASSWORDS | CONFIG_AUTHKEYS, &config, &problems);
	int status;

	if (r < 0) {
		status = report_bad_config(options, r, problems);
		config_problems_free(problems);
		return status;
	}
	status = check_reboot_peer(options, config);
	if (status != CLI_EXIT_GOOD) {
		config_problems_free(problems);
		config_free(config);
		return status;
	}
	json_t *facts = cli_control_facts(options->runtime_dir);

	test.config = config;
	test.daemon = facts;
	test.results = json_array();
	cli_guids(config, facts, &test.own, &test.expected);
	if (!options->json)
		print_head(&test);
	(void)fflush(stdout);
	if (sd_event_new(&test.event) >= 0) {
		status = run_test(&test, config_problems_warnings(problems));
	} else {
		cli_error("no event loop", "free some memory and file descriptors");
		status = CLI_EXIT_FAILED;
	}
	sd_event_unref(test.event);
	json_decref(test.results);
	json_decref(facts);
	config_problems_free(problems);
	config_free(config);
	return status;
}
