/* daemon/cli_timeline.h -- an episode as a drawing (inline SVG): what both nodes were, when, and what the IMM said.
 *
 * The promise: every mark stands for a step of the episode or for what it says of the time before, at its time; no text
 * of the episode gets out of its place. The drawing has no colour of its own: the page's style sheet gives it one. */
#ifndef HA_DAEMON_CLI_TIMELINE_H
#define HA_DAEMON_CLI_TIMELINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* What a mark looks like, in the drawing and in its legend; the class says the rest. */
#define CLI_MARK_TICK     "<path d=\"M0 -7V7\"/>"
#define CLI_MARK_CROSS    "<path d=\"M-5 -5L5 5M-5 5L5 -5\"/>"
#define CLI_MARK_DOT      "<circle r=\"5\"/>"
#define CLI_MARK_RING     "<circle r=\"4.5\"/>"
#define CLI_MARK_DOWN     "<path d=\"M-7 -6H7L0 7Z\"/>"
#define CLI_MARK_UP       "<path d=\"M-7 6H7L0 -7Z\"/>"
#define CLI_MARK_QUESTION "<path d=\"M-5 0L0 -6L5 0L0 6Z\"/>"

void cli_timeline_render(FILE *out, const json_t *episode);
/* Has this step a number in the drawing? */
bool cli_timeline_is_key(const json_t *step);
/* Text for HTML: markup and control characters are made harmless. */
void cli_timeline_escape(FILE *out, const char *text);

#endif
