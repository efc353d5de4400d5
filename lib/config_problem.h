/* lib/config_problem.h -- errors and warnings of the configuration, collected.
 *
 * The promise: each is complete text when added (file, line, column, source line, caret, hint), so that it outlives the
 * sources; the number is bounded, and what exceeds it is counted. */
#ifndef HA_LIB_CONFIG_PROBLEM_H
#define HA_LIB_CONFIG_PROBLEM_H

#include "lib/config.h"

#define CONFIG_PROBLEMS_MAX 100

struct config_place {
	const char *path; /* NULL: no place; line 0: the file as a whole */
	unsigned line, column;
	const char *source; /* the source line's beginning; NULL: unknown */
	size_t source_length;
	size_t length; /* how much to underline; at least 1 is */
};

enum config_severity { CONFIG_ERROR, CONFIG_WARNING };

struct config_problems *config_problems_new(void);
/* `hint` may be NULL or of several lines, each is indented. The text is what `format` gives, one line. */
void config_problem_add(struct config_problems *problems, enum config_severity severity,
	const struct config_place *place, const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Edit distance with transpositions, upper and lower case the same; at most `limit` + 1. */
unsigned config_distance(const char *a, const char *b, unsigned limit);
/* The one of `words` (NULL-terminated) that was probably meant, or NULL. */
const char *config_meant(const char *word, const char *const *words);

#endif
