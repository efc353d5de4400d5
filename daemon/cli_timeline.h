/* daemon/cli_timeline.h -- an episode as a drawing (inline SVG): what both nodes were, when, and what the IMM said.
 *
 * The promise: every mark stands for a step of the episode or for what it says of the time before, at its time; no text
 * of the episode gets out of its place. The drawing has no colour of its own: the page's style sheet gives it one. */
#ifndef HA_DAEMON_CLI_TIMELINE_H
#define HA_DAEMON_CLI_TIMELINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

void cli_timeline_render(FILE *out, const json_t *episode);
/* Has this step a number in the drawing? */
bool cli_timeline_is_key(const json_t *step);
/* Text for HTML: markup and control characters are made harmless. */
void cli_timeline_escape(FILE *out, const char *text);

#endif
