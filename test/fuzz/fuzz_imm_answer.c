/* What an IMM or a fence agent answers: the first byte chooses the question. An "off" is never read from anything but a
 * good answer to that question (S6), and no secret is shown of what an agent says (S11). */
#include "fence/agent_answer.h"
#include "fence/ask.h"
#include "fence/sensor.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool truth)
{
	if (!truth)
		abort();
}

static void
check_ipmi(enum fence_ask_kind kind, const uint8_t *data, size_t length)
{
	struct fence_report report = { .power = FENCE_POWER_UNKNOWN };

	fence_answer_parse(kind, data, length, &report);
	require(report.error < FENCE_ERRORS && report.power < FENCE_POWERS);
	if (report.power != FENCE_POWER_UNKNOWN)
		require(data[0] == 0 && length >= 2 && report.error == FENCE_OK &&
			(report.power == FENCE_POWER_ON) == ((data[1] & 1) != 0));
}

static void
check_agent(enum fence_order_type action, uint8_t status, const uint8_t *data, size_t length)
{
	struct fence_report report = { .power = FENCE_POWER_OFF };
	char *output = malloc(length + 1);

	require(output != NULL);
	memcpy(output, data, length);
	output[length] = '\0';
	fence_agent_answer(action, (status & 0x80) == 0, status & 0x7f, output, &report);
	require(report.error < FENCE_ERRORS && report.power < FENCE_POWERS);
	if (report.power == FENCE_POWER_OFF)
		require(action == FENCE_ORDER_READ && status == 2 && strstr(output, "Status: OFF"));
	free(output);
}

/* Secrets and, behind a NUL, what the agent complains of: no value of theirs is shown, and nothing that moves a cursor.
 */
static void
check_complaint(const uint8_t *data, size_t length)
{
	char *text = calloc(1, length + 2), line[FENCE_AGENT_COMPLAINT];

	require(text != NULL);
	memcpy(text, data, length);
	const char *output = text + strlen(text) + 1, *shown = fence_agent_complaint(output, text, line);

	require(memchr(line, '\0', sizeof(line)) || shown != line);
	for (char *rest = text, *secret = strsep(&rest, "\n"); secret; secret = strsep(&rest, "\n")) {
		const char *value = strchr(secret, '=');

		if (shown == line && value && value[1] != '\0')
			require(!strstr(output, value + 1));
	}
	for (; *shown != '\0'; shown++)
		require((unsigned char)*shown >= ' ');
	free(text);
}

static void
check_sensors(const uint8_t *data, size_t length)
{
	struct fence_sdr sdr = { .name = "" };
	struct fence_sensor sensor;
	struct ha_guid guid;

	if (fence_sdr_parse(data, length, &sdr))
		require(strnlen(sdr.name, FENCE_SENSOR_NAME) < FENCE_SENSOR_NAME);
	if (fence_sensor_parse_status(data, length, &sensor))
		require(sensor.kind == FENCE_SENSOR_CHASSIS);
	if (fence_sensor_parse_reading(data, length, &sdr, &sensor))
		require(sensor.kind == FENCE_SENSOR_READING && sensor.states <= 0x7fff);
	if (length > 0 && fence_answer_parse_guid(data, length, &guid))
		require(data[0] == 0 && length >= 17);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (size < 3)
		return 0;
	copy = malloc(size - 1); /* its own: reading past its end is seen */
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (data[0] == UINT8_MAX)
		check_complaint(copy, size - 1);
	else if (data[0] % 3 == 0)
		check_ipmi((enum fence_ask_kind)(FENCE_ASK_GUID + data[0] / 3 % 6), copy, size - 1);
	else if (data[0] % 3 == 1)
		check_agent((enum fence_order_type)(data[0] / 3 % FENCE_ORDER_TYPES), copy[0], copy + 1, size - 2);
	else
		check_sensors(copy, size - 1);
	free(copy);
	return 0;
}
