/* The state file, and behind a NUL the record of the runtime directory: what is accepted is in range and, written
 * again, is read as the same. */
#include "daemon/memory.h"
#include "daemon/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool truth)
{
	if (!truth)
		abort();
}

static void
check_memory(const char *text)
{
	struct node_memory memory, again;
	char buffer[MEMORY_BYTES];

	memset(&memory, 0, sizeof(memory));
	memset(&again, 0, sizeof(again));
	if (memory_parse(text, &memory) < 0)
		return;
	require(memory.power_up_tries <= RESTORE_TRIES);
	require(memory_format(&memory, buffer) < MEMORY_BYTES);
	require(memory_parse(buffer, &again) == 0);
	require(again.standby == memory.standby && again.startup_burned == memory.startup_burned &&
		again.credit_spent == memory.credit_spent && again.power_up_tries == memory.power_up_tries &&
		again.episode == memory.episode && ha_guid_equal(&again.peer_guid, &memory.peer_guid));
	require(again.outlets_off == memory.outlets_off && again.outlets_owed == memory.outlets_owed);
}

static void
check_record(char *text)
{
	struct node_record record;
	struct record_address *addresses;
	unsigned count;
	int r = record_parse(text, "b", &record, &addresses, &count);

	if (r < 0)
		require(record.state == NODE_RECORD_DIRTY);
	require(record.proof < NODE_PROOFS && (count == 0 || addresses));
	for (unsigned i = 0; i < count; i++)
		require(addresses[i].address.family != 0 && addresses[i].prefix_length <= 128 &&
			strnlen(addresses[i].interface, IF_NAMESIZE) < IF_NAMESIZE);
	free(addresses);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1), *end;

	if (!text)
		return 0;
	memcpy(text, data, size);
	end = text + strlen(text);
	check_memory(text);
	check_record(end < text + size ? end + 1 : text);
	free(text);
	return 0;
}
