#include "daemon/cli_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATHS_MAX 16

/* A child that reads the path: a hung server holds it in the kernel, and only it. */
struct probe {
	struct cli_test *test;
	const char *path;
	pid_t pid;
	int fd; /* the child writes an errno as one byte here */
	sd_event_source *source;
	ha_time began, ended; /* ended 0: has not answered */
	unsigned char error;
	bool mounted;
};

struct cli_test_storage {
	struct probe probes[PATHS_MAX];
	unsigned count;
};

static unsigned char
read_through(const char *path)
{
	DIR *directory = opendir(path);
	unsigned char error = 0;

	if (!directory)
		return (unsigned char)errno;
	errno = 0;
	if (!readdir(directory) && errno != 0)
		error = (unsigned char)errno;
	(void)closedir(directory);
	return error;
}

static int
on_answer(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct probe *probe = userdata;

	(void)events;
	if (read(fd, &probe->error, 1) != 1)
		probe->error = EIO;
	probe->ended = ha_now();
	(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	cli_test_area_done(probe->test);
	return 0;
}

/* NFS, or the type that an nfs check wants to see just there. */
static bool
is_storage(const struct config *config, const struct mntent *entry)
{
	if (strncmp(entry->mnt_type, "nfs", 3) == 0)
		return true;
	for (unsigned i = 0; i < config->check_count; i++) {
		const struct config_check *check = &config->checks[i];

		if (check->type == CONFIG_CHECK_NFS && strcmp(check->fstype, entry->mnt_type) == 0 &&
			strcmp(check->target, entry->mnt_dir) == 0)
			return true;
	}
	return false;
}

/* Is storage mounted at the path or above it (not at /)? The table is read, the mount not touched. */
static bool
nfs_mounted(const struct config *config, const char *path)
{
	FILE *table = setmntent("/proc/self/mounts", "r");
	struct mntent entry;
	char buffer[4096];
	bool found = false;

	if (!table)
		return false;
	while (getmntent_r(table, &entry, buffer, sizeof(buffer))) {
		size_t length = strlen(entry.mnt_dir);

		if (strncmp(entry.mnt_dir, path, length) == 0 && (path[length] == '\0' || path[length] == '/') &&
			is_storage(config, &entry))
			found = true;
	}
	(void)endmntent(table);
	return found;
}

static int
start_probe(struct probe *probe, struct cli_test *test, const char *path)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*probe = (struct probe){
		.test = test, .path = path, .fd = ends[0], .began = ha_now(), .mounted = nfs_mounted(test->config, path)
	};
	probe->pid = fork();
	if (probe->pid == 0) {
		unsigned char error = read_through(path);

		_exit(write(ends[1], &error, 1) == 1 ? 0 : 1);
	}
	(void)close(ends[1]);
	if (probe->pid < 0) {
		int error = errno;

		(void)close(ends[0]);
		return -error;
	}
	int r = sd_event_add_io(test->event, &probe->source, probe->fd, EPOLLIN, on_answer, probe);

	if (r >= 0)
		test->waiting++;
	return r < 0 ? r : 0;
}

static void
want(struct cli_test_storage *storage, struct cli_test *test, const char *path)
{
	for (unsigned i = 0; i < storage->count; i++) {
		if (strcmp(storage->probes[i].path, path) == 0)
			return;
	}
	if (storage->count < PATHS_MAX && start_probe(&storage->probes[storage->count], test, path) == 0)
		storage->count++;
}

int
cli_test_storage_begin(struct cli_test *test, struct cli_test_storage **ret)
{
	struct cli_test_storage *storage = calloc(1, sizeof(*storage));

	if (!storage)
		return -ENOMEM;
	for (unsigned i = 0; i < test->config->release.nfs_path_count; i++)
		want(storage, test, test->config->release.nfs_paths[i]);
	for (unsigned i = 0; i < test->config->check_count; i++) {
		if (test->config->checks[i].type == CONFIG_CHECK_NFS)
			want(storage, test, test->config->checks[i].target);
	}
	*ret = storage;
	return 0;
}

static void
judge(const struct probe *probe, json_t *results)
{
	double ms = (double)(probe->ended - probe->began) / (double)HA_MS;

	if (probe->ended == 0)
		cli_result_add(results, "storage", CLI_FAIL, CLI_NO_TIME,
			"is the NFS server up? showmount -e SERVER; dmesg | tail", "%s hangs: no answer to a read",
			probe->path);
	else if (probe->error != 0)
		cli_result_add(results, "storage", CLI_FAIL, ms, "mount it: findmnt --verify; mount -a",
			"%s cannot be read: %s", probe->path, strerror(probe->error));
	else if (!probe->mounted)
		cli_result_add(results, "storage", CLI_WARNING, ms, "mount it: findmnt --verify; mount -a",
			"%s reads, but is on no NFS mount", probe->path);
	else
		cli_result_add(results, "storage", CLI_PASS, ms, NULL, "%s read", probe->path);
}

void
cli_test_storage_finish(struct cli_test_storage *storage, struct cli_test *test)
{
	if (!storage)
		return;
	if (storage->count == 0)
		cli_result_add(
			test->results, "storage", CLI_SKIP, CLI_NO_TIME, NULL, "no NFS path in the configuration");
	for (unsigned i = 0; i < storage->count; i++) {
		struct probe *probe = &storage->probes[i];

		judge(probe, test->results);
		sd_event_source_unref(probe->source);
		(void)close(probe->fd);
		/* One that hangs in the kernel is not waited for: it ends when the server answers. */
		(void)kill(probe->pid, SIGKILL);
		(void)waitpid(probe->pid, NULL, probe->ended ? 0 : WNOHANG);
	}
	free(storage);
}
