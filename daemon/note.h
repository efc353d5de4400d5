/* daemon/note.h -- one line of text for each thing the node notes, for the log, the history and the simulator's trace.
 *
 * Pure. The promise: every note has a line that names who, what and the numbers, and an identifier that scripts may
 * match and that never changes. */
#ifndef HA_DAEMON_NOTE_H
#define HA_DAEMON_NOTE_H

#include "daemon/node.h"

#include <stddef.h>

#define NOTE_TEXT 240
#define NOTE_VIPS 96 /* "192.168.1.210/24 on enp11s0f0 and 3 more" */

/* Who and what the lines speak of. */
struct note_names {
	const char *instance;             /* "VI_1" */
	const char *own;                  /* "NodeA" */
	const char *peer;                 /* "NodeB" */
	const char *vips;                 /* "192.168.1.210/24 on enp11s0f0" */
	const char *devices[FENCE_FEEDS]; /* the peer's outlets: "pdu1"; NULL: by number */
	enum fence_action action;
	enum node_proof proof; /* the proof that stands now (node.record.proof) */
};

/* Writes the line without a newline, cut to fit. Returns `buffer`. */
const char *note_text(const struct node_note *note, const struct note_names *names, char buffer[NOTE_TEXT]);
/* Why a state was entered, for the environment of notify scripts: `note` is a NODE_NOTE_STATE, `reason` that of the
 * newest release. */
const char *note_cause(const struct node_note *note, enum node_proof proof, enum node_release_reason reason);
/* The journal's MESSAGE_ID of a type of note; etc/catalog has its text from etc/catalog.notes. Returns `buffer`. */
#define NOTE_MESSAGE_ID 33
const char *note_message_id(enum node_note_type type, char buffer[NOTE_MESSAGE_ID]);
/* "claim", "fence-sent", "proof" ... */
const char *note_id(const struct node_note *note);
/* The type that has this identifier, and for NODE_NOTE_FENCE what it is (`a`). False: none has it. */
bool note_by_id(const char *id, enum node_note_type *ret_type, uint64_t *ret_a);
/* LOG_NOTICE, or LOG_WARNING / LOG_ERR for what an administrator should look at, or LOG_INFO, LOG_DEBUG. */
int note_priority(const struct node_note *note);

/* "3.648 s", "8 ms", "2 min 5 s", "3 d 22 h": lengths as people read them. Returns `buffer`. */
#define NOTE_DURATION 24
const char *note_duration(ha_time duration, char buffer[NOTE_DURATION]);

#endif
