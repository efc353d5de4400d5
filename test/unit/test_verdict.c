/* Verdicts: answers in, fitness out, as tables of conversations. */
#include "health/verdict.h"
#include "test/unit/suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define T0    (1000 * HA_SEC)
#define COUNT 4

static struct config_check configured[COUNT];
static struct health_verdict verdict;
static struct health_round round_;

static void
setup(void)
{
	for (unsigned i = 0; i < COUNT; i++) {
		configured[i] = (struct config_check){
			.type = CONFIG_CHECK_TCP, .interval = 2 * HA_SEC, .timeout = 2 * HA_SEC, .rise = 2, .fall = 3
		};
		(void)snprintf(configured[i].name, sizeof(configured[i].name), "check%u", i);
	}
}

static void
begin(unsigned count)
{
	health_verdict_init(&verdict, configured, count, 100, T0);
}

static bool
report_at(unsigned index, enum health_result result, ha_time asked, ha_time now)
{
	struct health_report report = { .type = HEALTH_REPORT_RESULT,
		.index = (uint16_t)index,
		.result = result,
		.asked = asked,
		.answered = now };

	return health_verdict_report(&verdict, &report, now);
}

static struct health_state
state_at(ha_time now)
{
	return health_verdict_state(&verdict, now);
}

/* A conversation: each letter is an answer of check 0, a second apart, with what the node is after it:
 * "+f" answered well, fit; "-u" failed, unfit; "tf" timeout, fit; "?u" unknown, unfit. */
static void
converse(const char *conversation, ha_time from)
{
	ha_time now = from;

	for (const char *step = conversation; *step; step += 2) {
		enum health_result result = *step == '+'   ? HEALTH_OK
					    : *step == '-' ? HEALTH_FAILED
					    : *step == 't' ? HEALTH_TIMEOUT
							   : HEALTH_UNKNOWN;

		now += HA_SEC;
		(void)report_at(0, result, now - HA_MS, now);
		ck_assert_msg(state_at(now).fit == (step[1] == 'f'), "%s: step %zu is %s", conversation,
			(size_t)(step - conversation) / 2, state_at(now).fit ? "fit" : "unfit");
		if (step[2] == ' ')
			step++;
	}
}

static const struct {
	const char *what;
	unsigned rise, fall;
	bool master, when_master;
	ha_time start_delay;
	const char *conversation;
} conversations[] = {
	{ "the first answer decides: good", 2, 3, false, false, 0, "+f -f -f -u" },
	{ "the first answer decides: bad", 2, 3, false, false, 0, "-u +u +f" },
	{ "fall in a row", 2, 3, false, false, 0, "+f -f -f +f -f -f -u" },
	{ "rise in a row", 2, 3, false, false, 0, "-u +u -u +u +f" },
	{ "fall 1, rise 1", 1, 1, false, false, 0, "+f -u +f -u" },
	{ "a timeout is a failure", 2, 2, false, false, 0, "+f tf -u" },
	{ "unknown is no success", 2, 2, false, false, 0, "+f ?f ?u ?u +u ?u +u +f" },
	{ "an unknown kind is never fit", 1, 1, false, false, 0, "?u ?u ?u" },
	{ "failures in start_delay do not count", 2, 2, false, false, 4 * HA_SEC, "-f -f -f -u" },
	{ "a success in start_delay does", 2, 2, false, false, 100 * HA_SEC, "-f +f -f -u" },
	{ "only on the master: a backup does not look", 1, 1, false, true, 0, "-f -f +f -f" },
	{ "on the master it begins as up", 2, 3, true, true, 0, "-f -f -u +u +f" },
	{ "on the master a first success changes nothing", 2, 3, true, true, 0, "+f -f -f -u" },
	{ "master: start_delay", 2, 2, true, true, 3 * HA_SEC, "-f -f -f -u" },
};

/* An IMM that does not answer says nothing about its server, from the first answer on. */
START_TEST(unknown_of_an_imm)
{
	begin(1);
	configured[0].type = CONFIG_CHECK_IMM;
	ck_assert(!state_at(T0).fit); /* awaited */
	converse("?f?f?f?f +f ?f?f?f?f -f-f?f-u ?u?u +u?u+f", T0);
	ck_assert_int_eq(verdict.checks[0].result, HEALTH_OK);
}
END_TEST

START_TEST(tables)
{
	configured[0].rise = conversations[_i].rise;
	configured[0].fall = conversations[_i].fall;
	configured[0].when_master = conversations[_i].when_master;
	configured[0].start_delay = conversations[_i].start_delay;
	begin(1);
	health_verdict_mode(&verdict, conversations[_i].master, T0);
	converse(conversations[_i].conversation, T0);
}
END_TEST

/* Silence is unknown, and unknown turns nothing: neither what was up nor what was down. */
START_TEST(silence)
{
	begin(2);
	(void)report_at(0, HEALTH_OK, T0, T0 + 1);
	(void)report_at(1, HEALTH_OK, T0, T0 + 1);
	ck_assert(state_at(T0 + 1).fit);
	ck_assert(state_at(T0 + 1000000 * HA_SEC).fit);
	for (unsigned i = 0; i < 3; i++)
		(void)report_at(1, HEALTH_FAILED, T0, T0 + 2);
	ck_assert(!state_at(T0 + 1000000 * HA_SEC).fit);
}
END_TEST

/* A node that does not hold waits for the first answers, a holder does not: else a restart of the daemon would move
 * the VIP. */
START_TEST(before_the_first_answer)
{
	ha_time over = T0 + 2 * HA_SEC + HEALTH_PATIENCE;

	begin(1);
	ck_assert(!state_at(T0).fit);
	ck_assert(!state_at(T0).check_failed);
	ck_assert_uint_eq(health_verdict_deadline(&verdict, T0), over);
	ck_assert(!state_at(over - 1).fit);
	ck_assert(state_at(over).fit);
	ck_assert_uint_eq(health_verdict_deadline(&verdict, over), HA_NEVER);
	health_verdict_mode(&verdict, true, T0);
	ck_assert(state_at(T0).fit);
	begin(0);
	ck_assert(state_at(T0).fit);
}
END_TEST

START_TEST(weights)
{
	static const struct {
		int weight;
		enum health_result result;
		unsigned priority;
	} rows[] = { { 20, HEALTH_OK, 120 }, { 20, HEALTH_FAILED, 100 }, { -20, HEALTH_OK, 100 },
		{ -20, HEALTH_FAILED, 80 }, { 253, HEALTH_OK, 254 }, { -253, HEALTH_FAILED, 1 } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		configured[0].weighted = true;
		configured[0].weight = rows[i].weight;
		begin(1);
		ck_assert_uint_eq(
			state_at(T0).effective_priority, rows[i].weight > 0 ? (rows[i].weight > 154 ? 254 : 120) : 100);
		(void)report_at(0, rows[i].result, T0, T0 + 1);
		ck_assert_uint_eq(state_at(T0 + 1).effective_priority, rows[i].priority);
		ck_assert(state_at(T0 + 1).fit);
		ck_assert_int_eq(state_at(T0 + 1).check_failed, rows[i].result != HEALTH_OK);
	}
}
END_TEST

START_TEST(weights_add_up)
{
	for (unsigned i = 0; i < 3; i++)
		configured[i].weighted = true;
	configured[0].weight = 30;
	configured[1].weight = -10;
	configured[2].weight = -5;
	begin(3);
	for (unsigned i = 0; i < 3; i++)
		(void)report_at(i, i == 0 ? HEALTH_OK : HEALTH_FAILED, T0, T0 + 1);
	ck_assert_uint_eq(state_at(T0 + 1).effective_priority, 115);
}
END_TEST

/* The service fails when its storage does, and is noticed sooner: the reason is storage all the same. */
START_TEST(storage_is_the_reason)
{
	configured[0].fall = 1;
	configured[1].type = CONFIG_CHECK_NFS;
	begin(2);
	(void)report_at(0, HEALTH_OK, T0, T0 + 1);
	(void)report_at(1, HEALTH_OK, T0, T0 + 1);
	(void)report_at(0, HEALTH_FAILED, T0, T0 + 2);
	ck_assert(!state_at(T0 + 2).fit && !state_at(T0 + 2).storage);
	(void)report_at(1, HEALTH_TIMEOUT, T0, T0 + 3);
	ck_assert(!state_at(T0 + 3).fit && state_at(T0 + 3).storage && state_at(T0 + 3).storage_hung);
	(void)report_at(0, HEALTH_OK, T0, T0 + 4);
	(void)report_at(0, HEALTH_OK, T0, T0 + 5);
	ck_assert(state_at(T0 + 5).fit && !state_at(T0 + 5).storage);
	(void)report_at(1, HEALTH_TIMEOUT, T0, T0 + 6);
	(void)report_at(1, HEALTH_FAILED, T0, T0 + 7);
	ck_assert(!state_at(T0 + 7).fit && state_at(T0 + 7).storage && !state_at(T0 + 7).storage_hung);
}
END_TEST

/* FAULTS 66: the service fails with its storage, before it and for longer; what it fails by itself is its own fault. An
 * answer a second: of the service ("s", check 0), asked just now or 3 s ago ("l"), of the storage ("n", check 1); good
 * or not; and what it makes of the node: fit ("."), unfit by storage ("S"), unfit by its own fault ("o"). */
START_TEST(who_is_to_blame)
{
	static const char *const stories[] = {
		"n+. s+. s-. s-S n+o",                                     /* not cleared before it has been asked */
		"n+. s+. s-. n+. s-o",                                     /* it was asked in between */
		"n+. s+. s-. n+. s+. s-. s-S",                             /* ... of an earlier failure */
		"n+. s+. s-. s-S n-S n-S s-S n+S s-S n+S s-S s-S n+o",     /* it is back, and the service is not */
		"n+. s+. s-. s-S n-S n-S n+S n+S l-S s-S n+S s-o",         /* asked before it was back */
		"n+. s+. s-. s-S n-S n-S n+S n+S s-S n-S n+S s-S n+S s-o", /* it fails again */
		"n+. s+. s-. n+. s-o s+o s-o s+o s+.",                     /* a service that flaps */
		"n+. s+. n-. n-S s-S n+S n+.", /* one failure is not yet the service's end */
	};
	configured[0].fall = configured[1].fall = 2;
	configured[1].type = CONFIG_CHECK_NFS;
	for (unsigned i = 0; i < sizeof(stories) / sizeof(*stories); i++) {
		ha_time now = T0;
		begin(2);
		health_verdict_mode(&verdict, true, T0);
		for (const char *step = stories[i];; step += 4) {
			struct health_state state;
			now += HA_SEC;
			(void)report_at(step[0] == 'n', step[1] == '+' ? HEALTH_OK : HEALTH_FAILED,
				step[0] == 'l' ? now - 3 * HA_SEC : now, now);
			state = state_at(now);
			ck_assert_msg((state.fit              ? '.'
					      : state.storage ? 'S'
							      : 'o') == step[2],
				"%s: not so at %.3s", stories[i], step);
			if (step[3] == '\0')
				break;
		}
	}
	begin(2);
	(void)report_at(1, HEALTH_FAILED, T0 + 1, T0 + 2);
	(void)report_at(1, HEALTH_FAILED, T0 + 3, T0 + 4);
	ck_assert_uint_eq(state_at(T0 + 4).storage_since, T0 + 1);
}
END_TEST

/* An answer to a question of before does not speak for a service that was started since. */
START_TEST(new_master_new_answers)
{
	configured[0].when_master = true;
	configured[0].fall = 1;
	begin(1);
	health_verdict_mode(&verdict, true, T0 + 10);
	(void)report_at(0, HEALTH_FAILED, T0 + 9, T0 + 20);
	ck_assert(state_at(T0 + 20).fit);
	(void)report_at(0, HEALTH_FAILED, T0 + 10, T0 + 30);
	ck_assert(!state_at(T0 + 30).fit);
}
END_TEST

/* Given up for a dead service: this node does not offer itself at once again. */
START_TEST(aftermath)
{
	ha_time given = T0 + 10 * HA_SEC;

	configured[0].when_master = true;
	configured[0].fall = 1;
	begin(1);
	health_verdict_mode(&verdict, true, T0);
	ck_assert(report_at(0, HEALTH_FAILED, T0, T0 + 1));
	health_verdict_mode(&verdict, false, given);
	ck_assert(!state_at(given).fit && state_at(given).check_failed);
	ck_assert_uint_eq(health_verdict_deadline(&verdict, given), given + HEALTH_AFTERMATH);
	ck_assert(state_at(given + HEALTH_AFTERMATH).fit);
	/* It holds again: a new start. */
	health_verdict_mode(&verdict, true, given + 1);
	ck_assert(state_at(given + 1).fit);
	/* Given up while it was well: fit at once. */
	health_verdict_mode(&verdict, false, given + 2);
	ck_assert(state_at(given + 2).fit);
}
END_TEST

START_TEST(reload_keeps_states)
{
	struct config_check changed[2], again[2];

	begin(2);
	(void)report_at(0, HEALTH_FAILED, T0, T0 + 1);
	(void)report_at(1, HEALTH_OK, T0, T0 + 1);
	changed[0] = configured[1];
	changed[1] = configured[0];
	health_verdict_reload(&verdict, changed, 2, 50, T0 + 2);
	ck_assert(verdict.checks[0].up && verdict.checks[0].answered);
	ck_assert(!verdict.checks[1].up);
	ck_assert(!state_at(T0 + 2).fit);
	ck_assert_uint_eq(state_at(T0 + 2).effective_priority, 50);
	/* The same name, but something else is checked: unknown again. */
	memcpy(again, changed, sizeof(again));
	again[1].type = CONFIG_CHECK_LINK;
	health_verdict_reload(&verdict, again, 2, 50, T0 + 3);
	ck_assert(!verdict.checks[1].answered && verdict.checks[1].up);
}
END_TEST

START_TEST(an_index_of_nobody)
{
	begin(1);
	ck_assert(!report_at(1, HEALTH_FAILED, T0, T0 + 1));
	ck_assert(!report_at(HEALTH_CHECKS - 1, HEALTH_FAILED, T0, T0 + 1));
	ck_assert(!state_at(T0 + 1).check_failed);
}
END_TEST

/* --- rounds: fit to fence, storage --- */

static void
round_answer(unsigned index, uint32_t token, enum health_result result, ha_time asked)
{
	struct health_report report = {
		.type = HEALTH_REPORT_RESULT, .token = token, .index = (uint16_t)index, .result = result, .asked = asked
	};

	health_round_report(&round_, &report);
}

static void
begin_round(void)
{
	configured[1].required_to_fence = configured[2].required_to_fence = true;
	configured[3].type = CONFIG_CHECK_NFS;
	begin(4);
	health_round_begin(&round_, &verdict, HEALTH_ROUND_REQUIRED, 7, T0 + 5);
	ck_assert_int_eq(round_.state, HEALTH_ROUND_OPEN);
	ck_assert(!round_.wanted[0] && round_.wanted[1] && round_.wanted[2] && !round_.wanted[3]);
}

START_TEST(every_required_one_must_answer)
{
	begin_round();
	round_answer(1, 7, HEALTH_OK, T0 + 5);
	ck_assert_int_eq(round_.state, HEALTH_ROUND_OPEN);
	round_answer(1, 7, HEALTH_OK, T0 + 5); /* twice is not two */
	round_answer(0, 7, HEALTH_OK, T0 + 5); /* was not asked for */
	ck_assert_int_eq(round_.state, HEALTH_ROUND_OPEN);
	round_answer(2, 7, HEALTH_OK, T0 + 6);
	ck_assert_int_eq(round_.state, HEALTH_ROUND_GOOD);
	health_round_lost(&round_);
	ck_assert_int_eq(round_.state, HEALTH_ROUND_GOOD);
}
END_TEST

/* S9: a probe sent after the silence began, without hysteresis. */
START_TEST(only_fresh_answers)
{
	begin_round();
	round_answer(1, 7, HEALTH_OK, T0 + 4); /* asked before */
	round_answer(1, 0, HEALTH_OK, T0 + 6); /* by schedule */
	round_answer(1, 6, HEALTH_OK, T0 + 6); /* of another round */
	round_answer(2, 7, HEALTH_OK, T0 + 6);
	ck_assert_int_eq(round_.state, HEALTH_ROUND_OPEN);
}
END_TEST

START_TEST(one_failure_is_enough)
{
	static const enum health_result bad[] = { HEALTH_FAILED, HEALTH_TIMEOUT, HEALTH_UNKNOWN };

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin_round();
		round_answer(2, 7, bad[i], T0 + 6);
		ck_assert_int_eq(round_.state, HEALTH_ROUND_BAD);
		round_answer(1, 7, HEALTH_OK, T0 + 6);
		ck_assert_int_eq(round_.state, HEALTH_ROUND_BAD);
	}
}
END_TEST

START_TEST(no_answer_is_a_failure)
{
	begin_round();
	health_round_timer(&round_, health_round_deadline(&round_) - 1);
	ck_assert_int_eq(round_.state, HEALTH_ROUND_OPEN);
	health_round_timer(&round_, health_round_deadline(&round_));
	ck_assert_int_eq(round_.state, HEALTH_ROUND_BAD);
	ck_assert_uint_eq(health_round_deadline(&round_), HA_NEVER);
	begin_round();
	health_round_lost(&round_);
	ck_assert_int_eq(round_.state, HEALTH_ROUND_BAD);
}
END_TEST

START_TEST(storage_round)
{
	begin_round();
	health_round_begin(&round_, &verdict, HEALTH_ROUND_STORAGE, 8, T0 + 5);
	ck_assert(!round_.wanted[1] && round_.wanted[3]);
	round_answer(3, 8, HEALTH_OK, T0 + 5);
	ck_assert_int_eq(round_.state, HEALTH_ROUND_GOOD);
	begin(1);
	health_round_begin(&round_, &verdict, HEALTH_ROUND_STORAGE, 9, T0);
	ck_assert_int_eq(round_.state, HEALTH_ROUND_GOOD);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("health/verdict");
	TCase *tc = suite_case(suite, "verdict"), *rounds = suite_case(suite, "round");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, tables, 0, sizeof(conversations) / sizeof(conversations[0]));
	tcase_add_test(tc, unknown_of_an_imm);
	tcase_add_test(tc, silence);
	tcase_add_test(tc, before_the_first_answer);
	tcase_add_test(tc, weights);
	tcase_add_test(tc, weights_add_up);
	tcase_add_test(tc, storage_is_the_reason);
	tcase_add_test(tc, who_is_to_blame);
	tcase_add_test(tc, new_master_new_answers);
	tcase_add_test(tc, aftermath);
	tcase_add_test(tc, reload_keeps_states);
	tcase_add_test(tc, an_index_of_nobody);
	tcase_add_checked_fixture(rounds, setup, NULL);
	tcase_add_test(rounds, every_required_one_must_answer);
	tcase_add_test(rounds, only_fresh_answers);
	tcase_add_test(rounds, one_failure_is_enough);
	tcase_add_test(rounds, no_answer_is_a_failure);
	tcase_add_test(rounds, storage_round);
	return suite_run(suite);
}
