/* Fuzz target: a line on the control socket. */
#include "daemon/request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request = { 0 };
	char error[REQUEST_ERROR] = "";
	if (size > REQUEST_BYTES)
		return 0;
	int r = request_parse((const char *)data, size, &request, error);
	if (r != 0 && error[0] == '\0')
		abort(); /* a refusal says why */
	if (r == 0 && (request.type >= REQUEST_TYPES || memchr(request.node, 0, sizeof(request.node)) == NULL ||
			      request.duration < HA_SEC))
		abort();
	return 0;
}
