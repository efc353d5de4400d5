#include "daemon/grant.h"

#include "vrrp/election.h"

/* Both claim. Who has sent a power-down wins, for the other may be dying; else the better claim as both carried it. */
static bool
my_claim_wins(const struct grant_me *me, const struct grant_claim *claim)
{
	if (me->power_down_sent != claim->power_down_sent)
		return me->power_down_sent;
	return election_compare(me->claim_priority, me->name, claim->priority, claim->name) > 0;
}

static enum grant_answer
give(const struct grant_me *me)
{
	/* S2, S3: whatever my state says, an address in my kernel is an address that answers clients. */
	return me->vips_agree && !me->vip_present ? GRANT_GIVE : GRANT_NOT_YET;
}

static enum grant_answer
as_master(const struct grant_me *me, const struct grant_claim *claim)
{
	if (!me->may_switch || !me->vips_agree)
		return GRANT_HOLD;
	if (claim->intent == NODE_INTENT_SWITCHOVER)
		return GRANT_RELEASE;
	if (claim->intent == NODE_INTENT_PREEMPT && me->preempt && claim->priority > me->effective_priority)
		return GRANT_RELEASE;
	return GRANT_HOLD;
}

enum grant_answer
grant_decide(const struct grant_me *me, const struct grant_claim *claim)
{
	switch (me->state) {
	case NODE_INIT:
		return GRANT_NOT_YET;
	case NODE_BACKUP:
	case NODE_FAULT:
	case NODE_STANDBY:
		return give(me);
	case NODE_CLAIMING:
		return my_claim_wins(me, claim) ? GRANT_WIN : give(me);
	case NODE_ADDING:
	case NODE_RELEASING:
		return GRANT_HOLD;
	case NODE_MASTER:
		return as_master(me, claim);
	case NODE_DIRTY:
		return GRANT_FENCE_ME;
	case NODE_STATES:
		break;
	}
	return GRANT_NOT_YET;
}
