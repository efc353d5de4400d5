#include "fence/client.h"

#include <errno.h>
#include <sys/socket.h>

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
