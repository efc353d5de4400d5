/* daemon/cli_systemd.h -- what systemd and logind say about this machine, for `ha-fence test`.
 *
 * The promise: asks, changes nothing, and waits for no more than a second altogether. */
#ifndef HA_DAEMON_CLI_SYSTEMD_H
#define HA_DAEMON_CLI_SYSTEMD_H

#include <stddef.h>

#define CLI_SYSTEMD_TEXT 32

struct cli_systemd;

/* -ENOENT: this machine is not run by systemd. Else 0 or -errno of the bus. */
int cli_systemd_open(struct cli_systemd **ret);
void cli_systemd_close(struct cli_systemd *systemd); /* NULL is fine */

/* "enabled", "disabled", "static", "masked" ... as systemctl is-enabled has it; "" if there is no such unit. 0 or
 * -errno. */
int cli_systemd_unit_file(struct cli_systemd *systemd, const char *unit, char ret[CLI_SYSTEMD_TEXT]);
/* logind's HandlePowerKey: "ignore", "poweroff" ... 0 or -errno. */
int cli_systemd_power_key(struct cli_systemd *systemd, char ret[CLI_SYSTEMD_TEXT]);

#endif
