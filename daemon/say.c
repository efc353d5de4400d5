#include "daemon/daemon.h"

#include "lib/log.h"

#include <stdio.h>
#include <systemd/sd-daemon.h>

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

void
daemon_say_status(const struct daemon *d)
{
	sd_notifyf(0, "STATUS=%s, %s is %s", node_state_name(d->node.state), config_peer(d->config)->name,
		!d->node.peer.heard ? "silent" : node_state_name(d->node.peer.message.state));
}
