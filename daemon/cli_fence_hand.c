#include "daemon/cli_fence_hand.h"

#include <string.h>

const struct fence_facts cli_hand_facts = {
	.fit = true,
	.probes_answered = true,
	.after_over = true,
	.delays_over = true,
	.credit = true,
	.heard = true,
	.heard_since_loss = true,
	.wire_silent = true,
	.remembered = true,
};

void
cli_hand_init(struct cli_hand *hand, const struct cli_fence_request *request, struct cli_fence_outcome *ret)
{
	*ret = (struct cli_fence_outcome){ .rtt_ms = -1 };
	*hand = (struct cli_hand){ .request = request,
		.outcome = ret,
		.node = &request->config->nodes[request->node],
		.worker = { .fd = -1 },
		.began = ha_now() };
}

bool
cli_hand_open(struct cli_hand *hand, cli_worker_handler on_report, sd_event_time_handler_t on_timer, void *userdata)
{
	const struct config *config = hand->request->config;
	int r = sd_event_new(&hand->event);

	if (r >= 0)
		r = sd_event_add_time(hand->event, &hand->timer, CLOCK_BOOTTIME, hand->until, 1, on_timer, userdata);
	/* The worker commands its peer's IMM: it is started as the other node. */
	if (r >= 0)
		r = cli_worker_open(&hand->worker, hand->event, config->path,
			config->nodes[1 - hand->request->node].name, false, on_report, userdata);
	if (r < 0)
		cli_hand_fail(hand, "is it installed? " CLI_FENCE_PROGRAM, "the fence process cannot be started: %s",
			strerror(-r));
	return r >= 0;
}

void
cli_hand_loop(struct cli_hand *hand)
{
	if (!hand->over)
		(void)sd_event_loop(hand->event);
}

void
cli_hand_over(struct cli_hand *hand)
{
	hand->over = true;
	if (hand->event)
		(void)sd_event_exit(hand->event, 0);
}

void
cli_hand_close(struct cli_hand *hand)
{
	cli_worker_close(&hand->worker);
	sd_event_source_unref(hand->timer);
	sd_event_unref(hand->event);
	hand->outcome->ms = (double)(ha_now() - hand->began) / (double)HA_MS;
}

void
cli_hand_set_timer(struct cli_hand *hand, ha_time next)
{
	(void)sd_event_source_set_time(hand->timer, ha_time_min(next, hand->until));
	(void)sd_event_source_set_enabled(hand->timer, SD_EVENT_ONESHOT);
}

void
cli_hand_problem(struct cli_hand *hand, const char *remedy, const char *format, va_list arguments)
{
	struct cli_problem *problem = &hand->outcome->problem;

	(void)vsnprintf(problem->text, sizeof(problem->text), format, arguments);
	(void)snprintf(problem->remedy, sizeof(problem->remedy), "%s", remedy);
}

void
cli_hand_fail(struct cli_hand *hand, const char *remedy, const char *format, ...)
{
	va_list arguments;

	if (hand->over)
		return;
	va_start(arguments, format);
	cli_hand_problem(hand, remedy, format, arguments);
	va_end(arguments);
	cli_hand_over(hand);
}

void
cli_hand_say(const struct cli_hand *hand, const char *format, ...)
{
	va_list arguments;

	if (!hand->request->progress)
		return;
	(void)fprintf(hand->request->progress, "%+9.3f  ", (double)(ha_now() - hand->began) / (double)HA_SEC);
	va_start(arguments, format);
	(void)vfprintf(hand->request->progress, format, arguments);
	va_end(arguments);
	(void)fputc('\n', hand->request->progress);
	(void)fflush(hand->request->progress);
}
