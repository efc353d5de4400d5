/* daemon/request.h -- what a client of the control socket asks for.
 *
 * Pure but for jansson's heap. The promise: any bytes may be given; a request that parses has a known name, only
 * arguments of that name, and every value in range. */
#ifndef HA_DAEMON_REQUEST_H
#define HA_DAEMON_REQUEST_H

#include "lib/config.h"
#include "lib/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_BYTES     4096                  /* longest line */
#define REQUEST_PAUSE_MAX (30 * 86400 * HA_SEC) /* longest pause with an end */
#define REQUEST_ERROR     160

enum request_type {
	REQUEST_STATUS,
	REQUEST_HISTORY,
	REQUEST_TEST,
	REQUEST_VERSION,
	REQUEST_METRICS,
	REQUEST_SWITCHOVER,
	REQUEST_STANDBY,
	REQUEST_UNSTANDBY,
	REQUEST_PAUSE,
	REQUEST_RESUME,
	REQUEST_CONFIRM_OFF,
	REQUEST_RELOAD,
	REQUEST_TESTED,
	REQUEST_REEXEC,
	REQUEST_TYPES
};

struct request {
	enum request_type type;
	uint64_t episode;           /* history: 0: all; tested: checks that failed */
	ha_time duration;           /* pause: HA_NEVER: until resume */
	char node[CONFIG_NAME_MAX]; /* confirm-off */
	bool dry;                   /* confirm-off */
	uint64_t claim;             /* confirm-off; 0: dry */
	bool force;                 /* switchover, standby */
};

/* 0 or -EINVAL with the reason in `error`. */
int request_parse(const char *line, size_t length, struct request *ret, char error[REQUEST_ERROR]);
const char *request_name(enum request_type type);
/* Changes nothing: members of the socket's group may ask for it. */
bool request_reads_only(enum request_type type);

#endif
