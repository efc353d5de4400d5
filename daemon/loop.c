#include "daemon/daemon.h"

#include "lib/log.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define LIMIT_GAP (10 * HA_SEC)

uint64_t
daemon_random(struct daemon *d)
{
	uint64_t value;
	if (d->random_left < sizeof(value)) {
		/* 256 bytes and less never come short and never wait once the pool is ready (getrandom(2)). */
		if (getrandom(d->random, sizeof(d->random), 0) != (ssize_t)sizeof(d->random))
			abort();
		d->random_left = sizeof(d->random);
	}
	d->random_left -= (unsigned)sizeof(value);
	memcpy(&value, d->random + d->random_left, sizeof(value));
	return value;
}

int64_t
daemon_wall(void)
{
	struct timespec wall;
	clock_gettime(CLOCK_REALTIME, &wall);
	return (int64_t)wall.tv_sec * (int64_t)HA_SEC + wall.tv_nsec / 1000 - (int64_t)ha_now();
}

bool
daemon_allowed(struct daemon_limit *limit, unsigned *ret_suppressed)
{
	ha_time now = ha_now();
	if (now < limit->next) {
		limit->suppressed++;
		return false;
	}
	limit->next = now + LIMIT_GAP;
	*ret_suppressed = limit->suppressed;
	limit->suppressed = 0;
	return true;
}

static void
step(struct daemon *d, const struct node_event *queued)
{
	enum node_state before = d->node.state;
	bool heard = d->node.peer.heard;
	struct node_event event = *queued;
	event.now = ha_now();
	event.random = daemon_random(d);
	d->state_before = before;
	node_step(&d->node, &event, &d->update);
	if (!node_holding(&d->node))
		d->held_since = 0;
	else if (d->held_since == 0)
		d->held_since = event.now;
	act(d, &d->update);
	act_peer_state(d);
	daemon_health_mode(d->health, d->node.state == NODE_MASTER);
	daemon_alarms(d);
	if (before != d->node.state || heard != d->node.peer.heard)
		daemon_say_status(d);
}

static void
rearm(struct daemon *d)
{
	ha_time now = ha_now();
	if (!d->draining && now > ha_time_add(d->armed, NODE_LATE)) {
		/* A handler took too long, or was stopped in its midst: the next one finds that we were away (S7, S13).
		 */
		sd_event_source_set_time(d->timer, now);
		sd_event_source_set_enabled(d->timer, SD_EVENT_ONESHOT);
		return;
	}
	/* A deadline in the past is looked at in the next turn of the loop, not in this one. */
	ha_time at = ha_time_max(node_deadline(&d->node), now);
	d->armed = ha_time_min(at, now + DAEMON_HEARTBEAT);
	d->seen = now;
	sd_event_source_set_time(d->timer, d->armed);
	sd_event_source_set_enabled(d->timer, SD_EVENT_ONESHOT);
}

void
daemon_event(struct daemon *d, const struct node_event *event)
{
	if (d->stepping) {
		/* Executing an action brought it about: it waits for the others of the same update. */
		assert(d->queue_count < DAEMON_QUEUE);
		d->queue[(d->queue_first + d->queue_count++) % DAEMON_QUEUE] = *event;
		return;
	}
	d->stepping = true;
	step(d, event);
	while (d->queue_count > 0) {
		struct node_event next = d->queue[d->queue_first];
		d->queue_first = (d->queue_first + 1) % DAEMON_QUEUE;
		d->queue_count--;
		step(d, &next);
	}
	d->stepping = false;
	rearm(d);
}

void
daemon_event_type(struct daemon *d, enum node_event_type type, bool ok)
{
	struct node_event event = { .type = type, .ok = ok };
	daemon_event(d, &event);
}

void
daemon_remembered(struct daemon *d)
{
	struct node_event event = { .type = NODE_EV_REMEMBERED };
	int result;
	if (!memory_result(d->memory, &event.token, &result))
		return;
	event.ok = result == 0;
	if (!event.ok && !d->node.remember_failed)
		ha_log(LOG_ERR, "cannot write %s/" MEMORY_FILE ": %s; tried again until it works", d->state_dir,
			strerror(-result));
	else if (event.ok && d->node.remember_failed)
		ha_log(LOG_NOTICE, "%s/" MEMORY_FILE " is written again", d->state_dir);
	daemon_event(d, &event);
}

/* One question for all sockets: most of the time there is nothing to drain, and asking each costs more than all else.
 */
static bool
something_waits(const struct daemon *d)
{
	struct pollfd fds[CONFIG_LINKS + 2 * DAEMON_PORTS + 5];
	unsigned count = 0;
	fds[count++].fd = d->monitor_source != NULL ? d->monitor.fd : -1;
	fds[count++].fd = d->vrrp.io.fd;
	fds[count++].fd = d->netlink_source != NULL ? d->netlink.fd : -1;
	fds[count++].fd = workers_fd(d->workers);
	fds[count++].fd = memory_fd(d->memory);
	for (unsigned i = 0; i < config_local(d->config)->link_count; i++)
		fds[count++].fd = d->links[i].socket.io.fd;
	for (unsigned i = 0; i < d->port_count; i++) {
		fds[count++].fd = d->ports[i].open ? d->ports[i].probe.arp_fd : -1;
		fds[count++].fd = d->ports[i].open ? d->ports[i].probe.nd_fd : -1;
	}
	for (unsigned i = 0; i < count; i++)
		fds[i].events = POLLIN;
	/* An error is no answer: then each is asked. */
	return d->batch_count > 0 || poll(fds, count, 0) != 0;
}

/* S13: everything that came in before now is heard before silence is judged. The bounds of each part are far above what
 * a socket's buffer holds, so only what comes in meanwhile, in a flood, is left for the next time. */
static void
drain(struct daemon *d)
{
	if (!something_waits(d)) {
		links_look(d);
		return;
	}
	links_drain(d);
	listen_drain(d);
	vip_drain(d);
	workers_drain(d->workers);
	daemon_remembered(d);
}

void
daemon_wake(struct daemon *d)
{
	ha_time now = ha_now();
	if (d->draining || d->stepping || !d->node.started || now <= ha_time_add(d->armed, NODE_LATE))
		return;
	struct node_event late = { .type = NODE_EV_LATE, .late = ha_time_since(now, d->seen) };
	d->draining = true;
	daemon_event(d, &late);
	drain(d);
	daemon_event_type(d, NODE_EV_DRAINED, true);
	d->draining = false;
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *d = userdata;
	struct node_event event = { .type = NODE_EV_TIMER };
	(void)source;
	(void)usec;
	daemon_wake(d);
	event.drained = ha_now(); /* what comes in from here on may be left for the next time */
	drain(d);
	daemon_wake(d);
	if (node_deadline(&d->node) <= ha_now())
		daemon_event(d, &event);
	else
		rearm(d);
	return 0;
}

int
daemon_loop_open(struct daemon *d)
{
	int r = sd_event_add_time(d->event, &d->timer, CLOCK_BOOTTIME, HA_NEVER, 1, on_timer, d);

	/* First, and it empties every socket: otherwise a flood that re-arms it with every packet would starve it. */
	return r < 0 ? r : sd_event_source_set_priority(d->timer, SD_EVENT_PRIORITY_IMPORTANT);
}
