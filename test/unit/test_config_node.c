/* From the file's words to the node's: what is not simply copied. */
#include "daemon/node_config.h"

#include "test/unit/config_pair.h"
#include "test/unit/suite.h"

#include <stdlib.h>

#define DEVICE(name, plug, rest)                                                                                       \
	"{ name = \"" name "\"; agent = \"fence_dummy\"; authenticated = true; options = ( \"plug=" plug "\" ); " rest \
	"}"

/* S9: two backups in a split, and agents that are slow: the lower one waits for the effect of the higher one's order.
 */
static void
expect_shown(const struct config *config, const char *derived)
{
	char *shown = config_show(config);

	ck_assert_ptr_nonnull(strstr(shown, "priority_fencing_delay = 10.0;"));
	if (derived)
		ck_assert_msg(strstr(shown, derived) != NULL, "%s not in %s", derived, shown);
	else
		ck_assert_ptr_null(strstr(shown, "in effect on"));
	free(shown);
}

START_TEST(lower_priority_waits_for_slow_agents)
{
	static const struct {
		const char *devices; /* of NodeA, which NodeB switches */
		ha_time a, b;        /* the delay of each */
		const char *shown;   /* of NodeA's by show-config; NULL: only what is configured */
	} cases[] = {
		{ "", 10 * HA_SEC, 10 * HA_SEC, NULL },
		{ "devices = ( " DEVICE("p", "1", "") " );", 50 * HA_SEC, 10 * HA_SEC,
			"NodeA: 50.0; twice what its device p may take, timeout = 20.0 and 5.0 s\n" },
		{ "devices = ( " DEVICE("p", "1", "timeout = 3.0; ") ", " DEVICE("q", "2", "timeout = 1.0; ") " );",
			16 * HA_SEC, 10 * HA_SEC,
			"NodeA: 16.0; twice what its device p may take, timeout = 3.0 and 5.0 s\n" },
	};
	static const struct ha_guid none;

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char line[600];
		struct node_config node;
		(void)snprintf(line, sizeof(line), "    priority = 100; %s", cases[i].devices);
		char *text = with_line(6, line);
		struct loaded a = load(text), b = load_flags(text, "NodeB", NULL, 0);

		expect_good(&a);
		expect_good(&b);
		node_config_from(a.config, &none, &node);
		ck_assert_uint_eq(node.priority_fencing_delay, cases[i].a);
		node_config_from(b.config, &none, &node);
		ck_assert_uint_eq(node.priority_fencing_delay, cases[i].b);
		expect_shown(a.config, cases[i].shown);
		expect_shown(b.config, NULL);
		free(text);
		unload(&a);
		unload(&b);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node_config");
	TCase *config = suite_case(suite, "config");
	tcase_add_test(config, lower_priority_waits_for_slow_agents);
	return suite_run(suite);
}
