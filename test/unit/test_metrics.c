/* Prometheus' text: every line parses, every series is there once, and counters count what happened. */
#include "daemon/metrics.h"
#include "daemon/metrics_text.h"
#include "test/unit/suite.h"

#include <check.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
note(struct metrics *metrics, ha_time now, enum node_note_type type, uint64_t a, uint64_t b)
{
	const struct node_note n = { .type = type, .a = a, .b = b };
	metrics_note(metrics, now, &n, NODE_PROOF_OFF);
}

static struct metrics
a_failover(void)
{
	struct metrics metrics = { 0 };
	note(&metrics, 1 * HA_SEC, NODE_NOTE_CLAIM, 7, 0);
	note(&metrics, 4 * HA_SEC, NODE_NOTE_FENCE, FENCE_NOTE_ORDERED, 0);
	note(&metrics, 4 * HA_SEC, NODE_NOTE_FENCE, FENCE_NOTE_SENT, 0);
	note(&metrics, 4 * HA_SEC, NODE_NOTE_FENCE, FENCE_NOTE_ANSWERED, 0);
	note(&metrics, 5200 * HA_MS, NODE_NOTE_FENCE, FENCE_NOTE_OFF, 0);
	note(&metrics, 5200 * HA_MS, NODE_NOTE_ADDED, 0, 4900 * HA_MS);
	note(&metrics, 5200 * HA_MS, NODE_NOTE_STATE, NODE_ADDING, NODE_MASTER);
	note(&metrics, 6 * HA_SEC, NODE_NOTE_POWER_UP, RESTORE_ORDERED, 2);
	metrics_advert(&metrics, 6 * HA_SEC, HA_SEC, 100);
	metrics_advert(&metrics, 7003 * HA_MS, HA_SEC, 100);
	metrics_advert(&metrics, 7500 * HA_MS, HA_SEC, 0);
	metrics_advert(&metrics, 900 * HA_SEC, HA_SEC, 100); /* a new mastership is not late */
	return metrics;
}

START_TEST(counts)
{
	struct metrics metrics = a_failover();
	ck_assert_uint_eq(metrics.adverts_sent, 4);
	ck_assert_uint_eq(metrics.lateness.counts[0], 1); /* the early one */
	ck_assert_uint_eq(metrics.lateness.counts[2], 1); /* 3 ms */
	ck_assert_uint_eq(metrics.lateness.sum, 3 * HA_MS);
	ck_assert_uint_eq(metrics.failovers[NODE_PROOF_OFF], 1);
	ck_assert_uint_eq(metrics.actions[METRICS_OFF_ANSWERED], 1);
	ck_assert_uint_eq(metrics.actions[METRICS_ON_SENT], 1);
	ck_assert_uint_eq(metrics.fences.sum, 1200 * HA_MS);
	ck_assert_uint_eq(metrics.outages.sum, 4900 * HA_MS);
	/* Values that no version of the node makes. */
	for (unsigned type = 0; type < NODE_NOTES; type++)
		note(&metrics, HA_SEC, (enum node_note_type)type, UINT64_MAX, HA_NEVER);
	const struct node_note added = { .type = NODE_NOTE_ADDED, .b = HA_NEVER };
	metrics_note(&metrics, HA_SEC, &added, (enum node_proof)99);
}
END_TEST

static json_t *
status(void)
{
	static const char text[] =
		"{'version':'0.1.0','cluster':'tom\\\\cat','node':'NodeA','summary':'PROTECTED','state':'MASTER','"
		"holding':true,"
		"'priority':100,'effective_priority':90,'vips':[{'address':'192.0.2.1','interface':'eth0','present':"
		"true}],"
		"'peer':{'name':'NodeB','heard':true,'ever':true,'state':'BACKUP','fit':true,'standby':false,"
		"'can_fence_me':true,'config_same':false,'config_settings':['fence.after',7],'links':[{'address':'192."
		"0.2.3','age_ms':100},{'address':'192."
		"0.2.4',"
		"'age_ms':null}]},'fence':{'configured':true,'reachable':true,'error':'ok','power':'on','rtt_ms':4.5},"
		"'health':[{'name':'web','type':'http','ok':true,'ms':14},{'name':'later','type':'tcp','ok':null,'ms':"
		"null}],"
		"'alarms':[{'name':'fenced'}],'adverts':{'from_peer':3,'foreign':0,'invalid':1},"
		"'messages':[{'address':'192.0.2.3','received':7,'rejected':1,'sent':8,'send_failed':0}],"
		"'workers':{'fence':{'restarts':0},'health':{'restarts':2}}}";
	char *copy = strdup(text);
	for (char *c = copy; *c != '\0'; c++)
		*c = *c == '\'' ? '"' : *c;
	json_error_t error;
	json_t *json = json_loads(copy, 0, &error);
	ck_assert_msg(json != NULL, "%s", error.text);
	free(copy);
	return json;
}

static char *
text_of(json_t *json)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	metrics_text_write(out, json, 1700000000.5);
	ck_assert_int_eq(fclose(out), 0);
	json_decref(json);
	return text;
}

static bool
has(const char *text, const char *line)
{
	const char *at = strstr(text, line);
	return at != NULL && (at == text || at[-1] == '\n') && at[strlen(line)] == '\n';
}

START_TEST(lines)
{
	struct metrics metrics = a_failover();
	metrics_tested(&metrics, 1699999999, 2);
	json_t *json = status();
	json_object_set_new(json, "metrics", metrics_json(&metrics));
	char *text = text_of(json);
	static const char *const expected[] = {
		"ha_fence_node_state{cluster=\"tom\\\\cat\",node=\"NodeA\",state=\"MASTER\"} 1",
		"ha_fence_node_state{cluster=\"tom\\\\cat\",node=\"NodeB\",state=\"MASTER\"} 0",
		"ha_fence_vip_held{cluster=\"tom\\\\cat\",address=\"192.0.2.1\",interface=\"eth0\"} 1",
		"ha_fence_protected{cluster=\"tom\\\\cat\"} 1", "ha_fence_peer_ready{cluster=\"tom\\\\cat\"} 1",
		"ha_fence_peer_last_message_timestamp_seconds{cluster=\"tom\\\\cat\",link=\"192.0.2.3\"} "
		"1700000000.4000001",
		"ha_fence_priority{cluster=\"tom\\\\cat\",type=\"effective\"} 90",
		"ha_fence_device_up{cluster=\"tom\\\\cat\",target=\"NodeB\",device=\"imm\"} 1",
		"ha_fence_chassis_power_on{cluster=\"tom\\\\cat\",target=\"NodeB\"} 1",
		"ha_fence_check_up{cluster=\"tom\\\\cat\",check=\"web\",type=\"http\"} 1",
		"ha_fence_alarm_active{cluster=\"tom\\\\cat\",alarm=\"fenced\",severity=\"warning\"} 1",
		"ha_fence_alarm_active{cluster=\"tom\\\\cat\",alarm=\"claim-stuck\",severity=\"critical\"} 0",
		"ha_fence_advertisements_sent_total{cluster=\"tom\\\\cat\"} 4",
		"ha_fence_advertisements_received_total{cluster=\"tom\\\\cat\",result=\"invalid\"} 1",
		"ha_fence_advert_lateness_seconds_bucket{cluster=\"tom\\\\cat\",le=\"0.005\"} 2",
		"ha_fence_advert_lateness_seconds_count{cluster=\"tom\\\\cat\"} 2",
		"ha_fence_outage_seconds_bucket{cluster=\"tom\\\\cat\",le=\"2.5\"} 0",
		"ha_fence_outage_seconds_bucket{cluster=\"tom\\\\cat\",le=\"5\"} 1",
		"ha_fence_peer_messages_total{cluster=\"tom\\\\cat\",link=\"192.0.2.3\",direction=\"in\",result="
		"\"rejected\"} 1",
		"ha_fence_failovers_total{cluster=\"tom\\\\cat\",proof=\"OFF\"} 1",
		"ha_fence_fence_actions_total{cluster=\"tom\\\\cat\",target=\"NodeB\",action=\"off\",result="
		"\"answered\"} 1",
		"ha_fence_worker_restarts_total{cluster=\"tom\\\\cat\",worker=\"health\"} 2",
		"ha_fence_config_in_sync{cluster=\"tom\\\\cat\"} 0",
		"ha_fence_config_setting_differs{cluster=\"tom\\\\cat\",setting=\"fence.after\"} 1",
		"ha_fence_config_last_reload_successful{cluster=\"tom\\\\cat\"} 1",
		"ha_fence_last_test_timestamp_seconds{cluster=\"tom\\\\cat\"} 1699999999",
		"ha_fence_last_test_failures{cluster=\"tom\\\\cat\"} 2",
		"ha_fence_build_info{cluster=\"tom\\\\cat\",version=\"0.1.0\"} 1"
	};
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		ck_assert_msg(has(text, expected[i]), "no line %s in\n%s", expected[i], text);
	/* What is not known has no line. */
	ck_assert_ptr_null(strstr(text, "check=\"later\""));
	ck_assert_ptr_null(strstr(text, "192.0.2.4"));
	ck_assert_ptr_null(strstr(text, "ha_fence_device_error{"));
	ck_assert_ptr_null(strstr(text, "instance="));
	free(text);
}
END_TEST

/* Each family once, each sample under its own family. */
START_TEST(families)
{
	char *text = text_of(status()), family[80] = "";
	unsigned count = 0;
	for (char *rest, *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		if (strncmp(line, "# HELP ", 7) == 0)
			continue;
		if (sscanf(line, "# TYPE %79s", family) == 1) {
			count++;
			continue;
		}
		ck_assert_msg(strncmp(line, family, strlen(family)) == 0, "%s in %s", line, family);
		ck_assert_ptr_nonnull(strstr(line, "{cluster=\""));
	}
	ck_assert_uint_eq(count, 28);
	free(text);
}
END_TEST

START_TEST(nothing_known)
{
	free(text_of(json_object()));
	free(text_of(json_array()));
}
END_TEST

START_TEST(tested)
{
	static const struct {
		const char *text;
		int result;
	} table[] = { { "ha-fence test 1 1700000000 3\n", 0 }, { "", -EBADMSG }, { "ha-fence test 2 5 5\n", -EBADMSG },
		{ "ha-fence test 1 -5 5\n", -EBADMSG }, { "x", -EBADMSG } };
	char folder[] = "/tmp/test_metrics.XXXXXX", path[64];
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/" METRICS_TESTED, folder);
	struct metrics metrics = { 0 };
	ck_assert_int_eq(metrics_read_tested(folder, &metrics), 0);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		FILE *f = fopen(path, "w");
		fputs(table[i].text, f);
		fclose(f);
		ck_assert_int_eq(metrics_read_tested(folder, &metrics), table[i].result);
	}
	ck_assert_int_eq(metrics.tested, 1700000000);
	ck_assert_uint_eq(metrics.test_failures, 3);
	unlink(path);
	rmdir(folder);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tcase = suite_case(suite, "metrics");
	tcase_add_test(tcase, counts);
	tcase_add_test(tcase, lines);
	tcase_add_test(tcase, families);
	tcase_add_test(tcase, nothing_known);
	tcase_add_test(tcase, tested);
	return suite_run(suite);
}
