#include "daemon/lock.h"

#include "daemon/file.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRY   (20 * HA_MS)
#define LOCK_QUEUE 128 /* each who asks for its holder stays in it */

static socklen_t
lock_address(uint8_t vrid, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	/* Abstract: it belongs to the network namespace, as the addresses do, and cannot be left behind. */
	int length = snprintf(ret->sun_path + 1, sizeof(ret->sun_path) - 1, "ha-fenced/%u", vrid);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

/* The holder listens and never accepts; the kernel tells who it is. 0 or -errno. */
static int
ask_holder(const struct sockaddr_un *address, socklen_t length, struct ucred *ret)
{
	socklen_t size = sizeof(*ret);
	int r = 0, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, length) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret, &size) < 0)
		r = -errno;
	close(fd);
	return r;
}

static pid_t
lock_owner(const struct sockaddr_un *address, socklen_t length)
{
	struct ucred credentials = { .pid = 0 };
	return ask_holder(address, length, &credentials) == 0 ? credentials.pid : 0;
}

bool
lock_holder(uint8_t vrid, char text[LOCK_HOLDER])
{
	struct sockaddr_un address;
	socklen_t length = lock_address(vrid, &address);
	struct ucred credentials;
	char folder[32], *name = NULL;
	int r = ask_holder(&address, length, &credentials);
	if (r == -EAGAIN) { /* it was asked too often */
		snprintf(text, LOCK_HOLDER, "a process that the kernel does not name");
		return true;
	}
	if (r < 0)
		return false;
	snprintf(folder, sizeof(folder), "/proc/%d", (int)credentials.pid);
	if (file_read(folder, "comm", 64, &name, NULL) == 0)
		name[strcspn(name, "\n")] = '\0';
	snprintf(text, LOCK_HOLDER, "process %d (%.32s) of user %u", (int)credentials.pid, name != NULL ? name : "?",
		(unsigned)credentials.uid);
	free(name);
	return true;
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
	if (listen(fd, LOCK_QUEUE) < 0) {
		int r = -errno;
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}
