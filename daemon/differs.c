/* The two configurations differ while their digests do. Then each node tells of its settings, a few in each message, by
 * number and keyed value (vrrp/message.h): all have been told after a dozen messages, long before the alarm. */
#include "daemon/differs.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define NAMED 6 /* in a line of text */

_Static_assert(CONFIG_SETTINGS <= DIFFERS_TOLD && DIFFERS_TOLD == UINT8_MAX, "the number of settings fits a message");
_Static_assert(CONFIG_KEYS == sizeof(((struct vrrp_message_keys *)0)->keys) / VRRP_MESSAGE_KEY,
	"a setting has a value under each key");

static void
forget(struct differs *differs)
{
	differs->total = 0;
	differs->told = 0;
	memset(differs->has, 0, sizeof(differs->has));
}

void
differs_configure(struct differs *differs, const struct config_setting *own, unsigned count)
{
	assert(count <= CONFIG_SETTINGS);
	memcpy(differs->own, own, count * sizeof(*own));
	differs->count = count;
	differs->next = 0;
	forget(differs);
}

void
differs_tell(struct differs *differs, struct vrrp_settings *ret)
{
	unsigned first = differs->next, left = differs->count - first;
	unsigned count = left < VRRP_SETTINGS_CHUNK ? left : VRRP_SETTINGS_CHUNK;

	*ret = (struct vrrp_settings){
		.total = (uint8_t)differs->count, .first = (uint8_t)first, .count = (uint8_t)count
	};
	for (unsigned i = 0; i < count; i++) {
		const struct config_setting *setting = &differs->own[first + i];

		/* Key 0 signs. */
		ret->list[i] = (struct vrrp_setting){ .id = setting->id, .value = setting->values[0] };
	}
	differs->next = first + count < differs->count ? first + count : 0;
}

void
differs_hear(struct differs *differs, const struct vrrp_message *message, const struct vrrp_settings *settings)
{
	bool another = message->incarnation != differs->incarnation ||
		       memcmp(message->config_digest, differs->config_digest, sizeof(differs->config_digest)) != 0;

	/* A message without settings has neither number nor values to compare. */
	if (settings->total != 0)
		another = another || settings->total != differs->total || settings->key != differs->key;
	if (another) {
		forget(differs);
		differs->incarnation = message->incarnation;
		memcpy(differs->config_digest, message->config_digest, sizeof(differs->config_digest));
		differs->key = settings->key;
		differs->total = settings->total;
	}
	for (unsigned i = 0; i < settings->count; i++) {
		unsigned at = settings->first + i;

		differs->told += !differs->has[at];
		differs->has[at] = true;
		differs->list[at] = settings->list[i];
	}
}

/* The value of `own[index]` is another there; a setting that the peer does not have counts once it has told all. */
static bool
value_differs(const struct differs *differs, unsigned index)
{
	const struct config_setting *setting = &differs->own[index];

	for (unsigned i = 0; i < differs->total; i++)
		if (differs->has[i] && differs->list[i].id == setting->id)
			return differs->list[i].value != setting->values[differs->key];
	return differs->total != 0 && differs->told == differs->total;
}

/* The elements of the list that `own[index]` is of have other names there. */
static bool
names_differ(const struct differs *differs, unsigned index)
{
	for (unsigned i = 0; i < differs->count; i++)
		if (strcmp(differs->own[i].scope, differs->own[index].scope) == 0 &&
			strcmp(differs->own[i].name, "name") == 0)
			return i != index && value_differs(differs, i);
	return false;
}

bool
differs_in(const struct differs *differs, unsigned index)
{
	return value_differs(differs, index) && !(differs->own[index].list && names_differ(differs, index));
}

unsigned
differs_unknown(const struct differs *differs)
{
	unsigned unknown = 0;

	for (unsigned i = 0; i < differs->total; i++) {
		bool known = !differs->has[i];

		for (unsigned j = 0; j < differs->count && !known; j++)
			known = differs->own[j].id == differs->list[i].id;
		unknown += !known;
	}
	return unknown;
}

const char *
differs_text(const struct differs *differs, char buffer[DIFFERS_TEXT])
{
	unsigned named = 0, more = differs_unknown(differs);
	size_t at = 0;

	buffer[0] = '\0';
	for (unsigned i = 0; i < differs->count; i++) {
		const struct config_setting *setting = &differs->own[i];
		/* Room for the end. */
		size_t length = strlen(setting->scope) + strlen(setting->name) + sizeof(".,  and 999 more");

		if (!differs_in(differs, i))
			continue;
		if (named == NAMED || at + length > DIFFERS_TEXT) {
			more++;
			continue;
		}
		at += (size_t)snprintf(buffer + at, DIFFERS_TEXT - at, "%s%s.%s", named == 0 ? "" : ", ",
			setting->scope, setting->name);
		named++;
	}
	if (more != 0 && named != 0)
		snprintf(buffer + at, DIFFERS_TEXT - at, " and %u more", more);
	else if (more != 0)
		snprintf(buffer + at, DIFFERS_TEXT - at, "%u that this release does not know", more);
	return buffer;
}
