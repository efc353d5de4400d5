/* The fields are those of daemon/control.h. */
#include "daemon/daemon.h"

#include "lib/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static json_t *
since_json(const struct daemon *d, ha_time at)
{
	(void)d;
	return at == 0 || at == HA_NEVER ? json_null()
					 : json_real((double)((int64_t)at + daemon_wall()) / (double)HA_SEC);
}

static json_t *
age_json(const struct daemon *d, ha_time at)
{
	(void)d;
	return at == 0 || at == HA_NEVER ? json_null() : json_real((double)ha_time_since(ha_now(), at) / (double)HA_MS);
}

static json_t *
address_json(const struct ha_address *address)
{
	char text[HA_ADDRESS_TEXT];
	return address->family == 0 ? json_null() : json_string(ha_address_format(address, text));
}

static json_t *
guid_json(const struct ha_guid *guid)
{
	char text[HA_GUID_TEXT];
	return ha_guid_is_set(guid) ? json_string(ha_guid_format(guid, text)) : json_null();
}

static bool
peer_holds(const struct daemon *d)
{
	return d->node.peer.heard && d->node.peer.ever && d->node.peer.message.holding;
}

/* --- summary --- */

enum summary { SUMMARY_PROTECTED, SUMMARY_UNPROTECTED, SUMMARY_STUCK, SUMMARY_DOWN };

static bool
standby_ready(const struct daemon *d)
{
	const struct node *n = &d->node;
	const struct vrrp_message *m = &n->peer.message;
	if (!n->peer.heard || !n->peer.ever || n->paused_until > ha_now() || m->paused_s != 0)
		return false;
	if (n->state == NODE_MASTER)
		return m->fit && !m->standby && !m->leaving && m->can_fence;
	return m->state == NODE_MASTER && n->state == NODE_BACKUP && node_can_fence(n);
}

static enum summary
summary_of(const struct daemon *d)
{
	const struct node *n = &d->node;
	uint64_t stuck = alarm_bit(ALARM_CLAIM_STUCK) | alarm_bit(ALARM_WAITING_FOR_PEER) |
			 alarm_bit(ALARM_OFF_FAILED) | alarm_bit(ALARM_LOOP_AVERTED);
	if (n->state == NODE_MASTER || (peer_holds(d) && n->peer.message.state == NODE_MASTER))
		return standby_ready(d) ? SUMMARY_PROTECTED : SUMMARY_UNPROTECTED;
	return d->alarms & stuck ? SUMMARY_STUCK : SUMMARY_DOWN;
}

static const char *
summary_text(const struct daemon *d, char buffer[ADVICE_TEXT])
{
	char address[HA_ADDRESS_TEXT] = "-", length[NOTE_DURATION];
	const struct node *n = &d->node;
	if (d->config->vrrp.vip_count > 0)
		ha_address_format(&d->config->vrrp.vips[0].address, address);
	if (node_holding(n))
		snprintf(buffer, ADVICE_TEXT, "VIP %s on %s (this node) for %s", address, config_local(d->config)->name,
			note_duration(ha_time_since(ha_now(), d->held_since), length));
	else if (peer_holds(d))
		snprintf(buffer, ADVICE_TEXT, "VIP %s on %s for %s", address, config_peer(d->config)->name,
			note_duration(ha_time_since(ha_now(), n->peer.holding_since), length));
	else if (d->wire.seen && !n->claim.wire_silent && ha_time_since(ha_now(), d->wire.at) < 10 * HA_SEC)
		/* Who announced it is perhaps off since: when that was belongs to it. */
		snprintf(buffer, ADVICE_TEXT, "VIP %s not claimed; %02x:%02x:%02x:%02x:%02x:%02x had it by ARP %s ago",
			address, d->wire.mac[0], d->wire.mac[1], d->wire.mac[2], d->wire.mac[3], d->wire.mac[4],
			d->wire.mac[5], note_duration(ha_time_since(ha_now(), d->wire.at), length));
	else
		snprintf(buffer, ADVICE_TEXT, "VIP %s not served for %s%s", address,
			note_duration(ha_time_since(ha_now(), n->outage_since), length),
			n->claim.wire_silent ? "; ARP: nobody answers" : "");
	return buffer;
}

/* --- parts --- */

static json_t *
vips_json(const struct daemon *d)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < d->vip_count; i++) {
		const struct daemon_vip *vip = &d->vips[i];
		json_array_append_new(
			array, json_pack("{s:o, s:i, s:s, s:b}", "address", address_json(&vip->config->address),
				       "prefix", (int)vip->config->prefix_length, "interface",
				       d->ports[vip->port].interface, "present", (int)vip->present));
	}
	return array;
}

static json_t *
links_json(const struct daemon *d)
{
	json_t *array = json_array();
	const struct config_node *local = config_local(d->config), *peer = config_peer(d->config);
	for (unsigned i = 0; i < local->link_count; i++)
		json_array_append_new(
			array, json_pack("{s:i, s:o, s:s, s:b, s:o}", "index", (int)i, "address",
				       address_json(&local->links[i].address), "interface", d->links[i].interface, "up",
				       (int)links_up(d, i), "peer_address", address_json(&peer->links[i].address)));
	return array;
}

static json_t *
peer_links_json(const struct daemon *d)
{
	json_t *array = json_array();
	const struct config_node *peer = config_peer(d->config);
	ha_time limit = ha_time_max(HA_SEC, 4 * d->config->hello_interval);
	for (unsigned i = 0; i < peer->link_count; i++) {
		ha_time last = d->node.links[i].last_message;
		bool heard = last != 0 && ha_time_since(ha_now(), last) < limit;
		bool hears =
			d->node.peer.heard && d->node.peer.ever && (d->node.peer.message.links_heard & 1u << i) != 0;
		json_array_append_new(array, json_pack("{s:i, s:o, s:b, s:o, s:b}", "index", (int)i, "address",
						     address_json(&peer->links[i].address), "heard", (int)heard,
						     "age_ms", age_json(d, last), "hears_me", (int)hears));
	}
	return array;
}

static json_t *
alarm_names_json(uint64_t alarms)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < ALARMS; i++)
		if (alarms & alarm_bit((enum alarm)i))
			json_array_append_new(array, json_string(alarm_name((enum alarm)i)));
	return array;
}

static json_t *
groups_json(const struct daemon *d)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < CONFIG_GROUPS && d->node.peer.ever; i++)
		if (d->node.peer.message.config_groups[i] != d->node.config.config_groups[i])
			json_array_append_new(array, json_string(config_group_names[i]));
	return array;
}

static json_t *
settings_json(const struct daemon *d)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < d->differs.count; i++)
		if (differs_in(&d->differs, i))
			json_array_append_new(
				array, json_sprintf("%s.%s", d->differs.own[i].scope, d->differs.own[i].name));
	return array;
}

static void
set_peer_message(json_t *json, const struct daemon *d)
{
	const struct vrrp_message *m = &d->node.peer.message;
	char digest[7], incarnation[20];
	const char *error =
		m->fence_error < FENCE_ERRORS ? fence_error_name((enum fence_error)m->fence_error) : "unknown";
	snprintf(incarnation, sizeof(incarnation), "%016" PRIx64, m->incarnation);
	json_t *more = json_pack("{s:s, s:b, s:b, s:b, s:b, s:b, s:i, s:i, s:b, s:s, s:s, s:b, s:s, s:o}", "state",
		node_state_name(m->state), "holding", (int)m->holding, "fit", (int)m->fit, "standby", (int)m->standby,
		"leaving", (int)m->leaving, "dirty", (int)m->dirty, "priority", (int)m->priority, "effective_priority",
		(int)m->effective_priority, "can_fence_me", (int)m->can_fence, "fence_error", error, "config",
		config_digest_text(m->config_digest, digest), "config_same",
		memcmp(m->config_digest, d->config->digest, CONFIG_DIGEST) == 0, "incarnation", incarnation, "alarms",
		alarm_names_json(m->alarms));
	json_object_update(json, more);
	json_decref(more);
}

static json_t *
peer_json(const struct daemon *d)
{
	const struct node *n = &d->node;
	ha_time last = ha_time_max(n->peer.last_message, n->peer.last_advert);
	json_t *json = json_pack("{s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:i}", "name", config_peer(d->config)->name,
		"ever", (int)n->peer.ever, "heard", (int)n->peer.heard, "age_ms", age_json(d, last), "links",
		peer_links_json(d), "config_groups", groups_json(d), "config_settings", settings_json(d),
		"config_unknown", (int)differs_unknown(&d->differs));
	static const char *const unknown[] = { "state", "fence_error", "config", "priority", "effective_priority",
		"incarnation" };
	static const char *const no[] = { "holding", "fit", "standby", "leaving", "dirty", "can_fence_me",
		"config_same" };
	if (n->peer.ever) {
		set_peer_message(json, d);
		if (!n->peer.heard)
			/* What it said last is no longer known to be so. */
			json_object_set_new(json, "can_fence_me", json_false());
		return json;
	}
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		json_object_set_new(json, unknown[i], json_null());
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		json_object_set_new(json, no[i], json_false());
	json_object_set_new(json, "alarms", json_array());
	return json;
}

static const char *
identity_name(enum fence_identity identity)
{
	switch (identity) {
	case FENCE_IDENTITY_PEER:
		return "peer";
	case FENCE_IDENTITY_OPTED_OUT:
		return "opted-out";
	case FENCE_IDENTITY_OTHER:
		return "other";
	case FENCE_IDENTITY_OWN:
		return "own";
	case FENCE_IDENTITY_UNKNOWN:
		break;
	}
	return "unknown";
}

static const char *
action_name(enum fence_action action)
{
	switch (action) {
	case FENCE_ACTION_REBOOT:
		return "reboot";
	case FENCE_ACTION_OFF:
		return "off";
	case FENCE_ACTION_CHECK:
		break;
	}
	return "check";
}

/* The outlets behind the peer's IMM. */
static json_t *
outlets_json(const struct daemon *d)
{
	const struct config_node *peer = config_peer(d->config);
	json_t *array = json_array();

	for (unsigned i = 0; i < peer->device_count; i++) {
		const struct node_feed *feed = &d->node.feeds[i];
		bool good = feed->known && feed->error == FENCE_OK;

		json_array_append_new(array,
			json_pack("{s:s, s:i, s:b, s:s, s:s, s:o, s:o}", "name", peer->devices[i].name, "level",
				(int)peer->devices[i].level, "reachable", (int)good, "error",
				feed->known ? fence_error_name(feed->error) : "unknown", "power",
				fence_power_name(feed->power), "age_ms", age_json(d, feed->checked), "rtt_ms",
				feed->checked == 0 ? json_null() : json_real((double)feed->rtt / (double)HA_MS)));
	}
	return array;
}

static json_t *
fence_json(const struct daemon *d)
{
	const struct node *n = &d->node;
	const struct node_device *device = &n->device;
	bool reachable = device->known && device->error == FENCE_OK;
	bool waits = n->state == NODE_CLAIMING && n->plan.permit != FENCE_PERMITTED;
	json_t *json = json_pack("{s:b, s:s, s:o, s:b, s:s, s:i, s:s, s:s, s:i, s:b}", "configured",
		(int)n->config.fence_configured, "action", action_name(n->config.fence.action), "address",
		address_json(&config_peer(d->config)->imm.address), "reachable", (int)reachable, "error",
		device->known ? fence_error_name(device->error) : "unknown", "completion", (int)device->completion,
		"power", fence_power_name(device->power), "identity", identity_name(device->identity), "privilege",
		(int)device->privilege, "can_fence", (int)node_can_fence(n));
	json_object_set_new(json, "age_ms", age_json(d, device->checked));
	json_object_set_new(
		json, "rtt_ms", device->checked == 0 ? json_null() : json_real((double)device->rtt / (double)HA_MS));
	json_object_set_new(json, "slow", json_boolean((d->alarms & alarm_bit(ALARM_FENCE_SLOW)) != 0));
	json_object_set_new(json, "phase", json_string(fence_plan_phase_name(n->plan.phase)));
	json_object_set_new(json, "waits", waits ? json_string(fence_permit_text(n->plan.permit)) : json_null());
	json_object_set_new(json, "last", history_fence_json(&d->history));
	json_object_set_new(json, "devices", outlets_json(d));
	return json;
}

static json_t *
claim_json(const struct daemon *d)
{
	const struct node_claim *claim = &d->node.claim;
	char number[20];
	if (d->node.state != NODE_CLAIMING)
		return json_null();
	snprintf(number, sizeof(number), "%016" PRIx64, claim->number);
	return json_pack("{s:s, s:s, s:s, s:o, s:b}", "number", number, "intent", node_intent_name(claim->intent),
		"proof", node_proof_name(claim->proof), "age_ms", age_json(d, claim->began), "stuck",
		(d->alarms & alarm_bit(ALARM_CLAIM_STUCK)) != 0);
}

static json_t *
alarm_json(const struct daemon *d, enum alarm alarm)
{
	char text[ADVICE_TEXT];
	struct advice_names names;
	json_t *advice = json_array();
	daemon_advice_names(d, &names);
	for (unsigned i = 0; advice_line(alarm, i, &names, text) != NULL; i++)
		json_array_append_new(advice, json_string(text));
	return json_pack("{s:s, s:s, s:o, s:f, s:s, s:s, s:o}", "name", alarm_name(alarm), "severity",
		alarm_severity_name(alarm_severity(alarm)), "since", since_json(d, d->alarm_since[alarm]), "age_s",
		(double)ha_time_since(ha_now(), d->alarm_since[alarm]) / (double)HA_SEC, "node",
		config_local(d->config)->name, "text", advice_text(alarm, &names, text), "advice", advice);
}

static json_t *
alarms_json(const struct daemon *d)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < ALARMS; i++)
		if (d->alarms & alarm_bit((enum alarm)i))
			json_array_append_new(array, alarm_json(d, (enum alarm)i));
	return array;
}

static json_t *
paused_json(const struct daemon *d)
{
	ha_time until = d->node.paused_until, now = ha_now();
	if (until == HA_NEVER)
		return json_integer(-1);
	return until <= now ? json_null() : json_integer((json_int_t)((until - now) / HA_SEC));
}

static const char *
power_name(uint8_t power)
{
	return power < FENCE_POWERS ? fence_power_name((enum fence_power)power) : "unknown";
}

static void
set_own(json_t *json, const struct daemon *d)
{
	const struct node *n = &d->node;
	struct vrrp_message m;
	node_describe(n, ha_now(), &m);
	json_object_set_new(json, "state", json_string(node_state_name(n->state)));
	json_object_set_new(json, "since", since_json(d, n->state_since));
	json_object_set_new(json, "holding", json_boolean(node_holding(n)));
	json_object_set_new(json, "proof", json_string(node_proof_name(n->record.proof)));
	json_object_set_new(json, "holder",
		node_holding(n) ? json_string(config_local(d->config)->name)
		: peer_holds(d) ? json_string(config_peer(d->config)->name)
				: json_null());
	json_object_set_new(json, "held_s",
		d->held_since == 0 ? json_null()
				   : json_real((double)ha_time_since(ha_now(), d->held_since) / (double)HA_SEC));
	json_object_set_new(json, "priority", json_integer(n->config.priority));
	json_object_set_new(json, "effective_priority", json_integer(n->health.effective_priority));
	json_object_set_new(json, "fit", json_boolean(m.fit));
	json_object_set_new(json, "standby", json_boolean(n->memory.standby));
	json_object_set_new(json, "paused_s", paused_json(d));
	json_object_set_new(json, "imm",
		json_pack("{s:o, s:s}", "address", address_json(&config_local(d->config)->imm.address), "power",
			n->peer.heard && n->peer.ever ? power_name(n->peer.message.peer_power) : "unknown"));
}

json_t *
status_json(const struct daemon *d)
{
	static const char *const summaries[] = { "PROTECTED", "UNPROTECTED", "STUCK", "DOWN" };
	const struct history_episode *newest = history_newest(&d->history);
	char digest[7], text[ADVICE_TEXT];
	json_t *json = json_pack("{s:s, s:i, s:f, s:s, s:s, s:s, s:s, s:s, s:s}", "version", HA_VERSION, "pid",
		(int)getpid(), "uptime_s", (double)ha_time_since(ha_now(), d->started) / (double)HA_SEC, "cluster",
		d->config->cluster, "node", config_local(d->config)->name, "config",
		config_digest_text(d->config->digest, digest), "config_path", d->config->path, "summary",
		summaries[summary_of(d)], "summary_text", summary_text(d, text));
	if (json == NULL)
		return NULL;
	set_own(json, d);
	json_object_set_new(json, "vips", vips_json(d));
	json_object_set_new(json, "links", links_json(d));
	json_object_set_new(json, "peer", peer_json(d));
	json_object_set_new(json, "fence", fence_json(d));
	json_object_set_new(json, "claim", claim_json(d));
	json_object_set_new(json, "health", daemon_health_json(d->health, daemon_wall()));
	json_object_set_new(json, "alarms", alarms_json(d));
	json_object_set_new(json, "episode", newest == NULL ? json_null() : history_episode_json(newest, false));
	return json;
}

/* --- facts for `ha-fence test` --- */

static json_t *
wire_json(const struct daemon *d)
{
	char mac[18];
	const uint8_t *m = d->wire.mac;
	if (!d->wire.seen)
		return json_null();
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	return json_pack("{s:o, s:s, s:f}", "address", address_json(&d->wire.address), "mac", mac, "age_s",
		(double)ha_time_since(ha_now(), d->wire.at) / (double)HA_SEC);
}

static json_t *
messages_json(const struct daemon *d)
{
	json_t *array = json_array();
	for (unsigned i = 0; i < config_local(d->config)->link_count; i++)
		json_array_append_new(
			array, json_pack("{s:i, s:o, s:I, s:I, s:I, s:I, s:o}", "link", (int)i, "address",
				       address_json(&config_peer(d->config)->links[i].address), "received",
				       (json_int_t)d->links[i].received, "rejected", (json_int_t)d->links[i].rejected,
				       "sent", (json_int_t)d->links[i].sent, "send_failed",
				       (json_int_t)d->links[i].send_failed, "rtt_us",
				       d->links[i].rtt == 0 ? json_null() : json_integer((json_int_t)d->links[i].rtt)));
	return array;
}

static json_t *
adverts_json(const struct daemon *d)
{
	const struct daemon_adverts *a = &d->adverts;
	json_t *age = a->last_foreign_at == 0
			      ? json_null()
			      : json_real((double)ha_time_since(ha_now(), a->last_foreign_at) / (double)HA_SEC);
	return json_pack("{s:I, s:I, s:I, s:o, s:o, s:s}", "from_peer", (json_int_t)a->from_peer, "foreign",
		(json_int_t)a->foreign, "invalid", (json_int_t)a->invalid, "last_foreign",
		address_json(&a->last_foreign), "last_foreign_s", age, "last_verdict",
		vrrp_verdict_name(a->last_verdict));
}

json_t *
status_test_json(const struct daemon *d)
{
	json_t *json = status_json(d);
	if (json == NULL)
		return NULL;
	const struct ha_guid *peer =
		ha_guid_is_set(&d->node.config.peer_guid) ? &d->node.config.peer_guid : &d->node.memory.peer_guid;
	json_object_set_new(json, "unicast", json_boolean(d->config->vrrp.unicast));
	json_object_set_new(json, "vrid", json_integer(d->config->vrrp.vrid));
	json_object_set_new(json, "vrrp_version", json_integer(d->config->vrrp.version));
	json_object_set_new(json, "runtime_dir", json_string(d->runtime_dir));
	json_object_set_new(json, "own_guid", guid_json(&d->guid));
	json_object_set_new(json, "peer_guid", guid_json(peer));
	json_object_set_new(json, "realtime", json_boolean(d->realtime));
	json_object_set_new(json, "memory_locked", json_boolean(d->memory_locked));
	json_object_set_new(json, "workers",
		json_pack("{s:{s:b, s:i}, s:{s:i}}", "fence", "running", (int)workers_running(d->workers), "restarts",
			(int)workers_restarts(d->workers), "health", "restarts",
			(int)daemon_health_restarts(d->health)));
	json_object_set_new(json, "adverts", adverts_json(d));
	json_object_set_new(json, "messages", messages_json(d));
	json_object_set_new(json, "wire", wire_json(d));
	return json;
}

json_t *
status_metrics_json(const struct daemon *d)
{
	json_t *json = status_test_json(d);
	if (json != NULL)
		json_object_set_new(json, "metrics", metrics_json(&d->metrics));
	return json;
}
