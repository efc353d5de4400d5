/* S4: the record of this boot. What cannot be read is a dirty release, never "nothing was added". */
#include "daemon/record.h"

#include "daemon/file.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];

static void
make_directory(void)
{
	strcpy(directory, "/tmp/ha-test-record.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void
remove_directory(void)
{
	(void)file_remove(directory, RECORD_FILE);
	(void)rmdir(directory);
}

static const struct node_record holding = {
	.state = NODE_RECORD_HOLDING, .proof = NODE_PROOF_OFF, .woke_late = true, .claim = UINT64_C(0x7f3a09c1deadbeef)
};

static struct record_address
address(const char *text, uint8_t prefix, const char *interface)
{
	struct record_address result = { .prefix_length = prefix };
	ck_assert_int_eq(ha_address_parse(text, &result.address), 0);
	strcpy(result.interface, interface);
	return result;
}

static int
read_back(const char *boot, struct node_record *record, struct record_address **addresses, unsigned *count)
{
	return record_read(directory, boot, record, addresses, count);
}

START_TEST(written_and_read)
{
	struct record_address out[] = { address("192.168.1.210", 24, "enp11s0f0"), address("fd00::1", 64, "eth1") };
	struct record_address *in;
	struct node_record record;
	unsigned count;
	ck_assert_int_eq(record_write(directory, "boot-1", &holding, out, 2), 0);
	ck_assert_int_eq(read_back("boot-1", &record, &in, &count), 0);
	ck_assert_int_eq(record.state, NODE_RECORD_HOLDING);
	ck_assert_int_eq(record.proof, NODE_PROOF_OFF);
	ck_assert(record.woke_late);
	ck_assert_uint_eq(record.claim, holding.claim);
	ck_assert_uint_eq(count, 2);
	ck_assert(ha_address_equal(&in[1].address, &out[1].address));
	ck_assert_uint_eq(in[1].prefix_length, 64);
	ck_assert_str_eq(in[0].interface, "enp11s0f0");
	free(in);
}
END_TEST

START_TEST(many_addresses)
{
	struct record_address *out = calloc(CONFIG_VIPS, sizeof(*out)), *in;
	struct node_record record;
	unsigned count;
	for (unsigned i = 0; i < CONFIG_VIPS; i++) {
		char text[16];
		snprintf(text, sizeof(text), "10.1.%u.%u", i / 256, i % 256);
		out[i] = address(text, 32, "a-long-name-15c");
	}
	ck_assert_int_eq(record_write(directory, "boot-1", &holding, out, CONFIG_VIPS), 0);
	ck_assert_int_eq(read_back("boot-1", &record, &in, &count), 0);
	ck_assert_uint_eq(count, CONFIG_VIPS);
	ck_assert_mem_eq(in, out, CONFIG_VIPS * sizeof(*out));
	free(in);
	free(out);
}
END_TEST

START_TEST(another_boot_is_none)
{
	struct record_address *in;
	struct node_record record;
	unsigned count;
	ck_assert_int_eq(record_write(directory, "boot-1", &holding, NULL, 0), 0);
	ck_assert_int_eq(read_back("boot-2", &record, &in, &count), 0);
	ck_assert_int_eq(record.state, NODE_RECORD_NONE);
	ck_assert_uint_eq(count, 0);
	free(in);
}
END_TEST

START_TEST(none_deletes)
{
	struct node_record none = { .state = NODE_RECORD_NONE }, record;
	struct record_address *in;
	unsigned count;
	ck_assert_int_eq(record_write(directory, "b", &holding, NULL, 0), 0);
	ck_assert_int_eq(record_write(directory, "b", &none, NULL, 0), 0);
	ck_assert_int_eq(record_write(directory, "b", &none, NULL, 0), 0); /* twice is no error */
	ck_assert_int_eq(read_back("b", &record, &in, &count), 0);
	ck_assert_int_eq(record.state, NODE_RECORD_NONE);
	free(in);
}
END_TEST

/* Every truncation of a good record: none may read as "nothing was added", nor as clean holding without its addresses.
 */
START_TEST(truncated_is_dirty)
{
	struct record_address out = address("192.168.1.210", 24, "enp11s0f0"), *in;
	struct node_record record;
	unsigned count;
	char *text;
	size_t length;
	ck_assert_int_eq(record_write(directory, "b", &holding, &out, 1), 0);
	ck_assert_int_eq(file_read(directory, RECORD_FILE, 4096, &text, &length), 0);
	for (size_t i = 0; i < length; i++) {
		ck_assert_int_eq(file_replace(directory, RECORD_FILE, text, i, false), 0);
		int r = read_back("b", &record, &in, &count);
		/* A cut boot id is another boot's only if its line is whole. */
		ck_assert_msg(r == -EBADMSG && record.state == NODE_RECORD_DIRTY, "cut at %zu: %d, state %d", i, r,
			record.state);
		free(in);
	}
	free(text);
}
END_TEST

START_TEST(garbage_is_dirty)
{
	static const char *const bad[] = {
		"", "x", "ha-fenced record 2\nboot b\n",
		"ha-fenced record 1\nboot b\nstate gone\nproof 1\nwoke-late 0\nclaim 1\nend\n",
		"ha-fenced record 1\nboot b\nstate holding\nproof 9\nwoke-late 0\nclaim 1\nend\n",
		"ha-fenced record 1\nboot b\nstate holding\nproof 1\nwoke-late 2\nclaim 1\nend\n",
		"ha-fenced record 1\nboot b\nstate holding\nproof 1\nwoke-late 0\nclaim 1\naddress 1.2.3 24 e\nend\n",
		"ha-fenced record 1\nboot b\nstate holding\nproof 1\nwoke-late 0\nclaim 1\naddress 1.2.3.4 200 e\nend\n"
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct record_address *in;
		struct node_record record;
		unsigned count;
		ck_assert_int_eq(file_replace(directory, RECORD_FILE, bad[i], strlen(bad[i]), false), 0);
		ck_assert_int_eq(read_back("b", &record, &in, &count), -EBADMSG);
		ck_assert_int_eq(record.state, NODE_RECORD_DIRTY);
		free(in);
	}
}
END_TEST

START_TEST(failed_write_keeps_the_old_one)
{
	struct record_address *in;
	struct node_record record;
	unsigned count;
	char blocker[128];
	ck_assert_int_eq(record_write(directory, "b", &holding, NULL, 0), 0);
	snprintf(blocker, sizeof(blocker), "%s/" RECORD_FILE ".new", directory);
	ck_assert_int_eq(mkdir(blocker, 0700), 0); /* the temporary file cannot be made */
	struct node_record dirty = { .state = NODE_RECORD_DIRTY };
	ck_assert_int_lt(record_write(directory, "b", &dirty, NULL, 0), 0);
	ck_assert_int_eq(read_back("b", &record, &in, &count), 0);
	ck_assert_int_eq(record.state, NODE_RECORD_HOLDING);
	free(in);
	rmdir(blocker);
}
END_TEST

START_TEST(boot_id_is_this_boots)
{
	char boot[RECORD_BOOT];
	ck_assert_int_eq(record_boot_id(boot), 0);
	ck_assert_uint_eq(strlen(boot), 36);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("record");
	TCase *tcase = suite_case(suite, "record");
	tcase_add_checked_fixture(tcase, make_directory, remove_directory);
	tcase_add_test(tcase, written_and_read);
	tcase_add_test(tcase, many_addresses);
	tcase_add_test(tcase, another_boot_is_none);
	tcase_add_test(tcase, none_deletes);
	tcase_add_test(tcase, truncated_is_dirty);
	tcase_add_test(tcase, garbage_is_dirty);
	tcase_add_test(tcase, failed_write_keeps_the_old_one);
	tcase_add_test(tcase, boot_id_is_this_boots);
	return suite_run(suite);
}
