#include "daemon/cli_report.h"

#include "daemon/cli_text.h"
#include "daemon/cli_timeline.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WHEN 64

static const char style[] =
	":root{color-scheme:light dark;--bg:#fff;--fg:#1a1d21;--soft:#5b6470;--line:#d5dae0;--panel:#f5f7f9;"
	"--master:#1a7f4b;--backup:#5d7fa6;--claim:#b7791f;--bad:#c53030;--idle:#9aa5b1;--off:#2d3138;--peer:#2b6cb0;"
	"--may:#a9c4e0;--on-bar:#fff}\n"
	"@media(prefers-color-scheme:dark){:root{--bg:#15181c;--fg:#e4e8ec;--soft:#9aa5b1;--line:#39414a;--panel:#"
	"1e2329;"
	"--master:#2f9e67;--backup:#6f93bd;--claim:#c98a2b;--bad:#e05252;--idle:#5f6b77;--off:#aab2bb;--peer:#4a8fd4;"
	"--may:#2c4a68;--on-bar:#fff}}\n"
	"@media "
	"print{:root{color-scheme:light;--bg:#fff;--fg:#000;--soft:#444;--line:#bbb;--panel:#fff;--master:#1a7f4b;"
	"--backup:#5d7fa6;--claim:#b7791f;--bad:#c53030;--idle:#9aa5b1;--off:#2d3138;--peer:#2b6cb0;--may:#a9c4e0}"
	"*{-webkit-print-color-adjust:exact;print-color-adjust:exact}section{break-before:page}"
	"section:first-of-type{break-before:auto}figure,tr,dl{break-inside:avoid}nav{display:none}}\n"
	"body{margin:0 auto;max-width:1000px;padding:24px 20px 48px;background:var(--bg);color:var(--fg);"
	"font:15px/1.5 system-ui,sans-serif}\n"
	"h1{font-size:22px;margin:0 0 2px}h2{font-size:20px;margin:36px 0 2px}h3{font-size:15px;margin:24px 0 6px}\n"
	"p{margin:2px 0 12px}.soft{color:var(--soft)}a{color:var(--peer)}\n"
	".facts{display:flex;flex-wrap:wrap;gap:10px;margin:12px 0;padding:0}\n"
	".facts div{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:6px 14px}\n"
	".facts dt{color:var(--soft);font-size:12px}.facts dd{margin:0;font-size:17px;font-weight:600}\n"
	".facts .good dd{color:var(--master)}.facts .bad dd{color:var(--bad)}\n"
	"figure{margin:16px 0;overflow-x:auto}svg{display:block;width:100%;min-width:760px;height:auto}\n"
	"table{border-collapse:collapse;width:100%;font-size:14px}th{text-align:left;color:var(--soft);font-weight:500}"
	"\n"
	"th,td{padding:3px 10px 3px 0;border-bottom:1px solid var(--line);vertical-align:top}\n"
	"td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.key{font-weight:600}td.n,"
	"th.n{width:1%}\n"
	"td.warn{color:var(--bad)}td.n b{display:inline-block;min-width:20px;text-align:center;border-radius:10px;"
	"background:var(--fg);color:var(--bg);font-size:12px;line-height:20px}\n"
	".who{display:grid;grid-template-columns:max-content 1fr;gap:2px 18px;margin:0;font-size:14px}\n"
	".who dt{color:var(--soft)}.who dd{margin:0}\n"
	"footer{margin-top:40px;border-top:1px solid var(--line);padding-top:8px;font-size:13px;color:var(--soft)}\n"
	"svg text{font:12px system-ui,sans-serif;fill:var(--fg)}svg .lane{text-anchor:end;fill:var(--soft)}\n"
	"svg .tick{text-anchor:middle;fill:var(--soft);font-size:11px}svg .note{fill:var(--bad)}\n"
	"svg .in{text-anchor:middle;fill:var(--on-bar);font-weight:600;font-size:11px}\n"
	"svg .number{text-anchor:middle;fill:var(--bg);font-size:10px;font-weight:700}svg .badge{fill:var(--fg)}\n"
	"svg .guide{stroke:var(--line);stroke-dasharray:2 3}svg .axis{stroke:var(--soft);fill:none}svg "
	".gap{fill:var(--bg);"
	"stroke:var(--line);stroke-dasharray:3 3}\n"
	"svg rect.s-MASTER,svg rect.holds{fill:var(--master)}svg rect.s-BACKUP{fill:var(--backup)}\n"
	"svg rect.s-CLAIMING,svg rect.s-ADDING,svg rect.s-RELEASING{fill:var(--claim)}\n"
	"svg rect.s-FAULT,svg rect.s-DIRTY,svg rect.nobody{fill:var(--bad)}svg rect.s-INIT,svg "
	"rect.s-STANDBY{fill:var(--idle)}\n"
	"svg rect.silent{fill:var(--panel);stroke:var(--idle);stroke-dasharray:4 3}svg text.silent,svg "
	"text.may{fill:var(--fg)}\n"
	"svg rect.off{fill:var(--off)}svg text.off{fill:var(--bg)}svg rect.peerholds{fill:var(--peer)}\n"
	"svg rect.may{fill:var(--may);stroke:var(--peer);stroke-dasharray:4 3}\n"
	"svg .received{stroke:var(--master);stroke-width:3}svg .missed{stroke:var(--bad);stroke-width:2.5;fill:none}\n"
	"svg .on{fill:var(--master)}svg .reading{fill:var(--bg);stroke:var(--fg);stroke-width:2}\n"
	"svg .proven{fill:var(--fg);stroke:var(--fg)}svg .command{fill:var(--bad)}svg .unknown{fill:var(--claim)}\n"
	"svg.key{display:inline-block;width:16px;min-width:0;height:16px;vertical-align:-3px;margin-right:3px}\n"
	".legend{font-size:13px;color:var(--soft)}.legend span{margin-right:14px;white-space:nowrap}\n";

static void
put(FILE *out, const char *text)
{
	cli_timeline_escape(out, text);
}

/* "2026-11-22 03:14:05 +0100" */
static const char *
moment(double wall, char buffer[WHEN])
{
	time_t when = (time_t)wall;
	struct tm local;

	if (!isfinite(wall) || !localtime_r(&when, &local) || !strftime(buffer, WHEN, "%Y-%m-%d %H:%M:%S %z", &local))
		(void)snprintf(buffer, WHEN, "-");
	return buffer;
}

static void
fact(FILE *out, const char *class, const char *name, const char *text)
{
	(void)fprintf(out, "<div%s><dt>%s</dt><dd>", class, name);
	put(out, text);
	(void)fputs("</dd></div>", out);
}

static void
render_facts(FILE *out, const json_t *episode)
{
	const char *proof = cli_json_string(episode, "proof", "NONE"),
		   *result = cli_json_string(episode, "result", "?");
	double outage = cli_json_number(episode, "outage_ms", -1), fence = cli_json_number(episode, "fence_ms", -1);
	bool serving = strcmp(result, "serving") == 0, none = strcmp(proof, "NONE") == 0;
	const json_t *origin = json_object_get(episode, "recorded_by");
	bool gave = strcmp(cli_json_string(episode, "to", ""), cli_json_string(origin, "node", "")) != 0;
	char text[CLI_LENGTH_TEXT], result_text[128];

	(void)snprintf(result_text, sizeof(result_text), "%s%s", serving ? cli_json_string(episode, "to", "?") : result,
		serving ? " serves" : "");
	(void)fputs("<dl class=\"facts\">", out);
	fact(out, serving ? " class=\"good\"" : "", "Result", result_text);
	fact(out, "", "Proof", none && serving && gave ? "consent given" : none ? "none" : proof);
	fact(out, outage > 0 ? " class=\"bad\"" : "", "Outage",
		outage < 0 ? "not measured here" : cli_milliseconds(outage, text));
	if (cli_json_bool(episode, "fenced"))
		fact(out, "", "Power-down", fence < 0 ? "sent, not proven" : cli_milliseconds(fence, text));
	(void)fputs("</dl>\n", out);
}

static bool
is_trouble(const char *id)
{
	static const char *const ids[] = { "add-failed", "vip-lost", "release-failed", "wire-answer", "gives-way",
		"late", "fence-refused", "fence-no-answer", "fence-still-on", "fence-error", "guid-changed",
		"peer-silent" };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (strcmp(ids[i], id) == 0)
			return true;
	}
	return false;
}

static void
render_step(FILE *out, size_t number, const json_t *step)
{
	char when[WHEN];
	double wall = cli_json_number(step, "time", 0);
	bool key = cli_timeline_is_key(step);

	(void)moment(wall, when);
	when[19] = '\0'; /* without the zone: it stands above */
	(void)fprintf(out, key ? "<tr><td class=\"n\"><b>%zu</b></td>" : "<tr><td class=\"n soft\">%zu</td>", number);
	(void)fprintf(out, "<td class=\"n\">%s.%03d</td><td class=\"n\">+%.3f s</td><td class=\"%s%s\">",
		strlen(when) == 19 ? when + 11 : when, (int)(fmod(fabs(wall), 1) * 1000),
		cli_json_number(step, "ms", 0) / 1000, key ? "key " : "",
		is_trouble(cli_json_string(step, "id", "")) ? "warn" : "");
	put(out, cli_json_string(step, "text", ""));
	(void)fputs("</td></tr>\n", out);
}

static void
render_steps(FILE *out, const json_t *episode)
{
	const json_t *step;
	size_t index;
	double dropped = cli_json_number(episode, "steps_dropped", 0);

	(void)fputs(
		"<h3>Steps</h3>\n<table><tr><th class=\"n\">#</th><th class=\"n\">Time</th><th class=\"n\">After</th>"
		"<th>What</th></tr>\n",
		out);
	json_array_foreach(json_object_get(episode, "steps"), index, step)
	{
		render_step(out, index + 1, step);
	}
	(void)fputs("</table>\n", out);
	if (dropped > 0)
		(void)fprintf(out, "<p class=\"soft\">%.0f more steps from its midst were not kept.</p>\n", dropped);
}

static void
pair(FILE *out, const char *name, const char *text)
{
	(void)fprintf(out, "<dt>%s</dt><dd>", name);
	put(out, *text ? text : "-");
	(void)fputs("</dd>", out);
}

static void
render_origin(FILE *out, const json_t *episode)
{
	const json_t *origin = json_object_get(episode, "recorded_by"), *before = json_object_get(episode, "before");
	const char *node = cli_json_string(origin, "node", ""), *peer = cli_json_string(origin, "peer", "");

	(void)fputs("<h3>Recorded by</h3>\n<dl class=\"who\">", out);
	pair(out, "Node", node);
	pair(out, "Its peer", peer);
	pair(out, "VIP", cli_json_string(origin, "vips", ""));
	pair(out, "State before", cli_json_string(before, "state", ""));
	pair(out, "Peer before", cli_json_string(before, "peer_state", "not heard yet"));
	pair(out, "ha-fenced", cli_json_string(origin, "version", ""));
	pair(out, "Configuration", cli_json_string(origin, "config", ""));
	(void)fputs("</dl>\n<p class=\"soft\">What it shows of ", out);
	put(out, *peer ? peer : "the peer");
	(void)fputs(" is what this node heard. ", out);
	put(out, *peer ? peer : "The peer");
	(void)fputs(" keeps a record of its own: <code>ha-fence history --html</code> there.</p>\n", out);
}

static void
render_legend(FILE *out)
{
	static const struct {
		const char *class, *shape, *words;
	} keys[] = { { "received", CLI_MARK_TICK, "last advert" }, { "missed", CLI_MARK_CROSS, "advert missed" },
		{ "on", CLI_MARK_DOT, "IMM says on" }, { "reading", CLI_MARK_RING, "IMM says off" },
		{ "proven", CLI_MARK_RING, "off is proven" }, { "command", CLI_MARK_DOWN, "power-down" },
		{ "command", CLI_MARK_UP, "power-up" }, { "unknown", CLI_MARK_QUESTION, "IMM: error or refusal" } };

	(void)fputs("<p class=\"legend\">", out);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		(void)fprintf(out,
			"<span><svg class=\"key\" viewBox=\"-8 -8 16 16\"><g class=\"%s\">%s</g></svg> %s</span>",
			keys[i].class, keys[i].shape, keys[i].words);
	(void)fputs("<span>Numbers: the steps below</span></p>\n", out);
}

static void
render_episode(FILE *out, const json_t *episode)
{
	char when[WHEN];
	double number = cli_json_number(episode, "number", 0);

	(void)fprintf(out, "<section id=\"e%.0f\"><h2>#%.0f ", number, number);
	put(out, cli_json_string(episode, "title", "?"));
	(void)fprintf(
		out, "</h2>\n<p class=\"soft\">%s</p>\n<p>Cause: ", moment(cli_json_number(episode, "time", 0), when));
	put(out, cli_json_string(episode, "cause", "unknown"));
	(void)fputs("</p>\n", out);
	render_facts(out, episode);
	(void)fputs("<figure>\n", out);
	cli_timeline_render(out, episode);
	(void)fputs("</figure>\n", out);
	render_legend(out);
	render_steps(out, episode);
	if (!cli_json_is_null(episode, "next")) {
		(void)fputs("<p>Next: ", out);
		put(out, cli_json_string(episode, "next", ""));
		(void)fputs("</p>\n", out);
	}
	render_origin(out, episode);
	(void)fputs("</section>\n", out);
}

static void
render_index(FILE *out, const json_t *episodes)
{
	char when[WHEN];

	(void)fputs("<nav><table>\n", out);
	for (size_t i = json_array_size(episodes); i > 0; i--) {
		const json_t *episode = json_array_get(episodes, i - 1);
		double number = cli_json_number(episode, "number", 0);

		(void)fprintf(out, "<tr><td class=\"n\"><a href=\"#e%.0f\">#%.0f</a></td><td class=\"n\">%s</td><td>",
			number, number, moment(cli_json_number(episode, "time", 0), when));
		put(out, cli_json_string(episode, "title", "?"));
		(void)fputs("</td></tr>\n", out);
	}
	(void)fputs("</table></nav>\n", out);
}

void
cli_report_render(FILE *out, const json_t *episodes)
{
	char host[256] = "", when[WHEN];
	size_t count = json_array_size(episodes);

	(void)gethostname(host, sizeof(host) - 1);
	(void)fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
		    "'unsafe-inline'\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>ha-fence history",
		out);
	if (count == 1)
		(void)fprintf(out, " #%.0f: ", cli_json_number(json_array_get(episodes, 0), "number", 0));
	if (count == 1)
		put(out, cli_json_string(json_array_get(episodes, 0), "title", ""));
	(void)fprintf(out, "</title>\n<style>\n%s</style></head><body>\n<h1>What happened</h1>\n", style);
	if (count > 1)
		render_index(out, episodes);
	if (count == 0)
		(void)fputs("<p>Nothing has happened yet.</p>\n", out);
	for (size_t i = count; i > 0; i--)
		render_episode(out, json_array_get(episodes, i - 1));
	(void)fputs("<footer>Written on ", out);
	put(out, host);
	(void)fprintf(
		out, ", %s, by ha-fence " HA_VERSION ".</footer>\n</body></html>\n", moment((double)time(NULL), when));
}

static int
finish(FILE *out)
{
	int r = ferror(out) || fflush(out) != 0 ? -EIO : 0;

	if (r == 0 && fsync(fileno(out)) < 0 && errno != EINVAL)
		r = -errno;
	if (fclose(out) != 0 && r == 0)
		r = -errno;
	return r;
}

int
cli_report_write(const char *path, const json_t *episodes)
{
	char *temporary = NULL;

	if (strcmp(path, "-") == 0) {
		cli_report_render(stdout, episodes);
		return fflush(stdout) == 0 && !ferror(stdout) ? 0 : -EIO;
	}
	if (asprintf(&temporary, "%s.new", path) < 0)
		return -ENOMEM;
	FILE *out = fopen(temporary, "wxe");
	int r = out ? 0 : -errno;

	if (out) {
		cli_report_render(out, episodes);
		r = finish(out);
		if (r == 0 && rename(temporary, path) < 0)
			r = -errno;
		if (r < 0)
			(void)unlink(temporary);
	}
	free(temporary);
	return r;
}
