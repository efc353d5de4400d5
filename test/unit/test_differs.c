/* What two nodes name as different when each tells the other of its settings: with real configurations, as the daemon
 * does it, and with what a later release or a changing peer might say. */
#include "daemon/differs.h"

#include "test/unit/config_pair.h"
#include "test/unit/suite.h"

#include <stdlib.h>
#include <string.h>

struct side {
	struct loaded loaded;
	struct config_setting settings[CONFIG_SETTINGS];
	unsigned count;
	struct differs differs;
	struct vrrp_message message;
};

/* As `text` reads it, with `keys` of which the first signs. */
static void
side_init(struct side *side, const char *text, const char *keys, uint64_t incarnation)
{
	memset(side, 0, sizeof(*side));
	side->loaded = load(text);
	expect_good(&side->loaded);
	struct config *config = side->loaded.config;

	config->key_count = (unsigned)strlen(keys);
	for (unsigned i = 0; i < config->key_count; i++)
		memset(config->keys[i].bytes, keys[i], CONFIG_KEY_BYTES);
	side->count = config_settings(config, side->settings);
	differs_configure(&side->differs, side->settings, side->count);
	side->message.incarnation = incarnation;
	memcpy(side->message.config_digest, config->digest, CONFIG_DIGEST);
}

/* `rounds` messages from one to the other, who verifies them with its key number `key`. */
static void
tell(struct side *from, struct side *to, unsigned rounds, uint8_t key)
{
	for (unsigned i = 0; i < rounds; i++) {
		struct vrrp_settings settings;

		differs_tell(&from->differs, &settings);
		settings.key = key;
		differs_hear(&to->differs, &from->message, &settings);
	}
}

static void
expect_text(const struct side *side, const char *expected, const char *what)
{
	char text[DIFFERS_TEXT];

	ck_assert_msg(strcmp(differs_text(&side->differs, text), expected) == 0, "%s: \"%s\" instead of \"%s\"", what,
		text, expected);
}

static unsigned
turn(const struct side *side)
{
	return (side->count + VRRP_SETTINGS_CHUNK - 1) / VRRP_SETTINGS_CHUNK;
}

/* Every setting has a number of its own, and 20 messages tell of all: 4 s. */
START_TEST(the_table)
{
	struct side a;

	side_init(&a, reference, "x", 1);
	ck_assert_uint_gt(a.count, 80);
	ck_assert_uint_lt(a.count, CONFIG_SETTINGS);
	ck_assert_uint_le(turn(&a), 20);
	for (unsigned i = 0; i < a.count; i++) {
		ck_assert_ptr_null(strstr(a.settings[i].name, "password"));
		ck_assert_str_ne(a.settings[i].name, "hexadecimal_kg");
		for (unsigned j = 0; j < i; j++)
			ck_assert_msg(a.settings[i].id != a.settings[j].id, "%s.%s and %s.%s: give one another name",
				a.settings[i].scope, a.settings[i].name, a.settings[j].scope, a.settings[j].name);
	}
	unload(&a.loaded);
}
END_TEST

START_TEST(named)
{
	static const struct {
		unsigned line;
		const char *text, *expected;
	} cases[] = {
		{ 3, "  # the default", "" },
		{ 2, "  authkey_file = \"/root/key\";", "" },
		{ 10, "      password = \"secret\"; }; },", "" },
		{ 3, "  port = 1113;", "cluster.port" },
		{ 12, "    priority = 91;", "nodes.priority" },
		{ 14, "    imm: { address = \"192.168.1.97\"; port = 624;", "nodes.imm.address, nodes.imm.port" },
		{ 22, "    auth_pass = \"1112\";", "vrrp.auth_pass" },
		{ 23, "    virtual_ipaddress = \"192.168.1.211/24\"; } );", "vrrp.virtual_ipaddress" },
		{ 25, "  after = 4.0; };", "fence.after" },
		{ 27, "{ name = \"data\"; type = \"nfs\"; path = \"/srv/tomcat\"; timeout = 6.0; } ); };",
			"health.checks.timeout" },
		/* one more: not each of its settings */
		{ 27,
			"{ name = \"data\"; type = \"nfs\"; path = \"/srv/tomcat\"; timeout = 5.0; }, { name = "
			"\"gateway\"; type = \"ping\"; address = \"192.168.1.1\"; } ); };",
			"health.checks.name" },
		{ 28, "release: { };", "release.units" },
		{ 29, "notify: { script_user = \"daemon\"; notify = \"/bin/true\"; };",
			"notify.notify, notify.script_user" },
		{ 21,
			"advert_int = 2.0; preempt = true; preempt_delay = 5.0; garp_master_repeat = 2; "
			"garp_master_delay = 1.0; garp_master_refresh = 60.0; unicast = true;",
			"vrrp.advert_int, vrrp.unicast, vrrp.preempt, vrrp.preempt_delay, vrrp.garp_master_repeat, "
			"vrrp.garp_master_delay and 1 more" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = with_line(cases[i].line, cases[i].text);
		struct side a, b;

		side_init(&a, reference, "x", 1);
		side_init(&b, text, "x", 2);
		expect_text(&a, "", "nothing was told");
		tell(&b, &a, turn(&b), 0);
		tell(&a, &b, turn(&a), 0);
		expect_text(&a, cases[i].expected, cases[i].text);
		expect_text(&b, cases[i].expected, cases[i].text);
		ck_assert_uint_eq(differs_unknown(&a.differs), 0);
		free(text);
		unload(&a.loaded);
		unload(&b.loaded);
	}
}
END_TEST

/* Messages are lost, and their order starts anywhere: what was told is known, the rest is not guessed. */
START_TEST(told_in_part)
{
	char *text = with_line(3, "  port = 1113;");
	struct side a, b;

	side_init(&a, reference, "x", 1);
	side_init(&b, text, "x", 2);
	tell(&b, &a, 1, 0); /* `cluster` comes first */
	expect_text(&a, "cluster.port", "the first message");
	b.differs.next = 0;
	unload(&a.loaded);
	side_init(&a, reference, "x", 1);
	struct vrrp_settings lost;
	differs_tell(&b.differs, &lost);
	tell(&b, &a, turn(&b) - 1, 0);
	expect_text(&a, "", "all but the first message");
	tell(&b, &a, 1, 0);
	expect_text(&a, "cluster.port", "the next turn");
	free(text);
	unload(&a.loaded);
	unload(&b.loaded);
}
END_TEST

/* What the peer said before it changed its mind, restarted or took another key is not compared any more. */
START_TEST(the_peer_changes)
{
	char *text = with_line(3, "  port = 1113;");
	struct side a, b, c;
	struct vrrp_settings nothing = { 0 };

	side_init(&a, reference, "xy", 1);
	side_init(&b, text, "x", 2);
	side_init(&c, reference, "x", 2);
	tell(&b, &a, turn(&b), 0);
	expect_text(&a, "cluster.port", "another file");
	differs_hear(&a.differs, &b.message, &nothing);
	expect_text(&a, "cluster.port", "it rests for a message");
	differs_hear(&a.differs, &c.message, &nothing);
	expect_text(&a, "", "the same file again");

	/* Under a new key: compared with ours under that key. */
	tell(&b, &a, turn(&b), 0);
	unload(&b.loaded);
	side_init(&b, text, "y", 2);
	tell(&b, &a, turn(&b), 1);
	expect_text(&a, "cluster.port", "another key");
	b.message.incarnation++;
	differs_hear(&a.differs, &b.message, &nothing);
	expect_text(&a, "", "another daemon");

	tell(&b, &a, turn(&b), 1);
	differs_configure(&a.differs, a.settings, a.count);
	expect_text(&a, "", "our own file changed");
	free(text);
	unload(&a.loaded);
	unload(&b.loaded);
	unload(&c.loaded);
}
END_TEST

/* A later release has a setting that we have not, and lacks one that we have. */
START_TEST(releases_differ)
{
	struct side a, b;
	unsigned last;
	char text[DIFFERS_TEXT];

	side_init(&a, reference, "x", 1);
	side_init(&b, reference, "x", 2);
	b.message.config_digest[0] ^= 1;
	last = b.count - 1;
	ck_assert_str_eq(b.settings[last].name, "script_user");
	b.settings[last].id ^= 0xffff;
	for (unsigned i = 0; i < last; i++)
		ck_assert_uint_ne(b.settings[i].id, b.settings[last].id);
	differs_configure(&b.differs, b.settings, b.count);
	tell(&b, &a, turn(&b) - 1, 0);
	expect_text(&a, "", "not all is told");
	tell(&b, &a, 1, 0);
	expect_text(&a, "notify.script_user and 1 more", "one each");
	ck_assert_uint_eq(differs_unknown(&a.differs), 1);

	/* Only one more. */
	b.settings[last].id ^= 0xffff;
	b.settings[b.count] = b.settings[last];
	b.settings[b.count++].id ^= 0xffff;
	differs_configure(&b.differs, b.settings, b.count);
	tell(&b, &a, turn(&b), 0);
	ck_assert_str_eq(differs_text(&a.differs, text), "1 that this release does not know");
	tell(&a, &b, turn(&a), 0);
	ck_assert_uint_eq(differs_unknown(&b.differs), 0);
	unload(&a.loaded);
	unload(&b.loaded);
}
END_TEST

/* Without the key a value cannot be tried out. */
START_TEST(values_are_keyed)
{
	struct side a, b;
	unsigned same = 0;

	side_init(&a, reference, "xy", 1);
	side_init(&b, reference, "z", 2);
	for (unsigned i = 0; i < a.count; i++) {
		same += a.settings[i].values[0] == b.settings[i].values[0];
		same += a.settings[i].values[0] == a.settings[i].values[1];
		ck_assert_uint_eq(a.settings[i].id, b.settings[i].id);
	}
	ck_assert_uint_lt(same, 4);
	unload(&a.loaded);
	unload(&b.loaded);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("differs");
	TCase *tc = suite_case(suite, "differs");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, the_table);
	tcase_add_test(tc, named);
	tcase_add_test(tc, told_in_part);
	tcase_add_test(tc, the_peer_changes);
	tcase_add_test(tc, releases_differ);
	tcase_add_test(tc, values_are_keyed);
	return suite_run(suite);
}
