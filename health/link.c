#include "health/probe.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void
link_nothing(struct health_probe *probe)
{
	(void)probe;
}

/* Flags instead of /sys: those are of our network namespace whatever is mounted there. The kernel answers at once. */
static int
read_flags(const char *interface, short *ret_flags)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -errno;
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%.*s", IF_NAMESIZE - 1, interface);
	r = ioctl(fd, SIOCGIFFLAGS, &request) < 0 ? -errno : 0;
	(void)close(fd);
	*ret_flags = request.ifr_flags;
	return r;
}

static void
link_start(struct health_probe *probe)
{
	const char *interface = probe->check->target;
	short flags = 0;
	int r = read_flags(interface, &flags);

	if (r < 0)
		health_probe_answer(probe, HEALTH_FAILED, "%s: %s", interface, strerror(-r));
	else if (!(flags & IFF_UP))
		health_probe_answer(probe, HEALTH_FAILED, "%s is down", interface);
	else if (!(flags & IFF_RUNNING))
		health_probe_answer(probe, HEALTH_FAILED, "%s has no carrier", interface);
	else
		health_probe_answer(probe, HEALTH_OK, "%s has a carrier", interface);
}

const struct health_kind health_link = {
	.open = link_nothing, .start = link_start, .stop = link_nothing, .close = link_nothing
};
