/* daemon/reexec.h -- the running daemon becomes the installed one, in place: same process, VIP and record stay.
 *
 * The promise: nothing that runs is given up before the installed program has accepted the configuration, and only a
 * node at rest is replaced (no claim, no release, no command, no pause), by one of the same name and addresses; the new
 * program resumes by the record (S4), as after a crash, so the worst that a bad upgrade does is a restart by the
 * service manager. */
#ifndef HA_DAEMON_REEXEC_H
#define HA_DAEMON_REEXEC_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct daemon;

struct reexec {
	char program[PATH_MAX]; /* where it was started from: an upgrade puts the new one there */
	char **argv;
	sd_event_source *child, *timer; /* the installed program looks at the configuration */
	int pid;
	uint32_t token;
	bool due; /* the loop has ended for this */
};

/* At the very start, before an upgrade can have replaced the file. `argv` of main(), kept. 0 or -errno. */
int reexec_remember(struct reexec *reexec, char **argv);
/* Children of the program that was here before: reaped when they end. Needs SIGCHLD blocked. */
void reexec_adopt(sd_event *event);
/* `ha-fence reexec`: answers `token`; if all is well the loop ends and reexec.due is set. */
void reexec_request(struct daemon *d, uint32_t token);
void reexec_close(struct reexec *reexec);
/* When everything is closed. Returns -errno only if it failed: then the process has to end. */
int reexec_now(const struct reexec *reexec);

#endif
