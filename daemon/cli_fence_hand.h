/* daemon/cli_fence_hand.h -- what a run by hand needs, by the IMM (daemon/cli_fence_run.c) or by outlets
 * (daemon/cli_fence_level.c): a loop with a fence process of its own, lines of progress, an end.
 *
 * The promise: cli_hand_close() leaves no process and no descriptor, however the run ended. */
#ifndef HA_DAEMON_CLI_FENCE_HAND_H
#define HA_DAEMON_CLI_FENCE_HAND_H

#include "daemon/cli_fence.h"
#include "daemon/cli_worker.h"
#include "fence/permit.h"

#include <stdarg.h>

struct cli_hand {
	const struct cli_fence_request *request;
	struct cli_fence_outcome *outcome;
	const struct config_node *node;
	sd_event *event;
	sd_event_source *timer;
	struct cli_worker worker;
	ha_time began, until;
	bool over;
};

/* Everything that the daemon would have to prove (S9); here a person has decided. */
extern const struct fence_facts cli_hand_facts;

/* The run begins now; `ret` is empty. */
void cli_hand_init(struct cli_hand *hand, const struct cli_fence_request *request, struct cli_fence_outcome *ret);
/* The loop, its timer, due at hand->until, and the fence process. False: it failed. */
bool cli_hand_open(
	struct cli_hand *hand, cli_worker_handler on_report, sd_event_time_handler_t on_timer, void *userdata);
/* Until cli_hand_over(). */
void cli_hand_loop(struct cli_hand *hand);
void cli_hand_over(struct cli_hand *hand);
void cli_hand_close(struct cli_hand *hand);

void cli_hand_set_timer(struct cli_hand *hand, ha_time next);
/* Over, unless it already was: why it failed, and what to do. */
void cli_hand_fail(struct cli_hand *hand, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Only that, not yet over. */
void cli_hand_problem(struct cli_hand *hand, const char *remedy, const char *format, va_list arguments);
/* A line of progress, if anybody wants to read it. */
void cli_hand_say(const struct cli_hand *hand, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
