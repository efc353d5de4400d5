/* daemon/setup.h -- what has to be known to write an ha-fenced.conf: for `init`, which asks, and `import`, which finds.
 *
 * The promise: what is written can be read by config_load() once nothing is missing, says in comments what it is, and
 * marks what is missing so that check-config points at it. */
#ifndef HA_DAEMON_SETUP_H
#define HA_DAEMON_SETUP_H

#include "daemon/arena.h"

#include <stdbool.h>
#include <stdio.h>

#define SETUP_TEXT    160
#define SETUP_MISSING "?"

/* Keys of --set, in the order in which they are asked. A and B are the nodes of the file, in its order. */
enum setup_key {
	SETUP_CLUSTER,
	SETUP_NODE_A,
	SETUP_NODE_B,
	SETUP_ADDRESS_A,
	SETUP_ADDRESS_B,
	SETUP_STORAGE_A,
	SETUP_STORAGE_B,
	SETUP_INTERFACE,
	SETUP_INTERFACE_A,
	SETUP_INTERFACE_B,
	SETUP_VIP,
	SETUP_VRID,
	SETUP_IMM_A,
	SETUP_IMM_B,
	SETUP_IMM_USER,
	SETUP_PRIORITY_A,
	SETUP_PRIORITY_B,
	SETUP_INSTANCE,
	SETUP_VERSION,
	SETUP_ADVERT_INT,
	SETUP_AUTH_PASS,
	SETUP_UNICAST,
	SETUP_PREEMPT,
	SETUP_PREEMPT_DELAY,
	SETUP_GARP_REPEAT,
	SETUP_GARP_DELAY,
	SETUP_GARP_REFRESH,
	SETUP_GARP_REFRESH_REPEAT,
	SETUP_NOTIFY,
	SETUP_NOTIFY_MASTER,
	SETUP_NOTIFY_BACKUP,
	SETUP_NOTIFY_FAULT,
	SETUP_NOTIFY_STOP,
	SETUP_NOTIFY_FIFO,
	SETUP_SCRIPT_USER,
	SETUP_KEYS
};

struct setup {
	char value[SETUP_KEYS][SETUP_TEXT]; /* "": not known */
	struct arena_list vips;             /* char *, in ip(8) words */
	struct arena_list checks;           /* char *: one check each, as libconfig text without its braces */
	const char *origin;                 /* "ha-fence init", or the files it was imported from */
	const char *folder;                 /* of the configuration, the key and the passwords */
};

const char *setup_key_name(enum setup_key key);
/* What to ask for; `buffer` of SETUP_TEXT bytes. */
const char *setup_question(const struct setup *setup, enum setup_key key, char *buffer);
/* "name=value" of --set. NULL, or what is wrong with it, in `buffer` of SETUP_TEXT bytes. */
const char *setup_set(struct setup *setup, const char *assignment, char *buffer);
/* Is it needed, and not known? */
bool setup_missing(const struct setup *setup, enum setup_key key);
/* Where nothing is known and nothing has to be asked. */
void setup_defaults(struct setup *setup);
/* VIPs of SETUP_VIP (separated by commas) into `vips`. False: out of memory. */
bool setup_vips(struct setup *setup, struct arena *arena);
void setup_write(const struct setup *setup, FILE *out);

#endif
