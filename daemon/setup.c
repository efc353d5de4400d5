#include "daemon/setup.h"

#include <limits.h>
#include <string.h>

enum { NEEDED = 1, NUMBER = 2, BOOLEAN = 4 };

/* Question texts: $A and $B stand for the nodes' names. */
static const struct {
	const char *name, *question, *otherwise;
	unsigned flags;
} keys[SETUP_KEYS] = {
	[SETUP_CLUSTER] = { "cluster", "a name for the pair", "ha", 0 },
	[SETUP_NODE_A] = { "node-a", "host name of the first node", "", NEEDED },
	[SETUP_NODE_B] = { "node-b", "host name of the second node", "", NEEDED },
	[SETUP_ADDRESS_A] = { "address-a", "$A's own address on the service LAN", "", NEEDED },
	[SETUP_ADDRESS_B] = { "address-b", "$B's own address on the service LAN", "", NEEDED },
	[SETUP_STORAGE_A] = { "storage-a", "$A's address on a second network, such as the storage LAN", "", 0 },
	[SETUP_STORAGE_B] = { "storage-b", "$B's address on that second network", "", 0 },
	[SETUP_INTERFACE] = { "interface", "interface of the virtual address on both nodes", "", NEEDED },
	[SETUP_INTERFACE_A] = { "interface-a", "that interface on $A", "", 0 },
	[SETUP_INTERFACE_B] = { "interface-b", "that interface on $B", "", 0 },
	[SETUP_VIP] = { "vip", "the virtual address, such as 192.168.1.210/24", "", NEEDED },
	[SETUP_VRID] = { "vrid", "virtual router id, unique on the LAN", "51", NUMBER },
	[SETUP_IMM_A] = { "imm-a", "address of $A's IMM (BMC)", "", NEEDED },
	[SETUP_IMM_B] = { "imm-b", "address of $B's IMM (BMC)", "", NEEDED },
	[SETUP_IMM_USER] = { "imm-user", "IPMI user of both IMMs, with privilege OPERATOR", "hafence", 0 },
	[SETUP_PRIORITY_A] = { "priority-a", "VRRP priority of $A", "100", NUMBER },
	[SETUP_PRIORITY_B] = { "priority-b", "VRRP priority of $B", "90", NUMBER },
	[SETUP_INSTANCE] = { "instance", "name of the instance", "VI_1", 0 },
	[SETUP_VERSION] = { "version", "VRRP version", "2", NUMBER },
	[SETUP_ADVERT_INT] = { "advert-int", "seconds between adverts", "1.0", NUMBER },
	[SETUP_AUTH_PASS] = { "auth-pass", "password of the adverts", "", 0 },
	[SETUP_UNICAST] = { "unicast", "adverts to the peer's address instead of the group", "", BOOLEAN },
	[SETUP_PREEMPT] = { "preempt", "does the node of higher priority take the address back", "", BOOLEAN },
	[SETUP_PREEMPT_DELAY] = { "preempt-delay", "seconds before it does", "", NUMBER },
	[SETUP_GARP_REPEAT] = { "garp-master-repeat", "gratuitous ARPs at a time", "", NUMBER },
	[SETUP_GARP_DELAY] = { "garp-master-delay", "seconds to the second burst", "", NUMBER },
	[SETUP_GARP_REFRESH] = { "garp-master-refresh", "seconds between refreshes", "", NUMBER },
	[SETUP_GARP_REFRESH_REPEAT] = { "garp-master-refresh-repeat", "gratuitous ARPs in a refresh", "", NUMBER },
	[SETUP_NOTIFY] = { "notify", "script for every change", "", 0 },
	[SETUP_NOTIFY_MASTER] = { "notify-master", "script of the new master", "", 0 },
	[SETUP_NOTIFY_BACKUP] = { "notify-backup", "script of the new backup", "", 0 },
	[SETUP_NOTIFY_FAULT] = { "notify-fault", "script of a fault", "", 0 },
	[SETUP_NOTIFY_STOP] = { "notify-stop", "script of the daemon's stop", "", 0 },
	[SETUP_NOTIFY_FIFO] = { "notify-fifo", "FIFO for every change", "", 0 },
	[SETUP_SCRIPT_USER] = { "script-user", "user of the scripts", "", 0 },
};

const char *
setup_key_name(enum setup_key key)
{
	return keys[key].name;
}

const char *
setup_question(const struct setup *setup, enum setup_key key, char *buffer)
{
	const char *from = keys[key].question;
	size_t used = 0;

	for (; *from != '\0' && used + 1 < SETUP_TEXT; from++) {
		if (*from != '$') {
			buffer[used++] = *from;
			continue;
		}
		bool a = *++from == 'A';
		const char *name = setup->value[a ? SETUP_NODE_A : SETUP_NODE_B];

		used += (size_t)snprintf(buffer + used, SETUP_TEXT - used, "%.60s",
			name[0] != '\0' ? name
			: a             ? "the first node"
					: "the second node");
	}
	buffer[used] = '\0';
	return buffer;
}

static bool
fits(enum setup_key key, const char *value)
{
	if (keys[key].flags & BOOLEAN)
		return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
	return !(keys[key].flags & NUMBER) || (value[0] != '\0' && value[strspn(value, "0123456789.")] == '\0');
}

const char *
setup_set(struct setup *setup, const char *assignment, char *buffer)
{
	size_t length = strcspn(assignment, "=");

	for (unsigned i = 0; i < SETUP_KEYS; i++) {
		if (strlen(keys[i].name) != length || strncmp(keys[i].name, assignment, length) != 0)
			continue;
		if (assignment[length] == '\0' || strlen(assignment + length + 1) >= SETUP_TEXT) {
			(void)snprintf(buffer, SETUP_TEXT, "%s needs a value: %s=...", keys[i].name, keys[i].name);
			return buffer;
		}
		if (!fits((enum setup_key)i, assignment + length + 1)) {
			(void)snprintf(buffer, SETUP_TEXT, "%s is %s, not \"%.60s\"", keys[i].name,
				keys[i].flags & NUMBER ? "a number" : "true or false", assignment + length + 1);
			return buffer;
		}
		(void)snprintf(setup->value[i], SETUP_TEXT, "%s", assignment + length + 1);
		return NULL;
	}
	(void)snprintf(buffer, SETUP_TEXT, "there is nothing called \"%.60s\"", assignment);
	return buffer;
}

bool
setup_missing(const struct setup *setup, enum setup_key key)
{
	if (!(keys[key].flags & NEEDED) || setup->value[key][0] != '\0')
		return false;
	if (key == SETUP_VIP)
		return setup->vips.count == 0;
	return key != SETUP_INTERFACE || setup->value[SETUP_INTERFACE_A][0] == '\0';
}

void
setup_defaults(struct setup *setup)
{
	for (unsigned i = 0; i < SETUP_KEYS; i++)
		if (setup->value[i][0] == '\0')
			(void)snprintf(setup->value[i], SETUP_TEXT, "%s", keys[i].otherwise);
}

bool
setup_vips(struct setup *setup, struct arena *arena)
{
	const char *at = setup->value[SETUP_VIP];

	while (*(at += strspn(at, ", \t")) != '\0') {
		size_t length = strcspn(at, ",");
		char *vip = arena_text(arena, at, length);

		if (!vip || !arena_add(arena, &setup->vips, vip))
			return false;
		at += length;
	}
	return true;
}

/* --- writing --- */

/* A libconfig string. */
static void
put_text(FILE *out, const char *text)
{
	(void)fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			(void)fputc('\\', out);
		if ((unsigned char)*text < ' ')
			(void)fprintf(out, "\\x%02x", (unsigned char)*text);
		else
			(void)fputc(*text, out);
	}
	(void)fputc('"', out);
}

/* A line of one setting and its comment; nothing if it is not known and not needed. */
static void
put(FILE *out, const struct setup *setup, enum setup_key key, const char *indent, const char *name, const char *comment)
{
	const char *value = setup->value[key];
	bool missing = setup_missing(setup, key);

	if (value[0] == '\0' && !missing)
		return;
	(void)fprintf(out, "%s%s = ", indent, name);
	if (missing)
		put_text(out, SETUP_MISSING);
	else if (keys[key].flags & (NUMBER | BOOLEAN))
		(void)fputs(value, out);
	else
		put_text(out, value);
	(void)fputc(';', out);
	if (missing)
		(void)fputs("   # FILL IN", out);
	if (comment[0] != '\0')
		(void)fprintf(out, "%s%s", missing ? ": " : "   # ", comment);
	(void)fputc('\n', out);
}

static void
put_node(FILE *out, const struct setup *setup, bool second)
{
	const enum setup_key at = second ? 1 : 0;
	const char *name = setup->value[SETUP_NODE_A + at];
	char file[PATH_MAX + SETUP_TEXT];

	(void)fputs("  {\n", out);
	put(out, setup, SETUP_NODE_A + at, "    ", "name", "the host name, short or full");
	put(out, setup, SETUP_PRIORITY_A + at, "    ", "priority", "");
	put(out, setup, SETUP_INTERFACE_A + at, "    ", "interface", "on this node it has another name");
	(void)fputs("    links = (\n", out);
	put(out, setup, SETUP_ADDRESS_A + at, "      { ", "address", "the service LAN, which carries the VIP");
	(void)fputs("      }", out);
	if (setup->value[SETUP_STORAGE_A + at][0] != '\0') {
		(void)fputs(",\n", out);
		put(out, setup, SETUP_STORAGE_A + at, "      { ", "address", "a second way for the peer messages");
		(void)fputs("      }", out);
	}
	(void)fputs("\n    );\n    imm: {\n", out);
	put(out, setup, SETUP_IMM_A + at, "      ", "address",
		second ? "its own IMM: the first node powers it down through this"
		       : "its own IMM: the second node powers it down through this");
	put(out, setup, SETUP_IMM_USER, "      ", "username", "");
	(void)snprintf(file, sizeof(file), "%s/%s.imm", setup->folder,
		name[0] != '\0' ? name
		: second        ? "NodeB"
				: "NodeA");
	(void)fputs("      password_file = ", out);
	put_text(out, file);
	(void)fprintf(out, ";\n    };\n  }%s\n", second ? "" : ",");
}

static void
put_vrrp(FILE *out, const struct setup *setup)
{
	static const struct {
		enum setup_key key;
		const char *name, *comment;
	} lines[] = {
		{ SETUP_INSTANCE, "name", "as notify scripts and the log call it" },
		{ SETUP_INTERFACE, "interface", "of the adverts and of the VIP" },
		{ SETUP_VRID, "virtual_router_id", "unique on the LAN" },
		{ SETUP_VERSION, "version", "" },
		{ SETUP_ADVERT_INT, "advert_int", "seconds" },
		{ SETUP_AUTH_PASS, "auth_pass", "readable on the LAN" },
		{ SETUP_UNICAST, "unicast", "" },
		{ SETUP_PREEMPT, "preempt", "true: the node of higher priority takes the VIP back, by consent" },
		{ SETUP_PREEMPT_DELAY, "preempt_delay", "" },
		{ SETUP_GARP_REPEAT, "garp_master_repeat", "" },
		{ SETUP_GARP_DELAY, "garp_master_delay", "" },
		{ SETUP_GARP_REFRESH, "garp_master_refresh", "" },
		{ SETUP_GARP_REFRESH_REPEAT, "garp_master_refresh_repeat", "" },
	};

	(void)fputs("vrrp = (\n  {\n", out);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		put(out, setup, lines[i].key, "    ", lines[i].name, lines[i].comment);
	(void)fputs("    virtual_ipaddress = (", out);
	for (size_t i = 0; i < setup->vips.count; i++) {
		(void)fputs(i == 0 ? "\n      " : ",\n      ", out);
		put_text(out, setup->vips.items[i]);
	}
	(void)fprintf(
		out, "%s    );\n  }\n);\n\n", setup->vips.count > 0 ? "\n" : " \"" SETUP_MISSING "\"   # FILL IN\n");
}

static void
put_notify(FILE *out, const struct setup *setup)
{
	static const struct {
		enum setup_key key;
		const char *name;
	} lines[] = { { SETUP_NOTIFY, "notify" }, { SETUP_NOTIFY_MASTER, "notify_master" },
		{ SETUP_NOTIFY_BACKUP, "notify_backup" }, { SETUP_NOTIFY_FAULT, "notify_fault" },
		{ SETUP_NOTIFY_STOP, "notify_stop" }, { SETUP_NOTIFY_FIFO, "notify_fifo" },
		{ SETUP_SCRIPT_USER, "script_user" } };
	bool any = false;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		any |= setup->value[lines[i].key][0] != '\0';
	if (!any)
		return;
	(void)fputs("\nnotify: {   # called as keepalived calls them\n", out);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		put(out, setup, lines[i].key, "  ", lines[i].name, "");
	(void)fputs("};\n", out);
}

void
setup_write(const struct setup *setup, FILE *out)
{
	(void)fprintf(out,
		"# ha-fenced.conf -- the same file on both nodes; ha-fenced.conf(5) describes every "
		"setting.\n"
		"# Written by %s.\n\ncluster: {\n",
		setup->origin);
	put(out, setup, SETUP_CLUSTER, "  ", "name", "messages of another cluster are ignored");
	(void)fprintf(out,
		"  authkey_file = \"%s/authkey\";   # ha-fence keygen; the same key on both nodes\n};\n\nnodes = (\n",
		setup->folder);
	put_node(out, setup, false);
	put_node(out, setup, true);
	(void)fputs(");\n\n", out);
	put_vrrp(out, setup);
	(void)fputs("fence: {\n"
		    "  action = \"reboot\";   # or \"off\" (stays off), or \"check\" (never powers anything down)\n"
		    "};\n",
		out);
	if (setup->checks.count > 0) {
		(void)fputs("\nhealth: {\n  checks = (", out);
		for (size_t i = 0; i < setup->checks.count; i++)
			(void)fprintf(out, "%s\n    { %s }", i == 0 ? "" : ",", (const char *)setup->checks.items[i]);
		(void)fputs("\n  );\n};\n", out);
	} else {
		(void)fputs("\n# health: { checks = ( { name = \"tomcat\"; type = \"http\"; url = "
			    "\"http://127.0.0.1:8080/\"; } ); };\n",
			out);
	}
	(void)fputs("# release: { units = ( \"tomcat.service\" ); };   # started on the master, stopped before the VIP "
		    "goes\n",
		out);
	put_notify(out, setup);
}
