/* health/verdict.h -- from single answers to what the node needs to know: fit to serve, priority, fit to fence.
 *
 * Pure. The promises:
 *
 * - Silence of the health process is UNKNOWN, and UNKNOWN never turns a state: every check keeps its last one, for ever
 *   (a holder keeps, FAULTS 56). The same for "unknown" from a check of type imm: an IMM that does not answer says
 *   nothing about its server. But a probe that was asked for and has not been answered well by its deadline counts
 * as failed (S9: fit to fence is shown, never assumed).
 * - A single failure moves nothing that was up: `fall` in a row do, and `rise` in a row bring it back. Only the first
 *   answer after the start decides alone.
 * - Until that first answer a check counts as up, but not for a node that does not hold: it waits for the answer, for
 *   the check's timeout and a second at most, before it calls itself fit.
 * - Checks with when = "master" count on the master only and begin there as up; failures within `start_delay` do not
 *   count. One that was down when the VIP was given up keeps that node unfit for HEALTH_AFTERMATH: else two broken
 *   services would hand the VIP to and fro.
 * - Storage counts as the reason of whatever is down, because what uses the storage fails with it, perhaps sooner, and
 *   recovers after it: while a storage check is down or has just failed; until the other check has failed `fall` times
 *   with the storage well; and until the storage has answered a question asked after those failures
 *   began. */
#ifndef HA_HEALTH_VERDICT_H
#define HA_HEALTH_VERDICT_H

#include "health/report.h"
#include "lib/config.h"
#include "lib/time.h"

#include <stdbool.h>
#include <stdint.h>

#define HEALTH_AFTERMATH (60 * HA_SEC)
#define HEALTH_PATIENCE  HA_SEC /* beyond a check's timeout: its report's way */

struct health_check {
	bool answered; /* since the start, or since this node became master */
	bool up;
	unsigned run;      /* answers in a row that speak against `up` */
	ha_time since;     /* of `up`; while not answered, since when it could have been */
	ha_time down_till; /* when = "master", on a backup: unfit until then; 0: not */
	ha_time failing;   /* the newest answer is a failure: when the first of its row was asked; 0: it is not */
	ha_time good_from,
		good_to;  /* when the first and the last of the newest row of good answers were asked; 0: none */
	unsigned own;     /* failures since it was up, with the storage well, ... */
	ha_time own_from; /* ... and when the first of them was asked */
	/* The newest answer, for people: */
	enum health_result result;
	ha_time asked, took; /* asked 0: none yet */
	char detail[HEALTH_DETAIL];
};

struct health_verdict {
	const struct config_check *configured; /* `count`; must outlive this */
	unsigned count;
	uint8_t priority; /* configured, 1..254 */
	bool master;
	ha_time mode_since;
	struct health_check checks[HEALTH_CHECKS];
};

/* The same fields as the daemon's struct node_health. */
struct health_state {
	bool fit;              /* every unweighted check that counts now is up */
	bool storage;          /* if not fit: the reason is storage */
	ha_time storage_since; /* if so: when the storage's first failure was asked; 0: it is well, or on its way to be
				*/
	uint8_t effective_priority;
	bool check_failed; /* any check that counts now is down */
	bool storage_hung; /* a storage check got no answer by its deadline */
};

void health_verdict_init(struct health_verdict *verdict, const struct config_check *checks, unsigned count,
	uint8_t priority, ha_time now);
/* A new configuration: a check of the same name and type keeps its state. The old checks are not used afterwards. */
void health_verdict_reload(struct health_verdict *verdict, const struct config_check *checks, unsigned count,
	uint8_t priority, ha_time now);
/* This node became master, or is it no more. */
void health_verdict_mode(struct health_verdict *verdict, bool master, ha_time now);
/* A result. True: the check went up or down. */
bool health_verdict_report(struct health_verdict *verdict, const struct health_report *report, ha_time now);
/* Does check `index` count now? */
bool health_verdict_counts(const struct health_verdict *verdict, unsigned index);
struct health_state health_verdict_state(const struct health_verdict *verdict, ha_time now);
/* When time alone may change the state; HA_NEVER: only answers do. */
ha_time health_verdict_deadline(const struct health_verdict *verdict, ha_time now);

/* Some checks asked once, now, without hysteresis: what must answer before a power-down (S9), or the storage. */
enum health_round_state { HEALTH_ROUND_NONE, HEALTH_ROUND_OPEN, HEALTH_ROUND_GOOD, HEALTH_ROUND_BAD };
enum health_round_kind { HEALTH_ROUND_REQUIRED, HEALTH_ROUND_STORAGE };

struct health_round {
	enum health_round_state state;
	uint32_t token; /* every order of this round carries it */
	ha_time asked, deadline;
	unsigned missing;
	bool wanted[HEALTH_CHECKS]; /* to be ordered, and not answered yet */
};

/* Begin anew: answers of an earlier round count no more. `token` is not 0 and not that of an earlier one. Without any
 * such check it is good at once. */
void health_round_begin(struct health_round *round, const struct health_verdict *verdict, enum health_round_kind kind,
	uint32_t token, ha_time now);
/* Only an answer to this round, asked after it began, counts. */
void health_round_report(struct health_round *round, const struct health_report *report);
/* The process that was asked is gone: what has not been answered will not be. */
void health_round_lost(struct health_round *round);
/* The deadline (HA_NEVER if not open) has come? */
void health_round_timer(struct health_round *round, ha_time now);
ha_time health_round_deadline(const struct health_round *round);

#endif
