/* health/probe.h -- what every kind of check is to the health process, and what the kinds share.
 *
 * The promise: a probe that was started answers once, or is stopped; nothing here waits, whatever is probed. */
#ifndef HA_HEALTH_PROBE_H
#define HA_HEALTH_PROBE_H

#include "health/report.h"
#include "lib/config.h"

#include <systemd/sd-event.h>

struct health_http;   /* health/http.c: one curl multi handle */
struct health_bus;    /* health/unit.c: one connection to the system bus */
struct health_runner; /* health/script.c: the process that starts scripts */

/* Made when the first check needs it. */
struct health_shared {
	sd_event *event;
	const char *node, *user; /* the local node's name; who runs scripts */
	struct health_http *http;
	struct health_bus *bus;
	struct health_runner *runner;
};

struct health_probe;

struct health_kind {
	/* Once, still with every privilege: a socket that needs one is opened here. Failing is no error of the
	 * process: start() says what is missing. */
	void (*open)(struct health_probe *probe);
	/* Begin; health_probe_answer() comes later, or before this returns. */
	void (*start)(struct health_probe *probe);
	/* The deadline has come: no answer is wanted any more. */
	void (*stop)(struct health_probe *probe);
	/* Is one that was stopped still there? start() would fail. NULL: never. */
	bool (*is_busy)(const struct health_probe *probe);
	void (*close)(struct health_probe *probe);
};

struct health_probe {
	const struct config_check *check;
	const struct health_kind *kind;
	struct health_shared *shared;
	void (*answer)(struct health_probe *probe, enum health_result result, const char *detail);
	void *state; /* the kind's own */
};

extern const struct health_kind health_http, health_tcp, health_nfs, health_link, health_ping, health_unit,
	health_script, health_file, health_imm;

const struct health_kind *health_kind_of(enum config_check_type type);
void health_probe_answer(struct health_probe *probe, enum health_result result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void health_http_free(struct health_http *http);
void health_bus_free(struct health_bus *bus);
void health_runner_free(struct health_runner *runner);

#endif
