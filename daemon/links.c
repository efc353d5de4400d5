#include "daemon/daemon.h"

#include "daemon/gateway.h"
#include "lib/log.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define LINKS_RETRY    HA_SEC        /* how often something that is not there is looked for */
#define LINKS_AGAIN    (100 * HA_MS) /* ... when the kernel could not be asked */
#define LINKS_PATIENCE (2 * HA_SEC)  /* ... for as long as this, before everything counts as gone */

static const struct config_link *
config_of(const struct daemon *d, unsigned link)
{
	return &config_local(d->config)->links[link];
}

/* S9, S13: where a receiving socket is shut, silence is ours and not the peer's. On the service link the peer may be
 * down to either kind of packet, so both have to be heard. */
static bool
link_hears(const struct daemon *d, unsigned link)
{
	return d->links[link].socket.io.fd >= 0 && (link != 0 || d->vrrp.io.fd >= 0);
}

bool
links_up(const struct daemon *d, unsigned link)
{
	return d->links[link].ifindex != 0 && d->links[link].running && d->links[link].addressed && link_hears(d, link);
}

static const char *
why_down(const struct daemon *d, unsigned link)
{
	if (!d->links[link].addressed)
		return "down: our address is not configured";
	if (!d->links[link].running)
		return "down: no carrier";
	return d->links[link].socket.io.fd < 0
		       ? "deaf: the socket of the messages cannot be opened; it counts as down until it can"
		       : "deaf: the socket of the adverts cannot be opened; it counts as down until it can";
}

const char *
links_deaf_remedy(int error)
{
	switch (error) {
	case -EADDRINUSE:
		return "another program has the port of cluster.port: ss -ulnp shows which; stop it";
	case -EMFILE:
	case -ENFILE:
		return "no file descriptor is left: raise LimitNOFILE= of ha-fenced.service, or fs.file-max";
	case -EPERM:
	case -EACCES:
		return "CAP_NET_RAW is missing: start it by ha-fenced.service, or as root";
	default:
		return "ip -br link";
	}
}

/* Where adverts go and where addresses without an interface belong. */
const char *
links_service_interface(const struct daemon *d)
{
	const struct config_node *local = config_local(d->config);
	if (local->interface[0] != '\0')
		return local->interface;
	if (d->config->vrrp.interface[0] != '\0')
		return d->config->vrrp.interface;
	return d->links[0].interface;
}

static void
link_event(struct daemon *d, unsigned link)
{
	struct node_event event = { .type = NODE_EV_LINK, .link = link, .up = links_up(d, link) };
	bool same = d->node.links[link].up == event.up;
	/* S13: the kernel gathers changes of a carrier for up to a second. */
	event.flapped = same && event.up && d->links[link].flapped;
	d->links[link].flapped = false;
	if (!d->node.started || (same && !event.flapped))
		return;
	ha_log(event.up ? LOG_NOTICE : LOG_WARNING, "link %u (%s) is %s", link, d->links[link].interface,
		event.flapped ? "up again: it was down, or nobody listened there, for a moment"
		: event.up    ? "up"
			      : why_down(d, link));
	if (event.up && link == 0)
		(void)vrrp_socket_rejoin(&d->vrrp); /* a snooping switch may have forgotten us */
	daemon_event(d, &event);
}

static void
link_set(struct daemon *d, unsigned index, const struct vrrp_monitor_link *found)
{
	struct daemon_link *link = &d->links[index];
	if (found == NULL) {
		link->ifindex = 0;
		link->running = false;
		return;
	}
	if (link->ifindex != 0 && link->ifindex != found->ifindex)
		d->links_stale = true; /* deleted and made anew */
	link->flapped |= link->ifindex != 0 && (link->ifindex != found->ifindex || link->downs != found->downs);
	link->downs = found->downs;
	memcpy(link->interface, found->name, IF_NAMESIZE);
	link->ifindex = found->ifindex;
	link->running = found->running;
}

static void
close_peer_socket(struct daemon_link *link)
{
	link->source = sd_event_source_unref(link->source);
	vrrp_peer_socket_close(&link->socket);
}

/* One that fails is opened anew; what was not heard meanwhile is no silence (S13). */
void
links_socket_failed(struct daemon *d, unsigned link)
{
	close_peer_socket(&d->links[link]);
	d->links[link].flapped = true;
	d->links_stale = true;
}

static void
refresh_peer_socket(struct daemon *d, unsigned index)
{
	struct daemon_link *link = &d->links[index];
	if (link->socket.io.fd >= 0 && link->ifindex != 0 && link->socket.io.ifindex == link->ifindex)
		return;
	close_peer_socket(link);
	if (link->ifindex == 0)
		return;
	struct vrrp_peer_socket_config config = { .local = config_of(d, index)->address,
		.peer = config_peer(d->config)->links[index].address,
		.local_port = d->config->port,
		.peer_port = d->config->port };
	memcpy(config.interface, link->interface, IF_NAMESIZE);
	int r = vrrp_peer_socket_open(&link->socket, &config);
	if (r >= 0)
		r = sd_event_add_io(d->event, &link->source, link->socket.io.fd, EPOLLIN, listen_on_peer, d);
	if (r < 0) {
		unsigned suppressed;
		if (daemon_allowed(&link->send_limit, &suppressed))
			ha_log(LOG_ERR, "peer messages on %s: %s: none is heard there, tried again each second (%s)",
				link->interface, strerror(-r), links_deaf_remedy(r));
		close_peer_socket(link);
	}
}

/* The kernel could not be asked (no descriptors, a table that changes all the time): that says nothing of the link. */
static bool
unknown(int error)
{
	return error < 0 && error != -ENODEV && error != -EADDRNOTAVAIL;
}

/* An error: it could not be looked up, and nothing was changed. */
static int
refresh_link(struct daemon *d, unsigned index)
{
	struct daemon_link *link = &d->links[index];
	const struct config_link *config = config_of(d, index);
	struct vrrp_monitor_link by_address, found;
	int r = vrrp_monitor_link_by_address(&config->address, &by_address);
	if (unknown(r))
		return r;
	bool addressed = r == 0;
	const char *name = config->interface[0] != '\0' ? config->interface
			   : addressed			  ? by_address.name
							  : link->interface;
	r = name[0] != '\0' ? vrrp_monitor_link_by_name(name, &found) : -ENODEV;
	if (unknown(r))
		return r;
	link->addressed = addressed && r == 0 && by_address.ifindex == found.ifindex;
	link_set(d, index, r == 0 ? &found : NULL);
	refresh_peer_socket(d, index);
	if (link->socket.io.fd < 0 || !link->addressed)
		d->links_at = ha_time_min(d->links_at, ha_now() + LINKS_RETRY);
	return 0;
}

static void
close_port(struct daemon_port *port)
{
	port->arp = sd_event_source_unref(port->arp);
	port->nd = sd_event_source_unref(port->nd);
	if (port->open)
		vrrp_probe_close(&port->probe);
	port->open = false;
}

static int
open_port(struct daemon *d, unsigned index)
{
	struct daemon_port *port = &d->ports[index];
	struct ha_address *watched = calloc(d->vip_count + 1, sizeof(*watched));
	struct ha_address gateway;
	unsigned count = 0;
	if (watched == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < d->vip_count; i++)
		if (d->vips[i].port == index)
			watched[count++] = d->vips[i].config->address;
	/* Behind the addresses of ours: who answers for it is no conflict, but shows that the link works (S13). */
	if (port->ifindex == d->links[0].ifindex && gateway_find(port->interface, &gateway) == 0 &&
		!vip_configured(d, &gateway))
		watched[count++] = gateway;
	int r = vrrp_probe_open(&port->probe, port->ifindex, watched, count);
	free(watched);
	if (r < 0)
		return r;
	port->open = true;
	r = sd_event_add_io(d->event, &port->arp, port->probe.arp_fd, EPOLLIN, listen_on_wire, d);
	if (r >= 0 && port->probe.nd_fd >= 0)
		r = sd_event_add_io(d->event, &port->nd, port->probe.nd_fd, EPOLLIN, listen_on_wire, d);
	if (r < 0)
		close_port(port);
	return r < 0 ? r : 0;
}

/* As refresh_link(). */
static int
refresh_port(struct daemon *d, unsigned index)
{
	struct daemon_port *port = &d->ports[index];
	struct vrrp_monitor_link found;
	if (port->interface[0] == '\0')
		memcpy(port->interface, links_service_interface(d), IF_NAMESIZE);
	int r = port->interface[0] != '\0' ? vrrp_monitor_link_by_name(port->interface, &found) : -ENODEV;
	if (unknown(r))
		return r;
	unsigned ifindex = r == 0 ? found.ifindex : 0;
	if (ifindex != port->ifindex)
		close_port(port);
	port->ifindex = ifindex;
	if (ifindex != 0 && port->open)
		vrrp_probe_set_mac(&port->probe, found.mac);
	r = ifindex != 0 && !port->open ? open_port(d, index) : 0;
	if (r < 0) {
		unsigned suppressed;
		if (daemon_allowed(&d->probe_limit, &suppressed))
			ha_log(LOG_ERR, "ARP and ND on %s: %s", port->interface, strerror(-r));
	}
	if (!port->open)
		d->links_at = ha_time_min(d->links_at, ha_now() + LINKS_RETRY);
	return 0;
}

/* S13: a link is not down because the kernel could not be asked once. If that lasts nobody knows whether it is up. */
static void
not_asked(struct daemon *d, int error)
{
	unsigned suppressed;
	if (d->unasked_since == 0)
		d->unasked_since = ha_now();
	d->links_at = ha_time_min(d->links_at, ha_now() + LINKS_AGAIN);
	if (ha_time_since(ha_now(), d->unasked_since) < LINKS_PATIENCE)
		return;
	for (unsigned i = 0; i < config_local(d->config)->link_count; i++)
		d->links[i].running = false;
	if (daemon_allowed(&d->unasked_limit, &suppressed))
		ha_log(LOG_ERR, "the kernel's interfaces cannot be read: %s: they count as down, tried again (%s)",
			strerror(-error), links_deaf_remedy(error));
}

void
links_refresh(struct daemon *d)
{
	int error = 0, r;
	d->links_stale = false;
	d->links_at = HA_NEVER;
	for (unsigned i = 0; i < config_local(d->config)->link_count; i++)
		if ((r = refresh_link(d, i)) < 0)
			error = r;
	for (unsigned i = 0; i < d->port_count; i++)
		if ((r = refresh_port(d, i)) < 0)
			error = r;
	r = listen_open(d);
	if (r < 0)
		d->links_at = ha_time_min(d->links_at, ha_now() + LINKS_RETRY);
	if (error < 0)
		not_asked(d, error);
	else
		d->unasked_since = 0;
	for (unsigned i = 0; i < config_local(d->config)->link_count; i++)
		link_event(d, i);
	daemon_texts(d);
}

static void
on_link(struct daemon *d, const struct vrrp_monitor_link *link, bool gone)
{
	for (unsigned i = 0; i < config_local(d->config)->link_count; i++) {
		bool ours = d->links[i].ifindex == link->ifindex || strcmp(d->links[i].interface, link->name) == 0;
		if (!ours)
			continue;
		if (gone || d->links[i].ifindex != link->ifindex)
			d->links_stale = true;
		else
			link_set(d, i, link);
		link_event(d, i);
	}
	for (unsigned i = 0; i < d->port_count; i++) {
		if (d->ports[i].ifindex == link->ifindex && d->ports[i].open && !gone)
			vrrp_probe_set_mac(&d->ports[i].probe, link->mac);
		else if (d->ports[i].ifindex == link->ifindex || strcmp(d->ports[i].interface, link->name) == 0)
			d->links_stale = true;
	}
}

static void
on_address(struct daemon *d, const struct vrrp_monitor_address *address, bool present)
{
	vip_seen(d, address, present);
	for (unsigned i = 0; i < config_local(d->config)->link_count; i++)
		if (ha_address_equal(&config_of(d, i)->address, &address->address) && d->links[i].addressed != present)
			d->links_stale = true;
}

static void
on_event(void *userdata, const struct vrrp_monitor_event *event)
{
	struct daemon *d = userdata;
	switch (event->type) {
	case VRRP_MONITOR_ADDRESS_APPEARED:
		on_address(d, &event->address, true);
		break;
	case VRRP_MONITOR_ADDRESS_VANISHED:
		on_address(d, &event->address, false);
		break;
	case VRRP_MONITOR_LINK_CHANGED:
		on_link(d, &event->link, false);
		break;
	case VRRP_MONITOR_LINK_GONE:
		on_link(d, &event->link, true);
		break;
	case VRRP_MONITOR_OVERRUN:
		d->links_stale = true;
		/* Whether an address was lost is not known: adding again is harmless and looks at all of them. */
		if (d->vips_wanted && d->batch_count == 0)
			daemon_event_type(d, NODE_EV_VIP_LOST, false);
		/* And who has none looks whether somebody has put one here (S2). */
		d->vips_suspected |= !d->vips_wanted;
		break;
	}
}

void
links_look(struct daemon *d)
{
	if (d->links_stale || ha_now() >= d->links_at)
		links_refresh(d);
	vip_look(d);
}

void
links_drain(struct daemon *d)
{
	int r = DAEMON_BURST;
	for (unsigned i = 0; i < DAEMON_DRAIN && r == DAEMON_BURST; i++)
		r = vrrp_monitor_receive(&d->monitor, DAEMON_BURST, on_event, d);
	if (r < 0) {
		ha_log(LOG_ERR, "netlink events: %s", strerror(-r));
		d->monitor_source = sd_event_source_unref(d->monitor_source);
		vrrp_monitor_close(&d->monitor);
		(void)links_open(d);
		d->links_stale = true;
	}
	links_look(d);
}

static int
on_monitor(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *d = userdata;
	(void)source;
	(void)fd;
	(void)revents;
	daemon_wake(d);
	links_drain(d);
	return 0;
}

int
links_open(struct daemon *d)
{
	int r = vrrp_monitor_open(&d->monitor);
	if (r < 0)
		return r;
	r = sd_event_add_io(d->event, &d->monitor_source, d->monitor.fd, EPOLLIN, on_monitor, d);
	return r < 0 ? r : 0;
}

int
links_configure(struct daemon *d)
{
	const struct config_node *local = config_local(d->config);
	for (unsigned i = 0; i < CONFIG_LINKS; i++) {
		struct daemon_link *link = &d->links[i];
		memset(link, 0, sizeof(*link));
		link->socket.io.fd = -1;
		if (i < local->link_count)
			memcpy(link->interface, local->links[i].interface, IF_NAMESIZE);
	}
	d->vrrp.io.fd = -1;
	d->links_at = 0;
	if (local->link_count > 0 && d->links[0].interface[0] == '\0') {
		struct vrrp_monitor_link found;
		if (vrrp_monitor_link_by_address(&local->links[0].address, &found) == 0)
			memcpy(d->links[0].interface, found.name, IF_NAMESIZE);
	}
	return vip_configure(d);
}

void
links_deconfigure(struct daemon *d)
{
	listen_close(d);
	for (unsigned i = 0; i < CONFIG_LINKS; i++)
		close_peer_socket(&d->links[i]);
	for (unsigned i = 0; i < d->port_count; i++)
		close_port(&d->ports[i]);
}

void
links_close(struct daemon *d)
{
	links_deconfigure(d);
	if (d->monitor_source != NULL) {
		d->monitor_source = sd_event_source_unref(d->monitor_source);
		vrrp_monitor_close(&d->monitor);
	}
}
