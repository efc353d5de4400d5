/* vrrp/netlink.h -- the rtnetlink socket under vrrp/address and vrrp/monitor: libnl's, in the manner of our shells.
 *
 * The promise: receiving allocates nothing and never waits, believes only the kernel, and reports a lost message as
 * -ENOBUFS instead of hiding it. */
#ifndef HA_VRRP_NETLINK_H
#define HA_VRRP_NETLINK_H

#include <linux/netlink.h>
#include <stddef.h>

struct nl_sock;

#define VRRP_NETLINK_BYTES 32768 /* the kernel's largest datagram of a dump */

union vrrp_netlink_buffer {
	struct nlmsghdr header;
	unsigned char bytes[VRRP_NETLINK_BYTES];
};

/* A non-blocking NETLINK_ROUTE socket with a receive queue of `receive_bytes`. Returns 0 or -errno. */
int vrrp_netlink_open(int receive_bytes, struct nl_sock **ret);
void vrrp_netlink_close(struct nl_sock *sock);

/* libnl's negative error as ours. */
int vrrp_netlink_error(int error);

/* Read one datagram. Returns its length (0: not from the kernel, ignore it), -EAGAIN: none, -ENOBUFS: messages were
 * lost, or -errno. */
int vrrp_netlink_receive(struct nl_sock *sock, union vrrp_netlink_buffer *buffer);

#endif
