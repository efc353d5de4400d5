/* The table of settings is what parser, show-config, digest and manual rely on. */
#include "lib/config_schema.h"
#include "test/unit/suite.h"

#include <stdio.h>
#include <string.h>

/* The table is what parser, show and digest rely on. */
START_TEST(the_table)
{
	for (const struct config_spec *spec = config_specs; spec->name; spec++) {
		unsigned same = 0;

		ck_assert_msg(spec->help && *spec->help, "%s has no help", spec->name);
		ck_assert_msg(spec->min <= spec->max || spec->max == 0, "%s: range", spec->name);
		for (const struct config_spec *other = config_specs; other->name; other++)
			same += other->scope == spec->scope && strcmp(other->name, spec->name) == 0;
		ck_assert_msg(same == 1, "%s is twice in the table", spec->name);
	}
}
END_TEST

/* Each setting stands in its section of the manual. */
START_TEST(the_manual)
{
	static char text[131072];
	FILE *in = fopen("docs/ha-fenced.conf.5", "r");

	ck_assert_msg(in != NULL, "run this from the source's root");
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	for (const struct config_spec *spec = config_specs; spec->name; spec++) {
		char section[64], item[64], *begin, *end, *found;

		if (spec->scope == CONFIG_SCOPE_ROOT || spec->scope == CONFIG_SCOPE_HEALTH)
			continue;
		snprintf(section, sizeof(section), "\n.Ss %s\n",
			spec->scope == CONFIG_SCOPE_CHECK ? "health" : config_scope_names[spec->scope]);
		snprintf(item, sizeof(item), "\n.It Ic %s\n", spec->name);
		begin = strstr(text, section);
		ck_assert_msg(begin != NULL, "no section %s", section);
		end = strstr(begin + 1, "\n.S");
		found = strstr(begin, item);
		ck_assert_msg(
			found && found < end, "the manual lacks %s.%s", config_scope_names[spec->scope], spec->name);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config table");
	TCase *tc = suite_case(suite, "config table");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, the_table);
	tcase_add_test(tc, the_manual);
	return suite_run(suite);
}
