/* daemon/grant.h -- the grant table: what a node answers to its peer's claim (section 3 of docs/DESIGN.md).
 *
 * Pure. The one promise: GRANT_GIVE is never the answer of a holder, nor of a node whose kernel shows a VIP, nor of one
 * whose set of VIPs differs from the claimer's (S2, S3). */
#ifndef HA_DAEMON_GRANT_H
#define HA_DAEMON_GRANT_H

#include "vrrp/message.h"

#include <stdbool.h>
#include <stdint.h>

enum grant_answer {
	GRANT_NOT_YET,  /* starting, or the sets of VIPs differ: ask again */
	GRANT_GIVE,     /* I am not the holder: take it; my own claim ends */
	GRANT_WIN,      /* I claim too and mine wins: answer nothing, the other one grants */
	GRANT_HOLD,     /* "I hold" */
	GRANT_RELEASE,  /* "I hold", and I begin to release: granted when that is proven */
	GRANT_FENCE_ME, /* "dirty: fence me" */
};

struct grant_me {
	enum node_state state;
	const char *name;
	uint8_t claim_priority; /* of my open claim, as carried in it */
	bool power_down_sent;   /* in my open claim */
	uint8_t effective_priority;
	bool vip_present; /* the kernel shows, or may show, an address of the set */
	bool vips_agree;  /* digests of the VIP sets are the same */
	bool preempt;     /* enabled */
	bool may_switch;  /* not paused */
};

struct grant_claim {
	enum node_intent intent;
	const char *name;
	uint8_t priority; /* as carried in the claim */
	bool power_down_sent;
};

enum grant_answer grant_decide(const struct grant_me *me, const struct grant_claim *claim);

#endif
