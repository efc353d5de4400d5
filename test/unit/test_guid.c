#include "daemon/guid.h"
#include "lib/guid.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char straight[] = "00112233-4455-6677-8899-aabbccddeeff";

static const struct {
	const char *text;
	int result;
} texts[] = {
	{ "00112233-4455-6677-8899-aabbccddeeff", 0 },
	{ "00112233445566778899AABBCCDDEEFF", 0 },
	{ "00112233-4455-6677-8899-aabbccddeef", -EINVAL },
	{ "00112233-4455-6677-8899-aabbccddeeff0", -EINVAL },
	{ "00112233-4455-6677-8899-aabbccddeefg", -EINVAL },
	{ "0-0112233-4455-6677-8899-aabbccddeeff", -EINVAL },
	{ "none", -EINVAL },
	{ "", -EINVAL },
};

START_TEST(parse)
{
	struct ha_guid guid = { { 1 } }, before = guid;
	char text[HA_GUID_TEXT];

	ck_assert_int_eq(ha_guid_parse(texts[_i].text, &guid), texts[_i].result);
	if (texts[_i].result == 0)
		ck_assert_str_eq(ha_guid_format(&guid, text), straight);
	else
		ck_assert_mem_eq(&guid, &before, sizeof(guid)); /* untouched */
}
END_TEST

/* S10: the orders met in the field, and nothing else. */
static const struct {
	const char *other;
	bool same;
} orders[] = {
	{ "00112233-4455-6677-8899-aabbccddeeff", true },  /* straight */
	{ "ffeeddcc-bbaa-9988-7766-554433221100", true },  /* reversed as a whole */
	{ "33221100-5544-7766-8899-aabbccddeeff", true },  /* SMBIOS 2.6 */
	{ "ffeeddcc-bbaa-9988-6677-445500112233", false }, /* SMBIOS 2.6, then reversed */
	{ "33221100-4455-6677-8899-aabbccddeeff", false }, /* one field swapped alone */
	{ "00112233-4455-6677-8899-aabbccddeefe", false },
	{ "11002233-4455-6677-8899-aabbccddeeff", false },
	{ "00000000-0000-0000-0000-000000000000", false },
};

START_TEST(same_machine)
{
	struct ha_guid a, b;

	ck_assert_int_eq(ha_guid_parse(straight, &a), 0);
	ck_assert_int_eq(ha_guid_parse(orders[_i].other, &b), 0);
	ck_assert_msg(ha_guid_same(&a, &b) == orders[_i].same, "%s", orders[_i].other);
	ck_assert_msg(ha_guid_same(&b, &a) == orders[_i].same, "%s, the other way round", orders[_i].other);
}
END_TEST

START_TEST(unset_is_nobody)
{
	struct ha_guid zeros = { { 0 } }, ones, set = { { 1 } };

	memset(ones.bytes, 0xff, sizeof(ones.bytes));
	ck_assert(!ha_guid_is_set(&zeros));
	ck_assert(!ha_guid_is_set(&ones));
	ck_assert(ha_guid_is_set(&set));
	ck_assert(!ha_guid_same(&zeros, &zeros));
	ck_assert(!ha_guid_same(&ones, &ones));
	ck_assert(ha_guid_same(&set, &set));
	ck_assert(ha_guid_equal(&zeros, &zeros));
}
END_TEST

/* Root's file may be closed to us; the service's credential then says the same. */
START_TEST(from_the_credential)
{
	static const char text[] = "4C4C4544-0042-3510-8052-B4C04F4E3732";
	char directory[] = "/tmp/test_guid.XXXXXX", path[64];
	struct ha_guid none = { { 0 } }, expected, got = { { 0 } };

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/product_uuid", directory);
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "%s\n", text);
	fclose(file);
	setenv("CREDENTIALS_DIRECTORY", directory, 1);
	ck_assert_int_eq(ha_guid_parse(text, &expected), 0);
	ck_assert_int_eq(daemon_guid(&none, "/nonexistent", &got), 0);
	ck_assert(ha_guid_equal(&got, &expected));
	/* "unknown": the unit's word for a firmware without one. */
	file = fopen(path, "w");
	fputs("unknown", file);
	fclose(file);
	ck_assert_int_lt(daemon_guid(&none, "/nonexistent", &got), 0);
	ck_assert(!ha_guid_is_set(&got));
	unlink(path);
	rmdir(directory);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("guid");
	TCase *tcase = suite_case(suite, "guid");

	tcase_add_loop_test(tcase, parse, 0, sizeof(texts) / sizeof(*texts));
	tcase_add_loop_test(tcase, same_machine, 0, sizeof(orders) / sizeof(*orders));
	tcase_add_test(tcase, unset_is_nobody);
	tcase_add_test(tcase, from_the_credential);
	return suite_run(suite);
}
