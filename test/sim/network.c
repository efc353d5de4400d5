/* test/sim/network.c -- two LANs that lose, double, delay, reorder and cut, and an attacker who listens. */
#include "test/sim/world.h"

#include <assert.h>
#include <string.h>

#define CLEAN_DELAY (20 * HA_MS) /* more is not a healthy path */

void
network_init(struct world *w)
{
	static const struct sim_path clean = { .delay = 100, .jitter = 100 };

	for (unsigned h = 0; h < HOSTS; h++) {
		for (unsigned l = 0; l < LINKS; l++) {
			w->paths[h][l] = clean;
			w->ports[h][l] = (struct sim_port){ .cable = true };
		}
		w->recorded_count[h] = 0;
	}
	for (unsigned l = 0; l < LINKS; l++) {
		w->switch_dead[l] = false;
		w->good_since[l] = HA_NEVER;
	}
	w->free_slot_count = MESSAGE_SLOTS;
	for (unsigned i = 0; i < MESSAGE_SLOTS; i++)
		w->free_slots[i] = (uint16_t)(MESSAGE_SLOTS - 1 - i);
	for (unsigned h = 0; h < HOSTS; h++) {
		w->keys[h].count = 1;
		memset(w->keys[h].keys[0], 0x5a, sizeof(w->keys[h].keys[0]));
	}
}

static bool
carrier(const struct world *w, unsigned host, unsigned link)
{
	return w->ports[host][link].cable && !w->switch_dead[link] && !w->hosts[host].suspended;
}

bool
network_port_works(const struct world *w, unsigned host, unsigned link)
{
	return w->hosts[host].powered && carrier(w, host, link) && w->now >= w->ports[host][link].blocked_until;
}

static bool
path_good(const struct world *w, unsigned from, unsigned link)
{
	const struct sim_path *path = &w->paths[from][link];

	return network_port_works(w, from, link) && w->hosts[from].running && !w->hosts[from].frozen && !path->cut &&
	       !path->no_messages && path->loss == 0 && path->delay + path->jitter <= CLEAN_DELAY;
}

void
network_changed(struct world *w)
{
	for (unsigned l = 0; l < LINKS; l++) {
		bool good =
			l < w->config.node[0].link_count && !w->keys_differ && path_good(w, 0, l) && path_good(w, 1, l);

		if (!good)
			w->good_since[l] = HA_NEVER;
		else if (w->good_since[l] == HA_NEVER)
			w->good_since[l] = w->now;
	}
}

static bool
passes(struct world *w, unsigned from, unsigned link)
{
	const struct sim_path *path = &w->paths[from][link];

	return network_port_works(w, from, link) && !path->cut && !sim_chance(&w->random, path->loss);
}

static ha_time
travel(struct world *w, const struct sim_path *path)
{
	return sim_between(&w->random, path->delay, path->delay + path->jitter);
}

static void
release_slot(struct world *w, unsigned slot)
{
	if (--w->references[slot] == 0)
		w->free_slots[w->free_slot_count++] = (uint16_t)slot;
}

static bool
arrives(const struct world *w, const struct sim_event *event)
{
	return network_port_works(w, event->host, (unsigned)event->b);
}

/* a: slot, b: link. SIM_FREE, because the slot must come back even if the host is gone. */
static void
message_at_host(struct world *w, const struct sim_event *event)
{
	struct sim_host *h = &w->hosts[event->host];
	struct node_event *e = &w->event;

	e->link = (unsigned)event->b;
	e->type = NODE_EV_MESSAGE;
	if (w->keys_differ) {
		e->type = NODE_EV_INVALID;
	} else if (!w->config.encode) {
		e->message = w->messages[event->a];
		e->message.link = (uint8_t)event->b; /* one slot for all links; each copy would be signed for its own */
	} else if (vrrp_message_decode(w->bytes[event->a], w->lengths[event->a], &w->keys[event->host], &e->message) !=
		   0) {
		e->type = NODE_EV_INVALID;
		if (memcmp(&w->keys[0], &w->keys[1], sizeof(w->keys[0])) == 0)
			oracle_violation(w, "the codec does not read what it wrote");
	}
	release_slot(w, (unsigned)event->a);
	if (h->daemon.alive)
		daemon_event(w, event->host, e);
}

static void
message_arrives(struct world *w, const struct sim_event *event)
{
	struct sim_host *h = &w->hosts[event->host];

	if (!arrives(w, event) || !h->running || h->suspended || (h->frozen && h->deaf)) {
		release_slot(w, (unsigned)event->a);
	} else if (h->frozen) {
		/* The card has it; it is seen after the thaw. A full buffer keeps the oldest. */
		if (h->waiting_packets < SOCKET_BUFFER && h->waiting_count < WAITING) {
			h->waiting[h->waiting_count] = *event;
			h->waiting[h->waiting_count++].run = message_at_host;
			h->waiting_packets++;
		} else {
			release_slot(w, (unsigned)event->a);
		}
	} else {
		message_at_host(w, event);
	}
}

void
network_forget(struct world *w, struct sim_host *h)
{
	for (unsigned i = 0; i < h->waiting_count; i++) {
		if (h->waiting[i].run == message_at_host)
			release_slot(w, (unsigned)h->waiting[i].a);
	}
	h->waiting_count = h->waiting_packets = 0;
}

static void
record(struct world *w, unsigned from, const struct vrrp_message *message)
{
	unsigned i = w->recorded_count[from];

	if (i >= RECORDED)
		i = sim_below(&w->random, RECORDED);
	else
		w->recorded_count[from]++;
	w->recorded[from][i] = *message;
}

/* A message that is on its way; NULL if too many are. */
static bool
take_slot(struct world *w, unsigned *ret)
{
	if (w->free_slot_count == 0)
		return false;
	*ret = w->free_slots[--w->free_slot_count];
	w->references[*ret] = 1;
	return true;
}

/* Each link's copy is signed for its own. */
static void
encode(struct world *w, unsigned from, unsigned slot, const struct vrrp_message *message, unsigned link)
{
	struct vrrp_message copy = *message;

	copy.link = (uint8_t)link;
	w->lengths[slot] = vrrp_message_encode(&copy, &w->keys[from], w->bytes[slot]);
	if (w->lengths[slot] == 0)
		oracle_violation(w, "node %u sends a message that cannot be encoded", from);
}

/* What is sent on the storage link comes in on the service link (FAULTS 80): signed for the other one. */
static void
relay(struct world *w, unsigned from, const struct vrrp_message *message)
{
	unsigned slot = 0;

	if (!w->relayed || !w->config.encode || !take_slot(w, &slot))
		return;
	encode(w, from, slot, message, STORAGE);
	w->references[slot]++;
	world_push(w, travel(w, &w->paths[from][SERVICE]), SIM_FREE, 1 - from, message_arrives, slot, SERVICE);
	release_slot(w, slot);
}

static void
send_on_link(struct world *w, unsigned from, unsigned link, unsigned slot)
{
	const struct sim_path *path = &w->paths[from][link];

	for (unsigned copies = 1 + sim_chance(&w->random, path->duplicate); copies > 0; copies--) {
		w->references[slot]++;
		world_push(w, travel(w, path), SIM_FREE, 1 - from, message_arrives, slot, link);
	}
}

void
network_send(struct world *w, unsigned from, unsigned links, const struct vrrp_message *message)
{
	unsigned slot = 0;
	bool filled = false;

	if ((message->grant | message->claim) != 0 || sim_below(&w->random, 100) == 0)
		record(w, from, message);
	relay(w, from, message);
	for (unsigned link = 0; link < w->config.node[from].link_count; link++) {
		if ((links & (1U << link)) == 0 || w->paths[from][link].no_messages || !passes(w, from, link))
			continue;
		if (!filled && !take_slot(w, &slot))
			return;
		if (w->config.encode)
			encode(w, from, slot, message, link);
		else if (!filled)
			w->messages[slot] = *message; /* one for all links */
		filled = true;
		send_on_link(w, from, link, slot);
		if (w->config.encode) {
			release_slot(w, slot);
			filled = false;
		}
	}
	if (filled)
		release_slot(w, slot);
}

static void
advert_arrives(struct world *w, const struct sim_event *event)
{
	struct node_event *e = &w->event;

	if (!arrives(w, event))
		return;
	e->type = NODE_EV_ADVERT;
	e->link = SERVICE;
	e->advert = (struct node_advert){ .from_peer = event->a < 256,
		.priority = (uint8_t)event->a,
		.interval = w->config.node[1 - event->host].advert,
		.link = SERVICE };
	daemon_event(w, event->host, e);
}

void
network_advert(struct world *w, unsigned from, unsigned priority)
{
	const struct sim_path *path = &w->paths[from][SERVICE];

	if (!path->no_adverts && passes(w, from, SERVICE))
		world_push(w, travel(w, path), SIM_PACKET, 1 - from, advert_arrives, priority, SERVICE);
}

static void
answer_arrives(struct world *w, const struct sim_event *event)
{
	if (!arrives(w, event))
		return;
	w->event.type = NODE_EV_PROBE_ANSWER;
	daemon_event(w, event->host, &w->event);
}

static void
probe_arrives(struct world *w, const struct sim_event *event)
{
	struct sim_host *h = &w->hosts[event->host];

	/* The kernel answers, whatever the daemon does. */
	if (arrives(w, event) && h->running && kernel_has_vip(w, event->host) && passes(w, event->host, SERVICE))
		world_push(w, travel(w, &w->paths[event->host][SERVICE]), SIM_PACKET, 1 - event->host, answer_arrives,
			0, SERVICE);
}

static void
probe_failed(struct world *w, const struct sim_event *event)
{
	w->event.type = NODE_EV_PROBE_FAILED;
	daemon_event(w, event->host, &w->event);
}

void
network_probe(struct world *w, unsigned from)
{
	if (!carrier(w, from, SERVICE)) {
		world_push(w, 0, SIM_DAEMON, from, probe_failed, 0, 0);
		return;
	}
	if (!network_port_works(w, from, SERVICE))
		return;
	if (w->third_has_vip)
		world_push(w, sim_between(&w->random, 100, HA_MS), SIM_PACKET, from, answer_arrives, 0, SERVICE);
	if (passes(w, from, SERVICE))
		world_push(w, travel(w, &w->paths[from][SERVICE]), SIM_PACKET, 1 - from, probe_arrives, 0, SERVICE);
}

/* A gratuitous ARP is heard as somebody who has the address. */
void
network_announce(struct world *w, unsigned from)
{
	if (passes(w, from, SERVICE))
		world_push(w, travel(w, &w->paths[from][SERVICE]), SIM_PACKET, 1 - from, answer_arrives, 0, SERVICE);
}

static void
port_unblocked(struct world *w, const struct sim_event *event)
{
	(void)event;
	network_changed(w);
}

static void
link_event(struct world *w, const struct sim_event *event)
{
	w->event.type = NODE_EV_LINK;
	w->event.link = (unsigned)event->a;
	w->event.up = event->b;
	daemon_event(w, event->host, &w->event);
}

static void
stranger_heard(struct world *w, const struct sim_event *event)
{
	if (!arrives(w, event))
		return;
	w->event.type = NODE_EV_LINK_HEARD;
	w->event.link = (unsigned)event->b;
	daemon_event(w, event->host, &w->event);
}

/* Somebody else on the LAN broadcasts something, a while after the port works. */
static void
chatter(struct world *w, unsigned host, unsigned link)
{
	ha_time blocked = w->ports[host][link].blocked_until;
	ha_time wait = blocked > w->now ? blocked - w->now : 0;

	if (w->config.chatter)
		world_push(w, wait + sim_between(&w->random, HA_MS, 5 * HA_SEC), SIM_PACKET, host, stranger_heard, 0,
			link);
}

static void
tell_carrier(struct world *w, unsigned host, unsigned link)
{
	bool up = carrier(w, host, link);
	ha_time blocked = w->ports[host][link].blocked_until;

	if (!w->hosts[host].powered)
		return;
	trace(w, (int)host, "link %u %s", link, up ? "up" : "DOWN");
	world_push(w, HA_MS, SIM_HOST, host, link_event, link, up); /* netlink keeps the order */
	if (up)
		chatter(w, host, link);
	if (up && blocked > w->now)
		world_push(w, blocked - w->now, SIM_FREE, host, port_unblocked, 0, 0);
}

void
network_listen(struct world *w, unsigned host)
{
	for (unsigned link = 0; link < w->config.node[host].link_count; link++)
		chatter(w, host, link);
}

void
network_tell(struct world *w, unsigned host)
{
	for (unsigned link = 0; link < w->config.node[host].link_count; link++)
		tell_carrier(w, host, link);
}

void
network_cable(struct world *w, unsigned host, unsigned link, bool in)
{
	if (w->ports[host][link].cable == in)
		return;
	w->ports[host][link].cable = in;
	tell_carrier(w, host, link);
	network_changed(w);
}

/* A switch that returns blocks its ports for `blocked` (spanning tree). */
void
network_switch(struct world *w, unsigned link, bool alive, ha_time blocked)
{
	if (w->switch_dead[link] != alive)
		return;
	w->switch_dead[link] = !alive;
	for (unsigned host = 0; host < HOSTS; host++) {
		if (alive)
			w->ports[host][link].blocked_until = w->now + blocked;
		if (w->ports[host][link].cable)
			tell_carrier(w, host, link);
	}
	network_changed(w);
}

static void
replay_arrives(struct world *w, const struct sim_event *event)
{
	if (!arrives(w, event) || w->keys_differ)
		return;
	w->event.type = NODE_EV_MESSAGE;
	w->event.link = (unsigned)event->b;
	w->event.message = w->recorded[1 - event->host][event->a];
	w->event.message.link = (uint8_t)event->b;
	daemon_event(w, event->host, &w->event);
}

/* Something that the other host once sent, perhaps in an earlier life. */
void
network_replay(struct world *w, unsigned to, unsigned link)
{
	unsigned count = w->recorded_count[1 - to];

	if (count > 0)
		world_push(w, HA_MS, SIM_PACKET, to, replay_arrives, sim_below(&w->random, count), link);
}

void
network_forge_advert(struct world *w, unsigned to, bool from_peer, uint8_t priority)
{
	world_push(w, HA_MS, SIM_PACKET, to, advert_arrives, from_peer ? priority : 256U + priority, SERVICE);
}

static void
invalid_arrives(struct world *w, const struct sim_event *event)
{
	if (!arrives(w, event))
		return;
	w->event.type = NODE_EV_INVALID;
	w->event.link = (unsigned)event->b;
	daemon_event(w, event->host, &w->event);
}

void
network_invalid(struct world *w, unsigned to, unsigned link)
{
	world_push(w, HA_MS, SIM_PACKET, to, invalid_arrives, 0, link);
}
