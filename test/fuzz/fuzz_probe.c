/* ARP and neighbour discovery frames: what is believed of one stands in it, and is for one of its families. */
#include "vrrp/probe_frame.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vrrp_probe_sighting sighting = { .type = VRRP_PROBE_WANTED };
	uint8_t *frame = malloc(size > 0 ? size : 1); /* its own: reading past its end is seen */

	if (!frame)
		return 0;
	memcpy(frame, data, size);
	if (vrrp_probe_parse(frame, size, &sighting) == 0) {
		size_t bytes = sighting.address.family == AF_INET ? 4 : 16;

		if (sighting.address.family != AF_INET && sighting.address.family != AF_INET6)
			abort();
		if (!memmem(frame, size, sighting.address.bytes, bytes) ||
			!memmem(frame, size, sighting.mac, VRRP_PROBE_MAC))
			abort();
		if (sighting.reply && sighting.type != VRRP_PROBE_IN_USE)
			abort(); /* an answer is of somebody who has it */
	}
	free(frame);
	return 0;
}
