/* test/model/world.c -- what can happen next, and that it happens. */
#include "test/model/world.h"

#include <string.h>

/* The intervals are short and close together, so that few timers lie between what matters; which of them comes first is
 * as in the real configuration. */
static void
node_config(struct node_config *c, unsigned host)
{
	memset(c, 0, sizeof(*c));
	c->priority = host == A ? 100 : 90;
	c->peer_priority = host == A ? 90 : 100;
	c->hello = 200 * HA_MS;
	c->advert = 100 * HA_MS;
	c->vrrp_version = 3;
	c->preempt = false;
	c->fence_configured = true;
	c->after = 400 * HA_MS;
	c->priority_fencing_delay = 500 * HA_MS;
	c->startup_fence_delay = 600 * HA_SEC;
	c->release_timeout = 30 * HA_SEC;
	c->start_delay = 60 * HA_SEC;
	c->link_count = 2;
	strcpy(c->cluster, "pair");
	strcpy(c->name, host == A ? "A" : "B");
	strcpy(c->peer, host == A ? "B" : "A");
	memset(c->guid.bytes, host == A ? 0xaa : 0xbb, sizeof(c->guid.bytes));
	c->guid.bytes[0] = 1;
	memset(c->peer_guid.bytes, host == A ? 0xbb : 0xaa, sizeof(c->peer_guid.bytes));
	c->peer_guid.bytes[0] = 1;
	memset(c->config_digest, 1, sizeof(c->config_digest));
	memset(c->vip_digest, 2, sizeof(c->vip_digest));
	c->fence.action = FENCE_ACTION_OFF; /* power-ups come by themselves, see fence.c */
	c->fence.samples = 2;
	c->fence.settle = 100 * HA_MS;
	c->fence.power_timeout = 20 * HA_SEC;
	c->fence.own = c->guid;
}

void
world_config(struct model *m)
{
	for (unsigned host = 0; host < HOSTS; host++)
		node_config(&m->config[host], host);
}

/* Both machines run, no daemon does. */
void
world_start(struct model *m)
{
	memset(&m->world, 0, sizeof(m->world));
	m->world.numbers = 1000;
	for (unsigned host = 0; host < HOSTS; host++) {
		struct model_host *h = &m->world.hosts[host];

		h->powered = h->link_up = true;
		h->clock = 1000 * HA_SEC;
		h->memory.peer_guid = m->config[1 - host].guid;
	}
}

static void
put(struct move *moves, unsigned *count, enum model_move kind, unsigned host, unsigned arg)
{
	moves[(*count)++] = (struct move){ .kind = (uint8_t)kind, .host = (uint8_t)host, .arg = (uint8_t)arg };
}

static void
daemon_moves(const struct world *w, unsigned host, struct move *moves, unsigned *count)
{
	const struct model_host *h = &w->hosts[host], *peer = &w->hosts[1 - host];
	const struct node *n = &h->node;

	if (n->draining) {
		put(moves, count, MOVE_DRAINED, host, 0);
	} else {
		put(moves, count, MOVE_RUN, host, 0);
		put(moves, count, MOVE_TIMER, host, 0);
		put(moves, count, MOVE_STALL, host, 0);
	}
	for (unsigned i = 0; i < w->to[host].count; i++) {
		put(moves, count, MOVE_MESSAGE, host, i);
		put(moves, count, MOVE_DOUBLE, host, i);
	}
	if (w->to[host].advert && h->link_up)
		put(moves, count, MOVE_ADVERT, host, 0);
	if (w->to[host].resigns && h->link_up)
		put(moves, count, MOVE_RESIGN, host, 0);
	if (h->write_token != 0)
		put(moves, count, MOVE_DISK, host, 0);
	*count += fence_moves(w, host, moves + *count);
	if (h->probed && peer->powered && peer->vip && h->link_up && peer->link_up)
		put(moves, count, MOVE_WIRE, host, 0);
	put(moves, count, MOVE_CRASH, host, 0);
	put(moves, count, MOVE_WORKER, host, 0);
	put(moves, count, h->link_up ? MOVE_LINK_DOWN : MOVE_LINK_UP, host, 0);
	put(moves, count, MOVE_PRIORITY, host, 0);
	if (n->command_token == 0 && (n->state == NODE_MASTER || n->state == NODE_BACKUP))
		put(moves, count, MOVE_SWITCHOVER, host, 0);
	if (!n->stopping)
		put(moves, count, MOVE_STOP, host, 0);
	if (!peer->powered && n->state == NODE_CLAIMING)
		put(moves, count, MOVE_CONFIRM, host, 0);
}

unsigned
world_moves(const struct world *w, struct move moves[MOVES])
{
	unsigned count = 0;

	for (unsigned host = 0; host < HOSTS; host++) {
		const struct model_host *h = &w->hosts[host];

		if (!h->powered) {
			put(moves, &count, MOVE_POWER_ON, host, 0);
			continue;
		}
		if (h->alive)
			daemon_moves(w, host, moves, &count);
		else
			put(moves, &count, MOVE_START, host, 0);
		if (h->kernel.count > 0) {
			put(moves, &count, MOVE_KERNEL, host, 0);
			put(moves, &count, MOVE_ADD_FAILS, host, 0);
		}
		if (h->stop_asked) {
			put(moves, &count, MOVE_STOPPED, host, 0);
			put(moves, &count, MOVE_NOT_STOPPED, host, 0);
		}
		if (h->late_off)
			put(moves, &count, MOVE_LATE_OFF, host, 0);
		put(moves, &count, MOVE_POWER_CUT, host, 0);
		if (!h->alive && h->record.state != NODE_RECORD_NONE) {
			put(moves, &count, MOVE_RECORD_LOST, host, 0);
			if (h->record.state != NODE_RECORD_DIRTY)
				put(moves, &count, MOVE_RECORD_DIRTY, host, 0);
		}
		if (!h->record_fails)
			put(moves, &count, MOVE_RECORD_FAILS, host, 0);
		if (!h->disk_slow)
			put(moves, &count, MOVE_DISK_SLOW, host, 0);
	}
	return count;
}

unsigned
world_price(const struct move *move)
{
	if (move->cut)
		return 1;
	switch ((enum model_move)move->kind) {
	case MOVE_TIMER:
	case MOVE_RUN:
	case MOVE_MESSAGE:
	case MOVE_RESIGN:
	case MOVE_KERNEL:
	case MOVE_STOPPED:
	case MOVE_DISK:
	case MOVE_READ:
	case MOVE_ANSWER:
	case MOVE_DOWN:
	case MOVE_EXECUTED:
	case MOVE_ACCEPTED:
	case MOVE_REFUSED:
	case MOVE_LOST:
	case MOVE_LATE_OFF:
	case MOVE_POWER_ON:
	case MOVE_START:
	case MOVE_DRAINED:
	case MOVE_LINK_UP:
	case MOVE_WIRE:
		return 0;
	case MOVE_DOUBLE:
	case MOVE_ADVERT:
	case MOVE_ADD_FAILS:
	case MOVE_NOT_STOPPED:
	case MOVE_READ_LAG:
	case MOVE_READ_FAILS:
	case MOVE_SAMPLE:
	case MOVE_SENT: /* and not executed and answered at once */
	case MOVE_NOT_SENT:
	case MOVE_POWER_CUT:
	case MOVE_CRASH:
	case MOVE_STALL:
	case MOVE_RECORD_LOST:
	case MOVE_RECORD_DIRTY:
	case MOVE_RECORD_FAILS:
	case MOVE_DISK_SLOW:
	case MOVE_LINK_DOWN:
	case MOVE_WORKER:
	case MOVE_PRIORITY:
	case MOVE_SWITCHOVER:
	case MOVE_STOP:
	case MOVE_CONFIRM:
	case MOVE_KINDS:
		break;
	}
	return 1;
}

static void
command(struct model *m, unsigned host, enum node_command_type type)
{
	m->event.command =
		(struct node_command){ .type = type, .token = 1, .claim = m->world.hosts[host].node.claim.number };
	host_event(m, host, NODE_EV_COMMAND, true);
	m->significant = true;
}

static void
stall(struct model *m, unsigned host)
{
	m->world.hosts[host].clock += STALL;
	m->event.late = STALL;
	host_event(m, host, NODE_EV_LATE, true);
	m->significant = true;
}

static void
link_moves(struct model *m, unsigned host, bool up)
{
	m->world.hosts[host].link_up = up;
	m->event.link = SERVICE;
	m->event.up = up;
	host_event(m, host, NODE_EV_LINK, true);
	if (up && m->world.hosts[host].alive) {
		m->event.link = SERVICE;
		host_event(m, host, NODE_EV_LINK_HEARD, true);
	}
	m->significant = true;
}

static void
priority_moves(struct model *m, unsigned host)
{
	struct model_host *h = &m->world.hosts[host];
	uint8_t normal = m->config[host].priority;

	h->priority_low = h->priority_low != 0 ? 0 : (uint8_t)(normal - 20);
	m->event.health = (struct node_health){ .fit = true,
		.effective_priority = h->priority_low != 0 ? h->priority_low : normal };
	host_event(m, host, NODE_EV_HEALTH, true);
	m->significant = true;
}

static void
confirm(struct model *m, unsigned host)
{
	m->world.hosts[host].truth.operator_saw = true;
	command(m, host, NODE_CMD_CONFIRM_OFF);
}

/* A disk that is not slow has written before anything else happens. */
static void
quick_disks(struct model *m)
{
	for (unsigned host = 0; host < HOSTS; host++) {
		for (unsigned i = 0; i < 8 && m->world.hosts[host].write_token != 0 && !m->world.hosts[host].disk_slow;
			i++)
			host_disk(m, host);
	}
}

bool
world_move(struct model *m, const struct move *move)
{
	unsigned host = move->host;
	struct model_host *h = &m->world.hosts[host];

	m->cut = move->cut;
	m->was_cut = false;
	m->significant = true;
	switch ((enum model_move)move->kind) {
	case MOVE_TIMER:
		if (!host_timer(m, host))
			return false;
		break;
	case MOVE_RUN:
		if (!host_run(m, host))
			return false;
		break;
	case MOVE_MESSAGE:
	case MOVE_DOUBLE:
		host_message(m, host, move->arg, move->kind == MOVE_DOUBLE);
		break;
	case MOVE_ADVERT:
	case MOVE_RESIGN:
		host_advert(m, host, move->kind == MOVE_RESIGN);
		break;
	case MOVE_KERNEL:
	case MOVE_ADD_FAILS:
		host_kernel(m, host, move->kind == MOVE_ADD_FAILS);
		break;
	case MOVE_STOPPED:
	case MOVE_NOT_STOPPED:
		host_stopped(m, host, move->kind == MOVE_STOPPED);
		break;
	case MOVE_DISK:
		host_disk(m, host);
		break;
	case MOVE_READ:
	case MOVE_SAMPLE:
	case MOVE_READ_LAG:
	case MOVE_READ_FAILS:
	case MOVE_ANSWER:
	case MOVE_DOWN:
	case MOVE_SENT:
	case MOVE_NOT_SENT:
	case MOVE_EXECUTED:
	case MOVE_ACCEPTED:
	case MOVE_REFUSED:
	case MOVE_LOST:
	case MOVE_WORKER:
		fence_move(m, move);
		break;
	case MOVE_LATE_OFF:
	case MOVE_POWER_CUT:
		host_power_off(m, host);
		break;
	case MOVE_POWER_ON:
		h->powered = h->lags = true;
		break;
	case MOVE_START:
		host_start(m, host);
		break;
	case MOVE_CRASH:
		host_crash(m, host);
		break;
	case MOVE_STALL:
		stall(m, host);
		break;
	case MOVE_DRAINED:
		host_event(m, host, NODE_EV_DRAINED, true);
		break;
	case MOVE_RECORD_LOST:
		h->record = (struct node_record){ .state = NODE_RECORD_NONE };
		break;
	case MOVE_RECORD_DIRTY:
		h->record = (struct node_record){ .state = NODE_RECORD_DIRTY };
		break;
	case MOVE_RECORD_FAILS:
		h->record_fails = true;
		break;
	case MOVE_DISK_SLOW:
		h->disk_slow = true;
		break;
	case MOVE_LINK_DOWN:
	case MOVE_LINK_UP:
		link_moves(m, host, move->kind == MOVE_LINK_UP);
		break;
	case MOVE_WIRE:
		h->probed = false;
		host_event(m, host, NODE_EV_PROBE_ANSWER, true);
		break;
	case MOVE_PRIORITY:
		priority_moves(m, host);
		break;
	case MOVE_SWITCHOVER:
		command(m, host, NODE_CMD_SWITCHOVER);
		break;
	case MOVE_STOP:
		host_event(m, host, NODE_EV_STOP, true);
		break;
	case MOVE_CONFIRM:
		confirm(m, host);
		break;
	case MOVE_KINDS:
		return false;
	}
	quick_disks(m);
	judge_world(&m->world);
	return !move->cut || m->was_cut;
}
