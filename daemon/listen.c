#include "daemon/daemon.h"

#include "daemon/gateway.h"
#include "lib/log.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define GATEWAY_ASK    HA_SEC
#define TOLD_GAP       (10 * HA_MS) /* a flood is not told packet by packet: what counts is that they come, and when */
#define ANNOUNCE_CHUNK 256          /* frames sent before the loop looks at its other sources again */

/* Has the node just been told the same? What it makes of such packets is a time only (S8), 10 ms more or less. */
static bool
just_told(ha_time *told)
{
	ha_time now = ha_now();
	if (*told != 0 && ha_time_since(now, *told) < TOLD_GAP)
		return true;
	*told = now;
	return false;
}

/* S13: something came in, so the port of the switch forwards. */
static void
note_heard(struct daemon *d, unsigned link)
{
	struct node_event event = { .type = NODE_EV_LINK_HEARD, .link = link };
	if (d->node.started && d->node.links[link].up && !d->node.links[link].heard_since_up)
		daemon_event(d, &event);
}

/* --- peer messages --- */

struct datagram_from {
	struct daemon *d;
	unsigned link;
};

static void
invalid(struct daemon *d, unsigned index, const char *why)
{
	struct daemon_link *link = &d->links[index];
	struct node_event event = { .type = NODE_EV_INVALID, .link = index };
	unsigned suppressed;
	link->rejected++;
	if (daemon_allowed(&link->invalid_limit, &suppressed))
		ha_log(LOG_WARNING, "link %u (%s): a packet from %s's address is not valid: %s (%u more before)", index,
			link->interface, config_peer(d->config)->name, why, suppressed);
	if (!just_told(&link->invalid_told))
		daemon_event(d, &event);
}

/* The round trip is what is left without the time for which the peer kept the message until it spoke itself. */
static void
measure(struct daemon *d, struct daemon_link *link, const struct vrrp_message *message)
{
	ha_time now = ha_now();
	if (message->sequence > d->heard_sequence || message->incarnation != d->node.window.incarnation) {
		d->heard_sequence = message->sequence;
		d->heard_at = now;
	}
	if (message->echo_incarnation == d->node.window.my_incarnation && link->sent_at != 0 &&
		message->echo_sequence == link->sent_sequence && message->echo_age_us != UINT32_MAX) {
		link->rtt = ha_time_since(now, ha_time_add(link->sent_at, message->echo_age_us));
		link->sent_at = 0;
	}
}

static uint32_t
echo_age(const struct daemon *d, const struct vrrp_message *message)
{
	ha_time age = ha_time_since(ha_now(), d->heard_at);
	return message->echo_sequence == d->heard_sequence && age < UINT32_MAX ? (uint32_t)age : UINT32_MAX;
}

/* Only if the node has taken the message, as the newest one: what is replayed names nothing. */
static void
hear_settings(struct daemon *d, const struct vrrp_message *message, const struct vrrp_settings *settings)
{
	const struct vrrp_message *newest = &d->node.peer.message;
	if (d->node.peer.ever && newest->incarnation == message->incarnation && newest->sequence == message->sequence)
		differs_hear(&d->differs, message, settings);
}

static bool
peer_differs(const struct daemon *d)
{
	return d->node.peer.ever &&
	       memcmp(d->node.peer.message.config_digest, d->node.config.config_digest, VRRP_MESSAGE_DIGEST) != 0;
}

static void
on_datagram(void *userdata, const struct vrrp_peer_datagram *datagram)
{
	const struct datagram_from *from = userdata;
	struct daemon *d = from->d;
	struct daemon_link *link = &d->links[from->link];
	struct node_event event = { .type = NODE_EV_MESSAGE, .link = from->link };
	link->received++;
	note_heard(d, from->link);
	if (!datagram->right_port || datagram->truncated) {
		invalid(d, from->link, datagram->truncated ? "too long" : "from another port");
		return;
	}
	struct vrrp_settings settings;
	int r = vrrp_message_decode_settings(datagram->data, datagram->length, &d->keys, &event.message, &settings);
	if (r == -EKEYREJECTED)
		invalid(d, from->link, "another cluster key");
	else if (r == -EPROTONOSUPPORT)
		invalid(d, from->link, "a version of the protocol that this release cannot read");
	else if (r < 0)
		invalid(d, from->link, "malformed");
	else if (strcmp(event.message.cluster, d->config->cluster) != 0)
		invalid(d, from->link, "another cluster");
	else if (strcmp(event.message.sender, config_peer(d->config)->name) != 0)
		invalid(d, from->link, "another node's name");
	else {
		measure(d, link, &event.message);
		daemon_event(d, &event);
		hear_settings(d, &event.message, &settings);
	}
}

static void
drain_peers(struct daemon *d)
{
	for (unsigned i = 0; i < config_local(d->config)->link_count; i++) {
		struct datagram_from from = { .d = d, .link = i };
		int r = DAEMON_BURST;
		for (unsigned j = 0; j < DAEMON_DRAIN && r == DAEMON_BURST && d->links[i].socket.io.fd >= 0; j++)
			r = vrrp_peer_socket_receive(&d->links[i].socket, DAEMON_BURST, on_datagram, &from);
		if (r < 0)
			links_socket_failed(d, i);
	}
}

int
listen_on_peer(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *d = userdata;
	(void)source;
	(void)revents;
	daemon_wake(d);
	for (unsigned i = 0; i < config_local(d->config)->link_count; i++) {
		struct datagram_from from = { .d = d, .link = i };
		if (d->links[i].socket.io.fd == fd &&
			vrrp_peer_socket_receive(&d->links[i].socket, DAEMON_BURST, on_datagram, &from) < 0)
			links_socket_failed(d, i);
	}
	return 0;
}

void
listen_send(struct daemon *d, const struct vrrp_message *message, unsigned links)
{
	uint8_t buffer[VRRP_MESSAGE_BYTES];
	struct vrrp_message copy = *message;
	struct vrrp_settings settings = { 0 };
	if (peer_differs(d))
		differs_tell(&d->differs, &settings);
	for (unsigned i = 0; i < config_local(d->config)->link_count; i++) {
		struct daemon_link *link = &d->links[i];
		unsigned suppressed;
		if ((links & 1u << i) == 0 || link->socket.io.fd < 0)
			continue;
		copy.link = (uint8_t)i;
		copy.echo_age_us = echo_age(d, message);
		size_t length = vrrp_message_encode_settings(&copy, &settings, &d->keys, buffer);
		assert(length > 0); /* names were bounded when the configuration was loaded */
		int r = vrrp_peer_socket_send(&link->socket, buffer, length);
		link->sent += r >= 0;
		link->send_failed += r < 0;
		if (r < 0 && links_up(d, i) && daemon_allowed(&link->send_limit, &suppressed))
			ha_log(LOG_WARNING, "link %u (%s): cannot send to %s: %s", i, link->interface,
				config_peer(d->config)->name, strerror(-r));
		if (r >= 0 && (link->sent_at == 0 || ha_time_since(ha_now(), link->sent_at) > HA_SEC)) {
			link->sent_sequence = copy.sequence;
			link->sent_at = ha_now();
		}
	}
}

/* --- VRRP --- */

static enum vrrp_checksum
checksum_of(const struct config_vrrp *config)
{
	switch (config->checksum) {
	case CONFIG_CHECKSUM_PSEUDO:
		return VRRP_CHECKSUM_PSEUDO;
	case CONFIG_CHECKSUM_NONE:
		return VRRP_CHECKSUM_NONE;
	case CONFIG_CHECKSUM_AUTO:
		break;
	}
	return VRRP_CHECKSUM_AUTO;
}

static void
rules_of(const struct daemon *d, struct vrrp_rules *ret)
{
	const struct config_vrrp *config = &d->config->vrrp;
	*ret = (struct vrrp_rules){ .version = config->version,
		.vrid = config->vrid,
		.advert_interval = config->advert_interval,
		.auth = config->auth_pass[0] != '\0' ? VRRP_AUTH_PASS : VRRP_AUTH_NONE,
		.checksum = checksum_of(config),
		.addresses = &d->addresses };
	memcpy(ret->auth_pass, config->auth_pass, strnlen(config->auth_pass, VRRP_PACKET_PASS));
}

static bool
is_peers(const struct daemon *d, const struct ha_address *source)
{
	const struct config_node *peer = config_peer(d->config);
	for (unsigned i = 0; i < peer->link_count; i++)
		if (ha_address_equal(&peer->links[i].address, source))
			return true;
	return false;
}

static void
judge_foreign(struct daemon *d, const struct vrrp_socket_packet *packet, enum vrrp_verdict verdict)
{
	char text[HA_ADDRESS_TEXT];
	unsigned suppressed;
	d->adverts.foreign++;
	d->adverts.last_foreign = packet->source;
	d->adverts.last_foreign_at = ha_now();
	d->adverts.last_verdict = verdict;
	if (daemon_allowed(&d->adverts.limit, &suppressed))
		ha_log(LOG_WARNING,
			"a router that is not of this pair, %s, sends VRRP adverts of VRID %u (%s; %u more before)",
			ha_address_format(&packet->source, text), d->config->vrrp.vrid, vrrp_verdict_name(verdict),
			suppressed);
}

static void
judge_peers(struct daemon *d, enum vrrp_verdict verdict)
{
	unsigned suppressed;
	if (verdict == VRRP_VERDICT_OK) {
		d->adverts.from_peer++;
		return;
	}
	d->adverts.invalid++;
	d->adverts.last_verdict = verdict;
	if (daemon_allowed(&d->adverts.limit, &suppressed))
		ha_log(LOG_WARNING, "a VRRP advert from %s's address does not fit: %s (%u more before)",
			config_peer(d->config)->name, vrrp_verdict_name(verdict), suppressed);
}

static void
on_packet(void *userdata, const struct vrrp_socket_packet *packet)
{
	struct daemon *d = userdata;
	struct vrrp_packet parsed = { .source = packet->source,
		.destination = packet->destination,
		.ttl = packet->ttl,
		.data = packet->payload,
		.length = packet->length };
	struct vrrp_advert advert = { 0 };
	struct vrrp_rules rules;
	rules_of(d, &rules);
	note_heard(d, 0);
	enum vrrp_verdict verdict = vrrp_packet_parse(&parsed, &rules, &advert);
	if (verdict == VRRP_VERDICT_VRID)
		return;
	bool from_peer = is_peers(d, &packet->source);
	if (from_peer)
		judge_peers(d, verdict);
	else
		judge_foreign(d, packet, verdict);
	/* S8: from the peer's address and not valid, it shows only that the peer may be alive. */
	bool invalid = from_peer && verdict != VRRP_VERDICT_OK;
	struct node_event event = { .type = invalid ? NODE_EV_INVALID : NODE_EV_ADVERT };
	if (!invalid)
		event.advert = (struct node_advert){
			.from_peer = from_peer, .priority = advert.priority, .interval = advert.advert_interval
		};
	if (!just_told(&d->adverts.told[invalid ? 3 : !from_peer ? 2 : advert.priority == 0 ? 1 : 0]))
		daemon_event(d, &event);
}

static void
vrrp_failed(struct daemon *d)
{
	listen_close(d);
	d->links[0].flapped = true; /* S13: as links_socket_failed() */
	d->links_stale = true;
}

static void
drain_vrrp(struct daemon *d)
{
	int r = DAEMON_BURST;
	for (unsigned i = 0; i < DAEMON_DRAIN && r == DAEMON_BURST && d->vrrp.io.fd >= 0; i++)
		r = vrrp_socket_receive(&d->vrrp, DAEMON_BURST, on_packet, d);
	if (r < 0)
		vrrp_failed(d);
}

int
listen_on_vrrp(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *d = userdata;
	(void)source;
	(void)fd;
	(void)revents;
	daemon_wake(d);
	if (d->vrrp.io.fd >= 0 && vrrp_socket_receive(&d->vrrp, DAEMON_BURST, on_packet, d) < 0)
		vrrp_failed(d);
	return 0;
}

void
listen_addresses(struct daemon *d)
{
	const struct config_vrrp *config = &d->config->vrrp;
	struct vrrp_monitor_link link;
	uint8_t family = config_local(d->config)->links[0].address.family;
	size_t mtu = 1500;
	if (vrrp_monitor_link_by_name(links_service_interface(d), &link) == 0 && link.mtu > 0)
		mtu = link.mtu;
	vrrp_addresses_init(&d->addresses, config->version, family, mtu);
	for (unsigned i = 0; i < config->vip_count; i++)
		(void)vrrp_addresses_add(&d->addresses, &config->vips[i].address);
}

int
listen_open(struct daemon *d)
{
	const char *interface = links_service_interface(d);
	struct vrrp_monitor_link link;
	int r = interface[0] != '\0' ? vrrp_monitor_link_by_name(interface, &link) : -ENODEV;
	/* Another error says nothing of the interface. */
	if (r == -ENODEV)
		listen_close(d);
	if (r < 0)
		return r;
	if (d->vrrp.io.fd >= 0 && d->vrrp.io.ifindex == link.ifindex)
		return 0;
	listen_close(d);
	struct vrrp_socket_config config = { .source = config_local(d->config)->links[0].address,
		.peer = config_peer(d->config)->links[0].address,
		.unicast = d->config->vrrp.unicast,
		.vrid = d->config->vrrp.vrid };
	snprintf(config.interface, sizeof(config.interface), "%s", interface);
	r = vrrp_socket_open(&d->vrrp, &config);
	if (r >= 0)
		r = sd_event_add_io(d->event, &d->vrrp_source, d->vrrp.io.fd, EPOLLIN, listen_on_vrrp, d);
	if (r < 0) {
		unsigned suppressed;
		if (daemon_allowed(&d->vrrp_limit, &suppressed))
			ha_log(LOG_ERR, "VRRP on %s: %s: no advert is heard there, tried again each second (%s)",
				interface, strerror(-r), links_deaf_remedy(r));
		listen_close(d);
		return r;
	}
	listen_addresses(d);
	if (d->addresses.count == 0)
		ha_log(LOG_WARNING, "no VRRP adverts: the VIP and the first link's address are not of one IP version");
	return 0;
}

void
listen_close(struct daemon *d)
{
	d->vrrp_source = sd_event_source_unref(d->vrrp_source);
	vrrp_socket_close(&d->vrrp);
}

void
listen_advert(struct daemon *d, uint8_t priority)
{
	uint8_t buffer[VRRP_PACKET_BYTES];
	struct vrrp_rules rules;
	unsigned suppressed;
	rules_of(d, &rules);
	struct vrrp_advert advert = { .version = rules.version,
		.vrid = rules.vrid,
		.priority = priority,
		.advert_interval = rules.advert_interval,
		.auth = rules.auth,
		.checksum = rules.checksum,
		.family = d->addresses.family,
		.address_count = d->addresses.count,
		.addresses = d->addresses.bytes };
	memcpy(advert.auth_pass, rules.auth_pass, sizeof(advert.auth_pass));
	const struct vrrp_socket_config *config = &d->vrrp.config;
	struct ha_address destination = config->peer;
	if (!config->unicast)
		(void)ha_address_parse(config->source.family == AF_INET6 ? "ff02::12" : "224.0.0.18", &destination);
	size_t length = vrrp_packet_build(&advert, &config->source, &destination, buffer, sizeof(buffer));
	int r = length == 0 ? -EMSGSIZE : vrrp_socket_send(&d->vrrp, buffer, length);
	if (r < 0 && daemon_allowed(&d->vrrp_limit, &suppressed))
		ha_log(LOG_WARNING, "VRRP advert: %s (%u more before)",
			length == 0 ? "no address of the link's family to advertise" : strerror(-r), suppressed);
}

/* --- ARP and ND --- */

static void
on_sighting(void *userdata, const struct vrrp_probe_sighting *sighting)
{
	struct daemon *d = userdata;
	struct node_event event = { .type = NODE_EV_PROBE_ANSWER };
	/* Who only asks, as the peer does in its claim, has nothing yet; the gateway's address is its own. */
	if (sighting->type != VRRP_PROBE_IN_USE || !vip_configured(d, &sighting->address))
		return;
	d->wire.seen = true;
	d->wire.address = sighting->address;
	d->wire.at = ha_now();
	memcpy(d->wire.mac, sighting->mac, sizeof(d->wire.mac));
	/* S5: who was asked for since is told at once. */
	if (d->wire.told <= d->wire.asked || ha_time_since(d->wire.at, d->wire.told) >= TOLD_GAP) {
		d->wire.told = d->wire.at;
		daemon_event(d, &event);
	}
}

static int
hear_port(struct daemon *d, struct daemon_port *port)
{
	int r = port->open ? vrrp_probe_receive(&port->probe, DAEMON_BURST, on_sighting, d) : 0;
	if (r < 0)
		d->links_stale = true;
	uint64_t heard = port->probe.counters.received - port->probe.counters.own;
	if (heard != port->heard && port->ifindex == d->links[0].ifindex)
		note_heard(d, 0);
	port->heard = heard;
	return r;
}

static void
drain_wire(struct daemon *d)
{
	for (unsigned i = 0; i < d->port_count; i++) {
		int r = DAEMON_BURST;
		for (unsigned j = 0; j < DAEMON_DRAIN && r == DAEMON_BURST; j++)
			r = hear_port(d, &d->ports[i]);
	}
}

int
listen_on_wire(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *d = userdata;
	(void)source;
	(void)revents;
	daemon_wake(d);
	for (unsigned i = 0; i < d->port_count; i++)
		if (d->ports[i].probe.arp_fd == fd || d->ports[i].probe.nd_fd == fd)
			(void)hear_port(d, &d->ports[i]);
	return 0;
}

void
listen_probe(struct daemon *d)
{
	char text[HA_ADDRESS_TEXT];
	unsigned suppressed;
	bool failed = false;
	d->wire.asked = ha_now();
	for (unsigned i = 0; i < d->vip_count; i++) {
		struct daemon_port *port = &d->ports[d->vips[i].port];
		int r = port->open ? vrrp_probe_send(&port->probe, &d->vips[i].config->address) : -ENODEV;
		if (r < 0 && daemon_allowed(&d->probe_limit, &suppressed))
			ha_log(LOG_WARNING, "cannot probe for %s on %s: %s",
				ha_address_format(&d->vips[i].config->address, text), port->interface, strerror(-r));
		failed = failed || r < 0;
	}
	if (failed)
		daemon_event_type(d, NODE_EV_PROBE_FAILED, false);
}

/* Thousands of addresses are announced in pieces, so that no advert is late for it. Whole rounds one after the other:
 * every address is announced once before any is announced twice. */
static int
on_announce(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *d = userdata;
	struct daemon_announcing *a = &d->announcing;
	(void)usec;
	for (unsigned i = 0; i < ANNOUNCE_CHUNK && a->rounds > 0; i++) {
		const struct daemon_vip *vip = &d->vips[a->next];
		struct daemon_port *port = &d->ports[vip->port];
		if (port->open && vrrp_probe_announce(&port->probe, &vip->config->address) == -ENOBUFS)
			break;
		if (++a->next >= d->vip_count) {
			a->next = 0;
			a->rounds--;
		}
	}
	/* Giving up the addresses ends it. */
	if (a->rounds == 0 || !d->vips_wanted)
		return 0;
	sd_event_source_set_time(source, ha_now() + HA_MS);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void
listen_announce(struct daemon *d)
{
	struct daemon_announcing *a = &d->announcing;
	if (d->vip_count == 0)
		return;
	a->rounds = d->config->vrrp.garp_master_repeat;
	a->next = 0;
	if (a->source == NULL && sd_event_add_time(d->event, &a->source, CLOCK_BOOTTIME, 0, 1, on_announce, d) < 0) {
		ha_log(LOG_ERR, "cannot announce the VIP: no memory");
		return;
	}
	(void)on_announce(a->source, 0, d); /* the first piece at once: clients are waiting */
}

/* S13: nothing was heard on the service link since it came up. On a quiet LAN somebody has to be asked. */
static void
ask_gateway(struct daemon *d)
{
	const struct node_link *link = &d->node.links[0];
	const struct ha_address *own = &config_local(d->config)->links[0].address;
	struct ha_address gateway;
	if (!d->node.started || !link->up || link->heard_since_up || ha_now() < d->gateway_at)
		return;
	d->gateway_at = ha_now() + GATEWAY_ASK;
	if (gateway_find(d->links[0].interface, &gateway) < 0 || gateway.family != own->family)
		return;
	for (unsigned i = 0; i < d->port_count; i++)
		if (d->ports[i].open && d->ports[i].ifindex == d->links[0].ifindex)
			(void)vrrp_probe_request(&d->ports[i].probe, own, &gateway);
}

void
listen_drain(struct daemon *d)
{
	ask_gateway(d);
	drain_peers(d);
	drain_vrrp(d);
	drain_wire(d);
}
