/* daemon/cli_write.h -- a file that the user named, or that belongs beside one, and that cannot be written.
 *
 * The promise: the message names what is in the way, and the line below it what to type. */
#ifndef HA_DAEMON_CLI_WRITE_H
#define HA_DAEMON_CLI_WRITE_H

/* Why `path` could not be created (`error`: -errno), as cli_error(). `exists`: what to do if it is there already, and
 * is no directory. Returns CLI_EXIT_FAILED. */
int cli_write_failed(const char *path, int error, const char *exists);
/* Can a new file be created at `path`, as far as one can tell beforehand? 0 or -errno (-EEXIST: it is there). */
int cli_write_possible(const char *path);

#endif
