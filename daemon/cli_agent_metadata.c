/* What fence_ipmi_ha says about itself, to a cluster manager and to people. */
#include "daemon/cli_agent.h"

#include <string.h>

static const char *const actions[] = { "on", "off", "reboot", "status", "monitor", "metadata", "validate-all" };

/* As on stdin. */
static void
put_name(FILE *out, const char *name)
{
	for (; *name; name++)
		(void)fputc(*name == '-' ? '_' : *name, out);
}

static const char *
type_of(enum cli_agent_key key)
{
	switch ((int)key) {
	case AGENT_IPPORT:
	case AGENT_CIPHER:
		return "integer";
	case AGENT_LOGIN_TIMEOUT:
	case AGENT_POWER_TIMEOUT:
	case AGENT_POWER_WAIT:
	case AGENT_DELAY:
		return "second";
	default:
		return cli_agent_option(key)->flag ? "boolean" : "string";
	}
}

static void
put_parameter(FILE *out, enum cli_agent_key key, const char *name, const char *obsoletes, bool deprecated)
{
	const struct cli_agent_option *option = cli_agent_option(key);
	const char *type = type_of(key);

	(void)fputs("\t<parameter name=\"", out);
	put_name(out, name);
	(void)fprintf(out, "\" unique=\"0\" required=\"%d\"", key == AGENT_IP);
	if (deprecated)
		(void)fputs(" deprecated=\"1\"", out);
	if (obsoletes)
		(void)fprintf(out, " obsoletes=\"%s\"", obsoletes);
	(void)fputs(">\n\t\t<getopt mixed=\"", out);
	if (option->letter)
		(void)fprintf(out, "-%c, ", option->letter);
	(void)fprintf(out, "--%s", option->name);
	if (!option->flag) {
		(void)fputs("=[", out);
		put_name(out, option->name);
		(void)fputc(']', out);
	}
	(void)fprintf(out, "\" />\n\t\t<content type=\"%s\"", type);
	if (option->initial)
		(void)fprintf(out, " default=\"%s\"", option->initial);
	(void)fprintf(out, " />\n\t\t<shortdesc lang=\"en\">%s</shortdesc>\n\t</parameter>\n", option->describe);
}

void
cli_agent_metadata(FILE *out)
{
	(void)fputs(
		"<?xml version=\"1.0\" ?>\n"
		"<resource-agent name=\"" CLI_AGENT_NAME
		"\" shortdesc=\"Fence agent for IPMI 2.0, with proof of off\" >\n"
		"<longdesc>Powers a machine off, on, or off and then on by its IMM (BMC) over IPMI 2.0 (RMCP+, cipher "
		"suite 3), with ha-fenced's own code. off has succeeded only when the IMM has accepted a power-down "
		"and two readings after that have said off. A chassis cycle is never used.</longdesc>\n"
		"<vendor-url></vendor-url>\n<parameters>\n",
		out);
	for (unsigned i = 0; i < AGENT_KEYS; i++) {
		const struct cli_agent_option *option = cli_agent_option((enum cli_agent_key)i);

		if (!option->describe)
			continue;
		put_parameter(out, (enum cli_agent_key)i, option->name, i == AGENT_ACTION ? NULL : option->old, false);
		if (option->old && i != AGENT_ACTION)
			put_parameter(out, (enum cli_agent_key)i, option->old, NULL, true);
	}
	(void)fputs("</parameters>\n<actions>\n", out);
	for (unsigned i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		(void)fprintf(out, "\t<action name=\"%s\"%s />\n", actions[i], i == 0 ? " automatic=\"0\"" : "");
	(void)fputs("</actions>\n</resource-agent>\n", out);
}

void
cli_agent_usage(FILE *out)
{
	(void)fputs(
		"usage: " CLI_AGENT_NAME " [OPTION ...]     or     ha-fence agent [OPTION ...]\n"
		"A fence agent: power of a machine by its IMM, for Pacemaker. Without arguments the options are read\n"
		"from standard input, a line KEY=VALUE each; a password should come that way.\n\n",
		out);
	for (unsigned i = 0; i < AGENT_KEYS; i++) {
		const struct cli_agent_option *option = cli_agent_option((enum cli_agent_key)i);
		const char letter[] = { '-', option->letter, ',', '\0' };
		char names[48];

		if (!option->describe)
			continue;
		(void)snprintf(names, sizeof(names), "--%s%s", option->name, option->flag ? "" : "=...");
		(void)fprintf(out, "  %-3s %-22s %s%s%s%s\n", option->letter ? letter : "", names, option->describe,
			option->initial ? " [" : "", option->initial ? option->initial : "",
			option->initial ? "]" : "");
	}
	(void)fputs("\nExit status: 0 good, or on; 2 off (status only); 1 failed. See " CLI_AGENT_NAME "(8).\n", out);
}
