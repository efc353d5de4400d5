/* test/unit/health_process.h -- the health process with real servers, scripts, mounts and links, in a network namespace
 * of its own: checks are added, it is started, its answers are compared. */
#ifndef HA_TEST_HEALTH_PROCESS_H
#define HA_TEST_HEALTH_PROCESS_H

#include "health/report.h"
#include "lib/config.h"
#include "test/unit/netns.h"

#include <sys/types.h>

#define CHECKS 500
#define PORT   8080
#define URL    "http://127.0.0.1:8080"

extern struct config_check checks[CHECKS];
extern pid_t worker, server; /* 0: there is none */
extern int health_fd;        /* the daemon's end of the worker's socket */
extern char folder[64];      /* of this test; removed after it, with what is mounted at its "mnt" */

/* For a checked fixture. */
void health_setup(void);
void health_teardown(void);

/* A check with the defaults of a configuration and an interval of an hour, the first is number 0. Before start(). */
struct config_check *add(enum config_check_type type, const char *target);
void start(void);
/* Its socket is closed; it must end with status 0. */
void end_worker(void);

void send_order(const struct health_order *order);
void order_probe(uint32_t number, unsigned index);
struct health_report next_report(void);

/* One probe, ordered; results by schedule are not looked at. */
struct health_report probe(unsigned index);
/* ... and its result, with `detail` somewhere in its words. */
void expect(unsigned index, enum health_result result, const char *detail);

/* On 127.0.0.1; returns the socket. */
int listen_on(uint16_t port);
/* A web server on PORT: what it answers is in the path (/, /slow, /503, /204, /big, /garbage). */
void start_server(void);

#endif
