/* Secrets in a configuration: who gets them, and that nothing else shows them (S11). */
#include "lib/secret.h"
#include "test/unit/config_pair.h"
#include "test/unit/suite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

int
main(void)
{
	Suite *suite = suite_create("config secret");
	TCase *tc = suite_case(suite, "config secret");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, nobody_gets_a_password_unasked);
	tcase_add_test(tc, masked_before_libconfig);
	tcase_add_test(tc, a_broken_line_shows_no_password);
	tcase_add_test(tc, secret_options);
	return suite_run(suite);
}
