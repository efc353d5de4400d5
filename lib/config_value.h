/* lib/config_value.h -- a value of each kind, from its text or number into its field.
 *
 * The promise: true only for a value that the table allows. After false the field holds nothing of use: the whole
 * configuration is refused (config_refuse.h says why). `base` is the structure that the scope of `spec` names. */
#ifndef HA_LIB_CONFIG_VALUE_H
#define HA_LIB_CONFIG_VALUE_H

#include "lib/config_schema.h"

/* A value given as text, be it a string of the file or a default of the table. */
bool config_value_set_text(const struct config_spec *spec, void *base, const char *text);

/* A number, seconds or a weight. */
bool config_value_set_number(const struct config_spec *spec, void *base, double value);

/* One of the words of `spec`, into an enum or bool at `field`; a NULL text is none. */
bool config_value_set_word(const struct config_spec *spec, void *field, const char *text);

/* Whether a text of a kind that is kept as text is one, with min ... max bytes. */
bool config_value_is_text(enum config_kind kind, const char *text, double min, size_t max);
bool config_value_is_interface(const char *text);
/* Of a number that is in range already. */
bool config_value_is_whole(double value);

/* The default of `spec`, if it has one. */
void config_value_default(const struct config_spec *spec, void *base);

/* config_vip.c: "ADDRESS[/LENGTH] [dev IF] [label LABEL] [scope SCOPE] [brd ADDRESS]". Returns NULL or what is wrong,
 * in words; then *vip is undefined. */
const char *config_vip_parse(const char *source, struct config_vip *vip);

#endif
