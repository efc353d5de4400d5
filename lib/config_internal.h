/* lib/config_internal.h -- what the files of the configuration share with each other, and the fuzzer and tests with
 * them. */
#ifndef HA_LIB_CONFIG_INTERNAL_H
#define HA_LIB_CONFIG_INTERNAL_H

#include "lib/config.h"
#include "lib/config_problem.h"
#include "lib/config_schema.h"
#include "lib/config_text.h"

#include <libconfig.h>

/* A value that was set in a file. The token is for diagnostics while loading only. */
struct config_origin {
	const void *field;
	const struct config_spec *spec; /* two settings may share a field (url, path: the target of a check) */
	const struct config_token *token;
	unsigned file, line;
};

struct config_origins {
	char **files;
	unsigned file_count;
	struct config_origin *list; /* sorted by field once loaded */
	size_t count;
};

struct config_loader {
	struct config *config;
	struct config_problems *problems;
	struct config_text text;
	struct config_token end; /* where a file ends: the place of what is missing in it */
	unsigned flags;
	const char *node; /* --node or NULL */
	const char *host; /* host name or NULL */
	bool no_system;   /* neither interfaces nor secret files are looked at */
};

/* From memory, for tests and the fuzzer: `host` takes the place of the host name (NULL: none), no other file is read
 * and no interface looked at; keys stay unset. */
int config_load_text(const char *name, const char *data, size_t length, const char *node, const char *host,
	unsigned flags, struct config **ret, struct config_problems **ret_problems);

/* config_syntax.c: libconfig has refused the text at `line` of the joined text with `message`; say why.
 * Masks the text: with its quotes broken nobody knows where a password ends. */
void config_explain_syntax(struct config_loader *loader, unsigned line, const char *message);

/* config_parse.c: the tree into the structures, by the table. */
void config_parse(struct config_loader *loader, config_setting_t *root);

/* config_check.c: what one setting alone cannot tell. */
void config_check(struct config_loader *loader);
/* config_secret.c: keys and passwords, as the flags ask. */
void config_load_secrets(struct config_loader *loader);
/* config_local.c: which node this is. */
void config_find_local(struct config_loader *loader);

/* Where `field` was set, or where `group`, the structure it belongs to, begins; else the file as a whole. */
struct config_place config_field_place(const struct config_loader *loader, const void *field, const void *group);
bool config_field_is_set(const struct config_loader *loader, const void *field);
void config_error_at(struct config_loader *loader, const void *field, const void *group, const char *hint,
	const char *format, ...) __attribute__((format(printf, 5, 6)));
void config_warning_at(struct config_loader *loader, const void *field, const void *group, const char *hint,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* config_digest.c */
void config_make_digests(struct config *config);
/* The value of `spec` as written in a file; false if it is not set. `masked`: what is not to be shown becomes stars. */
bool config_print_value(FILE *out, const struct config_spec *spec, const void *base, bool masked);
void config_print_vip(FILE *out, const struct config_vip *vip);

#endif
