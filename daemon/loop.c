#include "daemon/daemon.h"

#include "daemon/awake.h"
#include "daemon/guid.h"
#include "daemon/limits.h"
#include "daemon/lock.h"
#include "daemon/node_config.h"
#include "lib/log.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_GAP     (10 * HA_SEC)
#define WORKER_ANSWER (10 * HA_SEC) /* beyond the login's own time */

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
set_origin(struct daemon *d)
{
	struct history_origin origin = { .version = HA_VERSION };
	snprintf(origin.node, sizeof(origin.node), "%s", config_local(d->config)->name);
	snprintf(origin.peer, sizeof(origin.peer), "%s", config_peer(d->config)->name);
	snprintf(origin.vips, sizeof(origin.vips), "%s", d->vips_text);
	config_digest_text(d->config->digest, origin.config);
	history_set_origin(&d->history, &origin);
}

void
daemon_texts(struct daemon *d)
{
	const struct config_vrrp *vrrp = &d->config->vrrp;
	char address[HA_ADDRESS_TEXT], more[24] = "";
	if (vrrp->vip_count > 1)
		snprintf(more, sizeof(more), " and %u more", vrrp->vip_count - 1);
	if (vrrp->vip_count == 0)
		snprintf(d->vips_text, sizeof(d->vips_text), "no address");
	else
		snprintf(d->vips_text, sizeof(d->vips_text), "%s/%u on %s%s",
			ha_address_format(&vrrp->vips[0].address, address), vrrp->vips[0].prefix_length,
			d->vip_count > 0 ? d->ports[d->vips[0].port].interface : links_service_interface(d), more);
	for (unsigned i = 0; i < 2; i++)
		ha_address_format(&d->config->nodes[i].imm.address, d->imm_text[i]);
	set_origin(d);
}

void
daemon_names(const struct daemon *d, struct note_names *ret)
{
	*ret = (struct note_names){ .instance = d->config->vrrp.name,
		.own = config_local(d->config)->name,
		.peer = config_peer(d->config)->name,
		.vips = d->vips_text,
		.action = d->node.config.fence.action,
		.proof = d->node.record.proof };
	for (unsigned i = 0; i < config_peer(d->config)->device_count; i++)
		ret->devices[i] = config_peer(d->config)->devices[i].name;
}

/* Which outlet of the peer would not help tonight, in words; "": none, or the IMM comes first. */
static void
say_outlet_trouble(const struct daemon *d, char text[ADVICE_TROUBLE])
{
	const struct config_node *peer = config_peer(d->config);
	bool imm_good = d->node.device.known && d->node.device.error == FENCE_OK;
	for (unsigned i = 0; i < peer->device_count && imm_good; i++) {
		const struct node_feed *feed = &d->node.feeds[i];
		if (feed->known && feed->error != FENCE_OK)
			snprintf(text, ADVICE_TROUBLE, "%s's outlet %s (level %u, %s) %s", peer->name,
				peer->devices[i].name, peer->devices[i].level, peer->devices[i].agent,
				fence_error_text(feed->error));
		else if (feed->power == FENCE_POWER_OFF && d->node.peer.heard)
			snprintf(text, ADVICE_TROUBLE,
				"%s's outlet %s (level %u) is off although %s runs: it does not feed it", peer->name,
				peer->devices[i].name, peer->devices[i].level, peer->name);
		else
			continue;
		return;
	}
}

const char *
daemon_difference(const struct daemon *d, char buffer[DIFFERS_TEXT])
{
	size_t at = 0;
	if (differs_text(&d->differs, buffer)[0] != '\0' || !d->node.peer.ever)
		return buffer;
	for (unsigned i = 0; i < CONFIG_GROUPS; i++)
		if (d->node.peer.message.config_groups[i] != d->node.config.config_groups[i])
			at += (size_t)snprintf(
				buffer + at, DIFFERS_TEXT - at, "%s%s", at == 0 ? "" : ", ", config_group_names[i]);
	return buffer;
}

void
daemon_advice_names(const struct daemon *d, struct advice_names *ret)
{
	*ret = (struct advice_names){ .own = config_local(d->config)->name,
		.peer = config_peer(d->config)->name,
		.own_imm = d->imm_text[d->config->local],
		.peer_imm = d->imm_text[1 - d->config->local],
		.vips = d->vips_text,
		.config = d->config->path,
		.user = config_peer(d->config)->imm.username };
	say_outlet_trouble(d, ret->trouble);
	daemon_difference(d, ret->differs);
}

/* --- stepping --- */

static void
say_status(struct daemon *d)
{
	sd_notifyf(0, "STATUS=%s, %s is %s", node_state_name(d->node.state), config_peer(d->config)->name,
		!d->node.peer.heard ? "silent" : node_state_name(d->node.peer.message.state));
}

static void
say_alarm(struct daemon *d, enum alarm alarm, bool raised)
{
	char text[ADVICE_TEXT], length[NOTE_DURATION], field[64], id[ALARM_MESSAGE_ID], message_id[64];
	/* journalctl -x prints the runbook where an alarm is raised, not where it ends. */
	const char *fields[] = { field, raised ? message_id : NULL, NULL };
	struct advice_names names;
	daemon_advice_names(d, &names);
	snprintf(field, sizeof(field), "HA_ALARM=%s", alarm_name(alarm));
	snprintf(message_id, sizeof(message_id), "MESSAGE_ID=%s", alarm_message_id(alarm, id));
	if (raised)
		ha_log_fields(alarm_severity(alarm) == ALARM_CRITICAL ? LOG_ERR : LOG_WARNING, fields, "ALARM %s: %s",
			alarm_name(alarm), advice_text(alarm, &names, text));
	else
		ha_log_fields(LOG_NOTICE, fields, "CLEARED %s after %s", alarm_name(alarm),
			note_duration(ha_time_since(d->node.now, d->alarm_since[alarm]), length));
	d->alarm_since[alarm] = d->node.now;
}

void
daemon_alarms(struct daemon *d)
{
	uint64_t alarms = d->node.alarms | (d->config_invalid ? alarm_bit(ALARM_CONFIG_INVALID) : 0);
	uint64_t changed = alarms ^ d->alarms;
	d->alarms = alarms;
	for (unsigned i = 0; i < ALARMS && changed != 0; i++)
		if (changed & alarm_bit((enum alarm)i))
			say_alarm(d, (enum alarm)i, (alarms & alarm_bit((enum alarm)i)) != 0);
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
		say_status(d);
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

static void
take_remembered(struct daemon *d)
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
	take_remembered(d);
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

static int
on_memory(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *d = userdata;
	(void)source;
	(void)fd;
	(void)revents;
	daemon_wake(d);
	take_remembered(d);
	return 0;
}

static int
on_journal(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *d = userdata;
	int result;
	(void)source;
	(void)fd;
	(void)revents;
	daemon_wake(d);
	if (!journal_changed(d->journal, &result))
		return 0;
	if (result < 0)
		ha_log(LOG_ERR, "cannot write %s/history: %s; tried again until it works", d->state_dir,
			strerror(-result));
	else
		ha_log(LOG_NOTICE, "%s/history is written again", d->state_dir);
	return 0;
}

static int
on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *d = userdata;
	(void)source;
	(void)info;
	daemon_wake(d);
	ha_log(LOG_NOTICE, "stopping");
	sd_notify(0, "STOPPING=1");
	daemon_event_type(d, NODE_EV_STOP, true);
	return 0;
}

static int
on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *d = userdata;
	(void)source;
	(void)info;
	daemon_wake(d);
	commands_reload(d, 0);
	return 0;
}

static void
on_report(void *userdata, const struct fence_report *report)
{
	struct daemon *d = userdata;
	struct node_event event = { .type = NODE_EV_FENCE, .report = *report };
	daemon_wake(d);
	daemon_event(d, &event);
}

static void
on_worker(void *userdata, bool running, bool planned)
{
	struct daemon *d = userdata;
	daemon_wake(d);
	struct node_event event = { .type = NODE_EV_WORKER, .ok = running, .up = planned };
	/* The first start is none of the node's business. */
	if (!running || workers_restarts(d->workers) > 0)
		daemon_event(d, &event);
}

/* Health speaks from the loop, and while an action is executed: then nobody was away. */
static void
on_health(void *userdata, const struct node_event *event)
{
	struct daemon *d = userdata;
	if (!d->stepping)
		daemon_wake(d);
	daemon_event(d, event);
}

static void
on_released(void *userdata, bool proven, const char *reason)
{
	struct daemon *d = userdata;
	(void)reason;
	daemon_wake(d);
	daemon_event_type(d, NODE_EV_SERVICE_STOPPED, proven);
}

/* --- start --- */

static void
copy_keys(struct daemon *d)
{
	d->keys.count = d->config->key_count;
	for (unsigned i = 0; i < d->config->key_count; i++)
		memcpy(d->keys.keys[i], d->config->keys[i].bytes, VRRP_MESSAGE_KEY);
}

static void
copy_settings(struct daemon *d)
{
	struct config_setting own[CONFIG_SETTINGS];

	differs_configure(&d->differs, own, config_settings(d->config, own));
}

int
daemon_configure(struct daemon *d)
{
	copy_keys(d);
	copy_settings(d);
	int r = links_configure(d);
	if (r < 0)
		return r;
	daemon_texts(d);
	return 0;
}

static int
open_signals(struct daemon *d)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	(void)signal(SIGPIPE, SIG_IGN);
	int r = sd_event_add_signal(d->event, NULL, SIGTERM, on_stop, d);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGINT, on_stop, d);
	if (r >= 0)
		r = sd_event_add_signal(d->event, NULL, SIGHUP, on_hangup, d);
	return r < 0 ? r : 0;
}

static int
open_memory(struct daemon *d, struct node_memory *ret)
{
	int r = memory_read(d->state_dir, ret);
	if (r == -EBADMSG)
		ha_log(LOG_ERR,
			"%s/" MEMORY_FILE " cannot be read and was moved aside (" MEMORY_FILE ".bad): permissions "
			"to power the peer down count as spent until it is heard",
			d->state_dir);
	else if (r < 0)
		ha_log(LOG_ERR,
			"%s/" MEMORY_FILE ": %s; permissions to power the peer down count as spent until it is heard",
			d->state_dir, strerror(-r));
	r = memory_open(d->state_dir, &d->memory);
	if (r < 0)
		return r;
	return sd_event_add_io(d->event, &d->memory_source, memory_fd(d->memory), EPOLLIN, on_memory, d);
}

/* What is damaged is lost, and no reason not to start. */
static int
open_journal(struct daemon *d)
{
	unsigned lost = 0;
	int r = journal_load(d->state_dir, &d->history, &lost);
	if (r < 0)
		ha_log(LOG_ERR, "%s/history cannot be read: %s", d->state_dir, strerror(-r));
	if (lost > 0)
		ha_log(LOG_WARNING, "%s/history: %u damaged records are left out", d->state_dir, lost);
	r = metrics_read_tested(d->state_dir, &d->metrics);
	if (r < 0)
		ha_log(LOG_WARNING, "%s/" METRICS_TESTED ": %s", d->state_dir, strerror(-r));
	r = journal_open(d->state_dir, &d->journal);
	if (r < 0)
		return r;
	return sd_event_add_io(d->event, &d->journal_source, journal_fd(d->journal), EPOLLIN, on_journal, d);
}

static int
open_workers(struct daemon *d)
{
	struct workers_config config = { .config = d->config->path,
		.node = config_local(d->config)->name,
		.answer = d->config->fence.login_timeout + WORKER_ANSWER };
	struct workers_handler handler = { .userdata = d, .report = on_report, .state = on_worker };
	return workers_open(d->event, &config, &handler, &d->workers);
}

static int
open_health(struct daemon *d)
{
	struct daemon_health_handler handler = { .userdata = d, .event = on_health };
	return daemon_health_open(d->event, d->config, &d->guid, &handler, &d->health);
}

static int
open_parts(struct daemon *d, struct node_memory *ret_memory)
{
	int r = open_signals(d);
	if (r >= 0)
		reexec_adopt(d->event);
	if (r >= 0)
		r = sd_event_add_time(d->event, &d->timer, CLOCK_BOOTTIME, HA_NEVER, 1, on_timer, d);
	/* First, and it empties every socket: otherwise a flood that re-arms it with every packet would starve it. */
	if (r >= 0)
		r = sd_event_source_set_priority(d->timer, SD_EVENT_PRIORITY_IMPORTANT);
	if (r >= 0)
		r = open_memory(d, ret_memory);
	if (r >= 0)
		r = open_journal(d);
	if (r >= 0)
		r = links_open(d);
	if (r >= 0)
		r = daemon_configure(d);
	if (r >= 0)
		r = vip_open(d);
	if (r >= 0)
		r = release_open(d->event, d->config, on_released, d, &d->release);
	if (r >= 0)
		r = notify_open(d->event, d->config, &d->notify);
	if (r >= 0)
		r = open_workers(d);
	if (r >= 0)
		r = open_health(d);
	if (r >= 0)
		r = control_open(d->event, d->runtime_dir, commands_request, d, &d->control);
	return r < 0 ? r : 0;
}

static int
take_lock(struct daemon *d)
{
	pid_t owner = 0;
	unsigned vrid = d->config->vrrp.vrid;
	char holder[LOCK_HOLDER] = "a process that does not listen";
	int r = lock_take(d->config->vrrp.vrid, LOCK_WAIT, &d->lock, &owner);
	if (r == -EADDRINUSE) {
		(void)lock_holder(d->config->vrrp.vrid, holder);
		ha_log(LOG_ERR,
			"another ha-fenced serves VRID %u here, or somebody has taken its name @ha-fenced/%u: %s: "
			"refused "
			"(ss -xap | grep ha-fenced/%u; end that process, then start again)",
			vrid, vrid, holder, vrid);
	} else if (r < 0)
		ha_log(LOG_ERR, "cannot take the lock: %s", strerror(-r));
	return r;
}

static int
read_record(struct daemon *d, struct node_record *ret)
{
	int r = record_boot_id(d->boot);
	if (r < 0) {
		ha_log(LOG_ERR, "boot id: %s", strerror(-r));
		return r;
	}
	r = record_read(d->runtime_dir, d->boot, ret, &d->stale, &d->stale_count);
	if (r < 0)
		ha_log(LOG_ERR, "%s/" RECORD_FILE ": %s: counts as a dirty release", d->runtime_dir, strerror(-r));
	return 0;
}

static void
start_node(struct daemon *d, const struct node_record *record, const struct node_memory *memory)
{
	struct node_config config;
	struct node_event event = { .type = NODE_EV_START };
	const struct history_episode *newest = history_newest(&d->history);
	node_config_from(d->config, &d->guid, &config);
	node_init(&d->node, &config);
	links_refresh(d);
	vip_forget_stale(d);
	vip_drain(d);
	event.start.record = *record;
	event.start.memory = *memory;
	/* A memory that was lost must not give a number to two episodes. */
	if (newest != NULL && newest->number > memory->episode)
		event.start.memory.episode = newest->number;
	event.start.vip_present = vip_any_present(d);
	d->vips_wanted = record->state == NODE_RECORD_HOLDING && event.start.vip_present;
	event.start.incarnation = daemon_random(d) | 1;
	for (unsigned i = 0; i < NODE_LINKS; i++)
		event.start.link_up[i] = links_up(d, i);
	/* Before it is asked for the first time: not fit until the checks have answered, if there are any. */
	daemon_health_mode(d->health, false);
	daemon_event(d, &event);
}

static void
say_started(struct daemon *d)
{
	char digest[7];
	ha_log(LOG_NOTICE, "ha-fenced " HA_VERSION " of %s, cluster %s, peer %s, configuration %s",
		config_local(d->config)->name, d->config->cluster, config_peer(d->config)->name,
		config_digest_text(d->config->digest, digest));
	if (!config_peer(d->config)->imm.configured)
		ha_log(LOG_WARNING, "no IMM is configured for %s: this node cannot fence it",
			config_peer(d->config)->name);
	if (config_peer(d->config)->imm.guid_none)
		ha_log(LOG_WARNING, "guid = \"none\": nobody checks that the IMM is %s's",
			config_peer(d->config)->name);
	if (!ha_guid_is_set(&d->guid))
		ha_log(LOG_WARNING,
			"this machine's GUID is not known (" DAEMON_GUID_FILE "): set `guid` for %s, or its peer "
			"cannot tell whose IMM it asks",
			config_local(d->config)->name);
}

static int
start(struct daemon *d)
{
	struct node_record record;
	struct node_memory memory;
	/* S4: first the lock, then everything else. */
	int r = take_lock(d);
	if (r >= 0)
		r = read_record(d, &record);
	if (r < 0)
		return r;
	(void)daemon_guid(&config_local(d->config)->guid, DAEMON_GUID_FILE, &d->guid);
	r = open_parts(d, &memory);
	if (r < 0) {
		ha_log(LOG_ERR, "cannot start: %s", strerror(-r));
		return r;
	}
	limits_realtime(&d->realtime, &d->memory_locked);
	(void)awake_open(d->event, &d->awake);
	say_started(d);
	start_node(d, &record, &memory);
	/* The watchdog is fed by the loop itself: a loop that hangs ends (FAULTS 5). */
	r = sd_event_set_watchdog(d->event, true);
	if (r < 0)
		ha_log(LOG_WARNING, "watchdog: %s", strerror(-r));
	sd_notify(0, "READY=1");
	return 0;
}

static void
stop(struct daemon *d)
{
	reexec_close(&d->reexec);
	if (d->notify != NULL && d->node.started && !d->reexec.due)
		notify_stop(d->notify, d->node.health.effective_priority);
	awake_close(d->awake);
	control_close(d->control);
	workers_close(d->workers);
	daemon_health_close(d->health);
	release_close(d->release);
	notify_close(d->notify);
	vip_close(d);
	links_close(d);
	sd_event_source_unref(d->announcing.source);
	sd_event_source_unref(d->memory_source);
	memory_close(d->memory);
	sd_event_source_unref(d->journal_source);
	journal_close(d->journal);
	sd_event_source_unref(d->timer);
	explicit_bzero(&d->keys, sizeof(d->keys));
	free(d->vips);
	free(d->vip_index);
	free(d->stale);
	if (d->lock >= 0)
		close(d->lock);
}

int
daemon_run(const struct daemon_options *options, struct config *config)
{
	struct daemon *d = calloc(1, sizeof(*d));
	if (d == NULL)
		return -ENOMEM;
	d->options = *options;
	d->config = config;
	d->lock = -1;
	d->vrrp.io.fd = -1;
	d->armed = HA_NEVER;
	d->started = ha_now();
	history_init(&d->history);
	snprintf(d->runtime_dir, sizeof(d->runtime_dir), "%s", options->runtime_dir);
	snprintf(d->state_dir, sizeof(d->state_dir), "%s", options->state_dir);
	for (unsigned i = 0; i < CONFIG_LINKS; i++)
		d->links[i].socket.io.fd = -1;
	int r = reexec_remember(&d->reexec, options->argv);
	if (r >= 0)
		r = sd_event_new(&d->event);
	if (r >= 0)
		r = start(d);
	if (r >= 0)
		r = sd_event_loop(d->event);
	if (r >= 0 && !d->reexec.due)
		ha_log(LOG_NOTICE, "stopped");
	stop(d);
	sd_event_unref(d->event);
	config_free(d->config);
	if (r >= 0 && d->reexec.due) {
		r = reexec_now(&d->reexec);
		ha_log(LOG_ERR, "reexec: %s: %s; ends, the VIP stays for the next start", d->reexec.program,
			strerror(-r));
	}
	free(d);
	return r < 0 ? r : 0;
}
