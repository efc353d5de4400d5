/* vrrp/message.h -- what the two nodes tell each other: one message, repeated, authenticated, fresh.
 *
 * Pure. The promise: vrrp_window_check() answers FRESH only for a message that was made by a holder of the key, in an
 * incarnation that has heard this incarnation of mine, after every message accepted before. A replay is never FRESH.
 *
 * UDP payload: header, body (all fields below, versioned: a later release appends fields, an earlier one ignores
 * what it does not know), HMAC-SHA256 over everything before it. Text and names are bounded. */
#ifndef HA_VRRP_MESSAGE_H
#define HA_VRRP_MESSAGE_H

#include "lib/guid.h"
#include "lib/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VRRP_MESSAGE_BYTES   1024 /* upper bound of an encoded message */
#define VRRP_MESSAGE_NAME    64
#define VRRP_MESSAGE_KEY     32
#define VRRP_MESSAGE_DIGEST  16
#define VRRP_MESSAGE_VERSION 2
#define VRRP_MESSAGE_GROUPS  8
#define VRRP_SETTINGS_CHUNK  8 /* settings that one message tells of */

/* States as shown to people (docs/DESIGN.md). On the wire: these numbers. */
enum node_state {
	NODE_INIT,
	NODE_BACKUP,
	NODE_FAULT,
	NODE_STANDBY,
	NODE_CLAIMING,
	NODE_ADDING,
	NODE_MASTER,
	NODE_RELEASING,
	NODE_DIRTY,
	NODE_STATES
};

enum node_intent { NODE_INTENT_SUSPECT, NODE_INTENT_PREEMPT, NODE_INTENT_SWITCHOVER, NODE_INTENTS };
enum node_proof { NODE_PROOF_NONE, NODE_PROOF_CONSENT, NODE_PROOF_OFF, NODE_PROOF_OPERATOR, NODE_PROOFS };

struct vrrp_message {
	uint8_t version; /* the sender's VRRP_MESSAGE_VERSION */
	char cluster[VRRP_MESSAGE_NAME];
	char sender[VRRP_MESSAGE_NAME];
	struct ha_guid guid;       /* the sender's system GUID; unset if unknown */
	uint64_t incarnation;      /* random, drawn at each start of the sender's daemon; never 0 */
	uint64_t sequence;         /* counts up from 1; the same on every link */
	uint64_t echo_incarnation; /* newest message of mine that the sender accepted or saw: its incarnation ... */
	uint64_t echo_sequence;    /* ... and sequence; 0, 0 before the first */
	uint8_t link;              /* index of the link it was sent on */
	uint8_t links_heard;       /* bit i: the sender hears me on link i */

	enum node_state state;
	bool holding;          /* the sender is holder (S3): from before the first add until the release is proven */
	enum node_proof proof; /* how it came to hold */
	bool woke_late;        /* holder that was stalled longer than the silence limit (S12) */
	bool fit;              /* fit to serve */
	bool standby;
	uint32_t paused_s; /* seconds for which the sender is still paused; 0: not; UINT32_MAX: until resume */
	uint32_t
		pause_generation; /* counts up with every pause and resume on either node: the newest one is in force */
	bool leaving;             /* its daemon is stopping */
	bool handover;            /* a holder that wants to give: "please claim with intent switchover" */
	bool dirty;               /* "dirty: fence me" */
	uint8_t priority;         /* configured */
	uint8_t effective_priority; /* after weights */

	uint64_t claim; /* number of the open claim; 0: none */
	enum node_intent intent;
	uint8_t claim_priority; /* effective priority frozen when the claim began: what the tie-break compares */
	bool power_down_sent;   /* in this claim */
	uint64_t grant;         /* "I grant your claim of this number"; 0: none */
	uint64_t denied; /* "I hold / not yet / dirty": the claim this message answers without a grant; 0: none */

	bool can_fence;      /* the sender could fence the receiver now */
	uint8_t fence_error; /* enum fence_error if not */
	uint8_t peer_power;  /* the sender's last reading of the receiver's IMM: enum fence_power */
	uint32_t fence_rtt_us;
	uint64_t alarms;               /* bit set by enum alarm */
	uint32_t storage_probe_age_ms; /* age of the newest successful storage probe of the sender; UINT32_MAX: none */

	uint8_t config_digest[VRRP_MESSAGE_DIGEST];
	uint8_t vip_digest[VRRP_MESSAGE_DIGEST];
	uint16_t config_groups[VRRP_MESSAGE_GROUPS];
	uint32_t echo_age_us; /* how long before this was sent the echoed one came; UINT32_MAX: unknown */
};

/* What the sender's configuration says for a setting: which one, and its value, so that nobody without the key can
 * guess it. */
struct vrrp_setting {
	uint16_t id, value;
};

/* Since version 2: some of the sender's settings, a few in each message while the nodes differ. No part of struct
 * vrrp_message: no decision looks at it, and those who copy messages need not carry it. */
struct vrrp_settings {
	uint8_t total; /* how many there are; 0: none is told */
	uint8_t first; /* index of the first one here */
	uint8_t count; /* that many follow from there */
	struct vrrp_setting list[VRRP_SETTINGS_CHUNK];
	uint8_t key; /* not sent: index of the receiver's key that verified the message, under which values compare */
};

struct vrrp_message_keys {
	uint8_t keys[4][VRRP_MESSAGE_KEY]; /* the first signs, all verify */
	unsigned count;
};

/* Encode and sign. Returns the length, or 0 if `message` has a name too long or a value out of range. */
size_t vrrp_message_encode(
	const struct vrrp_message *message, const struct vrrp_message_keys *keys, uint8_t buffer[VRRP_MESSAGE_BYTES]);

/* The same, telling of `settings`. */
size_t vrrp_message_encode_settings(const struct vrrp_message *message, const struct vrrp_settings *settings,
	const struct vrrp_message_keys *keys, uint8_t buffer[VRRP_MESSAGE_BYTES]);

/* Decode and verify. -EBADMSG: malformed; -EKEYREJECTED: no key verifies; -EPROTONOSUPPORT: a version that cannot be
 * read. Constant-time comparison of the HMAC; *ret untouched on failure. */
int vrrp_message_decode(
	const uint8_t *data, size_t length, const struct vrrp_message_keys *keys, struct vrrp_message *ret);
/* The same, with what it tells of settings: `total` 0 from a sender of version 1. */
int vrrp_message_decode_settings(const uint8_t *data, size_t length, const struct vrrp_message_keys *keys,
	struct vrrp_message *ret, struct vrrp_settings *ret_settings);

enum vrrp_freshness {
	VRRP_FRESH,     /* newest so far: act on it */
	VRRP_DUPLICATE, /* current incarnation, not newer than the newest, but newer than all heard on this link before:
			 * the link is alive, the content is known or overtaken */
	VRRP_OLD,       /* overtaken or replayed: counts for nothing but "may be alive" (S8) */
	VRRP_UNPROVEN,  /* authentic, but it does not echo this incarnation of mine yet: answer it, believe nothing */
};

#define VRRP_WINDOW_LINKS 4

struct vrrp_window {
	uint64_t my_incarnation;
	uint64_t my_sequence;   /* newest sent, vrrp_window_sent() */
	uint64_t incarnation;   /* the peer's current one; 0: none yet */
	uint64_t sequence;      /* newest accepted */
	uint64_t echo_sequence; /* what a new incarnation must exceed: never goes backward, so that an old one cannot
				   return */
	uint64_t link_sequence[VRRP_WINDOW_LINKS];
};

void vrrp_window_init(struct vrrp_window *window, uint64_t my_incarnation);
/* Call with the sequence of each message of mine, before it is sent. */
void vrrp_window_sent(struct vrrp_window *window, uint64_t sequence);
/* Judge and, if FRESH or DUPLICATE, take note of. A new incarnation is FRESH only if it echoes this incarnation of mine
 * with a sequence above every echo accepted before and above all that was sent when the current incarnation was
 * accepted: a dead one cannot have heard that. `link` (below VRRP_WINDOW_LINKS) is where it was received; a message
 * that was sent on another link is OLD, so that one path never passes for another (FAULTS 80). */
enum vrrp_freshness vrrp_window_check(struct vrrp_window *window, const struct vrrp_message *message, unsigned link);

const char *node_state_name(enum node_state state);    /* "MASTER" */
const char *node_intent_name(enum node_intent intent); /* "suspect" */
const char *node_proof_name(enum node_proof proof);    /* "CONSENT" */

#endif
