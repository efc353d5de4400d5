/* The history on disk: whatever happens to the file, whole records are read and nothing else. */
#include "daemon/journal.h"

#include "daemon/history_file.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct note_names names = { .instance = "VI_1", .own = "NodeB", .peer = "NodeA", .vips = "192.0.2.1/24" };
static char folder[32], path[sizeof(folder) + 16];

static void
setup(void)
{
	/* Where thousands of fsync() cost nothing, if there is such a place. */
	strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/test_journal.XXXXXX" : "/tmp/test_journal.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/" HISTORY_FILE, folder);
}

static void
teardown(void)
{
	(void)unlink(path);
	(void)rmdir(folder);
}

static void
add(struct history *history, ha_time now, uint64_t episode, enum node_note_type type, uint64_t a, uint64_t b)
{
	const struct history_facts facts = { .wall = 1700000000 * (int64_t)HA_SEC,
		.peer_held = true,
		.peer_known = true,
		.state = NODE_BACKUP,
		.peer_state = NODE_MASTER,
		.advert = now - 600 * HA_MS,
		.advert_interval = HA_SEC };
	const struct node_note note = { .type = type, .a = a, .b = b, .episode = episode };
	(void)history_add(history, now, &facts, &note, &names);
}

/* Episode `number` of a history of its own, with `steps` readings between. */
static struct history *
failover(uint64_t number, unsigned steps)
{
	struct history *history = malloc(sizeof(*history));
	const struct history_origin origin = {
		.node = "NodeB", .peer = "NodeA", .version = "0.1.0", .config = "3f9c1a", .vips = "192.0.2.1/24"
	};
	ha_time now = number * 1000 * HA_SEC;
	history_init(history);
	history_set_origin(history, &origin);
	add(history, now, number - 1, NODE_NOTE_PEER_SILENT, 460 * HA_MS, 0);
	add(history, now, number, NODE_NOTE_CLAIM, UINT64_MAX - 7, NODE_INTENT_SUSPECT);
	add(history, now + HA_SEC, number, NODE_NOTE_FENCE, FENCE_NOTE_ORDERED, 0);
	add(history, now + HA_SEC, number, NODE_NOTE_FENCE, FENCE_NOTE_SENT, 0);
	for (unsigned i = 0; i < steps; i++)
		add(history, now + 2 * HA_SEC + i, number, NODE_NOTE_FENCE, FENCE_NOTE_SAMPLE, i);
	add(history, now + 3 * HA_SEC, number, NODE_NOTE_FENCE, FENCE_NOTE_OFF, HA_SEC);
	add(history, now + 3 * HA_SEC, number, NODE_NOTE_PROOF, 7, NODE_PROOF_OFF);
	add(history, now + 3 * HA_SEC, number, NODE_NOTE_ADDED, 3 * HA_SEC, 3600 * HA_MS);
	return history;
}

static json_t *
failover_json(uint64_t number)
{
	struct history *history = failover(number, 2);
	json_t *json = history_episode_json(history_newest(history), true);
	free(history);
	ck_assert_ptr_nonnull(json);
	return json;
}

static json_int_t
number_of(const json_t *episodes, size_t index)
{
	return json_integer_value(json_object_get(json_array_get(episodes, index), "number"));
}

static json_t *
read_all(unsigned *ret_lost)
{
	json_t *episodes = NULL;
	ck_assert_int_eq(history_file_read(folder, &episodes, ret_lost), 0);
	return episodes;
}

START_TEST(there_and_back)
{
	struct history *history = failover(12, 5), *restored = malloc(sizeof(*restored));
	json_t *json = history_episode_json(history_newest(history), true);
	history_init(restored);
	ck_assert(history_restore(restored, json));
	json_t *again = history_episode_json(history_newest(restored), true);
	ck_assert_msg(json_equal(json, again), "%s\n%s", json_dumps(json, 0), json_dumps(again, 0));
	ck_assert(!history_restore(restored, json)); /* not twice */
	json_t *fence = history_fence_json(restored);
	ck_assert_str_eq(json_string_value(json_object_get(fence, "result")), "off");
	ck_assert_uint_eq(json_array_size(json_object_get(fence, "steps")), 8);
	/* Of an earlier run: nothing is added, a newer one may begin. */
	add(restored, 5 * HA_SEC, 12, NODE_NOTE_STATE, NODE_BACKUP, NODE_FAULT);
	ck_assert_uint_eq(history_newest(restored)->step_count, history_newest(history)->step_count);
	add(restored, 6 * HA_SEC, 13, NODE_NOTE_CLAIM, 7, NODE_INTENT_SUSPECT);
	ck_assert_uint_eq(history_newest(restored)->number, 13);
	json_decref(fence);
	json_decref(again);
	json_decref(json);
	free(restored);
	free(history);
}
END_TEST

START_TEST(an_open_one_was_interrupted)
{
	struct history *history = malloc(sizeof(*history)), *restored = malloc(sizeof(*restored));
	history_init(history);
	history_init(restored);
	add(history, 5 * HA_SEC, 3, NODE_NOTE_CLAIM, 7, NODE_INTENT_SUSPECT);
	json_t *json = history_episode_json(history_newest(history), true);
	ck_assert(history_restore(restored, json));
	ck_assert_int_eq(history_newest(restored)->result, HISTORY_CUT);
	json_decref(json);
	free(restored);
	free(history);
}
END_TEST

/* What is not an episode, or only half of one, harms nothing. */
START_TEST(strange_episodes)
{
	static const char *const texts[] = { "{}", "[]", "7", "{\"number\":0,\"time\":1}", "{\"number\":-1,\"time\":1}",
		"{\"number\":1}", "{\"number\":1,\"time\":1e300}", "{\"number\":1,\"time\":\"now\"}" };
	static const char *const poor[] = { "{\"number\":1,\"time\":1}", "{\"number\":1,\"time\":-5.5,\"steps\":7}",
		"{\"number\":1,\"time\":1,\"steps\":[null,7,{}],\"proof\":\"MAGIC\",\"outage_ms\":-3,"
		"\"before\":{\"advert\":1e300,\"advert_interval_ms\":1},\"steps_dropped\":1e99}" };
	struct history *history = malloc(sizeof(*history));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *json = json_loads(texts[i], JSON_DECODE_ANY, NULL);
		history_init(history);
		ck_assert_msg(!history_restore(history, json), "%s", texts[i]);
		ck_assert_uint_eq(history->count, 0);
		json_decref(json);
	}
	for (size_t i = 0; i < sizeof(poor) / sizeof(poor[0]); i++) {
		json_t *json = json_loads(poor[i], 0, NULL);
		history_init(history);
		ck_assert_msg(history_restore(history, json), "%s", poor[i]);
		ck_assert_int_eq(history_newest(history)->proof, NODE_PROOF_NONE);
		ck_assert_uint_eq(history_newest(history)->outage, HA_NEVER);
		json_t *again = history_json(history, 0);
		ck_assert_uint_eq(json_array_size(again), 1);
		json_decref(again);
		json_decref(json);
	}
	free(history);
}
END_TEST

/* Three records, the file cut at every byte: those before the cut are there. */
START_TEST(cut_at_every_byte)
{
	char *data = NULL;
	size_t length = 0, ends[3];
	for (uint64_t i = 0; i < 3; i++) {
		json_t *json = failover_json(i + 1);
		size_t size;
		char *record = history_file_record(json, &size);
		char *longer = realloc(data, length + size);
		ck_assert_ptr_nonnull(longer);
		data = longer;
		memcpy(data + length, record, size);
		length += size;
		ends[i] = length - 1; /* the last newline is not needed */
		free(record);
		json_decref(json);
	}
	for (size_t cut = 0; cut <= length; cut++) {
		unsigned lost, whole = 0;
		for (unsigned i = 0; i < 3; i++)
			whole += cut >= ends[i];
		json_t *episodes = history_file_parse(data, cut, &lost);
		ck_assert_uint_eq(json_array_size(episodes), whole);
		ck_assert_uint_le(lost, 1);
		json_decref(episodes);
	}
	free(data);
}
END_TEST

/* Any bit that flips costs the record it is in, and no other. */
START_TEST(flip_every_bit)
{
	json_t *json[2] = { failover_json(1), failover_json(2) };
	size_t size[2];
	char *record[2] = { history_file_record(json[0], &size[0]), history_file_record(json[1], &size[1]) };
	char *data = malloc(size[0] + size[1]);
	memcpy(data, record[0], size[0]);
	memcpy(data + size[0], record[1], size[1]);
	for (size_t bit = 0; bit < 8 * (size[0] + size[1]); bit++) {
		size_t at = bit / 8, hit = at >= size[0];
		unsigned lost;
		data[at] = (char)(data[at] ^ 1 << bit % 8);
		json_t *episodes = history_file_parse(data, size[0] + size[1], &lost);
		data[at] = (char)(data[at] ^ 1 << bit % 8);
		bool there = false;
		for (size_t i = 0; i < json_array_size(episodes); i++) {
			const json_t *episode = json_array_get(episodes, i);
			ck_assert(json_equal(episode, json[0]) || json_equal(episode, json[1]));
			there |= json_equal(episode, json[1 - hit]) != 0;
		}
		ck_assert_msg(there, "bit %zu takes the other record with it", bit);
		json_decref(episodes);
	}
	for (size_t i = 0; i < 2; i++) {
		free(record[i]);
		json_decref(json[i]);
	}
	free(data);
}
END_TEST

START_TEST(the_newest_record_counts)
{
	unsigned lost;
	json_t *one = failover_json(7), *two = failover_json(3);
	ck_assert_int_eq(history_file_append(folder, one), 0);
	ck_assert_int_eq(history_file_append(folder, two), 0); /* by number, not by place */
	json_object_set_new(one, "title", json_string("later"));
	ck_assert_int_eq(history_file_append(folder, one), 0);
	json_t *episodes = read_all(&lost);
	ck_assert_uint_eq(json_array_size(episodes), 2);
	ck_assert_int_eq(number_of(episodes, 0), 3);
	ck_assert(json_equal(json_array_get(episodes, 1), one));
	ck_assert_uint_eq(lost, 0);
	struct stat st;
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	json_decref(episodes);
	json_decref(one);
	json_decref(two);
}
END_TEST

/* After a torn record, whatever it is, the next one is whole. */
START_TEST(goes_on_after_a_torn_record)
{
	json_t *json = failover_json(1);
	size_t size;
	char *record = history_file_record(json, &size);
	for (size_t cut = 0; cut < size; cut += 7) {
		unsigned lost;
		FILE *f = fopen(path, "w");
		fwrite(record, 1, cut, f);
		fclose(f);
		json_object_set_new(json, "number", json_integer(2));
		ck_assert_int_eq(history_file_append(folder, json), 0);
		json_t *episodes = read_all(&lost);
		ck_assert_uint_eq(json_array_size(episodes), 1);
		ck_assert_int_eq(number_of(episodes, 0), 2);
		json_decref(episodes);
	}
	free(record);
	json_decref(json);
}
END_TEST

START_TEST(bounded)
{
	struct stat st;
	unsigned lost;
	json_t *json = failover_json(1);
	size_t size;
	free(history_file_record(json, &size));
	unsigned count = (unsigned)(3 * HISTORY_FILE_MAX / size);
	for (unsigned i = 1; i <= count; i++) {
		json_object_set_new(json, "number", json_integer(i));
		ck_assert_int_eq(history_file_append(folder, json), 0);
		if (i % 50 == 0) {
			ck_assert_int_eq(stat(path, &st), 0);
			ck_assert_int_le(st.st_size, HISTORY_FILE_MAX);
		}
	}
	json_t *episodes = read_all(&lost);
	ck_assert_uint_ge(json_array_size(episodes), HISTORY_FILE_KEPT / size - 2);
	ck_assert_int_eq(number_of(episodes, json_array_size(episodes) - 1), count);
	json_decref(episodes);
	json_decref(json);
}
END_TEST

/* A file that is not ours, or far too long, makes room and does no harm. */
START_TEST(nonsense_in_its_place)
{
	unsigned lost;
	json_t *episodes = NULL, *json = failover_json(9);
	FILE *f = fopen(path, "w");
	for (unsigned i = 0; i < HISTORY_FILE_MAX / 4 + 1; i++)
		fputs("\nab ", f);
	fclose(f);
	ck_assert_int_eq(history_file_read(folder, &episodes, &lost), -EFBIG);
	ck_assert_int_eq(history_file_append(folder, json), 0);
	episodes = read_all(&lost);
	ck_assert_uint_eq(json_array_size(episodes), 1);
	json_decref(episodes);
	json_decref(json);
}
END_TEST

static bool
wait_for_change(struct journal *journal, int *ret)
{
	struct pollfd entry = { .fd = journal_fd(journal), .events = POLLIN };
	return poll(&entry, 1, 30000) == 1 && journal_changed(journal, ret);
}

START_TEST(written_by_the_thread)
{
	struct journal *journal;
	struct history *history = failover(12, 2), *again = malloc(sizeof(*again));
	unsigned lost;
	ck_assert_int_eq(journal_open(folder, &journal), 0);
	/* Many at once: of one number the newest waits, and ending writes what waits. */
	for (unsigned i = 0; i < 100; i++) {
		add(history, 13000 * HA_SEC, 12, NODE_NOTE_PEER_HEARD, 95 * HA_SEC, NODE_BACKUP);
		journal_put(journal, history_newest(history));
	}
	journal_close(journal);
	history_init(again);
	ck_assert_int_eq(journal_load(folder, again, &lost), 0);
	ck_assert_uint_eq(again->count, 1);
	ck_assert_uint_eq(history_newest(again)->step_count, history_newest(history)->step_count);
	free(again);
	free(history);
}
END_TEST

START_TEST(disk_full)
{
	char filler[sizeof(path)];
	struct journal *journal;
	unsigned lost;
	int result;
	if (mount("test", folder, "tmpfs", 0, "size=64k") < 0) {
		printf("skipped: a full disk (%s)\n", strerror(errno));
		return;
	}
	struct history *history = failover(12, 2), *again = malloc(sizeof(*again));
	snprintf(filler, sizeof(filler), "%s/filler", folder);
	FILE *f = fopen(filler, "w");
	setbuf(f, NULL);
	for (unsigned i = 0; i < 100; i++)
		fprintf(f, "%4096d", 0);
	fclose(f);
	history_init(again);
	ck_assert_int_eq(journal_open(folder, &journal), 0);
	journal_put(journal, history_newest(history));
	ck_assert(wait_for_change(journal, &result));
	ck_assert_int_eq(result, -ENOSPC);
	ck_assert_int_eq(journal_load(folder, again, &lost), 0);
	ck_assert_uint_eq(again->count + lost, 0); /* not even a part */
	unlink(filler);
	journal_close(journal); /* tries once more what waits */
	ck_assert_int_eq(journal_load(folder, again, &lost), 0);
	ck_assert_uint_eq(again->count, 1);
	(void)umount(folder);
	free(again);
	free(history);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("journal");
	TCase *tcase = suite_case(suite, "journal");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, there_and_back);
	tcase_add_test(tcase, an_open_one_was_interrupted);
	tcase_add_test(tcase, strange_episodes);
	tcase_add_test(tcase, cut_at_every_byte);
	tcase_add_test(tcase, flip_every_bit);
	tcase_add_test(tcase, the_newest_record_counts);
	tcase_add_test(tcase, goes_on_after_a_torn_record);
	tcase_add_test(tcase, bounded);
	tcase_add_test(tcase, nonsense_in_its_place);
	tcase_add_test(tcase, written_by_the_thread);
	tcase_add_test(tcase, disk_full);
	return suite_run(suite);
}
