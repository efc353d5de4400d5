/* daemon/child.h -- what every child process of the daemon gets and does not get.
 *
 * The promise: a child has none of our descriptors (the lock among them: S4), none of our signals, no real-time
 * priority, its own process group; it never runs with more rights than `user`. */
#ifndef HA_DAEMON_CHILD_H
#define HA_DAEMON_CHILD_H

#include <sys/types.h>

struct child_user {
	uid_t uid;
	gid_t gid;
	int set; /* 0: as we are, but without our capabilities */
};

/* Look up `name` (may read files: at start only). 0, -ENOENT or -errno. */
int child_user_find(const char *name, struct child_user *ret);

/* Fork and execute `argv` (argv[0]: absolute path) with `environment` (NULL: a small fixed one). 0 and *ret_pid, or
 * -errno. */
int child_run(const struct child_user *user, char *const *argv, char *const *environment, pid_t *ret_pid);
/* Fork and syncfs the file system of `path`; status 0: it returned without an error. 0 and *ret_pid, or -errno. */
int child_syncfs(const char *path, pid_t *ret_pid);

#endif
