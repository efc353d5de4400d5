/* lib/program.h -- may a program of the configuration be run?
 *
 * The promise: a program is named as unsafe if somebody besides its owner and root could put another in its place. It
 * looks at modes, follows symbolic links, asks nobody (no name service), and runs nothing. */
#ifndef HA_LIB_PROGRAM_H
#define HA_LIB_PROGRAM_H

#include <limits.h>

/* `command` begins with the program's absolute path; what follows a blank are its arguments. 0; -EPERM, with the file
 * or the folder that others can write in ret_culprit; or another -errno: it cannot be looked at. */
int program_check(const char *command, char ret_culprit[PATH_MAX]);

#endif
