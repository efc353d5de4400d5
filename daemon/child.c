#include "daemon/child.h"

#include "lib/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define CHILD_FAILED 126

int
child_user_find(const char *name, struct child_user *ret)
{
	*ret = (struct child_user){ 0 };
	if (!ha_worker_may_change_user())
		return 0; /* then it runs as us, without our capabilities */
	errno = 0;
	const struct passwd *user = getpwnam(name);
	if (user == NULL)
		return errno != 0 ? -errno : -ENOENT;
	*ret = (struct child_user){ .uid = user->pw_uid, .gid = user->pw_gid, .set = 1 };
	return 0;
}

/* After fork: async-signal-safe calls only, we have threads. */
static void
become_plain(void)
{
	sigset_t none;
	struct sched_param plain = { 0 };
	for (int i = 1; i < SIGRTMIN; i++)
		(void)signal(i, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)sched_setscheduler(0, SCHED_OTHER, &plain);
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	ha_worker_limit_script();
	int null = open("/dev/null", O_RDWR);
	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
	}
	/* stderr stays: what a script complains about is in the journal. */
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
}

static int
become_user(const struct child_user *user)
{
	if (user->set && (setgroups(1, &user->gid) < 0 || setgid(user->gid) < 0 || setuid(user->uid) < 0))
		return -errno;
	/* A change from one user that is not root to another leaves them. A script of root keeps what our unit allows.
	 */
	return geteuid() == 0 ? 0 : ha_worker_drop_capabilities();
}

int
child_run(const struct child_user *user, char *const *argv, char *const *environment, pid_t *ret_pid)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	static char *const fixed[] = { path, NULL };
	pid_t pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		become_plain();
		if (become_user(user) == 0)
			execve(argv[0], argv, environment != NULL ? environment : fixed);
		_exit(CHILD_FAILED);
	}
	*ret_pid = pid;
	return 0;
}

int
child_syncfs(const char *path, pid_t *ret_pid)
{
	pid_t pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		become_plain();
		int fd = open(path, O_RDONLY | O_DIRECTORY);
		_exit(fd >= 0 && syncfs(fd) == 0 ? 0 : CHILD_FAILED);
	}
	*ret_pid = pid;
	return 0;
}
