#include "lib/config_value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define VIP_WORDS 16

/* One "word value" pair behind the address. Returns NULL or what is wrong. */
static const char *
parse_vip_word(struct config_vip *vip, const char *word, const char *value)
{
	static const char *const scopes[] = { "global", "site", "link", "host", "nowhere" };

	if (strcmp(word, "dev") == 0) {
		if (!config_value_is_interface(value))
			return "dev takes the name of an interface, at most 15 bytes";
		strcpy(vip->interface, value);
	} else if (strcmp(word, "label") == 0) {
		if (strlen(value) >= IF_NAMESIZE)
			return "the kernel takes labels of at most 15 bytes";
		if (strchr(value, '/'))
			return "a label is the interface's name, a colon and a word";
		strcpy(vip->label, value);
	} else if (strcmp(word, "scope") == 0) {
		for (unsigned i = 0; i < sizeof(scopes) / sizeof(*scopes); i++) {
			if (strcmp(scopes[i], value) == 0)
				strcpy(vip->scope, value);
		}
		if (vip->scope[0] == '\0')
			return "scope is global, site, link, host or nowhere";
	} else if (strcmp(word, "brd") == 0 || strcmp(word, "broadcast") == 0) {
		if (ha_address_parse(value, &vip->broadcast) != 0 || vip->broadcast.family != vip->address.family)
			return "brd takes a numeric address";
	} else {
		return "known words: dev, label, scope, brd";
	}
	return NULL;
}

/* "ADDRESS[/LENGTH]"; without a length 32 or 128, as keepalived takes it. */
static const char *
parse_vip_address(struct config_vip *vip, char *text)
{
	char *slash = strchr(text, '/'), *end;
	unsigned long bits, length;

	if (slash)
		*slash++ = '\0';
	if (ha_address_parse(text, &vip->address) != 0)
		return "the address is not numeric";
	bits = 8 * ha_address_length(&vip->address);
	length = slash ? strtoul(slash, &end, 10) : bits;
	if (slash && (!isdigit((unsigned char)*slash) || *end != '\0' || length > bits || length == 0))
		return "the length behind / is 1 ... 32, or 1 ... 128 for IPv6";
	vip->prefix_length = (uint8_t)length;
	return NULL;
}

const char *
config_vip_parse(const char *source, struct config_vip *vip)
{
	char text[CONFIG_TEXT_MAX], *words[VIP_WORDS], *save = NULL;
	unsigned count = 0;
	const char *wrong;

	if (strlen(source) >= sizeof(text))
		return "it is too long";
	strcpy(text, source);
	for (char *word = strtok_r(text, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		if (count == VIP_WORDS)
			return "it has too many words";
		words[count++] = word;
	}
	if (count == 0)
		return "it is empty";
	*vip = (struct config_vip){ 0 };
	wrong = parse_vip_address(vip, words[0]);
	for (unsigned i = 1; !wrong && i < count; i += 2)
		wrong = i + 1 < count ? parse_vip_word(vip, words[i], words[i + 1]) : "the last word lacks its value";
	if (!wrong && vip->label[0] != '\0' && vip->address.family != AF_INET)
		wrong = "IPv6 addresses have no label";
	return wrong;
}
