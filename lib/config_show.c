/* The effective configuration as a file that can be read again. */
#include "lib/config_delay.h"
#include "lib/config_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMENT_COLUMN 48

static void
print_indent(FILE *out, unsigned depth)
{
	while (depth-- > 0)
		fputs("  ", out);
}

static const struct config_origin *
find_origin(const struct config *config, const void *field, const struct config_spec *spec)
{
	const struct config_origins *origins = config->origins;
	size_t low = 0, high = origins ? origins->count : 0;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if ((uintptr_t)origins->list[middle].field < (uintptr_t)field)
			low = middle + 1;
		else
			high = middle;
	}
	for (; origins && low < origins->count && origins->list[low].field == field; low++) {
		if (origins->list[low].spec == spec)
			return &origins->list[low];
	}
	return NULL;
}

static const void *
origin_field(const struct config_spec *spec, const void *base)
{
	if (spec->kind == CONFIG_KIND_VIPS)
		return ((const struct config_vrrp *)base)->vips;
	return (const char *)base + (spec->kind == CONFIG_KIND_TEXTS ? spec->count_offset : spec->offset);
}

static void
print_origin(FILE *out, const struct config *config, const struct config_origin *origin)
{
	if (origin)
		fprintf(out, "# %s:%u\n", config->origins->files[origin->file], origin->line);
	else
		fputs("# default\n", out);
}

static void
print_setting(FILE *out, const struct config *config, const struct config_spec *spec, const void *base, unsigned depth)
{
	const struct config_origin *origin = find_origin(config, origin_field(spec, base), spec);
	char *text = NULL;
	size_t length = 0;
	FILE *value = open_memstream(&text, &length);
	bool is_set = value && config_print_value(value, spec, base, true);
	int width;

	if (value)
		fclose(value);
	print_indent(out, depth);
	if (origin && (spec->flags & CONFIG_SECRET)) {
		/* A comment: stars are no password. */
		fprintf(out, "# %s = \"********\"; set at %s:%u\n", spec->name, config->origins->files[origin->file],
			origin->line);
	} else if (!is_set || (spec->flags & CONFIG_SECRET)) {
		fprintf(out, "# %s: not set\n", spec->name);
	} else {
		fprintf(out, "%s = %s;", spec->name, text);
		width = (int)(2 * depth + strlen(spec->name) + length + 4);
		fprintf(out, "%*s", width < COMMENT_COLUMN ? COMMENT_COLUMN - width : 1, "");
		print_origin(out, config, origin);
	}
	free(text);
}

static void
print_scope(FILE *out, const struct config *config, enum config_scope scope, const void *base, unsigned depth)
{
	for (const struct config_spec *spec = config_specs; spec->name; spec++) {
		if (spec->scope == scope && spec->kind != CONFIG_KIND_GROUP && spec->kind != CONFIG_KIND_LIST &&
			config_spec_applies(spec, base))
			print_setting(out, config, spec, base, depth);
	}
}

static void
print_devices(FILE *out, const struct config *config, const struct config_node *node)
{
	if (node->device_count == 0)
		return;
	fputs("    devices = (\n", out);
	for (unsigned i = 0; i < node->device_count; i++) {
		fputs("      {\n", out);
		print_scope(out, config, CONFIG_SCOPE_DEVICE, &node->devices[i], 4);
		fprintf(out, "      }%s\n", i + 1 < node->device_count ? "," : "");
	}
	fputs("    );\n", out);
}

static void
print_node(FILE *out, const struct config *config, const struct config_node *node, bool last)
{
	fputs("  {\n", out);
	print_scope(out, config, CONFIG_SCOPE_NODE, node, 2);
	fputs("    links = (\n", out);
	for (unsigned i = 0; i < node->link_count; i++) {
		fputs("      {\n", out);
		print_scope(out, config, CONFIG_SCOPE_LINK, &node->links[i], 4);
		fprintf(out, "      }%s\n", i + 1 < node->link_count ? "," : "");
	}
	fputs("    );\n", out);
	if (node->imm.configured) {
		fputs("    imm: {\n", out);
		print_scope(out, config, CONFIG_SCOPE_IMM, &node->imm, 3);
		fputs("    };\n", out);
	}
	print_devices(out, config, node);
	fprintf(out, "  }%s\n", last ? "" : ",");
}

static void
print_group(FILE *out, const struct config *config, const char *name, enum config_scope scope, const void *base)
{
	fprintf(out, "%s: {\n", name);
	print_scope(out, config, scope, base, 1);
	fputs("};\n", out);
}

/* The file is the same on both nodes, so what is longer on this one is not written as a value of it. */
static void
print_fence(FILE *out, const struct config *config)
{
	const struct config_device *slowest;
	double delay = (double)config_priority_delay(config, &slowest) / (double)HA_SEC;

	fputs("fence: {\n", out);
	print_scope(out, config, CONFIG_SCOPE_FENCE, &config->fence, 1);
	if (slowest)
		fprintf(out,
			"  # priority_fencing_delay in effect on %s: %.1f; twice what its device %s may take, timeout "
			"= %.1f and "
			"%.1f s\n",
			config_local(config)->name, delay, slowest->name, (double)slowest->timeout / (double)HA_SEC,
			(double)(config_device_patience(slowest) - slowest->timeout) / (double)HA_SEC);
	fputs("};\n", out);
}

char *
config_show(const struct config *config)
{
	char *text = NULL, digest[7];
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	fprintf(out, "# %s as %s reads it; digest %s\n", config->path, config->nodes[config->local].name,
		config_digest_text(config->digest, digest));
	print_group(out, config, "cluster", CONFIG_SCOPE_CLUSTER, config);
	fputs("nodes = (\n", out);
	print_node(out, config, &config->nodes[0], false);
	print_node(out, config, &config->nodes[1], true);
	fputs(");\nvrrp = (\n  {\n", out);
	print_scope(out, config, CONFIG_SCOPE_VRRP, &config->vrrp, 2);
	fputs("  }\n);\n", out);
	print_fence(out, config);
	fputs("health: {\n  checks = (\n", out);
	for (unsigned i = 0; i < config->check_count; i++) {
		fputs("    {\n", out);
		print_scope(out, config, CONFIG_SCOPE_CHECK, &config->checks[i], 3);
		fprintf(out, "    }%s\n", i + 1 < config->check_count ? "," : "");
	}
	fputs("  );\n};\n", out);
	print_group(out, config, "release", CONFIG_SCOPE_RELEASE, &config->release);
	print_group(out, config, "notify", CONFIG_SCOPE_NOTIFY, &config->notify);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
