/* What health checks decide: who may power down, and whose storage has failed. */
#include "test/unit/node_story.h"
#include "test/unit/suite.h"

/* --- required checks --- */

START_TEST(a_probe_of_an_earlier_silence_proves_no_fitness) /* S9 */
{
	struct story t = story();
	ha_time began;
	uint32_t first;

	t.config.required_probes = true;
	begin(&t);
	happens(&t, NODE_EV_VIP_REMOVED, true);
	happens(&t, NODE_EV_SERVICE_STOPPED, true);
	hear_for(&t, NODE_MASTER, HA_SEC);
	imm_for(&t, FENCE_POWER_ON, HA_SEC);
	first = t.node.claim.fit_token;
	ck_assert_uint_ne(first, 0);
	hear_for(&t, NODE_MASTER, HA_SEC);
	imm_for(&t, FENCE_POWER_ON, HA_SEC);
	ck_assert_uint_ne(t.node.claim.fit_token, first);
	step(&t, (struct node_event){ .type = NODE_EV_FIT_PROBE, .ok = true, .token = first });
	began = t.now;
	imm_for(&t, FENCE_POWER_ON, 20 * HA_SEC);
	ck_assert_uint_eq(t.downs, 0);
	ck_assert_uint_gt(t.node.claim.fit_probe_at, began); /* nobody answered: asked again */
	step(&t, (struct node_event){ .type = NODE_EV_FIT_PROBE, .ok = true, .token = t.node.claim.fit_token });
	imm_for(&t, FENCE_POWER_ON, 2 * HA_SEC);
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

START_TEST(a_slow_required_check_counts)
{
	struct story t = beside_master();
	ha_time due = HA_NEVER;
	uint32_t token = t.node.fit_tokens;

	t.node.config.required_probes = true;
	t.node.config.probe_patience = 24 * HA_SEC;
	for (unsigned i = 0; i < 6000 && t.downs == 0; i++) {
		imm_for(&t, FENCE_POWER_ON, 10 * HA_MS);
		if (t.node.fit_tokens != token) {
			token = t.node.fit_tokens;
			due = t.now + 11 * HA_SEC;
		}
		if (t.now >= due) {
			due = HA_NEVER;
			step(&t, (struct node_event){ .type = NODE_EV_FIT_PROBE, .ok = true, .token = token });
		}
	}
	ck_assert_uint_eq(t.downs, 1);
}
END_TEST

/* --- storage --- */

START_TEST(a_slow_storage_check_counts)
{
	struct story t = backup();
	struct vrrp_message m;

	for (unsigned i = 0; i < 10; i++) {
		m = message(&t, NODE_MASTER);
		m.fit = false;
		says(&t, m);
		pass(&t, 200 * HA_MS);
	}
	ck_assert_uint_eq(t.did[NODE_PROBE_STORAGE], 1); /* not asked again while the answer is awaited */
	step(&t, (struct node_event){ .type = NODE_EV_STORAGE_PROBE, .ok = true, .token = t.node.storage_token });
	ck_assert_uint_ne(t.node.storage_probed, 0);
}
END_TEST

START_TEST(a_storage_probe_before_the_failure_is_no_reason_to_give)
{
	struct story t = master();
	struct vrrp_message m = message(&t, NODE_BACKUP);

	m.storage_probe_age_ms = 10;
	says(&t, m);
	t.now += 100 * HA_MS;
	step(&t, (struct node_event){ .type = NODE_EV_HEALTH,
			 .health = { .fit = false, .storage = true, .effective_priority = 100 } });
	pass(&t, 50 * HA_MS);
	ck_assert(!t.node.handover);
}
END_TEST

/* FAULTS 66: a server that comes back answers both, but the peer may be seen to be well a moment sooner. */
START_TEST(a_holder_asks_its_own_storage_once_more_before_it_gives)
{
	for (unsigned own = 0; own < 2; own++) {
		struct story t = master();
		struct vrrp_message m;

		step(&t, (struct node_event){ .type = NODE_EV_HEALTH,
				 .health = { .fit = false, .storage = true, .effective_priority = 100 } });
		forget(&t);
		for (unsigned i = 0; i < 10; i++) {
			pass(&t, 200 * HA_MS);
			m = message(&t, NODE_BACKUP);
			m.storage_probe_age_ms = 10;
			says(&t, m);
		}
		ck_assert_uint_eq(t.did[NODE_PROBE_STORAGE], 1);
		ck_assert(!t.node.handover);
		for (unsigned i = 0; i < 3; i++) {
			step(&t, (struct node_event){
					 .type = NODE_EV_STORAGE_PROBE, .ok = own, .token = t.node.storage_token });
			m = message(&t, NODE_BACKUP);
			m.storage_probe_age_ms = 10;
			says(&t, m);
			pass(&t, 200 * HA_MS);
		}
		ck_assert_uint_eq(t.node.handover, !own);
	}
}
END_TEST

/* ... or long after: its client repeats itself at intervals that double. */
START_TEST(a_holder_gives_its_storage_as_long_as_the_outage_was)
{
	struct story t = master();
	ha_time given = 0, heard = 0;

	step(&t, (struct node_event){ .type = NODE_EV_HEALTH,
			 .health = { .fit = false,
				 .storage = true,
				 .effective_priority = 100,
				 .storage_since = t.now - 4 * HA_SEC } });
	for (unsigned i = 0; i < 200 && !t.node.handover; i++) {
		struct vrrp_message m = message(&t, NODE_BACKUP);
		if (i >= 50) /* the peer's storage is back after 10 s */
			m.storage_probe_age_ms = 10;
		if (i == 50)
			heard = t.now;
		says(&t, m);
		step(&t, (struct node_event){
				 .type = NODE_EV_STORAGE_PROBE, .ok = false, .token = t.node.storage_token });
		pass(&t, 200 * HA_MS);
		given = t.now;
	}
	ck_assert(t.node.handover);
	ck_assert_uint_ge(given - heard, 14 * HA_SEC);
	ck_assert_uint_le(given - heard, 16 * HA_SEC);
}
END_TEST

/* Both nodes probe each second, or as often as theirs answers. `at`: the peer's first probe, after this node's first
 * one; `takes`: until the peer can tell that it was answered. Its storage is well for so long. Returns when this node
 * wants to give, after the first probe, or HA_NEVER. */
static ha_time
gives_after(ha_time at, ha_time takes, ha_time well)
{
	const ha_time tick = 50 * HA_MS, limit = 60 * HA_SEC;
	struct story t = master();
	ha_time begun = t.now, probe = t.now + at, answered = 0, said = t.now;

	step(&t, (struct node_event){ .type = NODE_EV_HEALTH,
			 .health = { .fit = false, .storage = true, .effective_priority = 100 } });
	for (uint32_t token = t.node.storage_token; !t.node.handover && t.now < begun + limit; pass(&t, tick)) {
		if (t.node.storage_token != token)
			step(&t, (struct node_event){
					 .type = NODE_EV_STORAGE_PROBE, .ok = false, .token = t.node.storage_token });
		token = t.node.storage_token;
		if (t.now >= probe + takes && probe < ha_time_add(begun, well)) {
			answered = probe;
			probe += ha_time_max(HA_SEC, takes);
		}
		if (t.now >= said + 200 * HA_MS) {
			struct vrrp_message m = message(&t, NODE_BACKUP);

			if (answered != 0)
				m.storage_probe_age_ms = (uint32_t)((t.now - answered) / HA_MS);
			says(&t, m);
			said = t.now;
		}
	}
	return t.node.handover ? t.now - begun : HA_NEVER;
}

/* However the two nodes' probes happen to follow each other, and if the peer's storage is slow. */
START_TEST(a_holder_waits_for_the_answer_to_its_probe)
{
	static const ha_time takes[] = { 0, 100 * HA_MS, 850 * HA_MS, 2500 * HA_MS };

	for (ha_time at = 50 * HA_MS; at < HA_SEC; at += 50 * HA_MS)
		for (unsigned i = 0; i < sizeof(takes) / sizeof(takes[0]); i++)
			ck_assert_uint_le(gives_after(at, takes[i], HA_NEVER), 5 * HA_SEC + 4 * takes[i]);
}
END_TEST

START_TEST(what_the_peer_said_before_its_own_storage_failed_is_no_reason_to_give)
{
	for (ha_time at = 50 * HA_MS; at < HA_SEC; at += 50 * HA_MS)
		ck_assert_uint_eq(gives_after(at + 4 * HA_SEC, 100 * HA_MS, at + 6 * HA_SEC), HA_NEVER);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: check");
	TCase *tc = suite_case(suite, "required checks");

	tcase_add_test(tc, a_probe_of_an_earlier_silence_proves_no_fitness);
	tcase_add_test(tc, a_slow_required_check_counts);
	tc = suite_case(suite, "storage");
	tcase_add_test(tc, a_slow_storage_check_counts);
	tcase_add_test(tc, a_storage_probe_before_the_failure_is_no_reason_to_give);
	tcase_add_test(tc, a_holder_asks_its_own_storage_once_more_before_it_gives);
	tcase_add_test(tc, a_holder_gives_its_storage_as_long_as_the_outage_was);
	tcase_add_test(tc, a_holder_waits_for_the_answer_to_its_probe);
	tcase_add_test(tc, what_the_peer_said_before_its_own_storage_failed_is_no_reason_to_give);
	return suite_run(suite);
}
