/* The page of `ha-fence history --html`: well-formed, self-contained, and what was recorded stays text. */
#include "daemon/cli_report.h"
#include "daemon/cli_timeline.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOSTILE "</title><script>alert('x')</script>&\"\x01"

/* JSON with ' for ", which is easier to read here. */
static json_t *
parse(const char *text)
{
	char *copy = strdup(text);
	for (char *c = copy; *c != '\0'; c++)
		*c = *c == '\'' ? '"' : *c;
	json_t *json = json_loads(copy, 0, NULL);
	ck_assert_msg(json != NULL, "%s", copy);
	free(copy);
	return json;
}

static json_t *
failover(void)
{
	return parse(
		"{'number':12,'title':'failover NodeA -> NodeB','cause':'NodeA is silent','from':'NodeA','to':'NodeB',"
		"'time':1700000000.25,'proof':'OFF','outage_ms':4900,'result':'serving','duration_ms':4800,"
		"'next':'look','fenced':true,'fence_ms':1200,"
		"'recorded_by':{'node':'NodeB','peer':'NodeA','version':'0.1.0','config':'3f9c1a','vips':'192.0.2.1/"
		"24'},"
		"'before':{'state':'BACKUP','peer_state':'MASTER','peer_held':true,'advert':1700000000.0,"
		"'advert_interval_ms':1000},'steps_dropped':3,'steps':["
		"{'time':1700000000.25,'ms':0,'id':'peer-silent','text':'last message','a':0,'b':0},"
		"{'time':1700000000.7,'ms':450,'id':'claim','text':'claim','a':7,'b':0},"
		"{'time':1700000000.7,'ms':450,'id':'state','text':'CLAIMING','a':1,'b':4},"
		"{'time':1700000000.8,'ms':460,'id':'fence-power-on','text':'on','a':1,'b':0},"
		"{'time':1700000003.8,'ms':3600,'id':'fence-sent','text':'sent','a':1,'b':0},"
		"{'time':1700000003.9,'ms':3700,'id':'fence-sample','text':'reading 1','a':1,'b':0},"
		"{'time':1700000005.0,'ms':4800,'id':'fence-off','text':'off','a':1,'b':0},"
		"{'time':1700000005.0,'ms':4800,'id':'added','text':'added','a':1,'b':0},"
		"{'time':1700000096.0,'ms':95900,'id':'power-up','text':'power-up','a':1,'b':2},"
		"{'time':1700000096.0,'ms':195900,'id':'peer-heard','text':'is back','a':1,'b':1}]}");
}

static char *
page_of(json_t *episode)
{
	json_t *episodes = json_pack("[o]", episode);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	cli_report_render(out, episodes);
	ck_assert_int_eq(fclose(out), 0);
	json_decref(episodes);
	return text;
}

/* Every element that is opened is closed, in order, and attributes are quoted. */
static void
check_well_formed(const char *page)
{
	char stack[64][16];
	unsigned depth = 0;
	for (const char *at = strchr(page, '<'); at != NULL; at = strchr(at, '<')) {
		bool closing = at[1] == '/';
		const char *name = at + 1 + closing, *end = name;
		size_t length = strcspn(name, " \t\n/>");
		while (*end != '\0' && *end != '>')
			end = *end == '"' ? strchr(end + 1, '"') + 1 : end + 1;
		ck_assert_msg(*end == '>', "an element without an end: %.40s", at);
		bool alone = end[-1] == '/' || *name == '!' || strncmp(name, "meta", 4) == 0;
		ck_assert_uint_lt(length, sizeof(stack[0]));
		if (closing) {
			ck_assert_uint_gt(depth, 0);
			depth--;
			ck_assert_msg(strncmp(stack[depth], name, length) == 0, "%s ends with %.20s", stack[depth], at);
		} else if (!alone) {
			ck_assert_uint_lt(depth, 64);
			snprintf(stack[depth++], sizeof(stack[0]), "%.*s", (int)length, name);
		}
		at = end;
	}
	ck_assert_uint_eq(depth, 0);
}

static unsigned
count(const char *text, const char *part)
{
	unsigned n = 0;
	for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
		n++;
	return n;
}

START_TEST(a_failover)
{
	char *page = page_of(failover());
	check_well_formed(page);
	ck_assert_uint_eq(count(page, "<g class=\"missed\""), 5 + 1); /* one of the legend */
	ck_assert_uint_eq(count(page, "<g class=\"command\""), 2 + 2);
	ck_assert_uint_eq(count(page, "<g class=\"proven\""), 1 + 1);
	ck_assert_ptr_nonnull(strstr(page, "NodeA may still hold it"));
	ck_assert_ptr_nonnull(strstr(page, "4.9 s"));
	ck_assert_ptr_nonnull(strstr(page, "3f9c1a"));
	ck_assert_ptr_nonnull(strstr(page, "+195.900 s"));
	ck_assert_ptr_nonnull(strstr(page, "3 more steps"));
	/* Nothing from elsewhere. */
	ck_assert_ptr_null(strstr(page, "http://"));
	ck_assert_ptr_null(strstr(page, "https://"));
	ck_assert_ptr_null(strstr(page, "url("));
	ck_assert_ptr_null(strstr(page, "<script"));
	ck_assert_ptr_null(strstr(page, "nan"));
	ck_assert_ptr_null(strstr(page, "inf"));
	free(page);
}
END_TEST

static void
spoil(json_t *value)
{
	const char *key;
	json_t *member;
	size_t index;
	json_object_foreach(value, key, member)
	{
		if (json_is_string(member))
			json_string_set(member, HOSTILE);
		else
			spoil(member);
	}
	json_array_foreach(value, index, member)
	{
		spoil(member);
	}
}

START_TEST(hostile_text)
{
	json_t *episode = failover();
	spoil(episode);
	json_object_set_new(episode, "result", json_string("serving"));
	char *page = page_of(episode);
	check_well_formed(page);
	ck_assert_ptr_null(strstr(page, "<script"));
	ck_assert_ptr_null(strchr(page, '\x01'));
	ck_assert_ptr_nonnull(strstr(page, "&lt;script&gt;alert(&#39;x&#39;)"));
	free(page);
}
END_TEST

/* A file that somebody has written by hand makes a poor page, not a broken one. */
START_TEST(strange_episodes)
{
	static const char *const texts[] = { "{}", "{'number':1}", "{'number':1,'steps':[]}",
		"{'number':1,'steps':[{},7,null]}",
		"{'number':1e300,'time':1e300,'duration_ms':1e300,'steps':[{'ms':1e308},{'ms':-1e308}]}",
		"{'number':1,'time':-1e12,'steps':7,'before':7,'recorded_by':7}",
		"{'number':1,'time':5,'before':{'advert':5,'advert_interval_ms':1e-9,'peer_held':true},'steps':[{'ms':"
		"1e9}]}",
		"{'number':1,'steps':[{'id':'state','b':9999},{'id':'state','b':-1},{'id':'power-up','a':77}]}" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *page = page_of(parse(texts[i]));
		check_well_formed(page);
		ck_assert_uint_lt(strlen(page), 100000);
		free(page);
	}
}
END_TEST

START_TEST(written_whole_or_not)
{
	char folder[] = "/tmp/test_page.XXXXXX", path[64], temporary[80];
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/page.html", folder);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	json_t *episodes = json_pack("[o]", failover());
	struct stat st;
	ck_assert_int_eq(cli_report_write(path, episodes), 0);
	ck_assert_int_eq(cli_report_write(path, episodes), 0); /* replaced */
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_gt(st.st_size, 5000);
	ck_assert_int_lt(stat(temporary, &st), 0);
	ck_assert_int_eq(symlink("/nowhere", temporary), 0);
	ck_assert_int_eq(cli_report_write(path, episodes), -EEXIST); /* nobody leads it elsewhere */
	unlink(temporary);
	unlink(path);
	rmdir(folder);
	ck_assert_int_eq(cli_report_write(path, episodes), -ENOENT);
	json_decref(episodes);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("history_page");
	TCase *tcase = suite_case(suite, "history_page");
	tcase_add_test(tcase, a_failover);
	tcase_add_test(tcase, hostile_text);
	tcase_add_test(tcase, strange_episodes);
	tcase_add_test(tcase, written_whole_or_not);
	return suite_run(suite);
}
