#include "test/unit/level_talk.h"

const struct fence_facts level_all_good = { .fit = true,
	.probes_answered = true,
	.after_over = true,
	.delays_over = true,
	.credit = true,
	.heard = true,
	.heard_since_loss = true,
	.remembered = true };

void
level_step_as(struct talk *k, enum fence_topology_event_type type, const struct fence_report *report, uint32_t mask)
{
	struct fence_topology_event event = { .now = k->now,
		.type = type,
		.report = report,
		.facts = k->facts,
		.drained = k->late_socket ? 0 : k->now,
		.level1_failed = k->level1_failed,
		.level1_alive = k->level1_alive,
		.level1_silent = k->level1_silent,
		.noise = k->noise,
		.off_mask = mask };
	struct fence_topology_update update = fence_topology_step(&k->t, &event);

	for (unsigned i = 0; i < update.order_count; i++) {
		const struct fence_order *order = &update.orders[i];
		unsigned feed = order->device - 1u;

		ck_assert_uint_lt(feed, k->t.config.count);
		if (order->type == FENCE_ORDER_CANCEL) {
			k->cancels++;
			continue;
		}
		k->tokens[feed] = order->token;
		k->orders[feed] = order->type;
		if (order->type == FENCE_ORDER_POWER_DOWN) {
			k->downs++;
			ck_assert_uint_eq(order->not_after, k->now + FENCE_ORDER_LIFE);
			ck_assert_uint_ne(order->session, 0);
		}
	}
	for (unsigned i = 0; i < update.note_count; i++)
		k->noted[update.notes[i].type] = true;
}

void
level_step(struct talk *k, enum fence_topology_event_type type)
{
	level_step_as(k, type, NULL, 0);
}

void
level_timer(struct talk *k)
{
	ha_time at = fence_topology_deadline(&k->t);

	if (at != HA_NEVER)
		k->now = ha_time_max(k->now, at);
	level_step(k, FENCE_TOPOLOGY_TIMER);
}

struct talk
begin_with(const uint8_t *levels, unsigned count, enum fence_action action, uint32_t off_mask)
{
	struct talk k = { .facts = level_all_good, .now = 100 * HA_SEC, .level1_failed = true };
	struct fence_topology_config config = {
		.action = action, .samples = 2, .settle = HA_SEC, .power_timeout = 20 * HA_SEC, .count = count
	};

	for (unsigned i = 0; i < count; i++) {
		config.level[i] = levels[i];
		config.patience[i] = 10 * HA_SEC;
	}
	fence_topology_init(&k.t, &config);
	level_step_as(&k, FENCE_TOPOLOGY_BEGIN, NULL, off_mask);
	level_step(&k, FENCE_TOPOLOGY_TIMER);
	return k;
}

struct talk
two_feeds(void)
{
	static const uint8_t levels[] = { 2, 2 };

	return begin_with(levels, 2, FENCE_ACTION_REBOOT, 0);
}

void
level_answers(struct talk *k, unsigned feed, enum fence_error error, enum fence_power power)
{
	struct fence_report report = { .type = FENCE_REPORT_ANSWER,
		.device = (uint8_t)(feed + 1),
		.token = k->tokens[feed],
		.error = error,
		.power = power,
		.session = 1,
		.asked = k->now };

	ck_assert_uint_ne(k->tokens[feed], 0);
	k->now += 100 * HA_MS;
	report.answered = k->now;
	k->tokens[feed] = 0;
	level_step_as(k, FENCE_TOPOLOGY_REPORT, &report, 0);
}

/* All feeds that were asked say `power`, or obey. */
void
all_say(struct talk *k, enum fence_power power)
{
	bool any = false;

	for (unsigned i = 0; i < k->t.config.count; i++)
		any = any || k->tokens[i] != 0;
	if (!any)
		level_timer(k);
	for (unsigned i = 0; i < k->t.config.count; i++)
		if (k->tokens[i] != 0)
			level_answers(k, i, FENCE_OK, k->orders[i] == FENCE_ORDER_READ ? power : FENCE_POWER_UNKNOWN);
}

void
all_say_for(struct talk *k, enum fence_power power, ha_time length)
{
	ha_time until = k->now + length;

	while (k->now < until && k->t.phase != FENCE_TOPOLOGY_OFF)
		all_say(k, power);
}

void
switched_off(struct talk *k)
{
	all_say(k, FENCE_POWER_ON); /* readings */
	ck_assert_int_eq(k->t.phase, FENCE_TOPOLOGY_ORDERED);
	all_say(k, FENCE_POWER_ON); /* power-downs */
	ck_assert_int_eq(k->t.phase, FENCE_TOPOLOGY_CONFIRMING);
}
