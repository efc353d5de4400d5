/* daemon/cli_test.h -- `ha-fence test`: would fencing work tonight?
 *
 * The promise: powers nothing down, adds no address, announces nothing, and is over within CLI_TEST_TIME whatever
 * hangs. Each area (cli_test_*.c) begins on one event loop, so that they wait at the same time, and then adds its
 * results in order. */
#ifndef HA_DAEMON_CLI_TEST_H
#define HA_DAEMON_CLI_TEST_H

#include "daemon/cli_options.h"
#include "daemon/cli_results.h"
#include "daemon/cli_wire.h"
#include "lib/config.h"

#include <systemd/sd-event.h>

#define CLI_TEST_TIME (3600 * HA_MS) /* of the 5 s; the rest is for asking the daemon and for cleaning up */

struct cli_test {
	const struct cli_options *options;
	const struct config *config;
	const json_t *daemon; /* the test result of daemon/control.h; NULL: no daemon runs, or it does not answer */
	struct ha_guid own, expected; /* this machine's and the peer's; unset: unknown */
	sd_event *event;
	ha_time until;
	unsigned waiting; /* areas that are not done: the loop ends at 0 */
	json_t *results;
};

int cli_test(const struct cli_options *options);

/* An area is done; ends the loop when it was the last. */
void cli_test_area_done(struct cli_test *test);
const char *cli_test_peer_name(const struct cli_test *test);

/* The peer's IMM, by a fence process of our own. */
struct cli_test_imm;
int cli_test_imm_begin(struct cli_test *test, struct cli_test_imm **ret);
void cli_test_imm_finish(struct cli_test_imm *imm, struct cli_test *test); /* NULL is fine */

/* The peer, the links, VRRP and the VIPs on the wire. */
struct cli_test_net;
int cli_test_net_begin(struct cli_test *test, struct cli_test_net **ret);
void cli_test_net_finish(struct cli_test_net *net, struct cli_test *test);

/* Shared storage, read by a child each. */
struct cli_test_storage;
int cli_test_storage_begin(struct cli_test *test, struct cli_test_storage **ret);
void cli_test_storage_finish(struct cli_test_storage *storage, struct cli_test *test);

/* Each health check once, by a health process of our own. */
struct cli_test_checks;
int cli_test_checks_begin(struct cli_test *test, struct cli_test_checks **ret);
void cli_test_checks_finish(struct cli_test_checks *checks, struct cli_test *test); /* NULL is fine */

/* What surrounds the pair: proxy ARP, what else manages the interface, the firewall, the way to the IMM, the clock.
 * `root` as below. */
void cli_test_lan_wire(struct cli_test *test, const struct cli_wire *wire);
void cli_test_lan(struct cli_test *test, const char *root);
/* What `ruleset` (nft list ruleset) says about `port`, UDP, and protocol 112: NULL if both can come in, else what
 * cannot. Pure. */
const char *cli_test_lan_firewall(const char *ruleset, unsigned port);

/* What this machine could do behind our back; answers at once. `root` is put before each path ("" but in tests). */
void cli_test_host(struct cli_test *test, const char *root);
void cli_test_vip_static(json_t *results, const struct config *config, const char *root);
/* Without net.ipv4.conf.*.promote_secondaries the kernel removes with an address all others of its network that were
 * added after it: a VIP may become the primary one, and this node's own address the secondary. `config` has a local
 * node. */
void cli_test_promote(json_t *results, const struct config *config, const char *root);

#endif
