#include "vrrp/netlink.h"

#include <errno.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <sys/socket.h>

int
vrrp_netlink_error(int error)
{
	switch (error < 0 ? -error : error) {
	case NLE_SUCCESS:
		return 0;
	case NLE_INTR:
		return -EINTR;
	case NLE_AGAIN:
		return -EAGAIN;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_EXIST:
		return -EEXIST;
	case NLE_OPNOTSUPP:
		return -EOPNOTSUPP;
	case NLE_AF_NOSUPPORT:
		return -EAFNOSUPPORT;
	case NLE_NOADDR:
		return -EADDRNOTAVAIL;
	case NLE_BUSY:
		return -EBUSY;
	case NLE_NOACCESS:
		return -EACCES;
	case NLE_PERM:
		return -EPERM;
	case NLE_NODEV:
		return -ENODEV;
	case NLE_MSGSIZE:
	case NLE_MSG_OVERFLOW:
		return -EMSGSIZE;
	case NLE_INVAL:
	case NLE_RANGE:
	case NLE_AF_MISMATCH:
	case NLE_MISSING_ATTR:
		return -EINVAL;
	default:
		return -EIO;
	}
}

int
vrrp_netlink_open(int receive_bytes, struct nl_sock **ret)
{
	struct nl_sock *sock = nl_socket_alloc();
	int fd, r;

	if (!sock)
		return -ENOMEM;
	errno = 0;
	r = nl_connect(sock, NETLINK_ROUTE);
	/* libnl has no word for a lack of descriptors. */
	r = r < 0 && (errno == EMFILE || errno == ENFILE) ? -errno : vrrp_netlink_error(r);
	if (r == 0)
		r = vrrp_netlink_error(nl_socket_set_nonblocking(sock));
	if (r < 0) {
		nl_socket_free(sock);
		return r;
	}
	fd = nl_socket_get_fd(sock);
	/* Beyond net.core.rmem_max only with CAP_NET_ADMIN; without it there are just more overruns to repair. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_bytes, sizeof(receive_bytes)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes));
	*ret = sock;
	return 0;
}

void
vrrp_netlink_close(struct nl_sock *sock)
{
	if (sock)
		nl_socket_free(sock);
}

int
vrrp_netlink_receive(struct nl_sock *sock, union vrrp_netlink_buffer *buffer)
{
	struct sockaddr_nl from = { 0 };
	struct iovec vector = { .iov_base = buffer, .iov_len = sizeof(*buffer) };
	struct msghdr message = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &vector, .msg_iovlen = 1 };
	ssize_t n;

	do
		n = recvmsg(nl_socket_get_fd(sock), &message, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (from.nl_pid != 0)
		return 0;
	if (message.msg_flags & MSG_TRUNC)
		return -ENOBUFS;
	return (int)n;
}
