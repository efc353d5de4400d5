#include "lib/config_refuse.h"

#include "lib/config_tree.h"

#include <ctype.h>
#include <string.h>

#define HINT_BYTES  2048
#define VALUE_WIDTH 60

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

void
config_refuse(
	struct config_loader *loader, const struct config_spec *spec, const config_setting_t *setting, const char *why)
{
	const struct config_token *token = config_tree_value(setting);
	struct config_place place = config_tree_place(loader, token);
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

void
config_refuse_name(struct config_loader *loader, enum config_scope scope, config_setting_t *setting, const void *base)
{
	const char *name = config_setting_name(setting), *names[64] = { NULL }, *meant, *answer;
	const struct config_spec *other = elsewhere(name);
	struct config_place place = config_tree_place(loader, config_tree_name(setting));
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

void
config_refuse_type(struct config_loader *loader, config_setting_t *setting, const struct config_check *check)
{
	const struct config_spec *type = config_spec_find(CONFIG_SCOPE_CHECK, "type", strlen("type"));
	struct config_place place = config_tree_place(loader, config_tree_name(setting));
	char hint[HINT_BYTES] = "";
	FILE *out = fmemopen(hint, sizeof(hint), "w");

	if (!out)
		return;
	print_settings(out, CONFIG_SCOPE_CHECK, check);
	fclose(out);
	config_problem_add(loader->problems, CONFIG_ERROR, &place, hint, "health.checks.%s: not for type \"%s\"",
		config_setting_name(setting), type->words[check->type].word);
}
