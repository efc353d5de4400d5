/* The file is text:
 *
 *   ha-fenced record 1
 *   boot 0f7f1d40-...
 *   state holding
 *   proof 2
 *   woke-late 0
 *   claim 7f3a09c1deadbeef
 *   address 192.168.1.210 24 enp11s0f0
 *   end */
#include "daemon/record.h"

#include "daemon/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_LINE      128               /* longest line */
#define RECORD_ADDRESSES (2 * CONFIG_VIPS) /* the present set, and one that it replaced */
#define RECORD_MAX       (RECORD_LINE * (RECORD_ADDRESSES + 16))

int
record_boot_id(char ret[RECORD_BOOT])
{
	char *text;
	int r = file_read("/proc/sys/kernel/random", "boot_id", RECORD_BOOT - 1, &text, NULL);
	if (r < 0)
		return r;
	text[strcspn(text, "\n")] = '\0';
	strcpy(ret, text);
	free(text);
	return 0;
}

int
record_write(const char *runtime_dir, const char *boot, const struct node_record *record,
	const struct record_address *addresses, unsigned count)
{
	if (record->state == NODE_RECORD_NONE)
		return file_remove(runtime_dir, RECORD_FILE);
	size_t size = RECORD_LINE * ((size_t)count + 8);
	char *text = malloc(size);
	if (text == NULL)
		return -ENOMEM;
	int at = snprintf(text, size,
		"ha-fenced record 1\nboot %s\nstate %s\nproof %d\nwoke-late %d\nclaim %016" PRIx64 "\n", boot,
		record->state == NODE_RECORD_HOLDING ? "holding" : "dirty", (int)record->proof, (int)record->woke_late,
		record->claim);
	for (unsigned i = 0; i < count; i++) {
		char buffer[HA_ADDRESS_TEXT];
		at += snprintf(text + at, size - (size_t)at, "address %s %u %s\n",
			ha_address_format(&addresses[i].address, buffer), addresses[i].prefix_length,
			addresses[i].interface);
	}
	at += snprintf(text + at, size - (size_t)at, "end\n");
	int r = file_replace(runtime_dir, RECORD_FILE, text, (size_t)at, false);
	free(text);
	return r;
}

struct parser {
	char *at;
	struct node_record record;
	struct record_address *addresses;
	unsigned count;
};

static char *
next_line(struct parser *parser)
{
	char *line = parser->at, *end = strchr(line, '\n');
	if (end == NULL)
		return NULL;
	*end = '\0';
	parser->at = end + 1;
	return line;
}

static bool
parse_head(struct parser *parser)
{
	char *line = next_line(parser);
	char word[16];
	int proof, late;
	if (line == NULL || sscanf(line, "state %15s", word) != 1)
		return false;
	if (strcmp(word, "holding") == 0)
		parser->record.state = NODE_RECORD_HOLDING;
	else if (strcmp(word, "dirty") == 0)
		parser->record.state = NODE_RECORD_DIRTY;
	else
		return false;
	line = next_line(parser);
	if (line == NULL || sscanf(line, "proof %d", &proof) != 1 || proof < 0 || proof >= NODE_PROOFS)
		return false;
	parser->record.proof = (enum node_proof)proof;
	line = next_line(parser);
	if (line == NULL || sscanf(line, "woke-late %d", &late) != 1 || late < 0 || late > 1)
		return false;
	parser->record.woke_late = late == 1;
	line = next_line(parser);
	return line != NULL && sscanf(line, "claim %" SCNx64, &parser->record.claim) == 1;
}

static bool
parse_address(const char *line, struct record_address *ret)
{
	char text[HA_ADDRESS_TEXT], interface[IF_NAMESIZE];
	unsigned prefix;
	if (sscanf(line, "address %45s %u %15s", text, &prefix, interface) != 3 || prefix > 128 ||
		ha_address_parse(text, &ret->address) < 0)
		return false;
	ret->prefix_length = (uint8_t)prefix;
	strcpy(ret->interface, interface);
	return true;
}

static bool
parse_addresses(struct parser *parser)
{
	parser->addresses = calloc(RECORD_ADDRESSES, sizeof(*parser->addresses));
	if (parser->addresses == NULL)
		return false;
	for (char *line = next_line(parser); line != NULL; line = next_line(parser)) {
		if (strcmp(line, "end") == 0)
			return true;
		if (parser->count == RECORD_ADDRESSES || !parse_address(line, &parser->addresses[parser->count]))
			return false;
		parser->count++;
	}
	return false;
}

/* True also for the record of another boot: that is none (S4). */
static bool
parse(struct parser *parser, const char *boot)
{
	char written[RECORD_BOOT], *line = next_line(parser);
	if (line == NULL || strcmp(line, "ha-fenced record 1") != 0)
		return false;
	line = next_line(parser);
	if (line == NULL || sscanf(line, "boot %63s", written) != 1)
		return false;
	if (strcmp(written, boot) != 0)
		return true;
	return parse_head(parser) && parse_addresses(parser);
}

int
record_parse(char *text, const char *boot, struct node_record *ret_record, struct record_address **ret_addresses,
	unsigned *ret_count)
{
	struct parser parser = { .at = text };
	bool good = parse(&parser, boot);
	if (!good)
		parser.record = (struct node_record){ .state = NODE_RECORD_DIRTY };
	*ret_record = parser.record;
	*ret_addresses = parser.addresses;
	*ret_count = parser.count;
	return good ? 0 : -EBADMSG;
}

int
record_read(const char *runtime_dir, const char *boot, struct node_record *ret_record,
	struct record_address **ret_addresses, unsigned *ret_count)
{
	char *text = NULL;
	*ret_record = (struct node_record){ 0 };
	*ret_addresses = NULL;
	*ret_count = 0;
	int r = file_read(runtime_dir, RECORD_FILE, RECORD_MAX, &text, NULL);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = record_parse(text, boot, ret_record, ret_addresses, ret_count);
	else
		ret_record->state = NODE_RECORD_DIRTY;
	free(text);
	return r;
}
