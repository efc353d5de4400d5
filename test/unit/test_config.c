/* What a good file says: the reference pair, accepted spellings, VIPs, checks, devices, which node this is. */
#include "test/unit/config_pair.h"
#include "test/unit/suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(the_reference_pair)
{
	struct loaded loaded = load(reference);
	const struct config *c = loaded.config;
	char text[HA_ADDRESS_TEXT];

	expect_good(&loaded);
	ck_assert_uint_eq(config_problems_warnings(loaded.problems), 0);
	ck_assert_str_eq(c->cluster, "tomcat");
	ck_assert_uint_eq(c->port, 1112);
	ck_assert_uint_eq(c->hello_interval, 200 * HA_MS);
	ck_assert_uint_eq(c->local, 0);
	ck_assert_str_eq(config_peer(c)->name, "NodeB");
	ck_assert_uint_eq(config_peer(c)->priority, 90);
	ck_assert_uint_eq(c->nodes[0].link_count, 2);
	ck_assert_str_eq(ha_address_format(&c->nodes[1].links[1].address, text), "10.10.10.12");
	ck_assert(c->nodes[0].imm.configured);
	ck_assert_uint_eq(c->nodes[0].imm.port, 623);
	ck_assert_uint_eq(c->nodes[0].imm.cipher, 3);
	ck_assert_uint_eq(c->nodes[0].imm.privilege, CONFIG_PRIVILEGE_OPERATOR);
	ck_assert_uint_eq(c->vrrp.vrid, 51);
	ck_assert_uint_eq(c->vrrp.version, 2);
	ck_assert_uint_eq(c->vrrp.advert_interval, HA_SEC);
	ck_assert_str_eq(c->vrrp.auth_pass, "1111");
	ck_assert_uint_eq(c->vrrp.vip_count, 1);
	ck_assert_uint_eq(c->vrrp.vips[0].prefix_length, 24);
	ck_assert(!c->vrrp.preempt);
	ck_assert_uint_eq(c->vrrp.garp_master_repeat, 5);
	ck_assert_uint_eq(c->vrrp.garp_master_delay, 5 * HA_SEC);
	ck_assert_uint_eq(c->fence.after, 3 * HA_SEC);
	ck_assert_uint_eq(c->fence.priority_fencing_delay, 10 * HA_SEC);
	ck_assert_uint_eq(c->fence.settle, HA_SEC);
	ck_assert_uint_eq(c->fence.samples, 2);
	ck_assert_uint_eq(c->fence.startup_fence_delay, 600 * HA_SEC);
	ck_assert_uint_eq(c->fence.monitor_interval, 5 * HA_SEC);
	ck_assert_uint_eq(c->check_count, 1);
	ck_assert_uint_eq(c->checks[0].rise, 2);
	ck_assert_uint_eq(c->checks[0].timeout, 5 * HA_SEC);
	ck_assert(!c->checks[0].weighted);
	ck_assert_uint_eq(c->release.unit_count, 1);
	ck_assert_uint_eq(c->release.nfs_path_count, 1); /* that of the nfs check */
	ck_assert_str_eq(c->release.nfs_paths[0], "/srv/tomcat");
	ck_assert_uint_eq(c->release.release_timeout, 30 * HA_SEC);
	ck_assert_str_eq(c->notify.script_user, "nobody");
	unload(&loaded);
}
END_TEST

static const struct {
	unsigned line;
	const char *text;
} lenient[] = {
	{ 4, "  hello_interval = 1; }" },
	{ 21, "    advert_int = 1" },
	{ 23, "    virtual_ipaddress = \"192.168.1.210\"; } );" },
	{ 23, "    virtual_ipaddress = [ \"192.168.1.210\", \"192.168.1.211/24 dev bond0.20 label bond0.20:vip brd "
	      "192.168.1.255 scope link\" ]; } );" },
	{ 13, "    links = [ \"192.168.1.199\", \"10.10.10.12\" ];" },
	{ 28, "release: { units = \"tomcat.service\"; };" },
	{ 28, "release: { units = [ \"srv.mount\", \"tomcat@1.service\" ]; nfs_paths = \"/srv\" };" },
	{ 6, "    priority = 1e2" },
	{ 6, "    priority = 0x64" },
	{ 6, "    // nothing" },
	{ 6, "    /* no\n thing */ priority: 100, # yes" },
	{ 19, "virtual_router_id = 255; garp_master_refresh = 60; unicast = true; checksum = \"pseudo\"; preempt = "
	      "TRUE;" },
	{ 9, "      username = \"ha\" \"fence\"; guid = \"none\"; port = 6230; privlvl = \"administrator\";" },
	{ 27, "  { name = \"w\"; type = \"http\"; url = \"http://127.0.0.1:8080/\"; status_code = \"200-299\"; weight "
	      "= -20; } ); };" },
	{ 27, "  { name = \"w\"; type = \"tcp\"; address = \"10.0.0.1\"; port = 80; }, { name = \"l\"; type = "
	      "\"link\"; interface = \"eth0\"; } ); };" },
	{ 27, "  { name = \"s\"; type = \"script\"; script = \"/bin/true x\"; }, { name = \"u\"; type = \"unit\"; unit "
	      "= \"tomcat.service\"; } ); };" },
};

START_TEST(accepted_spellings)
{
	char *text = with_line(lenient[_i].line, lenient[_i].text);
	struct loaded loaded = load(text);

	expect_good(&loaded);
	free(text);
	unload(&loaded);
}
END_TEST

START_TEST(vip_words)
{
	char *text = with_line(23, "virtual_ipaddress = ( \"192.168.1.210\", \"192.168.1.211/24 dev bond0.20 label "
				   "bond0.20:vip brd 192.168.1.255 scope link\" ); } );");
	struct loaded loaded = load(text);
	const struct config_vip *vip;
	char address[HA_ADDRESS_TEXT];

	expect_good(&loaded);
	vip = loaded.config->vrrp.vips;
	ck_assert_uint_eq(vip[0].prefix_length, 32);
	ck_assert_str_eq(vip[0].interface, "");
	ck_assert_uint_eq(vip[1].prefix_length, 24);
	ck_assert_str_eq(vip[1].interface, "bond0.20");
	ck_assert_str_eq(vip[1].label, "bond0.20:vip");
	ck_assert_str_eq(vip[1].scope, "link");
	ck_assert_str_eq(ha_address_format(&vip[1].broadcast, address), "192.168.1.255");
	free(text);
	unload(&loaded);
}
END_TEST

START_TEST(many_vips)
{
	for (unsigned count = CONFIG_VIPS; count <= CONFIG_VIPS + 1; count++) {
		char *list = NULL, *text;
		size_t length;
		FILE *out = open_memstream(&list, &length);
		struct loaded loaded;

		fputs("virtual_ipaddress = (", out);
		for (unsigned i = 0; i < count; i++)
			fprintf(out, "%s\"10.1.%u.%u\"\n", i ? "," : "", i >> 8, i & 255);
		fputs("); } );", out);
		fclose(out);
		text = with_line(23, list);
		loaded = load(text);
		if (count == CONFIG_VIPS)
			ck_assert_uint_eq(loaded.config->vrrp.vip_count, CONFIG_VIPS);
		else
			ck_assert_ptr_null(loaded.config);
		free(list);
		free(text);
		unload(&loaded);
	}
}
END_TEST

START_TEST(version_3)
{
	static const struct {
		const char *interval;
		bool good;
	} cases[] = { { "0.01", true }, { "40.95", true }, { "40.96", false }, { "0.015", false }, { "0.1", true } };

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char line[128], *text;
		struct loaded loaded;

		snprintf(line, sizeof(line), "advert_int = %s; ", cases[i].interval);
		text = with_line(21, line);
		*strstr(text, "version = 2") = ' ';
		memcpy(strstr(text, "ersion = 2") - 1, "version = 3", 11);
		loaded = load(text);
		ck_assert_int_eq(loaded.result, cases[i].good ? 0 : -EINVAL);
		/* auth_pass is still there: a warning, no error. */
		ck_assert_uint_eq(config_problems_warnings(loaded.problems), 1);
		ck_assert_ptr_nonnull(strstr(config_problems_text(loaded.problems, cases[i].good ? 0 : 1), "ignored"));
		free(text);
		unload(&loaded);
	}
}
END_TEST

START_TEST(when_a_check_counts)
{
	static const struct {
		const char *line;
		bool master;
	} cases[] = {
		{ "{ name = \"w\"; type = \"http\"; url = \"http://127.0.0.1:8080/\"; } ); };", true },
		{ "{ name = \"w\"; type = \"http\"; url = \"https://[::1]/\"; } ); };", true },
		{ "{ name = \"w\"; type = \"http\"; url = \"http://192.168.1.210/\"; } ); };", true },
		{ "{ name = \"w\"; type = \"http\"; url = \"http://10.0.0.1/\"; } ); };", false },
		{ "{ name = \"w\"; type = \"http\"; url = \"http://127.0.0.1/\"; when = \"always\"; } ); };", false },
		{ "{ name = \"w\"; type = \"unit\"; unit = \"tomcat.service\"; } ); };", true },
		{ "{ name = \"w\"; type = \"unit\"; unit = \"sshd.service\"; } ); };", false },
		{ "{ name = \"w\"; type = \"nfs\"; path = \"/srv\"; } ); };", false },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = with_line(27, cases[i].line);
		struct loaded loaded = load(text);

		expect_good(&loaded);
		ck_assert_msg(loaded.config->checks[0].when_master == cases[i].master, "%s", cases[i].line);
		free(text);
		unload(&loaded);
	}
}
END_TEST

START_TEST(devices_of_a_node)
{
	static const char line[] =
		"    priority = 100; devices = ( { name = \"pdu1\"; agent = \"fence_apc_snmp\"; authenticated = true;"
		" options = ( \"ip=10.0.0.5\", \"plug=4\" ); }, { name = \"pdu2\"; level = 2; agent = \"fence_dummy\";"
		" authenticated = true; timeout = 5; monitor_interval = 30; options = \"plug=5\"; } );";
	char *text = with_line(6, line), *shown, *all;
	struct loaded loaded = load(text), again;
	const struct config_device *device;

	expect_good(&loaded);
	ck_assert_uint_eq(loaded.config->nodes[0].device_count, 2);
	ck_assert_uint_eq(loaded.config->nodes[1].device_count, 0);
	device = &loaded.config->nodes[0].devices[0];
	ck_assert_str_eq(device->agent, "fence_apc_snmp");
	ck_assert_uint_eq(device->level, 2);
	ck_assert_uint_eq(device->option_count, 2);
	ck_assert_str_eq(device->options[1], "plug=4");
	ck_assert_uint_eq(device->timeout, 20 * HA_SEC);
	ck_assert_uint_eq(device->monitor_interval, 60 * HA_SEC);
	ck_assert_uint_eq(loaded.config->nodes[0].devices[1].timeout, 5 * HA_SEC);
	ck_assert_str_eq(loaded.config->nodes[0].devices[1].options[0], "plug=5");
	/* Stated, and said all the same. */
	all = problems_text(loaded.problems);
	ck_assert_ptr_nonnull(strstr(all, "without snmp_version=3 authenticates nothing"));
	free(all);
	shown = config_show(loaded.config);
	again = load(shown);
	expect_good(&again);
	ck_assert_mem_eq(again.config->nodes[0].devices, loaded.config->nodes[0].devices,
		sizeof(loaded.config->nodes[0].devices));
	ck_assert_str_eq(again.config->nodes[0].devices[1].name, "pdu2");
	free(shown);
	free(text);
	unload(&again);
	unload(&loaded);
}
END_TEST

START_TEST(the_same_outlet_twice)
{
	static const char line[] =
		"    priority = 100; devices = ( { name = \"pdu1\"; agent = \"fence_dummy\"; authenticated = true;"
		" options = \"plug=4\"; }, { name = \"pdu2\"; agent = \"fence_dummy\"; authenticated = true;"
		" options = \"plug=4\"; } );";
	char *text = with_line(6, line), *all;
	struct loaded loaded = load(text);

	ck_assert_int_eq(loaded.result, -EINVAL);
	all = problems_text(loaded.problems);
	ck_assert_msg(strstr(all, "pdu1 and pdu2 are the same outlet"), "%s", all);
	free(all);
	free(text);
	unload(&loaded);
}
END_TEST

START_TEST(the_local_node)
{
	static const struct {
		const char *node, *host;
		int local; /* -1: not found */
	} cases[] = {
		{ NULL, "NodeA", 0 },
		{ NULL, "NodeB", 1 },
		{ NULL, "nodeb", 1 },
		{ NULL, "NodeB.example.com", 1 },
		{ "NodeB", "NodeA", 1 },
		{ NULL, "NodeC", -1 },
		{ NULL, NULL, -1 },
		{ "NodeC", "NodeA", -1 },
		{ "Node", "NodeA", -1 },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct loaded loaded = load_flags(reference, cases[i].node, cases[i].host, 0);

		if (cases[i].local >= 0)
			ck_assert_uint_eq(loaded.config->local, (unsigned)cases[i].local);
		else
			ck_assert_ptr_nonnull(strstr(config_problems_text(loaded.problems, 0), "--node"));
		unload(&loaded);
		if (cases[i].local < 0 && !cases[i].node) {
			loaded = load_flags(reference, NULL, cases[i].host, CONFIG_NO_LOCAL);
			ck_assert_int_eq(loaded.result, 0);
			ck_assert_uint_eq(config_problems_warnings(loaded.problems), 1);
			unload(&loaded);
		}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config");
	TCase *tc = suite_case(suite, "config");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, the_reference_pair);
	tcase_add_loop_test(tc, accepted_spellings, 0, sizeof(lenient) / sizeof(*lenient));
	tcase_add_test(tc, vip_words);
	tcase_add_test(tc, many_vips);
	tcase_add_test(tc, version_3);
	tcase_add_test(tc, when_a_check_counts);
	tcase_add_test(tc, devices_of_a_node);
	tcase_add_test(tc, the_same_outlet_twice);
	tcase_add_test(tc, the_local_node);
	return suite_run(suite);
}
