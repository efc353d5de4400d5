/* The configuration as a table of mistakes, each with the place and the words that an administrator gets. */
#include "lib/config_internal.h"
#include "lib/secret.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The reference pair, a setting a line, so that a case can replace one. */
static const char reference[] =
	"cluster: { name = \"tomcat\";\n"                                                       /* 1 */
	"  authkey_file = \"/etc/ha-fenced/authkey\";\n"                                        /* 2 */
	"  port = 1112;\n"                                                                      /* 3 */
	"  hello_interval = 0.2; };\n"                                                          /* 4 */
	"nodes = ( { name = \"NodeA\";\n"                                                       /* 5 */
	"    priority = 100;\n"                                                                 /* 6 */
	"    links = ( { address = \"192.168.1.198\"; }, { address = \"10.10.10.11\"; } );\n"   /* 7 */
	"    imm: { address = \"192.168.1.98\";\n"                                              /* 8 */
	"      username = \"hafence\";\n"                                                       /* 9 */
	"      password_file = \"/etc/ha-fenced/NodeA.imm\"; }; },\n"                           /* 10 */
	"  { name = \"NodeB\";\n"                                                               /* 11 */
	"    priority = 90;\n"                                                                  /* 12 */
	"    links = ( { address = \"192.168.1.199\"; }, { address = \"10.10.10.12\"; } );\n"   /* 13 */
	"    imm: { address = \"192.168.1.99\";\n"                                              /* 14 */
	"      username = \"hafence\";\n"                                                       /* 15 */
	"      password_file = \"/etc/ha-fenced/NodeB.imm\"; }; } );\n"                         /* 16 */
	"vrrp = ( { name = \"VI_1\";\n"                                                         /* 17 */
	"    interface = \"enp11s0f0\";\n"                                                      /* 18 */
	"    virtual_router_id = 51;\n"                                                         /* 19 */
	"    version = 2;\n"                                                                    /* 20 */
	"    advert_int = 1.0;\n"                                                               /* 21 */
	"    auth_pass = \"1111\";\n"                                                           /* 22 */
	"    virtual_ipaddress = ( \"192.168.1.210/24\" ); } );\n"                              /* 23 */
	"fence: { action = \"reboot\";\n"                                                       /* 24 */
	"  startup = \"wait\"; };\n"                                                            /* 25 */
	"health: { checks = (\n"                                                                /* 26 */
	"  { name = \"data\"; type = \"nfs\"; path = \"/srv/tomcat\"; timeout = 5.0; } ); };\n" /* 27 */
	"release: { units = ( \"tomcat.service\" ); };\n"                                       /* 28 */
	"notify: { script_user = \"nobody\"; };\n";                                             /* 29 */

/* `reference` with `line` replaced by `text` (line 0: as it is). Owned by the caller. */
static char *
with_line(unsigned line, const char *text)
{
	char *result = NULL;
	size_t length;
	FILE *out = open_memstream(&result, &length);
	const char *at = reference;

	ck_assert_ptr_nonnull(out);
	for (unsigned i = 1; *at != '\0'; i++) {
		size_t width = strcspn(at, "\n") + 1;

		if (i == line)
			fprintf(out, "%s\n", text);
		else
			fwrite(at, 1, width, out);
		at += width;
	}
	ck_assert_int_eq(fclose(out), 0);
	return result;
}

struct loaded {
	struct config *config;
	struct config_problems *problems;
	int result;
};

static struct loaded
load_flags(const char *text, const char *node, const char *host, unsigned flags)
{
	struct loaded loaded = { 0 };

	loaded.result =
		config_load_text("t.conf", text, strlen(text), node, host, flags, &loaded.config, &loaded.problems);
	ck_assert_ptr_nonnull(loaded.problems);
	return loaded;
}

static struct loaded
load(const char *text)
{
	return load_flags(text, "NodeA", NULL, 0);
}

static void
unload(struct loaded *loaded)
{
	config_free(loaded->config);
	config_problems_free(loaded->problems);
}

/* All problems in one text, for a failing test to show. */
static char *
problems_text(const struct config_problems *problems)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	for (unsigned i = 0; config_problems_text(problems, i); i++)
		fprintf(out, "%s\n", config_problems_text(problems, i));
	fclose(out);
	return text;
}

static void
expect_good(struct loaded *loaded)
{
	char *text = problems_text(loaded->problems);

	ck_assert_msg(loaded->result == 0, "refused: %s", text);
	ck_assert_msg(config_problems_errors(loaded->problems) == 0, "errors with 0: %s", text);
	free(text);
}

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

START_TEST(secret_options)
{
	static const struct {
		const char *file, *lines;
		int result;
	} cases[] = { { "s3cret\n", "password=s3cret\n", 0 }, { "s3cret", "password=s3cret\n", 0 },
		{ "a b=c\n# more\n\nsnmp_priv_passwd=x y\n", "password=a b=c\nsnmp_priv_passwd=x y\n", 0 },
		{ "a\nmissing_as_off=1\n", NULL, -EILSEQ }, { "a\naction=off\n", NULL, -EILSEQ },
		{ "", NULL, -ENODATA }, { "\nkey=x\n", NULL, -ENODATA }, { "a\nnonsense\n", NULL, -EILSEQ },
		{ "a\nBAD=x\n", NULL, -EILSEQ }, { "a\033b\n", NULL, -EILSEQ } };
	char path[] = "/tmp/ha-secret-XXXXXX", buffer[64];
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(ftruncate(fd, 0), 0);
		ck_assert_int_eq(pwrite(fd, cases[i].file, strlen(cases[i].file), 0), (int)strlen(cases[i].file));
		ck_assert_msg(secret_read_options(path, buffer, sizeof(buffer)) == cases[i].result, "case %u", i);
		if (cases[i].lines)
			ck_assert_str_eq(buffer, cases[i].lines);
	}
	ck_assert_int_eq(secret_read_options(path, buffer, 4), -EILSEQ);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(pwrite(fd, "longer\n", 7, 0), 7);
	ck_assert_int_eq(secret_read_options(path, buffer, 8), -EMSGSIZE);
	ck_assert_int_eq(fchmod(fd, 0644), 0);
	ck_assert_int_eq(secret_read_options(path, buffer, sizeof(buffer)), -EPERM);
	close(fd);
	unlink(path);
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

START_TEST(nobody_gets_a_password_unasked)
{
	char *text = with_line(10, "      password = \"top\\\"secret\"; hexadecimal_kg = \"abcdef01\"; }; },");
	struct loaded loaded = load_flags(text, "NodeA", NULL, CONFIG_PASSWORDS);

	expect_good(&loaded);
	ck_assert_str_eq(loaded.config->nodes[0].imm.password, "top\"secret");
	ck_assert_uint_eq(loaded.config->nodes[0].imm.kg_bytes, 4);
	unload(&loaded);
	loaded = load_flags(text, "NodeA", NULL, CONFIG_AUTHKEYS);
	expect_good(&loaded);
	ck_assert_str_eq(loaded.config->nodes[0].imm.password, "");
	ck_assert_uint_eq(loaded.config->nodes[0].imm.kg_bytes, 0);
	unload(&loaded);
	free(text);
}
END_TEST

/* What libconfig, which wipes nothing, gets to see. */
START_TEST(masked_before_libconfig)
{
	static const char source[] =
		"password = \"top\\\"secret\" \"more\"; hexadecimal_kg: \"00ff\"; auth_pass = \"1111\";";
	struct config_problems *problems = config_problems_new();

	for (int keep = 0; keep < 2; keep++) {
		struct config_text text;

		ck_assert_int_eq(config_text_set(&text, "t.conf", source, strlen(source), problems), 0);
		config_text_mask(&text, keep);
		ck_assert_str_eq(text.files[0].text,
			"password = \"***********\" \"****\"; hexadecimal_kg: \"****\"; auth_pass = \"****\";");
		ck_assert_str_eq(text.flat,
			keep ? source
			     : "password = \"***********\" \"****\"; hexadecimal_kg: \"****\"; auth_pass = \"1111\";");
		config_text_free(&text);
	}
	config_problems_free(problems);
}
END_TEST

START_TEST(a_broken_line_shows_no_password)
{
	static const char *const lines[] = {
		"      username = \"x; password = \"topsecret\"; }; },",
		"      password = topsecret; }; },",
		"      password \"topsecret\"; }; },",
		"      password = \"topsecret; }; },",
		"      password = \"topsecret\" }; }}},",
	};

	for (unsigned i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char *text = with_line(10, lines[i]), *all;
		struct loaded loaded = load(text);

		all = problems_text(loaded.problems);
		ck_assert_int_eq(loaded.result, -EINVAL);
		ck_assert_msg(!strstr(all, "topsecret"), "%s", all);
		free(all);
		free(text);
		unload(&loaded);
	}
}
END_TEST

/* A directory with what the sample names; gone after each test. */
static char directory[] = "/tmp/ha-test-config-XXXXXX";

static const char *
path_of(const char *name)
{
	static char path[4][CONFIG_PATH_MAX];
	static unsigned next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof(path[next]), "%s/%s", directory, name);
	return path[next];
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
	FILE *out = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_int_eq(chmod(path_of(name), mode), 0);
}

static void
setup(void)
{
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void
teardown(void)
{
	static const char *const names[] = { "ha-fenced.conf", "more.conf", "authkey", "NodeA.imm", "NodeB.imm" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(path_of(names[i]));
	rmdir(directory);
}

/* `text` with /etc/ha-fenced replaced by the test's directory, written as the main file. */
static void
write_config(const char *text, mode_t mode)
{
	char *result = NULL;
	size_t length;
	FILE *out = open_memstream(&result, &length);
	const char *at;

	while ((at = strstr(text, "/etc/ha-fenced/")) != NULL) {
		fprintf(out, "%.*s%s/", (int)(at - text), text, directory);
		text = at + strlen("/etc/ha-fenced/");
	}
	fputs(text, out);
	fclose(out);
	write_file("ha-fenced.conf", result, mode);
	free(result);
}

static struct loaded
load_files(unsigned flags)
{
	struct loaded loaded = { 0 };

	loaded.result = config_load(path_of("ha-fenced.conf"), "NodeA", flags, &loaded.config, &loaded.problems);
	return loaded;
}

static void
write_secrets(void)
{
	ck_assert_int_eq(config_key_generate(path_of("authkey")), 0);
	write_file("NodeA.imm", "passwordA\n", 0600);
	write_file("NodeB.imm", "passwordB\r\nsecond line\n", 0600);
}

static void
expect_problem(struct loaded *loaded, const char *words)
{
	char *all = problems_text(loaded->problems);

	ck_assert_msg(strstr(all, words) != NULL, "wanted %s, got %s", words, all);
	free(all);
}

START_TEST(the_sample_file)
{
	static char text[32768];
	FILE *in = fopen("etc/ha-fenced.conf", "r");
	struct loaded loaded;

	ck_assert_msg(in != NULL, "run this from the source's root");
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	write_config(text, 0600);
	write_secrets();
	loaded = load_files(CONFIG_PASSWORDS | CONFIG_AUTHKEYS);
	expect_good(&loaded);
	ck_assert_uint_eq(config_problems_warnings(loaded.problems), 0);
	ck_assert_uint_eq(loaded.config->key_count, 1);
	ck_assert_str_eq(loaded.config->nodes[0].imm.password, "passwordA");
	ck_assert_str_eq(loaded.config->nodes[1].imm.password, "passwordB");
	unload(&loaded);
	loaded = load_files(CONFIG_AUTHKEYS);
	expect_good(&loaded);
	ck_assert_str_eq(loaded.config->nodes[1].imm.password, "");
	ck_assert_uint_eq(loaded.config->key_count, 1);
	unload(&loaded);
	loaded = load_files(CONFIG_PASSWORDS);
	expect_good(&loaded);
	ck_assert_uint_eq(loaded.config->key_count, 0);
	unload(&loaded);
}
END_TEST

START_TEST(missing_and_open_files)
{
	struct loaded loaded = load_files(0);

	ck_assert_int_eq(loaded.result, -ENOENT);
	expect_problem(&loaded, "a commented sample");
	unload(&loaded);

	write_config(reference, 0600);
	loaded = load_files(CONFIG_AUTHKEYS);
	ck_assert_int_eq(loaded.result, -EINVAL);
	expect_problem(&loaded, "ha-fence keygen");
	unload(&loaded);

	write_secrets();
	ck_assert_int_eq(chmod(path_of("authkey"), 0644), 0);
	loaded = load_files(CONFIG_AUTHKEYS);
	expect_problem(&loaded, "others can read or write this file");
	expect_problem(&loaded, "fix: chmod 600 ");
	unload(&loaded);
	loaded = load_files(0); /* not read, but seen */
	ck_assert_int_eq(loaded.result, -EINVAL);
	unload(&loaded);
	ck_assert_int_eq(chmod(path_of("authkey"), 0640), 0);
	loaded = load_files(CONFIG_AUTHKEYS); /* the group is ours */
	expect_good(&loaded);
	unload(&loaded);
	ck_assert_int_eq(chmod(path_of("authkey"), 0660), 0);
	loaded = load_files(CONFIG_AUTHKEYS);
	ck_assert_int_eq(loaded.result, -EINVAL);
	unload(&loaded);
	ck_assert_int_eq(chmod(path_of("authkey"), 0600), 0);

	ck_assert_int_eq(chmod(path_of("NodeB.imm"), 0604), 0);
	loaded = load_files(CONFIG_PASSWORDS);
	expect_problem(&loaded, ":16:23: error: ");
	expect_problem(&loaded, "NodeB.imm: others can read");
	unload(&loaded);
	unlink(path_of("NodeB.imm"));
	loaded = load_files(CONFIG_PASSWORDS);
	ck_assert_int_eq(loaded.result, -EINVAL);
	unload(&loaded);
	write_file("NodeB.imm", "x\n", 0600);
	unlink(path_of("NodeA.imm")); /* the own one: a warning */
	loaded = load_files(CONFIG_PASSWORDS);
	expect_good(&loaded);
	ck_assert_uint_eq(config_problems_warnings(loaded.problems), 1);
	unload(&loaded);
}
END_TEST

START_TEST(a_password_in_an_open_file)
{
	char *text = with_line(10, "      password = \"topsecret\"; }; },");
	struct loaded loaded;

	write_secrets();
	write_config(text, 0644);
	loaded = load_files(0);
	ck_assert_int_eq(loaded.result, -EINVAL);
	expect_problem(&loaded, ":10:18: error: nodes.imm.password in a file that others can read");
	expect_problem(&loaded, "fix: chmod 600");
	unload(&loaded);
	write_config(text, 0600);
	loaded = load_files(CONFIG_PASSWORDS);
	expect_good(&loaded);
	ck_assert_str_eq(loaded.config->nodes[0].imm.password, "topsecret");
	unload(&loaded);
	free(text);
}
END_TEST

START_TEST(a_systemd_credential)
{
	char *text = with_line(16, "    }; } );");
	struct loaded loaded;

	write_secrets();
	write_config(text, 0600);
	loaded = load_files(CONFIG_PASSWORDS);
	ck_assert_int_eq(loaded.result, -EINVAL);
	expect_problem(&loaded, "the IMM of NodeB has no password");
	unload(&loaded);
	setenv("CREDENTIALS_DIRECTORY", directory, 1);
	loaded = load_files(CONFIG_PASSWORDS);
	expect_good(&loaded);
	ck_assert_str_eq(loaded.config->nodes[1].imm.password, "passwordB");
	unload(&loaded);
	unsetenv("CREDENTIALS_DIRECTORY");
	free(text);
}
END_TEST

START_TEST(included_files)
{
	char *text = with_line(4, "@include \"more.conf\"\n};");
	struct loaded loaded;
	char *shown;

	write_secrets();
	write_config(text, 0600);
	write_file("more.conf", "# more\nhello_interval = 0.5;\n", 0600);
	loaded = load_files(0);
	expect_good(&loaded);
	ck_assert_uint_eq(loaded.config->hello_interval, 500 * HA_MS);
	shown = config_show(loaded.config);
	ck_assert_ptr_nonnull(strstr(shown, "more.conf:2\n"));
	free(shown);
	unload(&loaded);
	write_file("more.conf", "# more\n  hello_interval = 50;\n", 0600);
	loaded = load_files(0);
	expect_problem(&loaded, "more.conf:2:20: error: cluster.hello_interval is 50");
	unload(&loaded);
	write_file("more.conf", "@include \"more.conf\"\n", 0600);
	loaded = load_files(0);
	expect_problem(&loaded, "does a file include itself?");
	unload(&loaded);
	unlink(path_of("more.conf"));
	loaded = load_files(0);
	expect_problem(&loaded, "ha-fenced.conf:4:1: error: cannot read ");
	unload(&loaded);
	free(text);
}
END_TEST

START_TEST(key_files)
{
	static const char key[] = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
	struct config_key keys[CONFIG_KEYS];
	unsigned count = 0, line = 0;
	char text[1024];
	struct stat st;

	ck_assert_int_eq(config_key_generate(path_of("authkey")), 0);
	ck_assert_int_eq(config_key_generate(path_of("authkey")), -EEXIST);
	ck_assert_int_eq(stat(path_of("authkey"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(secret_read_keys(path_of("authkey"), keys, &count, &line), 0);
	ck_assert_uint_eq(count, 1);

	snprintf(text, sizeof(text), "# two keys\n\n  %s  # new\n%s", key, key);
	write_file("authkey", text, 0600);
	ck_assert_int_eq(secret_read_keys(path_of("authkey"), keys, &count, &line), 0);
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(keys[1].bytes[1], 0x11);
	ck_assert_uint_eq(keys[1].bytes[31], 0xff);

	snprintf(text, sizeof(text), "%s\n%.62s\n", key, key);
	write_file("authkey", text, 0600);
	ck_assert_int_eq(secret_read_keys(path_of("authkey"), keys, &count, &line), -EILSEQ);
	ck_assert_uint_eq(line, 2);
	snprintf(text, sizeof(text), "%s\n%s\n%s\n%s\n%s\n", key, key, key, key, key);
	write_file("authkey", text, 0600);
	ck_assert_int_eq(secret_read_keys(path_of("authkey"), keys, &count, &line), -EMSGSIZE);
	write_file("authkey", "# none\n", 0600);
	ck_assert_int_eq(secret_read_keys(path_of("authkey"), keys, &count, &line), -ENODATA);
	ck_assert_int_eq(secret_read_keys(path_of("absent"), keys, &count, &line), -ENOENT);
}
END_TEST

START_TEST(password_files)
{
	char buffer[21];

	write_file("NodeA.imm", "12345678901234567890", 0600);
	ck_assert_int_eq(secret_read_line(path_of("NodeA.imm"), buffer, sizeof(buffer)), 0);
	ck_assert_str_eq(buffer, "12345678901234567890");
	write_file("NodeA.imm", "123456789012345678901\n", 0600);
	ck_assert_int_eq(secret_read_line(path_of("NodeA.imm"), buffer, sizeof(buffer)), -EMSGSIZE);
	write_file("NodeA.imm", "\n", 0600);
	ck_assert_int_eq(secret_read_line(path_of("NodeA.imm"), buffer, sizeof(buffer)), -ENODATA);
	write_file("NodeA.imm", "a\tb\n", 0600);
	ck_assert_int_eq(secret_read_line(path_of("NodeA.imm"), buffer, sizeof(buffer)), -EILSEQ);
	ck_assert_int_eq(secret_read_line(directory, buffer, sizeof(buffer)), -EINVAL);
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

/* The table is what parser, show and digest rely on. */
START_TEST(the_table)
{
	for (const struct config_spec *spec = config_specs; spec->name; spec++) {
		unsigned same = 0;

		ck_assert_msg(spec->help && *spec->help, "%s has no help", spec->name);
		ck_assert_msg(spec->min <= spec->max || spec->max == 0, "%s: range", spec->name);
		for (const struct config_spec *other = config_specs; other->name; other++)
			same += other->scope == spec->scope && strcmp(other->name, spec->name) == 0;
		ck_assert_msg(same == 1, "%s is twice in the table", spec->name);
	}
}
END_TEST

/* Each setting stands in its section of the manual. */
START_TEST(the_manual)
{
	static char text[131072];
	FILE *in = fopen("docs/ha-fenced.conf.5", "r");

	ck_assert_msg(in != NULL, "run this from the source's root");
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	for (const struct config_spec *spec = config_specs; spec->name; spec++) {
		char section[64], item[64], *begin, *end, *found;

		if (spec->scope == CONFIG_SCOPE_ROOT || spec->scope == CONFIG_SCOPE_HEALTH)
			continue;
		snprintf(section, sizeof(section), "\n.Ss %s\n",
			spec->scope == CONFIG_SCOPE_CHECK ? "health" : config_scope_names[spec->scope]);
		snprintf(item, sizeof(item), "\n.It Ic %s\n", spec->name);
		begin = strstr(text, section);
		ck_assert_msg(begin != NULL, "no section %s", section);
		end = strstr(begin + 1, "\n.S");
		found = strstr(begin, item);
		ck_assert_msg(
			found && found < end, "the manual lacks %s.%s", config_scope_names[spec->scope], spec->name);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config");
	TCase *memory = tcase_create("memory"), *files = tcase_create("files");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(memory, 60);
	tcase_set_timeout(files, 60);
	tcase_add_test(memory, the_reference_pair);
	tcase_add_loop_test(memory, a_mistake_and_its_words, 0, sizeof(mistakes) / sizeof(*mistakes));
	tcase_add_loop_test(memory, accepted_spellings, 0, sizeof(lenient) / sizeof(*lenient));
	tcase_add_test(memory, vip_words);
	tcase_add_test(memory, many_vips);
	tcase_add_test(memory, version_3);
	tcase_add_test(memory, when_a_check_counts);
	tcase_add_test(memory, errors_are_collected);
	tcase_add_test(memory, a_problem_as_people_see_it);
	tcase_add_test(memory, devices_of_a_node);
	tcase_add_test(memory, the_same_outlet_twice);
	tcase_add_test(memory, secret_options);
	tcase_add_test(memory, the_local_node);
	tcase_add_test(memory, digests_differ);
	tcase_add_test(memory, vip_order_is_no_difference);
	tcase_add_test(memory, show_can_be_read_again);
	tcase_add_test(memory, nobody_gets_a_password_unasked);
	tcase_add_test(memory, masked_before_libconfig);
	tcase_add_test(memory, a_broken_line_shows_no_password);
	tcase_add_test(memory, distances);
	tcase_add_test(memory, the_table);
	tcase_add_test(memory, the_manual);
	suite_add_tcase(suite, memory);
	tcase_add_checked_fixture(files, setup, teardown);
	tcase_add_test(files, the_sample_file);
	tcase_add_test(files, missing_and_open_files);
	tcase_add_test(files, a_password_in_an_open_file);
	tcase_add_test(files, a_systemd_credential);
	tcase_add_test(files, included_files);
	tcase_add_test(files, key_files);
	tcase_add_test(files, password_files);
	suite_add_tcase(suite, files);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
