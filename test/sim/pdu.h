/* test/sim/pdu.h -- outlets that feed the hosts and their IMMs, and the fence agents that switch them.
 *
 * The promise: a host with outlets has power exactly while one of them is on that feeds it; an agent that was killed
 * may have done its work all the same. */
#ifndef HA_SIM_PDU_H
#define HA_SIM_PDU_H

#include "fence/report.h"
#include "lib/time.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_OUTLETS 4 /* of each host */

struct world;

struct sim_outlet {
	bool on, reachable;
	bool feeds;    /* the machine it is said to feed */
	bool stuck_on; /* says that it obeys */
	ha_time late;  /* it switches off that much later than an agent asks, even if that one was killed; HA_NEVER: not
			  at all */
};

struct sim_agent_run {
	bool used;
	uint32_t token, process;
	enum fence_order_type type;
	ha_time asked; /* the host's clock */
};

struct sim_pdu {
	struct sim_outlet outlets[2][SIM_OUTLETS]; /* of the host that they feed */
	struct sim_agent_run runs[2][SIM_OUTLETS]; /* of the host that asks */
};

void pdu_init(struct world *w);
void pdu_heal(struct world *w);
/* Does anything keep `host` from having power? */
bool pdu_feeds(const struct world *w, unsigned host);
void pdu_switch(struct world *w, unsigned host, unsigned outlet, bool on); /* by hand, or by an agent */
bool pdu_all_off(const struct world *w, unsigned host);
void pdu_order(struct world *w, unsigned host, const struct fence_order *order);
void pdu_monitor(struct world *w, unsigned host); /* a fence process has started */

#endif
