/* VRRP's arithmetic, and that of two nodes always exactly one is the better and one gives way. */
#include "vrrp/election.h"
#include "test/unit/suite.h"

#include <check.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct ha_address
ip(const char *text)
{
	struct ha_address address;

	ck_assert_int_eq(ha_address_parse(text, &address), 0);
	return address;
}

START_TEST(intervals)
{
	static const struct {
		unsigned version;
		uint8_t priority;
		ha_time interval, skew, down;
	} cases[] = {
		/* The reference pair: NodeB takes over after 3.648 s, NodeA after 3.609 s. */
		{ 2, 90, HA_SEC, 648437, 3648437 },
		{ 2, 100, HA_SEC, 609375, 3609375 },
		{ 2, 254, HA_SEC, 7812, 3007812 },
		{ 2, 1, HA_SEC, 996093, 3996093 },
		{ 2, 0, HA_SEC, HA_SEC, 4 * HA_SEC },
		{ 2, 90, 10 * HA_SEC, 648437, 30648437 }, /* v2: skew does not grow with the interval */
		{ 3, 90, HA_SEC, 648437, 3648437 },
		{ 3, 90, 10 * HA_SEC, 6484375, 36484375 },
		{ 3, 90, 100 * HA_MS, 64843, 364843 },
		{ 3, 100, 10 * HA_MS, 6093, 36093 },
		{ 3, 254, 40950 * HA_MS, 319921, 123169921 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		ck_assert_uint_eq(
			election_skew_time(cases[i].version, cases[i].priority, cases[i].interval), cases[i].skew);
		ck_assert_uint_eq(election_master_down_interval(cases[i].version, cases[i].priority, cases[i].interval),
			cases[i].down);
	}
}
END_TEST

/* The better node is always the first to notice. */
START_TEST(higher_priority_is_earlier)
{
	for (unsigned version = 2; version <= 3; version++)
		for (unsigned priority = 1; priority < 254; priority++)
			ck_assert_uint_gt(election_skew_time(version, (uint8_t)priority, HA_SEC),
				election_skew_time(version, (uint8_t)(priority + 1), HA_SEC));
}
END_TEST

START_TEST(advert_timer)
{
	struct election_advert_timer timer;
	ha_time late = 99;

	election_advert_start(&timer, HA_SEC, 10 * HA_SEC);
	ck_assert_uint_eq(timer.due, 10 * HA_SEC);
	ck_assert(!election_advert_due(&timer, 10 * HA_SEC - 1, &late));
	ck_assert_uint_eq(late, 99);
	ck_assert(election_advert_due(&timer, 10 * HA_SEC, &late));
	ck_assert_uint_eq(late, 0);
	ck_assert(!election_advert_due(&timer, 10 * HA_SEC, &late));

	/* Late by 3 ms: reported, and the grid stays. */
	ck_assert(election_advert_due(&timer, 11 * HA_SEC + 3 * HA_MS, &late));
	ck_assert_uint_eq(late, 3 * HA_MS);
	ck_assert_uint_eq(timer.due, 12 * HA_SEC);

	/* A stall of five intervals: one advert, not five. */
	ck_assert(election_advert_due(&timer, 17 * HA_SEC, &late));
	ck_assert_uint_eq(late, 5 * HA_SEC);
	ck_assert_uint_eq(timer.due, 18 * HA_SEC);
	ck_assert(!election_advert_due(&timer, 17 * HA_SEC, &late));

	election_advert_stop(&timer);
	ck_assert_uint_eq(timer.due, HA_NEVER);
	ck_assert(!election_advert_due(&timer, 1000 * HA_SEC, &late));
	ck_assert(!election_advert_due(&timer, HA_NEVER, &late));
}
END_TEST

static int
sign_of(int value)
{
	return (value > 0) - (value < 0);
}

START_TEST(nodes_compare)
{
	static const struct {
		uint8_t priority_a;
		const char *name_a;
		uint8_t priority_b;
		const char *name_b;
		int order;
	} cases[] = {
		{ 100, "NodeA", 90, "NodeB", 1 }, { 90, "NodeZ", 100, "NodeA", -1 }, { 100, "NodeB", 100, "NodeA", 1 },
		{ 100, "NodeA", 100, "NodeAA", -1 }, { 254, "x", 1, "x", 1 }, { 100, "NodeA", 100, "NodeA", 0 },
		{ 100, "n\xc3\xa9", 100, "nz", 1 }, /* bytes, unsigned: the same order on every machine */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		ck_assert_int_eq(sign_of(election_compare(
					 cases[i].priority_a, cases[i].name_a, cases[i].priority_b, cases[i].name_b)),
			cases[i].order);
		ck_assert_int_eq(sign_of(election_compare(
					 cases[i].priority_b, cases[i].name_b, cases[i].priority_a, cases[i].name_a)),
			-cases[i].order);
	}
}
END_TEST

START_TEST(adverts_compare)
{
	static const struct {
		uint8_t priority_a;
		const char *source_a;
		uint8_t priority_b;
		const char *source_b;
		int order;
	} cases[] = {
		{ 100, "192.168.1.198", 90, "192.168.1.199", 1 },
		{ 100, "192.168.1.199", 100, "192.168.1.198", 1 },
		{ 100, "10.0.0.200", 100, "192.168.0.1", -1 },
		{ 100, "9.0.0.1", 100, "10.0.0.1", -1 },
		{ 100, "fe80::2", 100, "fe80::10", -1 },
		{ 0, "255.0.0.1", 1, "1.0.0.1", -1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ha_address a = ip(cases[i].source_a), b = ip(cases[i].source_b);

		ck_assert_int_eq(sign_of(election_compare_adverts(cases[i].priority_a, &a, cases[i].priority_b, &b)),
			cases[i].order);
		ck_assert_int_eq(sign_of(election_compare_adverts(cases[i].priority_b, &b, cases[i].priority_a, &a)),
			-cases[i].order);
	}
}
END_TEST

START_TEST(preemption)
{
	static const struct {
		bool enabled;
		ha_time delay;
		uint8_t mine, holder;
		ha_time since, at;
	} cases[] = {
		{ true, 0, 100, 90, 5 * HA_SEC, 5 * HA_SEC }, { true, 60 * HA_SEC, 100, 90, 5 * HA_SEC, 65 * HA_SEC },
		{ true, 0, 90, 100, 5 * HA_SEC, HA_NEVER },
		{ true, 0, 100, 100, 5 * HA_SEC, HA_NEVER }, /* strictly higher, or two nodes would swap for ever */
		{ false, 0, 254, 1, 5 * HA_SEC, HA_NEVER }, { true, 0, 100, 90, HA_NEVER, HA_NEVER }, /* not fit yet */
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		ck_assert_uint_eq(election_preempt_at(cases[i].enabled, cases[i].delay, cases[i].mine, cases[i].holder,
					  cases[i].since),
			cases[i].at);
}
END_TEST

START_TEST(who_gives_way)
{
	static const struct {
		struct election_holder me, other;
		bool gives_way;
	} cases[] = {
		{ { .priority = 100, .name = "A" }, { .priority = 90, .name = "B" }, false },
		{ { .priority = 90, .name = "B" }, { .priority = 100, .name = "A" }, true },
		{ { .priority = 100, .name = "A" }, { .priority = 100, .name = "B" }, true },
		{ { .woke_late = true, .priority = 100, .name = "A" }, { .priority = 90, .name = "B" }, true },
		{ { .by_operator = true, .priority = 100, .name = "A" }, { .priority = 90, .name = "B" }, true },
		/* What a person has confirmed weighs less than what a stalled node has been granted. */
		{ { .woke_late = true, .priority = 90, .name = "B" },
			{ .by_operator = true, .priority = 100, .name = "A" }, false },
		/* confirm-off on both sides of a split */
		{ { .by_operator = true, .priority = 100, .name = "A" },
			{ .by_operator = true, .priority = 90, .name = "B" }, false },
		{ { .by_operator = true, .woke_late = true, .priority = 100, .name = "A" },
			{ .by_operator = true, .priority = 90, .name = "B" }, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		ck_assert_int_eq(election_gives_way(&cases[i].me, &cases[i].other), cases[i].gives_way);
}
END_TEST

/* All combinations of all facts: exactly one of the two gives way (S12), and exactly one is the better. */
START_TEST(exactly_one)
{
	static const uint8_t priorities[] = { 0, 1, 90, 100, 254, 255 };
	static const char *const names[] = { "A", "B", "AB", "b", "NodeA" };
	static struct election_holder all[2 * 2 * COUNT(priorities) * COUNT(names)];
	size_t count = 0;

	for (unsigned bits = 0; bits < 4; bits++)
		for (size_t p = 0; p < COUNT(priorities); p++)
			for (size_t n = 0; n < COUNT(names); n++)
				all[count++] = (struct election_holder){ .by_operator = (bits & 1) != 0,
					.woke_late = (bits & 2) != 0,
					.priority = priorities[p],
					.name = names[n] };
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < count; k++) {
			if (strcmp(all[i].name, all[k].name) == 0)
				continue;
			ck_assert_int_ne(election_gives_way(&all[i], &all[k]), election_gives_way(&all[k], &all[i]));
			ck_assert_int_eq(
				sign_of(election_compare(all[i].priority, all[i].name, all[k].priority, all[k].name)) +
					sign_of(election_compare(
						all[k].priority, all[k].name, all[i].priority, all[i].name)),
				0);
			ck_assert_int_ne(
				election_compare(all[i].priority, all[i].name, all[k].priority, all[k].name), 0);
		}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vrrp/election");
	TCase *tc = suite_case(suite, "election");

	tcase_add_test(tc, intervals);
	tcase_add_test(tc, higher_priority_is_earlier);
	tcase_add_test(tc, advert_timer);
	tcase_add_test(tc, nodes_compare);
	tcase_add_test(tc, adverts_compare);
	tcase_add_test(tc, preemption);
	tcase_add_test(tc, who_gives_way);
	tcase_add_test(tc, exactly_one);
	return suite_run(suite);
}
