/* daemon/record.h -- the record of the runtime directory: what this boot may have put into the kernel (S4).
 *
 * The promise: the file stands, complete, before the first address is asked for, and is deleted only when told so; it
 * survives the daemon and not the boot. One that cannot be read counts as a dirty release, never as none. */
#ifndef HA_DAEMON_RECORD_H
#define HA_DAEMON_RECORD_H

#include "daemon/node.h"
#include "lib/config.h"

#include <net/if.h>

#define RECORD_FILE "record"
#define RECORD_BOOT 64 /* text of a boot id, with its NUL */

struct record_address {
	struct ha_address address;
	uint8_t prefix_length;
	char interface[IF_NAMESIZE];
};

/* Write, or delete for NODE_RECORD_NONE. `boot` from record_boot_id(). 0 or -errno. */
int record_write(const char *runtime_dir, const char *boot, const struct node_record *record,
	const struct record_address *addresses, unsigned count);
/* Read. No file, or one of another boot: NODE_RECORD_NONE; one that cannot be read or parsed: NODE_RECORD_DIRTY and
 * the return value says why. *ret_addresses (freed by the caller; may come NULL) were in the kernel, or may have been.
 */
int record_read(const char *runtime_dir, const char *boot, struct node_record *ret_record,
	struct record_address **ret_addresses, unsigned *ret_count);
/* The same of the file's text, which is written to; for the above and for tests. 0 or -EBADMSG. */
int record_parse(char *text, const char *boot, struct node_record *ret_record, struct record_address **ret_addresses,
	unsigned *ret_count);
/* This boot's id (/proc/sys/kernel/random/boot_id). 0 or -errno. */
int record_boot_id(char ret[RECORD_BOOT]);

#endif
