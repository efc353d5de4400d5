/* What must be the same on both nodes, and what is shown of it. */
#include "test/unit/config_pair.h"
#include "test/unit/suite.h"

#include <stdlib.h>
#include <string.h>

START_TEST(digests_differ)
{
	static const struct {
		unsigned line;
		const char *text;
		bool same, same_vips;
		int group; /* the one that differs */
	} cases[] = {
		{ 3, "  # the default", true, true, -1 },
		{ 2, "  authkey_file = \"/root/key\";", true, true, -1 },
		{ 10, "      password_file = \"/root/pw\"; }; },", true, true, -1 },
		{ 3, "  port = 1113;", false, true, 0 },
		{ 12, "    priority = 91;", false, true, 1 },
		{ 22, "    auth_pass = \"2222\";", false, true, 2 },
		{ 19, "    virtual_router_id = 52;", false, false, 2 },
		{ 23, "    virtual_ipaddress = \"192.168.1.211/24\"; } );", false, false, 2 },
		{ 25, "  settle = 0.5; };", false, true, 3 },
		{ 28, "release: { };", false, true, 5 },
	};
	struct loaded base = load(reference);
	uint16_t groups[CONFIG_GROUPS], others[CONFIG_GROUPS];

	config_group_digests(base.config, groups);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = with_line(cases[i].line, cases[i].text);
		struct loaded loaded = load_flags(text, "NodeB", NULL, 0);

		expect_good(&loaded);
		ck_assert_msg((memcmp(base.config->digest, loaded.config->digest, CONFIG_DIGEST) == 0) == cases[i].same,
			"%s", cases[i].text);
		ck_assert_msg((memcmp(base.config->vip_digest, loaded.config->vip_digest, CONFIG_DIGEST) == 0) ==
				      cases[i].same_vips,
			"%s", cases[i].text);
		config_group_digests(loaded.config, others);
		for (int g = 0; g < CONFIG_GROUPS; g++)
			ck_assert_msg((groups[g] == others[g]) == (g != cases[i].group), "%s: %s", cases[i].text,
				config_group_names[g]);
		free(text);
		unload(&loaded);
	}
	unload(&base);
}
END_TEST

START_TEST(vip_order_is_no_difference)
{
	char *a = with_line(23, "virtual_ipaddress = ( \"10.0.0.1\", \"10.0.0.2\" ); } );");
	char *b = with_line(23, "virtual_ipaddress = ( \"10.0.0.2\", \"10.0.0.1\" ); } );");
	struct loaded x = load(a), y = load(b);

	ck_assert_mem_eq(x.config->vip_digest, y.config->vip_digest, CONFIG_DIGEST);
	free(a);
	free(b);
	unload(&x);
	unload(&y);
}
END_TEST

START_TEST(show_can_be_read_again)
{
	char *text = with_line(10, "      password = \"topsecret\"; hexadecimal_kg = \"abcdef01\"; }; },");
	struct loaded loaded = load_flags(text, "NodeA", NULL, CONFIG_PASSWORDS), again;
	char *shown, *second;
	const char *line;

	expect_good(&loaded);
	shown = config_show(loaded.config);
	ck_assert_ptr_nonnull(shown);
	ck_assert_ptr_null(strstr(shown, "topsecret"));
	ck_assert_ptr_null(strstr(shown, "abcdef01"));
	ck_assert_ptr_null(strstr(shown, "1111\""));
	line = strstr(shown, "priority = 90;");
	ck_assert_ptr_nonnull(line);
	ck_assert_ptr_nonnull(strstr(line, "# t.conf:12\n"));
	line = strstr(shown, "priority_fencing_delay = 10.0;");
	ck_assert_ptr_nonnull(line);
	ck_assert_ptr_nonnull(strstr(line, "# default\n"));
	again = load(shown);
	expect_good(&again);
	second = config_show(again.config);
	ck_assert_ptr_nonnull(strstr(second, "auth_pass = \"********\";"));
	ck_assert_uint_eq(again.config->checks[0].timeout, loaded.config->checks[0].timeout);
	ck_assert_mem_eq(again.config->vip_digest, loaded.config->vip_digest, CONFIG_DIGEST);
	free(second);
	free(shown);
	free(text);
	unload(&loaded);
	unload(&again);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config digest");
	TCase *tc = suite_case(suite, "config digest");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, digests_differ);
	tcase_add_test(tc, vip_order_is_no_difference);
	tcase_add_test(tc, show_can_be_read_again);
	return suite_run(suite);
}
