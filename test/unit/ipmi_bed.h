/* test/unit/ipmi_bed.h -- our IPMI shell with the real library and a real (simulated) IMM on loopback, and a proxy
 * between the two. */
#ifndef HA_TEST_IPMI_BED_H
#define HA_TEST_IPMI_BED_H

#include "fence/ipmi.h"
#include "test/unit/imm.h"
#include "test/unit/imm_proxy.h"

#include <check.h>

#define REPORTS       4096
#define LOGIN_TIMEOUT (3 * HA_SEC)

struct bed {
	struct imm imm;
	sd_event *event;
	struct proxy proxy;
	struct config_imm config;
	ha_time monitor_interval;
	struct fence_ipmi *ipmi;
	struct fence_report reports[REPORTS];
	unsigned count;
	uint32_t token;
};

extern struct bed *bed; /* each test runs in a process of its own */

/* For a checked fixture: the IMM and the proxy run, bed->config is right and may be spoilt before log_in(). */
void bed_setup(void);
void bed_teardown(void);
/* Run `suite`, or say why it cannot run here; the exit status of a test program. */
int bed_main(Suite *suite);

void open_ipmi(void);
/* ... and wait for the first reading. Returns the session. */
uint64_t log_in(void);

/* The event loop: for at most 10 ms, for a while. */
void bed_step(void);
void run_for(ha_time time);

/* Give an order; returns its token. give_order() allows 200 ms for it to leave. */
uint32_t give_order(enum fence_order_type type, uint64_t session);
uint32_t give_order_until(enum fence_order_type type, uint64_t session, ha_time not_after);
struct fence_report read_power(void);

/* The one answer to an order; find_answer(): NULL if there is none yet. */
const struct fence_report *find_answer(uint32_t token);
const struct fence_report *wait_answer(uint32_t token, ha_time limit);

/* The first DEVICE report with `error` (and a power reading, if asked for) from report `from` on. */
const struct fence_report *wait_device(enum fence_error error, bool reading, unsigned from, ha_time limit);

void assert_never_off(void);

#endif
