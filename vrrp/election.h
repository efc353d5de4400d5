/* vrrp/election.h -- the arithmetic of VRRP's election: intervals, who is better, who gives way.
 *
 * Pure. The promise: of two nodes that compare the same facts, exactly one is the better and exactly one gives way;
 * a tie is never left to timing. None of this is a proof: the VIP is added on consent or an "off" only (S1). */
#ifndef HA_VRRP_ELECTION_H
#define HA_VRRP_ELECTION_H

#include "lib/net.h"
#include "lib/time.h"

#include <stdbool.h>
#include <stdint.h>

/* `version` is 2 or 3, `interval` the master's advert interval as last heard (v3) or configured (v2).
 * v2: (256 - priority) / 256 s (RFC 3768 6.1); v3: that fraction of the interval (RFC 9568 6.1). */
ha_time election_skew_time(unsigned version, uint8_t priority, ha_time interval);
/* 3 x interval + skew time (RFC 3768 6.1, RFC 9568 6.1). */
ha_time election_master_down_interval(unsigned version, uint8_t priority, ha_time interval);

/* When the master's next advert is due. Wake at `due`; HA_NEVER while stopped. */
struct election_advert_timer {
	ha_time interval;
	ha_time due;
};

/* The first advert is due at once (RFC 9568 6.4.1 (120)). */
void election_advert_start(struct election_advert_timer *timer, ha_time interval, ha_time now);
void election_advert_stop(struct election_advert_timer *timer);
/* True if an advert is to be sent now; then *ret_late is how late it is and the next one is scheduled: on the same
 * grid, but never several at once after a stall. */
bool election_advert_due(struct election_advert_timer *timer, ha_time now, ha_time *ret_late);

/* Order of nodes: above 0 if a is the better one. Priority, then name, so 0 only for one and the same node. */
int election_compare(uint8_t priority_a, const char *name_a, uint8_t priority_b, const char *name_b);
/* Order of adverts, as a foreign router sees it: priority, then primary address (RFC 9568 6.4.3 (725)). */
int election_compare_adverts(
	uint8_t priority_a, const struct ha_address *source_a, uint8_t priority_b, const struct ha_address *source_b);

/* From when on this node may ask a holder of `holder_priority` for the VIP with intent preempt: `delay` after `since`,
 * when this node began to be fit beside that holder; HA_NEVER if preemption is off or the own priority is not strictly
 * higher (RFC 9568 6.1, Preempt_Mode). Priorities are effective ones. */
ha_time election_preempt_at(bool enabled, ha_time delay, uint8_t my_priority, uint8_t holder_priority, ha_time since);

/* Two holders have met (S12). Both nodes must judge the same facts, so `priority` is the configured one. */
struct election_holder {
	bool by_operator; /* holds by confirm-off: the only proof a person can get wrong */
	bool woke_late;   /* was stalled beyond the silence limit: the other one had reason to replace it */
	uint8_t priority;
	const char *name; /* differs between nodes */
};

/* True if `me` must give the VIP up to `other`. The answers of the two nodes are always opposite. */
bool election_gives_way(const struct election_holder *me, const struct election_holder *other);

#endif
