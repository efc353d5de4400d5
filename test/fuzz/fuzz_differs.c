/* What a peer tells of its settings, message after message, also as no release of ours would: as much as
 * vrrp_message_decode_settings() lets through. What is named is ours, counted right, and has room; a peer that tells
 * exactly our settings differs in none.
 *
 * options: -max_len=512 */
#include "daemon/differs.h"

#include <stdlib.h>
#include <string.h>

#define OWN     24
#define SETTING 3 /* bytes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool truth)
{
	if (!truth)
		abort();
}

/* Two long lists, whose elements have names, and settings of their own: the beginning of the input gives the values. */
static unsigned
own_settings(const uint8_t *data, size_t size, struct config_setting own[OWN])
{
	static const char *const scopes[] = { "vrrp", "fence", "health.checks", "a-scope-of-a-release-to-come" };
	static const char *const names[] = { "name", "interval", "a_setting_with_a_long_name", "type", "x", "after" };

	for (unsigned i = 0; i < OWN; i++) {
		own[i] = (struct config_setting){
			.scope = scopes[i / 6], .name = names[i % 6], .list = i / 6 >= 2, .id = (uint16_t)(i + 1)
		};
		for (unsigned key = 0; key < CONFIG_KEYS; key++)
			own[i].values[key] = i < size ? data[i] : 0;
	}
	return (unsigned)(size % (OWN + 1));
}

static void
judge(const struct differs *differs, unsigned count)
{
	char text[DIFFERS_TEXT];
	unsigned has = 0, in = 0;

	for (unsigned i = 0; i < DIFFERS_TOLD; i++)
		has += differs->has[i];
	for (unsigned i = 0; i < count; i++)
		in += differs_in(differs, i);
	require(has == differs->told && differs->told <= differs->total);
	require(differs_unknown(differs) <= differs->told);
	memset(text, 1, sizeof(text));
	require(differs_text(differs, text) == text && memchr(text, '\0', sizeof(text)));
	require((text[0] == '\0') == (in == 0 && differs_unknown(differs) == 0));
	if (in != 0)
		require(strchr(text, '.') != NULL);
}

static void
tell_the_same(struct differs *differs, unsigned count)
{
	struct vrrp_message message = { .incarnation = UINT64_MAX };
	struct vrrp_settings settings;
	char text[DIFFERS_TEXT];

	for (unsigned i = 0; i <= count; i++) {
		differs_tell(differs, &settings);
		require(settings.first + settings.count <= settings.total && settings.total == count);
		differs_hear(differs, &message, &settings);
	}
	require(*differs_text(differs, text) == '\0' && differs_unknown(differs) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_setting own[OWN];
	unsigned count = own_settings(data, size, own);
	static struct differs differs;

	memset(&differs, 0, sizeof(differs));
	differs_configure(&differs, own, count);
	/* Who speaks and of how many, from where, how many; then number and value of each. */
	while (size >= 4) {
		struct vrrp_message message = { .incarnation = data[0] & 3, .config_digest = { data[0] >> 2 & 3 } };
		struct vrrp_settings settings = { .total = data[1],
			.first = data[2],
			.count = data[3] % (VRRP_SETTINGS_CHUNK + 1),
			.key = data[0] >> 6 };

		data += 4;
		size -= 4;
		for (unsigned i = 0; i < settings.count && size >= SETTING; i++, data += SETTING, size -= SETTING)
			settings.list[i] =
				(struct vrrp_setting){ .id = (uint16_t)(data[0] << 8 | data[1]), .value = data[2] };
		if (settings.first + settings.count > settings.total)
			continue; /* refused with the whole message */
		differs_hear(&differs, &message, &settings);
		if (size % 4 == 0)
			judge(&differs, count);
	}
	judge(&differs, count);
	tell_the_same(&differs, count);
	return 0;
}
