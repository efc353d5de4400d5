/* Notes become lines and episodes: each note has its words, each takeover its story. */
#include "daemon/history.h"

#include "daemon/advice.h"
#include "test/unit/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct note_names names = { .instance = "VI_1",
	.own = "NodeB",
	.peer = "NodeA",
	.vips = "192.168.1.210/24 on enp11s0f0",
	.action = FENCE_ACTION_REBOOT,
	.proof = NODE_PROOF_OFF };

static const char *
text_of(enum node_note_type type, uint64_t a, uint64_t b)
{
	static char buffer[NOTE_TEXT];
	struct node_note note = { .type = type, .a = a, .b = b, .episode = 12 };
	return note_text(&note, &names, buffer);
}

START_TEST(lines)
{
	ck_assert_str_eq(text_of(NODE_NOTE_STATE, NODE_BACKUP, NODE_CLAIMING), "(VI_1) BACKUP -> CLAIMING");
	ck_assert_str_eq(text_of(NODE_NOTE_STATE, NODE_ADDING, NODE_MASTER),
		"(VI_1) Entering MASTER STATE: proof OFF; 192.168.1.210/24 on enp11s0f0");
	ck_assert_str_eq(text_of(NODE_NOTE_PEER_SILENT, 460 * HA_MS, 0), "(VI_1) NodeA silent 460 ms");
	ck_assert_str_eq(text_of(NODE_NOTE_CLAIM, UINT64_C(0x7f3a09c1) << 32, NODE_INTENT_SUSPECT),
		"(VI_1) claim 7f3a09c1, intent suspect, episode 12");
	ck_assert_str_eq(text_of(NODE_NOTE_FENCE, FENCE_NOTE_ORDERED, 0), "fencing NodeA: reboot");
	ck_assert_str_eq(text_of(NODE_NOTE_FENCE, FENCE_NOTE_REFUSED, 0xd5),
		"IMM of NodeA refuses the power-down: completion code 0xD5");
	ck_assert_str_eq(text_of(NODE_NOTE_FENCE, FENCE_NOTE_ERROR, FENCE_AUTHENTICATION),
		"IMM of NodeA: refuses the user or the password (authentication)");
	ck_assert_str_eq(text_of(NODE_NOTE_FENCE, FENCE_NOTE_ERROR, FENCE_OK), "IMM of NodeA answers");
}
END_TEST

/* Values that no version of the node makes must not lead out of a table: the text may be dull, not wrong. */
START_TEST(every_note_has_words)
{
	static const uint64_t values[] = { 0, 1, 2, 7, 63, 255, UINT64_MAX };
	for (unsigned type = 0; type < NODE_NOTES; type++) {
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			bool is_enum =
				type == NODE_NOTE_STATE || type == NODE_NOTE_CLAIM || type == NODE_NOTE_CLAIM_SEEN ||
				type == NODE_NOTE_PROOF || type == NODE_NOTE_PEER_HEARD || type == NODE_NOTE_PERMIT ||
				type == NODE_NOTE_GIVES_WAY || type == NODE_NOTE_PEER_STATE || type == NODE_NOTE_KEEPS;
			uint64_t value = is_enum ? values[i] % 3 : values[i];
			struct node_note note = { .type = (enum node_note_type)type, .a = value, .b = value };
			char buffer[NOTE_TEXT] = "";
			ck_assert_str_ne(note_text(&note, &names, buffer), "");
			ck_assert_ptr_null(strstr(buffer, "note "));
			ck_assert_ptr_nonnull(note_id(&note));
			ck_assert_int_le(note_priority(&note), 7);
		}
	}
	for (unsigned i = 0; i < FENCE_NOTES; i++) {
		struct node_note note = { .type = NODE_NOTE_FENCE, .a = i };
		ck_assert_int_eq(strncmp(note_id(&note), "fence", 5), 0);
	}
}
END_TEST

START_TEST(durations)
{
	static const struct {
		ha_time time;
		const char *text;
	} table[] = { { 500, "0.5 ms" }, { 8 * HA_MS, "8.0 ms" }, { 460 * HA_MS, "460 ms" },
		{ 3648 * HA_MS, "3.648 s" }, { 125 * HA_SEC, "2 min 5 s" }, { 3661 * HA_SEC, "1 h 1 min" },
		{ 94 * 3600 * HA_SEC, "3 d 22 h" } };
	char buffer[NOTE_DURATION];
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		ck_assert_str_eq(note_duration(table[i].time, buffer), table[i].text);
}
END_TEST

static void
add(struct history *history, ha_time now, uint64_t episode, enum node_note_type type, uint64_t a, uint64_t b)
{
	struct node_note note = { .type = type, .a = a, .b = b, .episode = episode };
	const struct history_facts facts = { .peer_held = true };
	(void)history_add(history, now, &facts, &note, &names);
}

static void
take_over(struct history *history, ha_time now, uint64_t episode)
{
	add(history, now, episode - 1, NODE_NOTE_PEER_SILENT, 460 * HA_MS, 0);
	add(history, now, episode, NODE_NOTE_CLAIM, 7, NODE_INTENT_SUSPECT);
	add(history, now + 8 * HA_MS, episode, NODE_NOTE_FENCE, FENCE_NOTE_POWER_ON, 8 * HA_MS);
	add(history, now + 3 * HA_SEC, episode, NODE_NOTE_FENCE, FENCE_NOTE_ORDERED, 0);
	add(history, now + 3 * HA_SEC, episode, NODE_NOTE_FENCE, FENCE_NOTE_SENT, 0);
	add(history, now + 4 * HA_SEC, episode, NODE_NOTE_FENCE, FENCE_NOTE_OFF, HA_SEC);
	add(history, now + 4 * HA_SEC, episode, NODE_NOTE_PROOF, 7, NODE_PROOF_OFF);
	add(history, now + 4 * HA_SEC, episode, NODE_NOTE_ADDED, 4 * HA_SEC, 4900 * HA_MS);
}

START_TEST(a_failover)
{
	struct history *history = malloc(sizeof(*history));
	history_init(history);
	take_over(history, 100 * HA_SEC, 12);
	add(history, 110 * HA_SEC, 12, NODE_NOTE_LINK, 1, 0); /* not of the story */
	add(history, 196 * HA_SEC, 12, NODE_NOTE_PEER_HEARD, 95 * HA_SEC, NODE_BACKUP);
	const struct history_episode *episode = history_newest(history);
	ck_assert_ptr_nonnull(episode);
	ck_assert_uint_eq(episode->number, 12);
	ck_assert_str_eq(episode->title, "failover NodeA -> NodeB");
	ck_assert_str_eq(episode->cause, "NodeA is silent");
	ck_assert_int_eq(episode->result, HISTORY_SERVING);
	ck_assert_int_eq(episode->proof, NODE_PROOF_OFF);
	ck_assert_uint_eq(episode->outage, 4900 * HA_MS);
	ck_assert(episode->fenced);
	/* It begins when the peer was last heard. */
	ck_assert_uint_eq(episode->began, 100 * HA_SEC - 460 * HA_MS);
	ck_assert_uint_eq(episode->step_count, 10);
	ck_assert_ptr_eq(history_newest_fenced(history), episode);
	free(history);
}
END_TEST

START_TEST(a_claim_that_ends)
{
	struct history *history = malloc(sizeof(*history));
	history_init(history);
	add(history, 5 * HA_SEC, 3, NODE_NOTE_CLAIM, 7, NODE_INTENT_SUSPECT);
	add(history, 6 * HA_SEC, 3, NODE_NOTE_CLAIM_ENDED, 7, NODE_END_PEER_HOLDS);
	ck_assert_int_eq(history_newest(history)->result, HISTORY_ENDED);
	ck_assert(!history_newest(history)->fenced);
	free(history);
}
END_TEST

START_TEST(a_release_undone)
{
	struct history *history = malloc(sizeof(*history));
	history_init(history);
	add(history, 5 * HA_SEC, 3, NODE_NOTE_RELEASE, 0, 0);
	add(history, 6 * HA_SEC, 3, NODE_NOTE_UNDONE, 0, 0);
	ck_assert_str_eq(history_newest(history)->title, "NodeB keeps the VIP, its release was undone");
	free(history);
}
END_TEST

START_TEST(bounded)
{
	struct history *history = malloc(sizeof(*history));
	history_init(history);
	for (uint64_t i = 1; i <= 3 * HISTORY_EPISODES; i++)
		take_over(history, i * 100 * HA_SEC, i);
	ck_assert_uint_eq(history->count, HISTORY_EPISODES);
	ck_assert_uint_eq(history_newest(history)->number, 3 * HISTORY_EPISODES);
	add(history, 1000000 * HA_SEC, 1000, NODE_NOTE_CLAIM, 7, NODE_INTENT_SUSPECT);
	for (unsigned i = 0; i < 10 * HISTORY_STEPS; i++)
		add(history, 1000001 * HA_SEC + i, 1000, NODE_NOTE_FENCE, FENCE_NOTE_ERROR, FENCE_UNREACHABLE);
	const struct history_episode *episode = history_newest(history);
	ck_assert_uint_eq(episode->step_count, HISTORY_STEPS);
	ck_assert_uint_eq(episode->steps[0].note.type, NODE_NOTE_CLAIM); /* the beginning stays */
	ck_assert_uint_eq(episode->steps[HISTORY_STEPS - 1].at, 1000001 * HA_SEC + 10 * HISTORY_STEPS - 1);
	ck_assert_uint_eq(episode->step_count + episode->steps_dropped, 10 * HISTORY_STEPS + 1);
	free(history);
}
END_TEST

START_TEST(as_json)
{
	struct history *history = malloc(sizeof(*history));
	history_init(history);
	take_over(history, 100 * HA_SEC, 12);
	take_over(history, 200 * HA_SEC, 13);
	json_t *all = history_json(history, 0), *one = history_json(history, 12), *last = history_fence_json(history);
	ck_assert_uint_eq(json_array_size(all), 2);
	ck_assert_uint_eq(json_array_size(one), 1);
	json_t *episode = json_array_get(one, 0);
	ck_assert_str_eq(json_string_value(json_object_get(episode, "result")), "serving");
	ck_assert_uint_eq(json_array_size(json_object_get(episode, "steps")), 9);
	ck_assert_str_eq(json_string_value(json_object_get(last, "result")), "off");
	ck_assert(json_real_value(json_object_get(last, "duration_ms")) == 1000.0);
	json_decref(all);
	json_decref(one);
	json_decref(last);
	free(history);
}
END_TEST

START_TEST(advice_for_every_alarm)
{
	char buffer[ADVICE_TEXT];
	for (unsigned i = 0; i < ALARMS; i++) {
		ck_assert_str_ne(advice_text((enum alarm)i, &advice_generic, buffer), "");
		ck_assert_ptr_null(strchr(buffer, '$'));
		ck_assert_msg(advice_line((enum alarm)i, 0, &advice_generic, buffer) != NULL, "nothing to do about %s",
			alarm_name((enum alarm)i));
		ck_assert_ptr_null(strchr(buffer, '$'));
	}
	for (unsigned i = 0; i < NODE_REPLIES; i++) {
		ck_assert_str_ne(advice_reply((enum node_reply)i, &advice_generic, buffer), "");
		bool done = i == NODE_REPLY_DONE || i == NODE_REPLY_NOTHING;
		ck_assert(done || advice_reply_remedy((enum node_reply)i, &advice_generic, buffer)[0] != '\0');
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("history");
	TCase *tcase = suite_case(suite, "history");
	tcase_add_test(tcase, lines);
	tcase_add_test(tcase, every_note_has_words);
	tcase_add_test(tcase, durations);
	tcase_add_test(tcase, a_failover);
	tcase_add_test(tcase, a_claim_that_ends);
	tcase_add_test(tcase, a_release_undone);
	tcase_add_test(tcase, bounded);
	tcase_add_test(tcase, as_json);
	tcase_add_test(tcase, advice_for_every_alarm);
	return suite_run(suite);
}
