/* The fields are those of daemon/control.h; history_restore() reads what history_episode_json() writes. */
#include "daemon/history.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* An episode of an earlier run has no times of this boot: it begins here, and its wall clock is put right by `wall`. */
#define RESTORED_BEGAN  (86400 * HA_SEC)
#define RESTORED_LATEST (UINT64_C(1000) * 365 * 86400 * HA_SEC)

static const char *const results[HISTORY_RESULTS] = { "open", "serving", "ended", "interrupted" };

static double
wall_seconds(const struct history_episode *episode, ha_time at)
{
	return (double)((int64_t)at + episode->facts.wall) / (double)HA_SEC;
}

static json_t *
text_or_null(const char *text)
{
	return text[0] == '\0' ? json_null() : json_string(text);
}

static json_t *
ms_or_null(ha_time time)
{
	return time == HA_NEVER ? json_null() : json_real((double)time / (double)HA_MS);
}

static json_t *
steps_json(const struct history_episode *episode)
{
	json_t *steps = json_array();
	for (unsigned i = 0; i < episode->step_count; i++) {
		const struct history_step *step = &episode->steps[i];
		json_array_append_new(
			steps, json_pack("{s:f, s:f, s:s, s:s, s:I, s:I}", "time", wall_seconds(episode, step->at),
				       "ms", (double)ha_time_since(step->at, episode->began) / (double)HA_MS, "id",
				       note_id(&step->note), "text", step->text, "a", (json_int_t)step->note.a, "b",
				       (json_int_t)step->note.b));
	}
	return steps;
}

static const char *
next_text(const struct history_episode *episode)
{
	if (episode->fenced)
		return "learn why the fenced node fell silent: there, journalctl -b -1; and its IMM's event log";
	if (episode->result == HISTORY_OPEN)
		return "ha-fence status says what it waits for";
	return "";
}

static json_t *
origin_json(const struct history_episode *episode)
{
	const struct history_origin *origin = &episode->origin;
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "node", origin->node, "peer", origin->peer, "version",
		origin->version, "config", origin->config, "vips", origin->vips);
}

/* What the timeline begins with. */
static json_t *
facts_json(const struct history_episode *episode)
{
	const struct history_facts *facts = &episode->facts;
	bool adverts = facts->advert != 0 && facts->advert_interval != 0;
	return json_pack("{s:s, s:o, s:b, s:o, s:o}", "state", node_state_name(facts->state), "peer_state",
		facts->peer_known ? json_string(node_state_name(facts->peer_state)) : json_null(), "peer_held",
		(int)facts->peer_held, "advert",
		adverts ? json_real(wall_seconds(episode, facts->advert)) : json_null(), "advert_interval_ms",
		adverts ? ms_or_null(facts->advert_interval) : json_null());
}

static ha_time
fence_duration(const struct history_episode *episode)
{
	return episode->fence_ended == 0 || episode->fence_began == 0
		       ? HA_NEVER
		       : ha_time_since(episode->fence_ended, episode->fence_began);
}

json_t *
history_episode_json(const struct history_episode *episode, bool with_steps)
{
	ha_time duration = episode->result == HISTORY_OPEN ? HA_NEVER : ha_time_since(episode->ended, episode->began);
	json_t *json = json_pack("{s:I, s:s, s:s, s:o, s:o, s:f, s:s, s:o, s:s, s:o, s:o, s:b, s:o}", "number",
		(json_int_t)episode->number, "title", episode->title, "cause", episode->cause, "from",
		text_or_null(episode->from), "to", text_or_null(episode->to), "time",
		wall_seconds(episode, episode->began), "proof", node_proof_name(episode->proof), "outage_ms",
		ms_or_null(episode->outage), "result", results[episode->result], "duration_ms", ms_or_null(duration),
		"next", text_or_null(next_text(episode)), "fenced", (int)episode->fenced, "fence_ms",
		ms_or_null(fence_duration(episode)));
	if (json != NULL && with_steps) {
		json_object_set_new(json, "recorded_by", origin_json(episode));
		json_object_set_new(json, "before", facts_json(episode));
		json_object_set_new(json, "steps", steps_json(episode));
		json_object_set_new(json, "steps_dropped", json_integer(episode->steps_dropped));
	}
	return json;
}

json_t *
history_json(const struct history *history, uint64_t number)
{
	json_t *array = json_array();
	for (unsigned i = 0; array != NULL && i < history->count; i++) {
		const struct history_episode *episode = history_at(history, i);
		if (number == 0 || episode->number == number)
			json_array_append_new(array, history_episode_json(episode, true));
	}
	return array;
}

json_t *
history_fence_json(const struct history *history)
{
	const struct history_episode *episode = history_newest_fenced(history);
	if (episode == NULL)
		return json_null();
	json_t *steps = json_array();
	for (unsigned i = 0; i < episode->step_count; i++) {
		const struct history_step *step = &episode->steps[i];
		if (step->note.type == NODE_NOTE_FENCE)
			json_array_append_new(
				steps, json_pack("{s:f, s:s}", "ms",
					       (double)ha_time_since(step->at, episode->began) / (double)HA_MS, "text",
					       step->text));
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "reason", episode->cause, "result",
		episode->proof == NODE_PROOF_OFF ? "off" : "not proven", "duration_ms",
		ms_or_null(fence_duration(episode)), "steps", steps);
}

/* --- from JSON --- */

static void
take_text(const json_t *json, const char *key, char *ret, size_t size)
{
	const char *text = json_string_value(json_object_get(json, key));
	snprintf(ret, size, "%s", text == NULL ? "" : text);
}

static bool
take_number(const json_t *json, const char *key, double *ret)
{
	const json_t *value = json_object_get(json, key);
	if (!json_is_number(value) || !isfinite(json_number_value(value)))
		return false;
	*ret = json_number_value(value);
	return true;
}

/* A length in ms; HA_NEVER if there is none. */
static ha_time
take_ms(const json_t *json, const char *key)
{
	double ms;
	if (!take_number(json, key, &ms) || ms < 0 || ms > (double)(RESTORED_LATEST / HA_MS))
		return HA_NEVER;
	return (ha_time)llround(ms * (double)HA_MS);
}

static unsigned
take_name(const json_t *json, const char *key, unsigned count, const char *(*name)(unsigned value), unsigned otherwise)
{
	const char *text = json_string_value(json_object_get(json, key));
	for (unsigned i = 0; text != NULL && i < count; i++)
		if (strcmp(name(i), text) == 0)
			return i;
	return otherwise;
}

static const char *
proof_name(unsigned value)
{
	return node_proof_name((enum node_proof)value);
}

static const char *
state_name(unsigned value)
{
	return node_state_name((enum node_state)value);
}

static const char *
result_name(unsigned value)
{
	return results[value];
}

static void
restore_step(struct history_episode *episode, const json_t *json)
{
	struct history_step *step = &episode->steps[episode->step_count++];
	ha_time after = take_ms(json, "ms");
	const char *id = json_string_value(json_object_get(json, "id"));
	step->at = RESTORED_BEGAN + (after == HA_NEVER ? 0 : after);
	step->note.a = (uint64_t)json_integer_value(json_object_get(json, "a"));
	step->note.b = (uint64_t)json_integer_value(json_object_get(json, "b"));
	step->note.episode = episode->number;
	if (id == NULL || !note_by_id(id, &step->note.type, &step->note.a))
		step->note.type = NODE_NOTES; /* of a later version: its text stays */
	take_text(json, "text", step->text, HISTORY_TEXT);
}

static void
restore_origin(struct history_episode *episode, const json_t *json)
{
	struct history_origin *origin = &episode->origin;
	take_text(json, "node", origin->node, sizeof(origin->node));
	take_text(json, "peer", origin->peer, sizeof(origin->peer));
	take_text(json, "version", origin->version, sizeof(origin->version));
	take_text(json, "config", origin->config, sizeof(origin->config));
	take_text(json, "vips", origin->vips, sizeof(origin->vips));
}

static void
restore_facts(struct history_episode *episode, const json_t *json)
{
	struct history_facts *facts = &episode->facts;
	double advert;
	facts->state = (enum node_state)take_name(json, "state", NODE_STATES, state_name, NODE_INIT);
	unsigned peer = take_name(json, "peer_state", NODE_STATES, state_name, NODE_STATES);
	facts->peer_known = peer < NODE_STATES;
	facts->peer_state = facts->peer_known ? (enum node_state)peer : NODE_INIT;
	facts->peer_held = json_is_true(json_object_get(json, "peer_held"));
	ha_time interval = take_ms(json, "advert_interval_ms");
	if (interval == HA_NEVER || !take_number(json, "advert", &advert))
		return;
	double at = advert * (double)HA_SEC - (double)facts->wall;
	facts->advert = at > 0 && at < (double)RESTORED_LATEST ? (ha_time)llround(at) : 0;
	facts->advert_interval = interval;
}

static void
restore_outcome(struct history_episode *episode, const json_t *json)
{
	ha_time duration = take_ms(json, "duration_ms"), fence = take_ms(json, "fence_ms");
	episode->proof = (enum node_proof)take_name(json, "proof", NODE_PROOFS, proof_name, NODE_PROOF_NONE);
	episode->result = (enum history_result)take_name(json, "result", HISTORY_RESULTS, result_name, HISTORY_CUT);
	if (episode->result == HISTORY_OPEN)
		episode->result = HISTORY_CUT;
	episode->ended = episode->began + (duration == HA_NEVER ? 0 : duration);
	episode->outage = take_ms(json, "outage_ms");
	episode->fenced = json_is_true(json_object_get(json, "fenced"));
	if (fence != HA_NEVER) {
		episode->fence_began = episode->began;
		episode->fence_ended = episode->began + fence;
	}
	double dropped;
	if (take_number(json, "steps_dropped", &dropped) && dropped >= 0 && dropped < (double)UINT32_MAX)
		episode->steps_dropped = (unsigned)dropped;
}

bool
history_restore(struct history *history, const json_t *json)
{
	const struct history_episode *newest = history_newest(history);
	json_int_t number = json_integer_value(json_object_get(json, "number"));
	const json_t *steps = json_object_get(json, "steps");
	double time;
	if (number <= 0 || (newest != NULL && newest->number >= (uint64_t)number) ||
		!take_number(json, "time", &time) || fabs(time) > (double)(RESTORED_LATEST / HA_SEC))
		return false;
	struct history_episode *episode = history_new(history);
	episode->closed = true;
	episode->number = (uint64_t)number;
	episode->began = RESTORED_BEGAN;
	episode->facts.wall = llround(time * (double)HA_SEC) - (int64_t)RESTORED_BEGAN;
	take_text(json, "title", episode->title, HISTORY_TEXT);
	take_text(json, "cause", episode->cause, HISTORY_TEXT);
	take_text(json, "from", episode->from, sizeof(episode->from));
	take_text(json, "to", episode->to, sizeof(episode->to));
	restore_origin(episode, json_object_get(json, "recorded_by"));
	restore_facts(episode, json_object_get(json, "before"));
	restore_outcome(episode, json);
	for (size_t i = 0; i < json_array_size(steps) && i < HISTORY_STEPS; i++)
		restore_step(episode, json_array_get(steps, i));
	return true;
}
