#include "lib/config_tree.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct config_token *
config_tree_name(const config_setting_t *setting)
{
	return config_setting_get_hook(setting);
}

const struct config_token *
config_tree_value(const config_setting_t *setting)
{
	const struct config_token *token = config_tree_name(setting);

	return token && config_setting_name(setting) ? token + 2 : token;
}

size_t
config_tree_hook(const struct config_text *text, config_setting_t *setting, size_t at)
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
		at = config_tree_hook(text, element, name ? at + 2 : at);
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

void
config_tree_remember(struct config_loader *loader, const void *field, const struct config_spec *spec,
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

struct config_place
config_tree_place(const struct config_loader *loader, const struct config_token *token)
{
	if (!token)
		return (struct config_place){ .path = loader->text.files[0].path };
	return config_token_place(&loader->text, token);
}

bool
config_tree_number(const struct config_loader *loader, const config_setting_t *setting, double *ret)
{
	const struct config_token *token = config_tree_value(setting);
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

const char *
config_tree_text(const config_setting_t *setting)
{
	const char *text =
		config_setting_type(setting) == CONFIG_TYPE_STRING ? config_setting_get_string(setting) : NULL;

	for (const char *c = text; c && *c != '\0'; c++) {
		if (iscntrl((unsigned char)*c))
			return NULL;
	}
	return text;
}

unsigned
config_tree_count(const config_setting_t *setting)
{
	return config_setting_is_list(setting) || config_setting_is_array(setting)
		       ? (unsigned)config_setting_length(setting)
		       : 1;
}

config_setting_t *
config_tree_element(config_setting_t *setting, unsigned index)
{
	if (config_setting_is_list(setting) || config_setting_is_array(setting))
		return config_setting_get_elem(setting, index);
	return setting;
}
