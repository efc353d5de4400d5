#include "health/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define MANAGER "org.freedesktop.systemd1"

struct health_bus {
	sd_bus *bus; /* NULL: not connected */
};

struct unit {
	sd_bus_slot *slot; /* of the call under way */
	char *path;
};

static void
disconnect(struct health_bus *bus)
{
	if (bus->bus)
		(void)sd_bus_detach_event(bus->bus);
	bus->bus = sd_bus_close_unref(bus->bus);
}

void
health_bus_free(struct health_bus *bus)
{
	if (bus)
		disconnect(bus);
	free(bus);
}

/* Connecting goes on in the loop: a call waits for it. A connection that was lost is made anew. 0 or -errno. */
static int
connect_bus(struct health_shared *shared)
{
	int r;

	if (!shared->bus)
		shared->bus = calloc(1, sizeof(*shared->bus));
	if (!shared->bus)
		return -ENOMEM;
	if (shared->bus->bus && sd_bus_is_open(shared->bus->bus) > 0)
		return 0;
	disconnect(shared->bus);
	r = sd_bus_open_system(&shared->bus->bus);
	return r < 0 ? r : sd_bus_attach_event(shared->bus->bus, shared->event, SD_EVENT_PRIORITY_NORMAL);
}

static void
unit_stop(struct health_probe *probe)
{
	struct unit *unit = probe->state;

	unit->slot = sd_bus_slot_unref(unit->slot);
}

static int
on_state(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
	struct health_probe *probe = userdata;
	const sd_bus_error *error = sd_bus_message_get_error(message);
	const char *state = NULL;

	(void)ret_error;
	unit_stop(probe);
	if (error)
		health_probe_answer(
			probe, HEALTH_UNKNOWN, "systemd: %s", error->message ? error->message : error->name);
	else if (sd_bus_message_read(message, "v", "s", &state) < 0)
		health_probe_answer(probe, HEALTH_UNKNOWN, "systemd answers what cannot be read");
	else
		health_probe_answer(probe, strcmp(state, "active") == 0 ? HEALTH_OK : HEALTH_FAILED, "%s is %s",
			probe->check->target, state);
	return 0;
}

static void
unit_open(struct health_probe *probe)
{
	struct unit *unit = calloc(1, sizeof(*unit));

	probe->state = unit;
	if (unit && sd_bus_path_encode("/org/freedesktop/systemd1/unit", probe->check->target, &unit->path) < 0)
		unit->path = NULL;
}

static void
unit_start(struct health_probe *probe)
{
	struct unit *unit = probe->state;
	int r = unit && unit->path ? connect_bus(probe->shared) : -ENOMEM;

	/* systemd loads a unit that is asked for by its path; of one that does not exist it says "inactive". */
	if (r >= 0)
		r = sd_bus_call_method_async(probe->shared->bus->bus, &unit->slot, MANAGER, unit->path,
			"org.freedesktop.DBus.Properties", "Get", on_state, probe, "ss", MANAGER ".Unit",
			"ActiveState");
	if (r < 0)
		health_probe_answer(probe, HEALTH_UNKNOWN, "systemd cannot be asked: %s", strerror(-r));
}

static void
unit_close(struct health_probe *probe)
{
	struct unit *unit = probe->state;

	if (!unit)
		return;
	unit_stop(probe);
	free(unit->path);
	free(unit);
}

const struct health_kind health_unit = {
	.open = unit_open, .start = unit_start, .stop = unit_stop, .close = unit_close
};
