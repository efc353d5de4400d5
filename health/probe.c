#include "health/probe.h"

#include <stdarg.h>
#include <stdio.h>

const struct health_kind *
health_kind_of(enum config_check_type type)
{
	switch (type) {
	case CONFIG_CHECK_HTTP:
		return &health_http;
	case CONFIG_CHECK_TCP:
		return &health_tcp;
	case CONFIG_CHECK_NFS:
		return &health_nfs;
	case CONFIG_CHECK_LINK:
		return &health_link;
	case CONFIG_CHECK_PING:
		return &health_ping;
	case CONFIG_CHECK_UNIT:
		return &health_unit;
	case CONFIG_CHECK_SCRIPT:
		return &health_script;
	case CONFIG_CHECK_FILE:
		return &health_file;
	case CONFIG_CHECK_IMM:
		break;
	}
	return &health_imm;
}

void
health_probe_answer(struct health_probe *probe, enum health_result result, const char *format, ...)
{
	char text[2 * HEALTH_DETAIL], detail[HEALTH_DETAIL];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	health_detail_set(detail, text);
	probe->answer(probe, result, detail);
}

/* Nobody asks this process for one's own IMM: daemon/sensors.h. */
static void
imm_nothing(struct health_probe *probe)
{
	(void)probe;
}

static void
imm_start(struct health_probe *probe)
{
	health_probe_answer(probe, HEALTH_UNKNOWN, "asked by the fence process");
}

const struct health_kind health_imm = {
	.open = imm_nothing, .start = imm_start, .stop = imm_nothing, .close = imm_nothing
};
