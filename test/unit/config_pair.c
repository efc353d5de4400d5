#include "test/unit/config_pair.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char reference[] =
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

char *
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

struct loaded
load_flags(const char *text, const char *node, const char *host, unsigned flags)
{
	struct loaded loaded = { 0 };

	loaded.result =
		config_load_text("t.conf", text, strlen(text), node, host, flags, &loaded.config, &loaded.problems);
	ck_assert_ptr_nonnull(loaded.problems);
	return loaded;
}

struct loaded
load(const char *text)
{
	return load_flags(text, "NodeA", NULL, 0);
}

void
unload(struct loaded *loaded)
{
	config_free(loaded->config);
	config_problems_free(loaded->problems);
}

char *
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

void
expect_good(struct loaded *loaded)
{
	char *text = problems_text(loaded->problems);

	ck_assert_msg(loaded->result == 0, "refused: %s", text);
	ck_assert_msg(config_problems_errors(loaded->problems) == 0, "errors with 0: %s", text);
	free(text);
}

void
expect_problem(struct loaded *loaded, const char *words)
{
	char *all = problems_text(loaded->problems);

	ck_assert_msg(strstr(all, words) != NULL, "wanted %s, got %s", words, all);
	free(all);
}
