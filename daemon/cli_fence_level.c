#include "daemon/cli_control.h"
#include "daemon/cli_fence_hand.h"
#include "daemon/cli_guid.h"
#include "daemon/cli_text.h"
#include "daemon/node_config.h"
#include "daemon/note.h"
#include "fence/repower.h"
#include "fence/topology.h"

#include <errno.h>
#include <string.h>

#define SLACK       (10 * HA_SEC)
#define LOOK_FOR    (5 * HA_SEC) /* how long a machine without power may go on speaking */
#define LOOK_GAP    (1 * HA_SEC)
#define IMM_PATIENT (4 * HA_SEC)
#define READ_TOKEN  1U
#define IMM_TOKEN   1000U

/* STATUS reads the outlets. OFF is the daemon's own topology, with a person for the permission; then LOOK: nobody can
 * read off an outlet whose machine it feeds, but a machine without power is silent, and so is its IMM. ON switches on
 * again what was switched off, also after a failure. */
enum stage { STAGE_STATUS, STAGE_OFF, STAGE_LOOK, STAGE_ON };

struct hand {
	struct cli_hand run;
	struct fence_plan_config identity;
	struct ha_guid expected;
	struct note_names names;
	enum stage stage;
	uint32_t feeds; /* bit i: outlet i is of the level */
	uint32_t read;  /* STATUS: outlets that have answered */
	struct fence_topology topology;
	struct fence_repower repower;
	bool failed; /* outcome->problem says why; only the outlets are to be switched on again */
	unsigned looks;
	bool looking; /* its IMM is asked */
	ha_time look_at, look_until;
};

static bool
in(const struct hand *hand, enum stage stage)
{
	return !hand->run.over && hand->stage == stage;
}

static void
begin_on(struct hand *hand, uint32_t mask)
{
	ha_time patience = 0;

	hand->stage = STAGE_ON;
	hand->run.until = ha_now() + SLACK;
	for (unsigned i = 0; i < hand->run.node->device_count; i++) {
		if ((mask & UINT32_C(1) << i) == 0)
			continue;
		patience = ha_time_max(patience, hand->topology.config.patience[i]);
		hand->run.until += FENCE_REPOWER_TRIES * (FENCE_REPOWER_GAP + hand->topology.config.patience[i]);
	}
	fence_repower_begin(&hand->repower, ha_now(), mask, patience);
}

/* The first failure counts. What a reboot has switched off is switched on again first. */
static void __attribute__((format(printf, 3, 4))) fail(struct hand *hand, const char *remedy, const char *format, ...)
{
	uint32_t off = fence_topology_tried_mask(&hand->topology);
	va_list arguments;

	if (hand->run.over)
		return;
	if (!hand->failed) {
		va_start(arguments, format);
		cli_hand_problem(&hand->run, remedy, format, arguments);
		va_end(arguments);
		hand->failed = true;
	}
	if (!in(hand, STAGE_ON) && hand->run.request->action == CLI_FENCE_REBOOT && off != 0 &&
		hand->run.worker.fd >= 0) {
		cli_hand_say(&hand->run, "%s", hand->run.outcome->problem.text);
		begin_on(hand, off);
	} else {
		cli_hand_over(&hand->run);
	}
}

static void
give(struct hand *hand, const struct fence_order *order)
{
	int r = cli_worker_send(&hand->run.worker, order);

	if (r < 0)
		fail(hand, "try again", "the fence process takes no orders: %s", strerror(-r));
}

/* --- off --- */

static void
fail_feed(struct hand *hand, unsigned feed)
{
	const struct config_device *device = &hand->run.node->devices[feed];
	const struct fence_feed *f = &hand->topology.feeds[feed];

	if (f->error != FENCE_OK)
		fail(hand, "ha-fence test     says what to correct", "outlet %s of %s: %s %s", device->name,
			hand->run.node->name, device->agent, fence_error_text(f->error));
	else
		fail(hand, "look at the power unit; is it the right plug?",
			"outlet %s of %s took the power-down and is still on", device->name, hand->run.node->name);
}

static void
say_level(const struct hand *hand, const struct fence_topology_note *what)
{
	const struct node_note note = { .type = NODE_NOTE_LEVEL,
		.a = what->type,
		.b = what->number << 16 | (uint64_t)what->device << 8 | what->level };
	char text[NOTE_TEXT];

	if (what->type != FENCE_LEVEL_BEGINS && what->type != FENCE_LEVEL_ON)
		cli_hand_say(&hand->run, "%s", note_text(&note, &hand->names, text));
}

static void
begin_look(struct hand *hand)
{
	hand->run.outcome->power = FENCE_POWER_OFF;
	hand->stage = STAGE_LOOK;
	hand->look_at = ha_now();
	hand->look_until = ha_now() + LOOK_FOR;
	hand->run.until = hand->look_until + IMM_PATIENT + SLACK;
}

static void
step_off(struct hand *hand, enum fence_topology_event_type type, const struct fence_report *report)
{
	const struct fence_topology_event event = { .now = ha_now(),
		.type = type,
		.report = report,
		.facts = cli_hand_facts,
		.drained = HA_NEVER,
		.level1_failed = true };
	struct fence_topology *t = &hand->topology;
	struct fence_topology_update update = fence_topology_step(t, &event);

	for (unsigned i = 0; i < update.note_count; i++)
		say_level(hand, &update.notes[i]);
	for (unsigned i = 0; i < update.order_count && in(hand, STAGE_OFF); i++)
		give(hand, &update.orders[i]);
	if (!in(hand, STAGE_OFF))
		return;
	if (t->phase == FENCE_TOPOLOGY_OFF) {
		begin_look(hand);
	} else if (t->failures > 0) {
		unsigned feed = 0;

		for (unsigned i = 0; i < t->config.count; i++)
			if ((hand->feeds & UINT32_C(1) << i) != 0 &&
				(t->feeds[i].error != FENCE_OK ||
					(t->feeds[feed].error == FENCE_OK && t->feeds[i].power == FENCE_POWER_ON)))
				feed = i;
		fail_feed(hand, feed);
	}
}

static void
begin_off(struct hand *hand)
{
	hand->stage = STAGE_OFF;
	step_off(hand, FENCE_TOPOLOGY_BEGIN, NULL);
	if (in(hand, STAGE_OFF))
		step_off(hand, FENCE_TOPOLOGY_FACTS, NULL);
}

/* --- does it live? --- */

static void
look_over(struct hand *hand)
{
	if (hand->run.request->action == CLI_FENCE_REBOOT) {
		begin_on(hand, hand->feeds);
	} else {
		hand->run.outcome->done = true;
		cli_hand_over(&hand->run);
	}
}

/* Its IMM has answered, or cannot. */
static void
look(struct hand *hand, bool imm_on)
{
	const char *name = hand->run.node->name;
	bool peer = hand->run.request->node != hand->run.request->config->local && hand->run.request->runtime_dir;
	json_t *facts = peer ? cli_control_facts(hand->run.request->runtime_dir) : NULL;
	bool heard = cli_json_bool(json_object_get(facts, "peer"), "heard"), known = facts != NULL;

	json_decref(facts);
	hand->looking = false;
	if (!imm_on && !heard) {
		if (known)
			cli_hand_say(&hand->run, "%s is not heard any more", name);
		else
			(void)snprintf(hand->run.outcome->problem.text, sizeof(hand->run.outcome->problem.text),
				"no daemon here hears whether %s is silent now: look at the machine", name);
		look_over(hand);
	} else if (ha_now() >= hand->look_until) {
		fail(hand,
			"correct the plug among the options of nodes.devices; a second power supply needs its\n"
			"outlet as another device of the same level",
			"the outlets of level %u are off, and %s %s: it does not live by them alone",
			hand->run.request->level, name, heard ? "is still heard" : "is on, says its IMM");
	} else {
		hand->look_at = ha_now() + LOOK_GAP;
	}
}

static void
ask_imm(struct hand *hand)
{
	const struct fence_order read = {
		.type = FENCE_ORDER_READ, .token = IMM_TOKEN + ++hand->looks, .not_after = ha_now() + IMM_PATIENT
	};

	hand->look_at = HA_NEVER;
	if (!hand->run.node->imm.configured) {
		look(hand, false);
		return;
	}
	hand->looking = true;
	give(hand, &read);
}

static void
take_imm(struct hand *hand, const struct fence_report *report)
{
	enum fence_identity identity =
		fence_identify(&hand->identity, &hand->expected, report->guid_known, &report->guid);

	if (!hand->looking || report->type != FENCE_REPORT_ANSWER || report->token != IMM_TOKEN + hand->looks)
		return;
	/* S10: of another machine's IMM nothing counts. */
	look(hand, report->error == FENCE_OK && report->power == FENCE_POWER_ON && identity != FENCE_IDENTITY_OTHER &&
			   identity != FENCE_IDENTITY_OWN);
}

/* --- on --- */

static void
step_on(struct hand *hand, struct fence_repower_update update)
{
	if (update.moved) {
		const struct node_note note = { .type = NODE_NOTE_OUTLET, .a = update.feed, .b = update.done };
		char text[NOTE_TEXT];

		cli_hand_say(&hand->run, "%s", note_text(&note, &hand->names, text));
		if (update.done)
			hand->run.outcome->feeds[update.feed].power = FENCE_POWER_ON;
	}
	if (update.has_order) {
		give(hand, &update.order);
	} else if (in(hand, STAGE_ON) && hand->repower.owed == 0) {
		if (hand->repower.failed)
			fail(hand, "switch it on at the power unit; ha-fence test says what its agent answers",
				"an outlet of %s could not be switched on", hand->run.node->name);
		hand->run.outcome->done = !hand->failed;
		if (!hand->repower.failed)
			hand->run.outcome->power = FENCE_POWER_ON;
		cli_hand_over(&hand->run);
	}
}

/* --- status --- */

static void
judge_status(struct hand *hand)
{
	unsigned on = 0, off = 0;
	const char *last_off = "";

	for (unsigned i = 0; i < hand->run.node->device_count; i++) {
		const struct cli_fence_feed *feed = &hand->run.outcome->feeds[i];

		if ((hand->feeds & UINT32_C(1) << i) == 0)
			continue;
		if (feed->power == FENCE_POWER_UNKNOWN) {
			hand->topology.feeds[i].error = feed->error == FENCE_OK ? FENCE_GARBAGE : feed->error;
			fail_feed(hand, i);
			return;
		}
		on += feed->power == FENCE_POWER_ON;
		off += feed->power == FENCE_POWER_OFF;
		if (feed->power == FENCE_POWER_OFF)
			last_off = hand->run.node->devices[i].name;
	}
	hand->run.outcome->power = on > 0 ? FENCE_POWER_ON : FENCE_POWER_OFF;
	if (on > 0 && off > 0)
		(void)snprintf(hand->run.outcome->problem.text, sizeof(hand->run.outcome->problem.text),
			"outlet %.80s is off, another one of level %u is on", last_off, hand->run.request->level);
	hand->run.outcome->done = true;
	cli_hand_over(&hand->run);
}

static void
begin_status(struct hand *hand)
{
	hand->stage = STAGE_STATUS;
	for (unsigned i = 0; i < hand->run.node->device_count && in(hand, STAGE_STATUS); i++) {
		const struct fence_order read = { .type = FENCE_ORDER_READ,
			.device = (uint8_t)(i + 1),
			.token = READ_TOKEN + i,
			.not_after = hand->run.until };

		if ((hand->feeds & UINT32_C(1) << i) != 0)
			give(hand, &read);
	}
}

static void
take_status(struct hand *hand, const struct fence_report *report)
{
	unsigned feed = report->device - 1U;

	if (report->type != FENCE_REPORT_ANSWER || report->token != READ_TOKEN + feed)
		return;
	hand->read |= UINT32_C(1) << feed;
	if (hand->read == hand->feeds)
		judge_status(hand);
}

/* --- the loop --- */

static void
set_timer(struct hand *hand)
{
	ha_time next = HA_NEVER;

	if (in(hand, STAGE_OFF))
		next = fence_topology_deadline(&hand->topology);
	else if (in(hand, STAGE_LOOK))
		next = hand->look_at;
	else if (in(hand, STAGE_ON))
		next = fence_repower_deadline(&hand->repower);
	cli_hand_set_timer(&hand->run, next);
}

static void
note_feed(struct hand *hand, const struct fence_report *report)
{
	struct cli_fence_feed *feed = &hand->run.outcome->feeds[report->device - 1U];

	if (report->type != FENCE_REPORT_ANSWER)
		return;
	feed->error = report->error;
	if (report->power == FENCE_POWER_UNKNOWN)
		return;
	feed->power = report->power;
	hand->run.outcome->rtt_ms = (double)ha_time_since(report->answered, report->asked) / (double)HA_MS;
}

static void
on_report(void *userdata, const struct fence_report *report, int error)
{
	struct hand *hand = userdata;

	if (hand->run.over)
		return;
	if (error < 0) {
		hand->stage = in(hand, STAGE_STATUS) ? STAGE_STATUS : STAGE_ON; /* nothing can be ordered any more */
		fail(hand, "ha-fence fence status NODE --level N     and again", "the fence process ended: %s",
			strerror(-error));
		return;
	}
	if (report->device == 0) {
		if (in(hand, STAGE_LOOK))
			take_imm(hand, report);
	} else if (report->device <= hand->run.node->device_count) {
		note_feed(hand, report);
		if (in(hand, STAGE_STATUS))
			take_status(hand, report);
		else if (in(hand, STAGE_OFF))
			step_off(hand, FENCE_TOPOLOGY_REPORT, report);
		else if (in(hand, STAGE_ON))
			step_on(hand, fence_repower_report(&hand->repower, ha_now(), report));
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
	if (ha_now() >= hand->run.until)
		fail(hand, "ha-fence test     says more; then try again", "the outlets of %s have not shown it in time",
			hand->run.node->name);
	else if (in(hand, STAGE_OFF))
		step_off(hand, FENCE_TOPOLOGY_TIMER, NULL);
	else if (in(hand, STAGE_LOOK) && ha_now() >= hand->look_at)
		ask_imm(hand);
	else if (in(hand, STAGE_ON))
		step_on(hand, fence_repower_timer(&hand->repower, ha_now()));
	if (!hand->run.over)
		set_timer(hand);
	return 0;
}

static void
prepare(struct hand *hand)
{
	const struct config *config = hand->run.request->config;
	struct fence_topology_config topology;
	struct ha_guid local, peer;
	bool is_local = hand->run.request->node == config->local;

	cli_guids(config, hand->run.request->daemon, &local, &peer);
	hand->expected = is_local ? local : peer;
	hand->identity = (struct fence_plan_config){ .guid_none = hand->run.node->imm.guid_none,
		.own = is_local ? peer : local };
	node_topology_from(config, hand->run.node, &topology);
	topology.action = FENCE_ACTION_OFF;
	topology.by_hand = true;
	hand->names = (struct note_names){ .instance = config->vrrp.name,
		.own = config->nodes[1 - hand->run.request->node].name,
		.peer = hand->run.node->name,
		.vips = "the VIP",
		.action = hand->run.request->action == CLI_FENCE_REBOOT ? FENCE_ACTION_REBOOT : FENCE_ACTION_OFF };
	hand->run.until = hand->run.began + SLACK + config->fence.power_timeout;
	for (unsigned i = 0; i < topology.count; i++) {
		hand->names.devices[i] = hand->run.node->devices[i].name;
		if (hand->run.node->devices[i].level == hand->run.request->level) {
			hand->feeds |= UINT32_C(1) << i;
			hand->run.until += 2 * topology.patience[i];
		} else {
			topology.level[i] = 0; /* of no level */
		}
	}
	fence_topology_init(&hand->topology, &topology);
	fence_repower_init(&hand->repower);
}

static void
begin(struct hand *hand)
{
	switch (hand->run.request->action) {
	case CLI_FENCE_STATUS:
		begin_status(hand);
		break;
	case CLI_FENCE_OFF:
	case CLI_FENCE_REBOOT:
		begin_off(hand);
		break;
	case CLI_FENCE_ON:
		begin_on(hand, hand->feeds);
		break;
	}
	if (!hand->run.over)
		set_timer(hand);
}

void
cli_fence_run_level(const struct cli_fence_request *request, struct cli_fence_outcome *ret)
{
	struct hand hand = { .stage = STAGE_STATUS };

	cli_hand_init(&hand.run, request, ret);
	prepare(&hand);
	if (cli_hand_open(&hand.run, on_report, on_timer, &hand))
		begin(&hand);
	cli_hand_loop(&hand.run);
	cli_hand_close(&hand.run);
}
