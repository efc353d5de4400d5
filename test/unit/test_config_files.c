/* The configuration as files: who may read them, what they include, keys and passwords beside them. */
#include "lib/secret.h"
#include "test/unit/config_pair.h"
#include "test/unit/suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

int
main(void)
{
	Suite *suite = suite_create("config files");
	TCase *tc = suite_case(suite, "config files");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_sample_file);
	tcase_add_test(tc, missing_and_open_files);
	tcase_add_test(tc, a_password_in_an_open_file);
	tcase_add_test(tc, a_systemd_credential);
	tcase_add_test(tc, included_files);
	tcase_add_test(tc, key_files);
	tcase_add_test(tc, password_files);
	return suite_run(suite);
}
