#include "vrrp/monitor.h"

#include "lib/time.h"
#include "vrrp/netlink.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <string.h>

/* Events of 4096 addresses added at once, at 768 bytes of kernel memory each, with room to spare. */
#define RECEIVE_BYTES (8 << 20)
#define LIST_TIMEOUT  (2 * HA_SEC)
#define LIST_TRIES    8
#define LINK_LOWER_UP (1u << 16) /* IFF_LOWER_UP, in <linux/if.h>, which cannot be had beside <net/if.h> */

static void
copy_name(char name[IF_NAMESIZE], const struct nlattr *attribute)
{
	if (attribute)
		nla_strlcpy(name, attribute, IF_NAMESIZE);
}

/* Before Linux 4.16 there is only the sum of ups and downs, which tells a change as well. */
static unsigned
carrier_losses(struct nlattr **attributes)
{
	const struct nlattr *count = attributes[IFLA_CARRIER_DOWN_COUNT] ? attributes[IFLA_CARRIER_DOWN_COUNT]
									 : attributes[IFLA_CARRIER_CHANGES];

	return count && nla_len(count) >= 4 ? nla_get_u32(count) : 0;
}

static int
parse_link(struct nlmsghdr *header, struct vrrp_monitor_link *ret)
{
	struct nlattr *attributes[IFLA_MAX + 1];
	struct ifinfomsg info;

	if (nlmsg_parse(header, sizeof(info), attributes, IFLA_MAX, NULL) < 0)
		return -EBADMSG;
	memcpy(&info, nlmsg_data(header), sizeof(info));
	/* AF_BRIDGE tells of bridge ports: its "deleted" is a port that left its bridge, not a link that is gone. */
	if (info.ifi_family != AF_UNSPEC || info.ifi_index <= 0)
		return -ENOMSG;
	*ret = (struct vrrp_monitor_link){ .ifindex = (unsigned)info.ifi_index,
		.up = info.ifi_flags & IFF_UP,
		.running =
			(info.ifi_flags & IFF_UP) && (info.ifi_flags & IFF_RUNNING) && (info.ifi_flags & LINK_LOWER_UP),
		.downs = carrier_losses(attributes),
		.loopback = info.ifi_flags & IFF_LOOPBACK };
	copy_name(ret->name, attributes[IFLA_IFNAME]);
	if (attributes[IFLA_MTU] && nla_len(attributes[IFLA_MTU]) >= 4)
		ret->mtu = nla_get_u32(attributes[IFLA_MTU]);
	if (info.ifi_type == ARPHRD_ETHER && attributes[IFLA_ADDRESS] &&
		nla_len(attributes[IFLA_ADDRESS]) == VRRP_MONITOR_MAC) {
		ret->ethernet = true;
		memcpy(ret->mac, nla_data(attributes[IFLA_ADDRESS]), VRRP_MONITOR_MAC);
	}
	return 0;
}

static int
parse_address(struct nlmsghdr *header, struct vrrp_monitor_address *ret)
{
	struct nlattr *attributes[IFA_MAX + 1];
	const struct nlattr *local;
	struct ifaddrmsg info;
	uint32_t flags;

	if (nlmsg_parse(header, sizeof(info), attributes, IFA_MAX, NULL) < 0)
		return -EBADMSG;
	memcpy(&info, nlmsg_data(header), sizeof(info));
	*ret = (struct vrrp_monitor_address){
		.ifindex = info.ifa_index, .address.family = info.ifa_family, .prefix_length = info.ifa_prefixlen
	};
	local = attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
	if (!local || ha_address_length(&ret->address) == 0 ||
		(size_t)nla_len(local) != ha_address_length(&ret->address))
		return -ENOMSG;
	memcpy(ret->address.bytes, nla_data(local), ha_address_length(&ret->address));
	flags = attributes[IFA_FLAGS] && nla_len(attributes[IFA_FLAGS]) >= 4 ? nla_get_u32(attributes[IFA_FLAGS])
									     : info.ifa_flags;
	ret->secondary = info.ifa_family == AF_INET && (flags & IFA_F_SECONDARY);
	ret->tentative = flags & IFA_F_TENTATIVE;
	ret->dad_failed = flags & IFA_F_DADFAILED;
	copy_name(ret->label, attributes[IFA_LABEL]);
	return 0;
}

/* Turn one message into an event. Returns 0, or a negative error if it is none. */
static int
parse_event(struct nlmsghdr *header, struct vrrp_monitor_event *ret)
{
	*ret = (struct vrrp_monitor_event){ 0 };
	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
		ret->type = VRRP_MONITOR_LINK_CHANGED;
		return parse_link(header, &ret->link);
	case RTM_DELLINK:
		ret->type = VRRP_MONITOR_LINK_GONE;
		return parse_link(header, &ret->link);
	case RTM_NEWADDR:
		ret->type = VRRP_MONITOR_ADDRESS_APPEARED;
		return parse_address(header, &ret->address);
	case RTM_DELADDR:
		ret->type = VRRP_MONITOR_ADDRESS_VANISHED;
		return parse_address(header, &ret->address);
	default:
		return -ENOMSG;
	}
}

int
vrrp_monitor_open(struct vrrp_monitor *monitor)
{
	struct nl_sock *sock;
	int r;

	*monitor = (struct vrrp_monitor){ .fd = -1 };
	r = vrrp_netlink_open(RECEIVE_BYTES, &sock);
	if (r < 0)
		return r;
	r = nl_socket_add_memberships(sock, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0);
	if (r < 0) {
		vrrp_netlink_close(sock);
		return vrrp_netlink_error(r);
	}
	monitor->sock = sock;
	monitor->fd = nl_socket_get_fd(sock);
	return 0;
}

void
vrrp_monitor_close(struct vrrp_monitor *monitor)
{
	vrrp_netlink_close(monitor->sock);
	*monitor = (struct vrrp_monitor){ .fd = -1 };
}

int
vrrp_monitor_receive(struct vrrp_monitor *monitor, unsigned max, vrrp_monitor_handler handler, void *userdata)
{
	union vrrp_netlink_buffer buffer;
	struct vrrp_monitor_event event = { .type = VRRP_MONITOR_OVERRUN };
	unsigned count;

	if (monitor->fd < 0)
		return -EBADF;
	for (count = 0; count < max; count++) {
		int left = vrrp_netlink_receive(monitor->sock, &buffer);

		if (left == -EAGAIN)
			break;
		if (left == -ENOBUFS) {
			event = (struct vrrp_monitor_event){ .type = VRRP_MONITOR_OVERRUN };
			handler(userdata, &event);
			continue;
		}
		if (left < 0)
			return left;
		for (struct nlmsghdr *header = &buffer.header; nlmsg_ok(header, left);
			header = nlmsg_next(header, &left))
			if (parse_event(header, &event) == 0)
				handler(userdata, &event);
	}
	return (int)count;
}

static int
wait_readable(int fd, ha_time deadline)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	ha_time now = ha_now();
	int r;

	if (now >= deadline)
		return -ETIMEDOUT;
	r = poll(&poll_fd, 1, (int)((deadline - now) / HA_MS) + 1);
	return r < 0 && errno != EINTR ? -errno : 0;
}

/* Returns 1 at the end of the dump, 0 if more is to come, -EINTR if the table changed meanwhile, -errno of the kernel.
 */
static int
take_dump(union vrrp_netlink_buffer *buffer, int left, bool *interrupted, vrrp_monitor_handler handler, void *userdata)
{
	struct vrrp_monitor_event event;
	struct nlmsgerr error;

	for (struct nlmsghdr *header = &buffer->header; nlmsg_ok(header, left); header = nlmsg_next(header, &left)) {
		if (header->nlmsg_flags & NLM_F_DUMP_INTR)
			*interrupted = true;
		if (header->nlmsg_type == NLMSG_DONE)
			return *interrupted ? -EINTR : 1;
		if (header->nlmsg_type == NLMSG_ERROR && header->nlmsg_len >= NLMSG_LENGTH(sizeof(error))) {
			memcpy(&error, nlmsg_data(header), sizeof(error));
			return error.error < 0 ? error.error : -EIO;
		}
		if (parse_event(header, &event) == 0)
			handler(userdata, &event);
	}
	return 0;
}

static int
dump(struct nl_sock *sock, int type, ha_time deadline, vrrp_monitor_handler handler, void *userdata)
{
	union vrrp_netlink_buffer buffer;
	struct ifinfomsg link_request = { .ifi_family = AF_UNSPEC };
	struct ifaddrmsg address_request = { .ifa_family = AF_UNSPEC };
	bool interrupted = false;
	int r;

	if (type == RTM_GETLINK)
		r = nl_send_simple(sock, type, NLM_F_DUMP, &link_request, sizeof(link_request));
	else
		r = nl_send_simple(sock, type, NLM_F_DUMP, &address_request, sizeof(address_request));
	if (r < 0)
		return vrrp_netlink_error(r);
	for (;;) {
		r = vrrp_netlink_receive(sock, &buffer);
		if (r == -EAGAIN)
			r = wait_readable(nl_socket_get_fd(sock), deadline);
		else if (r >= 0)
			r = take_dump(&buffer, r, &interrupted, handler, userdata);
		if (r != 0)
			return r < 0 ? r : 0;
	}
}

static int
dump_until_whole(struct nl_sock *sock, int type, vrrp_monitor_handler handler, void *userdata)
{
	ha_time deadline = ha_time_add(ha_now(), LIST_TIMEOUT);
	int r = -EINTR;

	for (unsigned tries = 0; r == -EINTR && tries < LIST_TRIES; tries++)
		r = dump(sock, type, deadline, handler, userdata);
	return r;
}

int
vrrp_monitor_list(vrrp_monitor_handler handler, void *userdata)
{
	struct nl_sock *sock;
	int r;

	r = vrrp_netlink_open(RECEIVE_BYTES, &sock);
	if (r < 0)
		return r;
	r = dump_until_whole(sock, RTM_GETLINK, handler, userdata);
	if (r == 0)
		r = dump_until_whole(sock, RTM_GETADDR, handler, userdata);
	vrrp_netlink_close(sock);
	return r;
}

struct search {
	const char *name;
	const struct ha_address *address;
	unsigned ifindex; /* 0: look for the address or the name */
	bool found;
	struct vrrp_monitor_link link;
};

static void
search_link(void *userdata, const struct vrrp_monitor_event *event)
{
	struct search *search = userdata;

	if (event->type != VRRP_MONITOR_LINK_CHANGED)
		return;
	if (search->ifindex ? event->link.ifindex == search->ifindex
			    : search->name && strcmp(event->link.name, search->name) == 0) {
		search->found = true;
		search->link = event->link;
	}
}

static void
search_address(void *userdata, const struct vrrp_monitor_event *event)
{
	struct search *search = userdata;

	if (event->type == VRRP_MONITOR_ADDRESS_APPEARED && ha_address_equal(&event->address.address, search->address))
		search->ifindex = event->address.ifindex;
}

int
vrrp_monitor_link_by_name(const char *name, struct vrrp_monitor_link *ret)
{
	struct search search = { .name = name };
	int r = vrrp_monitor_list(search_link, &search);

	if (r < 0)
		return r;
	if (!search.found)
		return -ENODEV;
	*ret = search.link;
	return 0;
}

int
vrrp_monitor_link_by_address(const struct ha_address *address, struct vrrp_monitor_link *ret)
{
	struct search search = { .address = address };
	int r = vrrp_monitor_list(search_address, &search);

	if (r < 0)
		return r;
	if (search.ifindex == 0)
		return -EADDRNOTAVAIL;
	r = vrrp_monitor_list(search_link, &search);
	if (r < 0)
		return r;
	if (!search.found)
		return -ENODEV;
	*ret = search.link;
	return 0;
}
