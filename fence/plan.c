#include "fence/plan.h"

#include <string.h>

#define READ_WAITING     (250 * HA_MS) /* while the answer to a power-down is awaited */
#define READ_BUSY        (50 * HA_MS)  /* between readings while off is being confirmed */
#define READ_CONFIRM_MAX (500 * HA_MS) /* ... and when that has taken a while */
#define READ_IDLE        HA_SEC        /* while the peer is on and the power-down is not permitted yet */
#define READ_LOST        (8 * HA_SEC)  /* a worker that answers nothing at all is asked again */

static void
note(struct fence_plan_update *update, enum fence_plan_note what)
{
	if (update->note_count < FENCE_PLAN_NOTES)
		update->notes[update->note_count++] = what;
}

static struct fence_order *
order(struct fence_plan *plan, struct fence_plan_update *update, enum fence_order_type type, ha_time not_after)
{
	struct fence_order *o = &update->orders[update->order_count++];

	*o = (struct fence_order){ .type = type, .not_after = not_after };
	if (type != FENCE_ORDER_CANCEL)
		o->token = ++plan->last_token;
	return o;
}

static void
cancel(struct fence_plan *plan, struct fence_plan_update *update, uint32_t token)
{
	order(plan, update, FENCE_ORDER_CANCEL, HA_NEVER)->token = token;
}

static void
read_power(struct fence_plan *plan, ha_time now, struct fence_plan_update *update)
{
	plan->read_token = order(plan, update, FENCE_ORDER_READ, now + FENCE_RETRY_CAP)->token;
	plan->read_given = now;
	plan->read_at = now + READ_LOST;
}

static void
order_down(struct fence_plan *plan, ha_time now, bool harmless, struct fence_plan_update *update)
{
	struct fence_order *o = order(plan, update, FENCE_ORDER_POWER_DOWN, now + FENCE_ORDER_LIFE);

	o->session = plan->session; /* S10: the one whose GUID was read */
	plan->down_token = o->token;
	plan->down_ordered_at = now;
	plan->down_sent = false;
	plan->cancelled = false;
	plan->down_harmless = harmless;
	plan->phase = FENCE_PLAN_ORDERED;
	if (!harmless) {
		plan->shot_open = true;
		plan->transmissions++;
	}
	note(update, FENCE_NOTE_ORDERED);
}

bool
fence_identity_good(enum fence_identity identity)
{
	return identity == FENCE_IDENTITY_PEER || identity == FENCE_IDENTITY_OPTED_OUT;
}

enum fence_identity
fence_identify(
	const struct fence_plan_config *config, const struct ha_guid *expected, bool known, const struct ha_guid *guid)
{
	/* S10: one's own IMM is refused even where the identity is opted out of. */
	if (known && ha_guid_same(guid, &config->own))
		return FENCE_IDENTITY_OWN;
	if (config->guid_none)
		return FENCE_IDENTITY_OPTED_OUT;
	if (!known || !ha_guid_is_set(guid) || !ha_guid_is_set(expected))
		return FENCE_IDENTITY_UNKNOWN;
	return ha_guid_same(guid, expected) ? FENCE_IDENTITY_PEER : FENCE_IDENTITY_OTHER;
}

/* S6: samples count within one session only. */
static void
forget_samples(struct fence_plan *plan)
{
	plan->samples = 0;
	plan->sample_first = plan->sample_last = 0;
}

/* Drop what speaks for "off": an "on", another machine, another fence process. */
static void
forget_off(struct fence_plan *plan)
{
	forget_samples(plan);
	plan->off_since = HA_NEVER;
}

static bool
samples_suffice(const struct fence_plan *plan)
{
	ha_time span = plan->sample_last - plan->sample_first;

	return plan->samples >= plan->config.samples &&
	       ((!plan->was_on && !plan->spoke) || span >= plan->config.settle);
}

/* An "off" reading that was asked after a power-down was answered in this session (S6). */
static void
take_sample(struct fence_plan *plan, const struct fence_report *report, struct fence_plan_update *update)
{
	if (plan->samples > 0 && report->asked < plan->sample_last + FENCE_SAMPLE_GAP)
		return;
	if (plan->samples++ == 0)
		plan->sample_first = report->asked;
	plan->sample_last = report->asked;
	note(update, FENCE_NOTE_SAMPLE);
	if (samples_suffice(plan)) {
		plan->phase = FENCE_PLAN_OFF;
		note(update, FENCE_NOTE_OFF);
	}
}

static bool
restarted_in_claim(const struct fence_plan *plan, const struct fence_report *report)
{
	return report->session_since > plan->began;
}

static void
try_harmless(struct fence_plan *plan, const struct fence_plan_event *event, struct fence_plan_update *update)
{
	plan->permit = fence_permit_harmless(&event->facts);
	if (plan->permit == FENCE_PERMITTED && plan->down_token == 0 && event->now >= plan->down_at)
		order_down(plan, event->now, true, update);
}

static void
saw_off(struct fence_plan *plan, const struct fence_plan_event *event, struct fence_plan_update *update)
{
	const struct fence_report *report = event->report;
	bool settled;

	if (plan->off_since == HA_NEVER) {
		plan->off_since = report->asked;
		note(update, FENCE_NOTE_POWER_OFF);
	}
	plan->off_last = report->asked;
	plan->obeyed = plan->obeyed || plan->killed;
	plan->still_on = false;
	/* An IMM that has restarted may say "off" for a moment without knowing (FAULTS 65). A session older than that,
	 * and older than the claim, has outlived the moment; else it has to go on saying so, and the peer to be silent
	 * for `after`. */
	settled = (report->asked >= report->session_since + FENCE_RESTART_DOUBT && !restarted_in_claim(plan, report)) ||
		  (report->asked >= plan->off_since + FENCE_RESTART_DOUBT && event->facts.after_over);

	if (plan->config.action == FENCE_ACTION_CHECK) {
		plan->phase = FENCE_PLAN_CONFIRMING;
		if (settled)
			take_sample(plan, report, update);
		return;
	}
	if (plan->answered_session != 0 && plan->answered_session == report->session) {
		plan->phase = FENCE_PLAN_CONFIRMING;
		if (settled && report->asked >= plan->answered_at)
			take_sample(plan, report, update);
		return;
	}
	if (plan->phase == FENCE_PLAN_ORDERED)
		return; /* its answer is awaited */
	plan->phase = FENCE_PLAN_SEEN_OFF;
	if (settled)
		try_harmless(plan, event, update);
}

static void
try_kill(struct fence_plan *plan, const struct fence_plan_event *event, struct fence_plan_update *update)
{
	struct fence_facts facts = event->facts;

	if (plan->config.action == FENCE_ACTION_CHECK || plan->spent || plan->down_token != 0)
		return;
	if (plan->kill_accepted)
		return; /* S9: once; now the readings have to say off */
	/* The same permitted power-down again, because it was refused or its answer was lost, needs no new minute of
	 * hearing. */
	if (plan->shot_open)
		facts.credit = true;
	plan->permit = fence_permit_kill(&facts);
	if (plan->permit == FENCE_PERMITTED && event->now >= plan->down_at)
		order_down(plan, event->now, false, update);
}

static void
saw_on(struct fence_plan *plan, const struct fence_plan_event *event, struct fence_plan_update *update)
{
	const struct fence_report *report = event->report;
	bool first = !plan->was_on || plan->power == FENCE_POWER_OFF;

	forget_off(plan);
	plan->was_on = true;
	if (first)
		note(update, FENCE_NOTE_POWER_ON);
	if (plan->phase == FENCE_PLAN_ORDERED)
		return;
	if (plan->phase == FENCE_PLAN_UNANSWERED) {
		/* The answer was lost. The command too, if the machine is still on a while later. */
		plan->on_since = ha_time_min(plan->on_since, report->asked);
		if (report->asked < plan->on_since + plan->config.settle)
			return;
		if (plan->transmissions >= FENCE_TRANSMISSIONS || !plan->shot_open) {
			plan->spent = true;
			plan->shot_open = false;
			note(update, FENCE_NOTE_SPENT);
		}
	}
	plan->phase = FENCE_PLAN_ON;
	if (plan->accepted && !plan->still_on && event->now >= plan->answered_at + plan->config.power_timeout) {
		plan->still_on = true;
		note(update, FENCE_NOTE_STILL_ON);
	}
	try_kill(plan, event, update);
}

static void
took_reading(struct fence_plan *plan, const struct fence_plan_event *event, struct fence_plan_update *update)
{
	const struct fence_report *report = event->report;
	enum fence_identity identity =
		fence_identify(&plan->config, &plan->expected, report->guid_known, &report->guid);

	if (!fence_identity_good(identity)) {
		if (plan->identity != identity)
			note(update, FENCE_NOTE_IDENTITY);
		plan->identity = identity;
		forget_off(plan);
		if (plan->phase != FENCE_PLAN_ORDERED && plan->phase != FENCE_PLAN_UNANSWERED)
			plan->phase = FENCE_PLAN_READING;
		return;
	}
	plan->identity = identity;
	plan->good_at = event->now;
	if (plan->session != report->session) {
		if (plan->session != 0 && plan->phase != FENCE_PLAN_READING)
			note(update, FENCE_NOTE_RESTARTED);
		plan->session = report->session;
		plan->down_at = event->now;
		/* How long it has said "off" outlasts a session that was replaced at once: on a lossy LAN they are
		 * short (FAULTS 26). After a longer gap the IMM may have restarted. */
		forget_samples(plan);
		if (plan->off_since != HA_NEVER && report->asked > plan->off_last + FENCE_RESTART_GAP)
			plan->off_since = HA_NEVER;
		plan->on_since = HA_NEVER;
	}
	if (report->power == FENCE_POWER_OFF)
		saw_off(plan, event, update);
	else if (report->power == FENCE_POWER_ON)
		saw_on(plan, event, update);
	plan->power = report->power;
}

/* When to read next, after an answer. Errors back off, up to a cap, and never stop. */
static void
schedule_read(struct fence_plan *plan, ha_time now, bool good)
{
	ha_time gap = READ_IDLE;

	if (!good) {
		gap = plan->backoff;
		plan->backoff = ha_time_min(plan->backoff * 2, FENCE_RETRY_CAP);
		plan->read_at = now + gap;
		return;
	}
	plan->backoff = FENCE_RETRY_FIRST;
	if (plan->phase == FENCE_PLAN_CONFIRMING || plan->phase == FENCE_PLAN_SEEN_OFF ||
		plan->phase == FENCE_PLAN_ORDERED || plan->phase == FENCE_PLAN_UNANSWERED || plan->accepted) {
		gap = plan->down_token != 0 ? READ_WAITING : READ_BUSY;
		if (plan->answered_at != 0 && now > plan->answered_at + 5 * HA_SEC)
			gap = READ_CONFIRM_MAX;
	}
	plan->read_at = now + gap;
}

static void
reading_answered(struct fence_plan *plan, const struct fence_plan_event *event, struct fence_plan_update *update)
{
	const struct fence_report *report = event->report;
	bool good = report->error == FENCE_OK && report->session != 0 && report->power != FENCE_POWER_UNKNOWN &&
		    report->asked >= plan->began;

	plan->read_token = 0;
	if (plan->error != report->error && report->error != FENCE_OK)
		note(update, FENCE_NOTE_ERROR);
	if (good && (plan->error != FENCE_OK || plan->back_at == 0))
		plan->back_at = event->now;
	plan->error = report->error;
	plan->completion = report->completion;
	if (good)
		took_reading(plan, event, update);
	if (plan->phase != FENCE_PLAN_OFF)
		schedule_read(plan, event->now, good);
}

/* Its IMM has what the machine has in its power supplies: one that answers, whatever it says, is fed. */
static void
saw_life(struct fence_plan *plan, const struct fence_report *report)
{
	enum fence_identity identity =
		fence_identify(&plan->config, &plan->expected, report->guid_known, &report->guid);

	switch (report->error) {
	case FENCE_OK:
	case FENCE_REFUSED:
	case FENCE_PRIVILEGE:
	case FENCE_GARBAGE:
		break;
	case FENCE_UNREACHABLE:
		if (report->token != 0 && report->token == plan->read_token)
			plan->silent_asked = plan->read_given;
		return;
	case FENCE_AUTHENTICATION: /* not of a session, and perhaps said a while ago */
	case FENCE_CIPHER:
	case FENCE_SESSIONS:
	case FENCE_TIMEOUT:
	case FENCE_NOT_SENT:
	case FENCE_CONFIG:
	case FENCE_WORKER:
	case FENCE_ERRORS:
		return;
	}
	if (report->session == 0 || report->asked < plan->began || identity == FENCE_IDENTITY_OTHER ||
		identity == FENCE_IDENTITY_OWN)
		return;
	plan->alive_asked = ha_time_max(plan->alive_asked, report->asked);
}

static enum fence_plan_phase
phase_by_power(const struct fence_plan *plan)
{
	return plan->power == FENCE_POWER_OFF ? FENCE_PLAN_SEEN_OFF : FENCE_PLAN_ON;
}

/* It may have been executed, or may be yet. */
static void
down_unanswered(struct fence_plan *plan, ha_time now, enum fence_error error, struct fence_plan_update *update)
{
	note(update, FENCE_NOTE_NO_ANSWER);
	plan->down_token = 0;
	plan->killed = plan->killed || !plan->down_harmless;
	plan->error = error;
	plan->phase = plan->down_harmless ? phase_by_power(plan) : FENCE_PLAN_UNANSWERED;
	plan->on_since = HA_NEVER;
	plan->down_at = now + FENCE_RETRY_FIRST;
	plan->read_at = now;
}

static void
down_answered(struct fence_plan *plan, const struct fence_plan_event *event, struct fence_plan_update *update)
{
	const struct fence_report *report = event->report;

	plan->down_token = 0;
	plan->completion = report->completion;
	if (report->session != 0 && report->session == plan->session &&
		(report->error == FENCE_OK || report->error == FENCE_REFUSED || report->error == FENCE_PRIVILEGE)) {
		bool accepted = report->error == FENCE_OK;

		/* S6: a refusal is an answer, never an off. It was certainly not executed: it may be tried again. */
		note(update, accepted ? FENCE_NOTE_ANSWERED : FENCE_NOTE_REFUSED);
		plan->answered_session = report->session;
		plan->answered_at = report->answered;
		plan->accepted = accepted;
		if (accepted)
			plan->refused_since = 0;
		else if (plan->refused_since == 0)
			plan->refused_since = event->now;
		plan->kill_accepted = plan->kill_accepted || (accepted && !plan->down_harmless);
		plan->killed = plan->killed || plan->kill_accepted;
		plan->phase = FENCE_PLAN_CONFIRMING;
		forget_samples(plan);
		plan->transmissions = 0;
		plan->down_at = accepted ? HA_NEVER : event->now + HA_SEC;
		if (accepted)
			plan->shot_open = false;
		plan->error = report->error;
		plan->read_at = event->now;
		return;
	}
	if (report->error == FENCE_NOT_SENT || (!plan->down_sent && report->error == FENCE_WORKER)) {
		note(update, FENCE_NOTE_NOT_SENT);
		plan->phase = FENCE_PLAN_READING; /* a session that is over takes no order: it is read again first */
		plan->down_at = event->now + FENCE_ORDER_LIFE;
		if (!plan->down_harmless)
			plan->transmissions--;
		plan->read_at = event->now;
		return;
	}
	down_unanswered(plan, event->now, report->error, update);
}

static void
took_report(struct fence_plan *plan, const struct fence_plan_event *event, struct fence_plan_update *update)
{
	const struct fence_report *report = event->report;

	if (report->type != FENCE_REPORT_SENT)
		saw_life(plan, report);
	/* Tokens are never used twice, so an answer to an earlier claim's question fits none of these (S1). */
	if (report->token == 0) {
		/* The worker says by itself that the device is back: ask now. Its own reading is not one of this claim.
		 */
		if (report->type == FENCE_REPORT_DEVICE && report->error == FENCE_OK && plan->read_token == 0 &&
			plan->error != FENCE_OK)
			plan->read_at = event->now;
		return;
	}
	if (report->token == plan->down_token && report->type == FENCE_REPORT_SENT) {
		plan->down_sent = true;
		note(update, FENCE_NOTE_SENT);
	} else if (report->token == plan->down_token && report->type == FENCE_REPORT_ANSWER) {
		down_answered(plan, event, update);
	} else if (report->token == plan->read_token && report->type == FENCE_REPORT_ANSWER) {
		reading_answered(plan, event, update);
	}
}

/* The peer speaks: section 3, step 4. */
static void
peer_spoke(struct fence_plan *plan, const struct fence_plan_event *event, struct fence_plan_update *update)
{
	bool unanswered = plan->phase == FENCE_PLAN_UNANSWERED || (plan->down_token != 0 && plan->down_sent);

	if (plan->down_token != 0 && !plan->cancelled) {
		/* If it left before the cancellation arrives, its answer will say so. */
		cancel(plan, update, plan->down_token);
		plan->cancelled = true;
		note(update, plan->down_sent ? FENCE_NOTE_ENDED_BY_PEER_LATE : FENCE_NOTE_ENDED_BY_PEER);
	} else if (plan->phase == FENCE_PLAN_UNANSWERED) {
		note(update, FENCE_NOTE_ENDED_BY_PEER_LATE);
	}
	plan->spoke = true;
	plan->spent = plan->spent || unanswered;
	plan->shot_open = false;
	if (plan->phase == FENCE_PLAN_UNANSWERED)
		plan->phase = FENCE_PLAN_ON;
	plan->down_at = event->now + HA_SEC;
}

/* Nothing that was read or answered in a session of the old process counts for one of the new (S6, S10). */
static void
worker_changed(struct fence_plan *plan, ha_time now, struct fence_plan_update *update)
{
	if (plan->down_token != 0) {
		/* It may have left. */
		note(update, FENCE_NOTE_NO_ANSWER);
		plan->killed = plan->killed || !plan->down_harmless;
		plan->phase = plan->down_harmless ? FENCE_PLAN_READING : FENCE_PLAN_UNANSWERED;
	} else if (plan->phase != FENCE_PLAN_UNANSWERED && plan->phase != FENCE_PLAN_OFF) {
		plan->phase = FENCE_PLAN_READING;
	}
	plan->down_token = plan->read_token = 0;
	plan->session = plan->answered_session = 0;
	plan->on_since = HA_NEVER;
	plan->down_at = now;
	forget_off(plan);
	plan->error = FENCE_WORKER;
	plan->backoff = FENCE_RETRY_FIRST;
	plan->read_at = now + FENCE_RETRY_FIRST;
}

static void
begin(struct fence_plan *plan, ha_time now, struct fence_plan_update *update)
{
	struct fence_plan fresh = {
		.config = plan->config, .expected = plan->expected, .last_token = plan->last_token
	};

	*plan = fresh;
	plan->phase = FENCE_PLAN_READING;
	plan->began = plan->good_at = now;
	plan->backoff = FENCE_RETRY_FIRST;
	plan->on_since = HA_NEVER;
	forget_off(plan);
	read_power(plan, now, update);
}

static void
end(struct fence_plan *plan, struct fence_plan_update *update)
{
	if (plan->down_token != 0)
		cancel(plan, update, plan->down_token);
	if (plan->read_token != 0)
		cancel(plan, update, plan->read_token);
	*plan = (struct fence_plan){
		.config = plan->config, .expected = plan->expected, .last_token = plan->last_token
	};
	plan->read_at = HA_NEVER;
	plan->down_at = HA_NEVER;
}

static void
judge(struct fence_plan *plan, const struct fence_plan_event *event, struct fence_plan_update *update)
{
	if (plan->down_token != 0 && event->now >= plan->down_ordered_at + FENCE_ANSWER_LOST)
		down_unanswered(plan, event->now, FENCE_WORKER, update);
	if (plan->phase == FENCE_PLAN_ON)
		try_kill(plan, event, update);
	if (event->now < plan->read_at || plan->phase == FENCE_PLAN_OFF)
		return;
	if (plan->read_token != 0) {
		cancel(plan, update, plan->read_token);
		plan->error = FENCE_WORKER;
	}
	read_power(plan, event->now, update);
}

void
fence_plan_init(struct fence_plan *plan, const struct fence_plan_config *config)
{
	*plan = (struct fence_plan){ .config = *config };
	plan->read_at = HA_NEVER;
	plan->down_at = HA_NEVER;
}

struct fence_plan_update
fence_plan_step(struct fence_plan *plan, const struct fence_plan_event *event)
{
	struct fence_plan_update update = { .order_count = 0 };

	if (event->type == FENCE_PLAN_BEGIN) {
		begin(plan, event->now, &update);
		return update;
	}
	if (plan->phase == FENCE_PLAN_IDLE)
		return update;
	switch (event->type) {
	case FENCE_PLAN_BEGIN:
		break;
	case FENCE_PLAN_REPORT:
		took_report(plan, event, &update);
		break;
	case FENCE_PLAN_TIMER:
	case FENCE_PLAN_FACTS:
		judge(plan, event, &update);
		break;
	case FENCE_PLAN_WORKER:
		worker_changed(plan, event->now, &update);
		break;
	case FENCE_PLAN_PEER_SPOKE:
		peer_spoke(plan, event, &update);
		break;
	case FENCE_PLAN_END:
		end(plan, &update);
		break;
	}
	return update;
}

ha_time
fence_plan_deadline(const struct fence_plan *plan)
{
	if (plan->phase == FENCE_PLAN_IDLE || plan->phase == FENCE_PLAN_OFF)
		return HA_NEVER;
	return plan->read_at;
}

bool
fence_plan_power_down_sent(const struct fence_plan *plan)
{
	return plan->killed || plan->answered_session != 0 || plan->phase == FENCE_PLAN_UNANSWERED ||
	       (plan->down_token != 0 && plan->down_sent);
}

bool
fence_plan_failed(const struct fence_plan *plan, ha_time now)
{
	if (plan->phase == FENCE_PLAN_IDLE || plan->phase == FENCE_PLAN_OFF)
		return false;
	/* S9: the permission is used up. Whoever switched it on again is not to be fenced for it by the next level. */
	if (plan->obeyed)
		return false;
	if (plan->power == FENCE_POWER_ON && (plan->still_on || plan->spent))
		return true;
	if (plan->power == FENCE_POWER_ON && plan->refused_since != 0 &&
		now >= plan->refused_since + plan->config.power_timeout)
		return true;
	return now >= plan->good_at + FENCE_LEVEL_PATIENCE &&
	       (plan->error != FENCE_OK || !fence_identity_good(plan->identity));
}

const char *
fence_plan_phase_name(enum fence_plan_phase phase)
{
	static const char *const names[FENCE_PLAN_PHASES] = { "idle", "reading", "on", "off, power-down to come",
		"ordered", "unanswered", "confirming", "off" };

	return phase < FENCE_PLAN_PHASES ? names[phase] : "unknown";
}
