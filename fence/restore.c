#include "fence/restore.h"

static struct fence_restore_update
give_order(struct fence_restore *restore, ha_time now, enum fence_order_type type, uint64_t session)
{
	struct fence_restore_update update = { .has_order = true, .result = RESTORE_NOTHING };

	restore->token = ++restore->last_token;
	restore->up_out = type == FENCE_ORDER_POWER_UP;
	update.order = (struct fence_order){ .type = type,
		.token = restore->token,
		.session = session,
		.not_after = now + (restore->up_out ? FENCE_ORDER_LIFE : FENCE_RETRY_CAP) };
	/* A worker that answers nothing is asked again after the same time as an unanswered power-up. */
	restore->at = now + RESTORE_VERIFY;
	return update;
}

static struct fence_restore_update
give_up(struct fence_restore *restore)
{
	restore->tries_left = 0;
	restore->at = HA_NEVER;
	restore->token = 0;
	restore->failed = true;
	return (struct fence_restore_update){ .result = RESTORE_FAILED };
}

void
fence_restore_init(struct fence_restore *restore, const struct fence_plan_config *config)
{
	/* Its tokens and those of the plan never meet: both ask the same fence process. */
	*restore = (struct fence_restore){ .config = *config, .at = HA_NEVER, .last_token = UINT32_C(1) << 30 };
}

void
fence_restore_begin(struct fence_restore *restore, ha_time now, unsigned tries, const struct ha_guid *expected)
{
	uint32_t last_token = restore->last_token;
	struct fence_plan_config config = restore->config;

	*restore = (struct fence_restore){ .config = config,
		.expected = *expected,
		.tries_left = tries,
		.until = now + RESTORE_WINDOW,
		.at = tries > 0 ? now : HA_NEVER,
		.last_token = last_token };
}

void
fence_restore_end(struct fence_restore *restore)
{
	restore->tries_left = 0;
	restore->at = HA_NEVER;
	restore->token = 0;
	restore->ordered_at = 0;
	restore->failed = false;
}

static struct fence_restore_update
took_reading(struct fence_restore *restore, ha_time now, const struct fence_report *report)
{
	enum fence_identity identity =
		fence_identify(&restore->config, &restore->expected, report->guid_known, &report->guid);
	struct fence_restore_update update = { .result = RESTORE_NOTHING };

	/* S10: no command to a machine that is not the peer. */
	if (report->error != FENCE_OK || report->session == 0 || !fence_identity_good(identity))
		return update;
	if (report->power == FENCE_POWER_ON) {
		fence_restore_end(restore);
		update.result = RESTORE_ON;
		return update;
	}
	if (report->power != FENCE_POWER_OFF ||
		(restore->ordered_at != 0 && now < restore->ordered_at + RESTORE_VERIFY))
		return update;
	if (restore->tries_left == 0 || now >= restore->until)
		return give_up(restore);
	restore->tries_left--;
	restore->ordered_at = now;
	update = give_order(restore, now, FENCE_ORDER_POWER_UP, report->session);
	update.result = RESTORE_ORDERED;
	return update;
}

struct fence_restore_update
fence_restore_report(struct fence_restore *restore, ha_time now, const struct fence_report *report)
{
	struct fence_restore_update update = { .result = RESTORE_NOTHING };

	if (report->type != FENCE_REPORT_ANSWER || report->token == 0 || report->token != restore->token)
		return update;
	restore->token = 0;
	restore->at = now + HA_SEC;
	if (!restore->up_out)
		return took_reading(restore, now, report);
	if (report->error == FENCE_NOT_SENT) {
		restore->tries_left++;
		restore->ordered_at = 0;
	}
	return update;
}

struct fence_restore_update
fence_restore_timer(struct fence_restore *restore, ha_time now)
{
	if (now < restore->at)
		return (struct fence_restore_update){ .result = RESTORE_NOTHING };
	if (now >= ha_time_add(restore->until, RESTORE_VERIFY))
		return give_up(restore);
	return give_order(restore, now, FENCE_ORDER_READ, 0);
}

void
fence_restore_worker(struct fence_restore *restore, ha_time now)
{
	restore->token = 0;
	if (restore->at != HA_NEVER)
		restore->at = now + FENCE_RETRY_FIRST;
}

ha_time
fence_restore_deadline(const struct fence_restore *restore)
{
	return restore->at;
}
