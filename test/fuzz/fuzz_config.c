/* libFuzzer: any bytes as a configuration. Nothing may crash; what is accepted must show itself, and without masked
 * values be accepted again with the same VIPs.
 *
 * options: -max_len=1536 */
#include "lib/config_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 leaks the string it was in when it meets a syntax error; that is not ours to find here. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

static void
show_again(const struct config *config)
{
	struct config *again = NULL;
	struct config_problems *problems = NULL;
	char *shown = config_show(config);

	if (!shown)
		abort();
	if (config_load_text("shown.conf", shown, strlen(shown), config->nodes[0].name, NULL, 0, &again, &problems) !=
		0)
		abort();
	if (memcmp(config->vip_digest, again->vip_digest, CONFIG_DIGEST) != 0)
		abort();
	config_free(again);
	config_problems_free(problems);
	free(shown);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = NULL;
	struct config_problems *problems = NULL;
	unsigned flags = size > 0 && data[0] & 1 ? CONFIG_PASSWORDS : 0;
	int r = config_load_text(
		"fuzz.conf", (const char *)data, size, NULL, "NodeA", flags | CONFIG_NO_LOCAL, &config, &problems);

	if ((r == 0) != (config_problems_errors(problems) == 0))
		abort(); /* each refusal has its reason */
	if (r == 0)
		show_again(config);
	config_free(config);
	config_problems_free(problems);
	return 0;
}
