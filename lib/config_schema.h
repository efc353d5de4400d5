/* lib/config_schema.h -- every setting in one table.
 *
 * The promise: what the parser accepts, what a diagnostic offers, what show-config prints, what enters the digest and
 * what the manual must describe is this table and nothing else. */
#ifndef HA_LIB_CONFIG_SCHEMA_H
#define HA_LIB_CONFIG_SCHEMA_H

#include "lib/config.h"

/* Where a setting may stand. The offsets of its specification count from the structure named here. */
enum config_scope {
	CONFIG_SCOPE_ROOT,
	CONFIG_SCOPE_CLUSTER, /* struct config */
	CONFIG_SCOPE_NODE,    /* struct config_node */
	CONFIG_SCOPE_LINK,    /* struct config_link */
	CONFIG_SCOPE_IMM,     /* struct config_imm */
	CONFIG_SCOPE_DEVICE,  /* struct config_device */
	CONFIG_SCOPE_VRRP,    /* struct config_vrrp */
	CONFIG_SCOPE_FENCE,   /* struct config_fence */
	CONFIG_SCOPE_HEALTH,
	CONFIG_SCOPE_CHECK,   /* struct config_check */
	CONFIG_SCOPE_RELEASE, /* struct config_release */
	CONFIG_SCOPE_NOTIFY,  /* struct config_notify */
	CONFIG_SCOPES
};

enum config_kind {
	CONFIG_KIND_BOOL,
	CONFIG_KIND_UNSIGNED, /* uint8_t, uint16_t, unsigned or size_t, as `size` says */
	CONFIG_KIND_SECONDS,  /* ha_time; a float or an integer in the file */
	CONFIG_KIND_TEXT,     /* char[size], min..max bytes */
	CONFIG_KIND_NAME,     /* text of letters, digits, '.', '_' and '-' */
	CONFIG_KIND_UNIT,     /* a systemd unit with its suffix */
	CONFIG_KIND_INTERFACE,
	CONFIG_KIND_PATH,    /* absolute */
	CONFIG_KIND_COMMAND, /* absolute path, then arguments */
	CONFIG_KIND_AGENT,   /* name of a fence agent, or its absolute path */
	CONFIG_KIND_OPTION,  /* KEY=VALUE of a fence agent */
	CONFIG_KIND_WORD,    /* one of `words`; bool or enum, as `size` says */
	CONFIG_KIND_ADDRESS,
	CONFIG_KIND_GUID,
	CONFIG_KIND_IMM_GUID, /* a GUID or "none" (guid_none) */
	CONFIG_KIND_KG,
	CONFIG_KIND_WEIGHT, /* int; sets weighted */
	CONFIG_KIND_STATUS, /* 200 or "200-299" */
	CONFIG_KIND_TEXTS,  /* char[max][size / max] with its number behind in `count_offset`; see `element` */
	CONFIG_KIND_VIPS,
	CONFIG_KIND_GROUP, /* a group of scope `inner` */
	CONFIG_KIND_LIST,  /* a list of groups of scope `inner` */
};

enum config_spec_flags {
	CONFIG_REQUIRED = 1 << 0,
	CONFIG_SECRET = 1 << 1, /* never shown, never in a digest */
	CONFIG_MASKED = 1 << 2, /* not shown, but part of the digest */
	CONFIG_LOCAL = 1 << 3,  /* may differ between the nodes: not in the digest */
};

struct config_word {
	const char *word;
	int value;
};

struct config_spec {
	enum config_scope scope;
	const char *name;
	enum config_kind kind;
	unsigned flags;
	size_t offset, size, count_offset;
	double min, max;                 /* numbers and seconds: the range; text: bytes; lists: number of elements */
	const char *initial;             /* default as written in a file; NULL: none */
	const struct config_word *words; /* ends with word NULL */
	enum config_kind element;        /* of CONFIG_KIND_TEXTS */
	enum config_scope inner;
	unsigned checks; /* scope check: bit set of the types that know it; 0: all */
	const char *help;
	const char *note; /* added to what is allowed, when a value is refused; NULL: nothing to add */
};

extern const struct config_spec config_specs[]; /* ends with name NULL; scope by scope */
const struct config_spec *config_spec_find(enum config_scope scope, const char *name, size_t length);
/* Whether the structure at `base` has it: a check knows the settings of its type. */
bool config_spec_applies(const struct config_spec *spec, const void *base);
/* How a scope is called in messages: "nodes.imm". */
extern const char *const config_scope_names[CONFIG_SCOPES];

/* What to answer to a setting of keepalived, fence_ipmilan or Pacemaker; NULL if it is not one. */
const char *config_foreign_answer(const char *name, size_t length);

/* Storage of an enum or bool of `size` bytes. */
void config_store_uint(void *field, size_t size, uint64_t value);
uint64_t config_fetch_uint(const void *field, size_t size);

#endif
