/* Files of secrets, in memory: the first line, the options of a fence agent, the keys. What is accepted has the
 * promised form; nothing else of the file gets through. */
#include "lib/secret.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool truth)
{
	if (!truth)
		abort();
}

static int
file(const char **ret_path)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("secret", MFD_CLOEXEC);
		require(fd >= 0 && fchmod(fd, 0600) == 0);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	*ret_path = path;
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_key keys[CONFIG_KEYS];
	unsigned count = 0, line = 0;
	char text[256];
	const char *path;
	int fd = file(&path);

	require(pwrite(fd, data, size, 0) == (ssize_t)size && ftruncate(fd, (off_t)size) == 0);
	if (size % 3 == 0 && secret_read_line(path, text, 64) == 0) {
		require(text[0] != '\0' && strlen(text) < 64 && memcmp(text, data, strlen(text)) == 0);
		for (const char *at = text; *at != '\0'; at++)
			require(!iscntrl((unsigned char)*at));
	}
	if (size % 3 == 1 && secret_read_options(path, text, sizeof(text)) == 0)
		require(strncmp(text, "password=", 9) == 0 && text[strlen(text) - 1] == '\n');
	if (size % 3 == 2 && secret_read_keys(path, keys, &count, &line) == 0)
		require(count > 0 && count <= CONFIG_KEYS);
	return 0;
}
