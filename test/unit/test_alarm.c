/* The alarms' names are an interface: scripts, dashboards and the peer know them. */
#include "daemon/alarm.h"
#include "daemon/note.h"
#include "test/unit/suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* DESIGN section 6, in its order, which is that of the bits on the wire. */
static const char *const critical[] = { "claim-stuck", "waiting-for-peer", "off-failed", "vip-conflict",
	"vip-add-failed", "vip-lost", "dirty-release" };
static const char *const warning[] = { "fenced", "no-standby", "fence-unreachable", "fence-authentication",
	"fence-privilege", "fence-cipher", "fence-sessions", "fence-identity", "fence-slow", "path-down",
	"vrrp-blocked", "path-asymmetric", "link-down", "advert-mismatch", "config-differs", "config-invalid",
	"check-failed", "storage-hung", "stalled", "worker-restarted", "loop-averted", "power-up-failed", "standby-on",
	"paused", "resources" };

START_TEST(names_order_and_severity)
{
	ck_assert_uint_eq(ALARMS, COUNT(critical) + COUNT(warning));
	for (unsigned i = 0; i < ALARMS; i++) {
		bool is_critical = i < COUNT(critical);
		const char *name = is_critical ? critical[i] : warning[i - COUNT(critical)];
		enum alarm found = ALARMS;

		ck_assert_str_eq(alarm_name((enum alarm)i), name);
		ck_assert_int_eq(alarm_severity((enum alarm)i), is_critical ? ALARM_CRITICAL : ALARM_WARNING);
		ck_assert(alarm_by_name(name, &found));
		ck_assert_uint_eq(found, i);
		ck_assert_uint_eq(alarm_bit((enum alarm)i), UINT64_C(1) << i);
	}
}
END_TEST

START_TEST(no_such_alarm)
{
	static const char *const names[] = { "", "claim", "claim-stuck ", "CLAIM-STUCK", "claim-stuck-x" };

	for (size_t i = 0; i < COUNT(names); i++) {
		enum alarm found = ALARM_PAUSED;

		ck_assert(!alarm_by_name(names[i], &found));
		ck_assert_int_eq(found, ALARM_PAUSED);
	}
}
END_TEST

START_TEST(summaries_fit_a_line)
{
	for (unsigned i = 0; i < ALARMS; i++) {
		const char *summary = alarm_summary((enum alarm)i);
		size_t length = strlen(summary);

		ck_assert_uint_gt(length, 10);
		ck_assert_uint_lt(length, 100);
		ck_assert_ptr_null(strchr(summary, '\n'));
		ck_assert_int_ne(summary[length - 1], '.');
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(summary, alarm_summary((enum alarm)k));
	}
}
END_TEST

/* journalctl -x: what is logged under an identifier has its entry there, with the right subject. */
START_TEST(the_catalog)
{
	static char text[1 << 17];
	FILE *in = popen("etc/catalog", "r");

	ck_assert_ptr_nonnull(in);
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	ck_assert_int_eq(pclose(in), 0);
	for (unsigned i = 0; i < ALARMS + NODE_NOTES; i++) {
		const struct node_note note = { .type = (enum node_note_type)(i - ALARMS), .a = UINT64_MAX };
		char id[NOTE_MESSAGE_ID], entry[128];

		if (i < ALARMS)
			snprintf(entry, sizeof(entry), "-- %s\nSubject: %s (", alarm_message_id((enum alarm)i, id),
				alarm_name((enum alarm)i));
		else
			snprintf(entry, sizeof(entry), "-- %s\nSubject: %s (", note_message_id(note.type, id),
				note_id(&note));
		ck_assert_msg(strstr(text, entry) != NULL, "the catalog lacks %s", entry);
	}
}
END_TEST

START_TEST(severity_names)
{
	ck_assert_str_eq(alarm_severity_name(ALARM_CRITICAL), "critical");
	ck_assert_str_eq(alarm_severity_name(ALARM_WARNING), "warning");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon/alarm");
	TCase *tc = suite_case(suite, "alarm");

	tcase_set_timeout(tc, 120); /* etc/catalog, on a busy machine */
	tcase_add_test(tc, names_order_and_severity);
	tcase_add_test(tc, the_catalog);
	tcase_add_test(tc, no_such_alarm);
	tcase_add_test(tc, summaries_fit_a_line);
	tcase_add_test(tc, severity_names);
	return suite_run(suite);
}
