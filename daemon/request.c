#include "daemon/request.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum argument {
	ARGUMENT_N = 1,
	ARGUMENT_SECONDS = 2,
	ARGUMENT_NODE = 4,
	ARGUMENT_DRY = 8,
	ARGUMENT_FORCE = 16,
	ARGUMENT_CLAIM = 32
};

struct entry {
	const char *name;
	bool reads_only;
	unsigned arguments; /* enum argument */
};

static const struct entry entries[REQUEST_TYPES] = {
	[REQUEST_STATUS] = { "status", true, 0 },
	[REQUEST_HISTORY] = { "history", true, ARGUMENT_N },
	[REQUEST_TEST] = { "test", true, 0 },
	[REQUEST_VERSION] = { "version", true, 0 },
	[REQUEST_SWITCHOVER] = { "switchover", false, ARGUMENT_FORCE },
	[REQUEST_STANDBY] = { "standby", false, ARGUMENT_FORCE },
	[REQUEST_UNSTANDBY] = { "unstandby", false, 0 },
	[REQUEST_PAUSE] = { "pause", false, ARGUMENT_SECONDS },
	[REQUEST_RESUME] = { "resume", false, 0 },
	[REQUEST_CONFIRM_OFF] = { "confirm-off", false, ARGUMENT_NODE | ARGUMENT_DRY | ARGUMENT_CLAIM },
	[REQUEST_RELOAD] = { "reload", false, 0 },
	[REQUEST_METRICS] = { "metrics", true, 0 },
	[REQUEST_TESTED] = { "tested", false, ARGUMENT_N },
	[REQUEST_REEXEC] = { "reexec", false, 0 },
};

static const struct {
	const char *name;
	enum argument argument;
} arguments[] = {
	{ "n", ARGUMENT_N },
	{ "seconds", ARGUMENT_SECONDS },
	{ "node", ARGUMENT_NODE },
	{ "dry", ARGUMENT_DRY },
	{ "force", ARGUMENT_FORCE },
	{ "claim", ARGUMENT_CLAIM },
};

const char *
request_name(enum request_type type)
{
	return type < REQUEST_TYPES ? entries[type].name : "unknown";
}

bool
request_reads_only(enum request_type type)
{
	return type < REQUEST_TYPES && entries[type].reads_only;
}

static int
find_type(const char *name, enum request_type *ret)
{
	for (unsigned i = 0; i < REQUEST_TYPES; i++) {
		if (strcmp(entries[i].name, name) == 0) {
			*ret = (enum request_type)i;
			return 0;
		}
	}
	return -EINVAL;
}

static unsigned
find_argument(const char *name)
{
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
		if (strcmp(arguments[i].name, name) == 0)
			return arguments[i].argument;
	return 0;
}

static bool
take_bool(const json_t *value, bool *ret)
{
	if (!json_is_boolean(value))
		return false;
	*ret = json_is_true(value);
	return true;
}

static bool
take_episode(const json_t *value, uint64_t *ret)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*ret = (uint64_t)json_integer_value(value);
	return true;
}

static bool
take_duration(const json_t *value, ha_time *ret)
{
	if (json_is_null(value))
		return true;
	double seconds = json_is_number(value) ? json_number_value(value) : 0;
	if (!(seconds >= 1 && seconds <= (double)(REQUEST_PAUSE_MAX / HA_SEC)))
		return false;
	*ret = (ha_time)(seconds * (double)HA_SEC);
	return true;
}

static bool
take_node(const json_t *value, char ret[CONFIG_NAME_MAX])
{
	const char *name = json_string_value(value);
	if (name == NULL || name[0] == '\0' || strlen(name) >= CONFIG_NAME_MAX)
		return false;
	strcpy(ret, name);
	return true;
}

static bool
take_claim(const json_t *value, uint64_t *ret)
{
	const char *text = json_string_value(value);
	if (text == NULL || strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
		return false;
	*ret = strtoull(text, NULL, 16);
	return true;
}

static bool
take_argument(unsigned argument, const json_t *value, struct request *request)
{
	switch ((enum argument)argument) {
	case ARGUMENT_N:
		return take_episode(value, &request->episode);
	case ARGUMENT_SECONDS:
		return take_duration(value, &request->duration);
	case ARGUMENT_NODE:
		return take_node(value, request->node);
	case ARGUMENT_DRY:
		return take_bool(value, &request->dry);
	case ARGUMENT_FORCE:
		return take_bool(value, &request->force);
	case ARGUMENT_CLAIM:
		return take_claim(value, &request->claim);
	}
	return false;
}

static int
parse_object(json_t *object, struct request *ret, char error[REQUEST_ERROR])
{
	struct request request = { .duration = HA_NEVER };
	const char *name = json_string_value(json_object_get(object, "request"));
	if (name == NULL) {
		snprintf(error, REQUEST_ERROR, "no \"request\" in the request");
		return -EINVAL;
	}
	if (find_type(name, &request.type) < 0) {
		snprintf(error, REQUEST_ERROR, "unknown request \"%.60s\"", name);
		return -EINVAL;
	}
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value)
	{
		if (strcmp(key, "request") == 0)
			continue;
		unsigned argument = find_argument(key) & entries[request.type].arguments;
		if (argument == 0) {
			snprintf(error, REQUEST_ERROR, "%s has no argument \"%.60s\"", name, key);
			return -EINVAL;
		}
		if (!take_argument(argument, value, &request)) {
			snprintf(error, REQUEST_ERROR, "%s: the value of \"%s\" is out of range", name, key);
			return -EINVAL;
		}
	}
	if (request.type == REQUEST_CONFIRM_OFF && request.node[0] == '\0') {
		snprintf(error, REQUEST_ERROR, "confirm-off needs the name of the node that is off");
		return -EINVAL;
	}
	if (request.type == REQUEST_CONFIRM_OFF && !request.dry && request.claim == 0) {
		snprintf(error, REQUEST_ERROR, "confirm-off needs the number of the claim that it is said of (status)");
		return -EINVAL;
	}
	*ret = request;
	return 0;
}

int
request_parse(const char *line, size_t length, struct request *ret, char error[REQUEST_ERROR])
{
	json_error_t json_error;
	json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &json_error);
	if (object == NULL) {
		snprintf(error, REQUEST_ERROR, "not JSON: %.100s", json_error.text);
		return -EINVAL;
	}
	int r = -EINVAL;
	if (json_is_object(object))
		r = parse_object(object, ret, error);
	else
		snprintf(error, REQUEST_ERROR, "a request is a JSON object");
	json_decref(object);
	return r;
}
