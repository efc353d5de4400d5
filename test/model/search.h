/* test/model/search.h -- breadth first through every state of a root, once each, to a depth and a number of faults.
 *
 * The promise: a counterexample that is found is a shortest one, in moves; a run that ends without one has seen every
 * state within its bounds, or says that it has not. */
#ifndef HA_MODEL_SEARCH_H
#define HA_MODEL_SEARCH_H

#include "test/model/world.h"

#include <stddef.h>

struct search_limits {
	unsigned depth, faults;
	size_t states; /* more do not fit */
	unsigned ways; /* counterexamples; then the other roots are left out */
};

struct search_result {
	size_t states, moves; /* different states; moves made */
	unsigned depth;       /* reached whole */
	bool whole;           /* no state is left: the depth did not bound it */
	bool full;            /* more states than allowed */
	enum model_fault wrong;
};

/* From m->world. Prints the counterexample, if there is one. Returns 0 or -ENOMEM. */
int search(struct model *m, const struct search_limits *limits, struct search_result *ret);

#endif
