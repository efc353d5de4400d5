/* Fuzz target: a sequence of datagrams from the IMM's address. Each is one length byte and its bytes. */
#include "fence/filter.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ha_address imm = { .family = 2, .bytes = { 192, 0, 2, 98 } };
	struct fence_filter filter;

	fence_filter_init(&filter, &imm, 623);
	while (size > 0) {
		size_t length = data[0] < size ? data[0] : size - 1;
		uint8_t *datagram = malloc(length > 0 ? length : 1); /* its own: reading past its end is seen */
		bool was_established = filter.established;

		if (!datagram)
			return 0;
		memcpy(datagram, data + 1, length);
		if (fence_filter_pass(&filter, &imm, 623, datagram, length)) {
			if (was_established && (datagram[4] != 0x06 || datagram[5] != 0xc0 || length < 16 + 32 + 14))
				abort(); /* S6 */
			if (!was_established && datagram[4] == 0x06 && datagram[16] >= 64)
				abort();
		}
		free(datagram);
		data += 1 + length;
		size -= 1 + length;
	}
	return 0;
}
