/* daemon/cli_text.h -- words, colours, lengths and times as ha-fence prints them.
 *
 * The promise: colour only where the caller asked for it (cli_colour() asks only on a terminal and honours NO_COLOR),
 * and nothing that came from elsewhere can send control characters to the terminal. */
#ifndef HA_DAEMON_CLI_TEXT_H
#define HA_DAEMON_CLI_TEXT_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <jansson.h>

#define CLI_LENGTH_TEXT 32

enum cli_tone { CLI_PLAIN, CLI_GOOD, CLI_WARN, CLI_BAD };

/* May `stream` get colour? A terminal, TERM not "dumb", NO_COLOR not set (no-color.org). */
bool cli_colour(FILE *stream);
/* `word` in the colour of `tone`, then blanks up to `width` columns. */
void cli_paint(FILE *out, bool colour, enum cli_tone tone, int width, const char *word);
/* Text from elsewhere: control characters become '?'. */
void cli_put(FILE *out, const char *text);
/* Columns of UTF-8 text on the screen, for tables (combining and wide characters count one). */
int cli_columns(const char *text);

/* "0.1 s", "42 s", "6 min 12 s", "5 h 3 min", "3d 22h". Negative: "-". */
const char *cli_length(double seconds, char buffer[CLI_LENGTH_TEXT]);
/* "0.3 ms", "14 ms", "1.2 s". Negative: "-". */
const char *cli_milliseconds(double ms, char buffer[CLI_LENGTH_TEXT]);
/* Local time: "03:14:09" if it is less than 20 hours before `now`, else "2026-11-02 04:40". */
const char *cli_moment(double wall, time_t now, char buffer[CLI_LENGTH_TEXT]);

/* Members of a JSON object; a missing one, null, one of another kind or a number beyond 1e15, which would fit no
 * integer, gives the default. Strings live as long as the object. */
const char *cli_json_string(const json_t *object, const char *key, const char *otherwise);
double cli_json_number(const json_t *object, const char *key, double otherwise);
bool cli_json_bool(const json_t *object, const char *key);
bool cli_json_is_null(const json_t *object, const char *key); /* missing or null */

/* `text` and, under it, what to do; `remedy` NULL or "": none. To stderr, as every error of ha-fence. */
void cli_error(const char *text, const char *remedy);
/* Asks on the terminal; true only if `wanted` is typed in full. False without a terminal, saying what to do. */
bool cli_confirm(const char *question, const char *wanted);
/* One JSON value on stdout, indented on a terminal, one line otherwise. */
void cli_print_json(const json_t *value);

#endif
