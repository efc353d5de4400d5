/* From libconfig's tree into struct config, by the table of config_schema.c. Every value goes through one function of
 * its kind; every refusal ends in refuse(). */
#include "lib/config_internal.h"
#include "lib/secret.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define HINT_BYTES  2048
#define VALUE_WIDTH 60
#define VIP_WORDS   16

static const struct config_token *
name_token(const config_setting_t *setting)
{
	return config_setting_get_hook(setting);
}

/* A named setting is NAME, '=' or ':', value. */
static const struct config_token *
value_token(const config_setting_t *setting)
{
	const struct config_token *token = name_token(setting);

	return token && config_setting_name(setting) ? token + 2 : token;
}

/* Walk tree and tokens side by side: each setting's hook becomes its token. Returns the index after the value. */
static size_t
hook_tokens(const struct config_text *text, config_setting_t *setting, size_t at)
{
	bool aggregate = config_setting_is_aggregate(setting), root = config_setting_is_root(setting);
	int count = aggregate ? config_setting_length(setting) : 0;

	if (aggregate && !root)
		at++; /* the bracket */
	for (int i = 0; i < count; i++) {
		config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
		const char *name = config_setting_name(element);

		/* Where libconfig cuts the text otherwise than we do ("6nodes=6"), the rest has no place. */
		if (at >= text->token_count ||
			(name && (at + 2 >= text->token_count || !config_token_is(text, &text->tokens[at], name))))
			return text->token_count;
		config_setting_set_hook(element, &text->tokens[at]);
		at = hook_tokens(text, element, name ? at + 2 : at);
		if (at < text->token_count) {
			char mark = config_token_mark(text, &text->tokens[at]);

			at += mark == ';' || mark == ',';
		}
	}
	if (aggregate)
		return root ? at : at + 1;
	/* Strings that follow each other are one. */
	for (at++; config_setting_type(setting) == CONFIG_TYPE_STRING && at < text->token_count &&
		   text->tokens[at].kind == CONFIG_TOKEN_STRING;)
		at++;
	return at;
}

static void
remember(struct config_loader *loader, const void *field, const struct config_spec *spec,
	const struct config_token *token)
{
	struct config_origins *origins = loader->config->origins;

	if (!token)
		return;
	if ((origins->count & (origins->count - 1)) == 0) {
		size_t room = origins->count ? origins->count * 2 : 1;
		struct config_origin *list = reallocarray(origins->list, room, sizeof(*list));

		if (!list)
			return;
		origins->list = list;
	}
	origins->list[origins->count++] = (struct config_origin){
		.field = field, .spec = spec, .token = token, .file = token->file, .line = token->line
	};
}

/* What is allowed, in words. */
static void
print_allowed(FILE *out, const struct config_spec *spec)
{
	switch (spec->kind) {
	case CONFIG_KIND_BOOL:
		fputs("true or false, without quotes", out);
		break;
	case CONFIG_KIND_UNSIGNED:
	case CONFIG_KIND_WEIGHT:
		if (spec->min == spec->max)
			fprintf(out, "%.10g", spec->min);
		else
			fprintf(out, "a whole number, %.10g ... %.10g", spec->min, spec->max);
		break;
	case CONFIG_KIND_SECONDS:
		fprintf(out, "seconds as a number, %.10g ... %.10g", spec->min, spec->max);
		break;
	case CONFIG_KIND_TEXT:
		fprintf(out, "text in quotes, %.10g ... %.10g bytes", spec->min,
			spec->max > 0 ? spec->max : (double)spec->size - 1);
		break;
	case CONFIG_KIND_NAME:
		fprintf(out, "letters, digits and . _ - in quotes, %.10g ... %zu bytes", spec->min, spec->size - 1);
		break;
	case CONFIG_KIND_UNIT:
		fputs("a systemd unit with its suffix in quotes, such as \"tomcat.service\"", out);
		break;
	case CONFIG_KIND_INTERFACE:
		fprintf(out, "the name of a network interface in quotes, 1 ... %d bytes", IF_NAMESIZE - 1);
		break;
	case CONFIG_KIND_PATH:
		fprintf(out, "an absolute path in quotes, at most %zu bytes", spec->size - 1);
		break;
	case CONFIG_KIND_COMMAND:
		fprintf(out, "an absolute path and arguments in quotes, at most %zu bytes", spec->size - 1);
		break;
	case CONFIG_KIND_AGENT:
		fputs("the name of a fence agent such as \"fence_apc_snmp\", or its absolute path, in quotes", out);
		break;
	case CONFIG_KIND_OPTION:
		fputs("\"KEY=VALUE\"", out);
		break;
	case CONFIG_KIND_WORD:
		for (const struct config_word *word = spec->words; word->word; word++)
			fprintf(out, "%s\"%s\"%s", word == spec->words ? "" : ", ", word->word,
				spec->initial && strcmp(spec->initial, word->word) == 0 ? " (default)" : "");
		break;
	case CONFIG_KIND_ADDRESS:
		fputs("a numeric IPv4 or IPv6 address in quotes; names are not resolved", out);
		break;
	case CONFIG_KIND_GUID:
		fputs("\"01234567-89ab-cdef-0123-456789abcdef\", as dmidecode -s system-uuid prints it", out);
		break;
	case CONFIG_KIND_IMM_GUID:
		fputs("\"01234567-89ab-cdef-0123-456789abcdef\", as ipmitool mc guid prints it, or \"none\"", out);
		break;
	case CONFIG_KIND_KG:
		fputs("an even number of hexadecimal digits in quotes, at most 40", out);
		break;
	case CONFIG_KIND_STATUS:
		fprintf(out, "a status %.10g ... %.10g, or a range such as \"200-299\"", spec->min, spec->max);
		break;
	case CONFIG_KIND_TEXTS:
		fprintf(out, "a list of up to %.10g texts: ( \"a\", \"b\" )", spec->max);
		break;
	case CONFIG_KIND_VIPS:
		fputs("\"ADDRESS[/LENGTH] [dev IF] [label LABEL] [scope SCOPE] [brd ADDRESS]\"", out);
		break;
	case CONFIG_KIND_GROUP:
		fputs("a group: { ... }", out);
		break;
	case CONFIG_KIND_LIST:
		fputs("a list of groups: ( { ... }, { ... } )", out);
		break;
	}
}

static const char *
meant_word(const struct config_spec *spec, const char *word)
{
	const char *words[16] = { NULL };
	unsigned count = 0;

	for (const struct config_word *w = spec->words; w && w->word && count < 15; w++)
		words[count++] = w->word;
	return config_meant(word, words);
}

static struct config_place
token_place(const struct config_loader *loader, const struct config_token *token)
{
	if (!token)
		return (struct config_place){ .path = loader->text.files[0].path };
	return config_token_place(&loader->text, token);
}

/* "SCOPE.NAME is VALUE", allowed: ..., did you mean. `why` (or NULL) replaces the last. */
static void
refuse(struct config_loader *loader, const struct config_spec *spec, const config_setting_t *setting, const char *why)
{
	const struct config_token *token = value_token(setting);
	struct config_place place = token_place(loader, token);
	char hint[HINT_BYTES] = "", value[VALUE_WIDTH + 8];
	FILE *out = fmemopen(hint, sizeof(hint), "w");
	bool hidden = (spec->flags & (CONFIG_SECRET | CONFIG_MASKED)) != 0;
	const char *text = config_setting_type(setting) == CONFIG_TYPE_STRING && !hidden
				   ? config_setting_get_string(setting)
				   : NULL;
	const char *meant = text ? meant_word(spec, text) : NULL;

	if (!out)
		return;
	fputs("allowed: ", out);
	print_allowed(out, spec);
	if (meant)
		fprintf(out, "; did you mean \"%s\"?", meant);
	if (why)
		fprintf(out, "\n%s", why);
	if (spec->note)
		fprintf(out, "\n%s", spec->note);
	fclose(out);
	if (config_setting_is_group(setting))
		snprintf(value, sizeof(value), "is a group");
	else if (config_setting_is_aggregate(setting))
		snprintf(value, sizeof(value), "is a list");
	else if (hidden || !token)
		snprintf(value, sizeof(value), "is not valid");
	else
		snprintf(value, sizeof(value), "is %.*s%s",
			(int)(token->length < VALUE_WIDTH ? token->length : VALUE_WIDTH),
			config_token_text(&loader->text, token), token->length < VALUE_WIDTH ? "" : "...");
	for (char *c = value; *c != '\0'; c++) {
		if (iscntrl((unsigned char)*c))
			*c = ' ';
	}
	config_problem_add(loader->problems, CONFIG_ERROR, &place, hint, "%s%s%s %s",
		spec->scope == CONFIG_SCOPE_ROOT ? "" : config_scope_names[spec->scope],
		spec->scope == CONFIG_SCOPE_ROOT ? "" : ".", spec->name, value);
}

/* libconfig 1.5 wraps integers silently, so the digits are read from the text. */
static bool
get_number(const struct config_loader *loader, const config_setting_t *setting, double *ret)
{
	const struct config_token *token = value_token(setting);
	char digits[64], *end;
	double value;

	if (!config_setting_is_number(setting) || !token || token->length >= sizeof(digits))
		return false;
	memcpy(digits, config_token_text(&loader->text, token), token->length);
	digits[token->length] = '\0';
	value = strtod(digits, &end);
	if (!isfinite(value) || strspn(end, "L") != strlen(end))
		return false;
	*ret = value;
	return true;
}

/* A string without line breaks and other control characters. */
static const char *
get_text(const config_setting_t *setting)
{
	const char *text =
		config_setting_type(setting) == CONFIG_TYPE_STRING ? config_setting_get_string(setting) : NULL;

	for (const char *c = text; c && *c != '\0'; c++) {
		if (iscntrl((unsigned char)*c))
			return NULL;
	}
	return text;
}

static bool
has_only(const char *text, const char *marks)
{
	for (; *text != '\0'; text++) {
		if (!isalnum((unsigned char)*text) && !strchr(marks, *text))
			return false;
	}
	return true;
}

static bool
is_interface(const char *text)
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

static bool
text_is_valid(enum config_kind kind, const char *text, double min, size_t max)
{
	size_t length = strlen(text);

	if ((double)length < min || length > max)
		return false;
	if (kind == CONFIG_KIND_NAME)
		return has_only(text, "._-");
	if (kind == CONFIG_KIND_UNIT)
		return has_only(text, "._-@:\\") && strchr(text, '.');
	if (kind == CONFIG_KIND_INTERFACE)
		return is_interface(text);
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

	if (!text || !text_is_valid(spec->kind, text, spec->min, max))
		return false;
	memset(field, 0, spec->size);
	memcpy(field, text, strlen(text));
	return true;
}

/* Of a number that is in range already. */
static bool
is_whole(double value)
{
	return value == (double)(long long)value;
}

static bool
store_number(const struct config_spec *spec, void *base, double value)
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
	if (!is_whole(value))
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

static bool
store_word(const struct config_spec *spec, void *field, const char *text)
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

/* A value given as text, be it a string of the file or a default of the table. */
static bool
store_string(const struct config_spec *spec, void *base, const char *text)
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
		return store_word(spec, field, text);
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
config_apply_default(const struct config_spec *spec, void *base)
{
	if (!spec->initial)
		return;
	if (spec->kind == CONFIG_KIND_BOOL)
		config_store_uint((char *)base + spec->offset, spec->size, strcmp(spec->initial, "true") == 0);
	else if (spec->kind == CONFIG_KIND_UNSIGNED || spec->kind == CONFIG_KIND_SECONDS)
		store_number(spec, base, strtod(spec->initial, NULL));
	else
		store_string(spec, base, spec->initial);
}

static void
parse_scalar(struct config_loader *loader, const struct config_spec *spec, const config_setting_t *setting, void *base)
{
	bool boolean = config_setting_type(setting) == CONFIG_TYPE_BOOL, good = false;
	const char *text = get_text(setting), *why = NULL;
	double number = 0;

	if (spec->kind == CONFIG_KIND_BOOL) {
		good = boolean;
		if (good)
			config_store_uint(
				(char *)base + spec->offset, spec->size, (uint64_t)config_setting_get_bool(setting));
	} else if (spec->kind == CONFIG_KIND_UNSIGNED || spec->kind == CONFIG_KIND_SECONDS ||
		   spec->kind == CONFIG_KIND_WEIGHT) {
		good = get_number(loader, setting, &number) && store_number(spec, base, number);
		why = text ? "write it without quotes" : NULL;
	} else if (spec->kind == CONFIG_KIND_STATUS && get_number(loader, setting, &number)) {
		good = number >= spec->min && number <= spec->max && is_whole(number);
		if (good) {
			config_store_uint((char *)base + spec->offset, sizeof(unsigned), (uint64_t)number);
			config_store_uint((char *)base + spec->count_offset, sizeof(unsigned), (uint64_t)number);
		}
	} else if (text) {
		good = store_string(spec, base, text);
	} else if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
		why = "it holds a line break or a control character: is a closing quote missing?";
	} else if (config_setting_is_scalar(setting)) {
		why = "write it in quotes";
	}
	if (!good)
		refuse(loader, spec, setting, why);
}

/* Where a list is meant, ( ), [ ] and a value alone will do. */
static unsigned
element_count(const config_setting_t *setting)
{
	return config_setting_is_list(setting) || config_setting_is_array(setting)
		       ? (unsigned)config_setting_length(setting)
		       : 1;
}

static config_setting_t *
element(config_setting_t *setting, unsigned index)
{
	if (config_setting_is_list(setting) || config_setting_is_array(setting))
		return config_setting_get_elem(setting, index);
	return setting;
}

static void
parse_texts(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting, void *base)
{
	unsigned count = element_count(setting), max = (unsigned)spec->max, stored = 0;
	size_t width = spec->size / max;
	char *field = (char *)base + spec->offset;

	if (count > max) {
		refuse(loader, spec, setting, NULL);
		return;
	}
	remember(loader, (char *)base + spec->count_offset, spec, value_token(setting));
	for (unsigned i = 0; i < count; i++) {
		config_setting_t *one = element(setting, i);
		const char *text = get_text(one);

		if (!text || !text_is_valid(spec->element, text, 1, width - 1)) {
			refuse(loader, spec, one,
				spec->element == CONFIG_KIND_PATH ? "each is an absolute path"
				: spec->element == CONFIG_KIND_OPTION
					? "each is KEY=VALUE, at most 127 bytes, such as \"plug=4\""
					: "each is a systemd unit with its suffix, such as \"tomcat.service\"");
			continue;
		}
		remember(loader, field + stored * width, spec, value_token(one));
		memcpy(field + stored++ * width, text, strlen(text));
	}
	config_store_uint((char *)base + spec->count_offset, sizeof(unsigned), stored);
}

/* One "word value" pair behind the address. Returns NULL or what is wrong. */
static const char *
parse_vip_word(struct config_vip *vip, const char *word, const char *value)
{
	static const char *const scopes[] = { "global", "site", "link", "host", "nowhere" };

	if (strcmp(word, "dev") == 0) {
		if (!is_interface(value))
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

static const char *
parse_vip(const char *source, struct config_vip *vip)
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

static void
parse_vips(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting,
	struct config_vrrp *vrrp)
{
	unsigned count = element_count(setting);

	if (count == 0 || count > CONFIG_VIPS) {
		refuse(loader, spec, setting, count ? "at most 4096 addresses" : "at least one address");
		return;
	}
	vrrp->vips = calloc(count, sizeof(*vrrp->vips));
	for (unsigned i = 0; vrrp->vips && i < count; i++) {
		config_setting_t *one = element(setting, i);
		const char *text = get_text(one), *wrong = text ? NULL : "each is a string in quotes";

		if (!wrong)
			wrong = parse_vip(text, &vrrp->vips[vrrp->vip_count]);
		if (wrong)
			refuse(loader, spec, one, wrong);
		else
			remember(loader, &vrrp->vips[vrrp->vip_count++], spec, value_token(one));
	}
}

static void parse_group(struct config_loader *loader, enum config_scope scope, config_setting_t *group, void *base);

static bool
expect_group(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting)
{
	if (config_setting_is_group(setting))
		return true;
	refuse(loader, spec, setting, NULL);
	return false;
}

/* `links = ( "192.168.1.198", "10.10.10.11" )` is understood too. */
static void
parse_links(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting,
	struct config_node *node)
{
	unsigned count = element_count(setting);

	if (count == 0 || count > CONFIG_LINKS) {
		refuse(loader, spec, setting, "a node has 1 ... 4 links");
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		config_setting_t *one = element(setting, i);
		struct config_link *link = &node->links[node->link_count];
		const struct config_spec *address = config_spec_find(CONFIG_SCOPE_LINK, "address", strlen("address"));

		if (config_setting_type(one) == CONFIG_TYPE_STRING) {
			remember(loader, &link->address, address, value_token(one));
			parse_scalar(loader, address, one, link);
			node->link_count++;
		} else if (expect_group(loader, spec, one)) {
			parse_group(loader, CONFIG_SCOPE_LINK, one, link);
			node->link_count++;
		}
	}
}

static void
parse_devices(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting,
	struct config_node *node)
{
	unsigned count = element_count(setting);

	if (count > CONFIG_DEVICES) {
		refuse(loader, spec, setting, "a node has at most 4 devices beside its IMM");
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		if (expect_group(loader, spec, element(setting, i)))
			parse_group(
				loader, CONFIG_SCOPE_DEVICE, element(setting, i), &node->devices[node->device_count++]);
	}
}

static void
parse_nodes(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting)
{
	unsigned count = element_count(setting), groups = 0;

	for (unsigned i = 0; i < count; i++) {
		if (expect_group(loader, spec, element(setting, i)) && groups++ < 2)
			parse_group(loader, CONFIG_SCOPE_NODE, element(setting, i), &loader->config->nodes[groups - 1]);
	}
	if (count != 2) {
		struct config_place place = token_place(loader, name_token(setting));

		config_problem_add(loader->problems, CONFIG_ERROR, &place, "a pair has exactly two nodes",
			"nodes has %u %s", count, count == 1 ? "node" : "nodes");
	}
}

static void
parse_vrrp(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting)
{
	unsigned count = element_count(setting);

	if (count == 1) {
		if (expect_group(loader, spec, element(setting, 0)))
			parse_group(loader, CONFIG_SCOPE_VRRP, element(setting, 0), &loader->config->vrrp);
	} else {
		struct config_place place = token_place(loader, name_token(setting));

		config_problem_add(loader->problems, CONFIG_ERROR, &place,
			"one instance in this release: put all addresses in its virtual_ipaddress",
			"vrrp has %u instances", count);
	}
}

static void
parse_checks(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting)
{
	struct config *config = loader->config;
	unsigned count = element_count(setting);

	if (count > CONFIG_CHECKS) {
		refuse(loader, spec, setting, "at most 512 checks");
		return;
	}
	if (count == 0)
		return;
	config->checks = calloc(count, sizeof(*config->checks));
	for (unsigned i = 0; config->checks && i < count; i++) {
		if (expect_group(loader, spec, element(setting, i)))
			parse_group(loader, CONFIG_SCOPE_CHECK, element(setting, i),
				&config->checks[config->check_count++]);
	}
}

static void *
group_base(struct config *config, enum config_scope scope, void *base)
{
	switch (scope) {
	case CONFIG_SCOPE_IMM:
		((struct config_node *)base)->imm.configured = true;
		return &((struct config_node *)base)->imm;
	case CONFIG_SCOPE_FENCE:
		return &config->fence;
	case CONFIG_SCOPE_RELEASE:
		return &config->release;
	case CONFIG_SCOPE_NOTIFY:
		return &config->notify;
	case CONFIG_SCOPE_CLUSTER:
	case CONFIG_SCOPE_HEALTH:
	case CONFIG_SCOPE_ROOT:
	case CONFIG_SCOPE_NODE:
	case CONFIG_SCOPE_LINK:
	case CONFIG_SCOPE_DEVICE:
	case CONFIG_SCOPE_VRRP:
	case CONFIG_SCOPE_CHECK:
	case CONFIG_SCOPES:
		break;
	}
	return config;
}

static void
parse_list(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting, void *base)
{
	if (spec->inner == CONFIG_SCOPE_NODE)
		parse_nodes(loader, spec, setting);
	else if (spec->inner == CONFIG_SCOPE_VRRP)
		parse_vrrp(loader, spec, setting);
	else if (spec->inner == CONFIG_SCOPE_CHECK)
		parse_checks(loader, spec, setting);
	else if (spec->inner == CONFIG_SCOPE_DEVICE)
		parse_devices(loader, spec, setting, base);
	else
		parse_links(loader, spec, setting, base);
}

static void
parse_setting(struct config_loader *loader, const struct config_spec *spec, config_setting_t *setting, void *base)
{
	if (spec->kind == CONFIG_KIND_GROUP) {
		if (expect_group(loader, spec, setting))
			parse_group(loader, spec->inner, setting, group_base(loader->config, spec->inner, base));
	} else if (spec->kind == CONFIG_KIND_LIST) {
		parse_list(loader, spec, setting, base);
	} else if (spec->kind == CONFIG_KIND_VIPS) {
		parse_vips(loader, spec, setting, base);
	} else if (spec->kind == CONFIG_KIND_TEXTS) {
		parse_texts(loader, spec, setting, base);
	} else {
		remember(loader, (char *)base + spec->offset, spec, value_token(setting));
		parse_scalar(loader, spec, setting, base);
	}
}

/* Another scope that knows `name`, for "belongs in". */
static const struct config_spec *
elsewhere(const char *name)
{
	for (const struct config_spec *spec = config_specs; spec->name; spec++) {
		if (strcmp(spec->name, name) == 0 && strcmp(name, "name") != 0)
			return spec;
	}
	return NULL;
}

static void
print_settings(FILE *out, enum config_scope scope, const void *base)
{
	const char *separator = "known here: ";

	for (const struct config_spec *spec = config_specs; spec->name; spec++) {
		if (spec->scope == scope && config_spec_applies(spec, base)) {
			fprintf(out, "%s%s", separator, spec->name);
			separator = ", ";
		}
	}
}

static void
refuse_unknown(struct config_loader *loader, enum config_scope scope, config_setting_t *setting, const void *base)
{
	const char *name = config_setting_name(setting), *names[64] = { NULL }, *meant, *answer;
	const struct config_spec *other = elsewhere(name);
	struct config_place place = token_place(loader, name_token(setting));
	bool root = scope == CONFIG_SCOPE_ROOT;
	char hint[HINT_BYTES] = "";
	FILE *out = fmemopen(hint, sizeof(hint), "w");
	unsigned count = 0;

	if (!out)
		return;
	for (const struct config_spec *spec = config_specs; spec->name && count < 63; spec++) {
		if (spec->scope == scope)
			names[count++] = spec->name;
	}
	answer = config_foreign_answer(name, strlen(name));
	meant = config_meant(name, names);
	if (answer)
		fputs(answer, out);
	else if (meant)
		fprintf(out, "did you mean %s?", meant);
	else if (other)
		fprintf(out, "it belongs in %s", config_scope_names[other->scope]);
	else
		print_settings(out, scope, base);
	fclose(out);
	config_problem_add(loader->problems, CONFIG_ERROR, &place, hint, "unknown %s %s%s%.64s",
		root && config_setting_is_aggregate(setting) ? "group" : "setting",
		root ? "" : config_scope_names[scope], root ? "" : ".", name);
}

bool
config_spec_applies(const struct config_spec *spec, const void *base)
{
	const struct config_check *check = base;

	return spec->scope != CONFIG_SCOPE_CHECK || spec->checks == 0 || (spec->checks & (1u << check->type)) != 0;
}

/* A setting of another type of check, as `url` in a ping. */
static void
refuse_for_type(struct config_loader *loader, config_setting_t *setting, const struct config_check *check)
{
	const struct config_spec *type = config_spec_find(CONFIG_SCOPE_CHECK, "type", strlen("type"));
	struct config_place place = token_place(loader, name_token(setting));
	char hint[HINT_BYTES] = "";
	FILE *out = fmemopen(hint, sizeof(hint), "w");

	if (!out)
		return;
	print_settings(out, CONFIG_SCOPE_CHECK, check);
	fclose(out);
	config_problem_add(loader->problems, CONFIG_ERROR, &place, hint, "health.checks.%s: not for type \"%s\"",
		config_setting_name(setting), type->words[check->type].word);
}

/* The settings of the scope that the group does not hold: a default, or an error. */
static void
parse_absent(struct config_loader *loader, enum config_scope scope, config_setting_t *group, void *base, bool typed)
{
	for (const struct config_spec *spec = config_specs; spec->name; spec++) {
		struct config_place place = { 0 };

		if (spec->scope != scope || (group && config_setting_get_member(group, spec->name)))
			continue;
		if (scope == CONFIG_SCOPE_CHECK && spec->checks != 0 && (!typed || !config_spec_applies(spec, base)))
			continue;
		if (!(spec->flags & CONFIG_REQUIRED)) {
			config_apply_default(spec, base);
			continue;
		}
		place = group && name_token(group) ? token_place(loader, name_token(group)) : token_place(loader, NULL);
		config_problem_add(loader->problems, CONFIG_ERROR, &place, spec->help, "%s.%s is missing",
			config_scope_names[scope], spec->name);
	}
}

/* The type of a check decides which of its settings are known. */
static bool
parse_type(config_setting_t *group, struct config_check *check)
{
	const struct config_spec *spec = config_spec_find(CONFIG_SCOPE_CHECK, "type", strlen("type"));
	config_setting_t *type = config_setting_get_member(group, "type");

	return type && store_word(spec, &check->type, get_text(type));
}

static void
parse_group(struct config_loader *loader, enum config_scope scope, config_setting_t *group, void *base)
{
	int count = config_setting_length(group);
	bool check = scope == CONFIG_SCOPE_CHECK, typed = check && parse_type(group, base);

	if (scope != CONFIG_SCOPE_ROOT)
		remember(loader, base, NULL, name_token(group));
	for (int i = 0; i < count; i++) {
		config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(setting);
		const struct config_spec *spec = config_spec_find(scope, name, strlen(name));

		if (!spec)
			refuse_unknown(loader, scope, setting, base);
		else if (check && typed && !config_spec_applies(spec, base))
			refuse_for_type(loader, setting, base);
		else
			parse_setting(loader, spec, setting, base);
	}
	parse_absent(loader, scope, group, base, typed);
}

/* Groups that the file leaves out have their defaults too; what is required is missed there. */
static void
parse_absent_groups(struct config_loader *loader, config_setting_t *root)
{
	struct config *config = loader->config;
	struct config_place whole = token_place(loader, NULL);

	for (const struct config_spec *spec = config_specs; spec->scope == CONFIG_SCOPE_ROOT; spec++) {
		if (config_setting_get_member(root, spec->name))
			continue;
		if (spec->inner == CONFIG_SCOPE_NODE || spec->inner == CONFIG_SCOPE_VRRP)
			config_problem_add(
				loader->problems, CONFIG_ERROR, &whole, spec->help, "%s is missing", spec->name);
		else
			parse_absent(loader, spec->inner, NULL, group_base(config, spec->inner, config), false);
	}
}

void
config_parse(struct config_loader *loader, config_setting_t *root)
{
	hook_tokens(&loader->text, root, 0);
	parse_group(loader, CONFIG_SCOPE_ROOT, root, loader->config);
	parse_absent_groups(loader, root);
}
