/* daemon/history_file.h -- episodes on disk: STATE_DIR/history.
 *
 * The promise: whatever bytes stand in the file, every record that is whole is read and nothing else; losing power in
 * the midst of an append loses that record, and a bit that flips loses the record it is in.
 *
 * A record is an episode as JSON (daemon/control.h) on a line of its own, with a newline before it and after it:
 *
 *   CRC32 of the JSON as 8 hexadecimal digits, a blank, the JSON
 *
 * An episode that goes on is appended again; its newest record counts. The file never grows beyond HISTORY_FILE_MAX:
 * before it would, it is replaced by one with the newest episodes only. */
#ifndef HA_DAEMON_HISTORY_FILE_H
#define HA_DAEMON_HISTORY_FILE_H

#include <jansson.h>
#include <stddef.h>

#define HISTORY_FILE      "history"
#define HISTORY_FILE_MAX  (1024 * 1024)
#define HISTORY_FILE_KEPT (512 * 1024) /* at most, when it is replaced */

/* Waits for the disk. 0 or -errno (-ENOSPC, -EACCES ...): then nothing of it is left in the file. */
int history_file_append(const char *state_dir, const json_t *episode);
/* *ret: all episodes, by their number, oldest first; to be freed by the caller. *ret_lost: lines that are no record.
 * 0 or -errno; no file is no error. */
int history_file_read(const char *state_dir, json_t **ret, unsigned *ret_lost);

/* For tests and for the above: the record, to be freed; NULL without memory. */
char *history_file_record(const json_t *episode, size_t *ret_length);
json_t *history_file_parse(const char *data, size_t length, unsigned *ret_lost);

#endif
