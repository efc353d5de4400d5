#include "test/sim/checks.h"

#define EVERY(interval_, timeout_) .interval = (interval_), .timeout = (timeout_), .rise = 2, .fall = 3

static const struct config_check reference[] = {
	{ .name = "tomcat",
		.type = CONFIG_CHECK_HTTP,
		.when_master = true,
		EVERY(2 * HA_SEC, 2 * HA_SEC),
		.start_delay = 20 * HA_SEC },
	{ .name = "data", .type = CONFIG_CHECK_NFS, EVERY(2 * HA_SEC, 5 * HA_SEC) },
};

static const struct config_check gateway[] = {
	{ .name = "tomcat",
		.type = CONFIG_CHECK_HTTP,
		.when_master = true,
		EVERY(2 * HA_SEC, 2 * HA_SEC),
		.start_delay = 20 * HA_SEC },
	{ .name = "data", .type = CONFIG_CHECK_NFS, EVERY(5 * HA_SEC, 5 * HA_SEC) },
	{ .name = "gateway", .type = CONFIG_CHECK_PING, EVERY(2 * HA_SEC, HA_SEC), .required_to_fence = true },
};

static const struct config_check always[] = {
	{ .name = "database", .type = CONFIG_CHECK_TCP, EVERY(2 * HA_SEC, HA_SEC) },
	{ .name = "data", .type = CONFIG_CHECK_NFS, EVERY(2 * HA_SEC, 5 * HA_SEC) },
};

static const struct config_check weights[] = {
	{ .name = "tomcat",
		.type = CONFIG_CHECK_HTTP,
		.when_master = true,
		EVERY(2 * HA_SEC, HA_SEC),
		.start_delay = 10 * HA_SEC },
	{ .name = "load", .type = CONFIG_CHECK_SCRIPT, EVERY(2 * HA_SEC, HA_SEC), .weighted = true, .weight = -30 },
	{ .name = "cache", .type = CONFIG_CHECK_TCP, EVERY(3 * HA_SEC, HA_SEC), .weighted = true, .weight = 15 },
	{ .name = "supply", .type = CONFIG_CHECK_IMM, EVERY(5 * HA_SEC, 3 * HA_SEC), .weighted = true, .weight = -50 },
};

static const struct config_check hasty[] = {
	{ .name = "tomcat",
		.type = CONFIG_CHECK_UNIT,
		.when_master = true,
		.interval = HA_SEC,
		.timeout = HA_SEC,
		.rise = 1,
		.fall = 1 },
	{ .name = "data",
		.type = CONFIG_CHECK_NFS,
		.interval = HA_SEC,
		.timeout = 2 * HA_SEC,
		.rise = 1,
		.fall = 1,
		.required_to_fence = true },
	{ .name = "gateway",
		.type = CONFIG_CHECK_PING,
		.interval = HA_SEC,
		.timeout = HA_SEC,
		.rise = 1,
		.fall = 1,
		.required_to_fence = true },
};

static const struct config_check many[] = {
	{ .name = "tomcat",
		.type = CONFIG_CHECK_HTTP,
		.when_master = true,
		EVERY(2 * HA_SEC, 2 * HA_SEC),
		.start_delay = 30 * HA_SEC },
	{ .name = "unit",
		.type = CONFIG_CHECK_UNIT,
		.when_master = true,
		EVERY(3 * HA_SEC, HA_SEC),
		.start_delay = 10 * HA_SEC },
	{ .name = "data", .type = CONFIG_CHECK_NFS, EVERY(5 * HA_SEC, 5 * HA_SEC) },
	{ .name = "cable", .type = CONFIG_CHECK_LINK, EVERY(HA_SEC, HA_SEC), .weighted = true, .weight = -5 },
	{ .name = "gateway", .type = CONFIG_CHECK_PING, EVERY(3 * HA_SEC, HA_SEC), .required_to_fence = true },
	{ .name = "maintenance", .type = CONFIG_CHECK_FILE, EVERY(2 * HA_SEC, HA_SEC) },
	{ .name = "load", .type = CONFIG_CHECK_SCRIPT, EVERY(5 * HA_SEC, 2 * HA_SEC), .weighted = true, .weight = 20 },
	{ .name = "supply", .type = CONFIG_CHECK_IMM, EVERY(5 * HA_SEC, 3 * HA_SEC), .weighted = true, .weight = -20 },
};

#define SET(checks)                                                                                                    \
	{                                                                                                              \
		(checks), sizeof(checks) / sizeof((checks)[0])                                                         \
	}

const struct config_check *
checks_of(enum sim_check_set set, unsigned *ret_count)
{
	static const struct {
		const struct config_check *checks;
		unsigned count;
	} sets[CHECK_SETS] = {
		[CHECKS_REFERENCE] = SET(reference),
		[CHECKS_GATEWAY] = SET(gateway),
		[CHECKS_ALWAYS] = SET(always),
		[CHECKS_WEIGHTS] = SET(weights),
		[CHECKS_HASTY] = SET(hasty),
		[CHECKS_MANY] = SET(many),
	};

	*ret_count = sets[set].count;
	return sets[set].checks;
}
