/* daemon/release.h -- the work behind the VIP: managed units, the release script, the shared file systems (S3).
 *
 * The promise: "proven" is said only when every managed unit's cgroup is empty, the release script ended with 0 and
 * syncfs returned for every NFS path, all after the stop was asked for. Whatever hangs makes it "not proven" at the
 * deadline and is never waited for. Nothing to stop: proven at once. */
#ifndef HA_DAEMON_RELEASE_H
#define HA_DAEMON_RELEASE_H

#include "lib/config.h"
#include "lib/time.h"

#include <stdbool.h>
#include <systemd/sd-event.h>

struct release;

/* `proven` false: *reason says what did not end. */
typedef void (*release_handler)(void *userdata, bool proven, const char *reason);

/* `config` must stay valid until release_configure() or release_close(). 0 or -errno; a bus that is not there is no
 * error, but then units cannot be proven stopped. */
int release_open(sd_event *event, const struct config *config, release_handler handler, void *userdata,
	struct release **ret_release);
void release_configure(struct release *release, const struct config *config);
void release_close(struct release *release);

/* Start the units in their order, each after the one before. Ends a stop that is under way (without an answer). */
void release_start(struct release *release);
/* Stop units in reverse order, then the script, then syncfs; answered once, by `deadline` at the latest, never from
 * inside this call. A stop under way starts anew. */
void release_stop(struct release *release, ha_time deadline);

#endif
