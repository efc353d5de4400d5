#include "daemon/guid.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int
daemon_guid(const struct ha_guid *configured, const char *file, struct ha_guid *ret)
{
	*ret = *configured;
	if (ha_guid_is_set(configured))
		return 0;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	char text[64];
	ssize_t length = read(fd, text, sizeof(text) - 1);
	int r = length < 0 ? -errno : 0;
	close(fd);
	if (r < 0)
		return r;
	text[length] = '\0';
	text[strcspn(text, " \n")] = '\0';
	return ha_guid_parse(text, ret);
}
