#include "health/verdict.h"

#include <string.h>

_Static_assert(HEALTH_CHECKS == CONFIG_CHECKS && HEALTH_DIGEST == CONFIG_DIGEST, "every configured check has a place");

#define PRIORITY_MIN 1
#define PRIORITY_MAX 254

static void
check_init(struct health_check *check, ha_time now)
{
	*check = (struct health_check){ .up = true, .since = now };
}

void
health_verdict_init(struct health_verdict *verdict, const struct config_check *checks, unsigned count, uint8_t priority,
	ha_time now)
{
	verdict->configured = checks;
	verdict->count = count;
	verdict->priority = priority;
	verdict->master = false;
	verdict->mode_since = now;
	for (unsigned i = 0; i < count; i++)
		check_init(&verdict->checks[i], now);
}

static int
find_check(const struct health_verdict *verdict, const struct config_check *wanted)
{
	for (unsigned i = 0; i < verdict->count; i++) {
		const struct config_check *check = &verdict->configured[i];

		if (check->type == wanted->type && strcmp(check->name, wanted->name) == 0)
			return (int)i;
	}
	return -1;
}

void
health_verdict_reload(struct health_verdict *verdict, const struct config_check *checks, unsigned count,
	uint8_t priority, ha_time now)
{
	struct health_verdict old = *verdict;

	health_verdict_init(verdict, checks, count, priority, now);
	verdict->master = old.master;
	verdict->mode_since = old.mode_since;
	for (unsigned i = 0; i < count; i++) {
		int before = find_check(&old, &checks[i]);

		if (before >= 0)
			verdict->checks[i] = old.checks[before];
	}
}

static void
check_enter_master(struct health_check *check, ha_time now)
{
	check->answered = false;
	check->up = true;
	check->run = 0;
	check->since = now;
	check->down_till = 0;
	check->failing = check->own_from = 0;
	check->own = 0;
}

void
health_verdict_mode(struct health_verdict *verdict, bool master, ha_time now)
{
	if (verdict->master == master)
		return;
	verdict->master = master;
	verdict->mode_since = now;
	for (unsigned i = 0; i < verdict->count; i++) {
		struct health_check *check = &verdict->checks[i];

		if (!verdict->configured[i].when_master)
			continue;
		if (master)
			check_enter_master(check, now);
		else
			check->down_till = check->up ? 0 : ha_time_add(now, HEALTH_AFTERMATH);
	}
}

bool
health_verdict_counts(const struct health_verdict *verdict, unsigned index)
{
	return verdict->master || !verdict->configured[index].when_master;
}

static void
turn(struct health_check *check, bool up, ha_time now)
{
	if (check->up != up || !check->answered)
		check->since = now;
	check->up = up;
	check->run = 0;
}

static bool
is_storage(const struct health_verdict *verdict, unsigned index)
{
	return verdict->configured[index].type == CONFIG_CHECK_NFS && health_verdict_counts(verdict, index);
}

/* Was all storage well when somebody asked something at `asked`, as far as is known? */
static bool
storage_was_well(const struct health_verdict *verdict, ha_time asked)
{
	for (unsigned i = 0; i < verdict->count; i++) {
		const struct health_check *check = &verdict->checks[i];

		if (is_storage(verdict, i) && (!check->up || check->failing != 0 || asked < check->good_from))
			return false;
	}
	return true;
}

/* What the answer says about who is to blame for a failure: the storage, or this check's own subject. */
static void
blame(struct health_verdict *verdict, unsigned index, ha_time asked, bool good)
{
	struct health_check *check = &verdict->checks[index];

	if (good) {
		check->good_to = asked;
		if (check->failing != 0 || check->good_from == 0)
			check->good_from = asked;
		check->failing = 0;
		if (check->up)
			check->own = 0;
		return;
	}
	if (check->failing == 0)
		check->failing = asked;
	if (is_storage(verdict, index)) {
		for (unsigned i = 0; i < verdict->count; i++)
			verdict->checks[i].own = 0;
	} else if (!storage_was_well(verdict, asked)) {
		check->own = 0;
	} else if (check->own++ == 0) {
		check->own_from = asked;
	}
}

bool
health_verdict_report(struct health_verdict *verdict, const struct health_report *report, ha_time now)
{
	const struct config_check *configured = &verdict->configured[report->index];
	struct health_check *check = &verdict->checks[report->index];
	bool good = report->result == HEALTH_OK, was = check->up, first;
	ha_time counts_from;

	if (report->index >= verdict->count)
		return false;
	check->result = report->result;
	check->asked = report->asked;
	check->took = report->answered - report->asked;
	memcpy(check->detail, report->detail, sizeof(check->detail));
	if (!health_verdict_counts(verdict, report->index) ||
		(configured->when_master && report->asked < verdict->mode_since))
		return false;
	/* An IMM that does not answer says nothing about its server. */
	if (configured->type == CONFIG_CHECK_IMM && report->result == HEALTH_UNKNOWN)
		return false;
	counts_from =
		ha_time_add(configured->when_master ? verdict->mode_since : check->since, configured->start_delay);
	if (!good && !check->answered && now < counts_from)
		return false;
	blame(verdict, report->index, report->asked, good);
	/* On a new master the service is just starting: no single answer turns it. */
	first = !check->answered && (good || !configured->when_master);
	if (first)
		turn(check, good, now);
	else if (good == check->up)
		check->run = 0;
	else if (++check->run >= (good ? configured->rise : configured->fall))
		turn(check, good, now);
	check->answered = true;
	return check->up != was;
}

/* Not answered yet, and it still may: a node that does not hold waits for it. */
static bool
is_awaited(const struct health_verdict *verdict, unsigned index, ha_time now)
{
	const struct health_check *check = &verdict->checks[index];

	return !verdict->master && !check->answered && !verdict->configured[index].when_master && check->asked == 0 &&
	       now < check->since + verdict->configured[index].timeout + HEALTH_PATIENCE;
}

/* Down, as far as the node is concerned. */
static bool
is_down(const struct health_verdict *verdict, unsigned index, ha_time now)
{
	const struct health_check *check = &verdict->checks[index];

	return health_verdict_counts(verdict, index) ? !check->up : now < check->down_till;
}

static int
weight(const struct config_check *configured, bool up)
{
	if (configured->weight > 0)
		return up ? configured->weight : 0;
	return up ? 0 : configured->weight;
}

/* Is a storage check itself what fails? */
static bool
storage_fails(const struct health_verdict *verdict, unsigned index)
{
	return is_storage(verdict, index) && (!verdict->checks[index].up || verdict->checks[index].failing != 0);
}

/* Can the storage be why this check is down? Not if it has failed often enough with the storage well before and after.
 */
static bool
storage_explains(const struct health_verdict *verdict, unsigned index)
{
	const struct health_check *check = &verdict->checks[index];
	bool any = false, well = check->own >= verdict->configured[index].fall;

	for (unsigned i = 0; i < verdict->count; i++) {
		if (!is_storage(verdict, i))
			continue;
		any = true;
		well = well && verdict->checks[i].good_to >= check->own_from;
	}
	return any && !well;
}

struct health_state
health_verdict_state(const struct health_verdict *verdict, ha_time now)
{
	struct health_state state = { .fit = true };
	int priority = verdict->priority;

	for (unsigned i = 0; i < verdict->count; i++) {
		const struct config_check *configured = &verdict->configured[i];
		const struct health_check *check = &verdict->checks[i];
		bool down = is_down(verdict, i, now);

		state.check_failed |= down;
		state.storage |= storage_fails(verdict, i);
		if (storage_fails(verdict, i) && check->failing != 0)
			state.storage_since = state.storage_since == 0
						      ? check->failing
						      : ha_time_min(state.storage_since, check->failing);
		state.storage_hung |=
			configured->type == CONFIG_CHECK_NFS && check->asked != 0 && check->result == HEALTH_TIMEOUT;
		if (configured->weighted)
			priority += weight(configured, !down);
		else if (down || is_awaited(verdict, i, now)) {
			state.fit = false;
			state.storage |= down && storage_explains(verdict, i);
		}
	}
	state.storage &= !state.fit;
	state.effective_priority = (uint8_t)(priority < PRIORITY_MIN   ? PRIORITY_MIN
					     : priority > PRIORITY_MAX ? PRIORITY_MAX
								       : priority);
	return state;
}

ha_time
health_verdict_deadline(const struct health_verdict *verdict, ha_time now)
{
	ha_time deadline = HA_NEVER;

	for (unsigned i = 0; i < verdict->count; i++) {
		const struct health_check *check = &verdict->checks[i];

		if (is_awaited(verdict, i, now))
			deadline =
				ha_time_min(deadline, check->since + verdict->configured[i].timeout + HEALTH_PATIENCE);
		if (!health_verdict_counts(verdict, i) && now < check->down_till)
			deadline = ha_time_min(deadline, check->down_till);
	}
	return deadline;
}

static bool
belongs(const struct config_check *configured, enum health_round_kind kind)
{
	switch (kind) {
	case HEALTH_ROUND_REQUIRED:
		return configured->required_to_fence;
	case HEALTH_ROUND_STORAGE:
		return configured->type == CONFIG_CHECK_NFS;
	}
	return false;
}

void
health_round_begin(struct health_round *round, const struct health_verdict *verdict, enum health_round_kind kind,
	uint32_t token, ha_time now)
{
	ha_time longest = 0;

	*round = (struct health_round){ .token = token, .asked = now };
	for (unsigned i = 0; i < verdict->count; i++) {
		round->wanted[i] = belongs(&verdict->configured[i], kind);
		if (!round->wanted[i])
			continue;
		round->missing++;
		longest = ha_time_max(longest, verdict->configured[i].timeout);
	}
	/* One that is being run by schedule ends first, by its own deadline; then comes ours. */
	round->deadline = ha_time_add(now, 2 * longest + HEALTH_PATIENCE);
	round->state = round->missing == 0 ? HEALTH_ROUND_GOOD : HEALTH_ROUND_OPEN;
}

void
health_round_report(struct health_round *round, const struct health_report *report)
{
	if (round->state != HEALTH_ROUND_OPEN || report->token != round->token || report->asked < round->asked ||
		report->index >= HEALTH_CHECKS || !round->wanted[report->index])
		return;
	round->wanted[report->index] = false;
	round->missing--;
	if (report->result != HEALTH_OK)
		round->state = HEALTH_ROUND_BAD;
	else if (round->missing == 0)
		round->state = HEALTH_ROUND_GOOD;
}

void
health_round_lost(struct health_round *round)
{
	if (round->state == HEALTH_ROUND_OPEN)
		round->state = HEALTH_ROUND_BAD;
}

void
health_round_timer(struct health_round *round, ha_time now)
{
	if (now >= health_round_deadline(round))
		health_round_lost(round);
}

ha_time
health_round_deadline(const struct health_round *round)
{
	return round->state == HEALTH_ROUND_OPEN ? round->deadline : HA_NEVER;
}
