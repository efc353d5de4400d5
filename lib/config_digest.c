/* The digests by which two nodes see that their files differ: over the effective values, in the table's order. */
#include "lib/config_internal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
config_print_vip(FILE *out, const struct config_vip *vip)
{
	char text[HA_ADDRESS_TEXT];

	fprintf(out, "%s/%u", ha_address_format(&vip->address, text), vip->prefix_length);
	if (vip->interface[0] != '\0')
		fprintf(out, " dev %s", vip->interface);
	if (vip->label[0] != '\0')
		fprintf(out, " label %s", vip->label);
	if (vip->scope[0] != '\0')
		fprintf(out, " scope %s", vip->scope);
	if (vip->broadcast.family != 0)
		fprintf(out, " brd %s", ha_address_format(&vip->broadcast, text));
}

static void
print_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void
print_seconds(FILE *out, ha_time time)
{
	char text[32];
	size_t length;

	/* Exact: microseconds, without the zeros at the end but one. */
	snprintf(text, sizeof(text), "%llu.%06llu", (unsigned long long)(time / HA_SEC),
		(unsigned long long)(time % HA_SEC));
	length = strlen(text);
	while (text[length - 1] == '0' && text[length - 2] != '.')
		text[--length] = '\0';
	fputs(text, out);
}

static void
print_word(FILE *out, const struct config_spec *spec, const void *field)
{
	int value = (int)config_fetch_uint(field, spec->size);

	for (const struct config_word *word = spec->words; word->word; word++) {
		if (word->value == value)
			fprintf(out, "\"%s\"", word->word);
	}
}

static void
print_texts(FILE *out, const struct config_spec *spec, const void *base)
{
	unsigned count = (unsigned)config_fetch_uint((const char *)base + spec->count_offset, sizeof(unsigned));
	const char *field = (const char *)base + spec->offset;
	size_t width = spec->size / (size_t)spec->max;

	fputs("(", out);
	for (unsigned i = 0; i < count; i++) {
		fputs(i == 0 ? " " : ", ", out);
		print_quoted(out, field + i * width);
	}
	fputs(count ? " )" : ")", out);
}

static void
print_vips(FILE *out, const struct config_vrrp *vrrp)
{
	fputs("(", out);
	for (unsigned i = 0; i < vrrp->vip_count; i++) {
		fprintf(out, "%s\"", i == 0 ? " " : ",\n\t    ");
		config_print_vip(out, &vrrp->vips[i]);
		fputc('"', out);
	}
	fputs(" )", out);
}

static bool
print_guid(FILE *out, const struct ha_guid *guid, bool none)
{
	char text[HA_GUID_TEXT];

	if (!none && !ha_guid_is_set(guid))
		return false;
	fprintf(out, "\"%s\"", none ? "none" : ha_guid_format(guid, text));
	return true;
}

static bool
print_address(FILE *out, const struct ha_address *address)
{
	char text[HA_ADDRESS_TEXT];

	if (address->family == 0)
		return false;
	fprintf(out, "\"%s\"", ha_address_format(address, text));
	return true;
}

static bool
print_text(FILE *out, const struct config_spec *spec, const char *text, bool masked)
{
	if (*text == '\0')
		return false;
	if (masked && (spec->flags & CONFIG_MASKED))
		fputs("\"********\"", out);
	else
		print_quoted(out, text);
	return true;
}

bool
config_print_value(FILE *out, const struct config_spec *spec, const void *base, bool masked)
{
	const void *field = (const char *)base + spec->offset;
	const struct config_check *check = base;

	switch (spec->kind) {
	case CONFIG_KIND_BOOL:
		fputs(config_fetch_uint(field, spec->size) ? "true" : "false", out);
		return true;
	case CONFIG_KIND_UNSIGNED:
		fprintf(out, "%llu", (unsigned long long)config_fetch_uint(field, spec->size));
		return true;
	case CONFIG_KIND_SECONDS:
		print_seconds(out, config_fetch_uint(field, sizeof(ha_time)));
		return true;
	case CONFIG_KIND_TEXT:
	case CONFIG_KIND_NAME:
	case CONFIG_KIND_UNIT:
	case CONFIG_KIND_INTERFACE:
	case CONFIG_KIND_PATH:
	case CONFIG_KIND_COMMAND:
	case CONFIG_KIND_AGENT:
	case CONFIG_KIND_OPTION:
		return print_text(out, spec, field, masked);
	case CONFIG_KIND_WORD:
		print_word(out, spec, field);
		return true;
	case CONFIG_KIND_ADDRESS:
		return print_address(out, field);
	case CONFIG_KIND_GUID:
		return print_guid(out, field, false);
	case CONFIG_KIND_IMM_GUID:
		return print_guid(out, field, ((const struct config_imm *)base)->guid_none);
	case CONFIG_KIND_KG:
		return false;
	case CONFIG_KIND_WEIGHT:
		if (check->weighted)
			fprintf(out, "%d", check->weight);
		return check->weighted;
	case CONFIG_KIND_STATUS:
		if (check->status_low == check->status_high)
			fprintf(out, "%u", check->status_low);
		else
			fprintf(out, "\"%u-%u\"", check->status_low, check->status_high);
		return true;
	case CONFIG_KIND_TEXTS:
		print_texts(out, spec, base);
		return true;
	case CONFIG_KIND_VIPS:
		print_vips(out, base);
		return true;
	case CONFIG_KIND_GROUP:
	case CONFIG_KIND_LIST:
		break;
	}
	return false;
}

/* Whether the setting is part of the digest. */
static bool
counts(const struct config_spec *spec)
{
	return !(spec->flags & (CONFIG_LOCAL | CONFIG_SECRET)) && spec->kind != CONFIG_KIND_GROUP &&
	       spec->kind != CONFIG_KIND_LIST;
}

/* `only`: nothing but this setting; NULL: all. */
static void
print_scope(FILE *out, enum config_scope scope, const void *base, const struct config_spec *only)
{
	for (const struct config_spec *spec = config_specs; spec->name; spec++) {
		if (spec->scope != scope || (only && spec != only) || !counts(spec) || !config_spec_applies(spec, base))
			continue;
		fprintf(out, "%s.%s=", config_scope_names[scope], spec->name);
		config_print_value(out, spec, base, false);
		fputc('\n', out);
	}
}

static void
print_node(FILE *out, const struct config_node *node, const struct config_spec *only)
{
	print_scope(out, CONFIG_SCOPE_NODE, node, only);
	for (unsigned i = 0; i < node->link_count; i++)
		print_scope(out, CONFIG_SCOPE_LINK, &node->links[i], only);
	if (node->imm.configured)
		print_scope(out, CONFIG_SCOPE_IMM, &node->imm, only);
	for (unsigned i = 0; i < node->device_count; i++)
		print_scope(out, CONFIG_SCOPE_DEVICE, &node->devices[i], only);
}

/* One top-level group; nodes by name, so that their order in the file is no difference. */
static void
print_group(FILE *out, const struct config *config, unsigned group, const struct config_spec *only)
{
	bool swap = strcmp(config->nodes[0].name, config->nodes[1].name) > 0;

	switch (group) {
	case 0:
		print_scope(out, CONFIG_SCOPE_CLUSTER, config, only);
		break;
	case 1:
		print_node(out, &config->nodes[swap], only);
		print_node(out, &config->nodes[!swap], only);
		break;
	case 2:
		print_scope(out, CONFIG_SCOPE_VRRP, &config->vrrp, only);
		break;
	case 3:
		print_scope(out, CONFIG_SCOPE_FENCE, &config->fence, only);
		break;
	case 4:
		for (unsigned i = 0; i < config->check_count; i++)
			print_scope(out, CONFIG_SCOPE_CHECK, &config->checks[i], only);
		break;
	case 5:
		print_scope(out, CONFIG_SCOPE_RELEASE, &config->release, only);
		break;
	default:
		print_scope(out, CONFIG_SCOPE_NOTIFY, &config->notify, only);
	}
}

static void
sha256(const void *data, size_t length, uint8_t *ret, size_t bytes)
{
	unsigned char hash[EVP_MAX_MD_SIZE] = { 0 };

	/* All zeros if libcrypto fails: such a digest equals no other node's, which alarms (config-differs). */
	EVP_Digest(data, length, hash, NULL, EVP_sha256(), NULL);
	memcpy(ret, hash, bytes);
}

static void
digest_groups(const struct config *config, unsigned from, unsigned to, uint8_t *ret, size_t bytes)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return;
	for (unsigned i = from; i < to; i++)
		print_group(out, config, i, NULL);
	if (fclose(out) == 0)
		sha256(text, length, ret, bytes);
	free(text);
}

static int
compare_addresses(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct ha_address));
}

/* What a GRANT compares: version, VRID and the set of addresses, in any order. */
static void
digest_vips(struct config *config)
{
	const struct config_vrrp *vrrp = &config->vrrp;
	size_t count = vrrp->vip_count, length = 2 + count * sizeof(struct ha_address);
	uint8_t *data = calloc(1, length);
	struct ha_address *addresses = calloc(count + 1, sizeof(*addresses));

	for (size_t i = 0; addresses && i < count; i++)
		addresses[i] = vrrp->vips[i].address;
	if (data && addresses) {
		qsort(addresses, count, sizeof(*addresses), compare_addresses);
		data[0] = vrrp->version;
		data[1] = vrrp->vrid;
		memcpy(data + 2, addresses, count * sizeof(*addresses));
		sha256(data, length, config->vip_digest, CONFIG_DIGEST);
	}
	free(data);
	free(addresses);
}

void
config_make_digests(struct config *config)
{
	digest_groups(config, 0, CONFIG_GROUPS, config->digest, CONFIG_DIGEST);
	digest_vips(config);
}

void
config_group_digests(const struct config *config, uint16_t ret_groups[CONFIG_GROUPS])
{
	for (unsigned i = 0; i < CONFIG_GROUPS; i++) {
		uint8_t bytes[2] = { 0 };

		digest_groups(config, i, i + 1, bytes, sizeof(bytes));
		ret_groups[i] = (uint16_t)(bytes[0] << 8 | bytes[1]);
	}
}

/* The top-level group that a setting of `scope` is part of. */
static unsigned
group_of(enum config_scope scope)
{
	static const unsigned groups[CONFIG_SCOPES] = { [CONFIG_SCOPE_CLUSTER] = 0,
		[CONFIG_SCOPE_NODE] = 1,
		[CONFIG_SCOPE_LINK] = 1,
		[CONFIG_SCOPE_IMM] = 1,
		[CONFIG_SCOPE_DEVICE] = 1,
		[CONFIG_SCOPE_VRRP] = 2,
		[CONFIG_SCOPE_FENCE] = 3,
		[CONFIG_SCOPE_HEALTH] = 4,
		[CONFIG_SCOPE_CHECK] = 4,
		[CONFIG_SCOPE_RELEASE] = 5,
		[CONFIG_SCOPE_NOTIFY] = 6 };

	return groups[scope];
}

static uint16_t
first_two(const unsigned char *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void
make_values(const struct config *config, const struct config_spec *spec, struct config_setting *setting)
{
	unsigned char hash[EVP_MAX_MD_SIZE] = { 0 };
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return;
	/* No peer message begins so: one can never be passed off as the other. */
	fprintf(out, "setting %s.%s\n", setting->scope, setting->name);
	print_group(out, config, setting->group, spec);
	if (fclose(out) == 0) {
		for (unsigned i = 0; i < config->key_count; i++) {
			HMAC(EVP_sha256(), config->keys[i].bytes, CONFIG_KEY_BYTES, (unsigned char *)text, length, hash,
				NULL);
			setting->values[i] = first_two(hash);
		}
		explicit_bzero(text, length);
	}
	free(text);
}

unsigned
config_settings(const struct config *config, struct config_setting ret[CONFIG_SETTINGS])
{
	unsigned count = 0;

	for (const struct config_spec *spec = config_specs; spec->name && count < CONFIG_SETTINGS; spec++) {
		struct config_setting *setting = &ret[count];
		char path[64];
		uint8_t hash[2];

		if (!counts(spec))
			continue;
		*setting = (struct config_setting){ .scope = config_scope_names[spec->scope],
			.name = spec->name,
			.group = group_of(spec->scope),
			.list = spec->scope == CONFIG_SCOPE_CHECK || spec->scope == CONFIG_SCOPE_DEVICE };
		snprintf(path, sizeof(path), "%s.%s", setting->scope, setting->name);
		sha256(path, strlen(path), hash, sizeof(hash));
		setting->id = first_two(hash);
		make_values(config, spec, setting);
		count++;
	}
	return count;
}

const char *
config_digest_text(const uint8_t digest[CONFIG_DIGEST], char buffer[7])
{
	snprintf(buffer, 7, "%02x%02x%02x", digest[0], digest[1], digest[2]);
	return buffer;
}
