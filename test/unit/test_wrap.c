/* On a terminal no line is cut in a word; a command stays whole as long as a line can hold it. */
#include "daemon/cli_wrap.h"

#include "test/unit/suite.h"

#include <stdlib.h>

static const struct {
	int columns, indent;
	const char *text, *expected;
} cases[] = {
	{ 0, 2, "more than twenty columns of text", "  more than twenty columns of text\n" },
	{ 20, 2, "more than twenty columns of text", "  more than twenty\n  columns of text\n" },
	{ 20, 2, "it fits: 18 columns", "  it fits: 18\n  columns\n" },
	{ 21, 2, "it fits: 19 columns", "  it fits: 19 columns\n" },
	{ 24, 2, "12. You SEE that it is off", "  12. You SEE that it is\n      off\n" },
	{ 24, 2, "   behind the number above", "     behind the number\n     above\n" },
	{ 24, 2, "It is off:  ha-fence confirm", "  It is off:\n  ha-fence confirm\n" },
	{ 24, 2, "Off:  ha-fence confirm", "  Off:  ha-fence confirm\n" },
	{ 20, 2, "Off:  ha-fence confirm-off NodeA", "  Off:  ha-fence\n  confirm-off NodeA\n" },
	{ 20, 2, "nodes.NodeA.imm.password_file is bad", "  nodes.NodeA.imm.password_file\n  is bad\n" },
	{ 20, 0, "\303\244\303\266\303\274 1234567890 12345", "\303\244\303\266\303\274 1234567890 12345\n" },
	{ 20, 2, "a\033[2J b", "  a?[2J b\n" },
	{ 20, 2, "", "  \n" },
	{ 20, 2, "  ", "  \n" },
};

START_TEST(wrapped)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	cli_put_wrapped(out, cases[_i].columns, cases[_i].indent, cases[_i].text);
	(void)fclose(out);
	ck_assert_str_eq(text, cases[_i].expected);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wrap");
	TCase *lines = suite_case(suite, "lines");

	tcase_add_loop_test(lines, wrapped, 0, sizeof(cases) / sizeof(*cases));
	return suite_run(suite);
}
