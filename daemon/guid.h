/* daemon/guid.h -- this machine's system GUID, as its own IMM reports it (S10).
 *
 * The promise: a GUID that is returned is the configured one or the firmware's; nothing is made up. */
#ifndef HA_DAEMON_GUID_H
#define HA_DAEMON_GUID_H

#include "lib/guid.h"

#define DAEMON_GUID_FILE "/sys/class/dmi/id/product_uuid"

/* `configured` if set, else what `file` says (DAEMON_GUID_FILE), else the service's credential "product_uuid": only
 * root may read the file, and the service is not root. 0 or -errno, *ret then unset. */
int daemon_guid(const struct ha_guid *configured, const char *file, struct ha_guid *ret);

#endif
