#include "daemon/daemon.h"

#include "daemon/awake.h"
#include "daemon/guid.h"
#include "daemon/limits.h"
#include "daemon/lock.h"
#include "daemon/node_config.h"
#include "lib/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

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
	(void)vip_any_present(d); /* from now on their loss is seen */
	event.start.vip_present = vip_resumable(d);
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
	r = parts_open(d, &memory);
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
	parts_close(d);
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
