/* Loading, from the file to the finished structure: text, libconfig, table, relations, local node, secrets, digests. */
#include "lib/config_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct config_origin *
find_origin(const struct config_loader *loader, const void *field, bool group)
{
	const struct config_origins *origins = loader->config->origins;

	for (size_t i = 0; field && i < origins->count; i++) {
		if (origins->list[i].field == field && !origins->list[i].spec == group)
			return &origins->list[i];
	}
	return NULL;
}

bool
config_field_is_set(const struct config_loader *loader, const void *field)
{
	return find_origin(loader, field, false) != NULL;
}

struct config_place
config_field_place(const struct config_loader *loader, const void *field, const void *group)
{
	const struct config_origin *origin = find_origin(loader, field, false);

	if (!origin)
		origin = find_origin(loader, group, true);
	if (!origin)
		return (struct config_place){ .path = loader->text.files[0].path };
	return config_token_place(&loader->text, origin->token);
}

static void problem_at(struct config_loader *loader, enum config_severity severity, const struct config_place *place,
	const char *hint, const char *format, va_list arguments) __attribute__((format(printf, 5, 0)));

static void
problem_at(struct config_loader *loader, enum config_severity severity, const struct config_place *place,
	const char *hint, const char *format, va_list arguments)
{
	char text[512];

	vsnprintf(text, sizeof(text), format, arguments);
	config_problem_add(loader->problems, severity, place, hint, "%s", text);
}

void
config_error_at(
	struct config_loader *loader, const void *field, const void *group, const char *hint, const char *format, ...)
{
	struct config_place place = config_field_place(loader, field, group);
	va_list arguments;

	va_start(arguments, format);
	problem_at(loader, CONFIG_ERROR, &place, hint, format, arguments);
	va_end(arguments);
}

void
config_warning_at(
	struct config_loader *loader, const void *field, const void *group, const char *hint, const char *format, ...)
{
	struct config_place place = config_field_place(loader, field, group);
	va_list arguments;

	va_start(arguments, format);
	problem_at(loader, CONFIG_WARNING, &place, hint, format, arguments);
	va_end(arguments);
}

static int
compare_origins(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)((const struct config_origin *)a)->field;
	uintptr_t y = (uintptr_t)((const struct config_origin *)b)->field;

	return x < y ? -1 : x > y;
}

/* The tokens go with the text; file names and lines stay. */
static int
keep_origins(struct config_loader *loader)
{
	struct config_origins *origins = loader->config->origins;

	if (origins->count > 0)
		qsort(origins->list, origins->count, sizeof(*origins->list), compare_origins);
	for (size_t i = 0; i < origins->count; i++)
		origins->list[i].token = NULL;
	origins->files = calloc(loader->text.file_count, sizeof(*origins->files));
	if (!origins->files)
		return -ENOMEM;
	for (; origins->file_count < loader->text.file_count; origins->file_count++) {
		origins->files[origins->file_count] = strdup(loader->text.files[origins->file_count].path);
		if (!origins->files[origins->file_count])
			return -ENOMEM;
	}
	return 0;
}

/* libconfig frees its strings without wiping them. */
static void
wipe_strings(config_setting_t *setting)
{
	int count = config_setting_is_aggregate(setting) ? config_setting_length(setting) : 0;

	if (config_setting_type(setting) == CONFIG_TYPE_STRING && setting->value.sval)
		explicit_bzero(setting->value.sval, strlen(setting->value.sval));
	for (int i = 0; i < count; i++)
		wipe_strings(config_setting_get_elem(setting, (unsigned)i));
}

/* libconfig takes a comment that never ends for the end of the file, so that what it swallowed would be lost without a
 * word, and leaks the text of a string that never ends. */
static bool
is_unclosed(const struct config_text *text)
{
	return text->token_count > 0 && text->tokens[text->token_count - 1].kind == CONFIG_TOKEN_UNCLOSED;
}

static void
parse_tree(struct config_loader *loader)
{
	config_t tree;

	if (is_unclosed(&loader->text)) {
		config_explain_syntax(loader, UINT_MAX - 1, "unclosed");
		return;
	}
	config_init(&tree);
	if (config_read_string(&tree, loader->text.flat))
		config_parse(loader, config_root_setting(&tree));
	else
		config_explain_syntax(loader, (unsigned)config_error_line(&tree),
			config_error_text(&tree) ? config_error_text(&tree) : "");
	wipe_strings(config_root_setting(&tree));
	config_destroy(&tree);
}

static void
wipe_passwords(struct config *config)
{
	for (unsigned i = 0; i < 2; i++) {
		explicit_bzero(config->nodes[i].imm.password, sizeof(config->nodes[i].imm.password));
		explicit_bzero(config->nodes[i].imm.kg, sizeof(config->nodes[i].imm.kg));
		config->nodes[i].imm.kg_bytes = 0;
	}
}

/* Everything after the text is there. */
static int
finish(struct config_loader *loader)
{
	struct config *config = loader->config;
	int r;

	config_text_mask(&loader->text, (loader->flags & CONFIG_PASSWORDS) != 0);
	loader->end = (struct config_token){ .line = 1, .column = 1, .length = 1 };
	parse_tree(loader);
	if (config_problems_errors(loader->problems) > 0 && config->nodes[1].name[0] == '\0')
		return -EINVAL; /* a file that gave no pair: relations would only add noise */
	config_check(loader);
	config_find_local(loader);
	if (!(loader->flags & CONFIG_PASSWORDS))
		wipe_passwords(config); /* stars */
	config_load_secrets(loader);
	r = config_problems_errors(loader->problems) > 0 ? -EINVAL : keep_origins(loader);
	if (r == 0)
		config_make_digests(config);
	return r;
}

static int
begin(struct config_loader *loader, const char *path)
{
	int length;

	loader->problems = config_problems_new();
	loader->config = calloc(1, sizeof(*loader->config));
	if (loader->config)
		loader->config->origins = calloc(1, sizeof(*loader->config->origins));
	if (!loader->problems || !loader->config || !loader->config->origins)
		return -ENOMEM;
	length = snprintf(loader->config->path, CONFIG_PATH_MAX, "%s", path);
	if (length >= 0 && length < CONFIG_PATH_MAX)
		return 0;
	config_problem_add(loader->problems, CONFIG_ERROR, NULL, NULL, "the path of the configuration is too long");
	return -ENAMETOOLONG;
}

static int
end(struct config_loader *loader, int r, struct config **ret, struct config_problems **ret_problems)
{
	config_text_free(&loader->text);
	*ret_problems = loader->problems;
	if (r < 0)
		config_free(loader->config);
	else
		*ret = loader->config;
	return r;
}

int
config_load(
	const char *path, const char *node, unsigned flags, struct config **ret, struct config_problems **ret_problems)
{
	char host[HOST_NAME_MAX + 1] = "";
	struct config_loader loader = { .flags = flags, .node = node, .host = host };
	int r = begin(&loader, path);

	if (gethostname(host, sizeof(host)) != 0)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	if (r == 0)
		r = config_text_read(&loader.text, path, loader.problems);
	if (r == 0)
		r = finish(&loader);
	return end(&loader, r, ret, ret_problems);
}

int
config_load_text(const char *name, const char *data, size_t length, const char *node, const char *host, unsigned flags,
	struct config **ret, struct config_problems **ret_problems)
{
	struct config_loader loader = { .flags = flags, .node = node, .host = host, .no_system = true };
	int r = begin(&loader, name);

	if (r == 0)
		r = config_text_set(&loader.text, name, data, length, loader.problems);
	if (r == 0)
		r = finish(&loader);
	return end(&loader, r, ret, ret_problems);
}

static void
free_origins(struct config_origins *origins)
{
	if (!origins)
		return;
	for (unsigned i = 0; i < origins->file_count; i++)
		free(origins->files[i]);
	free(origins->files);
	free(origins->list);
	free(origins);
}

void
config_free(struct config *config)
{
	if (!config)
		return;
	free_origins(config->origins);
	free(config->vrrp.vips);
	free(config->checks);
	explicit_bzero(config, sizeof(*config));
	free(config);
}
