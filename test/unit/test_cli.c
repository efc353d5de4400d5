/* What ha-fence prints, from sample answers of the daemon (fixtures/ *.json) against the expected screens (*.txt), and
 * what it understands of its arguments. HA_FIXTURES names the folder when it is not run from the project's root. */
#include "daemon/cli_history.h"
#include "daemon/cli_options.h"
#include "daemon/cli_results.h"
#include "daemon/cli_status.h"
#include "daemon/cli_test.h"
#include "daemon/cli_text.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW 1793000000 /* when the fixtures were "recorded" */

static const char *
fixture(const char *name, const char *suffix, char path[512])
{
	const char *folder = getenv("HA_FIXTURES");

	(void)snprintf(path, 512, "%s/%s.%s", folder ? folder : "test/unit/fixtures", name, suffix);
	return path;
}

static json_t *
load(const char *name)
{
	json_error_t error;
	char path[512];
	json_t *value = json_load_file(fixture(name, "json", path), 0, &error);

	ck_assert_msg(value != NULL, "%s: %s", path, error.text);
	return value;
}

static char *
read_text(const char *name)
{
	char path[512];
	FILE *file = fopen(fixture(name, "txt", path), "re");
	char *text = calloc(1, 65536);

	ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
	ck_assert_uint_gt(fread(text, 1, 65535, file), 0);
	(void)fclose(file);
	return text;
}

/* Render into memory; a missing expectation is shown whole, so that it can be looked at and kept. */
struct screen {
	char *text;
	size_t size;
	FILE *out;
};

static void
open_screen(struct screen *screen)
{
	*screen = (struct screen){ 0 };
	screen->out = open_memstream(&screen->text, &screen->size);
	ck_assert(screen->out != NULL);
}

static void
expect_screen(struct screen *screen, const char *name)
{
	char *expected = read_text(name);

	(void)fclose(screen->out);
	ck_assert_str_eq(screen->text, expected);
	free(expected);
	free(screen->text);
}

static const struct {
	const char *name;
	int exit;
} screens[] = {
	{ "status-protected", CLI_EXIT_GOOD },
	{ "status-backup", CLI_EXIT_GOOD },
	{ "status-unprotected", CLI_EXIT_FAILED },
	{ "status-stuck", CLI_EXIT_FAILED },
};

START_TEST(status_screens)
{
	json_t *status = load(screens[_i].name);
	struct screen screen;

	open_screen(&screen);
	cli_status_render(screen.out, false, 0, status, NOW);
	expect_screen(&screen, screens[_i].name);
	ck_assert_int_eq(cli_status_exit(status), screens[_i].exit);
	json_decref(status);
}
END_TEST

START_TEST(status_down)
{
	json_t *status = load("status-down");
	struct screen screen;

	open_screen(&screen);
	cli_status_render_down(screen.out, false, status);
	expect_screen(&screen, "status-down");
	ck_assert_int_eq(cli_status_exit(status), CLI_EXIT_FAILED);
	json_decref(status);
}
END_TEST

/* A daemon of another release may say less, or nothing that we know: no crash, and never PROTECTED. */
START_TEST(status_of_nothing)
{
	static const char *const texts[] = { "{}", "{\"peer\": null, \"alarms\": 3, \"fence\": []}",
		"{\"summary\": 1, \"peer\": {\"links\": [null, 1]}, \"alarms\": [null, {}], \"health\": [1]}" };
	json_t *status = json_loads(texts[_i], 0, NULL);
	struct screen screen;

	open_screen(&screen);
	cli_status_render(screen.out, false, 0, status, NOW);
	cli_status_render_down(screen.out, false, status);
	(void)fclose(screen.out);
	ck_assert_ptr_eq(strstr(screen.text, "PROTECTED"), NULL);
	ck_assert_int_eq(cli_status_exit(status), CLI_EXIT_FAILED);
	free(screen.text);
	json_decref(status);
}
END_TEST

START_TEST(status_colour)
{
	json_t *status = load("status-stuck");
	struct screen screen;

	open_screen(&screen);
	cli_status_render(screen.out, true, 0, status, NOW);
	(void)fclose(screen.out);
	ck_assert_ptr_ne(strstr(screen.text, "\033[1;31mSTUCK\033[0m"), NULL);
	free(screen.text);
	json_decref(status);
}
END_TEST

START_TEST(status_wrapped)
{
	json_t *status = load("status-stuck");
	struct screen screen;
	size_t length, alarm = 0;

	open_screen(&screen);
	cli_status_render(screen.out, false, 60, status, NOW);
	(void)fclose(screen.out);
	ck_assert_ptr_ne(strstr(screen.text, "CRITICAL"), NULL);
	for (const char *line = screen.text; *line; line += length + (line[length] == '\n')) {
		length = strcspn(line, "\n");
		if (strncmp(line, "  ", 2) == 0)
			ck_assert_msg(length <= 60, "%.*s", (int)length, line);
		alarm += strncmp(line, "  ", 2) == 0;
	}
	ck_assert_uint_ge(alarm, 6);
	free(screen.text);
	json_decref(status);
}
END_TEST

/* Nothing is wrong here, yet the pair is not protected: who knows why, and for how long it is paused. */
START_TEST(status_of_the_other_node)
{
	json_t *status = load("status-protected");
	struct screen screen;

	(void)json_object_set_new(json_object_get(status, "peer"), "alarms", json_pack("[s]", "fence-authentication"));
	(void)json_object_set_new(status, "paused_s", json_integer(540));
	open_screen(&screen);
	cli_status_render(screen.out, false, 0, status, NOW);
	(void)fclose(screen.out);
	ck_assert_ptr_ne(
		strstr(screen.text, "none; on the other node: fence-authentication   (ha-fence status there)\n"), NULL);
	ck_assert_ptr_ne(strstr(screen.text, "MASTER, paused for 9 min 0 s more"), NULL);
	free(screen.text);
	json_decref(status);
}
END_TEST

/* An IMM that answers is no reason by itself: it may be another's, or only be read. */
START_TEST(status_cannot_fence)
{
	static const struct {
		const char *action, *error, *identity, *left, *right;
	} cases[] = {
		{ "reboot", "ok", "other", "can NOT fence NodeB: identity ", "can NOT fence NodeA: identity\n" },
		{ "check", "ok", "peer", "can NOT fence NodeB: action = \"check\" ",
			"can NOT fence NodeA: action = \"check\"\n" },
		{ "reboot", "cipher", "unknown", "can NOT fence NodeB: cipher ", "can NOT fence NodeA: cipher\n" },
	};
	json_t *status = load("status-protected"), *fence = json_object_get(status, "fence"),
	       *peer = json_object_get(status, "peer");
	struct screen screen;

	(void)json_object_set_new(fence, "can_fence", json_false());
	(void)json_object_set_new(peer, "can_fence_me", json_false());
	(void)json_object_set_new(fence, "action", json_string(cases[_i].action));
	(void)json_object_set_new(fence, "error", json_string(cases[_i].error));
	(void)json_object_set_new(fence, "identity", json_string(cases[_i].identity));
	(void)json_object_set_new(peer, "fence_error", json_string(cases[_i].error));
	open_screen(&screen);
	cli_status_render(screen.out, false, 0, status, NOW);
	(void)fclose(screen.out);
	ck_assert_msg(strstr(screen.text, cases[_i].left) && strstr(screen.text, cases[_i].right), "%s", screen.text);
	free(screen.text);
	json_decref(status);
}
END_TEST

/* What comes from elsewhere cannot steer the terminal. */
START_TEST(no_control_characters)
{
	json_t *status = load("status-protected");
	struct screen screen;

	(void)json_object_set_new(status, "cluster", json_string("a\033[2Jb\n"));
	open_screen(&screen);
	cli_status_render(screen.out, false, 0, status, NOW);
	(void)fclose(screen.out);
	ck_assert_int_eq(strncmp(screen.text, "a?[2Jb?: PROTECTED", 18), 0);
	ck_assert_ptr_eq(strchr(screen.text, '\033'), NULL);
	free(screen.text);
	json_decref(status);
}
END_TEST

START_TEST(history_screens)
{
	json_t *history = load("history");
	struct screen screen;

	open_screen(&screen);
	cli_history_render_list(screen.out, history);
	expect_screen(&screen, "history");
	open_screen(&screen);
	cli_history_render(screen.out, false, json_array_get(history, 1));
	expect_screen(&screen, "history-12");
	json_decref(history);
}
END_TEST

START_TEST(test_screen)
{
	json_t *results = load("test");
	struct screen screen;

	open_screen(&screen);
	cli_results_render(screen.out, false, results, 0.42, "NodeA could NOT fence NodeB.");
	expect_screen(&screen, "test");
	ck_assert(!cli_results_could_fence(results));
	(void)json_object_set_new(json_array_get(results, 4), "result", json_string("pass"));
	ck_assert(cli_results_could_fence(results));
	json_decref(results);
}
END_TEST

/* Every check that fencing needs: failed, skipped or missing, the answer is no. */
START_TEST(could_fence_needs_all)
{
	static const unsigned needed[] = { 0, 1, 2, 3, 4, 5, 6 };
	json_t *results = load("test");

	(void)json_object_set_new(json_array_get(results, 4), "result", json_string("pass"));
	(void)json_object_set_new(json_array_get(results, needed[_i]), "result", json_string("fail"));
	ck_assert(!cli_results_could_fence(results));
	(void)json_object_set_new(json_array_get(results, needed[_i]), "result", json_string("skip"));
	ck_assert(!cli_results_could_fence(results));
	(void)json_array_remove(results, needed[_i]);
	ck_assert(!cli_results_could_fence(results));
	json_decref(results);
}
END_TEST

START_TEST(results_keep_what_they_are_given)
{
	json_t *results = json_array();

	cli_result_add(results, "imm-power", CLI_PASS, 2.5, NULL, "%s", "on");
	cli_result_add(results, "sleep", CLI_SKIP, CLI_NO_TIME, "do it", "no %d", 1);
	ck_assert_uint_eq(cli_results_count(results, CLI_PASS), 1);
	ck_assert_uint_eq(cli_results_count(results, CLI_FAIL), 0);
	ck_assert_str_eq(cli_json_string(json_array_get(results, 0), "result", ""), "pass");
	ck_assert(cli_json_is_null(json_array_get(results, 0), "remedy"));
	ck_assert(cli_json_number(json_array_get(results, 0), "ms", 0) > 2.4);
	ck_assert_str_eq(cli_json_string(json_array_get(results, 1), "remedy", ""), "do it");
	ck_assert(cli_json_is_null(json_array_get(results, 1), "ms"));
	json_decref(results);
}
END_TEST

static int
parse(const char *line, struct cli_options *options, struct cli_problem *problem)
{
	static char copy[256];
	static char *words[16];
	char *rest = NULL;
	int count = 0;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok_r(copy, " ", &rest); word && count < 15; word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	words[count] = NULL;
	return cli_options_parse(count, words, options, problem);
}

static const struct {
	const char *line;
	enum cli_command command;
	unsigned given;
	const char *argument; /* the last one */
	bool json;
} good_lines[] = {
	{ "ha-fence status", CLI_STATUS, 0, NULL, false },
	{ "ha-fence --json status", CLI_STATUS, 0, NULL, true },
	{ "ha-fence status --watch --json", CLI_STATUS, CLI_OPTION_WATCH, NULL, true },
	{ "ha-fence -c /x --node NodeB --runtime-dir /r history 12", CLI_HISTORY, 0, "12", false },
	{ "ha-fence history --follow", CLI_HISTORY, CLI_OPTION_FOLLOW, NULL, false },
	{ "ha-fence fence off NodeB --yes --force", CLI_FENCE, CLI_OPTION_YES | CLI_OPTION_FORCE, "NodeB", false },
	{ "ha-fence --yes fence reboot NodeB", CLI_FENCE, CLI_OPTION_YES, "NodeB", false },
	{ "ha-fence pause --for 2h", CLI_PAUSE, CLI_OPTION_FOR, NULL, false },
	{ "ha-fence pause --for=30m", CLI_PAUSE, CLI_OPTION_FOR, NULL, false },
	{ "ha-fence test --reboot-peer NodeB --yes", CLI_TEST, CLI_OPTION_REBOOT_PEER | CLI_OPTION_YES, NULL, false },
	{ "ha-fence check-config /tmp/x", CLI_CHECK_CONFIG, 0, "/tmp/x", false },
	{ "ha-fence confirm-off NodeA", CLI_CONFIRM_OFF, 0, "NodeA", false },
	{ "ha-fence --help", CLI_HELP, 0, NULL, false },
	{ "ha-fence -V", CLI_VERSION, 0, NULL, false },
};

START_TEST(lines_that_are_understood)
{
	struct cli_options options;
	struct cli_problem problem;

	ck_assert_int_eq(parse(good_lines[_i].line, &options, &problem), CLI_EXIT_GOOD);
	ck_assert_int_eq((int)options.command, (int)good_lines[_i].command);
	ck_assert_uint_eq(options.given, good_lines[_i].given);
	ck_assert(options.json == good_lines[_i].json);
	if (good_lines[_i].argument)
		ck_assert_str_eq(options.arguments[options.argument_count - 1], good_lines[_i].argument);
	else
		ck_assert_uint_eq(options.argument_count, 0);
}
END_TEST

static const struct {
	const char *line, *text, *remedy; /* parts of what must be said */
} bad_lines[] = {
	{ "ha-fence", "no command", "ha-fence --help" },
	{ "ha-fence stauts", "unknown command \"stauts\"", "did you mean \"status\"" },
	{ "ha-fence swichover", "unknown command", "did you mean \"switchover\"" },
	{ "ha-fence xyzzy", "unknown command", "lists all commands" },
	{ "ha-fence status --jsno", "unknown option \"--jsno\"", "did you mean \"--json\"" },
	{ "ha-fence -q status", "unknown option \"-q\"", "lists all options" },
	{ "ha-fence status --force", "status takes no --force", "usage: ha-fence status" },
	{ "ha-fence switchover NodeB", "switchover does not take \"NodeB\"", "usage: ha-fence switchover" },
	{ "ha-fence fence off", "fence needs 2 arguments", "status|off|on|reboot NODE" },
	{ "ha-fence confirm-off", "confirm-off needs an argument", "usage: ha-fence confirm-off NODE" },
	{ "ha-fence pause --for soon", "\"soon\" is not a length of time", "1h30m" },
	{ "ha-fence test --yes", "go with --reboot-peer", "usage: ha-fence test" },
	{ "ha-fence status -c", "needs a value", "--help" },
};

START_TEST(lines_that_are_not)
{
	struct cli_options options;
	struct cli_problem problem;

	ck_assert_int_eq(parse(bad_lines[_i].line, &options, &problem), CLI_EXIT_USAGE);
	ck_assert_msg(strstr(problem.text, bad_lines[_i].text) != NULL, "\"%s\"", problem.text);
	ck_assert_msg(strstr(problem.remedy, bad_lines[_i].remedy) != NULL, "\"%s\"", problem.remedy);
}
END_TEST

START_TEST(values_of_options)
{
	struct cli_options options;
	struct cli_problem problem;

	ck_assert_int_eq(
		parse("ha-fence -c /x --node NodeB --runtime-dir /r pause --for 1h30m", &options, &problem), 0);
	ck_assert_str_eq(options.config_path, "/x");
	ck_assert_str_eq(options.node, "NodeB");
	ck_assert_str_eq(options.runtime_dir, "/r");
	ck_assert_uint_eq(options.duration, 5400 * HA_SEC);
	ck_assert_int_eq(parse("ha-fence status", &options, &problem), 0);
	ck_assert_str_eq(options.config_path, "/etc/ha-fenced/ha-fenced.conf");
	ck_assert_str_eq(options.runtime_dir, "/run/ha-fenced");
	ck_assert_ptr_eq(options.node, NULL);
	ck_assert_uint_eq(options.duration, HA_NEVER);
}
END_TEST

START_TEST(durations)
{
	static const struct {
		const char *text;
		ha_time seconds; /* 0: refused */
	} table[] = { { "90s", 90 }, { "30m", 1800 }, { "45min", 2700 }, { "2h", 7200 }, { "1h30m", 5400 },
		{ "3d", 259200 }, { "365d", 31536000 }, { "", 0 }, { "2", 0 }, { "h", 0 }, { "0s", 0 }, { "366d", 0 },
		{ "2x", 0 }, { "2 h", 0 }, { "-2h", 0 }, { "99999999999999999999h", 0 }, { "1h30", 0 } };
	ha_time result;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		result = 77;
		ck_assert_int_eq(cli_duration_parse(table[i].text, &result), table[i].seconds ? 0 : -EINVAL);
		ck_assert_uint_eq(result, table[i].seconds ? table[i].seconds * HA_SEC : 77);
	}
}
END_TEST

START_TEST(help_names_everything)
{
	char *help = cli_help();

	for (unsigned i = 0; i < CLI_COMMANDS; i++) {
		const struct cli_command_entry *entry = cli_command_entry((enum cli_command)i);
		char *one = cli_help_command((enum cli_command)i);

		ck_assert_ptr_ne(strstr(help, entry->name), NULL);
		ck_assert_ptr_ne(strstr(help, entry->summary), NULL);
		ck_assert_ptr_ne(strstr(one, entry->name), NULL);
		free(one);
	}
	free(help);
}
END_TEST

START_TEST(lengths)
{
	static const struct {
		double seconds;
		const char *text;
	} table[] = { { -1, "-" }, { 0.1, "0.1 s" }, { 42, "42 s" }, { 372, "6 min 12 s" }, { 18180, "5 h 3 min" },
		{ 338400, "3d 22h" } };
	char buffer[CLI_LENGTH_TEXT];

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		ck_assert_str_eq(cli_length(table[i].seconds, buffer), table[i].text);
	ck_assert_str_eq(cli_milliseconds(0.3, buffer), "0.3 ms");
	ck_assert_str_eq(cli_milliseconds(14.4, buffer), "14 ms");
	ck_assert_str_eq(cli_milliseconds(4900, buffer), "4.9 s");

	/* A number that fits no integer is none. */
	json_t *object = json_pack("{s:f, s:f}", "big", 2e50, "good", 12.0);

	ck_assert_double_eq(cli_json_number(object, "big", -1), -1);
	ck_assert_double_eq(cli_json_number(object, "good", -1), 12);
	json_decref(object);
}
END_TEST

static void
write_file(const char *root, const char *path, const char *text)
{
	char whole[512];
	FILE *file;

	(void)snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (char *slash = strchr(whole + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(whole, 0755);
		*slash = '/';
	}
	file = fopen(whole, "we");
	ck_assert(file != NULL);
	(void)fputs(text, file);
	(void)fclose(file);
}

static void
remove_tree(const char *root)
{
	char command[600];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", root);
	ck_assert_int_eq(system(command), 0);
}

static const struct {
	const char *path, *text, *found; /* found NULL: not a finding */
} static_files[] = {
	{ "/etc/network/interfaces", "auto eth0\niface eth0 inet static\n  address 192.168.1.210/24\n",
		"192.168.1.210 is in /etc/network/interfaces:3" },
	{ "/etc/network/interfaces.d/vip", "up ip addr add 192.168.1.210/32 dev eth0\n",
		"192.168.1.210 is in /etc/network/interfaces.d/vip:1" },
	{ "/etc/NetworkManager/system-connections/lan.nmconnection", "[ipv4]\naddress1=192.168.1.210/24,192.168.1.1\n",
		"lan.nmconnection:2" },
	{ "/etc/sysconfig/network-scripts/ifcfg-eth0:0", "DEVICE=eth0:0\nIPADDR=\"192.168.1.210\"\n",
		"ifcfg-eth0:0:2" },
	{ "/etc/netplan/01.yaml",
		"network:\n  ethernets:\n    eth0:\n      addresses: [192.168.1.198/24, 192.168.1.210/24]\n",
		"01.yaml:4" },
	{ "/etc/systemd/network/10.network", "[Network]\nAddress=2001:db8:0:0::210/64\n", "10.network:2" },
	{ "/etc/network/interfaces", "# 192.168.1.210 belongs to ha-fenced\nauto lo\n", NULL },
	{ "/etc/network/interfaces", "address 192.168.1.2100\naddress 1192.168.1.210\naddress 192.168.1.21\n", NULL },
	{ "/etc/netplan/01.yaml", "addresses: [192.168.1.198/24]  # not 192.168.1.210\n", NULL },
};

START_TEST(vip_configured_statically)
{
	struct config_vip vips[2] = { { .prefix_length = 24 }, { .prefix_length = 64 } };
	struct config config = { .vrrp = { .vips = vips, .vip_count = 2 } };
	char root[] = "/tmp/ha-fence-test-XXXXXX";
	json_t *results = json_array();

	ck_assert(mkdtemp(root) != NULL);
	ck_assert_int_eq(ha_address_parse("192.168.1.210", &vips[0].address), 0);
	ck_assert_int_eq(ha_address_parse("2001:db8::210", &vips[1].address), 0);
	write_file(root, static_files[_i].path, static_files[_i].text);
	cli_test_vip_static(results, &config, root);
	remove_tree(root);
	ck_assert_uint_eq(json_array_size(results), 1);
	const json_t *result = json_array_get(results, 0);

	ck_assert_str_eq(cli_json_string(result, "check", ""), "vip-static");
	ck_assert_str_eq(cli_json_string(result, "result", ""), static_files[_i].found ? "fail" : "pass");
	if (static_files[_i].found)
		ck_assert_msg(strstr(cli_json_string(result, "detail", ""), static_files[_i].found) != NULL, "%s",
			cli_json_string(result, "detail", ""));
	json_decref(results);
}
END_TEST

/* /proc/sys/net/ipv4/conf: all, the VIP's interface. */
static const struct {
	const char *all, *interface;
	uint8_t length;
	const char *result, *remedy;
} promotions[] = {
	{ "0\n", "0\n", 24, "warn", "sysctl -w net.ipv4.conf.eth0.promote_secondaries=1" },
	{ "0\n", "0\n", 24, "warn", "\"192.168.1.210/32\"" },
	{ "0\n", "1\n", 24, "pass", NULL },
	{ "1\n", "0\n", 24, "pass", NULL },
	{ "0\n", "0\n", 32, "pass", NULL },
	{ "0\n", NULL, 24, "skip", NULL },
};

START_TEST(own_address_goes_with_the_vip)
{
	struct config_vip vips[3] = { { .prefix_length = promotions[_i].length },
		{ .prefix_length = promotions[_i].length }, { .prefix_length = 64 } };
	struct config config = { .vrrp = { .interface = "eth0", .vips = vips, .vip_count = 3 } };
	char root[] = "/tmp/ha-fence-test-XXXXXX";
	json_t *results = json_array();

	ck_assert(mkdtemp(root) != NULL);
	ck_assert_int_eq(ha_address_parse("192.168.1.210", &vips[0].address), 0);
	ck_assert_int_eq(ha_address_parse("192.168.1.211", &vips[1].address), 0);
	ck_assert_int_eq(ha_address_parse("2001:db8::210", &vips[2].address), 0);
	write_file(root, "/proc/sys/net/ipv4/conf/all/promote_secondaries", promotions[_i].all);
	if (promotions[_i].interface)
		write_file(root, "/proc/sys/net/ipv4/conf/eth0/promote_secondaries", promotions[_i].interface);
	cli_test_promote(results, &config, root);
	remove_tree(root);
	ck_assert_uint_eq(json_array_size(results), 1); /* a line for each interface */
	const json_t *result = json_array_get(results, 0);

	ck_assert_str_eq(cli_json_string(result, "check", ""), "promote-secondaries");
	ck_assert_str_eq(cli_json_string(result, "result", ""), promotions[_i].result);
	if (promotions[_i].remedy)
		ck_assert_ptr_nonnull(strstr(cli_json_string(result, "remedy", ""), promotions[_i].remedy));
	json_decref(results);
}
END_TEST

/* nft list ruleset, shortened. */
static const struct {
	const char *ruleset, *missing;
} rulesets[] = {
	{ "", NULL },
	{ "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n\t}\n}\n",
		NULL },
	{ "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\ttcp "
	  "dport 22 "
	  "accept\n\t}\n}\n",
		"neither VRRP (protocol 112) nor the peer messages" },
	{ "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\tip "
	  "protocol vrrp "
	  "accept\n\t}\n}\n",
		"no peer messages" },
	{ "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\tudp "
	  "dport { 53, "
	  "1112 } accept\n\t}\n}\n",
		"no VRRP (protocol 112)" },
	{ "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n\t\tmeta "
	  "l4proto 112 "
	  "accept\n\t\tudp dport 1112 accept\n\t\treject with icmpx admin-prohibited\n\t}\n}\n",
		NULL },
	{ "table inet filter {\n\tchain output {\n\t\ttype filter hook output priority filter; policy drop;\n\t}\n}\n",
		NULL },
};

START_TEST(firewall_rules)
{
	const char *missing = cli_test_lan_firewall(rulesets[_i].ruleset, 1112);

	ck_assert_msg(missing == rulesets[_i].missing ||
			      (missing && rulesets[_i].missing && !strcmp(missing, rulesets[_i].missing)),
		"%s: %s", rulesets[_i].ruleset, missing ? missing : "nothing");
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *
cli_suite(void)
{
	Suite *suite = suite_create("cli");
	TCase *screens_case = tcase_create("screens"), *options = tcase_create("options"), *host = tcase_create("host");

	tcase_add_loop_test(screens_case, status_screens, 0, COUNT(screens));
	tcase_add_test(screens_case, status_down);
	tcase_add_loop_test(screens_case, status_of_nothing, 0, 3);
	tcase_add_test(screens_case, status_colour);
	tcase_add_test(screens_case, status_wrapped);
	tcase_add_test(screens_case, status_of_the_other_node);
	tcase_add_loop_test(screens_case, status_cannot_fence, 0, 3);
	tcase_add_test(screens_case, no_control_characters);
	tcase_add_test(screens_case, history_screens);
	tcase_add_test(screens_case, test_screen);
	tcase_add_loop_test(screens_case, could_fence_needs_all, 0, 7);
	tcase_add_test(screens_case, results_keep_what_they_are_given);
	tcase_add_test(screens_case, lengths);
	tcase_add_loop_test(options, lines_that_are_understood, 0, COUNT(good_lines));
	tcase_add_loop_test(options, lines_that_are_not, 0, COUNT(bad_lines));
	tcase_add_test(options, values_of_options);
	tcase_add_test(options, durations);
	tcase_add_test(options, help_names_everything);
	tcase_add_loop_test(host, vip_configured_statically, 0, COUNT(static_files));
	tcase_add_loop_test(host, own_address_goes_with_the_vip, 0, COUNT(promotions));
	tcase_add_loop_test(host, firewall_rules, 0, COUNT(rulesets));
	suite_add_tcase(suite, screens_case);
	suite_add_tcase(suite, options);
	suite_add_tcase(suite, host);
	return suite;
}

int
main(void)
{
	(void)setenv("TZ", "UTC", 1);
	SRunner *runner = srunner_create(cli_suite());

	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);

	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
