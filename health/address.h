/* health/address.h -- from the configuration's addresses to the kernel's. Pure. */
#ifndef HA_HEALTH_ADDRESS_H
#define HA_HEALTH_ADDRESS_H

#include "lib/net.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* The length of *ret. */
static inline socklen_t
health_sockaddr(const struct ha_address *address, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	ret->ss_family = address->family;
	if (address->family == AF_INET6) {
		six->sin6_port = htons(port);
		memcpy(&six->sin6_addr, address->bytes, sizeof(six->sin6_addr));
		return sizeof(*six);
	}
	four->sin_port = htons(port);
	memcpy(&four->sin_addr, address->bytes, sizeof(four->sin_addr));
	return sizeof(*four);
}

#endif
