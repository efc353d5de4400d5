#include "daemon/awake.h"

#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define LOGIN "org.freedesktop.login1"

struct awake {
	sd_bus *bus;
	sd_bus_slot *call;
	int lock; /* held as long as it is open */
};

static void
refused(const char *why)
{
	ha_log(LOG_INFO, "nothing keeps this machine from going to sleep: %s", why);
}

static int
on_answer(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
	struct awake *awake = userdata;
	const sd_bus_error *error = sd_bus_message_get_error(message);
	int fd = -1; /* the message's own */
	(void)ret_error;

	awake->call = sd_bus_slot_unref(awake->call);
	if (error) {
		refused(error->message != NULL ? error->message : error->name);
		return 0;
	}
	if (sd_bus_message_read(message, "h", &fd) >= 0)
		awake->lock = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (awake->lock < 0)
		refused("logind gave no lock");
	return 0;
}

int
awake_open(sd_event *event, struct awake **ret_awake)
{
	struct awake *awake = calloc(1, sizeof(*awake));

	if (awake == NULL)
		return -ENOMEM;
	awake->lock = -1;
	int r = sd_bus_open_system(&awake->bus);

	if (r >= 0)
		r = sd_bus_attach_event(awake->bus, event, 0);
	if (r >= 0)
		r = sd_bus_call_method_async(awake->bus, &awake->call, LOGIN, "/org/freedesktop/login1",
			LOGIN ".Manager", "Inhibit", on_answer, awake, "ssss", "sleep", "ha-fenced",
			"a node of a pair that sleeps is powered down by its peer", "block");
	if (r < 0) {
		refused(strerror(-r));
		awake_close(awake);
		return r;
	}
	*ret_awake = awake;
	return 0;
}

void
awake_close(struct awake *awake)
{
	if (awake == NULL)
		return;
	sd_bus_slot_unref(awake->call);
	sd_bus_close_unref(awake->bus);
	if (awake->lock >= 0)
		close(awake->lock);
	free(awake);
}
