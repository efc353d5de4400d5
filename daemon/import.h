/* daemon/import.h -- what two keepalived.conf say, as an ha-fenced.conf needs it.
 *
 * The promise: every statement of the instance is carried over or named in a note with the reason; what the nodes say
 * differently and ha-fenced wants the same is an error, never a guess. */
#ifndef HA_DAEMON_IMPORT_H
#define HA_DAEMON_IMPORT_H

#include "daemon/keepalived_parse.h"
#include "daemon/setup.h"

#define IMPORT_ERROR 512

struct import_note {
	const char *text; /* "FILE:LINE: what: why" */
	const char *what; /* the same without its place: said once for both nodes */
	bool lost;        /* not carried over; else: carried, but to be known */
};

struct import {
	struct arena *arena;
	const char *instance; /* the one wanted; NULL: there is one only, or one sync group */
	struct setup *setup;
	struct arena_list notes; /* struct import_note */
	char error[IMPORT_ERROR];
};

/* Trees of the first and of the second node (NULL: only one is known). Fills import->setup and notes. 0, or -EINVAL
 * with the reason in `error`. */
int import_run(struct import *import, struct keepalived_item *first, struct keepalived_item *second);

/* import_checks.c: tracked interfaces, scripts, processes and files of the instance, into setup->checks. */
void import_checks(struct import *import, struct keepalived_item *root, struct keepalived_item *from);
/* import_notify.c: scripts and FIFO. */
void import_notify(struct import *import, struct keepalived_item *root, struct keepalived_item *instance);

/* import_explain.c: a note for each statement that nothing has looked at, so that none is lost in silence: of the
 * instance or one of its group's, of the block of a script or process that is tracked, of the rest of the file. `group`
 * is the sync group that was carried, or NULL. */
void import_explain_instance(struct import *import, struct keepalived_item *instance);
void import_explain_tracked(struct import *import, struct keepalived_item *block);
void import_explain_file(struct import *import, struct keepalived_item *root, struct keepalived_item *chosen,
	struct keepalived_item *group);

/* For these: a note about a statement. */
void import_note(struct import *import, const struct keepalived_item *item, const char *why, bool lost);
void import_lost(struct import *import, const struct keepalived_item *item, const char *why);
void import_told(struct import *import, const struct keepalived_item *item, const char *what);
/* A value for `key`; refused with a note if it is too long or not what the key takes. */
void import_set(struct import *import, const struct keepalived_item *item, enum setup_key key, const char *value);

#endif
