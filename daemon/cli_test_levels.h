/* daemon/cli_test_levels.h -- the levels behind the peer's IMM in `ha-fence test`: each outlet's state, by its agent.
 *
 * The promise: the agents are asked for the state and for nothing else. */
#ifndef HA_DAEMON_CLI_TEST_LEVELS_H
#define HA_DAEMON_CLI_TEST_LEVELS_H

#include "daemon/cli_worker.h"
#include "lib/config.h"

#include <jansson.h>

struct cli_test_levels {
	const struct config_node *peer;
	unsigned answers;
	bool answered[CONFIG_DEVICES];
	struct fence_report reports[CONFIG_DEVICES];
};

/* Asks all outlets of `peer`; their answers are those with a device number. 0 or -errno. */
int cli_test_levels_begin(
	struct cli_test_levels *levels, const struct config_node *peer, struct cli_worker *worker, ha_time until);
void cli_test_levels_take(struct cli_test_levels *levels, const struct fence_report *report);
/* All outlets have answered. */
bool cli_test_levels_done(const struct cli_test_levels *levels);
/* Adds a result for each outlet, and one for the feeds of each level; none without outlets. `heard`: the peer is. */
void cli_test_levels_judge(const struct cli_test_levels *levels, bool heard, json_t *results);

#endif
