#include "daemon/history.h"

#include <stdio.h>
#include <string.h>

#define HISTORY_SILENCE_FRESH (60 * HA_SEC)  /* a silence older than this is not the cause of a new claim */
#define HISTORY_AFTERMATH     (600 * HA_SEC) /* after its end an episode is added to for so long */

void
history_init(struct history *history)
{
	memset(history, 0, sizeof(*history));
}

static struct history_episode *
episode_at(struct history *history, unsigned index)
{
	return &history->episodes[(history->first + index) % HISTORY_EPISODES];
}

const struct history_episode *
history_at(const struct history *history, unsigned index)
{
	return &history->episodes[(history->first + index) % HISTORY_EPISODES];
}

static struct history_episode *
newest(struct history *history)
{
	return history->count == 0 ? NULL : episode_at(history, history->count - 1);
}

const struct history_episode *
history_newest(const struct history *history)
{
	return history->count == 0 ? NULL : history_at(history, history->count - 1);
}

const struct history_episode *
history_newest_fenced(const struct history *history)
{
	for (unsigned i = history->count; i > 0; i--)
		if (history_at(history, i - 1)->fenced)
			return history_at(history, i - 1);
	return NULL;
}

static void
name_copy(char *to, const char *from)
{
	snprintf(to, VRRP_MESSAGE_NAME, "%s", from);
}

struct history_episode *
history_new(struct history *history)
{
	if (history->count == HISTORY_EPISODES) {
		history->first = (history->first + 1) % HISTORY_EPISODES;
		history->count--;
	}
	struct history_episode *episode = episode_at(history, history->count++);
	memset(episode, 0, sizeof(*episode));
	episode->outage = HA_NEVER;
	return episode;
}

void
history_set_origin(struct history *history, const struct history_origin *origin)
{
	history->origin = *origin;
}

static struct history_episode *
begin(struct history *history, ha_time now, const struct history_facts *facts, const struct node_note *note)
{
	struct history_episode *episode = history_new(history);
	episode->origin = history->origin;
	episode->facts = *facts;
	episode->number = note->episode;
	episode->began = now;
	return episode;
}

static void
append(struct history_episode *episode, const struct history_step *step)
{
	if (episode->step_count == HISTORY_STEPS) {
		/* The first half says why, the newest half says how it ended: the middle makes room. */
		unsigned half = HISTORY_STEPS / 2;
		memmove(&episode->steps[half], &episode->steps[half + 1],
			(HISTORY_STEPS - half - 1) * sizeof(episode->steps[0]));
		episode->step_count--;
		episode->steps_dropped++;
	}
	episode->steps[episode->step_count++] = *step;
}

static void
say_cause(struct history_episode *episode, const struct node_note *note, const struct note_names *names, bool silent)
{
	switch ((int)note->type) {
	case NODE_NOTE_CLAIM:
		if (note->b == NODE_INTENT_PREEMPT)
			snprintf(episode->cause, HISTORY_TEXT, "%s is the better node and preempts", names->own);
		else if (note->b == NODE_INTENT_SWITCHOVER)
			snprintf(episode->cause, HISTORY_TEXT, "%s asked %s to take over", names->peer, names->own);
		else if (silent)
			snprintf(episode->cause, HISTORY_TEXT, "%s is silent", names->peer);
		else
			snprintf(episode->cause, HISTORY_TEXT, "nobody is known to hold the VIP");
		return;
	case NODE_NOTE_PEER_SILENT:
		snprintf(episode->cause, HISTORY_TEXT, "%s is silent", names->peer);
		return;
	case NODE_NOTE_CLAIM_SEEN:
		snprintf(episode->cause, HISTORY_TEXT, "%s claims the VIP", names->peer);
		return;
	default: {
		char text[NOTE_TEXT];
		snprintf(episode->cause, HISTORY_TEXT, "%.150s", note_text(note, names, text));
	}
	}
}

/* A claim that follows a silence begins when the peer was last heard. */
static void
begin_with_silence(struct history *history, struct history_episode *episode, const struct note_names *names)
{
	struct history_step heard = history->silence;
	heard.at -= heard.at > heard.note.a ? heard.note.a : heard.at;
	snprintf(heard.text, HISTORY_TEXT, "last message from %s", names->peer);
	episode->began = heard.at;
	append(episode, &heard);
	append(episode, &history->silence);
}

static void
say_title(struct history_episode *episode)
{
	bool open = episode->result == HISTORY_OPEN && episode->proof == NODE_PROOF_NONE;
	const char *kind = episode->fenced ? "failover" : open ? "takeover" : "handover";
	if (episode->from[0] != '\0' && strcmp(episode->from, episode->to) == 0)
		snprintf(episode->title, HISTORY_TEXT, "%.60s keeps the VIP, its release was undone", episode->to);
	else if (episode->result == HISTORY_ENDED)
		snprintf(episode->title, HISTORY_TEXT, "claim of %.60s, nothing changed hands", episode->to);
	else if (episode->from[0] != '\0')
		snprintf(episode->title, HISTORY_TEXT, "%s %.60s -> %.60s",
			episode->proof == NODE_PROOF_OFF ? "failover" : kind, episode->from, episode->to);
	else if (episode->to[0] != '\0')
		snprintf(episode->title, HISTORY_TEXT, "%.60s takes the VIP", episode->to);
	else
		snprintf(episode->title, HISTORY_TEXT, "event");
}

static void
end(struct history_episode *episode, ha_time now, enum history_result result)
{
	if (episode->result == HISTORY_OPEN)
		episode->ended = now;
	episode->result = result;
}

static void
learn_fence(struct history_episode *episode, ha_time now, const struct node_note *note)
{
	if (note->a == FENCE_NOTE_ORDERED && episode->fence_began == 0)
		episode->fence_began = now;
	if (note->a == FENCE_NOTE_SENT)
		episode->fenced = true;
	if (note->a == FENCE_NOTE_OFF)
		episode->fence_ended = now;
}

static void
learn_level(struct history_episode *episode, ha_time now, const struct node_note *note)
{
	if (note->a == FENCE_LEVEL_ORDERED && episode->fence_began == 0)
		episode->fence_began = now;
	if (note->a == FENCE_LEVEL_ANSWERED)
		episode->fenced = true;
	if (note->a == FENCE_LEVEL_OFF)
		episode->fence_ended = now;
}

/* What the step says about the whole. */
static void
learn(struct history_episode *episode, ha_time now, bool peer_held, const struct node_note *note,
	const struct note_names *names)
{
	switch ((int)note->type) {
	case NODE_NOTE_CLAIM:
		name_copy(episode->to, names->own);
		if (peer_held)
			name_copy(episode->from, names->peer);
		break;
	case NODE_NOTE_RELEASE:
		name_copy(episode->from, names->own);
		break;
	case NODE_NOTE_GRANTED:
		name_copy(episode->to, names->peer);
		end(episode, now, HISTORY_SERVING);
		break;
	case NODE_NOTE_FENCE:
		learn_fence(episode, now, note);
		break;
	case NODE_NOTE_LEVEL:
		learn_level(episode, now, note);
		break;
	case NODE_NOTE_PROOF:
		episode->proof = (enum node_proof)note->b;
		break;
	case NODE_NOTE_ADDED:
		name_copy(episode->to, names->own);
		episode->outage = note->b;
		end(episode, now, HISTORY_SERVING);
		break;
	case NODE_NOTE_CLAIM_ENDED:
		if (note->b != NODE_END_SUCCESS && note->b != NODE_END_GRANTED_PEER)
			end(episode, now, HISTORY_ENDED);
		break;
	case NODE_NOTE_PEER_HEARD:
		episode->peer_back |= episode->result != HISTORY_OPEN;
		break;
	case NODE_NOTE_UNDONE:
		name_copy(episode->to, names->own);
		end(episode, now, HISTORY_SERVING);
		break;
	default:
		break;
	}
	say_title(episode);
}

/* After its end an episode still shows what came of it, and that the peer is back, however late, but not everything
 * else that happens. */
static bool
belongs(const struct history_episode *episode, ha_time now, const struct node_note *note)
{
	if (episode->closed || episode->number != note->episode)
		return false;
	if (episode->result == HISTORY_OPEN || (note->type == NODE_NOTE_PEER_HEARD && !episode->peer_back))
		return true;
	if (ha_time_since(now, episode->ended) > HISTORY_AFTERMATH)
		return false;
	return note->type == NODE_NOTE_POWER_UP || note->type == NODE_NOTE_OUTLET ||
	       note->type == NODE_NOTE_PEER_HEARD || note->type == NODE_NOTE_STATE ||
	       note->type == NODE_NOTE_PEER_STATE || note->type == NODE_NOTE_RELEASED ||
	       note->type == NODE_NOTE_CLAIM_ENDED || note->type == NODE_NOTE_ADDED;
}

static bool
begins(const struct history *history, const struct node_note *note)
{
	const struct history_episode *episode = history_newest(history);
	if (note->episode == 0 || (episode != NULL && episode->number >= note->episode))
		return false;
	/* The first note with a new number, whatever it is, but not what is noted beside every episode. */
	return note->type != NODE_NOTE_LINK && note->type != NODE_NOTE_COMMAND && note->type != NODE_NOTE_STARTED &&
	       note->type != NODE_NOTE_LATE && note->type != NODE_NOTE_PEER_SILENT &&
	       note->type != NODE_NOTE_PEER_HEARD && note->type != NODE_NOTE_PEER_RESTARTED &&
	       note->type != NODE_NOTE_STATE && note->type != NODE_NOTE_PEER_STATE;
}

bool
history_add(struct history *history, ha_time now, const struct history_facts *facts, const struct node_note *note,
	const struct note_names *names)
{
	char text[NOTE_TEXT];
	struct history_step step = { .at = now, .note = *note };
	snprintf(step.text, HISTORY_TEXT, "%.150s", note_text(note, names, text));
	if (note->type == NODE_NOTE_PEER_SILENT)
		history->silence = step;
	struct history_episode *episode = newest(history);
	if (begins(history, note)) {
		bool silent = history->silence.at != 0 &&
			      ha_time_since(now, history->silence.at) < HISTORY_SILENCE_FRESH &&
			      note->type == NODE_NOTE_CLAIM && note->b == NODE_INTENT_SUSPECT;
		episode = begin(history, now, facts, note);
		say_cause(episode, note, names, silent);
		if (silent)
			begin_with_silence(history, episode, names);
		history->silence.at = 0;
	}
	if (episode == NULL || !belongs(episode, now, note))
		return false;
	append(episode, &step);
	learn(episode, now, facts->peer_held, note, names);
	return true;
}
