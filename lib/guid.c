#include "lib/guid.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
ha_guid_parse(const char *text, struct ha_guid *ret)
{
	struct ha_guid guid = { 0 };
	unsigned digits = 0;

	for (; *text != '\0'; text++) {
		int value = hex_digit(*text);

		if (*text == '-' && digits % 2 == 0)
			continue;
		if (value < 0 || digits == 32)
			return -EINVAL;
		guid.bytes[digits / 2] = (uint8_t)(guid.bytes[digits / 2] << 4 | value);
		digits++;
	}
	if (digits != 32)
		return -EINVAL;
	*ret = guid;
	return 0;
}

const char *
ha_guid_format(const struct ha_guid *guid, char buffer[HA_GUID_TEXT])
{
	char *at = buffer;

	for (unsigned i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		at += snprintf(at, 3, "%02x", guid->bytes[i]);
	}
	return buffer;
}

bool
ha_guid_is_set(const struct ha_guid *guid)
{
	bool zeros = true, ones = true;

	for (unsigned i = 0; i < 16; i++) {
		zeros = zeros && guid->bytes[i] == 0x00;
		ones = ones && guid->bytes[i] == 0xff;
	}
	return !zeros && !ones;
}

bool
ha_guid_equal(const struct ha_guid *a, const struct ha_guid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* SMBIOS 2.6 section 7.2.1: the first three fields are little-endian. */
static struct ha_guid
smbios_order(const struct ha_guid *g)
{
	static const uint8_t from[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct ha_guid swapped;

	for (unsigned i = 0; i < 16; i++)
		swapped.bytes[i] = g->bytes[from[i]];
	return swapped;
}

static struct ha_guid
reversed(const struct ha_guid *g)
{
	struct ha_guid r;

	for (unsigned i = 0; i < 16; i++)
		r.bytes[i] = g->bytes[15 - i];
	return r;
}

bool
ha_guid_same(const struct ha_guid *a, const struct ha_guid *b)
{
	struct ha_guid swapped = smbios_order(b), back = reversed(b);

	if (!ha_guid_is_set(a) || !ha_guid_is_set(b))
		return false;
	return ha_guid_equal(a, b) || ha_guid_equal(a, &swapped) || ha_guid_equal(a, &back);
}
