/* daemon/keepalived_expand.h -- parameters and sequences of keepalived.conf(5): $NAME, ~SEQ, ~SEQx, ~LST.
 *
 * The promise: one step at a time, so that whoever calls can count them; a parameter that is not defined stays as it
 * is written, as keepalived leaves it. */
#ifndef HA_DAEMON_KEEPALIVED_EXPAND_H
#define HA_DAEMON_KEEPALIVED_EXPAND_H

#include "daemon/keepalived_text.h"

/* If `line` begins a definition over several lines, all of it joined by newlines, *next behind it and *joined the
 * number of further lines; else `line`. NULL: out of memory. */
char *keepalived_expand_definition(struct keepalived_text *text, char *line, const char **next, unsigned *joined);
/* "$NAME=" at its beginning? */
bool keepalived_expand_is_definition(const char *line);
/* False: out of memory. */
bool keepalived_expand_define(struct keepalived_text *text, char *line);
/* *ret: `line` after one step, perhaps several lines; NULL: nothing to expand. 0 or -EINVAL. `file`: for ${_PWD}. */
int keepalived_expand_step(struct keepalived_text *text, const char *line, const char *file, char **ret);

#endif
