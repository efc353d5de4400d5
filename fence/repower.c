#include "fence/repower.h"

/* The first that is owed, or none. */
static void
choose(struct fence_repower *repower, ha_time now)
{
	repower->tries = 0;
	repower->token = 0;
	repower->at = repower->owed != 0 ? now : HA_NEVER;
	for (repower->feed = 0; repower->feed < FENCE_FEEDS; repower->feed++)
		if ((repower->owed & UINT32_C(1) << repower->feed) != 0)
			return;
}

static struct fence_repower_update
strike(struct fence_repower *repower, ha_time now, bool done)
{
	struct fence_repower_update update = { .moved = true, .done = done, .feed = repower->feed };

	repower->owed &= ~(UINT32_C(1) << repower->feed);
	repower->failed = repower->failed || !done;
	choose(repower, now);
	return update;
}

static struct fence_repower_update
give_order(struct fence_repower *repower, ha_time now, enum fence_order_type type)
{
	struct fence_repower_update update = { .has_order = true };

	if (++repower->last_token < FENCE_REPOWER_TOKENS || repower->last_token >= UINT32_MAX - 1)
		repower->last_token = FENCE_REPOWER_TOKENS;
	repower->token = repower->last_token;
	repower->up_out = type == FENCE_ORDER_POWER_UP;
	repower->ordered_at = now;
	repower->at = now + repower->patience;
	update.order = (struct fence_order){ .type = type,
		.device = (uint8_t)(repower->feed + 1),
		.token = repower->token,
		.session = repower->up_out ? 1 : 0,
		.not_after = now + FENCE_RETRY_CAP };
	return update;
}

void
fence_repower_init(struct fence_repower *repower)
{
	*repower = (struct fence_repower){ .at = HA_NEVER, .last_token = FENCE_REPOWER_TOKENS };
}

void
fence_repower_begin(struct fence_repower *repower, ha_time now, uint32_t owed, ha_time patience)
{
	*repower = (struct fence_repower){ .owed = owed, .patience = patience, .last_token = repower->last_token };
	choose(repower, now);
}

void
fence_repower_end(struct fence_repower *repower)
{
	*repower = (struct fence_repower){ .at = HA_NEVER, .last_token = repower->last_token };
}

struct fence_repower_update
fence_repower_report(struct fence_repower *repower, ha_time now, const struct fence_report *report)
{
	if (report->type != FENCE_REPORT_ANSWER || report->token == 0 || report->token != repower->token ||
		report->device != repower->feed + 1)
		return (struct fence_repower_update){ .has_order = false };
	repower->token = 0;
	if (repower->up_out && report->error == FENCE_OK)
		return give_order(repower, now, FENCE_ORDER_READ);
	if (!repower->up_out && report->error == FENCE_OK && report->power == FENCE_POWER_ON)
		return strike(repower, now, true);
	repower->at = ha_time_max(now, repower->ordered_at + FENCE_REPOWER_GAP);
	return (struct fence_repower_update){ .has_order = false };
}

struct fence_repower_update
fence_repower_timer(struct fence_repower *repower, ha_time now)
{
	if (now < repower->at)
		return (struct fence_repower_update){ .has_order = false };
	if (repower->tries++ >= FENCE_REPOWER_TRIES)
		return strike(repower, now, false);
	return give_order(repower, now, FENCE_ORDER_POWER_UP);
}

ha_time
fence_repower_deadline(const struct fence_repower *repower)
{
	return repower->at;
}
