/* What survives a reboot: durable before it counts, and never more permission than was written (S9). */
#include "daemon/memory.h"

#include "daemon/file.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 10000

static char directory[64];

static void
make_directory(void)
{
	strcpy(directory, "/tmp/ha-test-memory.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void
remove_directory(void)
{
	(void)file_remove(directory, MEMORY_FILE);
	(void)file_remove(directory, MEMORY_FILE ".bad");
	(void)rmdir(directory);
}

static struct node_memory
some_memory(void)
{
	struct node_memory memory = { .standby = true,
		.startup_burned = true,
		.gave_up = true,
		.power_up_tries = 2,
		.episode = UINT64_C(1) << 40 };
	ck_assert_int_eq(ha_guid_parse("a0000000-1111-2222-3333-44444444000a", &memory.peer_guid), 0);
	return memory;
}

static void
same(const struct node_memory *a, const struct node_memory *b)
{
	ck_assert_int_eq(a->standby, b->standby);
	ck_assert_int_eq(a->startup_burned, b->startup_burned);
	ck_assert_int_eq(a->credit_spent, b->credit_spent);
	ck_assert_int_eq(a->gave_up, b->gave_up);
	ck_assert_uint_eq(a->power_up_tries, b->power_up_tries);
	ck_assert_uint_eq(a->episode, b->episode);
	ck_assert_mem_eq(&a->peer_guid, &b->peer_guid, sizeof(a->peer_guid));
}

START_TEST(formatted_and_parsed)
{
	struct node_memory in = some_memory(), none = { 0 }, out;
	char text[MEMORY_BYTES];
	ck_assert_uint_lt(memory_format(&in, text), MEMORY_BYTES);
	ck_assert_int_eq(memory_parse(text, &out), 0);
	same(&in, &out);
	memory_format(&none, text);
	ck_assert_int_eq(memory_parse(text, &out), 0);
	same(&none, &out);
}
END_TEST

START_TEST(cut_text_is_refused)
{
	struct node_memory in = some_memory(), out;
	char text[MEMORY_BYTES], cut[MEMORY_BYTES];
	size_t length = memory_format(&in, text);
	for (size_t i = 0; i < length; i++) {
		memcpy(cut, text, i);
		cut[i] = '\0';
		ck_assert_msg(memory_parse(cut, &out) == -EBADMSG, "cut at %zu", i);
	}
}
END_TEST

START_TEST(values_out_of_range_are_refused)
{
	static const char *const bad[] = {
		"ha-fenced memory 1\nstandby 2\nstartup-burned 0\ncredit-spent 0\npower-up-tries 0\npeer-guid "
		"-\nepisode 0\nend\n",
		"ha-fenced memory 1\nstandby 0\nstartup-burned -1\ncredit-spent 0\npower-up-tries 0\npeer-guid "
		"-\nepisode 0\nend\n",
		"ha-fenced memory 1\nstandby 0\nstartup-burned 0\ncredit-spent 0\npower-up-tries 4\npeer-guid "
		"-\nepisode 0\nend\n",
		"ha-fenced memory 1\nstandby 0\nstartup-burned 0\ncredit-spent 0\npower-up-tries 0\npeer-guid "
		"xyz\nepisode 0\nend\n",
		"ha-fenced memory 2\nstandby 0\nstartup-burned 0\ncredit-spent 0\npower-up-tries 0\npeer-guid "
		"-\nepisode 0\nend\n",
	};
	struct node_memory out;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(memory_parse(bad[i], &out), -EBADMSG);
}
END_TEST

START_TEST(no_file_is_a_new_node)
{
	struct node_memory out, none = { 0 };
	ck_assert_int_eq(memory_read(directory, &out), 0);
	same(&out, &none);
}
END_TEST

START_TEST(bad_file_costs_permissions)
{
	struct node_memory out;
	char path[128];
	ck_assert_int_eq(file_replace(directory, MEMORY_FILE, "garbage\n", 8, false), 0);
	ck_assert_int_eq(memory_read(directory, &out), -EBADMSG);
	ck_assert(out.startup_burned && out.credit_spent);
	snprintf(path, sizeof(path), "%s/" MEMORY_FILE ".bad", directory);
	ck_assert_int_eq(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/" MEMORY_FILE, directory);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

static void
wait_result(struct memory *memory, uint32_t token, int expected)
{
	uint32_t got = 0;
	int result = 1;
	while (got != token) {
		struct pollfd fd = { .fd = memory_fd(memory), .events = POLLIN };
		ck_assert_int_eq(poll(&fd, 1, PATIENCE_MS), 1);
		if (memory_result(memory, &got, &result) && got == token)
			break;
	}
	ck_assert_int_eq(result, expected);
}

START_TEST(written_in_the_background)
{
	struct node_memory in = some_memory(), out;
	struct memory *memory;
	ck_assert_int_eq(memory_open(directory, &memory), 0);
	for (uint32_t token = 1; token <= 20; token++) {
		in.episode = token;
		memory_write(memory, &in, token); /* some are overtaken; the newest is written */
	}
	wait_result(memory, 20, 0);
	ck_assert_int_eq(memory_read(directory, &out), 0);
	same(&in, &out);
	memory_close(memory);
}
END_TEST

START_TEST(a_failure_is_reported)
{
	struct node_memory in = some_memory();
	struct memory *memory;
	ck_assert_int_eq(memory_open("/proc/ha-fenced-cannot-be", &memory), 0);
	memory_write(memory, &in, 7);
	wait_result(memory, 7, -ENOENT);
	memory_close(memory);
}
END_TEST

START_TEST(close_writes_what_is_queued)
{
	struct node_memory in = some_memory(), out;
	struct memory *memory;
	ck_assert_int_eq(memory_open(directory, &memory), 0);
	memory_write(memory, &in, 1);
	memory_close(memory);
	ck_assert_int_eq(memory_read(directory, &out), 0);
	same(&in, &out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("memory");
	TCase *tcase = suite_case(suite, "memory");
	tcase_add_checked_fixture(tcase, make_directory, remove_directory);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, formatted_and_parsed);
	tcase_add_test(tcase, cut_text_is_refused);
	tcase_add_test(tcase, values_out_of_range_are_refused);
	tcase_add_test(tcase, no_file_is_a_new_node);
	tcase_add_test(tcase, bad_file_costs_permissions);
	tcase_add_test(tcase, written_in_the_background);
	tcase_add_test(tcase, a_failure_is_reported);
	tcase_add_test(tcase, close_writes_what_is_queued);
	return suite_run(suite);
}
