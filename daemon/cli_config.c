#include "daemon/cli_config.h"

#include "daemon/advice.h"
#include "daemon/cli_control.h"
#include "daemon/cli_programs.h"
#include "daemon/cli_text.h"
#include "daemon/cli_wrap.h"
#include "daemon/cli_write.h"
#include "lib/config_problem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_KEY "/etc/ha-fenced/authkey"

static void
print_problems(FILE *out, const struct config_problems *problems)
{
	const char *text;

	for (unsigned i = 0; problems && (text = config_problems_text(problems, i)); i++) {
		(void)fputs(text, out);
		if (*text && text[strlen(text) - 1] != '\n')
			(void)fputc('\n', out);
	}
}

/* A file that cannot even be read has no problems of its own to print. */
static void
print_failure(FILE *out, const char *path, int error, const struct config_problems *problems)
{
	print_problems(out, problems);
	if (problems && config_problems_errors(problems) > 0)
		return;
	(void)fprintf(out, "%s: error: %s\n", path, strerror(-error));
	if (error == -ENOENT)
		(void)fputs("      begin with the commented sample: share/doc/ha-fenced/ha-fenced.conf, "
			    "ha-fenced.conf(5); or name the file: -c FILE\n",
			out);
	else if (error == -EACCES)
		(void)fputs("      run it as root: sudo ha-fence ...\n", out);
}

int
cli_config_load(const struct cli_options *options, unsigned flags, struct config **ret)
{
	struct config_problems *problems = NULL;
	int r = config_load(options->config_path, options->node, flags, ret, &problems);

	if (r < 0)
		print_failure(stderr, options->config_path, r, problems);
	config_problems_free(problems);
	return r < 0 ? CLI_EXIT_USAGE : CLI_EXIT_GOOD;
}

/* "3f9c1a" of the running daemon, "" if none runs. */
static void
running_config(const struct cli_options *options, char ret[16])
{
	json_t *request = json_pack("{s:s}", "request", "status"), *answer = NULL;

	ret[0] = '\0';
	if (cli_control_ask(options->runtime_dir, request, HA_SEC, &answer) == 0)
		(void)snprintf(ret, 16, "%s", cli_json_string(json_object_get(answer, "result"), "config", ""));
	json_decref(answer);
	json_decref(request);
}

static void
list_unsafe(void *userdata, const char *setting, const char *culprit)
{
	(void)json_array_append_new(
		userdata, json_sprintf("warning: %s: others can write %s: chmod go-w %s", setting, culprit, culprit));
}

static void
print_unsafe(void *userdata, const char *setting, const char *culprit)
{
	(void)userdata;
	(void)printf("warning: %s: others can write %s\n      chmod go-w %s\n", setting, culprit, culprit);
}

static void
check_as_json(int error, const struct config *config, const struct config_problems *problems, const char *path)
{
	json_t *list = json_array();
	const char *text;
	char digest[7];
	unsigned errors = problems ? config_problems_errors(problems) : 0;
	unsigned warnings = problems ? config_problems_warnings(problems) : 0;

	for (unsigned i = 0; problems && (text = config_problems_text(problems, i)); i++)
		(void)json_array_append_new(list, json_string(text));
	if (error < 0 && errors == 0) {
		(void)json_array_append_new(list, json_sprintf("%s: error: %s", path, strerror(-error)));
		errors = 1;
	}
	if (config)
		warnings += cli_programs_unsafe(config, list_unsafe, list);
	json_t *result = json_pack("{s:b, s:s, s:i, s:i, s:o, s:o}", "ok", error == 0, "file", path, "errors",
		(int)errors, "warnings", (int)warnings, "problems", list, "config",
		config ? json_string(config_digest_text(config->digest, digest)) : json_null());

	cli_print_json(result);
	json_decref(result);
}

static void
check_as_text(const struct cli_options *options, int error, const struct config *config,
	const struct config_problems *problems, const char *path)
{
	unsigned errors = problems ? config_problems_errors(problems) : 0,
		 warnings = problems ? config_problems_warnings(problems) : 0;
	char running[16], digest[7];

	running_config(options, running);
	if (error < 0) {
		print_failure(stdout, path, error, problems);
		errors = errors > 0 ? errors : 1;
		(void)printf("%u error%s.", errors, errors == 1 ? "" : "s");
		if (*running)
			(void)printf(" The running daemon keeps its configuration %s.", running);
		(void)fputc('\n', stdout);
		return;
	}
	print_problems(stdout, problems);
	warnings += cli_programs_unsafe(config, print_unsafe, NULL);
	(void)config_digest_text(config->digest, digest);
	(void)printf("%s: good (%s)", path, digest);
	if (warnings > 0)
		(void)printf(", %u warning%s", warnings, warnings == 1 ? "" : "s");
	if (*running && strcmp(running, digest) != 0)
		(void)printf(". The running daemon has %s: ha-fence reload", running);
	(void)fputs(*running && strcmp(running, digest) == 0 ? ", as the running daemon has it.\n" : ".\n", stdout);
}

int
cli_check_config(const struct cli_options *options)
{
	const char *path = options->argument_count > 0 ? options->arguments[0] : options->config_path;
	struct config_problems *problems = NULL;
	struct config *config = NULL;
	int r = config_load(
		path, options->node, CONFIG_PASSWORDS | CONFIG_AUTHKEYS | CONFIG_NO_LOCAL, &config, &problems);

	if (options->json)
		check_as_json(r, config, problems, path);
	else
		check_as_text(options, r, config, problems, path);
	config_problems_free(problems);
	if (config)
		config_free(config);
	return r < 0 ? CLI_EXIT_USAGE : CLI_EXIT_GOOD;
}

int
cli_show_config(const struct cli_options *options)
{
	struct config *config = NULL;
	int status = cli_config_load(options, CONFIG_NO_LOCAL, &config);

	if (status != CLI_EXIT_GOOD)
		return status;
	char *text = config_show(config);

	if (text && options->json) {
		json_t *value = json_pack("{s:s, s:s}", "file", options->config_path, "text", text);

		cli_print_json(value);
		json_decref(value);
	} else if (text) {
		(void)fputs(text, stdout);
	}
	status = text ? CLI_EXIT_GOOD : CLI_EXIT_FAILED;
	free(text);
	config_free(config);
	return status;
}

static void
print_key_json(const char *path)
{
	json_t *value = json_pack("{s:b, s:s}", "ok", 1, "file", path);

	cli_print_json(value);
	json_decref(value);
}

int
cli_keygen(const struct cli_options *options)
{
	struct config_problems *problems = NULL;
	struct config *config = NULL;
	char path[CONFIG_PATH_MAX] = DEFAULT_KEY, other[CONFIG_NAME_MAX] = "OTHER-NODE";
	int r;

	/* The file may be unfinished yet: the key is made in any case. */
	if (config_load(options->config_path, options->node, 0, &config, &problems) == 0) {
		(void)snprintf(path, sizeof(path), "%s", *config->authkey_file ? config->authkey_file : DEFAULT_KEY);
		(void)snprintf(other, sizeof(other), "%s", config_peer(config)->name);
		config_free(config);
	}
	config_problems_free(problems);
	if (options->argument_count > 0)
		(void)snprintf(path, sizeof(path), "%s", options->arguments[0]);
	r = config_key_generate(path);
	if (r < 0)
		return cli_write_failed(path, r,
			"a key is never overwritten; to change keys without an outage: make a new file, put its line "
			"below the\n"
			"old one in the authkey file of both nodes, ha-fence reload on both; then move it to the first "
			"place, and\n"
			"reload again");
	if (options->json)
		print_key_json(path);
	else
		(void)printf("%s written, mode 0600. Both nodes need the same one; copy it over a safe way:\n      scp "
			     "-p %s %s:%s\n",
			path, path, other, path);
	return CLI_EXIT_GOOD;
}

/* This pair's names and addresses for the texts, if the configuration can be read. */
struct names {
	struct advice_names names;
	char own_imm[HA_ADDRESS_TEXT], peer_imm[HA_ADDRESS_TEXT], vips[HA_ADDRESS_TEXT + IF_NAMESIZE + 16];
};

static void
fill_names(struct names *names, const struct config *config)
{
	const struct config_node *own = config_local(config), *peer = config_peer(config);
	char address[HA_ADDRESS_TEXT];

	names->names = advice_generic;
	names->names.own = own->name;
	names->names.peer = peer->name;
	names->names.own_imm = ha_address_format(&own->imm.address, names->own_imm);
	names->names.peer_imm = ha_address_format(&peer->imm.address, names->peer_imm);
	names->names.config = config->path;
	names->names.user = peer->imm.username;
	if (config->vrrp.vip_count > 0) {
		(void)snprintf(names->vips, sizeof(names->vips), "%s/%u on %s",
			ha_address_format(&config->vrrp.vips[0].address, address), config->vrrp.vips[0].prefix_length,
			config->vrrp.interface);
		names->names.vips = names->vips;
	}
}

static void
explain(enum alarm alarm, const struct advice_names *names, bool json)
{
	const char *severity = alarm_severity_name(alarm_severity(alarm));
	char buffer[ADVICE_TEXT], id[ALARM_MESSAGE_ID];
	int columns = cli_terminal_columns(stdout);

	if (json) {
		json_t *lines = json_array();

		for (unsigned i = 0; advice_line(alarm, i, names, buffer); i++)
			(void)json_array_append_new(lines, json_string(buffer));
		json_t *value = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s}", "name", alarm_name(alarm), "severity",
			severity, "summary", alarm_summary(alarm), "text", advice_text(alarm, names, buffer), "advice",
			lines, "message_id", alarm_message_id(alarm, id));

		cli_print_json(value);
		json_decref(value);
		return;
	}
	(void)printf("%s (%s): %s.\n", alarm_name(alarm), severity, alarm_summary(alarm));
	if (strcmp(advice_text(alarm, names, buffer), alarm_summary(alarm)) != 0) {
		(void)fputc('\n', stdout);
		cli_put_wrapped(stdout, columns, 2, buffer);
	}
	(void)fputs("\nWhat to do:\n", stdout);
	for (unsigned i = 0; advice_line(alarm, i, names, buffer); i++)
		cli_put_wrapped(stdout, columns, 2, buffer);
	(void)printf("\nMore: section %s of runbook.md; journalctl -x -t ha-fenced shows it beside the alarm\n",
		alarm_name(alarm));
}

static int
unknown_alarm(const char *name)
{
	const char *words[ALARMS + 1] = { NULL };
	char text[CLI_TEXT], remedy[2048] = "";
	const char *close;

	for (unsigned i = 0; i < ALARMS; i++)
		words[i] = alarm_name((enum alarm)i);
	close = config_meant(name, words);
	(void)snprintf(text, sizeof(text), "there is no alarm \"%.60s\"", name);
	if (close)
		(void)snprintf(remedy, sizeof(remedy), "did you mean \"%s\"?  ", close);
	for (unsigned i = 0; i < ALARMS; i++) {
		size_t used = strlen(remedy);

		(void)snprintf(remedy + used, sizeof(remedy) - used, "%s%s",
			i == 0       ? "all: "
			: i % 6 == 0 ? ",\n"
				     : ", ",
			words[i]);
	}
	cli_error(text, remedy);
	return CLI_EXIT_USAGE;
}

int
cli_explain(const struct cli_options *options)
{
	struct config_problems *problems = NULL;
	struct config *config = NULL;
	struct names names = { .names = advice_generic };
	enum alarm alarm;

	if (!alarm_by_name(options->arguments[0], &alarm))
		return unknown_alarm(options->arguments[0]);
	if (config_load(options->config_path, options->node, 0, &config, &problems) == 0)
		fill_names(&names, config);
	explain(alarm, &names.names, options->json);
	config_problems_free(problems);
	if (config)
		config_free(config);
	return CLI_EXIT_GOOD;
}
