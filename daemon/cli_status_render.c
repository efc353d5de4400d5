#include "daemon/cli_status.h"

#include "daemon/cli_text.h"
#include "daemon/cli_wrap.h"

#include <stdarg.h>
#include <string.h>

#define LABEL_COLUMNS 14
#define CELL          256
#define DIFFERENCES   4 /* settings that are named */

/* A cell of the table, written piece by piece. */
struct cell {
	char text[CELL];
};

static void __attribute__((format(printf, 2, 3))) add(struct cell *cell, const char *format, ...)
{
	size_t used = strlen(cell->text);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(cell->text + used, sizeof(cell->text) - used, format, arguments);
	va_end(arguments);
}

/* The two columns; the second begins behind the widest first. */
struct table {
	const char *labels[10];
	struct cell left[10], right[10];
	enum cli_tone left_tone[10], right_tone[10];
	unsigned rows;
};

static unsigned
add_row(struct table *table, const char *label)
{
	table->labels[table->rows] = label;
	return table->rows++;
}

static enum cli_tone
summary_tone(const char *summary)
{
	if (strcmp(summary, "PROTECTED") == 0)
		return CLI_GOOD;
	return strcmp(summary, "UNPROTECTED") == 0 ? CLI_WARN : CLI_BAD;
}

int
cli_status_exit(const json_t *status)
{
	return strcmp(cli_json_string(status, "summary", ""), "PROTECTED") == 0 ? CLI_EXIT_GOOD : CLI_EXIT_FAILED;
}

static void
add_state(struct table *table, const json_t *status, const json_t *peer)
{
	unsigned row = add_row(table, "State");
	struct cell *left = &table->left[row], *right = &table->right[row];
	char length[CLI_LENGTH_TEXT];

	add(left, "%s", cli_json_string(status, "state", "-"));
	if (strcmp(left->text, "BACKUP") == 0 && !cli_json_is_null(status, "fit"))
		add(left, cli_json_bool(status, "fit") ? ", fit" : ", not fit");
	if (!cli_json_is_null(status, "paused_s")) {
		double paused = cli_json_number(status, "paused_s", -1);

		add(left, paused < 0 ? ", paused" : ", paused for %s more", cli_length(paused, length));
	}
	if (!cli_json_bool(peer, "ever")) {
		add(right, "never heard");
		table->right_tone[row] = CLI_WARN;
		return;
	}
	if (!cli_json_bool(peer, "heard")) {
		add(right, "silent for %s, was %s", cli_length(cli_json_number(peer, "age_ms", -1) / 1000, length),
			cli_json_string(peer, "state", "-"));
		table->right_tone[row] = CLI_BAD;
		return;
	}
	add(right, "%s", cli_json_string(peer, "state", "-"));
	if (strcmp(right->text, "BACKUP") == 0)
		add(right, cli_json_bool(peer, "fit") ? ", fit" : ", not fit");
	if (cli_json_bool(peer, "leaving"))
		add(right, ", stopping");
}

static void
add_one_priority(struct cell *cell, const json_t *node)
{
	double configured = cli_json_number(node, "priority", -1),
	       effective = cli_json_number(node, "effective_priority", configured);

	if (configured < 0) {
		add(cell, "-");
		return;
	}
	add(cell, "%.0f", configured);
	if (effective < configured || effective > configured)
		add(cell, ", now %.0f", effective);
}

static void
add_priority(struct table *table, const json_t *status, const json_t *peer)
{
	unsigned row = add_row(table, "Priority");

	add_one_priority(&table->left[row], status);
	add_one_priority(&table->right[row], peer);
}

/* Why an IMM's reader cannot fence, in a word: an IMM that answers may be another's, or is not to be commanded. */
static const char *
why_not(const json_t *fence, const char *error, bool identity_good)
{
	if (strcmp(error, "ok") != 0)
		return error;
	if (strcmp(cli_json_string(fence, "action", ""), "check") == 0)
		return "action = \"check\"";
	return identity_good ? "privilege" : "identity";
}

static void
add_fencing(struct table *table, const json_t *status, const json_t *peer, const json_t *fence)
{
	unsigned row = add_row(table, "Fencing");
	const char *node = cli_json_string(status, "node", "-"), *other = cli_json_string(peer, "name", "-");

	if (cli_json_bool(fence, "can_fence")) {
		add(&table->left[row], "can fence %s", other);
		table->left_tone[row] = CLI_GOOD;
	} else {
		const char *error = cli_json_string(fence, "error", "unknown"),
			   *identity = cli_json_string(fence, "identity", "");
		bool good = strcmp(identity, "peer") == 0 || strcmp(identity, "opted-out") == 0;

		add(&table->left[row], "can NOT fence %s: %s", other,
			cli_json_bool(fence, "configured") ? why_not(fence, error, good) : "no IMM configured");
		table->left_tone[row] = CLI_BAD;
	}
	if (!cli_json_bool(peer, "heard")) {
		add(&table->right[row], "-");
	} else if (cli_json_bool(peer, "can_fence_me")) {
		add(&table->right[row], "can fence %s", node);
		table->right_tone[row] = CLI_GOOD;
	} else {
		add(&table->right[row], "can NOT fence %s: %s", node,
			why_not(fence, cli_json_string(peer, "fence_error", "unknown"), false));
		table->right_tone[row] = CLI_BAD;
	}
}

static void
add_imms(struct table *table, const json_t *status, const json_t *fence)
{
	unsigned row = add_row(table, "IMM");
	const json_t *own = json_object_get(status, "imm");
	char length[CLI_LENGTH_TEXT];

	add(&table->left[row], "%s  %s", cli_json_string(own, "address", "-"), cli_json_string(own, "power", ""));
	add(&table->right[row], "%s  ", cli_json_string(fence, "address", "-"));
	if (!cli_json_bool(fence, "configured"))
		return;
	if (!cli_json_bool(fence, "reachable")) {
		add(&table->right[row], "%s", cli_json_string(fence, "error", "no answer"));
		table->right_tone[row] = CLI_BAD;
		return;
	}
	add(&table->right[row], "%s", cli_json_string(fence, "power", "unknown"));
	if (!cli_json_is_null(fence, "rtt_ms"))
		add(&table->right[row], ", %s", cli_milliseconds(cli_json_number(fence, "rtt_ms", -1), length));
	if (cli_json_bool(fence, "slow"))
		add(&table->right[row], ", slow");
}

/* The outlets behind the peer's IMM. One that is off, or says nothing, while the peer is heard would not fence it. */
static void
add_outlets(struct table *table, const json_t *peer, const json_t *fence)
{
	const json_t *outlets = json_object_get(fence, "devices"), *outlet;
	bool heard = cli_json_bool(peer, "heard");
	int level = 0;
	size_t index;

	if (json_array_size(outlets) == 0)
		return;
	unsigned row = add_row(table, "Outlets");
	struct cell *right = &table->right[row];

	add(&table->left[row], "-");
	json_array_foreach(outlets, index, outlet)
	{
		int its = (int)cli_json_number(outlet, "level", 0);
		bool reachable = cli_json_bool(outlet, "reachable");
		const char *power = cli_json_string(outlet, "power", "unknown"),
			   *error = cli_json_string(outlet, "error", "unknown");

		if (its != level)
			add(right, "%slevel %d:", index > 0 ? "; " : "", its);
		add(right, "%s %s %s", its == level ? "," : "", cli_json_string(outlet, "name", "?"),
			reachable ? power : error);
		level = its;
		if (!reachable && strcmp(error, "unknown") != 0)
			table->right_tone[row] = CLI_BAD;
		else if (heard && reachable && strcmp(power, "on") != 0)
			table->right_tone[row] = CLI_BAD;
	}
}

static void
add_heard(struct table *table, const json_t *peer)
{
	unsigned row = add_row(table, "Heard");
	const json_t *link;
	size_t index;
	char length[CLI_LENGTH_TEXT];

	add(&table->left[row], "-");
	json_array_foreach(json_object_get(peer, "links"), index, link)
	{
		bool heard = cli_json_bool(link, "heard");

		add(&table->right[row], "%s%s ", index > 0 ? ", " : "", cli_json_string(link, "address", "-"));
		if (cli_json_is_null(link, "age_ms"))
			add(&table->right[row], "never");
		else
			add(&table->right[row], "%s%s", cli_length(cli_json_number(link, "age_ms", -1) / 1000, length),
				heard ? "" : " ago");
		if (!heard)
			table->right_tone[row] = CLI_WARN;
	}
}

/* "tomcat data gateway: ok", or the failing ones by name. What runs on the master only is no unknown on a backup. */
static void
add_checks(struct table *table, const json_t *status)
{
	const json_t *checks = json_object_get(status, "health"), *check;
	size_t index;
	bool failed = false, unknown = false;

	if (json_array_size(checks) == 0)
		return;
	unsigned row = add_row(table, "Checks");
	struct cell *left = &table->left[row];

	json_array_foreach(checks, index, check)
	{
		failed = failed || json_is_false(json_object_get(check, "ok"));
		unknown = unknown ||
			  (cli_json_is_null(check, "ok") && strcmp(cli_json_string(check, "when", ""), "master") != 0);
	}
	json_array_foreach(checks, index, check)
	{
		if (!failed || json_is_false(json_object_get(check, "ok")))
			add(left, "%s%s", *left->text ? " " : "", cli_json_string(check, "name", "?"));
	}
	add(left, failed ? ": FAILED" : unknown ? ": unknown" : ": ok");
	table->left_tone[row] = failed ? CLI_BAD : CLI_PLAIN;
	add(&table->right[row], "-");
}

/* The settings that differ, or their groups if the peer has not told of settings (an earlier release). */
static void
add_difference(struct cell *cell, const json_t *peer)
{
	const json_t *names = json_object_get(peer, "config_settings"), *name;
	int unknown = (int)cli_json_number(peer, "config_unknown", 0);
	size_t index, count;

	if (json_array_size(names) == 0 && unknown == 0)
		names = json_object_get(peer, "config_groups");
	count = json_array_size(names);
	json_array_foreach(names, index, name)
	{
		if (index < DIFFERENCES)
			add(cell, "%s%s", index == 0 ? " " : ", ",
				json_string_value(name) ? json_string_value(name) : "?");
	}
	if (count > DIFFERENCES)
		add(cell, " and %zu more", count - DIFFERENCES);
	if (unknown > 0)
		add(cell, "%s %d unknown here", count == 0 ? "" : ",", unknown);
}

static void
add_config(struct table *table, const json_t *status, const json_t *peer)
{
	unsigned row = add_row(table, "Config");
	const char *theirs = cli_json_string(peer, "config", "");

	add(&table->left[row], "%s", cli_json_string(status, "config", "-"));
	if (!*theirs) {
		add(&table->right[row], "-");
	} else if (cli_json_bool(peer, "config_same")) {
		add(&table->right[row], "%s (same)", theirs);
	} else {
		add(&table->right[row], "%s (DIFFERS:", theirs);
		add_difference(&table->right[row], peer);
		add(&table->right[row], ")");
		table->right_tone[row] = CLI_WARN;
	}
}

/* Only while it matters: between an upgrade and `ha-fence reexec`. */
static void
add_version(struct table *table, const json_t *status)
{
	const char *running = cli_json_string(status, "version", HA_VERSION);

	if (strcmp(running, HA_VERSION) == 0)
		return;
	unsigned row = add_row(table, "Version");

	add(&table->left[row], "running %s, installed %s: ha-fence reexec", running, HA_VERSION);
	table->left_tone[row] = CLI_WARN;
}

static void
print_table(FILE *out, bool colour, const json_t *status, const json_t *peer)
{
	struct table table = { .rows = 0 };
	struct cell title = { "" };
	int width;

	const json_t *fence = json_object_get(status, "fence");

	add_state(&table, status, peer);
	add_priority(&table, status, peer);
	add_fencing(&table, status, peer, fence);
	add_imms(&table, status, fence);
	add_outlets(&table, peer, fence);
	add_heard(&table, peer);
	add_checks(&table, status);
	add_config(&table, status, peer);
	add_version(&table, status);
	add(&title, "%s (this node)", cli_json_string(status, "node", "-"));
	width = cli_columns(title.text);
	for (unsigned i = 0; i < table.rows; i++) {
		int columns = cli_columns(table.left[i].text);

		width = columns > width ? columns : width;
	}
	width += 4;
	cli_paint(out, colour, CLI_PLAIN, LABEL_COLUMNS, "");
	cli_paint(out, colour, CLI_PLAIN, width, title.text);
	cli_put(out, cli_json_string(peer, "name", "-"));
	(void)fputc('\n', out);
	for (unsigned i = 0; i < table.rows; i++) {
		cli_paint(out, colour, CLI_PLAIN, LABEL_COLUMNS, table.labels[i]);
		cli_paint(out, colour, table.left_tone[i], width, table.left[i].text);
		cli_paint(out, colour, table.right_tone[i], 0, table.right[i].text);
		(void)fputc('\n', out);
	}
}

static void
print_alarm(FILE *out, bool colour, int columns, const json_t *status, const json_t *alarm, time_t now)
{
	const char *name = cli_json_string(alarm, "name", "?"), *node = cli_json_string(alarm, "node", NULL);
	bool critical = strcmp(cli_json_string(alarm, "severity", ""), "critical") == 0;
	const json_t *line;
	size_t index;
	char when[CLI_LENGTH_TEXT];

	cli_paint(out, colour, critical ? CLI_BAD : CLI_WARN, 0, critical ? "CRITICAL" : "WARNING");
	(void)fputc(' ', out);
	cli_put(out, name);
	if (node && strcmp(node, cli_json_string(status, "node", "")) != 0) {
		(void)fputs(" (says ", out);
		cli_put(out, node);
		(void)fputc(')', out);
	}
	if (!cli_json_is_null(alarm, "since"))
		(void)fprintf(out, "   since %s", cli_moment(cli_json_number(alarm, "since", 0), now, when));
	(void)fputc('\n', out);
	cli_put_wrapped(out, columns, 2, cli_json_string(alarm, "text", ""));
	json_array_foreach(json_object_get(alarm, "advice"), index, line)
		cli_put_wrapped(out, columns, 2, json_string_value(line) ? json_string_value(line) : "");
	(void)fprintf(out, "  More: ha-fence explain ");
	cli_put(out, name);
	(void)fputc('\n', out);
}

static bool
has_critical(const json_t *alarms)
{
	const json_t *alarm;
	size_t index;

	json_array_foreach(alarms, index, alarm)
	{
		if (strcmp(cli_json_string(alarm, "severity", ""), "critical") == 0)
			return true;
	}
	return false;
}

static void
print_alarms(FILE *out, bool colour, int columns, const json_t *status, const json_t *alarms, time_t now)
{
	const json_t *alarm;
	size_t index;

	json_array_foreach(alarms, index, alarm)
	{
		(void)fputc('\n', out);
		print_alarm(out, colour, columns, status, alarm, now);
	}
}

static void
print_episode(FILE *out, const json_t *episode)
{
	char stamp[CLI_LENGTH_TEXT], length[CLI_LENGTH_TEXT];
	double number = cli_json_number(episode, "number", 0);
	double outage = cli_json_number(episode, "outage_ms", -1);

	if (!json_is_object(episode)) {
		(void)fprintf(out, "%-*snone\n", LABEL_COLUMNS, "Last event");
		return;
	}
	(void)fprintf(out, "%-*s#%.0f %s ", LABEL_COLUMNS, "Last event", number,
		cli_moment(cli_json_number(episode, "time", 0), 0, stamp));
	cli_put(out, cli_json_string(episode, "title", "?"));
	if (outage >= 0)
		(void)fprintf(out, ", outage %s", cli_milliseconds(outage, length));
	(void)fprintf(out, "   (ha-fence history %.0f)\n", number);
}

void
cli_status_render_line(FILE *out, bool colour, const json_t *status)
{
	const char *summary = cli_json_string(status, "summary", "DOWN");

	cli_put(out, cli_json_string(status, "cluster", "ha-fenced"));
	(void)fputs(": ", out);
	cli_paint(out, colour, summary_tone(summary), 0, summary);
	(void)fputs("   ", out);
	cli_put(out, cli_json_string(status, "summary_text", ""));
	(void)fputc('\n', out);
}

/* What keeps the pair from being protected may be known to the other node only. */
static void
print_no_alarms(FILE *out, const json_t *peer)
{
	const json_t *alarms = json_object_get(peer, "alarms"), *alarm;
	const char *separator = "; on the other node: ";
	size_t index;

	(void)fprintf(out, "\n%-*snone", LABEL_COLUMNS, "Alarms");
	if (cli_json_bool(peer, "heard")) {
		json_array_foreach(alarms, index, alarm)
		{
			(void)fputs(separator, out);
			cli_put(out, json_is_string(alarm) ? json_string_value(alarm) : "?");
			separator = ", ";
		}
		if (json_array_size(alarms) > 0)
			(void)fputs("   (ha-fence status there)", out);
	}
	(void)fputc('\n', out);
}

void
cli_status_render(FILE *out, bool colour, int columns, const json_t *status, time_t now)
{
	const json_t *peer = json_object_get(status, "peer"), *alarms = json_object_get(status, "alarms");
	bool critical = has_critical(alarms);

	cli_status_render_line(out, colour, status);
	/* What needs a hand comes first; in quiet times the table does. */
	if (critical)
		print_alarms(out, colour, columns, status, alarms, now);
	(void)fputc('\n', out);
	print_table(out, colour, status, peer);
	if (json_array_size(alarms) == 0)
		print_no_alarms(out, peer);
	else if (!critical)
		print_alarms(out, colour, columns, status, alarms, now);
	if (json_array_size(alarms) > 0)
		(void)fputc('\n', out);
	print_episode(out, json_object_get(status, "episode"));
}

void
cli_status_render_down(FILE *out, bool colour, const json_t *status)
{
	const json_t *vip;
	size_t index;

	cli_status_render_line(out, colour, status);
	(void)fputc('\n', out);
	json_array_foreach(json_object_get(status, "vips"), index, vip)
	{
		const char *answer = cli_json_string(vip, "answered_by", NULL);

		(void)fputs("VIP ", out);
		cli_put(out, cli_json_string(vip, "address", "?"));
		if (cli_json_bool(vip, "present")) {
			(void)fputs(" is on this machine, ", out);
			cli_put(out, cli_json_string(vip, "interface", "?"));
		} else {
			(void)fputs(" is not on this machine", out);
		}
		(void)fputs("; ARP: ", out);
		if (answer) {
			cli_put(out, answer);
			(void)fputs(" answers for it", out);
		} else {
			cli_put(out, cli_json_bool(vip, "asked") ? "nobody else answers"
								 : cli_json_string(vip, "not_asked", "not asked"));
		}
		(void)fputc('\n', out);
	}
	(void)fputs("fix: ", out);
	cli_put(out, cli_json_string(status, "remedy", ""));
	(void)fputc('\n', out);
}
