/* daemon/metrics_text.h -- Prometheus' text format, from the result of the request "metrics" (daemon/control.h).
 *
 * Pure but for jansson's heap. The promise: the text parses whatever names the configuration has; names and labels
 * never change once released; what is not known has no line. */
#ifndef HA_DAEMON_METRICS_TEXT_H
#define HA_DAEMON_METRICS_TEXT_H

#include <jansson.h>
#include <stdio.h>

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* `now`: the wall clock in seconds. */
void metrics_text_write(FILE *out, const json_t *status, double now);

#endif
