#include "daemon/gateway.h"

#include "daemon/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ROUTES_MAX   (256 * 1024)
#define LINE_BYTES   256 /* the kernel's have 128 */
#define FLAG_GATEWAY 2   /* RTF_GATEWAY */

static int
parse_line(const char *text, size_t length, const char *interface, struct ha_address *ret)
{
	char line[LINE_BYTES], name[32];
	unsigned destination, gateway, flags, mask;
	if (length >= sizeof(line))
		return -ENOENT;
	memcpy(line, text, length); /* its own: to sscanf() the next line's words would be as good */
	line[length] = '\0';
	if (sscanf(line, "%31s %x %x %x %*d %*u %*d %x", name, &destination, &gateway, &flags, &mask) != 5)
		return -ENOENT;
	if (strcmp(name, interface) != 0 || destination != 0 || mask != 0 || (flags & FLAG_GATEWAY) == 0)
		return -ENOENT;
	*ret = (struct ha_address){ .family = AF_INET };
	memcpy(ret->bytes, &gateway, 4); /* the kernel prints the address as a word in memory order */
	return 0;
}

int
gateway_parse(const char *text, const char *interface, struct ha_address *ret)
{
	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		if (parse_line(text, length, interface, ret) == 0)
			return 0;
		text += length + (text[length] != '\0');
	}
	return -ENOENT;
}

int
gateway_find(const char *interface, struct ha_address *ret)
{
	char *text;
	int r = file_read("/proc/self/net", "route", ROUTES_MAX, &text, NULL);
	if (r < 0)
		return r;
	r = gateway_parse(text, interface, ret);
	free(text);
	return r;
}
