#include "vrrp/election.h"

#include <string.h>

ha_time
election_skew_time(unsigned version, uint8_t priority, ha_time interval)
{
	ha_time unit = version == 2 ? HA_SEC : interval;

	return (256 - (ha_time)priority) * unit / 256;
}

ha_time
election_master_down_interval(unsigned version, uint8_t priority, ha_time interval)
{
	return 3 * interval + election_skew_time(version, priority, interval);
}

void
election_advert_start(struct election_advert_timer *timer, ha_time interval, ha_time now)
{
	*timer = (struct election_advert_timer){ .interval = interval, .due = now };
}

void
election_advert_stop(struct election_advert_timer *timer)
{
	timer->due = HA_NEVER;
}

bool
election_advert_due(struct election_advert_timer *timer, ha_time now, ha_time *ret_late)
{
	if (timer->due == HA_NEVER || now < timer->due)
		return false;
	*ret_late = now - timer->due;
	timer->due = ha_time_add(timer->due, timer->interval);
	if (timer->due <= now)
		timer->due = ha_time_add(now, timer->interval);
	return true;
}

static int
compare_numbers(unsigned a, unsigned b)
{
	return (a > b) - (a < b);
}

int
election_compare(uint8_t priority_a, const char *name_a, uint8_t priority_b, const char *name_b)
{
	int order = compare_numbers(priority_a, priority_b);

	return order != 0 ? order : strcmp(name_a, name_b);
}

int
election_compare_adverts(
	uint8_t priority_a, const struct ha_address *source_a, uint8_t priority_b, const struct ha_address *source_b)
{
	int order = compare_numbers(priority_a, priority_b);

	/* Network byte order compares as the number does; unused bytes are zero. */
	return order != 0 ? order : memcmp(source_a->bytes, source_b->bytes, sizeof(source_a->bytes));
}

ha_time
election_preempt_at(bool enabled, ha_time delay, uint8_t my_priority, uint8_t holder_priority, ha_time since)
{
	if (!enabled || my_priority <= holder_priority)
		return HA_NEVER;
	return ha_time_add(since, delay);
}

/* Above 0 if a may keep the VIP. Each line is antisymmetric, so the whole is; 0 only for one and the same node. */
static int
compare_holders(const struct election_holder *a, const struct election_holder *b)
{
	if (a->by_operator != b->by_operator)
		return b->by_operator ? 1 : -1;
	if (a->woke_late != b->woke_late)
		return b->woke_late ? 1 : -1;
	return election_compare(a->priority, a->name, b->priority, b->name);
}

bool
election_gives_way(const struct election_holder *me, const struct election_holder *other)
{
	return compare_holders(me, other) < 0;
}
