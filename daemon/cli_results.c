#include "daemon/cli_results.h"

#include "daemon/cli_text.h"

#include <stdarg.h>
#include <string.h>

#define CHECK_COLUMNS  15
#define DETAIL_COLUMNS 56

static const char *
verdict_name(enum cli_verdict verdict)
{
	switch (verdict) {
	case CLI_PASS:
		return "pass";
	case CLI_WARNING:
		return "warn";
	case CLI_FAIL:
		return "fail";
	case CLI_SKIP:
		return "skip";
	}
	return "fail";
}

void
cli_result_add(json_t *results, const char *check, enum cli_verdict verdict, double ms, const char *remedy,
	const char *format, ...)
{
	json_t *result = json_object();
	va_list arguments;

	va_start(arguments, format);
	json_t *detail = json_vsprintf(format, arguments);

	va_end(arguments);
	(void)json_object_set_new(result, "check", json_string(check));
	(void)json_object_set_new(result, "result", json_string(verdict_name(verdict)));
	(void)json_object_set_new(result, "detail", detail);
	(void)json_object_set_new(result, "remedy", remedy ? json_string(remedy) : json_null());
	(void)json_object_set_new(result, "ms", ms < 0 ? json_null() : json_real(ms));
	(void)json_array_append_new(results, result);
}

unsigned
cli_results_count(const json_t *results, enum cli_verdict verdict)
{
	const json_t *result;
	size_t index;
	unsigned count = 0;

	json_array_foreach(results, index, result) count +=
		strcmp(cli_json_string(result, "result", ""), verdict_name(verdict)) == 0;
	return count;
}

bool
cli_results_passed(const json_t *results, const char *check)
{
	const json_t *result;
	size_t index;

	json_array_foreach(results, index, result)
	{
		if (strcmp(cli_json_string(result, "check", ""), check) == 0 &&
			strcmp(cli_json_string(result, "result", ""), "pass") == 0)
			return true;
	}
	return false;
}

bool
cli_results_could_fence(const json_t *results)
{
	static const char *const needed[] = { "config", "imm-reach", "imm-login", "imm-cipher", "imm-privilege",
		"imm-power", "imm-identity" };
	const json_t *result;
	size_t index;
	unsigned passed = 0;

	json_array_foreach(results, index, result)
	{
		const char *check = cli_json_string(result, "check", ""), *word = cli_json_string(result, "result", "");

		for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
			if (strcmp(check, needed[i]) != 0)
				continue;
			if (strcmp(word, "pass") != 0 && strcmp(word, "warn") != 0)
				return false;
			passed |= 1U << i;
		}
	}
	return passed == (1U << (sizeof(needed) / sizeof(needed[0]))) - 1;
}

static void
print_result(FILE *out, bool colour, const json_t *result)
{
	const char *word = cli_json_string(result, "result", "fail"), *remedy = cli_json_string(result, "remedy", "");
	const char *detail = cli_json_string(result, "detail", "");
	bool failed = strcmp(word, "fail") == 0;
	enum cli_tone tone = failed                      ? CLI_BAD
			     : strcmp(word, "pass") == 0 ? CLI_GOOD
			     : strcmp(word, "warn") == 0 ? CLI_WARN
							 : CLI_PLAIN;
	char ms[CLI_LENGTH_TEXT];

	cli_paint(out, colour, tone, 6, failed ? "FAIL" : word);
	cli_paint(out, false, CLI_PLAIN, CHECK_COLUMNS, cli_json_string(result, "check", "?"));
	(void)fputc(' ', out);
	if (cli_json_is_null(result, "ms")) {
		cli_put(out, detail);
	} else {
		cli_paint(out, false, CLI_PLAIN, DETAIL_COLUMNS, detail);
		(void)fprintf(out, "%8s", cli_milliseconds(cli_json_number(result, "ms", -1), ms));
	}
	(void)fputc('\n', out);
	for (bool first = true; *remedy; first = false) {
		size_t length = strcspn(remedy, "\n");

		(void)fprintf(out, "      %s %.*s\n", first ? "fix:" : "    ", (int)length, remedy);
		remedy += length + (remedy[length] == '\n');
	}
}

void
cli_results_render(FILE *out, bool colour, const json_t *results, double seconds, const char *verdict)
{
	unsigned failed = cli_results_count(results, CLI_FAIL), warnings = cli_results_count(results, CLI_WARNING);
	unsigned passed = cli_results_count(results, CLI_PASS), skipped = cli_results_count(results, CLI_SKIP);
	const json_t *result;
	size_t index;

	json_array_foreach(results, index, result) print_result(out, colour, result);
	(void)fputc('\n', out);
	if (failed > 0)
		(void)fprintf(out, "%u failed, ", failed);
	if (warnings > 0)
		(void)fprintf(out, "%u warning%s, ", warnings, warnings == 1 ? "" : "s");
	(void)fprintf(out, "%u passed", passed);
	if (skipped > 0)
		(void)fprintf(out, ", %u skipped", skipped);
	(void)fprintf(out, " (%.1f s).  ", seconds);
	cli_put(out, verdict);
	(void)fputc('\n', out);
}
