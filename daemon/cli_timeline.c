/* From top to bottom: numbers of the key steps; who has the VIP; the peer: state, adverts, power; this node: state; an
 * axis. Time is linear up to the end of the episode; what came of it later is set apart on the right, in its order. */
#include "daemon/cli_timeline.h"

#include "daemon/cli_text.h"
#include "daemon/node.h"
#include "fence/restore.h"
#include "vrrp/message.h"

#include <math.h>
#include <string.h>

#define WIDTH      960
#define LEFT       150 /* names of the lanes */
#define RIGHT      950
#define LATER      130 /* width of what came later */
#define LANE       30
#define BAR        20
#define BADGE      9
#define ROWS       3 /* of badges */
#define LATE_MAX   16
#define LATE_GROUP 1000 /* ms that are drawn as one place */
#define LETTER     7    /* width of one in a bar, about */
#define ADVERTS    60   /* drawn at most */
#define TICKS      8

struct lane {
	double y;
	/* The bar under way. */
	double since;
	char class[24], label[VRRP_MESSAGE_NAME + 32];
};

struct drawing {
	FILE *out;
	const json_t *episode, *steps, *before;
	const char *own, *peer;
	double begin, end; /* ms; of the linear part */
	double later[LATE_MAX];
	unsigned later_count;
	struct lane vip, peer_state, own_state;
	double adverts_y, power_y, height;
	double badge_end[ROWS];
};

void
cli_timeline_escape(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			(void)fputs("&amp;", out);
		else if (c == '<')
			(void)fputs("&lt;", out);
		else if (c == '>')
			(void)fputs("&gt;", out);
		else if (c == '"')
			(void)fputs("&quot;", out);
		else if (c == '\'')
			(void)fputs("&#39;", out);
		else
			(void)fputc(c < 0x20 || c == 0x7f ? '?' : c, out);
	}
}

static const char *
id_of(const json_t *step)
{
	return cli_json_string(step, "id", "");
}

static bool
is(const json_t *step, const char *id)
{
	return strcmp(id_of(step), id) == 0;
}

static json_int_t
value(const json_t *step, const char *key)
{
	return json_integer_value(json_object_get(step, key));
}

static double
time_of(const json_t *step)
{
	double ms = cli_json_number(step, "ms", 0);

	return isfinite(ms) && ms > 0 ? ms : 0;
}

bool
cli_timeline_is_key(const json_t *step)
{
	static const char *const ids[] = { "claim", "claim-ended", "granted", "consent", "fence-ordered", "fence-sent",
		"fence-refused", "fence-no-answer", "fence-off", "proof", "added", "add-failed", "vip-lost", "release",
		"released", "release-failed", "undone", "power-up", "late", "wire-answer", "gives-way", "keeps",
		"peer-heard" };

	if (is(step, "claim-ended") && value(step, "b") == NODE_END_SUCCESS)
		return false; /* the proof is the step that counts */
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (is(step, ids[i]))
			return true;
	}
	return false;
}

/* --- time to place --- */

static double
linear_right(const struct drawing *d)
{
	return d->later_count > 0 ? RIGHT - LATER : RIGHT;
}

static double
place(const struct drawing *d, double ms)
{
	double right = linear_right(d);
	unsigned after = 0;

	if (ms <= d->end || d->later_count == 0)
		return LEFT + (fmin(ms, d->end) - d->begin) / (d->end - d->begin) * (right - LEFT);
	while (after < d->later_count && d->later[after] + LATE_GROUP <= ms)
		after++;
	return right + (after + 1) * (double)LATER / (d->later_count + 1);
}

static void
note_later(struct drawing *d, double ms)
{
	bool near = d->later_count > 0 && ms - d->later[d->later_count - 1] < LATE_GROUP;

	if (ms > d->end && !near && d->later_count < LATE_MAX)
		d->later[d->later_count++] = ms;
}

/* The linear part ends a little after the episode was decided. */
static void
measure(struct drawing *d)
{
	const json_t *step;
	size_t index;
	double last = 0, end = cli_json_number(d->episode, "duration_ms", -1);
	double advert = (cli_json_number(d->before, "advert", 0) - cli_json_number(d->episode, "time", 0)) * 1000;

	json_array_foreach(d->steps, index, step)
	{
		last = fmax(last, time_of(step));
	}
	if (end < 0)
		end = last;
	end = fmax(end, 10);
	d->begin = -0.08 * end;
	if (advert < 0 && advert > -end)
		d->begin = fmin(d->begin, 1.1 * advert);
	d->end = fmax(end * 1.12, last <= end * 1.4 ? last * 1.02 : 0);
	json_array_foreach(d->steps, index, step)
	{
		note_later(d, time_of(step));
	}
}

/* --- bars --- */

/* In the larger part of the bar, if it goes beyond the linear part. */
static void
bar_label(struct drawing *d, const struct lane *lane, double from, double to)
{
	double right = linear_right(d);

	if (from < right && to > right) {
		bool first = right - from > to - right;

		from = first ? from : right;
		to = first ? right : to;
	}
	if (to - from < LETTER * cli_columns(lane->label) + 8)
		return;
	(void)fprintf(d->out, "<text class=\"in %s\" x=\"%.1f\" y=\"%.1f\">", lane->class, (from + to) / 2,
		lane->y + BAR - 6);
	cli_timeline_escape(d->out, lane->label);
	(void)fputs("</text>", d->out);
}

static void
bar_end(struct drawing *d, struct lane *lane, double at)
{
	double from = place(d, lane->since), to = fmax(place(d, at), from + 2);

	if (lane->class[0] == '\0')
		return;
	(void)fputs("<g><title>", d->out);
	cli_timeline_escape(d->out, lane->label);
	(void)fprintf(d->out,
		" from %+.3f s</title><rect class=\"bar %s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" "
		"rx=\"2\"/>",
		lane->since / 1000, lane->class, from, lane->y, to - from, BAR);
	bar_label(d, lane, from, to);
	(void)fputs("</g>\n", d->out);
}

/* From `at` on the lane shows this; the same again goes on. Class "": nothing. */
static void
bar(struct drawing *d, struct lane *lane, double at, const char *class, const char *label)
{
	if (strcmp(lane->class, class) == 0 && strcmp(lane->label, label) == 0)
		return;
	bar_end(d, lane, at);
	lane->since = at;
	(void)snprintf(lane->class, sizeof(lane->class), "%s", class);
	(void)snprintf(lane->label, sizeof(lane->label), "%s", label);
}

static void
state_bar(struct drawing *d, struct lane *lane, double at, json_int_t state)
{
	const char *name = state >= 0 && state < NODE_STATES ? node_state_name((enum node_state)state) : "?";
	char class[24];

	(void)snprintf(class, sizeof(class), "s-%s", name);
	bar(d, lane, at, strcmp(name, "?") == 0 ? "s-INIT" : class, name);
}

static json_int_t
state_by_name(const char *name)
{
	for (unsigned i = 0; i < NODE_STATES; i++) {
		if (strcmp(node_state_name((enum node_state)i), name) == 0)
			return i;
	}
	return -1;
}

static void
draw_own_state(struct drawing *d)
{
	const json_t *step;
	size_t index;

	state_bar(d, &d->own_state, d->begin, state_by_name(cli_json_string(d->before, "state", "")));
	json_array_foreach(d->steps, index, step)
	{
		if (is(step, "state"))
			state_bar(d, &d->own_state, time_of(step), value(step, "b"));
	}
}

/* Silent from when it was last heard; off from when its IMM has proven it. */
static void
draw_peer_state(struct drawing *d)
{
	const json_t *step;
	size_t index;
	const char *known = cli_json_string(d->before, "peer_state", NULL);

	if (known)
		state_bar(d, &d->peer_state, d->begin, state_by_name(known));
	else
		bar(d, &d->peer_state, d->begin, "silent", "not heard yet");
	json_array_foreach(d->steps, index, step)
	{
		if (is(step, "peer-silent"))
			bar(d, &d->peer_state, time_of(step), "silent", "silent");
		else if (is(step, "fence-off"))
			bar(d, &d->peer_state, time_of(step), "off", "OFF");
		else if (is(step, "peer-heard") || is(step, "peer-state"))
			state_bar(d, &d->peer_state, time_of(step), value(step, "b"));
	}
}

/* Who has the VIP, as far as this node can know. */
static void
draw_vip(struct drawing *d)
{
	const json_t *step;
	size_t index;
	const char *state = cli_json_string(d->before, "state", "");
	bool own = strcmp(state, "MASTER") == 0, peer = !own && cli_json_bool(d->before, "peer_held");
	char may[VRRP_MESSAGE_NAME + 32];

	(void)snprintf(may, sizeof(may), "%s may still hold it", d->peer);
	bar(d, &d->vip, d->begin,
		own    ? "holds"
		: peer ? "peerholds"
		       : "nobody",
		own    ? d->own
		: peer ? d->peer
		       : "nobody");
	json_array_foreach(d->steps, index, step)
	{
		double at = time_of(step);

		if (is(step, "added") || is(step, "undone")) {
			bar(d, &d->vip, at, "holds", d->own);
			own = true;
		} else if (is(step, "released")) {
			bar(d, &d->vip, at, "nobody", "nobody");
			own = false;
		} else if (is(step, "peer-silent") && peer && !own) {
			bar(d, &d->vip, at, "may", may);
		} else if ((is(step, "proof") || is(step, "consent") || is(step, "fence-off")) && !own) {
			bar(d, &d->vip, at, "nobody", "nobody");
			peer = false;
		} else if ((is(step, "peer-state") || is(step, "peer-heard")) && !own &&
			   value(step, "b") == NODE_MASTER) {
			bar(d, &d->vip, at, "peerholds", d->peer);
			peer = true;
		}
	}
}

/* --- marks --- */

static void
mark(struct drawing *d, double ms, double y, const char *class, const char *shape, const char *title)
{
	(void)fprintf(d->out, "<g class=\"%s\" transform=\"translate(%.1f %.1f)\"><title>%+.3f s: ", class,
		place(d, ms), y, ms / 1000);
	cli_timeline_escape(d->out, title);
	(void)fprintf(d->out, "</title>%s</g>\n", shape);
}

/* Why a lane is empty. */
static void
remark(struct drawing *d, double y, const char *text)
{
	(void)fprintf(d->out, "<text class=\"tick\" style=\"text-anchor:start\" x=\"%d\" y=\"%.1f\">%s</text>\n", LEFT,
		y + 4, text);
}

/* Until when adverts of the peer would have been expected. */
static double
adverts_until(const struct drawing *d)
{
	const json_t *step;
	size_t index;

	json_array_foreach(d->steps, index, step)
	{
		if (is(step, "added") || is(step, "peer-heard") || is(step, "consent") || is(step, "granted"))
			return fmin(time_of(step), d->end);
	}
	return d->end;
}

static void
draw_adverts(struct drawing *d)
{
	double advert = cli_json_number(d->before, "advert", -1),
	       interval = cli_json_number(d->before, "advert_interval_ms", 0);
	double at = (advert - cli_json_number(d->episode, "time", 0)) * 1000, until = adverts_until(d);

	/* Only a master sends them. */
	if (advert < 0 || !(interval >= 1) || !cli_json_bool(d->before, "peer_held")) {
		remark(d, d->adverts_y, "none due");
		return;
	}
	if (at >= d->begin)
		mark(d, at, d->adverts_y, "received", CLI_MARK_TICK, "last advert received");
	unsigned missed = 0;

	for (double due = at + interval; due <= until && missed < ADVERTS; due += interval, missed++)
		mark(d, due, d->adverts_y, "missed", CLI_MARK_CROSS, "an advert was due and did not come");
	if (missed > 0)
		(void)fprintf(d->out, "<text class=\"note\" x=\"%.1f\" y=\"%.1f\">%s%u missed</text>\n",
			place(d, at + missed * interval) + 10, d->adverts_y + 4, missed == ADVERTS ? "at least " : "",
			missed);
}

static void
draw_power(struct drawing *d)
{
	static const struct {
		const char *id, *class, *shape;
	} marks[] = { { "fence-power-on", "on", CLI_MARK_DOT }, { "fence-power-off", "reading", CLI_MARK_RING },
		{ "fence-sample", "reading", CLI_MARK_RING }, { "fence-error", "unknown", CLI_MARK_QUESTION },
		{ "fence-identity", "unknown", CLI_MARK_QUESTION }, { "fence-sent", "command", CLI_MARK_DOWN },
		{ "fence-refused", "unknown", CLI_MARK_QUESTION }, { "fence-no-answer", "unknown", CLI_MARK_QUESTION },
		{ "fence-off", "proven", CLI_MARK_RING }, { "fence-still-on", "on", CLI_MARK_DOT } };
	const json_t *step;
	size_t index;
	bool any = false;

	json_array_foreach(d->steps, index, step)
	{
		any |= is(step, "power-up");
		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
			if (!is(step, marks[i].id))
				continue;
			any = true;
			mark(d, time_of(step), d->power_y, marks[i].class, marks[i].shape,
				cli_json_string(step, "text", ""));
		}
		if (is(step, "power-up") && value(step, "a") != RESTORE_NOTHING)
			mark(d, time_of(step), d->power_y,
				value(step, "a") == RESTORE_FAILED ? "unknown"
				: value(step, "a") == RESTORE_ON   ? "on"
								   : "command",
				value(step, "a") == RESTORE_ORDERED ? CLI_MARK_UP
				: value(step, "a") == RESTORE_ON    ? CLI_MARK_DOT
								    : CLI_MARK_QUESTION,
				cli_json_string(step, "text", ""));
	}
	if (!any)
		remark(d, d->power_y, "not asked");
}

/* The number of a step, where its place on top is free. */
static void
badge(struct drawing *d, size_t number, const json_t *step)
{
	double x = place(d, time_of(step));
	unsigned row = 0;

	while (row < ROWS && d->badge_end[row] > x - BADGE)
		row++;
	if (row == ROWS)
		return;
	d->badge_end[row] = x + BADGE + 1;
	double y = 12 + row * (2.0 * BADGE + 2);

	(void)fprintf(d->out, "<g><title>%+.3f s: ", time_of(step) / 1000);
	cli_timeline_escape(d->out, cli_json_string(step, "text", ""));
	(void)fprintf(d->out,
		"</title><path class=\"guide\" d=\"M%.1f %.1fV%.1f\"/><circle class=\"badge\" cx=\"%.1f\" cy=\"%.1f\" "
		"r=\"%d\"/><text class=\"number\" x=\"%.1f\" y=\"%.1f\">%zu</text></g>\n",
		x, y + BADGE, d->height - 24, x, y, BADGE, x, y + 3.5, number);
}

static void
draw_badges(struct drawing *d)
{
	const json_t *step;
	size_t index;

	json_array_foreach(d->steps, index, step)
	{
		if (cli_timeline_is_key(step))
			badge(d, index + 1, step);
	}
}

/* --- the frame --- */

static double
tick_length(double span)
{
	double length = pow(10, floor(log10(span / TICKS)));

	while (span / length > TICKS)
		length *= span / length > 5 * TICKS ? 5 : span / length > 2 * TICKS ? 2.5 : 2;
	return length;
}

static void
draw_axis(struct drawing *d)
{
	double y = d->height - 22, length = tick_length(d->end - d->begin);
	bool short_one = d->end < 1000;

	(void)fprintf(d->out, "<path class=\"axis\" d=\"M%d %.1fH%.1f\"/>\n", LEFT, y, linear_right(d));
	for (unsigned tick = 0; tick * length <= d->end; tick++) {
		double at = tick * length;

		(void)fprintf(d->out,
			"<path class=\"axis\" d=\"M%.1f %.1fv5\"/><text class=\"tick\" x=\"%.1f\" y=\"%.1f\">%g "
			"%s</text>\n",
			place(d, at), y, place(d, at), y + 17, short_one ? at : at / 1000, short_one ? "ms" : "s");
	}
	if (d->later_count == 0)
		return;
	double right = linear_right(d);
	char text[CLI_LENGTH_TEXT];

	(void)fprintf(d->out, "<rect class=\"gap\" x=\"%.1f\" y=\"0\" width=\"6\" height=\"%.1f\"/>", right - 3, y);
	(void)fprintf(d->out, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\">later, to +%s</text>\n", right + LATER / 2.0,
		y + 17, cli_length(d->later[d->later_count - 1] / 1000, text));
}

static void
lane_name(struct drawing *d, double y, const char *node, const char *what)
{
	(void)fprintf(d->out, "<text class=\"lane\" x=\"%d\" y=\"%.1f\">", LEFT - 10, y + BAR - 6);
	cli_timeline_escape(d->out, node);
	(void)fprintf(d->out, "%s%s</text>\n", *node ? " " : "", what);
}

static void
arrange(struct drawing *d)
{
	double y = ROWS * (2 * BADGE + 2) + 8;

	d->vip.y = y;
	d->peer_state.y = y += LANE + 8;
	d->adverts_y = (y += LANE) + BAR / 2.0;
	d->power_y = (y += LANE) + BAR / 2.0;
	d->own_state.y = y += LANE + 8;
	d->height = y + LANE + 26;
	d->vip.since = d->peer_state.since = d->own_state.since = d->begin;
	lane_name(d, d->vip.y, "", "VIP");
	lane_name(d, d->peer_state.y, d->peer, "state");
	lane_name(d, d->adverts_y - BAR / 2.0, "", "adverts");
	lane_name(d, d->power_y - BAR / 2.0, "", "power, by its IMM");
	lane_name(d, d->own_state.y, d->own, "state");
}

void
cli_timeline_render(FILE *out, const json_t *episode)
{
	const json_t *origin = json_object_get(episode, "recorded_by");
	struct drawing d = { .out = out,
		.episode = episode,
		.steps = json_object_get(episode, "steps"),
		.before = json_object_get(episode, "before"),
		.own = cli_json_string(origin, "node", "this node"),
		.peer = cli_json_string(origin, "peer", "peer") };
	double height = ROWS * (2 * BADGE + 2) + 8 + 5 * LANE + 16 + 26;

	measure(&d);
	(void)fprintf(out, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"timeline of both nodes\">\n", WIDTH,
		height);
	arrange(&d);
	draw_badges(&d);
	draw_vip(&d);
	draw_peer_state(&d);
	draw_own_state(&d);
	double last = d.later_count > 0 ? HUGE_VAL : d.end;

	bar_end(&d, &d.vip, last);
	bar_end(&d, &d.peer_state, last);
	bar_end(&d, &d.own_state, last);
	draw_adverts(&d);
	draw_power(&d);
	draw_axis(&d);
	(void)fputs("</svg>\n", out);
}
