#include "daemon/guid.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CREDENTIAL "product_uuid" /* etc/ha-fenced.service */

static int
read_guid(const char *file, struct ha_guid *ret)
{
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

int
daemon_guid(const struct ha_guid *configured, const char *file, struct ha_guid *ret)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_MAX];
	*ret = *configured;
	if (ha_guid_is_set(configured))
		return 0;
	int r = read_guid(file, ret);
	if (r >= 0 || credentials == NULL ||
		snprintf(path, sizeof(path), "%s/" CREDENTIAL, credentials) >= (int)sizeof(path))
		return r;
	return read_guid(path, ret);
}
