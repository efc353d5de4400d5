/* daemon/file.h -- small files that are either the old one or the new one, never half of each.
 *
 * The promise: file_replace() leaves the file complete, whatever happens at whatever moment. */
#ifndef HA_DAEMON_FILE_H
#define HA_DAEMON_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Write `length` bytes to `name` in directory `directory` (made if missing), mode 0600. `durable`: returns after file
 * and directory are on disk. 0 or -errno. */
int file_replace(const char *directory, const char *name, const char *data, size_t length, bool durable);
/* The whole file, terminated by a NUL that does not count in *ret_length (may be NULL); the caller frees it.
 * -EFBIG: longer than `max`. 0 or -errno. */
int file_read(const char *directory, const char *name, size_t max, char **ret_data, size_t *ret_length);
/* 0 also if there is none. */
int file_remove(const char *directory, const char *name);

#endif
