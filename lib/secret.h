/* lib/secret.h -- files that hold secrets: IMM passwords and the keys of the peer messages.
 *
 * The promise: a file that others can read gives nothing but an error (S11), what was read passes only through buffers
 * that are wiped, and nothing here logs. */
#ifndef HA_LIB_SECRET_H
#define HA_LIB_SECRET_H

#include "lib/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* May a file of this mode hold a secret? Nothing for others; the group may read if it is root's, ours, or the service's
 * ("ha-fenced"), and may never write. */
bool secret_mode_is_safe(const struct stat *st);

/* The first line of `path`, without its end, into `buffer`, terminated. Returns 0, -EPERM (others can read it),
 * -ENODATA (empty), -EMSGSIZE (does not fit), -EILSEQ (a NUL or control byte), or -errno of the file. The caller wipes.
 */
int secret_read_line(const char *path, char *buffer, size_t size);

/* What a fence agent must be told in secret, as lines for its stdin: the first line of `path` as "password=...",
 * further lines KEY=VALUE as they are; # comments behind the first. Returns 0, -EPERM, -ENODATA, -EMSGSIZE, -EILSEQ (a
 * control byte, or a further line that is no KEY=VALUE), or -errno of the file. The caller wipes. */
int secret_read_options(const char *path, char *buffer, size_t size);

/* The keys of `path`: lines of 64 hexadecimal digits, # comments. Returns 0, -EPERM, -ENODATA (no key), -EMSGSIZE (more
 * than CONFIG_KEYS), -EILSEQ (*ret_line is no key; set with this error only), or -errno of the file. */
int secret_read_keys(const char *path, struct config_key keys[CONFIG_KEYS], unsigned *ret_count, unsigned *ret_line);

/* -EPERM if `path` can be looked at and is too open; else 0. Reads nothing: for processes that must not know it. */
int secret_look(const char *path);

/* Hexadecimal digits into bytes. Returns the number of bytes, or -EINVAL (odd number, other characters, too many). */
int secret_parse_hex(const char *text, size_t length, uint8_t *ret, size_t size);

#endif
