#include "lib/worker.h"

#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORKER_FD    3
#define CONFIG_FD    4
#define OPEN_FILE    "/proc/self/fd/"
#define PLAIN_LOCKED ((rlim_t)64 << 10) /* bytes: what kernels before 5.16 give everybody */

int
ha_worker_locate(const char *name, char *ret_path, size_t size)
{
	static const char *const places[] = { "", "../libexec/ha-fenced/" };
	char own[PATH_MAX], path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (n < 0)
		return -errno;
	own[n] = '\0';
	*(strrchr(own, '/') + 1) = '\0';
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int length = snprintf(path, sizeof(path), "%s%s%s", own, places[i], name);

		if (length < 0 || (size_t)length >= sizeof(path) || access(path, X_OK) < 0)
			continue;
		if ((size_t)length >= size)
			return -ENAMETOOLONG;
		strcpy(ret_path, path);
		return 0;
	}
	return -ENOENT;
}

/* The child keeps nothing of ours: no descriptor, no blocked signal, no real-time priority. */
static int
set_attributes(posix_spawnattr_t *attributes)
{
	struct sched_param normal = { .sched_priority = 0 };
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	r = posix_spawnattr_setsigmask(attributes, &none);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(attributes, &all);
	if (r == 0)
		r = posix_spawnattr_setschedpolicy(attributes, SCHED_OTHER);
	if (r == 0)
		r = posix_spawnattr_setschedparam(attributes, &normal);
	if (r == 0)
		r = posix_spawnattr_setpgroup(attributes, 0); /* Ctrl-C is for us; it ends when we do */
	if (r == 0)
		r = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
								 POSIX_SPAWN_SETSCHEDULER | POSIX_SPAWN_SETPGROUP);
	return r;
}

/* A descriptor of ours that `config` names, or -1. */
static int
descriptor_of(const char *config)
{
	return strncmp(config, OPEN_FILE, strlen(OPEN_FILE)) == 0 ? atoi(config + strlen(OPEN_FILE)) : -1;
}

static int
set_files(posix_spawn_file_actions_t *files, int fd, int config_fd)
{
	int r, last = config_fd < 0 ? WORKER_FD : CONFIG_FD;

	r = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(files, fd, WORKER_FD);
	if (r == 0 && config_fd >= 0)
		r = posix_spawn_file_actions_adddup2(files, config_fd, CONFIG_FD);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(files, last + 1);
	return r;
}

static int
spawn(const char *path, const char *config, const char *node, const char *option, int fd, pid_t *ret_pid)
{
	char number[4], open_config[sizeof(OPEN_FILE) + 4];
	const char *slash = strrchr(path, '/');
	int config_fd = -1;
	char *arguments[9] = { (char *)(slash ? slash + 1 : path), (char *)"-c", (char *)config, (char *)"--fd",
		number };
	unsigned count = 5;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int r;

	snprintf(number, sizeof(number), "%d", WORKER_FD);
	if (node) {
		arguments[count++] = (char *)"--node";
		arguments[count++] = (char *)node;
	}
	if (option)
		arguments[count] = (char *)option;
	if (descriptor_of(config) >= 0) {
		config_fd = fcntl(descriptor_of(config), F_DUPFD_CLOEXEC, CONFIG_FD + 1);
		if (config_fd < 0)
			return -errno;
		snprintf(open_config, sizeof(open_config), OPEN_FILE "%d", CONFIG_FD);
		arguments[2] = open_config;
	}
	r = posix_spawn_file_actions_init(&files);
	if (r != 0)
		goto close_config;
	r = posix_spawnattr_init(&attributes);
	if (r != 0)
		goto free_files;
	r = set_files(&files, fd, config_fd);
	if (r == 0)
		r = set_attributes(&attributes);
	if (r == 0)
		r = posix_spawn(ret_pid, path, &files, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
free_files:
	posix_spawn_file_actions_destroy(&files);
close_config:
	if (config_fd >= 0)
		close(config_fd);
	return -r;
}

int
ha_worker_spawn(const char *path, const char *config, const char *node, const char *option, pid_t *ret_pid, int *ret_fd)
{
	int fds[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		return -errno;
	r = spawn(path, config, node, option, fds[1], ret_pid);
	close(fds[1]);
	if (r < 0) {
		close(fds[0]);
		return r;
	}
	*ret_fd = fds[0];
	return 0;
}

static bool
parse(int argc, char **argv, struct ha_worker_options *ret)
{
	static const struct option names[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "node", required_argument, NULL, 'n' },
		{ "fd", required_argument, NULL, 'f' },
		{ "own", no_argument, NULL, 'o' },
		{ 0 },
	};
	int c;

	*ret = (struct ha_worker_options){ .fd = -1 };
	while ((c = getopt_long(argc, argv, "c:", names, NULL)) != -1) {
		switch (c) {
		case 'c':
			ret->config = optarg;
			break;
		case 'n':
			ret->node = optarg;
			break;
		case 'f':
			ret->fd = atoi(optarg);
			break;
		case 'o':
			ret->own = true;
			break;
		default:
			return false;
		}
	}
	return ret->config && ret->fd > STDERR_FILENO && optind == argc;
}

static bool
is_packet_socket(int fd)
{
	int type = 0;
	socklen_t length = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET;
}

bool
ha_worker_options(int argc, char **argv, struct ha_worker_options *ret)
{
	if (parse(argc, argv, ret) && is_packet_socket(ret->fd)) {
		(void)fcntl(ret->fd, F_SETFD, FD_CLOEXEC);
		return true;
	}
	fprintf(stderr, "usage: %s -c FILE [--node NODE] --fd N\n(started by ha-fenced and ha-fence)\n",
		program_invocation_short_name);
	return false;
}

struct config *
ha_worker_config(const struct ha_worker_options *options, unsigned flags)
{
	struct config_problems *problems = NULL;
	struct config *config = NULL;
	int r = config_load(options->config, options->node, flags, &config, &problems);

	config_problems_free(problems);
	if (r < 0)
		ha_log(LOG_ERR, "%s: not usable (%s); see ha-fence check-config", options->config, strerror(-r));
	return r < 0 ? NULL : config;
}

int
ha_worker_exit(int r)
{
	if (r < 0)
		ha_log(LOG_ERR, "%s", strerror(-r));
	ha_log_close();
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int
ha_worker_listen(sd_event *event, int fd, sd_event_io_handler_t handler, void *userdata, sd_event_source **ret)
{
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_io(event, ret, fd, EPOLLIN, handler, userdata);
	return r < 0 ? r : sd_event_source_set_exit_on_failure(*ret, true);
}

/* What the service's unit gives the daemon is inherited. */
static int
limit_priority(void)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit locked;

	if (setrlimit(RLIMIT_RTPRIO, &none) < 0 || getrlimit(RLIMIT_MEMLOCK, &locked) < 0)
		return -errno;
	if (locked.rlim_max <= PLAIN_LOCKED)
		return 0;
	locked.rlim_cur = locked.rlim_max = PLAIN_LOCKED;
	return setrlimit(RLIMIT_MEMLOCK, &locked) < 0 ? -errno : 0;
}

void
ha_worker_limit_script(void)
{
	/* Who is not to be traced may write nothing there. Until the capabilities go, nobody without them may trace us.
	 */
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), fd;
	char sign = ' ';

	(void)limit_priority();
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	if (fd >= 0 && read(fd, &sign, 1) == 1 && sign == '-')
		(void)!pwrite(fd, "0", 1, 0);
	if (fd >= 0)
		(void)close(fd);
	(void)prctl(PR_SET_DUMPABLE, dumpable == 1, 0, 0, 0);
}

int
ha_worker_harden(void)
{
	const struct rlimit none = { 0, 0 };
	int r = limit_priority();

	if (r < 0)
		return r;
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return -errno;
	return setrlimit(RLIMIT_CORE, &none) < 0 ? -errno : 0;
}

int
ha_worker_drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	return syscall(SYS_capset, &header, none) < 0 ? -errno : 0;
}

bool
ha_worker_may_change_user(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct has[_LINUX_CAPABILITY_U32S_3] = { 0 };
	const uint32_t needed = 1U << CAP_SETUID | 1U << CAP_SETGID;

	return syscall(SYS_capget, &header, has) == 0 && (has[0].effective & needed) == needed;
}
