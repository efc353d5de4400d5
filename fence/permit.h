/* fence/permit.h -- may this node power its peer down now (S9)?
 *
 * Pure. The promise: a power-down that is not harmless (the peer is on) is permitted only when every fact speaks for
 * it; the answer names the first one that does not, for the alarm and for the administrator. */
#ifndef HA_FENCE_PERMIT_H
#define HA_FENCE_PERMIT_H

#include <stdbool.h>

struct fence_facts {
	bool paused;          /* an administrator's pause is in force on either node */
	bool fit;             /* own service link up throughout the silence, and settled (S13) */
	bool probes_answered; /* each check marked required_to_fence answered a probe sent after the silence began */
	bool after_over;      /* `after` of silence, without the priority delay */
	bool delays_over; /* `after` of silence and the priority delay; true at once for an authenticated "dirty: fence
			     me" */
	bool used_up;     /* the peer has been seen off after a power-down of this claim, by whatever level */
	bool credit;      /* 60 s of hearing the peer since the last power-down */
	bool heard;       /* at least one message since the own start, or the startup policy allows one power-down */
	bool heard_since_loss; /* not (gave up the VIP without a grant and heard nothing since) */
	bool maybe_alive;      /* packets from the peer's address that fail validation keep coming (S8) */
	bool wire_silent;      /* nobody answered the ARP / ND probes of this claim (S5) */
	bool remembered;       /* what must survive a restart is on disk: the burned permission, the power-down */
};

enum fence_permit {
	FENCE_PERMITTED,
	FENCE_WAIT_PAUSED,
	FENCE_WAIT_FIT,
	FENCE_WAIT_PROBES,
	FENCE_WAIT_WIRE,
	FENCE_WAIT_MAYBE_ALIVE,
	FENCE_WAIT_HEARD,
	FENCE_WAIT_HEARD_SINCE_LOSS,
	FENCE_WAIT_CREDIT,
	FENCE_WAIT_DELAYS,
	FENCE_WAIT_REMEMBERED,
	FENCE_PERMITS
};

/* A peer that is on. */
enum fence_permit fence_permit_kill(const struct fence_facts *facts);
/* A peer that says "off": the power-down harms nobody, it needs only fitness and a silent wire. */
enum fence_permit fence_permit_harmless(const struct fence_facts *facts);
const char *fence_permit_text(enum fence_permit permit); /* "the service link was not up throughout", ... */

#endif
