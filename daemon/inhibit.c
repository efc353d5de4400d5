/* The lock is a file descriptor: whoever closes it gives it back (systemd's "Inhibitor Locks"). */
#include "daemon/inhibit.h"

#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

struct inhibit {
	sd_bus *bus;
	sd_bus_slot *call;
	int fd;
};

static void
forget_bus(struct inhibit *inhibit)
{
	inhibit->call = sd_bus_slot_unref(inhibit->call);
	if (inhibit->bus != NULL) {
		(void)sd_bus_detach_event(inhibit->bus);
		sd_bus_close(inhibit->bus);
	}
	inhibit->bus = sd_bus_unref(inhibit->bus);
}

static int
on_lock(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	struct inhibit *inhibit = userdata;
	const sd_bus_error *refused = sd_bus_message_get_error(message);
	int fd;
	(void)error;
	/* The message's descriptor goes with the message. */
	if (refused == NULL && sd_bus_message_read(message, "h", &fd) >= 0)
		inhibit->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (inhibit->fd < 0)
		ha_log(LOG_INFO, "this machine is not kept from sleeping: %s",
			refused == NULL            ? strerror(errno)
			: refused->message != NULL ? refused->message
						   : refused->name);
	forget_bus(inhibit);
	return 0;
}

int
inhibit_open(sd_event *event, struct inhibit **ret_inhibit)
{
	struct inhibit *inhibit = calloc(1, sizeof(*inhibit));
	if (inhibit == NULL)
		return -ENOMEM;
	inhibit->fd = -1;
	int r = sd_bus_open_system(&inhibit->bus);
	if (r >= 0)
		r = sd_bus_attach_event(inhibit->bus, event, SD_EVENT_PRIORITY_IDLE);
	if (r >= 0)
		r = sd_bus_call_method_async(inhibit->bus, &inhibit->call, "org.freedesktop.login1",
			"/org/freedesktop/login1", "org.freedesktop.login1.Manager", "Inhibit", on_lock, inhibit,
			"ssss", "sleep", "ha-fenced", "a node that sleeps is fenced", "block");
	if (r < 0)
		forget_bus(inhibit); /* no bus: no logind either */
	*ret_inhibit = inhibit;
	return 0;
}

void
inhibit_close(struct inhibit *inhibit)
{
	if (inhibit == NULL)
		return;
	forget_bus(inhibit);
	if (inhibit->fd >= 0)
		close(inhibit->fd);
	free(inhibit);
}
