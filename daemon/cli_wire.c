#include "daemon/cli_wire.h"

#include "vrrp/monitor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>

#define ROUNDS      3
#define ROUND_GAP   (100 * HA_MS)
#define FRAMES_READ 64

const char *
cli_wire_mac(const uint8_t mac[VRRP_PROBE_MAC], char buffer[18])
{
	(void)snprintf(buffer, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return buffer;
}

static struct cli_wire_target *
add_target(struct cli_wire *wire, const struct ha_address *address, const char *interface)
{
	struct cli_wire_target *target = &wire->targets[wire->vip_count + wire->link_count + wire->decoy_count];

	*target = (struct cli_wire_target){ .address = *address, .error = -ENODEV };
	(void)snprintf(target->interface, sizeof(target->interface), "%s", interface);
	return target;
}

static const char *
vip_interface(const struct config *config, const struct config_vip *vip)
{
	if (*vip->interface)
		return vip->interface;
	return *config_local(config)->interface ? config_local(config)->interface : config->vrrp.interface;
}

static bool
configured(const struct config *config, const struct ha_address *address)
{
	for (unsigned i = 0; i < config->vrrp.vip_count; i++)
		if (ha_address_equal(address, &config->vrrp.vips[i].address))
			return true;
	for (unsigned n = 0; n < 2; n++) {
		if (ha_address_equal(address, &config->nodes[n].imm.address))
			return true;
		for (unsigned i = 0; i < config->nodes[n].link_count; i++)
			if (ha_address_equal(address, &config->nodes[n].links[i].address))
				return true;
	}
	return false;
}

/* Some may be in use; that all are, by one machine, is proxy ARP (RFC 1027). */
static void
choose_decoys(struct cli_wire *wire, const struct config *config)
{
	const struct config_vip *vip = &config->vrrp.vips[0];

	if (config->vrrp.vip_count == 0 || vip->address.family != AF_INET || vip->prefix_length < 8 ||
		vip->prefix_length > 27)
		return;
	for (unsigned tries = 0; tries < 64 && wire->decoy_count < CLI_WIRE_DECOYS; tries++) {
		uint32_t host, mask = UINT32_MAX >> vip->prefix_length, network;
		struct ha_address address = vip->address;

		if (getrandom(&host, sizeof(host), 0) != (ssize_t)sizeof(host))
			return;
		memcpy(&network, vip->address.bytes, sizeof(network));
		host &= mask;
		network = htonl((ntohl(network) & ~mask) | host);
		memcpy(address.bytes, &network, sizeof(network));
		if (host == 0 || host == mask || configured(config, &address))
			continue;
		(void)add_target(wire, &address, vip_interface(config, vip));
		wire->decoy_count++;
	}
}

static void
choose_targets(struct cli_wire *wire, const struct config *config)
{
	const struct config_node *local = config_local(config), *peer = config_peer(config);

	for (unsigned i = 0; i < config->vrrp.vip_count && i < CLI_WIRE_VIPS; i++) {
		(void)add_target(wire, &config->vrrp.vips[i].address, vip_interface(config, &config->vrrp.vips[i]));
		wire->vip_count++;
	}
	for (unsigned i = 0; i < peer->link_count; i++) {
		struct vrrp_monitor_link link;
		const char *interface = i < local->link_count ? local->links[i].interface : "";

		if (!*interface && i < local->link_count &&
			vrrp_monitor_link_by_address(&local->links[i].address, &link) == 0)
			interface = link.name;
		(void)add_target(wire, &peer->links[i].address, interface);
		wire->link_count++;
	}
	choose_decoys(wire, config);
}

struct names {
	struct cli_wire *wire;
	struct {
		unsigned ifindex;
		char name[IF_NAMESIZE];
	} links[64];
	unsigned count;
};

static void
on_kernel(void *userdata, const struct vrrp_monitor_event *event)
{
	struct names *names = userdata;
	struct cli_wire *wire = names->wire;

	if (event->type == VRRP_MONITOR_LINK_CHANGED && names->count < 64) {
		names->links[names->count].ifindex = event->link.ifindex;
		(void)snprintf(names->links[names->count++].name, IF_NAMESIZE, "%s", event->link.name);
	}
	if (event->type != VRRP_MONITOR_ADDRESS_APPEARED)
		return;
	for (unsigned i = 0; i < wire->vip_count; i++) {
		struct cli_wire_target *target = &wire->targets[i];

		if (!ha_address_equal(&target->address, &event->address.address))
			continue;
		target->own = true;
		for (unsigned k = 0; k < names->count; k++) {
			if (names->links[k].ifindex == event->address.ifindex)
				(void)snprintf(target->own_interface, IF_NAMESIZE, "%s", names->links[k].name);
		}
	}
}

static void
on_sighting(void *userdata, const struct vrrp_probe_sighting *sighting)
{
	struct cli_wire_port *port = userdata;

	if (sighting->type != VRRP_PROBE_IN_USE || sighting->index >= port->target_count)
		return;
	struct cli_wire_target *target = &port->wire->targets[port->targets[sighting->index]];

	if (target->answered)
		return;
	target->answered = true;
	target->answered_at = sighting->received;
	memcpy(target->mac, sighting->mac, sizeof(target->mac));
}

static int
on_frames(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct cli_wire_port *port = userdata;

	(void)fd;
	(void)events;
	/* An interface that vanishes in the middle: what it has not answered stays unanswered. */
	if (vrrp_probe_receive(&port->probe, FRAMES_READ, on_sighting, port) < 0)
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

static struct cli_wire_port *
port_of(struct cli_wire *wire, const struct cli_wire_target *target)
{
	for (unsigned i = 0; i < wire->port_count; i++) {
		if (strcmp(wire->ports[i].interface, target->interface) == 0)
			return &wire->ports[i];
	}
	if (wire->port_count == CLI_WIRE_PORTS)
		return NULL;
	struct cli_wire_port *port = &wire->ports[wire->port_count++];

	*port = (struct cli_wire_port){ .wire = wire, .probe = { .arp_fd = -1, .nd_fd = -1 } };
	memcpy(port->interface, target->interface, sizeof(port->interface));
	return port;
}

static int
open_port(struct cli_wire *wire, struct cli_wire_port *port)
{
	struct ha_address watched[CLI_WIRE_TARGETS];
	struct vrrp_monitor_link link;
	int r = vrrp_monitor_link_by_name(port->interface, &link);

	for (unsigned i = 0; i < port->target_count; i++)
		watched[i] = wire->targets[port->targets[i]].address;
	if (r == 0)
		r = vrrp_probe_open(&port->probe, link.ifindex, watched, port->target_count);
	if (r < 0) {
		port->probe.arp_fd = port->probe.nd_fd = -1;
		return r;
	}
	r = sd_event_add_io(wire->event, &port->arp, port->probe.arp_fd, EPOLLIN, on_frames, port);
	if (r >= 0 && port->probe.nd_fd >= 0)
		r = sd_event_add_io(wire->event, &port->nd, port->probe.nd_fd, EPOLLIN, on_frames, port);
	return r < 0 ? r : 0;
}

static void
ask(struct cli_wire *wire)
{
	for (unsigned i = 0; i < wire->vip_count + wire->link_count + wire->decoy_count; i++) {
		struct cli_wire_target *target = &wire->targets[i];

		if (target->answered || target->error == -ENODEV || wire->ports[target->port].error < 0)
			continue;
		target->error = vrrp_probe_send(&wire->ports[target->port].probe, &target->address);
		if (target->error == 0)
			target->asked_at = ha_now();
	}
	wire->rounds++;
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct cli_wire *wire = userdata;
	ha_time now = ha_now();

	(void)usec;
	if (now >= wire->until) {
		wire->done = true;
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
		if (wire->on_done)
			wire->on_done(wire->userdata);
		return 0;
	}
	if (wire->rounds < ROUNDS)
		ask(wire);
	ha_time next = wire->rounds < ROUNDS ? now + ROUND_GAP : wire->until;

	(void)sd_event_source_set_time(source, ha_time_min(next, wire->until));
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void
assign_ports(struct cli_wire *wire)
{
	for (unsigned i = 0; i < wire->vip_count + wire->link_count + wire->decoy_count; i++) {
		struct cli_wire_target *target = &wire->targets[i];
		struct cli_wire_port *port = *target->interface ? port_of(wire, target) : NULL;

		if (!port)
			continue;
		target->port = (unsigned)(port - wire->ports);
		target->error = 0;
		port->targets[port->target_count++] = i;
	}
	for (unsigned i = 0; i < wire->port_count; i++) {
		struct cli_wire_port *port = &wire->ports[i];

		port->error = open_port(wire, port);
		for (unsigned k = 0; k < port->target_count; k++)
			wire->targets[port->targets[k]].error = port->error;
	}
}

int
cli_wire_begin(struct cli_wire *wire, sd_event *event, const struct config *config, void (*on_done)(void *userdata),
	void *userdata)
{
	*wire = (struct cli_wire){ .event = event, .on_done = on_done, .userdata = userdata };
	struct names names = { .wire = wire };

	choose_targets(wire, config);
	int r = vrrp_monitor_list(on_kernel, &names);

	if (r < 0) {
		wire->done = true;
		return r;
	}
	assign_ports(wire);
	wire->until = ha_now() + CLI_WIRE_TIME;
	ask(wire);
	r = sd_event_add_time(event, &wire->timer, CLOCK_BOOTTIME, ha_now() + ROUND_GAP, 1, on_timer, wire);
	wire->done = r < 0;
	return r < 0 ? r : 0;
}

void
cli_wire_close(struct cli_wire *wire)
{
	sd_event_source_unref(wire->timer);
	wire->timer = NULL;
	for (unsigned i = 0; i < wire->port_count; i++) {
		struct cli_wire_port *port = &wire->ports[i];

		sd_event_source_unref(port->arp);
		sd_event_source_unref(port->nd);
		if (port->probe.arp_fd >= 0)
			vrrp_probe_close(&port->probe);
	}
	wire->port_count = 0;
}
