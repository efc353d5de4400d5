#include "lib/config_value.h"

#include "lib/secret.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
has_only(const char *text, const char *marks)
{
	for (; *text != '\0'; text++) {
		if (!isalnum((unsigned char)*text) && !strchr(marks, *text))
			return false;
	}
	return true;
}

bool
config_value_is_interface(const char *text)
{
	if (*text == '\0' || strlen(text) >= IF_NAMESIZE || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return false;
	for (; *text != '\0'; text++) {
		if (isspace((unsigned char)*text) || *text == '/' || *text == ':')
			return false;
	}
	return true;
}

/* As the fence-agent API has it on stdin. */
static bool
is_option(const char *text)
{
	size_t key = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return key > 0 && text[0] != '-' && text[key] == '=';
}

bool
config_value_is_text(enum config_kind kind, const char *text, double min, size_t max)
{
	size_t length = strlen(text);

	if ((double)length < min || length > max)
		return false;
	if (kind == CONFIG_KIND_NAME)
		return has_only(text, "._-");
	if (kind == CONFIG_KIND_UNIT)
		return has_only(text, "._-@:\\") && strchr(text, '.');
	if (kind == CONFIG_KIND_INTERFACE)
		return config_value_is_interface(text);
	if (kind == CONFIG_KIND_PATH || kind == CONFIG_KIND_COMMAND)
		return text[0] == '/' && text[1] != '\0';
	if (kind == CONFIG_KIND_AGENT)
		return text[0] == '/' ? text[1] != '\0' : text[0] != '.' && text[0] != '-' && has_only(text, "._-");
	if (kind == CONFIG_KIND_OPTION)
		return is_option(text);
	return true;
}

static bool
store_text(const struct config_spec *spec, char *field, const char *text)
{
	size_t max = spec->max > 0 ? (size_t)spec->max : spec->size - 1;

	if (!text || !config_value_is_text(spec->kind, text, spec->min, max))
		return false;
	memset(field, 0, spec->size);
	memcpy(field, text, strlen(text));
	return true;
}

bool
config_value_is_whole(double value)
{
	return value == (double)(long long)value;
}

bool
config_value_set_number(const struct config_spec *spec, void *base, double value)
{
	char *field = (char *)base + spec->offset;
	ha_time time;
	int weight;

	if (value < spec->min || value > spec->max)
		return false;
	if (spec->kind == CONFIG_KIND_SECONDS) {
		time = (ha_time)(value * (double)HA_SEC + 0.5);
		memcpy(field, &time, sizeof(time));
		return true;
	}
	if (!config_value_is_whole(value))
		return false;
	if (spec->kind == CONFIG_KIND_WEIGHT) {
		weight = (int)value;
		memcpy(field, &weight, sizeof(weight));
		config_store_uint((char *)base + spec->count_offset, sizeof(bool), 1);
		return weight != 0;
	}
	config_store_uint(field, spec->size, (uint64_t)value);
	return true;
}

bool
config_value_set_word(const struct config_spec *spec, void *field, const char *text)
{
	for (const struct config_word *word = spec->words; text && word->word; word++) {
		if (strcmp(word->word, text) == 0) {
			config_store_uint(field, spec->size, (uint64_t)word->value);
			return true;
		}
	}
	return false;
}

static bool
store_imm_guid(void *base, void *field, const char *text)
{
	struct config_imm *imm = base;

	if (strcmp(text, "none") == 0) {
		imm->guid_none = true;
		return true;
	}
	return ha_guid_parse(text, field) == 0 && ha_guid_is_set(field);
}

static bool
store_kg(const struct config_spec *spec, void *base, const char *text)
{
	uint8_t *field = (uint8_t *)base + spec->offset;
	size_t bytes;
	int r;

	/* Masked, its length is all that can be checked. */
	if (*text == '*')
		return strlen(text) % 2 == 0 && strlen(text) / 2 <= spec->size;
	r = secret_parse_hex(text, strlen(text), field, spec->size);
	if (r <= 0)
		return false;
	bytes = (size_t)r;
	memcpy((char *)base + spec->count_offset, &bytes, sizeof(bytes));
	return true;
}

static bool
store_status(const struct config_spec *spec, void *base, const char *text)
{
	unsigned low, high;
	int end = 0;

	if (sscanf(text, "%3u%n", &low, &end) != 1)
		return false;
	high = low;
	if (text[end] == '-') {
		text += end + 1;
		end = 0;
		if (sscanf(text, "%3u%n", &high, &end) != 1)
			return false;
	}
	if (text[end] != '\0' || low < spec->min || high > spec->max || high < low)
		return false;
	config_store_uint((char *)base + spec->offset, sizeof(low), low);
	config_store_uint((char *)base + spec->count_offset, sizeof(high), high);
	return true;
}

bool
config_value_set_text(const struct config_spec *spec, void *base, const char *text)
{
	void *field = (char *)base + spec->offset;

	switch (spec->kind) {
	case CONFIG_KIND_TEXT:
	case CONFIG_KIND_NAME:
	case CONFIG_KIND_UNIT:
	case CONFIG_KIND_INTERFACE:
	case CONFIG_KIND_PATH:
	case CONFIG_KIND_COMMAND:
	case CONFIG_KIND_AGENT:
	case CONFIG_KIND_OPTION:
		return store_text(spec, field, text);
	case CONFIG_KIND_WORD:
		return config_value_set_word(spec, field, text);
	case CONFIG_KIND_ADDRESS:
		return ha_address_parse(text, field) == 0;
	case CONFIG_KIND_GUID:
		return ha_guid_parse(text, field) == 0 && ha_guid_is_set(field);
	case CONFIG_KIND_IMM_GUID:
		return store_imm_guid(base, field, text);
	case CONFIG_KIND_KG:
		return store_kg(spec, base, text);
	case CONFIG_KIND_STATUS:
		return store_status(spec, base, text);
	case CONFIG_KIND_BOOL:
	case CONFIG_KIND_UNSIGNED:
	case CONFIG_KIND_SECONDS:
	case CONFIG_KIND_WEIGHT:
	case CONFIG_KIND_TEXTS:
	case CONFIG_KIND_VIPS:
	case CONFIG_KIND_GROUP:
	case CONFIG_KIND_LIST:
		break;
	}
	return false;
}

void
config_value_default(const struct config_spec *spec, void *base)
{
	if (!spec->initial)
		return;
	if (spec->kind == CONFIG_KIND_BOOL)
		config_store_uint((char *)base + spec->offset, spec->size, strcmp(spec->initial, "true") == 0);
	else if (spec->kind == CONFIG_KIND_UNSIGNED || spec->kind == CONFIG_KIND_SECONDS)
		config_value_set_number(spec, base, strtod(spec->initial, NULL));
	else
		config_value_set_text(spec, base, spec->initial);
}
