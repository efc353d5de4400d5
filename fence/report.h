/* fence/report.h -- orders to the fence process and its reports: plain values, and their codec.
 *
 * Pure. The promise: an order or a report that decodes has every field in range; a report never claims more than the
 * process saw. Facts only: what to do with them is decided in fence/plan.c. */
#ifndef HA_FENCE_REPORT_H
#define HA_FENCE_REPORT_H

#include "fence/sensor.h"
#include "lib/guid.h"
#include "lib/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fence_order_type {
	FENCE_ORDER_READ,       /* Get Chassis Status, IPMI 2.0 table 28-3 */
	FENCE_ORDER_POWER_DOWN, /* Chassis Control 0, IPMI 2.0 table 28-4; sent with side effects, once */
	FENCE_ORDER_POWER_UP,   /* Chassis Control 1 */
	FENCE_ORDER_CANCEL,     /* drop whatever is not yet answered; nothing more is sent for it */
	FENCE_ORDER_ALIVE,      /* answered at once by FENCE_REPORT_ALIVE: does the process live? */
	FENCE_ORDER_SENSOR,     /* of one's own IMM: read `sensor`; answered by FENCE_REPORT_SENSOR, by not_after */
	FENCE_ORDER_TYPES
};

struct fence_order {
	enum fence_order_type type;
	uint8_t device;    /* 0: the IMM; i + 1: outlet i of the configuration, through its fence agent */
	uint32_t token;    /* chosen by the daemon; the report carries it back */
	uint64_t session;  /* POWER_DOWN, POWER_UP: only in this session (S10: the one whose GUID was read); READ: 0 =
			      any */
	ha_time not_after; /* if not sent by then: NOT_SENT (an order that is late is never executed) */
	char sensor[FENCE_SENSOR_NAME]; /* SENSOR: its ID string; "": the chassis */
	bool policy;                    /* READ of an IMM: the answer says its power restore policy, too */
};

/* Every class of failure that the administrator can do something different about. */
enum fence_error {
	FENCE_OK,
	FENCE_UNREACHABLE,    /* nothing answers at the IMM's address */
	FENCE_AUTHENTICATION, /* wrong user or password, RAKP refused */
	FENCE_PRIVILEGE,      /* 0xD4, or the requested level is refused */
	FENCE_CIPHER,         /* cipher suite or RMCP+ refused */
	FENCE_SESSIONS,       /* the IMM has no free session */
	FENCE_REFUSED,        /* a completion code other than 0: an answer (completion says which) */
	FENCE_GARBAGE,        /* an answer that cannot be read (short, or not the asked one) */
	FENCE_TIMEOUT,        /* sent, no answer by the deadline: it may have been executed */
	FENCE_NOT_SENT,       /* certainly not sent: late, session changed, no session, cancelled before */
	FENCE_CONFIG,         /* no IMM configured or credentials unreadable */
	FENCE_WORKER,         /* made by the daemon: the fence process is gone */
	FENCE_ERRORS
};

enum fence_power { FENCE_POWER_UNKNOWN, FENCE_POWER_OFF, FENCE_POWER_ON, FENCE_POWERS };

/* What a machine does when its mains return: IPMI 2.0 table 28-3, byte 2, bits 6:5. */
enum fence_policy {
	FENCE_POLICY_UNASKED,
	FENCE_POLICY_ALWAYS_OFF,
	FENCE_POLICY_PREVIOUS, /* as before the loss */
	FENCE_POLICY_ALWAYS_ON,
	FENCE_POLICY_UNKNOWN, /* the IMM does not say */
	FENCE_POLICIES
};

enum fence_report_type {
	FENCE_REPORT_ANSWER, /* the one answer to the order `token` */
	FENCE_REPORT_SENT,   /* the order `token` has left; an ANSWER follows */
	FENCE_REPORT_DEVICE, /* unasked: the device's health changed or was checked (token 0) */
	FENCE_REPORT_ALIVE,  /* of the process, nothing else (token 0) */
	FENCE_REPORT_SENSOR, /* the one answer to the SENSOR order `token`: of one's own IMM, also session and GUID */
	FENCE_REPORT_TYPES
};

struct fence_report {
	enum fence_report_type type;
	uint8_t device; /* as in the order */
	uint32_t token;
	enum fence_error error;
	uint8_t completion;     /* IPMI completion code with FENCE_REFUSED, else 0 */
	enum fence_power power; /* READ, DEVICE */
	uint64_t session; /* of an agent always 1, of an IMM counts up from 1 with every session opened; 0: no session.
			     Asked and answered in it. */
	ha_time session_since; /* when that session was established */
	bool guid_known;       /* the System GUID was read in this session (IPMI 2.0 22.14, Get System GUID) */
	struct ha_guid guid;
	uint8_t privilege;          /* granted level: 2 user, 3 operator, 4 administrator; 0 unknown */
	ha_time asked, answered;    /* when the request left and when its answer came */
	struct fence_sensor sensor; /* SENSOR */
	enum fence_policy restore;  /* ANSWER to a READ that asked for it, with a power state; else UNASKED */
};

#define FENCE_ORDER_BYTES  64
#define FENCE_REPORT_BYTES 128

/* Length written (at most *_BYTES); cannot fail. */
size_t fence_order_encode(const struct fence_order *order, uint8_t buffer[FENCE_ORDER_BYTES]);
size_t fence_report_encode(const struct fence_report *report, uint8_t buffer[FENCE_REPORT_BYTES]);
/* 0 or -EBADMSG. */
int fence_order_decode(const uint8_t *data, size_t length, struct fence_order *ret);
int fence_report_decode(const uint8_t *data, size_t length, struct fence_report *ret);

/* "unreachable", "authentication", ...: the word of JSON and metrics, which never changes. */
const char *fence_error_name(enum fence_error error);
enum fence_error fence_error_named(const char *name); /* FENCE_ERRORS: none has that name */
/* The same for people, of an IMM or an outlet's agent, with that word: "does not answer (unreachable)". */
const char *fence_error_text(enum fence_error error);
const char *fence_power_name(enum fence_power power); /* "unknown", "off", "on" */

#endif
