/* daemon/cli_wrap.h -- long lines on a terminal.
 *
 * The promise: no word is cut, and where there is no terminal a line stays one line, for grep. */
#ifndef HA_DAEMON_CLI_WRAP_H
#define HA_DAEMON_CLI_WRAP_H

#include <stdio.h>

/* Columns of the terminal behind `stream`, 80 if it does not tell; 0: it is no terminal. */
int cli_terminal_columns(FILE *stream);
/* `text`, a line of it at a time below each other, each behind `indent` blanks; further ones also behind the "1. " or
 * the blanks that `text` begins with. What stands behind two blanks, a command, is one piece if a line can hold it.
 * `columns` 0: one line. Control characters become '?'. */
void cli_put_wrapped(FILE *out, int columns, int indent, const char *text);

#endif
