/* lib/config_refuse.h -- what an administrator is told of a setting that is not understood.
 *
 * The promise: each refusal is one problem that names the setting, its place, what was written (never a secret, S11)
 * and what is allowed. */
#ifndef HA_LIB_CONFIG_REFUSE_H
#define HA_LIB_CONFIG_REFUSE_H

#include "lib/config_internal.h"

/* "SCOPE.NAME is VALUE", allowed: ..., did you mean. `why` (or NULL) is added. */
void config_refuse(
	struct config_loader *loader, const struct config_spec *spec, const config_setting_t *setting, const char *why);

/* A name that the scope does not know: what was meant, where it belongs, or what is known here. */
void config_refuse_name(
	struct config_loader *loader, enum config_scope scope, config_setting_t *setting, const void *base);

/* A setting of another type of check, as `url` in a ping. */
void config_refuse_type(struct config_loader *loader, config_setting_t *setting, const struct config_check *check);

#endif
