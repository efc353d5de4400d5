#include "fence/client.h"

#include "lib/worker.h"

#include <errno.h>
#include <sys/socket.h>

int
fence_client_locate(char *ret_path, size_t size)
{
	return ha_worker_locate("ha-fenced-fence", ret_path, size);
}

int
fence_client_spawn(const char *path, const char *config, const char *node, pid_t *ret_pid, int *ret_fd)
{
	return ha_worker_spawn(path, config, node, ret_pid, ret_fd);
}

int
fence_client_send(int fd, const struct fence_order *order)
{
	uint8_t buffer[FENCE_ORDER_BYTES];
	size_t length = fence_order_encode(order, buffer);

	return send(fd, buffer, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length ? 0 : -errno;
}

int
fence_client_receive(int fd, struct fence_report *ret)
{
	uint8_t buffer[FENCE_REPORT_BYTES];
	ssize_t n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

	if (n == 0)
		return -ECONNRESET;
	return n < 0 ? -errno : fence_report_decode(buffer, (size_t)n, ret);
}
