/* daemon/advice.h -- what each alarm means on this pair, and what to do about it, in words that can be typed.
 *
 * Pure. The promise: every alarm and every refusal has a text and at least one thing to do, with this pair's names and
 * addresses filled in. */
#ifndef HA_DAEMON_ADVICE_H
#define HA_DAEMON_ADVICE_H

#include "daemon/alarm.h"
#include "daemon/differs.h"
#include "daemon/node.h"

#include <stddef.h>

#define ADVICE_TEXT    320
#define ADVICE_LINES   8
#define ADVICE_TROUBLE 200

struct advice_names {
	const char *own, *peer;         /* node names */
	const char *own_imm, *peer_imm; /* addresses of the IMMs */
	const char *vips;               /* "192.168.1.210/24 on enp11s0f0" */
	const char *config;             /* path of the configuration */
	const char *user;               /* IMM user of the peer's IMM */
	char trouble[ADVICE_TROUBLE];   /* which outlet would not help, in words; "": it is the IMM */
	char differs[DIFFERS_TEXT];     /* settings in which the configurations differ; "": not known */
};

/* What it means here. Returns `buffer`. */
const char *advice_text(enum alarm alarm, const struct advice_names *names, char buffer[ADVICE_TEXT]);
/* Line `index` of what to do (0 ...); NULL after the last. Returns `buffer`. */
const char *advice_line(enum alarm alarm, unsigned index, const struct advice_names *names, char buffer[ADVICE_TEXT]);

/* Why a command was done or refused, and what helps ("" if nothing is needed). Return `buffer`. */
const char *advice_reply(enum node_reply reply, const struct advice_names *names, char buffer[ADVICE_TEXT]);
const char *advice_reply_remedy(enum node_reply reply, const struct advice_names *names, char buffer[ADVICE_TEXT]);

/* Names for a text without a configuration: "the peer", "its IMM". */
extern const struct advice_names advice_generic;

#endif
