/* daemon/cli_guid.h -- which machine is which, as far as it is known here (S10).
 *
 * The promise: a GUID that is returned was pinned, configured, read from this machine's firmware, or announced to the
 * running daemon in an authenticated message. */
#ifndef HA_DAEMON_CLI_GUID_H
#define HA_DAEMON_CLI_GUID_H

#include "lib/config.h"
#include "lib/guid.h"

#include <jansson.h>

/* `daemon`: the test result of daemon/control.h, or NULL. Unknown: unset. */
void cli_guids(const struct config *config, const json_t *daemon, struct ha_guid *ret_own, struct ha_guid *ret_peer);

#endif
