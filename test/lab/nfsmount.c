/* test/lab/nfsmount.c -- an NFS client in user space, for nodes whose kernel has none: libnfs below, FUSE above.
 *
 *	nfsmount SERVER:/EXPORT MOUNTPOINT
 *
 * It mounts as mount.nfs(8) does with "hard": while the server is silent a request waits, for ever, and so does the
 * process that made it, in the kernel, where no signal ends it; when the server is back it goes on. Nothing is answered
 * from memory that was not asked just now: no attribute is kept for longer than a second, no page beyond its file's
 * open, and a write has reached the server when it returns. In /proc/mounts the type is fuse.nfs and the source
 * SERVER:/EXPORT. NFSv3 over TCP at the ports 2049 and 20048, without a port mapper. It stays in the foreground. */
#define FUSE_USE_VERSION 35
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <nfsc/libnfs.h> /* after what it needs */

#define RETRY_MS 200

/* Who asks is whom the server sees: it decides what he may do. */
static struct nfs_context *
server(void)
{
	const struct fuse_context *caller = fuse_get_context();
	struct nfs_context *nfs = caller->private_data;

	nfs_set_uid(nfs, (int)caller->uid);
	nfs_set_gid(nfs, (int)caller->gid);
	return nfs;
}

static struct nfsfh *
handle(const struct fuse_file_info *info)
{
	return (struct nfsfh *)(uintptr_t)info->fh;
}

static void
to_stat(const struct nfs_stat_64 *from, struct stat *to)
{
	*to = (struct stat){ .st_ino = from->nfs_ino,
		.st_mode = (mode_t)from->nfs_mode,
		.st_nlink = from->nfs_nlink,
		.st_uid = (uid_t)from->nfs_uid,
		.st_gid = (gid_t)from->nfs_gid,
		.st_rdev = from->nfs_rdev,
		.st_size = (off_t)from->nfs_size,
		.st_blksize = (blksize_t)from->nfs_blksize,
		.st_blocks = (blkcnt_t)from->nfs_blocks,
		.st_atim = { (time_t)from->nfs_atime, (long)from->nfs_atime_nsec },
		.st_mtim = { (time_t)from->nfs_mtime, (long)from->nfs_mtime_nsec },
		.st_ctim = { (time_t)from->nfs_ctime, (long)from->nfs_ctime_nsec } };
}

static int
on_getattr(const char *path, struct stat *ret, struct fuse_file_info *info)
{
	struct nfs_stat_64 found;
	int r = nfs_lstat64(server(), path, &found);

	(void)info;
	if (r == 0)
		to_stat(&found, ret);
	return r;
}

static int
on_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset, struct fuse_file_info *info,
	enum fuse_readdir_flags flags)
{
	struct nfs_context *nfs = server();
	struct nfsdir *folder;
	const struct nfsdirent *entry;
	int r = nfs_opendir(nfs, path, &folder);

	(void)offset;
	(void)info;
	(void)flags;
	if (r < 0)
		return r;
	while ((entry = nfs_readdir(nfs, folder)))
		(void)fill(buffer, entry->name, NULL, 0, 0);
	nfs_closedir(nfs, folder);
	return 0;
}

static int
on_open(const char *path, struct fuse_file_info *info)
{
	struct nfsfh *file;
	int r = nfs_open(server(), path, info->flags & ~(O_CREAT | O_EXCL), &file);

	if (r == 0)
		info->fh = (uintptr_t)file;
	return r;
}

static int
on_create(const char *path, mode_t mode, struct fuse_file_info *info)
{
	struct nfsfh *file;
	int r = nfs_create(server(), path, info->flags, (int)(mode & 07777), &file);

	if (r == 0)
		info->fh = (uintptr_t)file;
	return r;
}

static int
on_release(const char *path, struct fuse_file_info *info)
{
	(void)path;
	return nfs_close(server(), handle(info));
}

static int
on_read(const char *path, char *buffer, size_t size, off_t offset, struct fuse_file_info *info)
{
	(void)path;
	return nfs_pread(server(), handle(info), (uint64_t)offset, size, buffer);
}

static int
on_write(const char *path, const char *buffer, size_t size, off_t offset, struct fuse_file_info *info)
{
	(void)path;
	return nfs_pwrite(server(), handle(info), (uint64_t)offset, size, buffer);
}

static int
on_fsync(const char *path, int data_only, struct fuse_file_info *info)
{
	(void)path;
	(void)data_only;
	return nfs_fsync(server(), handle(info));
}

static int
on_statfs(const char *path, struct statvfs *ret)
{
	return nfs_statvfs(server(), path, ret);
}

static int
on_truncate(const char *path, off_t size, struct fuse_file_info *info)
{
	(void)info;
	return nfs_truncate(server(), path, (uint64_t)size);
}

static int
on_chmod(const char *path, mode_t mode, struct fuse_file_info *info)
{
	(void)info;
	return nfs_chmod(server(), path, (int)(mode & 07777));
}

static int
on_unlink(const char *path)
{
	return nfs_unlink(server(), path);
}

static int
on_mkdir(const char *path, mode_t mode)
{
	return nfs_mkdir2(server(), path, (int)(mode & 07777));
}

static int
on_rmdir(const char *path)
{
	return nfs_rmdir(server(), path);
}

static int
on_rename(const char *from, const char *to, unsigned flags)
{
	return flags ? -EINVAL : nfs_rename(server(), from, to);
}

static const struct fuse_operations operations = {
	.getattr = on_getattr,
	.readdir = on_readdir,
	.open = on_open,
	.create = on_create,
	.release = on_release,
	.read = on_read,
	.write = on_write,
	.fsync = on_fsync,
	.statfs = on_statfs,
	.truncate = on_truncate,
	.chmod = on_chmod,
	.unlink = on_unlink,
	.mkdir = on_mkdir,
	.rmdir = on_rmdir,
	.rename = on_rename,
};

static void
sleep_ms(long ms)
{
	(void)nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* NULL: not now. */
static struct nfs_context *
try_mount(const char *address, const char *export, bool say)
{
	struct nfs_context *nfs = nfs_init_context();
	struct nfs_url *url = NULL;
	char text[512];

	if (!nfs)
		return NULL;
	(void)snprintf(text, sizeof(text), "nfs://%s%s?version=3&nfsport=2049&mountport=20048", address, export);
	url = nfs_parse_url_dir(nfs, text);
	nfs_set_tcp_syncnt(nfs, 2);
	if (url && nfs_mount(nfs, url->server, url->path) == 0) {
		nfs_set_autoreconnect(nfs, -1);
		nfs_destroy_url(url);
		return nfs;
	}
	if (say)
		fprintf(stderr, "nfsmount: %s: %s\n", text, nfs_get_error(nfs));
	if (url)
		nfs_destroy_url(url);
	nfs_destroy_context(nfs);
	return NULL;
}

int
main(int argc, char **argv)
{
	struct nfs_context *nfs;
	char address[64], options[256];
	const char *slash = argc == 3 ? strstr(argv[1], ":/") : NULL;
	bool say = true;

	if (!slash || (size_t)(slash - argv[1]) >= sizeof(address)) {
		fputs("usage: nfsmount SERVER:/EXPORT MOUNTPOINT\n", stderr);
		return 2;
	}
	(void)snprintf(address, sizeof(address), "%.*s", (int)(slash - argv[1]), argv[1]);
	while (!(nfs = try_mount(address, slash + 1, say))) {
		say = false;
		sleep_ms(RETRY_MS);
	}
	(void)snprintf(options, sizeof(options), "allow_other,default_permissions,subtype=nfs,fsname=%.180s", argv[1]);
	/* One request at a time, as a libnfs context wants it. */
	return fuse_main(6, ((char *[]){ argv[0], "-f", "-s", "-o", options, argv[2], NULL }), &operations, nfs);
}
