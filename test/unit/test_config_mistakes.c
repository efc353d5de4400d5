/* A table of mistakes, each with the place and the words that an administrator gets. */
#include "test/unit/config_pair.h"
#include "test/unit/suite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct mistake {
	unsigned line; /* of the reference that `text` replaces */
	const char *text;
	const char *place; /* how its problem begins: "t.conf:6:16: error: nodes.priority is 255" */
	const char *words; /* what it also says */
};

static const struct mistake mistakes[] = {
	/* names */
	{ 3, "  prot = 1112;", "t.conf:3:3: error: unknown setting cluster.prot", "did you mean port?" },
	{ 25, "  lanplus = 1; };", "t.conf:25:3: error: unknown setting fence.lanplus",
		"RMCP+ (lanplus) is always used" },
	{ 25, "  pcmk_host_list = \"a\"; };", "t.conf:25:3: error: unknown setting fence.pcmk_host_list",
		"no Pacemaker" },
	{ 25, "  power_wait = 2; };", "t.conf:25:3: error: unknown setting fence.power_wait", "fence.settle" },
	{ 25, "  method = \"cycle\"; };", "t.conf:25:3: error: unknown setting fence.method", "never cycle" },
	{ 9, "      login = \"x\"; username = \"x\";", "t.conf:9:7: error: unknown setting nodes.imm.login",
		"nodes.imm.username" },
	{ 9, "\tusername = \"x\"; ipaddr = \"x\";", "t.conf:9:18: error: unknown setting nodes.imm.ipaddr",
		"nodes.imm.address" },
	{ 9, "      username = \"x\"; passwd = \"topsecret\";", "t.conf:9:23: error: unknown setting nodes.imm.passwd",
		"password_file" },
	{ 20, "    nopreempt = true;", "t.conf:20:5: error: unknown setting vrrp.nopreempt", "vrrp.preempt = false" },
	{ 20, "    state = \"MASTER\";", "t.conf:20:5: error: unknown setting vrrp.state", "not needed" },
	{ 20, "    unicast_peer = ();", "t.conf:20:5: error: unknown setting vrrp.unicast_peer",
		"vrrp.unicast = true" },
	{ 20, "    track_script = ();", "t.conf:20:5: error: unknown setting vrrp.track_script", "health.checks" },
	{ 25, "  garp_master_repeat = 5; };", "t.conf:25:3: error: unknown setting fence.garp_master_repeat",
		"it belongs in vrrp" },
	{ 29, "notfy: { };", "t.conf:29:1: error: unknown group notfy", "did you mean notify?" },
	{ 29, "metrics: { listen = true; };", "t.conf:29:1: error: unknown group metrics",
		"systemctl enable --now ha-fenced-metrics.socket" },
	{ 29, "zebra: { };", "t.conf:29:1: error: unknown group zebra", "known here: cluster, nodes" },
	/* types and ranges */
	{ 6, "    priority = 255;", "t.conf:6:16: error: nodes.priority is 255", "owner of an address" },
	{ 6, "    priority = 0;", "t.conf:6:16: error: nodes.priority is 0", "1 ... 254" },
	{ 6, "    priority = \"100\";", "t.conf:6:16: error: nodes.priority is \"100\"", "without quotes" },
	{ 6, "    priority = 100port = 1;", "t.conf:6:19: error: unknown setting nodes.port", "" },
	{ 6, "    priority = 0x64name = 6;", "t.conf:6:20: error", "" },
	{ 6, "    priority = 100.5;", "t.conf:6:16: error: nodes.priority is 100.5", "a whole number" },
	{ 6, "    priority = true;", "t.conf:6:16: error: nodes.priority is true", "a whole number" },
	{ 6, "    priority = { };", "t.conf:6:16: error: nodes.priority is a group", "a whole number" },
	{ 6, "    priority = 4294967396;", "t.conf:6:16: error: nodes.priority is 4294967396", "1 ... 254" },
	{ 3, "  port = 4294968408;", "t.conf:3:10: error: cluster.port is 4294968408", "1 ... 65535" },
	{ 4, "  hello_interval = 0.01; };", "t.conf:4:20: error: cluster.hello_interval is 0.01", "0.05 ... 5" },
	{ 4, "  hello_interval = 6; };", "t.conf:4:20: error: cluster.hello_interval is 6", "0.05 ... 5" },
	{ 19, "    virtual_router_id = 256;", "t.conf:19:25: error: vrrp.virtual_router_id is 256", "1 ... 255" },
	{ 20, "    version = 4;", "t.conf:20:15: error: vrrp.version is 4", "2 ... 3" },
	{ 25, "  startup = \"Fence\"; };", "t.conf:25:13: error: fence.startup is \"Fence\"",
		"allowed: \"wait\" (default), \"fence\"; did you mean \"fence\"?" },
	{ 25, "  samples = 1; };", "t.conf:25:13: error: fence.samples is 1", "2 ... 20" },
	{ 25, "  settle = 0.05; };", "t.conf:25:12: error: fence.settle is 0.05", "0.1 ... 60" },
	{ 25, "  settle = 30; power_timeout = 30; };", "t.conf:25:12: error: fence.settle is not shorter",
		"power_timeout" },
	{ 25, "  action = \"cycle\"; };", NULL, "action is set twice; first at t.conf:24" },
	{ 24, "fence: { action = \"check\"; startup = \"fence\";", NULL, "startup is set twice" },
	{ 18, "    interface = \"averyverylongname0\";", "t.conf:18:17: error: vrrp.interface is", "1 ... 15 bytes" },
	{ 9, "      username = \"12345678901234567\";", "t.conf:9:18: error: nodes.imm.username is", "1 ... 16 bytes" },
	{ 9, "      username = \"x\"; cipher = 0;", "t.conf:9:32: error: nodes.imm.cipher is 0",
		"0 to 2 do not encrypt" },
	{ 9, "      username = \"x\"; cipher = 17;", "t.conf:9:32: error: nodes.imm.cipher is 17",
		"unknown to OpenIPMI" },
	{ 9, "      username = \"x\"; guid = \"1234\";", "t.conf:9:30: error: nodes.imm.guid is \"1234\"",
		"or \"none\"" },
	{ 9, "      username = \"x\"; privlvl = \"admin\";", "t.conf:9:33: error: nodes.imm.privlvl is \"admin\"",
		"\"administrator\"" },
	{ 9, "      username = \"x\"; hexadecimal_kg = \"123\";",
		"t.conf:9:40: error: nodes.imm.hexadecimal_kg is not valid", "at most 40" },
	{ 10, "      password = \"123456789012345678901\"; }; },",
		"t.conf:10:18: error: nodes.imm.password is not valid", "1 ... 20 bytes" },
	{ 8, "    imm: { address = \"imm-a\";", "t.conf:8:22: error: nodes.imm.address is \"imm-a\"",
		"names are not resolved" },
	{ 13, "    links = ( { address = \"nodeb\"; }, { address = \"10.10.10.12\"; } );",
		"t.conf:13:27: error: nodes.links.address is \"nodeb\"", "numeric" },
	/* the pair */
	{ 11, "  { name = \"nodea\";", "t.conf:11:12: error: both nodes are named \"nodea\"", "own host name" },
	{ 13, "    links = ( \"192.168.1.198\", \"10.10.10.12\" );", "t.conf:13:15: error: 192.168.1.198 is used twice",
		"own" },
	{ 13, "    links = \"192.168.1.199\";", "t.conf:13:13: error: NodeA has 2 links, NodeB has 1",
		"same networks" },
	{ 13, "    links = ( \"192.168.1.199\", \"fd00::2\" );",
		"t.conf:13:32: error: link 2 joins an IPv4 and an IPv6", "both" },
	{ 14, "    imm: { address = \"192.168.1.98\";", "t.conf:14:22: error: both nodes have the IMM 192.168.1.98",
		"never fence itself" },
	{ 14, "    imm: { address = \"10.10.10.11\";",
		"t.conf:14:22: error: nodes.imm.address 10.10.10.11 is the address of NodeA", "own" },
	/* the virtual router */
	{ 21, "    advert_int = 0.1;", "t.conf:21:18: error: vrrp.advert_int is 0.1 s with VRRP version 2",
		"need version = 3" },
	{ 21, "    advert_int = 1.5;", "t.conf:21:18: error: vrrp.advert_int is 1.5 s with VRRP version 2",
		"whole seconds, 1 ... 255" },
	{ 21, "    advert_int = 256;", "t.conf:21:18: error: vrrp.advert_int is 256", "0.01 ... 255" },
	{ 22, "    auth_pass = \"123456789\";", "t.conf:22:17: error: vrrp.auth_pass is not valid", "first 8 bytes" },
	{ 23, "    virtual_ipaddress = \"192.168.1.199/24\"; } );",
		"t.conf:23:25: error: the VIP 192.168.1.199 is the address of NodeB", "no machine" },
	{ 23, "    virtual_ipaddress = \"192.168.1.99/24\"; } );",
		"t.conf:23:25: error: the VIP 192.168.1.99 is the address of NodeB's IMM", "no machine" },
	{ 23, "    virtual_ipaddress = \"fd00::9/64\"; } );",
		"t.conf:23:25: error: fd00::9: VRRP version 2 has no IPv6", "version = 3" },
	{ 23, "    virtual_ipaddress = ( \"10.0.0.1\", \"10.0.0.1/8\" ); } );",
		"t.conf:23:39: error: 10.0.0.1 is twice", "delete one" },
	{ 23, "    virtual_ipaddress = \"10.0.0.1/33\"; } );",
		"t.conf:23:25: error: vrrp.virtual_ipaddress is \"10.0.0.1/33\"", "1 ... 32" },
	{ 23, "    virtual_ipaddress = \"10.0.0.1 label eth0:averylonglabel\"; } );",
		"t.conf:23:25: error: vrrp.virtual_ipaddress is", "at most 15 bytes" },
	{ 23, "    virtual_ipaddress = \"10.0.0.1 via eth0\"; } );", "t.conf:23:25: error: vrrp.virtual_ipaddress is",
		"known words: dev, label" },
	{ 23, "    virtual_ipaddress = \"10.0.0.1 dev\"; } );", "t.conf:23:25: error: vrrp.virtual_ipaddress is",
		"lacks its value" },
	{ 23, "    virtual_ipaddress = ( ); } );", "t.conf:23:25: error: vrrp.virtual_ipaddress is a list",
		"at least one" },
	{ 23, "    virtual_ipaddress = \"10.0.0.1\"; }, { name = \"VI_2\"; } );",
		"t.conf:17:1: error: vrrp has 2 instances", "one instance in this release" },
	{ 23, "    virtual_ipaddress = \"224.0.0.18\"; } );", "t.conf:23:25: error: 224.0.0.18 is no host's address",
		"multicast" },
	{ 14, "    imm: { address = \"0.0.0.0\";", "t.conf:14:22: error: 0.0.0.0 is no host's address", "one host" },
	{ 13, "    links = ( \"192.168.1.199\", \"255.255.255.255\" );",
		"t.conf:13:32: error: 255.255.255.255 is no host's", "one host" },
	/* checks, release */
	{ 27, "  { name = \"d\"; type = \"nfs\"; path = \"srv\"; } ); };",
		"t.conf:27:38: error: health.checks.path is \"srv\"", "an absolute path" },
	{ 27, "  { name = \"d\"; type = \"ping\"; address = \"10.0.0.1\"; url = \"http://x\"; } ); };",
		"t.conf:27:54: error: health.checks.url: not for type \"ping\"", "known here: name, type, address" },
	{ 27, "  { name = \"d\"; type = \"http\"; } ); };", "t.conf:27:3: error: health.checks.url is missing",
		"http://" },
	{ 27, "  { name = \"d\"; type = \"http\"; url = \"ftp://x/\"; } ); };",
		"t.conf:27:38: error: health.checks.url is \"ftp://x/\"", "https://" },
	{ 27, "  { name = \"d\"; type = \"http\"; url = \"http://x/\"; body_regex = \"(\"; } ); };",
		"t.conf:27:64: error: health.checks.body_regex:", "grep -E" },
	{ 27, "  { name = \"d\"; type = \"http\"; url = \"http://x/\"; status_code = \"299-200\"; } ); };",
		"t.conf:27:65: error: health.checks.status_code is", "200-299" },
	{ 27, "  { name = \"d\"; type = \"file\"; path = \"/x\"; weight = 254; } ); };",
		"t.conf:27:54: error: health.checks.weight is 254", "-253 ... 253" },
	{ 27, "  { name = \"d\"; type = \"htp\"; } ); };", "t.conf:27:24: error: health.checks.type is \"htp\"",
		"did you mean \"http\"?" },
	{ 27, "  { name = \"d\"; type = \"imm\"; }, { name = \"d\"; type = \"imm\"; } ); };",
		"t.conf:27:43: error: two checks are named \"d\"", "own name" },
	{ 27, "  { name = \"d\"; type = \"file\"; path = \"/x\"; when = \"master\"; required_to_fence = true; } ); };",
		"t.conf:27:82: error: check \"d\" is required_to_fence", "always" },
	{ 28, "release: { units = ( \"tomcat\" ); };", "t.conf:28:22: error: release.units is \"tomcat\"",
		"\"tomcat.service\"" },
	{ 28, "release: { units = ( \"a.service\", \"a.service\" ); };", "t.conf:28:35: error: a.service is twice",
		"delete one" },
	{ 28, "release: { script = \"stop.sh\"; };", "t.conf:28:21: error: release.script is \"stop.sh\"",
		"absolute path" },
	/* missing */
	{ 2, "", "t.conf:1:1: error: cluster.authkey_file is missing", "ha-fence keygen" },
	{ 9, "", "t.conf:8:5: error: nodes.imm.username is missing", "right to power control" },
	{ 19, "", "t.conf:17:10: error: vrrp.virtual_router_id is missing", "unique" },
	{ 18, "", "t.conf:17:10: error: vrrp.interface is missing", "nodes.interface" },
	/* syntax */
	{ 25, "  startup = yes; };", "t.conf:25:13: error: syntax error: a word without quotes",
		"true and false, not yes and no" },
	{ 25, "  startup = wait; };", "t.conf:25:13: error: syntax error: a word without quotes", "in quotes" },
	{ 6, "    priority 100;", "t.conf:6:5: error: syntax error: = or : is missing behind the name",
		"NAME = VALUE" },
	{ 6, "    priority = ;", "t.conf:6:14: error: syntax error: the value is missing", "NAME = VALUE" },
	{ 6, "    priority == 100;", "t.conf:6:15: error: syntax error: one sign too many", "NAME = VALUE" },
	{ 4, "  hello_interval = 200ms; };", "t.conf:4:20: error: syntax error: this is not a number",
		"without a unit" },
	{ 8, "    imm: { address = 192.168.1.98;", "t.conf:8:22: error: syntax error: this is not a number",
		"in quotes" },
	{ 23, "    virtual_ipaddress = ( \"192.168.1.210/24\", ); } );",
		"t.conf:23:45: error: syntax error: a comma with nothing behind it", "delete it" },
	{ 6, "    ! a comment", "t.conf:6:5: error: syntax error: ! begins no comment", "write #" },
	{ 6, "    priority = 100;;", "t.conf:6:20: error: syntax error: one separator too many", "delete" },
	{ 5, "nodes = ( { name = \"NodeA;", "t.conf:5:20: error: syntax error: the quote that opens here",
		"missing on this line" },
	{ 29, "notify: { script_user = \"nobody; };", "t.conf:29:25: error: syntax error: this quote is never closed",
		"closing" },
	{ 29, "notify: { script_user = \"nobody\";", "t.conf:29:9: error: syntax error: this bracket is never closed",
		"partner" },
	{ 29, "notify: { script_user = 'nobody'; };", "t.conf:29:25: error: syntax error: single quotes",
		"double quotes" },
	{ 29, "/* notify", "t.conf:29:1: error: syntax error: this comment is never closed", "*/" },
	{ 28, "release: { units = [ \"a.service\", 3 ]; };",
		"t.conf:28:1: error: syntax error: the elements of an array", "list" },
	{ 6, "    priority = 100; priority = 90;", "t.conf:6:21: error: priority is set twice; first at t.conf:6",
		"delete one" },
	{ 6, "    priority = 100; devices = ( { name = \"p\"; agent = \"fence_dummy\"; options = ( \"plug=4\" ); } );",
		NULL, "in p's place would count as proof" },
	{ 6,
		"    priority = 100; devices = ( { name = \"p\"; agent = \"fence_dummy\"; authenticated = true; "
		"options = ( \"password=topsecret\" ); } );",
		NULL, "nodes.devices.options" },
	{ 6,
		"    priority = 100; devices = ( { name = \"p\"; agent = \"fence_dummy\"; authenticated = true; "
		"options = ( \"action=off\" ); } );",
		NULL, "nodes.devices.options: action" },
	{ 6,
		"    priority = 100; devices = ( { name = \"p\"; agent = \"fence_dummy\"; authenticated = true; "
		"options = ( \"verbose=1\" ); } );",
		NULL, "nodes.devices.options: verbose" },
	{ 6,
		"    priority = 100; devices = ( { name = \"p\"; agent = \"fence_dummy\"; authenticated = true; "
		"options = ( \"missing_as_off=1\" ); } );",
		NULL, "nodes.devices.options: missing_as_off" },
	{ 6,
		"    priority = 100; devices = ( { name = \"p\"; agent = \"fence_dummy\"; authenticated = true; "
		"options = ( \"delay=5\" ); } );",
		NULL, "nodes.devices.options: delay" },
	{ 6,
		"    priority = 100; devices = ( { name = \"p\"; agent = \"fence_dummy\"; authenticated = true; "
		"options = ( \"plug 4\" ); } );",
		NULL, "nodes.devices.options is" },
	{ 6,
		"    priority = 100; devices = ( { name = \"p\"; agent = \"fence_dummy\"; authenticated = true; level "
		"= 1; } );",
		NULL, "nodes.devices.level is 1" },
	{ 6, "    priority = 100; devices = ( { name = \"p\"; agent = \"../bin/sh\"; authenticated = true; } );", NULL,
		"nodes.devices.agent is" },
	{ 29, "@include \"/etc/passwd\"", "t.conf:29:1: error: @include is not possible here", "" },
};

START_TEST(a_mistake_and_its_words)
{
	const struct mistake *m = &mistakes[_i];
	char *text = with_line(m->line, m->text);
	struct loaded loaded = load(text);
	char *all = problems_text(loaded.problems);
	bool found = false;

	ck_assert_int_eq(loaded.result, -EINVAL);
	ck_assert_ptr_null(loaded.config);
	for (unsigned i = 0; config_problems_text(loaded.problems, i); i++) {
		const char *problem = config_problems_text(loaded.problems, i);

		if ((!m->place || strncmp(problem, m->place, strlen(m->place)) == 0) && strstr(problem, m->words))
			found = true;
	}
	ck_assert_msg(found, "case %d (%s) wanted\n%s ... %s\ngot\n%s", _i, m->text, m->place, m->words, all);
	/* A mistake is told once, without noise after it. */
	ck_assert_msg(
		config_problems_errors(loaded.problems) <= 2, "case %d (%s): too much noise:\n%s", _i, m->text, all);
	ck_assert_msg(!strstr(all, "topsecret") && !strstr(all, "123456789012345678901"), "shows a secret: %s", all);
	free(all);
	free(text);
	unload(&loaded);
}
END_TEST

START_TEST(errors_are_collected)
{
	char *text = with_line(6, "priority = 0; colour = 1; guid = \"x\"; interface = \"a b\";");
	struct loaded loaded = load(text);

	ck_assert_int_eq(loaded.result, -EINVAL);
	ck_assert_uint_eq(config_problems_errors(loaded.problems), 4);
	free(text);
	unload(&loaded);
}
END_TEST

START_TEST(a_problem_as_people_see_it)
{
	char *text = with_line(24, "fence: { lanplus = 1; action = \"reboot\";");
	struct loaded loaded = load(text);

	ck_assert_str_eq(config_problems_text(loaded.problems, 0),
		"t.conf:24:10: error: unknown setting fence.lanplus\n"
		"   24 | fence: { lanplus = 1; action = \"reboot\";\n"
		"      |          ^~~~~~~\n"
		"      not needed: RMCP+ (lanplus) is always used; delete it");
	ck_assert_ptr_null(config_problems_text(loaded.problems, 1));
	free(text);
	unload(&loaded);
}
END_TEST

START_TEST(distances)
{
	static const char *const words[] = { "startup", "settle", "samples", NULL };

	ck_assert_uint_eq(config_distance("abc", "abc", 3), 0);
	ck_assert_uint_eq(config_distance("abc", "ABD", 3), 1);
	ck_assert_uint_eq(config_distance("abcd", "abdc", 3), 1);
	ck_assert_uint_eq(config_distance("", "abc", 3), 3);
	ck_assert_uint_eq(config_distance("abcdef", "x", 2), 3);
	ck_assert_str_eq(config_meant("sample", words), "samples");
	ck_assert_str_eq(config_meant("satrtup", words), "startup");
	ck_assert_ptr_null(config_meant("zebra", words));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config mistakes");
	TCase *tc = suite_case(suite, "config mistakes");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_mistake_and_its_words, 0, sizeof(mistakes) / sizeof(*mistakes));
	tcase_add_test(tc, errors_are_collected);
	tcase_add_test(tc, a_problem_as_people_see_it);
	tcase_add_test(tc, distances);
	return suite_run(suite);
}
