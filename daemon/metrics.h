/* daemon/metrics.h -- what the daemon counts for `ha-fence metrics`, beside what its status shows.
 *
 * The promise: counting neither allocates nor fails; a counter only grows while the daemon runs. */
#ifndef HA_DAEMON_METRICS_H
#define HA_DAEMON_METRICS_H

#include "daemon/node.h"

#include <jansson.h>

#define METRICS_BUCKETS 10
#define METRICS_TESTED                                                                                                 \
	"tested" /* in the state directory: when `ha-fence test` ran last, and how many checks failed                  \
		  */

enum metrics_action_result {
	METRICS_OFF_ANSWERED,
	METRICS_OFF_REFUSED,
	METRICS_OFF_NO_ANSWER,
	METRICS_OFF_NOT_SENT,
	METRICS_ON_SENT,
	METRICS_ON_SEEN,
	METRICS_ON_FAILED,
	METRICS_ACTIONS
};

struct metrics_histogram {
	uint64_t counts[METRICS_BUCKETS + 1]; /* of values up to each bound; the last: above all of them */
	ha_time sum;
};

struct metrics {
	uint64_t adverts_sent;
	ha_time advert_at; /* when the newest was sent; 0: none since the state changed */
	struct metrics_histogram lateness, outages, fences;
	uint64_t failovers[NODE_PROOFS]; /* by what this node took the VIP with */
	uint64_t actions[METRICS_ACTIONS];
	ha_time fence_began; /* order of the power-down under way; 0: none */
	int64_t tested;      /* wall clock, seconds; 0: never */
	uint64_t test_failures;
};

void metrics_note(struct metrics *metrics, ha_time now, const struct node_note *note, enum node_proof proof);
/* An advert is sent now; `interval`: they are due so often. Priority 0 is the last of its kind. */
void metrics_advert(struct metrics *metrics, ha_time now, ha_time interval, unsigned priority);
/* `ha-fence test` has ended. */
void metrics_tested(struct metrics *metrics, int64_t wall_seconds, uint64_t failures);

/* adverts_sent, advert_lateness, outage and fence_duration {buckets [[bound in s, count up to it]], sum (s), count},
 * failovers [{proof, count}], fence_actions [{action, result, count}], last_test (s, or null), last_test_failures. */
json_t *metrics_json(const struct metrics *metrics);

/* What the file METRICS_TESTED says, at the daemon's start. 0 or -errno; no file is no error. */
int metrics_read_tested(const char *state_dir, struct metrics *metrics);

#endif
