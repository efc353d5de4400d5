#include "daemon/metrics.h"

#include "daemon/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define TESTED_BYTES 64

static const ha_time lateness_bounds[METRICS_BUCKETS] = { HA_MS, 2 * HA_MS, 5 * HA_MS, 10 * HA_MS, 25 * HA_MS,
	50 * HA_MS, 100 * HA_MS, 250 * HA_MS, 500 * HA_MS, HA_SEC };
static const ha_time duration_bounds[METRICS_BUCKETS] = { 100 * HA_MS, 250 * HA_MS, 500 * HA_MS, HA_SEC, 2500 * HA_MS,
	5 * HA_SEC, 10 * HA_SEC, 30 * HA_SEC, 60 * HA_SEC, 300 * HA_SEC };

static const struct {
	const char *action, *result;
} actions[METRICS_ACTIONS] = {
	[METRICS_OFF_ANSWERED] = { "off", "answered" },
	[METRICS_OFF_REFUSED] = { "off", "refused" },
	[METRICS_OFF_NO_ANSWER] = { "off", "no-answer" },
	[METRICS_OFF_NOT_SENT] = { "off", "not-sent" },
	[METRICS_ON_SENT] = { "on", "sent" },
	[METRICS_ON_SEEN] = { "on", "seen-on" },
	[METRICS_ON_FAILED] = { "on", "failed" },
};

static void
observe(struct metrics_histogram *histogram, const ha_time bounds[METRICS_BUCKETS], ha_time value)
{
	unsigned i = 0;
	while (i < METRICS_BUCKETS && value > bounds[i])
		i++;
	histogram->counts[i]++;
	histogram->sum += value;
}

static void
note_fence(struct metrics *metrics, ha_time now, uint64_t note)
{
	switch (note) {
	case FENCE_NOTE_ORDERED:
		metrics->fence_began = now;
		break;
	case FENCE_NOTE_ANSWERED:
		metrics->actions[METRICS_OFF_ANSWERED]++;
		break;
	case FENCE_NOTE_REFUSED:
		metrics->actions[METRICS_OFF_REFUSED]++;
		break;
	case FENCE_NOTE_NO_ANSWER:
		metrics->actions[METRICS_OFF_NO_ANSWER]++;
		break;
	case FENCE_NOTE_NOT_SENT:
		metrics->actions[METRICS_OFF_NOT_SENT]++;
		break;
	case FENCE_NOTE_OFF:
		if (metrics->fence_began != 0)
			observe(&metrics->fences, duration_bounds, ha_time_since(now, metrics->fence_began));
		metrics->fence_began = 0;
		break;
	default:
		break;
	}
}

static void
note_power_up(struct metrics *metrics, uint64_t result)
{
	if (result == RESTORE_ORDERED)
		metrics->actions[METRICS_ON_SENT]++;
	else if (result == RESTORE_ON)
		metrics->actions[METRICS_ON_SEEN]++;
	else if (result == RESTORE_FAILED)
		metrics->actions[METRICS_ON_FAILED]++;
}

void
metrics_note(struct metrics *metrics, ha_time now, const struct node_note *note, enum node_proof proof)
{
	switch ((int)note->type) {
	case NODE_NOTE_STATE:
		metrics->advert_at = 0;
		break;
	case NODE_NOTE_CLAIM:
		metrics->fence_began = 0;
		break;
	case NODE_NOTE_FENCE:
		note_fence(metrics, now, note->a);
		break;
	case NODE_NOTE_POWER_UP:
		note_power_up(metrics, note->a);
		break;
	case NODE_NOTE_ADDED:
		metrics->failovers[proof < NODE_PROOFS ? proof : NODE_PROOF_NONE]++;
		if (note->b != HA_NEVER)
			observe(&metrics->outages, duration_bounds, note->b);
		break;
	default:
		break;
	}
}

void
metrics_advert(struct metrics *metrics, ha_time now, ha_time interval, unsigned priority)
{
	metrics->adverts_sent++;
	if (metrics->advert_at != 0)
		observe(&metrics->lateness, lateness_bounds,
			ha_time_since(now, ha_time_add(metrics->advert_at, interval)));
	metrics->advert_at = priority == 0 ? 0 : now;
}

void
metrics_tested(struct metrics *metrics, int64_t wall_seconds, uint64_t failures)
{
	metrics->tested = wall_seconds;
	metrics->test_failures = failures;
}

static json_t *
histogram_json(const struct metrics_histogram *histogram, const ha_time bounds[METRICS_BUCKETS])
{
	json_t *buckets = json_array();
	uint64_t count = 0;
	for (unsigned i = 0; i < METRICS_BUCKETS; i++) {
		count += histogram->counts[i];
		json_array_append_new(
			buckets, json_pack("[f, I]", (double)bounds[i] / (double)HA_SEC, (json_int_t)count));
	}
	count += histogram->counts[METRICS_BUCKETS];
	return json_pack("{s:o, s:f, s:I}", "buckets", buckets, "sum", (double)histogram->sum / (double)HA_SEC, "count",
		(json_int_t)count);
}

json_t *
metrics_json(const struct metrics *metrics)
{
	json_t *failovers = json_array(), *fence_actions = json_array();
	for (unsigned i = NODE_PROOF_NONE + 1; i < NODE_PROOFS; i++)
		json_array_append_new(failovers, json_pack("{s:s, s:I}", "proof", node_proof_name((enum node_proof)i),
							 "count", (json_int_t)metrics->failovers[i]));
	for (unsigned i = 0; i < METRICS_ACTIONS; i++)
		json_array_append_new(
			fence_actions, json_pack("{s:s, s:s, s:I}", "action", actions[i].action, "result",
					       actions[i].result, "count", (json_int_t)metrics->actions[i]));
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "adverts_sent", (json_int_t)metrics->adverts_sent,
		"advert_lateness", histogram_json(&metrics->lateness, lateness_bounds), "outage",
		histogram_json(&metrics->outages, duration_bounds), "fence_duration",
		histogram_json(&metrics->fences, duration_bounds), "failovers", failovers, "fence_actions",
		fence_actions, "last_test", metrics->tested == 0 ? json_null() : json_integer(metrics->tested),
		"last_test_failures", (json_int_t)metrics->test_failures);
}

int
metrics_read_tested(const char *state_dir, struct metrics *metrics)
{
	char *text;
	int64_t wall;
	uint64_t failures;
	int r = file_read(state_dir, METRICS_TESTED, TESTED_BYTES, &text, NULL);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (sscanf(text, "ha-fence test 1 %" SCNd64 " %" SCNu64, &wall, &failures) == 2 && wall > 0)
		metrics_tested(metrics, wall, failures);
	else
		r = -EBADMSG;
	free(text);
	return r;
}
