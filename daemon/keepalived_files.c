#include "daemon/keepalived_text.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (4u << 20)

static char *
read_file(void *userdata, struct arena *arena, const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *content = NULL;
	size_t used = 0;
	ssize_t n = 1;

	(void)userdata;
	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || (uint64_t)status.st_size > FILE_MAX)
		errno = S_ISDIR(status.st_mode) ? EISDIR : EFBIG;
	else
		content = arena_take(arena, (size_t)status.st_size + 1);
	while (content && n > 0 && used < (size_t)status.st_size) {
		n = read(fd, content + used, (size_t)status.st_size - used);
		used += n > 0 ? (size_t)n : 0;
	}
	int error = errno;

	(void)close(fd);
	errno = error;
	return n < 0 ? NULL : content;
}

static int
match_files(void *userdata, struct arena *arena, const char *pattern, struct arena_list *paths)
{
	glob_t found;
	int r = glob(pattern, GLOB_BRACE, NULL, &found);

	(void)userdata;
	if (r != 0)
		return r == GLOB_NOSPACE ? -ENOMEM : r == GLOB_NOMATCH ? -ENOENT : -EIO;
	for (size_t i = 0; r == 0 && i < found.gl_pathc; i++) {
		char *path = arena_text(arena, found.gl_pathv[i], strlen(found.gl_pathv[i]));

		r = path && arena_add(arena, paths, path) ? 0 : -ENOMEM;
	}
	globfree(&found);
	return r;
}

const struct keepalived_source keepalived_files = { .read = read_file, .match = match_files };
