/* lib/log.h -- one line for people, fields for machines.
 *
 * The promise: logging never fails, never allocates after ha_log_open() and never blocks the caller: under systemd the
 * journal's datagram socket is used without waiting, elsewhere stderr; what cannot be written at once is counted and
 * dropped. */
#ifndef HA_LIB_LOG_H
#define HA_LIB_LOG_H

#include <stdbool.h>
#include <syslog.h>

/* `identifier` ("ha-fenced") must stay alive. With `debug`, LOG_DEBUG lines are written too. */
void ha_log_open(const char *identifier, bool debug);
void ha_log_close(void);

/* `priority` is LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO or LOG_DEBUG. No newline at the end. */
void ha_log(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with structured journal fields: `fields` is a NULL-terminated array of "HA_CLAIM=7f3a09c1" strings. */
void ha_log_fields(int priority, const char *const *fields, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Lines dropped since the start. */
unsigned long ha_log_dropped(void);

#endif
