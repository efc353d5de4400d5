#include "health/child.h"
#include "health/mountinfo.h"
#include "health/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PATH_SHOWN 72

/* Everything in this file up to on_done() runs in the child. */

struct work {
	const struct config_check *check;
	const char *node;
};

/* What is mounted at `path`. 0 or -errno. */
static int
find_mount(const char *path, struct health_mount *ret)
{
	int fd = open(HEALTH_MOUNTINFO, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	health_mountinfo_find(fd, path, ret);
	(void)close(fd);
	return 0;
}

static bool
is_nfs(const char *type)
{
	return strcmp(type, "nfs") == 0 || strcmp(type, "nfs4") == 0;
}

static bool
type_fits(const struct config_check *check, const char *type)
{
	return check->fstype[0] == '\0' ? is_nfs(type) : strcmp(type, check->fstype) == 0;
}

/* False: *ret says why. */
static bool
mount_is_right(const struct config_check *check, struct health_child_answer *ret)
{
	struct health_mount mount = { .found = false };
	int r = find_mount(check->target, &mount);

	if (r < 0)
		(void)snprintf(ret->detail, sizeof(ret->detail), HEALTH_MOUNTINFO ": error %d", -r);
	else if (!mount.found)
		(void)snprintf(
			ret->detail, sizeof(ret->detail), "nothing is mounted at %.*s", PATH_SHOWN, check->target);
	else if (!type_fits(check, mount.type))
		(void)snprintf(ret->detail, sizeof(ret->detail), "%.*s is of type %.16s, not %s", PATH_SHOWN,
			check->target, mount.type, check->fstype[0] == '\0' ? "nfs or nfs4" : check->fstype);
	else if (check->mount_source[0] != '\0' && strcmp(mount.source, check->mount_source) != 0)
		(void)snprintf(
			ret->detail, sizeof(ret->detail), "%.40s is mounted from %.60s", check->target, mount.source);
	else
		return true;
	return false;
}

/* statfs is what the NFS client never answers from its cache; the directory shows that there is something to serve. */
static int
read_through(const struct config_check *check)
{
	char entries[1024];
	struct statfs fs;
	int fd, r = 0;

	if (statfs(check->target, &fs) < 0)
		return -errno;
	if (check->fstype[0] == '\0' && fs.f_type != NFS_SUPER_MAGIC)
		return -ENODEV;
	fd = open(check->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (syscall(SYS_getdents64, fd, entries, sizeof(entries)) < 0)
		r = -errno;
	(void)close(fd);
	return r;
}

/* One small file of each node's own, written again and again. */
static int
write_through(const struct work *work)
{
	char path[CONFIG_TEXT_MAX + CONFIG_NAME_MAX + 24];
	static const char line[] = "written by the health check of ha-fenced\n";
	int fd, r = 0;

	(void)snprintf(path, sizeof(path), "%s/.ha-fenced-check-%s", work->check->target, work->node);
	fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (pwrite(fd, line, sizeof(line) - 1, 0) != (ssize_t)(sizeof(line) - 1))
		r = errno != 0 ? -errno : -EIO;
	else if (fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

static void
probe_storage(const void *argument, struct health_child_answer *ret)
{
	const struct work *work = argument;
	const char *path = work->check->target, *what = "read";
	int r;

	if (!mount_is_right(work->check, ret))
		return;
	r = read_through(work->check);
	if (r == 0 && work->check->write) {
		what = "write";
		r = write_through(work);
	}
	ret->good = r == 0;
	if (r == 0)
		(void)snprintf(ret->detail, sizeof(ret->detail), "%.*s %s", PATH_SHOWN, path,
			work->check->write ? "read and written" : "read");
	else
		(void)snprintf(
			ret->detail, sizeof(ret->detail), "%.*s: %s: %s", PATH_SHOWN, path, what, strerrordesc_np(-r));
}

struct nfs {
	struct health_child child;
	struct work work;
};

static void
on_done(void *userdata, const struct health_child_answer *answer)
{
	struct health_probe *probe = userdata;

	if (!answer)
		health_probe_answer(probe, HEALTH_UNKNOWN, "the probe of %.80s was ended", probe->check->target);
	else
		health_probe_answer(probe, answer->good ? HEALTH_OK : HEALTH_FAILED, "%s", answer->detail);
}

static void
nfs_open(struct health_probe *probe)
{
	struct nfs *nfs = calloc(1, sizeof(*nfs));

	if (nfs)
		nfs->work = (struct work){ .check = probe->check, .node = probe->shared->node };
	probe->state = nfs;
}

static void
nfs_start(struct health_probe *probe)
{
	struct nfs *nfs = probe->state;
	int r = nfs ? health_child_start(&nfs->child, probe->shared->event, probe_storage, &nfs->work, on_done, probe)
		    : -ENOMEM;

	if (r == -EBUSY)
		health_probe_answer(probe, HEALTH_TIMEOUT, "%.80s hangs: an earlier probe is still in the kernel",
			probe->check->target);
	else if (r < 0)
		health_probe_answer(probe, HEALTH_UNKNOWN, "no child: %s", strerror(-r));
}

static void
nfs_stop(struct health_probe *probe)
{
	struct nfs *nfs = probe->state;

	health_child_stop(&nfs->child);
}

static bool
nfs_is_busy(const struct health_probe *probe)
{
	const struct nfs *nfs = probe->state;

	return nfs && health_child_is_busy(&nfs->child);
}

static void
nfs_close(struct health_probe *probe)
{
	struct nfs *nfs = probe->state;

	if (nfs)
		health_child_close(&nfs->child);
	free(nfs);
}

const struct health_kind health_nfs = {
	.open = nfs_open, .start = nfs_start, .stop = nfs_stop, .is_busy = nfs_is_busy, .close = nfs_close
};
