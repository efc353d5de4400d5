#include "daemon/cli_fence.h"

#include "daemon/cli_config.h"
#include "daemon/cli_control.h"
#include "daemon/cli_text.h"
#include "lib/config_problem.h"

#include <stdio.h>
#include <string.h>

#define FACTS_TRIES    4
#define FACTS_PATIENCE (2 * HA_SEC)

int
cli_fence_node(const struct config *config, const char *name, unsigned *ret)
{
	const char *const names[] = { config->nodes[0].name, config->nodes[1].name, NULL };
	const char *close = config_meant(name, names);
	struct cli_problem problem;

	for (unsigned i = 0; i < 2; i++) {
		if (strcmp(config->nodes[i].name, name) == 0) {
			*ret = i;
			return CLI_EXIT_GOOD;
		}
	}
	(void)snprintf(problem.text, sizeof(problem.text), "there is no node \"%.60s\"", name);
	if (close)
		(void)snprintf(problem.remedy, sizeof(problem.remedy), "did you mean %s?", close);
	else
		(void)snprintf(problem.remedy, sizeof(problem.remedy), "the nodes are %s and %s", names[0], names[1]);
	cli_error(problem.text, problem.remedy);
	return CLI_EXIT_USAGE;
}

/* "feed1, feed2": the outlets of a level. */
static const char *
outlets_of(const struct config_node *node, unsigned level, char buffer[CLI_TEXT])
{
	size_t at = 0;

	buffer[0] = '\0';
	for (unsigned i = 0; i < node->device_count; i++) {
		if (node->devices[i].level != level || at >= CLI_TEXT - 1)
			continue;
		at += (size_t)snprintf(buffer + at, CLI_TEXT - at, "%s%s", at > 0 ? ", " : "", node->devices[i].name);
	}
	return buffer;
}

int
cli_fence_level(const struct config *config, unsigned node, unsigned level)
{
	const struct config_node *it = &config->nodes[node];
	struct cli_problem problem;
	char outlets[CLI_TEXT];
	size_t at;

	if (level <= 1 || *outlets_of(it, level, outlets))
		return CLI_EXIT_GOOD;
	(void)snprintf(problem.text, sizeof(problem.text), "%.60s has no level %u", it->name, level);
	if (it->device_count == 0) {
		cli_error(problem.text, "it has its IMM only (level 1); outlets are configured as nodes.devices: "
					"ha-fenced.conf(5)");
		return CLI_EXIT_USAGE;
	}
	at = (size_t)snprintf(problem.remedy, sizeof(problem.remedy), "its levels: 1 (the IMM)");
	for (unsigned other = 2; other <= CLI_LEVELS && at < sizeof(problem.remedy); other++)
		if (*outlets_of(it, other, outlets))
			at += (size_t)snprintf(
				problem.remedy + at, sizeof(problem.remedy) - at, ", %u (%s)", other, outlets);
	cli_error(problem.text, problem.remedy);
	return CLI_EXIT_USAGE;
}

/* What the daemon knows about a node and the VIP. A silent peer that held it may still serve, or be the very reason for
 * powering it down: that is for the person to say, not for --force. */
enum holding { HOLDS_NOT, HOLDS_MAYBE, HOLDS };

static enum holding
holding_of(const struct config *config, const json_t *daemon, unsigned node)
{
	const json_t *peer = json_object_get(daemon, "peer");

	if (!daemon)
		return HOLDS_MAYBE;
	if (node == config->local)
		return cli_json_bool(daemon, "holding") ? HOLDS : HOLDS_NOT;
	if (!cli_json_bool(peer, "heard"))
		return HOLDS_MAYBE;
	return cli_json_bool(peer, "holding") ? HOLDS : HOLDS_NOT;
}

static bool
refuse_holder(const char *name)
{
	char text[CLI_TEXT];

	(void)snprintf(text, sizeof(text), "%s holds the VIP", name);
	cli_error(text, "first: ha-fence switchover     or, if it must be: the same again with --force");
	return false;
}

/* Checks and a question take their time, in which the VIP may have moved to the node. */
static bool
still_permitted(const struct cli_options *options, const struct config *config, unsigned node, enum holding before)
{
	const char *name = config->nodes[node].name;
	json_t *daemon = NULL;
	char text[CLI_TEXT];

	/* On a busy machine it may not answer at once. */
	for (unsigned i = 0; !daemon && i < (before == HOLDS_NOT ? FACTS_TRIES : 1); i++)
		daemon = cli_control_facts(options->runtime_dir);
	enum holding now = holding_of(config, daemon, node);

	json_decref(daemon);
	if (now <= before || (options->given & CLI_OPTION_FORCE))
		return true;
	if (now == HOLDS)
		return refuse_holder(name);
	(void)snprintf(text, sizeof(text), "nobody here knows any more whether %s serves: nothing was done", name);
	cli_error(text, "ha-fence status; then the same again");
	return false;
}

/* No facts: does no daemon run, or is it one that does not answer? That one may know that the node holds the VIP, or be
 * about to fence. False after an error message. */
static bool
daemon_speaks(const char *runtime_dir, const char *name, json_t **ret_facts)
{
	int r = cli_control_facts_within(runtime_dir, FACTS_PATIENCE, ret_facts);
	char text[CLI_TEXT];

	if (r == 0 || cli_control_no_daemon(r))
		return true;
	(void)snprintf(text, sizeof(text),
		"ha-fenced runs here and does not answer (%s): whether %.60s holds the VIP is not known", strerror(-r),
		name);
	cli_error(text,
		"ha-fence status; journalctl -u ha-fenced -n 50     or, if it must be: the same again with --force");
	return false;
}

bool
cli_fence_permitted(const struct cli_options *options, const struct config *config, const json_t *daemon, unsigned node,
	bool on_again)
{
	static const char *const warnings[] = {
		[HOLDS_NOT] = "",
		[HOLDS_MAYBE] = "\nNobody here knows whether it serves: it is not heard.",
		[HOLDS] = "\nIt HOLDS THE VIP: the service is interrupted.",
	};
	const char *name = config->nodes[node].name;
	json_t *late = NULL;

	if (!daemon && !(options->given & CLI_OPTION_FORCE) && !daemon_speaks(options->runtime_dir, name, &late))
		return false;
	enum holding holding = holding_of(config, daemon ? daemon : late, node);
	char question[3 * CLI_TEXT], outlets[CLI_TEXT] = "", how[CLI_TEXT + 32] = "";

	json_decref(late);
	if (holding == HOLDS && !(options->given & CLI_OPTION_FORCE))
		return refuse_holder(name);
	if (options->given & CLI_OPTION_YES)
		return still_permitted(options, config, node, holding);
	if (options->level > 1)
		(void)snprintf(how, sizeof(how), " by its outlets (%s)",
			outlets_of(&config->nodes[node], options->level, outlets));
	(void)snprintf(question, sizeof(question), "%s%s will be powered off hard%s, at once, without a shutdown%s.%s",
		name, node == config->local ? " (THIS machine)" : "", how, on_again ? ", and then on again" : "",
		warnings[holding]);
	return cli_confirm(question, "yes") && still_permitted(options, config, node, holding);
}

static json_t *
outlets_json(const struct config_node *node, unsigned level, const struct cli_fence_outcome *outcome)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < node->device_count; i++)
		if (node->devices[i].level == level)
			(void)json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "name", node->devices[i].name,
								   "power", fence_power_name(outcome->feeds[i].power),
								   "error", fence_error_name(outcome->feeds[i].error)));
	return array;
}

static void
print_outlets(const struct config_node *node, unsigned level, const struct cli_fence_outcome *outcome)
{
	const char *separator = "";

	(void)printf("%s   %s's outlets of level %u: ", fence_power_name(outcome->power), node->name, level);
	for (unsigned i = 0; i < node->device_count; i++) {
		if (node->devices[i].level != level)
			continue;
		(void)printf("%s%s %s", separator, node->devices[i].name, fence_power_name(outcome->feeds[i].power));
		separator = ", ";
	}
}

static int
print_outcome(const struct cli_options *options, const struct config *config, unsigned node,
	const struct cli_fence_outcome *outcome)
{
	char address[HA_ADDRESS_TEXT], rtt[CLI_LENGTH_TEXT], took[CLI_LENGTH_TEXT];
	const char *power = fence_power_name(outcome->power), *name = config->nodes[node].name;
	int status = outcome->done ? CLI_EXIT_GOOD : CLI_EXIT_FAILED;

	(void)ha_address_format(&config->nodes[node].imm.address, address);
	if (options->json) {
		json_t *result = json_pack("{s:b, s:i, s:s, s:s, s:s, s:o, s:f, s:s, s:s}", "ok", outcome->done, "exit",
			status, "node", name, "imm", address, "power", power, "rtt_ms",
			outcome->rtt_ms < 0 ? json_null() : json_real(outcome->rtt_ms), "ms", outcome->ms, "text",
			outcome->problem.text, "remedy", outcome->problem.remedy);

		if (options->level > 1) {
			(void)json_object_set_new(result, "level", json_integer(options->level));
			(void)json_object_set_new(
				result, "outlets", outlets_json(&config->nodes[node], options->level, outcome));
		}
		cli_print_json(result);
		json_decref(result);
	} else if (!outcome->done) {
		cli_error(outcome->problem.text, outcome->problem.remedy);
	} else if (options->level > 1) {
		print_outlets(&config->nodes[node], options->level, outcome);
		(void)printf(", all of it %s\n", cli_milliseconds(outcome->ms, took));
		if (*outcome->problem.text)
			(void)fprintf(stderr, "warning: %s\n", outcome->problem.text);
	} else {
		(void)printf("%s   %s's IMM %s, %s, all of it %s\n", power, name, address,
			cli_milliseconds(outcome->rtt_ms, rtt), cli_milliseconds(outcome->ms, took));
		if (*outcome->problem.text)
			(void)fprintf(stderr, "warning: %s\n", outcome->problem.text);
	}
	return status;
}

static int
action_of(const char *word, enum cli_fence_action *ret)
{
	static const char *const words[] = { "status", "off", "on", "reboot", NULL };
	const char *close = config_meant(word, words);
	struct cli_problem problem;

	for (unsigned i = 0; words[i]; i++) {
		if (strcmp(word, words[i]) == 0) {
			*ret = (enum cli_fence_action)i;
			return CLI_EXIT_GOOD;
		}
	}
	(void)snprintf(problem.text, sizeof(problem.text), "fence knows no \"%.60s\"", word);
	(void)snprintf(problem.remedy, sizeof(problem.remedy),
		"%s%s%susage: ha-fence fence status|off|on|reboot NODE [--level N]", close ? "did you mean \"" : "",
		close ? close : "", close ? "\"?  " : "");
	cli_error(problem.text, problem.remedy);
	return CLI_EXIT_USAGE;
}

int
cli_fence(const struct cli_options *options)
{
	struct cli_fence_request request = {
		.runtime_dir = options->runtime_dir, .level = options->level, .progress = options->json ? NULL : stderr
	};
	struct cli_fence_outcome outcome;
	struct config *config = NULL;
	json_t *daemon = NULL;
	int status = action_of(options->arguments[0], &request.action);

	if (status == CLI_EXIT_GOOD)
		status = cli_config_load(options, 0, &config);
	if (status != CLI_EXIT_GOOD)
		return status;
	request.config = config;
	status = cli_fence_node(config, options->arguments[1], &request.node);
	if (status == CLI_EXIT_GOOD)
		status = cli_fence_level(config, request.node, options->level);
	if (status == CLI_EXIT_GOOD) {
		daemon = cli_control_facts(options->runtime_dir);
		request.daemon = daemon;
		if (request.action == CLI_FENCE_OFF &&
			!cli_fence_permitted(options, config, daemon, request.node, false))
			status = CLI_EXIT_FAILED;
		if (request.action == CLI_FENCE_REBOOT &&
			!cli_fence_permitted(options, config, daemon, request.node, true))
			status = CLI_EXIT_FAILED;
	}
	if (status == CLI_EXIT_GOOD) {
		cli_fence_run(&request, &outcome);
		status = print_outcome(options, config, request.node, &outcome);
	}
	json_decref(daemon);
	config_free(config);
	return status;
}
