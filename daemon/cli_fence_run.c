#include "daemon/cli_fence_hand.h"
#include "daemon/cli_guid.h"
#include "fence/plan.h"
#include "fence/restore.h"

#include <errno.h>
#include <string.h>

#define SLACK       (10 * HA_SEC)
#define FIRST_TOKEN 1

/* One run: a first reading, which needs the login; then off by the plan, then on by the restore plan, or only one of
 * them. The plan begins with a session that is up: one that came later would be an IMM that has restarted in between.
 */
enum stage { STAGE_READ, STAGE_OFF, STAGE_ON };

struct hand {
	struct cli_hand run;
	struct fence_plan_config config;
	struct ha_guid expected;
	enum stage stage;
	struct fence_plan plan;
	struct fence_restore restore;
};

static void
succeed(struct hand *hand)
{
	hand->run.outcome->done = true;
	cli_hand_over(&hand->run);
}

/* True if it is an error that does not pass by itself; then the run has failed. */
static bool
fail_for(struct hand *hand, enum fence_error error)
{
	static const char more[] = "ha-fence test     says what to correct";
	const char *name = hand->run.node->name;
	char address[HA_ADDRESS_TEXT];

	(void)ha_address_format(&hand->run.node->imm.address, address);
	switch (error) {
	case FENCE_UNREACHABLE:
		cli_hand_fail(&hand->run, "power, cable, VLAN, firewall (UDP 623) of the IMM; ha-fence test",
			"%s's IMM %s does not answer", name, address);
		return true;
	case FENCE_AUTHENTICATION:
		cli_hand_fail(&hand->run, more, "%s's IMM %s refuses user %s or its password", name, address,
			hand->run.node->imm.username);
		return true;
	case FENCE_PRIVILEGE:
		cli_hand_fail(&hand->run, more, "user %s may not control the power of %s: it needs OPERATOR",
			hand->run.node->imm.username, name);
		return true;
	case FENCE_CIPHER:
		cli_hand_fail(&hand->run, more, "%s's IMM %s refuses RMCP+ with cipher suite 3", name, address);
		return true;
	case FENCE_CONFIG:
		cli_hand_fail(&hand->run, CLI_FENCE_AS_ROOT, "the credentials for %s's IMM cannot be read", name);
		return true;
	case FENCE_OK:
	case FENCE_SESSIONS:
	case FENCE_REFUSED:
	case FENCE_GARBAGE:
	case FENCE_TIMEOUT:
	case FENCE_NOT_SENT:
	case FENCE_WORKER:
	case FENCE_ERRORS:
		break;
	}
	return false;
}

/* S10. True if the run has failed. */
static bool
fail_for_identity(struct hand *hand, enum fence_identity identity, const struct fence_report *report)
{
	const char *name = hand->run.node->name;
	char guid[HA_GUID_TEXT] = "none", remedy[CLI_TEXT];

	if (fence_identity_good(identity))
		return false;
	if (report->guid_known)
		(void)ha_guid_format(&report->guid, guid);
	if (identity == FENCE_IDENTITY_UNKNOWN) {
		(void)snprintf(remedy, sizeof(remedy),
			"start ha-fenced on both nodes (it announces it), or, if %s's dmidecode -s system-uuid says "
			"the same, pin guid",
			name);
		cli_hand_fail(&hand->run, remedy,
			"%s's GUID is not known here; the IMM says %s: no command is sent to a machine that may be "
			"another",
			name, guid);
	} else if (identity == FENCE_IDENTITY_OWN) {
		(void)snprintf(
			remedy, sizeof(remedy), "correct nodes.%s.imm.address: it leads to the other node's IMM", name);
		cli_hand_fail(&hand->run, remedy, "this IMM is %s own (GUID %s): nothing was sent",
			hand->run.request->by_agent ? "this very machine's" : "the other node's", guid);
	} else {
		(void)snprintf(remedy, sizeof(remedy),
			"correct nodes.%s.imm.address, or pin the new guid after a new mainboard", name);
		cli_hand_fail(&hand->run, remedy,
			"this IMM is not %s's but a third machine's (GUID %s): nothing was sent", name, guid);
	}
	return true;
}

static void
give(struct hand *hand, const struct fence_order *order)
{
	int r = cli_worker_send(&hand->run.worker, order);

	if (r < 0)
		cli_hand_fail(&hand->run, "try again", "the fence process takes no orders: %s", strerror(-r));
}

static void
begin_on(struct hand *hand)
{
	hand->stage = STAGE_ON;
	hand->run.until = ha_now() + hand->run.request->config->fence.login_timeout +
			  hand->run.request->config->fence.power_timeout + SLACK;
	fence_restore_init(&hand->restore, &hand->config);
	hand->restore.last_token = hand->plan.last_token;
	fence_restore_begin(&hand->restore, ha_now(), RESTORE_TRIES, &hand->expected);
}

static void
say_note(const struct hand *hand, enum fence_plan_note what)
{
	const char *name = hand->run.node->name;

	switch (what) {
	case FENCE_NOTE_POWER_ON:
		cli_hand_say(&hand->run, "IMM of %s: power on", name);
		return;
	case FENCE_NOTE_POWER_OFF:
		cli_hand_say(&hand->run, "IMM of %s: power off", name);
		return;
	case FENCE_NOTE_ORDERED:
		cli_hand_say(&hand->run, "power-down ordered");
		return;
	case FENCE_NOTE_ANSWERED:
		cli_hand_say(&hand->run, "power-down answered");
		return;
	case FENCE_NOTE_REFUSED:
		cli_hand_say(&hand->run, "power-down refused, completion code 0x%02x", hand->plan.completion);
		return;
	case FENCE_NOTE_NO_ANSWER:
		cli_hand_say(&hand->run, "no answer to the power-down");
		return;
	case FENCE_NOTE_RESTARTED:
		cli_hand_say(&hand->run, "the session with the IMM is a new one: readings begin anew");
		return;
	case FENCE_NOTE_SAMPLE:
		cli_hand_say(&hand->run, "reading %u: off", hand->plan.samples);
		return;
	case FENCE_NOTE_OFF:
		cli_hand_say(
			&hand->run, "%s is off: %u readings after the answered power-down", name, hand->plan.samples);
		return;
	case FENCE_NOTE_STILL_ON:
		cli_hand_say(&hand->run, "still on");
		return;
	case FENCE_NOTE_NONE:
	case FENCE_NOTE_ERROR:
	case FENCE_NOTE_IDENTITY:
	case FENCE_NOTE_SENT:
	case FENCE_NOTE_NOT_SENT:
	case FENCE_NOTE_ENDED_BY_PEER:
	case FENCE_NOTE_ENDED_BY_PEER_LATE:
	case FENCE_NOTE_SPENT:
	case FENCE_NOTES:
		return;
	}
}

static void
step_plan(struct hand *hand, enum fence_plan_event_type type, const struct fence_report *report)
{
	const struct fence_plan_event event = {
		.now = ha_now(), .type = type, .report = report, .facts = cli_hand_facts
	};
	struct fence_plan_update update = fence_plan_step(&hand->plan, &event);

	for (unsigned i = 0; i < update.note_count; i++)
		say_note(hand, update.notes[i]);
	for (unsigned i = 0; i < update.order_count; i++)
		give(hand, &update.orders[i]);
	if (hand->plan.phase == FENCE_PLAN_OFF) {
		if (hand->run.request->action == CLI_FENCE_REBOOT)
			begin_on(hand);
		else
			succeed(hand);
	} else if (hand->plan.still_on) {
		cli_hand_fail(&hand->run, "look at the machine and its IMM's event log; ha-fence fence off again",
			"%s took the power-down and is still on", hand->run.node->name);
	} else if (hand->plan.spent) {
		cli_hand_fail(&hand->run, "ha-fence fence status; then again",
			"the power-down was not answered, and %s is on", hand->run.node->name);
	}
}

static void
step_restore(struct hand *hand, struct fence_restore_update update)
{
	switch (update.result) {
	case RESTORE_NOTHING:
		break;
	case RESTORE_ORDERED:
		cli_hand_say(&hand->run, "power-up ordered");
		break;
	case RESTORE_ON:
		cli_hand_say(&hand->run, "IMM of %s: power on", hand->run.node->name);
		succeed(hand);
		return;
	case RESTORE_FAILED:
		cli_hand_fail(&hand->run, "look at the machine and its IMM's event log",
			"%s stays off after %d power-ups", hand->run.node->name, RESTORE_TRIES);
		return;
	}
	if (update.has_order)
		give(hand, &update.order);
}

static void
take_reading(struct hand *hand, const struct fence_report *report)
{
	if (report->type != FENCE_REPORT_ANSWER || report->error != FENCE_OK || report->power == FENCE_POWER_UNKNOWN)
		return;
	hand->run.outcome->power = report->power;
	hand->run.outcome->rtt_ms = (double)ha_time_since(report->answered, report->asked) / (double)HA_MS;
}

/* A status harms nobody: an identity that is not known is said, not refused. */
static void
finish_status(struct hand *hand, const struct fence_report *report, enum fence_identity identity)
{
	if (identity == FENCE_IDENTITY_UNKNOWN)
		(void)snprintf(hand->run.outcome->problem.text, sizeof(hand->run.outcome->problem.text),
			"not known to be %s's IMM: its GUID was neither pinned nor announced", hand->run.node->name);
	else if (hand->run.request->by_agent && identity == FENCE_IDENTITY_OWN)
		hand->run.outcome->problem.text[0] = '\0'; /* a manager may well ask for the state of its own machine */
	else if (fail_for_identity(hand, identity, report))
		return;
	succeed(hand);
}

static void
take_first_reading(struct hand *hand, const struct fence_report *report)
{
	enum fence_identity identity =
		fence_identify(&hand->config, &hand->expected, report->guid_known, &report->guid);

	if (report->type != FENCE_REPORT_ANSWER || report->token != FIRST_TOKEN)
		return;
	if (report->error != FENCE_OK) {
		cli_hand_fail(&hand->run, "ha-fence test     says more", "%s's IMM does not say the power state: it %s",
			hand->run.node->name, fence_error_text(report->error));
		return;
	}
	switch (hand->run.request->action) {
	case CLI_FENCE_STATUS:
		finish_status(hand, report, identity);
		return;
	case CLI_FENCE_OFF:
	case CLI_FENCE_REBOOT:
		if (fail_for_identity(hand, identity, report))
			return;
		hand->stage = STAGE_OFF;
		step_plan(hand, FENCE_PLAN_BEGIN, NULL);
		return;
	case CLI_FENCE_ON:
		if (!fail_for_identity(hand, identity, report))
			begin_on(hand);
		return;
	}
}

static void
set_timer(struct hand *hand)
{
	ha_time next = HA_NEVER;

	if (hand->stage == STAGE_OFF)
		next = fence_plan_deadline(&hand->plan);
	else if (hand->stage == STAGE_ON)
		next = fence_restore_deadline(&hand->restore);
	cli_hand_set_timer(&hand->run, next);
}

static void
on_report(void *userdata, const struct fence_report *report, int error)
{
	struct hand *hand = userdata;

	if (hand->run.over)
		return;
	if (error < 0) {
		cli_hand_fail(
			&hand->run, "try again; then ha-fence test", "the fence process ended: %s", strerror(-error));
		return;
	}
	if (report->type != FENCE_REPORT_SENT && fail_for(hand, report->error))
		return;
	take_reading(hand, report);
	enum fence_identity identity =
		fence_identify(&hand->config, &hand->expected, report->guid_known, &report->guid);

	if (hand->stage == STAGE_READ) {
		take_first_reading(hand, report);
	} else if (report->type == FENCE_REPORT_ANSWER && report->error == FENCE_OK &&
		   fail_for_identity(hand, identity, report)) {
		return;
	} else if (hand->stage == STAGE_OFF) {
		step_plan(hand, FENCE_PLAN_REPORT, report);
	} else {
		step_restore(hand, fence_restore_report(&hand->restore, ha_now(), report));
	}
	if (!hand->run.over)
		set_timer(hand);
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hand *hand = userdata;

	(void)source;
	(void)usec;
	if (hand->run.over)
		return 0;
	if (ha_now() >= hand->run.until) {
		cli_hand_fail(&hand->run, "ha-fence test     says more; then try again",
			"%s's IMM has not shown it in time (last error: %s)", hand->run.node->name,
			fence_error_name(hand->plan.error));
		return 0;
	}
	if (hand->stage == STAGE_OFF)
		step_plan(hand, FENCE_PLAN_TIMER, NULL);
	else if (hand->stage == STAGE_ON)
		step_restore(hand, fence_restore_timer(&hand->restore, ha_now()));
	if (!hand->run.over)
		set_timer(hand);
	return 0;
}

static void
prepare(struct hand *hand)
{
	const struct config *config = hand->run.request->config;
	struct ha_guid local, peer;
	bool is_local = hand->run.request->node == config->local;

	cli_guids(config, hand->run.request->daemon, &local, &peer);
	hand->expected = is_local ? local : peer;
	hand->config = (struct fence_plan_config){
		.action = FENCE_ACTION_OFF,
		.samples = config->fence.samples,
		.settle = config->fence.settle,
		.power_timeout = config->fence.power_timeout,
		.guid_none = hand->run.node->imm.guid_none,
		.own = is_local ? peer : local,
	};
	fence_plan_init(&hand->plan, &hand->config);
	hand->plan.expected = hand->expected;
	hand->run.until = hand->run.began + config->fence.login_timeout + SLACK;
	if (hand->run.request->action != CLI_FENCE_STATUS)
		hand->run.until = ha_time_add(hand->run.until, config->fence.power_timeout);
}

static void
begin(struct hand *hand)
{
	const struct fence_order read = {
		.type = FENCE_ORDER_READ, .token = FIRST_TOKEN, .not_after = hand->run.until
	};

	hand->stage = STAGE_READ;
	hand->plan.last_token = FIRST_TOKEN; /* one worker: tokens are never used twice */
	give(hand, &read);
	if (!hand->run.over)
		set_timer(hand);
}

void
cli_fence_run(const struct cli_fence_request *request, struct cli_fence_outcome *ret)
{
	struct hand hand = { .stage = STAGE_READ };

	if (request->level > 1) {
		cli_fence_run_level(request, ret);
		return;
	}
	cli_hand_init(&hand.run, request, ret);
	if (!hand.run.node->imm.configured) {
		cli_hand_fail(&hand.run, CLI_FENCE_ADD_IMM, "no IMM is configured for %s", hand.run.node->name);
		return;
	}
	prepare(&hand);
	if (cli_hand_open(&hand.run, on_report, on_timer, &hand))
		begin(&hand);
	cli_hand_loop(&hand.run);
	cli_hand_close(&hand.run);
}
