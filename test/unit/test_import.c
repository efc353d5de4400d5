/* keepalived.conf: its grammar as tables of texts and statements, and what becomes of instances. */
#include "daemon/import.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Files that can be included: name, text, name, text ... */
static const char *const *files;

static char *
read_table(void *userdata, struct arena *arena, const char *path)
{
	(void)userdata;
	for (size_t i = 0; files && files[i]; i += 2)
		if (strcmp(files[i], path) == 0)
			return arena_text(arena, files[i + 1], strlen(files[i + 1]));
	errno = ENOENT;
	return NULL;
}

static int
match_table(void *userdata, struct arena *arena, const char *pattern, struct arena_list *paths)
{
	size_t star = strcspn(pattern, "*");
	(void)userdata;
	for (size_t i = 0; files && files[i]; i += 2)
		if (strncmp(files[i], pattern, star) == 0 &&
			((pattern[star] == '*' && !strchr(files[i] + star, '/')) || strcmp(files[i], pattern) == 0))
			ck_assert(arena_add(arena, paths, arena_text(arena, files[i], strlen(files[i]))));
	return paths->count > 0 ? 0 : -ENOENT;
}

static const struct keepalived_source table = { .read = read_table, .match = match_table };

/* The tree as text: words separated by blanks, items by ";", blocks in braces. */
static void
show(const struct keepalived_item *item, char *out)
{
	for (size_t i = 0; i < item->words.count; i++)
		sprintf(out + strlen(out), "%s%s", i > 0 ? " " : "", keepalived_word(item, i));
	if (item->block)
		strcat(out, "{");
	for (size_t i = 0; i < item->items.count; i++) {
		show(item->items.items[i], out);
		strcat(out, ";");
	}
	if (item->block)
		strcat(out, "}");
}

static const char *
parsed(const char *content, const char *host, char *out)
{
	struct arena arena = { 0 };
	struct keepalived_text text = { .arena = &arena, .source = &table, .config_id = host };
	struct keepalived_item *root = NULL;
	out[0] = '\0';
	if (keepalived_text_add(&text, "/etc/k/k.conf", content) == 0)
		root = keepalived_parse(&text);
	if (root)
		show(root, out);
	else
		strcpy(out, text.error);
	arena_free(&arena);
	return out;
}

static const struct {
	const char *content, *tree;
} grammar[] = {
	{ "", "" },
	{ "a b # c\n! d\n  e!f\n", "a b;e;" },
	{ "a {\n b\n}\n", "a{b;};" },
	{ "a\n{\n b c\n d {\n}\n}\n", "a{b c;d{};};" },
	{ "a{ b }\nc", "a{b;};c;" },
	{ "a \"b # c\" 'd ! e'\n", "a b # c d ! e;" },
	{ "a x\"b c\"y\n", "a xb cy;" },
	{ "a \"\\\"\\t\\x41\\101\\#\"\n", "a \"\tAA#;" },
	{ "a \\# b\n", "a # b;" },
	{ "a\r\nb\r\n", "a;b;" },
	{ "@host1 a\n@other b\n@^host1 c\n@^other d\n", "a;d;" },
	{ "$X=1 # one\na $X ${X}2 $Y ${Z} $X3\n", "a 1 12 $Y ${Z} $X3;" },
	{ "$A=10.${B}\n$B=0\n${A}.1\n$B=9\n${A}.1\n", "10.0.1;10.9.1;" },
	{ "@host1 $P=240\n@other $P=200\np $P\n", "p 240;" },
	{ "$I=@host1\n$I p 1\n$J=@other\n$J q 1\n", "p 1;" },
	{ "$E=\na $E b\n", "a b;" },
	{ "$V= \\\n v ${N} { \\\n  w $N \\\n } # end\n$N=1\n$V\n$N=2\n$V\n", "v 1{w 1;};v 2{w 2;};" },
	{ "$R= \\\n r ${M} \\\n\n$S= \\\n s { \\\n $M=1 \\\n $R \\\n $M=2 \\\n $R \\\n }\n$S\n", "s{r 1;r 2;};" },
	{ "~SEQ(X, 1, 3) a ${X}\n", "a 1;a 2;a 3;" },
	{ "~SEQ(X, 3) a$X\n", "a1;a2;a3;" },
	{ "~SEQ(X, 5, -2, 1) ${X}\n", "5;3;1;" },
	{ "~SEQx(X, 0x90, 0x10, 0xb0) f:${X}\n", "f:90;f:a0;f:b0;" },
	{ "~LST(X, a, b) ~SEQ(Y, 1, 2) ${X}${Y}\n", "a1;a2;b1;b2;" },
	{ "~LST({X, Y}, {10,1}, {20,4}) ${X}.${Y}\n", "10.1;20.4;" },
	{ "$VI= \\\n i ${N}\n~LST(N, 1, 2) $VI\n", "i 1;i 2;" },
	{ "a ${_PWD} ${_INSTANCE} x${_HASH}y${_BANG}\n", "a /etc/k host1 x#y!;" },
	{ "include sub.conf\nlast\n", "from sub;last;" },
	{ "include /etc/k/d/*.conf\n", "one;two;from sub;" },
	{ "include none.conf\na\n", "a;" },
	/* Errors name the place. */
	{ "a {\nb\n", "/etc/k/k.conf:1: this block is not closed" },
	{ "a\n}\n", "/etc/k/k.conf:2: \"}\" without a block that it closes" },
	{ "{\n}\n", "/etc/k/k.conf:1: \"{\" without a keyword before it" },
	{ "a\nb \"c\n", "/etc/k/k.conf:2: a quote is not closed on its line" },
	{ "~SEQ(X) a\n", "/etc/k/k.conf:1: cannot be expanded: ~SEQ(X) a" },
	{ "~SEQ(X, 1, 0, 5) a\n", "/etc/k/k.conf:1: cannot be expanded: ~SEQ(X, 1, 0, 5) a" },
	{ "~SEQ(X, 1, 99999) a\n", "/etc/k/k.conf:1: cannot be expanded: ~SEQ(X, 1, 99999) a" },
	{ "~LST({X,Y}, {1}) a\n", "/etc/k/k.conf:1: cannot be expanded: ~LST({X,Y}, {1}) a" },
	{ "$A=${A}\n${A}\n", "/etc/k/k.conf:2: parameters refer to themselves" },
	{ "include loop.conf\n", "/etc/k/loop.conf:1: includes are nested too deep: loop.conf" },
};

START_TEST(grammar_table)
{
	static const char *const included[] = { "/etc/k/sub.conf", "from sub\n", "/etc/k/d/1.conf", "one\n",
		"/etc/k/d/2.conf", "two\ninclude ../sub.conf\n", "/etc/k/d/../sub.conf", "from sub\n",
		"/etc/k/loop.conf", "include loop.conf\n", NULL };
	char out[4096];
	files = included;
	ck_assert_msg(strcmp(parsed(grammar[_i].content, "host1", out), grammar[_i].tree) == 0,
		"%s: \"%s\", not \"%s\"", grammar[_i].content, out, grammar[_i].tree);
}
END_TEST

/* What a sequence becomes grows with its turns, not with their square. */
START_TEST(long_sequence)
{
	struct arena arena = { .limit = 8u << 20 };
	struct keepalived_text text = { .arena = &arena };

	ck_assert_msg(keepalived_text_add(&text, "k.conf", "~SEQ(X, 1, 4096) a ${X}\n") == 0, "%s", text.error);
	ck_assert_uint_eq(text.lines.count, 4096);
	ck_assert_str_eq(((struct keepalived_line *)text.lines.items[4095])->text, "a 4096");
	arena_free(&arena);
}
END_TEST

/* However little memory there is: an answer, and no crash. */
START_TEST(memory_runs_out)
{
	static const char content[] = "vrrp_script s {\n script \"/bin/x y\"\n interval 3\n weight 4\n}\n"
				      "vrrp_instance V {\n interface e\n virtual_ipaddress {\n 10.0.0.1 dev e\n }\n"
				      " track_interface {\n e weight 5\n }\n track_script {\n s weight -3\n }\n}\n";

	for (size_t limit = 0; limit < 8192; limit += 16) {
		struct arena arena = { .limit = limit + 1 };
		struct setup setup = { .folder = "/etc/ha-fenced", .origin = "a test" };
		struct import import = { .arena = &arena, .setup = &setup };
		struct keepalived_text text = { .arena = &arena };
		struct keepalived_item *root = NULL;

		if (keepalived_text_add(&text, "k.conf", content) == 0)
			root = keepalived_parse(&text);
		if (root)
			(void)import_run(&import, root, NULL);
		arena_free(&arena);
	}
}
END_TEST

/* --- instances --- */

#define COMMON                                                                                                         \
	" interface eth0\n virtual_router_id 51\n advert_int 1\n authentication {\n auth_type PASS\n auth_pass "       \
	"1111\n }\n"                                                                                                   \
	" virtual_ipaddress {\n 192.168.1.210/24\n }\n"
#define CLASSIC(name, priority, own, peer)                                                                             \
	"global_defs {\n router_id " name "\n}\nvrrp_instance VI_1 {\n state BACKUP\n priority " priority              \
	"\n unicast_src_ip " own "\n unicast_peer {\n " peer "\n }\n" COMMON "}\n"

struct result {
	struct arena arena;
	struct setup setup;
	struct import import;
	int r;
};

static void
import_texts(struct result *result, const char *a, const char *b, const char *instance)
{
	const char *contents[2] = { a, b };
	struct keepalived_item *roots[2] = { NULL, NULL };
	*result = (struct result){ .setup = { .folder = "/etc/ha-fenced", .origin = "a test" } };
	for (unsigned i = 0; i < 2 && contents[i]; i++) {
		struct keepalived_text text = { .arena = &result->arena };
		ck_assert_int_eq(keepalived_text_add(&text, i == 0 ? "A" : "B", contents[i]), 0);
		roots[i] = keepalived_parse(&text);
		ck_assert_msg(roots[i] != NULL, "%s", text.error);
	}
	result->import = (struct import){ .arena = &result->arena, .instance = instance, .setup = &result->setup };
	result->r = import_run(&result->import, roots[0], roots[1]);
}

static bool
noted(const struct result *result, const char *words, bool lost)
{
	for (size_t i = 0; i < result->import.notes.count; i++) {
		const struct import_note *note = result->import.notes.items[i];
		if (strstr(note->text, words) && note->lost == lost)
			return true;
	}
	return false;
}

START_TEST(classic_pair)
{
	static const struct {
		enum setup_key key;
		const char *value;
	} expected[] = { { SETUP_NODE_A, "NodeA" }, { SETUP_NODE_B, "NodeB" }, { SETUP_PRIORITY_A, "100" },
		{ SETUP_PRIORITY_B, "90" }, { SETUP_ADDRESS_A, "192.168.1.198" }, { SETUP_ADDRESS_B, "192.168.1.199" },
		{ SETUP_INTERFACE, "eth0" }, { SETUP_INTERFACE_B, "" }, { SETUP_VRID, "51" }, { SETUP_ADVERT_INT, "1" },
		{ SETUP_AUTH_PASS, "1111" }, { SETUP_UNICAST, "true" }, { SETUP_PREEMPT, "true" } };
	struct result result;
	import_texts(&result, CLASSIC("NodeA", "100", "192.168.1.198", "192.168.1.199"),
		CLASSIC("NodeB", "90", "192.168.1.199", "192.168.1.198"), NULL);
	ck_assert_msg(result.r == 0, "%s", result.import.error);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		ck_assert_str_eq(result.setup.value[expected[i].key], expected[i].value);
	ck_assert_uint_eq(result.setup.vips.count, 1);
	ck_assert_str_eq(result.setup.vips.items[0], "192.168.1.210/24");
	ck_assert_uint_eq(result.import.notes.count, 0);
	/* Only what keepalived cannot know is asked for. */
	for (unsigned key = 0; key < SETUP_KEYS; key++)
		ck_assert_msg(setup_missing(&result.setup, key) == (key == SETUP_IMM_A || key == SETUP_IMM_B), "%s",
			setup_key_name(key));
	arena_free(&result.arena);
}
END_TEST

static const struct {
	const char *a, *b, *error;
} refused[] = {
	{ "global_defs {\n}\n", NULL, "no vrrp_instance" },
	{ "vrrp_instance A {\n" COMMON "}\nvrrp_instance B {\n" COMMON "}\n", NULL, "(A, B)" },
	{ "vrrp_instance A {\n" COMMON "}\n", "vrrp_instance A {\n" COMMON " virtual_router_id 52\n}\n",
		"virtual_router_id differs" },
	{ "vrrp_instance A {\n" COMMON "}\n",
		"vrrp_instance A {\n" COMMON " authentication {\n auth_pass 2222\n }\n}\n", "auth_pass differs" },
	{ "vrrp_instance A {\n" COMMON "}\n", "vrrp_instance A {\n" COMMON " virtual_ipaddress {\n 10.0.0.1\n }\n}\n",
		"virtual address" },
	{ "vrrp_instance A {\n" COMMON "}\n",
		"vrrp_instance A {\n" COMMON " virtual_ipaddress {\n 10.0.0.1\n 10.0.0.2\n }\n}\n",
		"2 virtual addresses" },
};

START_TEST(refused_table)
{
	struct result result;
	import_texts(&result, refused[_i].a, refused[_i].b, NULL);
	ck_assert_int_eq(result.r, -EINVAL);
	ck_assert_msg(strstr(result.import.error, refused[_i].error) != NULL, "%s", result.import.error);
	arena_free(&result.arena);
}
END_TEST

/* One statement in an otherwise good instance. */
static const struct {
	const char *statement;
	enum setup_key key; /* SETUP_KEYS: none */
	const char *value;
	const char *check; /* the only one; NULL: none */
	const char *note;  /* NULL: none at all */
	bool lost;
} statements[] = {
	{ "nopreempt", SETUP_PREEMPT, "false", NULL, NULL, false },
	{ "preempt_delay 30", SETUP_PREEMPT_DELAY, "30", NULL, NULL, false },
	{ "garp_master_refresh 60", SETUP_GARP_REFRESH, "60", NULL, NULL, false },
	{ "mcast_src_ip 10.0.0.7", SETUP_ADDRESS_A, "10.0.0.7", NULL, NULL, false },
	{ "version 3", SETUP_AUTH_PASS, "", NULL, "version 3 has no authentication", true },
	{ "authentication {\n auth_type AH\n auth_pass x\n }", SETUP_AUTH_PASS, "", NULL, "only PASS", true },
	{ "authentication {\n auth_type PASS\n auth_pass 123456789\n }", SETUP_AUTH_PASS, "12345678", NULL, NULL,
		false },
	{ "notify_master /usr/bin/m.sh", SETUP_NOTIFY_MASTER, "/usr/bin/m.sh", NULL, NULL, false },
	{ "notify \"/usr/bin/n.sh x\"", SETUP_NOTIFY, "", NULL, "without arguments", true },
	{ "notify /usr/bin/n.sh nobody", SETUP_SCRIPT_USER, "nobody", NULL, NULL, false },
	{ "track_interface {\n eth1\n }", SETUP_KEYS, NULL,
		"name = \"link-eth1\"; type = \"link\"; interface = \"eth1\";", NULL, false },
	{ "track_interface {\n eth1 weight -10\n }", SETUP_KEYS, NULL,
		"name = \"link-eth1\"; type = \"link\"; interface = \"eth1\"; weight = -10;", NULL, false },
	{ "track_interface {\n eth1 weight 5 reverse\n }", SETUP_KEYS, NULL, NULL, "no reverse", true },
	{ "track_script {\n chk weight 7\n }", SETUP_KEYS, NULL,
		"name = \"chk\"; type = \"script\"; script = \"/usr/bin/chk -q\"; interval = 2; timeout = 3; rise = 1; "
		"fall = 4; "
		"weight = 7;",
		NULL, false },
	{ "track_script {\n none\n }", SETUP_KEYS, NULL, NULL, "no vrrp_script of that name", true },
	{ "track_script {\n shell\n }", SETUP_KEYS, NULL, NULL, "full path", true },
	{ "track_process {\n web\n }", SETUP_KEYS, NULL,
		"name = \"web\"; type = \"script\"; script = \"/usr/bin/pgrep -x httpd\"; interval = 1.0; rise = 1; "
		"fall = 1;",
		"a check of type unit is better", false },
	{ "track_process {\n many\n }", SETUP_KEYS, NULL, NULL, "not counted", true },
	{ "track_file {\n f\n }", SETUP_KEYS, NULL, NULL, "a number in a file", true },
	{ "use_vmac", SETUP_KEYS, NULL, NULL, "own MAC", true },
	{ "virtual_routes {\n 0.0.0.0/0 via 1.1.1.1\n }", SETUP_KEYS, NULL, NULL, "routes belong to", true },
	{ "frobnicate 7", SETUP_KEYS, NULL, NULL, "frobnicate 7: ha-fenced has nothing like it", true },
	{ "state MASTER", SETUP_KEYS, NULL, NULL, NULL, false },
	{ "garp_lower_prio_delay 7", SETUP_KEYS, NULL, NULL, "garp_lower_prio_delay 7: a lower advert", false },
	{ "promote_secondaries", SETUP_KEYS, NULL, NULL, "sysctl", true },
	{ "auth_hmac {\n key 1\n }", SETUP_KEYS, NULL, NULL, "their own key", true },
	{ "advert_int 1; x = 2", SETUP_ADVERT_INT, "", NULL, "not usable", true },
};

START_TEST(statements_table)
{
	char text[2048];
	struct result result;
	snprintf(text, sizeof(text),
		"vrrp_script chk {\n script \"/usr/bin/chk -q\"\n interval 2\n timeout 3\n fall 4\n weight 9\n}\n"
		"vrrp_script shell {\n script \"pidof x\"\n}\n"
		"vrrp_track_process web {\n process httpd\n}\nvrrp_track_process many {\n process a\n quorum 2\n}\n"
		"vrrp_instance VI_1 {\n" COMMON " %s\n}\n",
		statements[_i].statement);
	import_texts(&result, text, NULL, NULL);
	ck_assert_msg(result.r == 0, "%s: %s", statements[_i].statement, result.import.error);
	if (statements[_i].key < SETUP_KEYS)
		ck_assert_str_eq(result.setup.value[statements[_i].key], statements[_i].value);
	ck_assert_uint_eq(result.setup.checks.count, statements[_i].check ? 1 : 0);
	if (statements[_i].check)
		ck_assert_str_eq(result.setup.checks.items[0], statements[_i].check);
	ck_assert_uint_eq(result.import.notes.count, statements[_i].note ? 1 : 0);
	if (statements[_i].note)
		ck_assert_msg(noted(&result, statements[_i].note, statements[_i].lost), "%s",
			((struct import_note *)result.import.notes.items[0])->text);
	arena_free(&result.arena);
}
END_TEST

/* Around the instance: nothing is passed over in silence. */
static const struct {
	const char *text, *instance;
	const char *note; /* NULL: none at all */
	bool lost;
} around[] = {
	{ "global_defs {\n router_id x\n lvs_id y\n vrrp_version 2\n default_interface eth0\n smtp_server 1.1.1.1\n}\n",
		NULL, NULL, false },
	{ "global_defs {\n umask 022\n}\n", NULL, "umask 022: scripts have the UMask= of the unit", true },
	{ "global_defs {\n vrrp_strict\n}\n", NULL, "vrrp_strict: there is no looser mode", false },
	{ "global_defs {\n lvs_sync_daemon eth0 I\n}\n", NULL, "no load balancing", true },
	{ "global_defs {\n frobnicate\n}\n", NULL, "ha-fenced has nothing like it", true },
	{ "net_namespace blue\n", NULL, "NetworkNamespacePath=", true },
	{ "static_ipaddress {\n 10.9.9.9 dev lo\n}\n", NULL, "network configuration", true },
	{ "vrrp_script unused {\n script /bin/x\n init_fail\n}\n", NULL, NULL, false },
	{ "vrrp_script tracked {\n script /bin/x\n init_fail\n}\n", NULL, "init_fail: a check counts only", true },
	{ "vrrp_sync_group G {\n group {\n I\n }\n}\n", NULL, NULL, false },
	{ "vrrp_sync_group G {\n group {\n I\n }\n global_tracking\n}\n", NULL,
		"global_tracking: ha-fenced has nothing", true },
	{ "vrrp_instance other {\n interface eth1\n}\n", "I", "vrrp_instance other: only I was asked for", true },
};

START_TEST(around_table)
{
	char text[2048];
	struct result result;
	snprintf(text, sizeof(text), "%svrrp_instance I {\n" COMMON "%s}\n", around[_i].text,
		strstr(around[_i].text, "tracked") ? " track_script {\n tracked\n }\n" : "");
	import_texts(&result, text, NULL, around[_i].instance);
	ck_assert_msg(result.r == 0, "%s: %s", around[_i].text, result.import.error);
	if (!around[_i].note && result.import.notes.count > 0)
		ck_abort_msg("%s: %s", around[_i].text, ((struct import_note *)result.import.notes.items[0])->text);
	ck_assert_uint_eq(result.import.notes.count, around[_i].note ? 1 : 0);
	if (around[_i].note)
		ck_assert_msg(noted(&result, around[_i].note, around[_i].lost), "%s: %s", around[_i].text,
			((struct import_note *)result.import.notes.items[0])->text);
	arena_free(&result.arena);
}
END_TEST

START_TEST(addresses_keep_their_words)
{
	struct result result;
	import_texts(&result,
		"vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n"
		"  10.0.0.1\n  10.0.0.2/24 brd 10.0.0.255 dev eth1 scope global label eth1:1\n  fe80::1 no_track\n  "
		"10.0.0.1 label eth0:7\n }\n"
		" virtual_ipaddress_excluded {\n  10.0.0.3/24\n }\n}\n",
		NULL, NULL);
	ck_assert_int_eq(result.r, 0);
	ck_assert_uint_eq(result.setup.vips.count, 4);
	ck_assert_str_eq(result.setup.vips.items[0], "10.0.0.1/32");
	ck_assert_str_eq(result.setup.vips.items[1], "10.0.0.2/24 brd 10.0.0.255 dev eth1 scope global label eth1:1");
	ck_assert_str_eq(result.setup.vips.items[2], "fe80::1/128");
	ck_assert_str_eq(result.setup.vips.items[3], "10.0.0.3/24");
	ck_assert(noted(&result, "\"no_track\" is not", true));
	ck_assert(noted(&result, "10.0.0.1 label: the address stands there already", true));
	ck_assert(noted(&result, "carried as ordinary", false));
	arena_free(&result.arena);
}
END_TEST

START_TEST(sync_group_is_one)
{
	static const char two[] = "vrrp_sync_group G {\n group {\n A\n B\n }\n notify_fault /usr/bin/f.sh\n}\n"
				  "vrrp_instance A {\n" COMMON "}\n"
				  "vrrp_instance B {\n interface eth1\n virtual_router_id 52\n virtual_ipaddress {\n "
				  "10.1.0.9/24\n }\n}\n";
	struct result result;
	import_texts(&result, two, NULL, NULL);
	ck_assert_msg(result.r == 0, "%s", result.import.error);
	ck_assert_uint_eq(result.setup.vips.count, 2);
	ck_assert_str_eq(result.setup.vips.items[1], "10.1.0.9/24 dev eth1");
	ck_assert_str_eq(result.setup.value[SETUP_NOTIFY_FAULT], "/usr/bin/f.sh");
	ck_assert(noted(&result, "move with A", false));
	arena_free(&result.arena);
	import_texts(&result, two, NULL, "B");
	ck_assert_int_eq(result.r, 0);
	ck_assert_str_eq(result.setup.value[SETUP_VRID], "52");
	ck_assert_uint_eq(result.setup.vips.count, 1);
	arena_free(&result.arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("import");
	TCase *tcase = suite_case(suite, "import");
	tcase_add_loop_test(tcase, grammar_table, 0, (int)(sizeof(grammar) / sizeof(grammar[0])));
	tcase_add_test(tcase, long_sequence);
	tcase_add_test(tcase, memory_runs_out);
	tcase_add_test(tcase, classic_pair);
	tcase_add_loop_test(tcase, refused_table, 0, (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_loop_test(tcase, around_table, 0, (int)(sizeof(around) / sizeof(around[0])));
	tcase_add_loop_test(tcase, statements_table, 0, (int)(sizeof(statements) / sizeof(statements[0])));
	tcase_add_test(tcase, addresses_keep_their_words);
	tcase_add_test(tcase, sync_group_is_one);
	return suite_run(suite);
}
