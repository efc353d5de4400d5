/* daemon/memory.h -- what the node must not forget when host or daemon restart (S9's burned permission, power-ups
 * owed).
 *
 * The promise: an answer "durable" is given only after file and directory are on disk; a disk that hangs delays the
 * answer and nothing else. A file that cannot be read costs permissions, it never brings any. */
#ifndef HA_DAEMON_MEMORY_H
#define HA_DAEMON_MEMORY_H

#include "daemon/node.h"

#include <stdbool.h>
#include <stdint.h>

#define MEMORY_FILE  "memory"
#define MEMORY_BYTES 512

/* Read at start (waits for the disk). No file: a new node, all zero, 0. A file that cannot be parsed is moved to
 * "memory.bad" and -EBADMSG returned; with it and with every other error *ret is the safe default. */
int memory_read(const char *state_dir, struct node_memory *ret);
/* What cannot be known is spent (S9). */
void memory_safe_default(struct node_memory *ret);
/* Text of the file, for tests. Returns its length; parse: 0 or -EBADMSG. */
size_t memory_format(const struct node_memory *memory, char buffer[MEMORY_BYTES]);
int memory_parse(const char *text, struct node_memory *ret);

/* Writes in a thread of its own. */
struct memory;

/* 0 or -errno. */
int memory_open(const char *state_dir, struct memory **ret_memory);
/* Waits at most a second for what is queued; a thread that hangs in the kernel is left behind. */
void memory_close(struct memory *memory);
/* For EPOLLIN. */
int memory_fd(const struct memory *memory);
/* Write; a newer one replaces one that has not been begun. Never waits. */
void memory_write(struct memory *memory, const struct node_memory *value, uint32_t token);
/* True and the result of the newest write that ended, once. `result` is 0 or -errno. */
bool memory_result(struct memory *memory, uint32_t *ret_token, int *ret_result);

#endif
