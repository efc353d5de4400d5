#include "fence/agent_answer.h"

#include <stdio.h>
#include <string.h>

/* Exit statuses of the fence-agents library. */
#define EXIT_GOOD       0
#define EXIT_BAD_ARGS   2
#define EXIT_OFF        2 /* of the action status */
#define EXIT_CONNECT    3 /* "Unable to connect/login to fencing device" */
#define EXIT_LOST       4
#define EXIT_TIMED_OUT  5
#define EXIT_WAITING_ON 6
#define EXIT_WAITING    7 /* ... off */
#define EXIT_PASSWORD   10
#define EXIT_PRIVILEGE  11
#define EXIT_NO_RUN     127

const char *
fence_agent_action(enum fence_order_type action)
{
	switch (action) {
	case FENCE_ORDER_POWER_DOWN:
		return "off";
	case FENCE_ORDER_POWER_UP:
		return "on";
	case FENCE_ORDER_READ:
	case FENCE_ORDER_CANCEL:
	case FENCE_ORDER_ALIVE:
	case FENCE_ORDER_SENSOR:
	case FENCE_ORDER_TYPES:
		break;
	}
	return "status";
}

/* The last line that says it, and nothing else on that line. */
static enum fence_power
said(const char *output)
{
	enum fence_power power = FENCE_POWER_UNKNOWN;

	while (*output != '\0') {
		size_t length = strcspn(output, "\n");

		if (length == strlen("Status: ON") && memcmp(output, "Status: ON", length) == 0)
			power = FENCE_POWER_ON;
		else if (length == strlen("Status: OFF") && memcmp(output, "Status: OFF", length) == 0)
			power = FENCE_POWER_OFF;
		else if (strncmp(output, "Status: ", strlen("Status: ")) == 0)
			power = FENCE_POWER_UNKNOWN;
		output += length + (output[length] != '\0');
	}
	return power;
}

static enum fence_error
error_of(int status)
{
	switch (status) {
	case EXIT_GOOD:
		return FENCE_GARBAGE; /* without the line that belongs to it */
	case EXIT_BAD_ARGS:
	case EXIT_NO_RUN:
		return FENCE_CONFIG;
	case EXIT_CONNECT:
	case EXIT_LOST:
	case EXIT_TIMED_OUT:
		return FENCE_UNREACHABLE;
	case EXIT_WAITING_ON:
	case EXIT_WAITING:
		return FENCE_TIMEOUT;
	case EXIT_PASSWORD:
		return FENCE_AUTHENTICATION;
	case EXIT_PRIVILEGE:
		return FENCE_PRIVILEGE;
	default:
		return FENCE_REFUSED;
	}
}

void
fence_agent_answer(enum fence_order_type action, bool exited, int status, const char *output, struct fence_report *ret)
{
	enum fence_power power = said(output);

	ret->power = FENCE_POWER_UNKNOWN;
	ret->completion = 0;
	ret->error = FENCE_OK;
	if (!exited) {
		ret->error = FENCE_TIMEOUT; /* ended by a signal: how far it got is not known */
	} else if (action == FENCE_ORDER_READ && status == EXIT_GOOD && power == FENCE_POWER_ON) {
		ret->power = FENCE_POWER_ON;
	} else if (action == FENCE_ORDER_READ && status == EXIT_OFF && power == FENCE_POWER_OFF) {
		ret->power = FENCE_POWER_OFF;
	} else if (action == FENCE_ORDER_READ || status != EXIT_GOOD) {
		ret->error = error_of(status);
		if (ret->error == FENCE_REFUSED)
			ret->completion = (uint8_t)status;
	}
}

static bool
holds_secret(const char *output, const char *secrets)
{
	size_t length;

	for (; *secrets != '\0'; secrets += length + (secrets[length] != '\0')) {
		length = strcspn(secrets, "\n");
		const char *value = memchr(secrets, '=', length), *end = secrets + length;

		if (value && ++value < end && memmem(output, strlen(output), value, (size_t)(end - value)))
			return true;
	}
	return false;
}

const char *
fence_agent_complaint(const char *output, const char *secrets, char line[FENCE_AGENT_COMPLAINT])
{
	const char *last = "";

	for (const char *at = output; *at != '\0'; at += strcspn(at, "\n") + (at[strcspn(at, "\n")] != '\0'))
		if (*at != '\n' && strchr(at, '\n'))
			last = at;
	if (holds_secret(output, secrets))
		return "(its message is not shown: it holds the password)";
	(void)snprintf(line, FENCE_AGENT_COMPLAINT, "%.*s", (int)strcspn(last, "\n"), last);
	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	return line;
}
