/* lib/config_tree.h -- libconfig's tree beside our tokens: what a setting says, and where it stands.
 *
 * The promise: once config_tree_hook() has run, each setting knows its token, which has the column and the digits as
 * they were written. */
#ifndef HA_LIB_CONFIG_TREE_H
#define HA_LIB_CONFIG_TREE_H

#include "lib/config_internal.h"

/* Walk tree and tokens side by side: each setting's hook becomes its token. Returns the index after the value. */
size_t config_tree_hook(const struct config_text *text, config_setting_t *setting, size_t at);

/* The token of the setting's name, and of its value: a named setting is NAME, '=' or ':', value. NULL: not known. */
const struct config_token *config_tree_name(const config_setting_t *setting);
const struct config_token *config_tree_value(const config_setting_t *setting);

/* Where a token stands; NULL: the file as a whole. */
struct config_place config_tree_place(const struct config_loader *loader, const struct config_token *token);

/* `field` was set there, for diagnostics later on. */
void config_tree_remember(struct config_loader *loader, const void *field, const struct config_spec *spec,
	const struct config_token *token);

/* libconfig 1.5 wraps integers silently, so the digits are read from the text. False: not a number, or not finite. */
bool config_tree_number(const struct config_loader *loader, const config_setting_t *setting, double *ret);

/* A string without line breaks and other control characters; else NULL. It is libconfig's. */
const char *config_tree_text(const config_setting_t *setting);

/* Where a list is meant, ( ), [ ] and a value alone will do. */
unsigned config_tree_count(const config_setting_t *setting);
config_setting_t *config_tree_element(config_setting_t *setting, unsigned index);

#endif
