/* test/unit/config_pair.h -- the configuration of the reference pair, to be loaded as it is or with one line replaced.
 */
#ifndef HA_TEST_CONFIG_PAIR_H
#define HA_TEST_CONFIG_PAIR_H

#include "lib/config_internal.h"

/* The reference pair, a setting a line, so that a case can replace one. */
extern const char reference[];

/* `reference` with `line` replaced by `text` (line 0: as it is). Owned by the caller. */
char *with_line(unsigned line, const char *text);

struct loaded {
	struct config *config;
	struct config_problems *problems;
	int result;
};

/* From memory, as "t.conf"; load() as NodeA. To be given to unload(). */
struct loaded load_flags(const char *text, const char *node, const char *host, unsigned flags);
struct loaded load(const char *text);
void unload(struct loaded *loaded);

/* All problems in one text, for a failing test to show. Owned by the caller. */
char *problems_text(const struct config_problems *problems);

void expect_good(struct loaded *loaded);
/* One of the problems says `words`. */
void expect_problem(struct loaded *loaded, const char *words);

#endif
