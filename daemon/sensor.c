#include "daemon/sensor.h"

#include <stdio.h>
#include <string.h>

#define UNAVAILABLE 0x20 /* IPMI 2.0 table 35-15, byte 3 */
#define SCANNING    0x40

/* IPMI 2.0 table 42-1. */
#define EVENT_THRESHOLD  0x01
#define EVENT_ASSERTED   0x03
#define EVENT_PREDICTIVE 0x04
#define EVENT_LIMIT      0x05
#define EVENT_SEVERITY   0x07
#define EVENT_PRESENCE   0x08
#define EVENT_REDUNDANCY 0x0b
#define EVENT_SPECIFIC   0x6f
/* Table 42-3. */
#define SENSOR_POWER_SUPPLY 0x08
#define SENSOR_DRIVE_BAY    0x0d

struct meaning {
	uint8_t event_type, type; /* type 0: of every sensor */
	uint16_t required;        /* a state of these, or it is absent; 0: none */
	uint16_t bad;
	const char *names[12]; /* of the states */
};

static const struct meaning meanings[] = {
	/* Comparison status, table 35-15: non-critical ones (bits 0 and 3) are only told. */
	{ EVENT_THRESHOLD, 0, 0, 0x36,
		{ "below its non-critical limit", "below its critical limit", "below its non-recoverable limit",
			"above its non-critical limit", "above its critical limit",
			"above its non-recoverable limit" } },
	{ EVENT_ASSERTED, 0, 0, 0x02, { NULL, "asserted" } },
	{ EVENT_PREDICTIVE, 0, 0, 0x02, { NULL, "failure predicted" } },
	{ EVENT_LIMIT, 0, 0, 0x02, { NULL, "limit exceeded" } },
	{ EVENT_SEVERITY, 0, 0, 0x6c,
		{ NULL, "non-critical", "critical", "non-recoverable", "non-critical", "critical", "non-recoverable",
			"monitor", "informational" } },
	{ EVENT_PRESENCE, 0, 0, 0x01, { "absent" } },
	{ EVENT_REDUNDANCY, 0, 0, 0xfe,
		{ "fully redundant", "redundancy lost", "redundancy degraded", "not redundant",
			"not redundant, sufficient", "not redundant, insufficient", "redundancy degraded",
			"redundancy degraded" } },
	{ EVENT_SPECIFIC, SENSOR_POWER_SUPPLY, 0x01, 0x7a,
		{ "present", "failed", "failure predicted", "input lost", "input lost or out of range",
			"input out of range", "configuration error", "inactive" } },
	{ EVENT_SPECIFIC, SENSOR_DRIVE_BAY, 0x01, 0x62,
		{ "present", "drive fault", "failure predicted", "hot spare", "consistency check",
			"in a critical array", "in a failed array", "rebuilding", "rebuild aborted" } },
};

static void
append(char detail[HEALTH_DETAIL], const char *text)
{
	size_t length = strlen(detail);

	(void)snprintf(detail + length, HEALTH_DETAIL - length, "%s%s", length == 0 ? "" : ", ", text);
}

static enum health_result
judge_chassis(const struct fence_sensor *sensor, char detail[HEALTH_DETAIL])
{
	/* IPMI 2.0 table 28-3. */
	static const struct {
		bool misc;
		uint8_t bit;
		const char *name;
	} faults[] = {
		{ false, 0x02, "power overload" },
		{ false, 0x08, "main power fault" },
		{ false, 0x10, "power control fault" },
		{ true, 0x04, "drive fault" },
		{ true, 0x08, "cooling fault" },
	};

	detail[0] = '\0';
	for (unsigned i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if ((faults[i].misc ? sensor->misc_state : sensor->power_state) & faults[i].bit)
			append(detail, faults[i].name);
	if (detail[0] != '\0')
		return HEALTH_FAILED;
	append(detail, "no fault");
	return HEALTH_OK;
}

static const struct meaning *
meaning_of(const struct fence_sensor *sensor)
{
	for (unsigned i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].event_type == sensor->event_type &&
			(meanings[i].type == 0 || meanings[i].type == sensor->type))
			return &meanings[i];
	return NULL;
}

static enum health_result
judge_reading(const struct fence_sensor *sensor, const char *name, char detail[HEALTH_DETAIL])
{
	const struct meaning *meaning = meaning_of(sensor);

	if (!meaning) {
		(void)snprintf(detail, HEALTH_DETAIL, "%s: nobody knows what its states mean (type %02x, reading %02x)",
			name, sensor->type, sensor->event_type);
		return HEALTH_UNKNOWN;
	}
	if ((sensor->flags & UNAVAILABLE) || !(sensor->flags & SCANNING)) {
		(void)snprintf(detail, HEALTH_DETAIL, "%s: the IMM has no reading", name);
		return HEALTH_UNKNOWN;
	}
	(void)snprintf(detail, HEALTH_DETAIL, "%s", name);
	if ((sensor->states & meaning->required) != meaning->required) {
		append(detail, "absent");
		return HEALTH_FAILED;
	}
	for (unsigned i = 0; i < sizeof(meaning->names) / sizeof(meaning->names[0]); i++)
		if ((sensor->states >> i & 1) && meaning->names[i])
			append(detail, meaning->names[i]);
	if (sensor->states & meaning->bad)
		return HEALTH_FAILED;
	if (strcmp(detail, name) == 0)
		append(detail, "ok");
	return HEALTH_OK;
}

static const char *
error_text(enum fence_error error)
{
	switch (error) {
	case FENCE_OK:
		break;
	case FENCE_UNREACHABLE:
		return "it cannot be reached";
	case FENCE_AUTHENTICATION:
		return "user or password is wrong";
	case FENCE_PRIVILEGE:
		return "the user's privilege does not suffice";
	case FENCE_CIPHER:
		return "cipher suite 3 is refused";
	case FENCE_SESSIONS:
		return "it has no free session";
	case FENCE_REFUSED:
		return "it refused";
	case FENCE_GARBAGE:
		return "its answer cannot be read";
	case FENCE_TIMEOUT:
	case FENCE_NOT_SENT:
		return "no answer in time";
	case FENCE_CONFIG:
		return "its user or password cannot be used, see ha-fence check-config";
	case FENCE_WORKER:
	case FENCE_ERRORS:
		break;
	}
	return "the fence process does not answer";
}

/* S10: NULL, or why this IMM's word is not taken. */
static const char *
stranger(const struct fence_report *report, const struct config_imm *imm, const struct ha_guid *guid)
{
	if (imm->guid_none)
		return NULL;
	if (!report->guid_known)
		return "it does not tell its GUID";
	if (ha_guid_is_set(&imm->guid))
		return ha_guid_same(&report->guid, &imm->guid) ? NULL : "its GUID is not the configured one";
	if (!ha_guid_is_set(guid))
		return "this machine's GUID is not known, so it may be another's";
	return ha_guid_same(&report->guid, guid) ? NULL : "its GUID is not this machine's";
}

enum health_result
sensor_judge(const struct fence_report *report, const struct config_imm *imm, const struct ha_guid *guid,
	const char *sensor, char detail[HEALTH_DETAIL])
{
	const char *why = report->error != FENCE_OK ? error_text(report->error) : stranger(report, imm, guid);
	char text[HEALTH_DETAIL] = "";
	enum health_result result = HEALTH_UNKNOWN;

	if (why && report->error == FENCE_REFUSED)
		(void)snprintf(text, sizeof(text), "own IMM: %s (%02x)", why, report->completion);
	else if (why)
		(void)snprintf(text, sizeof(text), "own IMM: %s", why);
	else if (report->sensor.kind == FENCE_SENSOR_ABSENT)
		(void)snprintf(text, sizeof(text), "own IMM: it has no sensor \"%s\"", sensor);
	else if (report->sensor.kind == FENCE_SENSOR_CHASSIS)
		result = judge_chassis(&report->sensor, text);
	else if (report->sensor.kind == FENCE_SENSOR_READING)
		result = judge_reading(&report->sensor, sensor, text);
	health_detail_set(detail, text);
	return result;
}
