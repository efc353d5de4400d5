#include "daemon/cli_systemd.h"

#include "lib/time.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>

#define ALL_CALLS (600 * HA_MS)

struct cli_systemd {
	sd_bus *bus;
	ha_time until; /* no call after this */
};

int
cli_systemd_open(struct cli_systemd **ret)
{
	struct cli_systemd *systemd;
	int r;

	if (sd_booted() <= 0)
		return -ENOENT;
	systemd = calloc(1, sizeof(*systemd));
	if (!systemd)
		return -ENOMEM;
	r = sd_bus_open_system(&systemd->bus);
	systemd->until = ha_now() + ALL_CALLS;
	if (r < 0) {
		cli_systemd_close(systemd);
		return r;
	}
	*ret = systemd;
	return 0;
}

void
cli_systemd_close(struct cli_systemd *systemd)
{
	if (!systemd)
		return;
	sd_bus_flush_close_unref(systemd->bus);
	free(systemd);
}

/* The calls share one budget: a bus that hangs costs it once. */
static int
limit_call(struct cli_systemd *systemd)
{
	ha_time now = ha_now();

	if (now >= systemd->until)
		return -ETIMEDOUT;
	return sd_bus_set_method_call_timeout(systemd->bus, systemd->until - now);
}

int
cli_systemd_unit_file(struct cli_systemd *systemd, const char *unit, char ret[CLI_SYSTEMD_TEXT])
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	const char *state = "";
	int r = limit_call(systemd);

	if (r >= 0)
		r = sd_bus_call_method(systemd->bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
			"org.freedesktop.systemd1.Manager", "GetUnitFileState", &error, &reply, "s", unit);
	if (r >= 0)
		r = sd_bus_message_read(reply, "s", &state);
	if (r >= 0 || sd_bus_error_has_name(&error, "org.freedesktop.DBus.Error.FileNotFound")) {
		(void)snprintf(ret, CLI_SYSTEMD_TEXT, "%s", state);
		r = 0;
	}
	sd_bus_message_unref(reply);
	sd_bus_error_free(&error);
	return r;
}

int
cli_systemd_power_key(struct cli_systemd *systemd, char ret[CLI_SYSTEMD_TEXT])
{
	char *value = NULL;
	int r = limit_call(systemd);

	if (r >= 0)
		r = sd_bus_get_property_string(systemd->bus, "org.freedesktop.login1", "/org/freedesktop/login1",
			"org.freedesktop.login1.Manager", "HandlePowerKey", NULL, &value);
	if (r < 0)
		return r;
	(void)snprintf(ret, CLI_SYSTEMD_TEXT, "%s", value);
	free(value);
	return 0;
}
