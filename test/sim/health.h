/* test/sim/health.h -- the health process of a host, and the daemon's part of it with the real verdicts
 * (health/verdict.h).
 *
 * The promise: what a check answers follows from the host as it is (its services, its storage, its cables); what the
 * node is told follows from the answers by the code that the daemon runs. */
#ifndef HA_SIM_HEALTH_H
#define HA_SIM_HEALTH_H

#include "health/verdict.h"
#include "test/sim/checks.h"

struct world;

struct sim_check {
	bool running;
	uint32_t token, ordered; /* of the run under way, of the next one; 0: by schedule, none */
	uint32_t runs;           /* by schedule; an older one is void */
	struct health_report report;
};

struct sim_health {
	bool up, hung, master; /* the process; what it was told */
	bool matches;          /* the daemon takes its results */
	uint32_t process;
	ha_time began; /* the host's clock */
	struct sim_check checks[SIM_CHECKS];
	/* The daemon's part. */
	struct health_verdict verdict;
	struct health_round rounds[2];
	uint32_t questions[2], token;
	struct health_state told;
	ha_time armed; /* a look at the clock is under way */
};

/* With the daemon: the state that it tells the node before anything else. */
void health_start(struct world *w, unsigned host);
void health_end(struct world *w, unsigned host);
/* After each step of the node. */
void health_mode(struct world *w, unsigned host, bool master);
/* A new configuration is in force. */
void health_configure(struct world *w, unsigned host);
void health_restart(struct world *w, unsigned host); /* killed, started again */
void health_hang(struct world *w, unsigned host);
/* What the node asks for. */
void health_probe(struct world *w, unsigned host, enum health_round_kind kind, uint32_t question);

#endif
