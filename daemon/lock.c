#include "daemon/lock.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRY (20 * HA_MS)

static socklen_t
lock_address(uint8_t vrid, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	/* Abstract: it belongs to the network namespace, as the addresses do, and cannot be left behind. */
	int length = snprintf(ret->sun_path + 1, sizeof(ret->sun_path) - 1, "ha-fenced/%u", vrid);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

/* The holder listens and never accepts; the kernel tells who it is. */
static pid_t
lock_owner(const struct sockaddr_un *address, socklen_t length)
{
	struct ucred credentials = { 0 };
	socklen_t size = sizeof(credentials);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return 0;
	if (connect(fd, (const struct sockaddr *)address, length) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
		credentials.pid = 0;
	close(fd);
	return credentials.pid;
}

int
lock_take(uint8_t vrid, ha_time wait, int *ret_fd, pid_t *ret_owner)
{
	struct sockaddr_un address;
	socklen_t length = lock_address(vrid, &address);
	ha_time until = ha_time_add(ha_now(), wait);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	for (;;) {
		if (bind(fd, (const struct sockaddr *)&address, length) == 0)
			break;
		int r = -errno;
		if (r == -EADDRINUSE && ha_now() < until) {
			nanosleep(&(struct timespec){ .tv_nsec = (long)(LOCK_TRY * 1000) }, NULL);
			continue;
		}
		*ret_owner = r == -EADDRINUSE ? lock_owner(&address, length) : 0;
		close(fd);
		return r;
	}
	if (listen(fd, 1) < 0) {
		int r = -errno;
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}
