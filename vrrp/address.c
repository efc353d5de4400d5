#include "vrrp/address.h"

#include "vrrp/netlink.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <netlink/addr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/rtnl.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define WINDOW        64u /* requests with the kernel at a time: their answers always fit the receive queue */
#define RECEIVE_BYTES (1 << 20)

struct vrrp_address_request {
	const struct config_vip *vip; /* add */
	struct ha_address address;
	unsigned ifindex;
	uint32_t token;
	enum vrrp_address_operation operation;
	uint8_t prefix_length;
	bool answered;
	int result;
};

int
vrrp_address_open(struct vrrp_address *address, unsigned capacity)
{
	struct vrrp_address opened = { .fd = -1, .capacity = capacity, .sequence = 1 };
	int on = 1;
	int r;

	*address = opened;
	opened.ring = calloc(capacity ? capacity : 1, sizeof(*opened.ring));
	if (!opened.ring)
		return -ENOMEM;
	r = vrrp_netlink_open(RECEIVE_BYTES, &opened.sock);
	if (r < 0) {
		free(opened.ring);
		return r;
	}
	opened.fd = nl_socket_get_fd(opened.sock);
	/* Answers without a copy of the request; where the kernel cannot do that they are only longer. */
	(void)setsockopt(opened.fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	*address = opened;
	return 0;
}

void
vrrp_address_close(struct vrrp_address *address)
{
	vrrp_netlink_close(address->sock);
	free(address->ring);
	*address = (struct vrrp_address){ .fd = -1 };
}

static bool
is_host_prefix(const struct vrrp_address_request *request)
{
	return request->prefix_length == ha_address_length(&request->address) * 8;
}

/* Everything that only an add carries. */
static int
describe(struct rtnl_addr *object, const struct vrrp_address_request *request)
{
	const struct config_vip *vip = request->vip;
	bool ipv6 = request->address.family == AF_INET6;
	struct nl_addr *broadcast;
	int r;

	rtnl_addr_set_flags(object,
		(is_host_prefix(request) ? 0u : (unsigned)IFA_F_NOPREFIXROUTE) | (ipv6 ? (unsigned)IFA_F_NODAD : 0u));
	if (ipv6 && is_host_prefix(request)) {
		rtnl_addr_set_valid_lifetime(object, UINT32_MAX);
		rtnl_addr_set_preferred_lifetime(object, 0);
	}
	if (vip->label[0] && (r = rtnl_addr_set_label(object, vip->label)) < 0)
		return vrrp_netlink_error(r);
	if (vip->scope[0]) {
		int scope = rtnl_str2scope(vip->scope);

		if (scope < 0)
			return -EINVAL;
		rtnl_addr_set_scope(object, scope);
	}
	if (vip->broadcast.family == 0)
		return 0;
	broadcast = nl_addr_build(vip->broadcast.family, vip->broadcast.bytes, ha_address_length(&vip->broadcast));
	if (!broadcast)
		return -ENOMEM;
	r = rtnl_addr_set_broadcast(object, broadcast);
	nl_addr_put(broadcast);
	return vrrp_netlink_error(r);
}

static int
fill(struct rtnl_addr *object, const struct vrrp_address_request *request)
{
	struct nl_addr *local =
		nl_addr_build(request->address.family, request->address.bytes, ha_address_length(&request->address));
	int r;

	if (!local)
		return -ENOMEM;
	rtnl_addr_set_ifindex(object, (int)request->ifindex);
	r = rtnl_addr_set_local(object, local);
	nl_addr_put(local);
	if (r < 0)
		return vrrp_netlink_error(r);
	rtnl_addr_set_prefixlen(object, request->prefix_length); /* after the address, which brings its own */
	return request->operation == VRRP_ADDRESS_ADD ? describe(object, request) : 0;
}

static int
build(const struct vrrp_address_request *request, struct nl_msg **ret)
{
	struct rtnl_addr *object = rtnl_addr_alloc();
	int r;

	if (!object)
		return -ENOMEM;
	r = fill(object, request);
	if (r == 0 && request->operation == VRRP_ADDRESS_ADD)
		r = vrrp_netlink_error(rtnl_addr_build_add_request(object, NLM_F_EXCL, ret));
	else if (r == 0)
		r = vrrp_netlink_error(rtnl_addr_build_delete_request(object, 0, ret));
	rtnl_addr_put(object);
	return r;
}

static int
transmit(struct vrrp_address *address, const struct vrrp_address_request *request, uint32_t sequence)
{
	struct nl_msg *message;
	struct nlmsghdr *header;
	int r = build(request, &message);

	if (r < 0)
		return r;
	header = nlmsg_hdr(message);
	header->nlmsg_seq = sequence;
	nl_complete_msg(address->sock, message); /* also asks for the ACK */
	if (send(address->fd, header, header->nlmsg_len, MSG_DONTWAIT) < 0)
		r = -errno;
	nlmsg_free(message);
	return r;
}

static struct vrrp_address_request *
slot(const struct vrrp_address *address, unsigned index)
{
	return &address->ring[(address->head + index) % address->capacity];
}

/* Fill the window. What cannot even be sent is answered by us. */
static void
pump(struct vrrp_address *address)
{
	while (address->sent < address->queued && address->sent < WINDOW) {
		struct vrrp_address_request *request = slot(address, address->sent);
		int r = transmit(address, request, address->sequence + address->sent);

		if (r < 0) {
			request->answered = true;
			request->result = r;
		}
		address->sent++;
	}
}

/* What the kernel's error says about the wish: is the address there (add), is it not there (remove)? */
static int
verdict(enum vrrp_address_operation operation, int error)
{
	if (operation == VRRP_ADDRESS_ADD && error == -EEXIST)
		return 0;
	if (operation == VRRP_ADDRESS_REMOVE && (error == -EADDRNOTAVAIL || error == -ENODEV))
		return 0;
	return error;
}

/* The kernel answers in order; an earlier request without an answer has lost it. */
static void
take_answer(struct vrrp_address *address, uint32_t sequence, int error)
{
	uint32_t index = sequence - address->sequence;

	if (index >= address->sent)
		return;
	for (unsigned i = 0; i <= index; i++) {
		struct vrrp_address_request *request = slot(address, i);

		if (request->answered)
			continue;
		request->answered = true;
		request->result = i == index ? verdict(request->operation, error) : -ENOBUFS;
	}
}

static void
lose_answers(struct vrrp_address *address)
{
	for (unsigned i = 0; i < address->sent; i++) {
		struct vrrp_address_request *request = slot(address, i);

		if (!request->answered)
			request->result = -ENOBUFS;
		request->answered = true;
	}
}

/* rtnetlink has answered when send() returns, so an empty queue means that every answer has been read or lost. */
static int
read_answers(struct vrrp_address *address)
{
	union vrrp_netlink_buffer buffer;
	struct nlmsgerr answer;
	int left = vrrp_netlink_receive(address->sock, &buffer);

	if (left == -EAGAIN || left == -ENOBUFS) {
		if (address->sent > 0)
			lose_answers(address);
		return left == -EAGAIN ? 0 : 1;
	}
	if (left < 0)
		return left;
	for (struct nlmsghdr *header = &buffer.header; nlmsg_ok(header, left); header = nlmsg_next(header, &left)) {
		if (header->nlmsg_type != NLMSG_ERROR || header->nlmsg_len < NLMSG_LENGTH(sizeof(answer)))
			continue;
		memcpy(&answer, nlmsg_data(header), sizeof(answer));
		take_answer(address, header->nlmsg_seq, answer.error);
	}
	return 1;
}

static unsigned
deliver(struct vrrp_address *address, unsigned max, vrrp_address_handler handler, void *userdata)
{
	unsigned count;

	for (count = 0; count < max && address->sent > 0 && slot(address, 0)->answered; count++) {
		const struct vrrp_address_request *request = slot(address, 0);
		struct vrrp_address_answer answer = { .token = request->token,
			.operation = request->operation,
			.address = request->address,
			.ifindex = request->ifindex,
			.result = request->result };

		address->head = (address->head + 1) % address->capacity;
		address->sequence++;
		address->sent--;
		address->queued--;
		handler(userdata, &answer);
	}
	return count;
}

int
vrrp_address_receive(struct vrrp_address *address, unsigned max, vrrp_address_handler handler, void *userdata)
{
	unsigned count = 0;

	if (address->fd < 0)
		return -EBADF;
	for (;;) {
		int r;

		pump(address);
		count += deliver(address, max - count, handler, userdata);
		if (count == max)
			return (int)count;
		r = read_answers(address);
		if (r < 0)
			return r;
		if (r == 0 && address->sent == 0)
			return (int)count;
	}
}

static int
enqueue(struct vrrp_address *address, const struct vrrp_address_request *request)
{
	if (address->fd < 0)
		return -EBADF;
	if (request->ifindex == 0 || ha_address_length(&request->address) == 0 ||
		request->prefix_length > ha_address_length(&request->address) * 8)
		return -EINVAL;
	if (address->queued == address->capacity)
		return -ENOBUFS;
	*slot(address, address->queued) = *request;
	address->queued++;
	pump(address);
	return 0;
}

int
vrrp_address_add(struct vrrp_address *address, const struct config_vip *vip, unsigned ifindex, uint32_t token)
{
	struct vrrp_address_request request = { .vip = vip,
		.address = vip->address,
		.prefix_length = vip->prefix_length,
		.ifindex = ifindex,
		.token = token,
		.operation = VRRP_ADDRESS_ADD };

	return enqueue(address, &request);
}

int
vrrp_address_remove(struct vrrp_address *address, const struct ha_address *vip, uint8_t prefix_length, unsigned ifindex,
	uint32_t token)
{
	struct vrrp_address_request request = { .address = *vip,
		.prefix_length = prefix_length,
		.ifindex = ifindex,
		.token = token,
		.operation = VRRP_ADDRESS_REMOVE };

	return enqueue(address, &request);
}

unsigned
vrrp_address_open_requests(const struct vrrp_address *address)
{
	return address->queued;
}
