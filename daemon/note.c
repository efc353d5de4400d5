#include "daemon/note.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

/* Random, once (systemd-id128 new); the number of the type follows. */
#define MESSAGE_ID_BASE "4b9d3e6a51c84f07a2d68c1e7f35"

const char *
note_message_id(enum node_note_type type, char buffer[NOTE_MESSAGE_ID])
{
	snprintf(buffer, NOTE_MESSAGE_ID, MESSAGE_ID_BASE "%04x", (unsigned)type & 0xffff);
	return buffer;
}

const char *
note_duration(ha_time duration, char buffer[NOTE_DURATION])
{
	uint64_t s = duration / HA_SEC;
	if (duration == HA_NEVER)
		snprintf(buffer, NOTE_DURATION, "ever");
	else if (duration < 10 * HA_MS)
		snprintf(buffer, NOTE_DURATION, "%" PRIu64 ".%" PRIu64 " ms", duration / HA_MS, duration % HA_MS / 100);
	else if (duration < HA_SEC)
		snprintf(buffer, NOTE_DURATION, "%" PRIu64 " ms", duration / HA_MS);
	else if (s < 60)
		snprintf(buffer, NOTE_DURATION, "%" PRIu64 ".%03" PRIu64 " s", s, duration % HA_SEC / HA_MS);
	else if (s < 3600)
		snprintf(buffer, NOTE_DURATION, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buffer, NOTE_DURATION, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s % 3600 / 60);
	else
		snprintf(buffer, NOTE_DURATION, "%" PRIu64 " d %" PRIu64 " h", s / 86400, s % 86400 / 3600);
	return buffer;
}

struct writer {
	const struct node_note *note;
	const struct note_names *names;
	char *buffer;
};

__attribute__((format(printf, 2, 3))) static void
say(const struct writer *w, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(w->buffer, NOTE_TEXT, format, arguments);
	va_end(arguments);
}

static const char *
short_claim(uint64_t claim, char buffer[9])
{
	snprintf(buffer, 9, "%08" PRIx32, (uint32_t)(claim >> 32));
	return buffer;
}

static const char *
end_text(uint64_t end, const char *peer, char buffer[NOTE_TEXT])
{
	const char *text = "ended";
	switch ((enum node_end)end) {
	case NODE_END_PEER_HOLDS:
		snprintf(buffer, NOTE_TEXT, "%s holds the VIP", peer);
		return buffer;
	case NODE_END_GRANTED_PEER:
		snprintf(buffer, NOTE_TEXT, "granted %s's claim instead", peer);
		return buffer;
	case NODE_END_WIRE:
		text = "somebody answers for the VIP";
		break;
	case NODE_END_ADD_FAILED:
		text = "the VIP could not be added";
		break;
	case NODE_END_UNFIT:
		text = "this node is not fit to serve any more";
		break;
	case NODE_END_COMMAND:
		text = "by an administrator's command";
		break;
	case NODE_END_TIMEOUT:
		text = "no answer";
		break;
	case NODE_END_STOP:
		text = "the daemon stops";
		break;
	case NODE_END_RELOAD:
		text = "the configuration was changed";
		break;
	case NODE_END_SUCCESS:
		text = "done";
		break;
	case NODE_ENDS:
		break;
	}
	snprintf(buffer, NOTE_TEXT, "%s", text);
	return buffer;
}

static const char *
release_text(uint64_t reason)
{
	switch ((enum node_release_reason)reason) {
	case NODE_RELEASE_CLAIMED:
		return "the peer claimed it";
	case NODE_RELEASE_PREEMPTED:
		return "preempted";
	case NODE_RELEASE_SWITCHOVER:
		return "switchover";
	case NODE_RELEASE_STANDBY:
		return "standby";
	case NODE_RELEASE_UNFIT:
		return "this node is not fit, the peer is";
	case NODE_RELEASE_STOP:
		return "the daemon stops";
	case NODE_RELEASE_GIVES_WAY:
		return "two holders met, this node gives way";
	case NODE_RELEASE_ADD_FAILED:
		return "the VIP could not be added";
	case NODE_RELEASE_START:
		return "left from an earlier run";
	case NODE_RELEASE_REASONS:
		break;
	}
	return "unknown reason";
}

static const char *
master_cause(enum node_proof proof)
{
	switch (proof) {
	case NODE_PROOF_CONSENT:
		return "the peer consents";
	case NODE_PROOF_OFF:
		return "the peer is off";
	case NODE_PROOF_OPERATOR:
		return "an administrator has seen the peer off";
	case NODE_PROOF_NONE:
	case NODE_PROOFS:
		break;
	}
	return "resumed";
}

const char *
note_cause(const struct node_note *note, enum node_proof proof, enum node_release_reason reason)
{
	enum node_state from = (enum node_state)note->a, to = (enum node_state)note->b;

	if (to == NODE_MASTER)
		return from == NODE_RELEASING ? "a release was undone" : master_cause(proof);
	if (from == NODE_RELEASING || from == NODE_DIRTY)
		return release_text(reason);
	if (to == NODE_FAULT)
		return "this node is not fit";
	if (from == NODE_FAULT)
		return "this node is fit";
	return from == NODE_INIT ? "started" : "a claim has ended";
}

static void
say_state(const struct writer *w)
{
	const char *instance = w->names->instance;
	switch ((enum node_state)w->note->b) {
	case NODE_MASTER:
		say(w, "(%s) Entering MASTER STATE: proof %s; %s", instance, node_proof_name(w->names->proof),
			w->names->vips);
		return;
	case NODE_BACKUP:
	case NODE_FAULT:
		say(w, "(%s) Entering %s STATE (was %s)", instance, node_state_name((enum node_state)w->note->b),
			node_state_name((enum node_state)w->note->a));
		return;
	case NODE_INIT:
	case NODE_STANDBY:
	case NODE_CLAIMING:
	case NODE_ADDING:
	case NODE_RELEASING:
	case NODE_DIRTY:
	case NODE_STATES:
		break;
	}
	say(w, "(%s) %s -> %s", instance, node_state_name((enum node_state)w->note->a),
		node_state_name((enum node_state)w->note->b));
}

static void
say_started(const struct writer *w)
{
	static const char *const records[] = { "no record", "a record of holding", "a record of a dirty release" };
	const char *record = w->note->a < 3 ? records[w->note->a] : "an unknown record";
	say(w, "(%s) started: %s of this boot, VIP %s", w->names->instance, record,
		w->note->b ? "is in the kernel" : "is not in the kernel");
}

static const char *
error_text(uint64_t number)
{
	return fence_error_text(number < FENCE_ERRORS ? (enum fence_error)number : FENCE_ERRORS);
}

/* Each word as FAULTS.md and the man page have it; b is a completion code, an error class or a time, by note. */
static void
say_fence(const struct writer *w)
{
	const char *peer = w->names->peer;
	uint64_t b = w->note->b;
	char time[NOTE_DURATION];
	switch ((enum fence_plan_note)w->note->a) {
	case FENCE_NOTE_POWER_ON:
		say(w, "IMM of %s: power on", peer);
		return;
	case FENCE_NOTE_POWER_OFF:
		say(w, "IMM of %s: power off", peer);
		return;
	case FENCE_NOTE_ERROR:
		if (b == FENCE_OK)
			say(w, "IMM of %s answers", peer);
		else
			say(w, "IMM of %s: %s", peer, error_text(b));
		return;
	case FENCE_NOTE_IDENTITY:
		if (b == FENCE_IDENTITY_UNKNOWN)
			say(w, "IMM of %s: whose it is cannot be told (no GUID known yet); nothing is sent to it",
				peer);
		else if (b == FENCE_IDENTITY_OWN)
			say(w, "the IMM configured for %s is this node's own; nothing is sent to it", peer);
		else
			say(w,
				"the IMM configured for %s is another machine's (its GUID differs); nothing is sent to "
				"it",
				peer);
		return;
	case FENCE_NOTE_ORDERED:
		say(w, "fencing %s: %s", peer, w->names->action == FENCE_ACTION_REBOOT ? "reboot" : "off");
		return;
	case FENCE_NOTE_SENT:
		say(w, "power-down of %s sent", peer);
		return;
	case FENCE_NOTE_ANSWERED:
		say(w, "power-down of %s answered", peer);
		return;
	case FENCE_NOTE_REFUSED:
		say(w, "IMM of %s refuses the power-down: completion code 0x%02" PRIX64, peer, b);
		return;
	case FENCE_NOTE_NOT_SENT:
		say(w, "power-down of %s was not sent", peer);
		return;
	case FENCE_NOTE_NO_ANSWER:
		say(w, "power-down of %s was sent and not answered: it may have been executed", peer);
		return;
	case FENCE_NOTE_ENDED_BY_PEER:
		say(w, "%s speaks: the power-down was not sent", peer);
		return;
	case FENCE_NOTE_ENDED_BY_PEER_LATE:
		say(w, "%s speaks after the power-down was sent: no further one", peer);
		return;
	case FENCE_NOTE_SPENT:
		say(w, "IMM of %s says on after an unanswered power-down: no further one in this claim", peer);
		return;
	case FENCE_NOTE_STILL_ON:
		say(w, "%s is still on although its IMM accepted the power-down", peer);
		return;
	case FENCE_NOTE_RESTARTED:
		say(w, "IMM of %s restarted meanwhile: its readings start anew", peer);
		return;
	case FENCE_NOTE_SAMPLE:
		say(w, "IMM of %s: reading %" PRIu64 ": off", peer, b);
		return;
	case FENCE_NOTE_OFF:
		say(w, "%s is off: seen after the answered power-down (%s)", peer, note_duration(b, time));
		return;
	case FENCE_NOTE_NONE:
	case FENCE_NOTES:
		break;
	}
	say(w, "fencing %s", peer);
}

static const char *
device_name(const struct writer *w, unsigned device, char buffer[16])
{
	snprintf(buffer, 16, "device %u", device);
	if (device == 0 || device > FENCE_FEEDS || w->names->devices[device - 1] == NULL)
		return buffer;
	return w->names->devices[device - 1];
}

/* The levels behind the IMM. */
static void
say_level(const struct writer *w)
{
	const char *peer = w->names->peer;
	unsigned level = (unsigned)(w->note->b & 0xff), device = (unsigned)(w->note->b >> 8 & 0xff);
	uint64_t number = w->note->b >> 16;
	char buffer[16];
	const char *name = device_name(w, device, buffer);
	switch ((enum fence_topology_note_type)w->note->a) {
	case FENCE_LEVEL_BEGINS:
		say(w, "fencing %s: the level before has failed, trying level %u", peer, level);
		return;
	case FENCE_LEVEL_ON:
		say(w, "level %u: the outlets of %s are on", level, peer);
		return;
	case FENCE_LEVEL_ORDERED:
		say(w, "fencing %s: %s by level %u", peer, w->names->action == FENCE_ACTION_REBOOT ? "reboot" : "off",
			level);
		return;
	case FENCE_LEVEL_ANSWERED:
		say(w, "level %u, %s: outlet of %s switched off, answered", level, name, peer);
		return;
	case FENCE_LEVEL_ERROR:
		say(w, "level %u, %s: %s", level, name, error_text(number));
		return;
	case FENCE_LEVEL_UNPROVEN:
		say(w, "level %u, %s: off, and not known to feed %s: it proves nothing", level, name, peer);
		return;
	case FENCE_LEVEL_SAMPLE:
		say(w, "level %u: round %" PRIu64 ": every outlet of %s is off", level, number, peer);
		return;
	case FENCE_LEVEL_STILL_ON:
		say(w, "level %u, %s: still on although it accepted the power-down", level, name);
		return;
	case FENCE_LEVEL_DISPROVED:
		say(w, "%s lives with the outlets of level %u off: they are not its outlets and prove nothing", peer,
			level);
		return;
	case FENCE_LEVEL_STOPPED:
		say(w, "%s speaks: no further power-down by level %u", peer, level);
		return;
	case FENCE_LEVEL_OFF:
		say(w, "%s is off: every outlet of level %u was seen off after the answered power-down", peer, level);
		return;
	case FENCE_LEVEL_NOTES:
		break;
	}
	say(w, "fencing %s: level %u", peer, level);
}

static void
say_outlet(const struct writer *w)
{
	char buffer[16];
	const char *name = device_name(w, (unsigned)w->note->a + 1, buffer);
	if (w->note->b)
		say(w, "outlet %s of %s is on again", name, w->names->peer);
	else
		say(w, "outlet %s of %s could not be switched on again", name, w->names->peer);
}

static void
say_power_up(const struct writer *w)
{
	const char *peer = w->names->peer;
	switch ((enum fence_restore_result)w->note->a) {
	case RESTORE_NOTHING:
		break;
	case RESTORE_ORDERED:
		say(w, "power-up sent to %s (%" PRIu64 " left)", peer, w->note->b);
		return;
	case RESTORE_ON:
		say(w, "%s is on again", peer);
		return;
	case RESTORE_FAILED:
		say(w, "%s could not be powered on again", peer);
		return;
	}
	say(w, "power-up of %s: nothing to do", peer);
}

static void
say_command(const struct writer *w)
{
	static const char *const commands[NODE_COMMANDS] = { "switchover", "standby", "unstandby", "pause", "resume",
		"confirm-off" };
	const char *command = w->note->a < NODE_COMMANDS ? commands[w->note->a] : "command";
	bool done = w->note->b == NODE_REPLY_DONE || w->note->b == NODE_REPLY_NOTHING;
	say(w, "(%s) %s: %s", w->names->instance, command, done ? "done" : "refused");
}

/* Claims, consent, proof. */
static bool
say_claim(const struct writer *w)
{
	const struct node_note *note = w->note;
	const char *instance = w->names->instance, *peer = w->names->peer;
	char claim[9], text[NOTE_TEXT];
	switch ((int)note->type) {
	case NODE_NOTE_CLAIM:
		say(w, "(%s) claim %s, intent %s, episode %" PRIu64, instance, short_claim(note->a, claim),
			node_intent_name((enum node_intent)note->b), note->episode);
		return true;
	case NODE_NOTE_CLAIM_ENDED:
		say(w, "(%s) claim %s ended: %s", instance, short_claim(note->a, claim), end_text(note->b, peer, text));
		return true;
	case NODE_NOTE_CLAIM_SEEN:
		say(w, "(%s) %s claims: %s, intent %s", instance, peer, short_claim(note->a, claim),
			node_intent_name((enum node_intent)note->b));
		return true;
	case NODE_NOTE_GRANTED:
		say(w, "(%s) granted %s's claim %s", instance, peer, short_claim(note->a, claim));
		return true;
	case NODE_NOTE_CONSENT:
		say(w, "(%s) %s consents to claim %s", instance, peer, short_claim(note->a, claim));
		return true;
	case NODE_NOTE_PROOF:
		say(w, "(%s) claim %s has its proof: %s", instance, short_claim(note->a, claim),
			node_proof_name((enum node_proof)note->b));
		return true;
	case NODE_NOTE_PERMIT:
		if (note->a == FENCE_PERMITTED)
			say(w, "power-down of %s permitted", peer);
		else
			say(w, "no power-down of %s yet: %s", peer, fence_permit_text((enum fence_permit)note->a));
		return true;
	default:
		return false;
	}
}

static bool
say_vip(const struct writer *w)
{
	const struct node_note *note = w->note;
	const char *instance = w->names->instance;
	char a[NOTE_DURATION], b[NOTE_DURATION];
	switch ((int)note->type) {
	case NODE_NOTE_PROBES_SENT:
		say(w, "ARP / ND probes sent, round %" PRIu64, note->a);
		return true;
	case NODE_NOTE_WIRE_SILENT:
		say(w, "ARP / ND probes: nobody answers");
		return true;
	case NODE_NOTE_WIRE_ANSWER:
		say(w, "(%s) somebody else answers for the VIP: %s", instance, w->names->vips);
		return true;
	case NODE_NOTE_ADDED:
		say(w, "(%s) VIP added: %s; %s after the claim began; outage %s", instance, w->names->vips,
			note_duration(note->a, a), note_duration(note->b, b));
		return true;
	case NODE_NOTE_ADD_FAILED:
		say(w, "(%s) the VIP could not be added: %s", instance, w->names->vips);
		return true;
	case NODE_NOTE_VIP_LOST:
		say(w, "(%s) somebody else removed an address of the VIP: %s", instance, w->names->vips);
		return true;
	case NODE_NOTE_RELEASE:
		say(w, "(%s) releasing the VIP: %s", instance, release_text(note->a));
		return true;
	case NODE_NOTE_RELEASED:
		say(w, "(%s) VIP released, proven, in %s", instance, note_duration(note->a, a));
		return true;
	case NODE_NOTE_RELEASE_FAILED:
		say(w, "(%s) the release cannot be proven (%s)", instance, release_text(note->a));
		return true;
	case NODE_NOTE_UNDONE:
		say(w, "(%s) release undone: this node keeps the VIP", instance);
		return true;
	case NODE_NOTE_GIVES_WAY:
		say(w, "(%s) two holders: this node gives way to %s, which holds by %s", instance, w->names->peer,
			node_proof_name((enum node_proof)note->a));
		return true;
	case NODE_NOTE_KEEPS:
		say(w, "(%s) two holders: %s must give way", instance, w->names->peer);
		return true;
	default:
		return false;
	}
}

static void
say_rest(const struct writer *w)
{
	const struct node_note *note = w->note;
	const char *instance = w->names->instance, *peer = w->names->peer;
	char a[NOTE_DURATION];
	switch ((int)note->type) {
	case NODE_NOTE_PEER_SILENT:
		say(w, "(%s) %s silent %s", instance, peer, note_duration(note->a, a));
		return;
	case NODE_NOTE_PEER_HEARD:
		if (note->a == 0)
			say(w, "(%s) %s is heard: %s", instance, peer, node_state_name((enum node_state)note->b));
		else
			say(w, "(%s) %s is heard again after %s: %s", instance, peer, note_duration(note->a, a),
				node_state_name((enum node_state)note->b));
		return;
	case NODE_NOTE_LATE:
		say(w, "this daemon was kept from running for %s: what it did not hear is not silence",
			note_duration(note->a, a));
		return;
	case NODE_NOTE_LATE_KEPT:
		say(w, "(%s) nobody else holds the VIP after the stall: kept", instance);
		return;
	case NODE_NOTE_LINK:
		say(w, "link %" PRIu64 " is %s", note->a, note->b ? "up" : "down");
		return;
	case NODE_NOTE_PEER_RESTARTED:
		say(w, "(%s) the daemon of %s has started anew", instance, peer);
		return;
	case NODE_NOTE_GUID_CHANGED:
		say(w, "(%s) a second machine speaks with %s's name and key: its consent does not count", instance,
			peer);
		return;
	case NODE_NOTE_PEER_STATE:
		say(w, "(%s) %s: %s -> %s", instance, peer, node_state_name((enum node_state)note->a),
			node_state_name((enum node_state)note->b));
		return;
	case NODE_NOTE_OWED:
		say(w, "%" PRIu64 " power-ups of %s are still owed from before the restart", note->a, peer);
		return;
	default:
		say(w, "(%s) note %d", instance, (int)note->type);
	}
}

const char *
note_text(const struct node_note *note, const struct note_names *names, char buffer[NOTE_TEXT])
{
	struct writer w = { .note = note, .names = names, .buffer = buffer };
	if (note->type == NODE_NOTE_STATE)
		say_state(&w);
	else if (note->type == NODE_NOTE_STARTED)
		say_started(&w);
	else if (note->type == NODE_NOTE_FENCE)
		say_fence(&w);
	else if (note->type == NODE_NOTE_POWER_UP)
		say_power_up(&w);
	else if (note->type == NODE_NOTE_LEVEL)
		say_level(&w);
	else if (note->type == NODE_NOTE_OUTLET)
		say_outlet(&w);
	else if (note->type == NODE_NOTE_COMMAND)
		say_command(&w);
	else if (!say_claim(&w) && !say_vip(&w))
		say_rest(&w);
	return buffer;
}

static const char *const ids[NODE_NOTES] = {
	[NODE_NOTE_STATE] = "state",
	[NODE_NOTE_STARTED] = "started",
	[NODE_NOTE_PEER_SILENT] = "peer-silent",
	[NODE_NOTE_PEER_HEARD] = "peer-heard",
	[NODE_NOTE_CLAIM] = "claim",
	[NODE_NOTE_CLAIM_ENDED] = "claim-ended",
	[NODE_NOTE_CLAIM_SEEN] = "claim-seen",
	[NODE_NOTE_GRANTED] = "granted",
	[NODE_NOTE_CONSENT] = "consent",
	[NODE_NOTE_FENCE] = "fence",
	[NODE_NOTE_PERMIT] = "permit",
	[NODE_NOTE_PROBES_SENT] = "probes-sent",
	[NODE_NOTE_WIRE_SILENT] = "wire-silent",
	[NODE_NOTE_WIRE_ANSWER] = "wire-answer",
	[NODE_NOTE_PROOF] = "proof",
	[NODE_NOTE_ADDED] = "added",
	[NODE_NOTE_ADD_FAILED] = "add-failed",
	[NODE_NOTE_VIP_LOST] = "vip-lost",
	[NODE_NOTE_RELEASE] = "release",
	[NODE_NOTE_RELEASED] = "released",
	[NODE_NOTE_RELEASE_FAILED] = "release-failed",
	[NODE_NOTE_UNDONE] = "undone",
	[NODE_NOTE_POWER_UP] = "power-up",
	[NODE_NOTE_LATE] = "late",
	[NODE_NOTE_LATE_KEPT] = "late-kept",
	[NODE_NOTE_GIVES_WAY] = "gives-way",
	[NODE_NOTE_KEEPS] = "keeps",
	[NODE_NOTE_LINK] = "link",
	[NODE_NOTE_COMMAND] = "command",
	[NODE_NOTE_PEER_RESTARTED] = "peer-restarted",
	[NODE_NOTE_GUID_CHANGED] = "guid-changed",
	[NODE_NOTE_OWED] = "owed",
	[NODE_NOTE_PEER_STATE] = "peer-state",
	[NODE_NOTE_LEVEL] = "level",
	[NODE_NOTE_OUTLET] = "outlet",
};

static const char *const fence_ids[FENCE_NOTES] = {
	[FENCE_NOTE_NONE] = "fence",
	[FENCE_NOTE_POWER_ON] = "fence-power-on",
	[FENCE_NOTE_POWER_OFF] = "fence-power-off",
	[FENCE_NOTE_ERROR] = "fence-error",
	[FENCE_NOTE_IDENTITY] = "fence-identity",
	[FENCE_NOTE_ORDERED] = "fence-ordered",
	[FENCE_NOTE_SENT] = "fence-sent",
	[FENCE_NOTE_ANSWERED] = "fence-answered",
	[FENCE_NOTE_REFUSED] = "fence-refused",
	[FENCE_NOTE_NOT_SENT] = "fence-not-sent",
	[FENCE_NOTE_NO_ANSWER] = "fence-no-answer",
	[FENCE_NOTE_ENDED_BY_PEER] = "fence-ended-by-peer",
	[FENCE_NOTE_ENDED_BY_PEER_LATE] = "fence-ended-by-peer-late",
	[FENCE_NOTE_SPENT] = "fence-spent",
	[FENCE_NOTE_STILL_ON] = "fence-still-on",
	[FENCE_NOTE_RESTARTED] = "fence-restarted",
	[FENCE_NOTE_SAMPLE] = "fence-sample",
	[FENCE_NOTE_OFF] = "fence-off",
};

static const char *const level_ids[FENCE_LEVEL_NOTES] = {
	[FENCE_LEVEL_BEGINS] = "level-begins",
	[FENCE_LEVEL_ON] = "level-power-on",
	[FENCE_LEVEL_ORDERED] = "level-ordered",
	[FENCE_LEVEL_ANSWERED] = "level-answered",
	[FENCE_LEVEL_ERROR] = "level-error",
	[FENCE_LEVEL_UNPROVEN] = "level-unproven",
	[FENCE_LEVEL_SAMPLE] = "level-sample",
	[FENCE_LEVEL_STILL_ON] = "level-still-on",
	[FENCE_LEVEL_DISPROVED] = "level-disproved",
	[FENCE_LEVEL_STOPPED] = "level-stopped",
	[FENCE_LEVEL_OFF] = "level-off",
};

const char *
note_id(const struct node_note *note)
{
	if (note->type == NODE_NOTE_LEVEL && note->a < FENCE_LEVEL_NOTES)
		return level_ids[note->a];
	if (note->type == NODE_NOTE_FENCE && note->a < FENCE_NOTES)
		return fence_ids[note->a];
	return note->type < NODE_NOTES ? ids[note->type] : "unknown";
}

bool
note_by_id(const char *id, enum node_note_type *ret_type, uint64_t *ret_a)
{
	for (unsigned i = 0; i < FENCE_NOTES; i++) {
		if (strcmp(fence_ids[i], id) == 0) {
			*ret_type = NODE_NOTE_FENCE;
			*ret_a = i;
			return true;
		}
	}
	for (unsigned i = 0; i < NODE_NOTES; i++) {
		if (strcmp(ids[i], id) == 0) {
			*ret_type = (enum node_note_type)i;
			return true;
		}
	}
	return false;
}

int
note_priority(const struct node_note *note)
{
	switch (note->type) {
	case NODE_NOTE_WIRE_ANSWER:
	case NODE_NOTE_ADD_FAILED:
	case NODE_NOTE_VIP_LOST:
	case NODE_NOTE_RELEASE_FAILED:
	case NODE_NOTE_GIVES_WAY:
	case NODE_NOTE_KEEPS:
	case NODE_NOTE_GUID_CHANGED:
		return LOG_ERR;
	case NODE_NOTE_LEVEL:
		return note->a == FENCE_LEVEL_DISPROVED ? LOG_ERR : LOG_NOTICE;
	case NODE_NOTE_UNDONE:
	case NODE_NOTE_LATE:
	case NODE_NOTE_PEER_SILENT:
		return LOG_WARNING;
	case NODE_NOTE_PROBES_SENT:
	case NODE_NOTE_LINK: /* said with more words where it was seen */
		return LOG_DEBUG;
	case NODE_NOTE_STATE:
	case NODE_NOTE_STARTED:
	case NODE_NOTE_PEER_HEARD:
	case NODE_NOTE_CLAIM:
	case NODE_NOTE_CLAIM_ENDED:
	case NODE_NOTE_GRANTED:
	case NODE_NOTE_CONSENT:
	case NODE_NOTE_FENCE:
	case NODE_NOTE_PROOF:
	case NODE_NOTE_ADDED:
	case NODE_NOTE_RELEASE:
	case NODE_NOTE_RELEASED:
	case NODE_NOTE_POWER_UP:
	case NODE_NOTE_OUTLET:
	case NODE_NOTE_LATE_KEPT:
	case NODE_NOTE_COMMAND:
		return LOG_NOTICE;
	case NODE_NOTE_CLAIM_SEEN:
	case NODE_NOTE_PERMIT:
	case NODE_NOTE_WIRE_SILENT:
	case NODE_NOTE_PEER_RESTARTED:
	case NODE_NOTE_OWED:
	case NODE_NOTE_PEER_STATE:
	case NODE_NOTES:
		break;
	}
	return LOG_INFO;
}
