/* What this host's kernel and its tools say in text in which others have a hand: the mount table (whoever may mount
 * chooses names), routes (names of interfaces), the firewall's rules, the machine's GUID. The first byte chooses.
 *
 * options: -max_len=512 */
#include "daemon/cli_test.h"
#include "daemon/gateway.h"
#include "health/mountinfo.h"
#include "lib/guid.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define POINT "/srv/data"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool truth)
{
	if (!truth)
		abort();
}

static void
find(const char *text, size_t length, struct health_mount *ret)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("mountinfo", MFD_CLOEXEC);
	require(pwrite(fd, text, length, 0) == (ssize_t)length && ftruncate(fd, (off_t)length) == 0 &&
		lseek(fd, 0, SEEK_SET) == 0);
	memset(ret, 1, sizeof(*ret));
	health_mountinfo_find(fd, POINT "/", ret);
	require(memchr(ret->type, '\0', sizeof(ret->type)) && memchr(ret->source, '\0', sizeof(ret->source)));
}

/* What is found is found in one line: in the last of them that says it. */
static void
check_mounts(const char *text, size_t length)
{
	struct health_mount whole, line, last = { .found = false };

	find(text, length, &whole);
	if (!whole.found && length % 4 != 0)
		return; /* line by line is slow */
	for (size_t at = 0, end; at < length; at = end) {
		const char *newline = memchr(text + at, '\n', length - at);

		end = newline ? (size_t)(newline - text) + 1 : length;
		find(text + at, end - at, &line);
		if (line.found)
			last = line;
	}
	require(whole.found == last.found && strcmp(whole.type, last.type) == 0 &&
		strcmp(whole.source, last.source) == 0);
}

/* The first line that says it. */
static void
check_routes(char *text)
{
	struct ha_address found = { .family = 0 }, line = { .family = 0 };
	int r = gateway_parse(text, "eth0", &found);

	for (char *rest = text, *one = strsep(&rest, "\n"); one && line.family == 0; one = strsep(&rest, "\n"))
		(void)gateway_parse(one, "eth0", &line);
	require((r == 0) == (found.family == AF_INET) && ha_address_equal(&found, &line));
}

static void
check_guid(const char *text)
{
	struct ha_guid guid, again;
	char buffer[HA_GUID_TEXT];

	if (ha_guid_parse(text, &guid) == 0)
		require(ha_guid_parse(ha_guid_format(&guid, buffer), &again) == 0 && ha_guid_equal(&guid, &again));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1); /* its own, and terminated */

	require(text != NULL);
	if (size > 0)
		memcpy(text, data + 1, size - 1);
	if (size > 0 && data[0] % 4 == 0)
		check_mounts(text, size - 1);
	else if (size > 0 && data[0] % 4 == 1)
		check_routes(text);
	else if (size > 0 && data[0] % 4 == 2)
		check_guid(text);
	else if (!strstr(text, "hook input"))
		require(cli_test_lan_firewall(text, 1112) == NULL);
	else
		(void)cli_test_lan_firewall(text, 1112);
	free(text);
	return 0;
}
