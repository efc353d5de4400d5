/* daemon/differs.h -- in which settings the configuration of the peer is another than ours.
 *
 * Pure. The promise: what is named here differs, by what the peer's newest configuration says of itself, or is a
 * setting that only one of the two releases knows. Nothing is decided by it: it is for words only. */
#ifndef HA_DAEMON_DIFFERS_H
#define HA_DAEMON_DIFFERS_H

#include "lib/config.h"
#include "vrrp/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIFFERS_TOLD 255 /* settings of which a peer can tell */
#define DIFFERS_TEXT 200

struct differs {
	struct config_setting own[CONFIG_SETTINGS];
	unsigned count;
	unsigned next; /* the first of those to be told next */

	/* What the peer has told, of one configuration, under one key. */
	uint64_t incarnation;
	uint8_t config_digest[VRRP_MESSAGE_DIGEST];
	uint8_t key, total;
	unsigned told; /* how many of `total` */
	bool has[DIFFERS_TOLD];
	struct vrrp_setting list[DIFFERS_TOLD];
};

/* Our settings have changed: they are copied, and what the peer has told is forgotten. */
void differs_configure(struct differs *differs, const struct config_setting *own, unsigned count);
/* What the next message tells: a few settings, all of them in turn. */
void differs_tell(struct differs *differs, struct vrrp_settings *ret);
/* Take note of what a message tells. It must be a fresh one. */
void differs_hear(struct differs *differs, const struct vrrp_message *message, const struct vrrp_settings *settings);

/* Whether the setting `own[index]` differs, as far as is known. Of a list whose elements have other names only the
 * names do: what the others would be compared with is not known. */
bool differs_in(const struct differs *differs, unsigned index);
/* How many settings the peer has that this release does not know. */
unsigned differs_unknown(const struct differs *differs);
/* "fence.after, vrrp.advert_int and 3 more"; "" if nothing is known to differ. Returns `buffer`. */
const char *differs_text(const struct differs *differs, char buffer[DIFFERS_TEXT]);

#endif
