/* test/sim/checks.h -- sets of health checks that a simulated pair may be configured with.
 *
 * The promise: constant, so that a schedule refers to one by its number. */
#ifndef HA_SIM_CHECKS_H
#define HA_SIM_CHECKS_H

#include "lib/config.h"

#define SIM_CHECKS 8 /* of one set, at most */

enum sim_check_set {
	CHECKS_NONE,
	CHECKS_REFERENCE, /* Tomcat by HTTP on the master, NFS: what the rows use unless they say otherwise */
	CHECKS_GATEWAY,   /* ... and the gateway, required to fence */
	CHECKS_ALWAYS,    /* the service is checked on both nodes */
	CHECKS_WEIGHTS,   /* a service, a script and the power supply change the priority */
	CHECKS_HASTY,     /* one failure is enough, one answer repairs */
	CHECKS_MANY,      /* of each type one */
	CHECK_SETS
};

/* The checks of a set; *ret_count of them. */
const struct config_check *checks_of(enum sim_check_set set, unsigned *ret_count);

#endif
