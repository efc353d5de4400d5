#include "lib/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

int
ha_address_parse(const char *text, struct ha_address *ret)
{
	struct ha_address address = { 0 };

	if (inet_pton(AF_INET, text, address.bytes) == 1)
		address.family = AF_INET;
	else if (inet_pton(AF_INET6, text, address.bytes) == 1)
		address.family = AF_INET6;
	else
		return -EINVAL;
	*ret = address;
	return 0;
}

const char *
ha_address_format(const struct ha_address *address, char buffer[HA_ADDRESS_TEXT])
{
	if (address->family == 0 || !inet_ntop(address->family, address->bytes, buffer, HA_ADDRESS_TEXT))
		strcpy(buffer, "-");
	return buffer;
}

bool
ha_address_equal(const struct ha_address *a, const struct ha_address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

size_t
ha_address_length(const struct ha_address *address)
{
	return address->family == AF_INET ? 4 : address->family == AF_INET6 ? 16 : 0;
}
