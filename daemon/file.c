#include "daemon/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_directory(const char *directory)
{
	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		return -errno;
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int
write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		length -= (size_t)n;
	}
	return 0;
}

static int
write_temporary(int directory, const char *name, const char *data, size_t length, bool durable)
{
	int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	int r = write_all(fd, data, length);
	if (r == 0 && durable && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

int
file_replace(const char *directory, const char *name, const char *data, size_t length, bool durable)
{
	char temporary[256];
	if (snprintf(temporary, sizeof(temporary), "%s.new", name) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	int fd = open_directory(directory);
	if (fd < 0)
		return fd;
	int r = write_temporary(fd, temporary, data, length, durable);
	if (r == 0 && renameat(fd, temporary, fd, name) < 0)
		r = -errno;
	if (r == 0 && durable && fsync(fd) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(fd, temporary, 0);
	close(fd);
	return r;
}

static int
read_all(int fd, size_t max, char **ret_data, size_t *ret_length)
{
	char *data = malloc(max + 2);
	size_t length = 0;
	if (data == NULL)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, data + length, max + 1 - length);
		if (n < 0 && errno == EINTR)
			continue;
		int r = n < 0 ? -errno : 0;
		length += n > 0 ? (size_t)n : 0;
		if (length > max)
			r = -EFBIG;
		if (r < 0) {
			free(data);
			return r;
		}
		if (n == 0)
			break;
	}
	data[length] = '\0';
	*ret_data = data;
	if (ret_length != NULL)
		*ret_length = length;
	return 0;
}

int
file_read(const char *directory, const char *name, size_t max, char **ret_data, size_t *ret_length)
{
	char path[4096];
	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int r = read_all(fd, max, ret_data, ret_length);
	close(fd);
	return r;
}

int
file_remove(const char *directory, const char *name)
{
	char path[4096];
	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}
