#include "daemon/daemon.h"

#include "daemon/node_config.h"
#include "lib/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
log_note(struct daemon *d, const struct node_note *note)
{
	char text[NOTE_TEXT], state[32], claim[40], episode[40], kind[48], id[NOTE_MESSAGE_ID], message_id[64];
	const char *fields[] = { message_id, kind, state, claim, episode, NULL };
	uint64_t number = d->node.claim.number != 0 ? d->node.claim.number : d->node.record.claim;
	struct note_names names;
	daemon_names(d, &names);
	snprintf(state, sizeof(state), "HA_STATE=%s", node_state_name(d->node.state));
	snprintf(claim, sizeof(claim), "HA_CLAIM=%016" PRIx64, number);
	snprintf(episode, sizeof(episode), "HA_EPISODE=%" PRIu64, note->episode);
	snprintf(kind, sizeof(kind), "HA_NOTE=%s", note_id(note));
	snprintf(message_id, sizeof(message_id), "MESSAGE_ID=%s", note_message_id(note->type, id));
	ha_log_fields(note_priority(note), fields, "%s", note_text(note, &names, text));
	metrics_note(&d->metrics, d->node.now, note, d->node.record.proof);
	const struct history_facts facts = { .wall = daemon_wall(),
		.peer_held = d->node.peer.was_master,
		.peer_known = d->peer_known,
		.state = d->state_before,
		.peer_state = d->peer_state,
		.advert = d->node.peer.last_advert,
		.advert_interval = d->node.peer.advert_interval };
	if (history_add(&d->history, d->node.now, &facts, note, &names))
		journal_put(d->journal, history_newest(&d->history));
}

void
act_peer_state(struct daemon *d)
{
	const struct node_peer *peer = &d->node.peer;
	bool heard = peer->heard && peer->ever;
	enum node_state before = d->peer_state;
	if (heard)
		d->peer_state = peer->message.state;
	/* One that was silent says its state when it is heard again: that is another note. */
	bool changed = heard && d->peer_heard && d->peer_state != before;
	d->peer_known |= heard;
	d->peer_heard = heard;
	if (changed) {
		struct node_note note = {
			.type = NODE_NOTE_PEER_STATE, .a = before, .b = d->peer_state, .episode = d->node.episode
		};
		log_note(d, &note);
	}
}

static void
act_note(struct daemon *d, const struct node_note *note)
{
	log_note(d, note);
	if (note->type == NODE_NOTE_STATE)
		notify_state(d->notify, (enum node_state)note->b, d->node.health.effective_priority, note->episode,
			note_cause(note, d->node.record.proof, d->node.release_reason));
}

static bool
act_record(struct daemon *d, const struct node_record *record)
{
	int r = vip_record(d, record);
	if (r < 0)
		ha_log(LOG_ERR, "cannot write the record in %s: %s", d->runtime_dir, strerror(-r));
	return r >= 0;
}

static void
act_remember(struct daemon *d, const struct node_action *action)
{
	memory_write(d->memory, &action->memory, action->token);
}

static void
act_one(struct daemon *d, const struct node_action *action, bool *recorded)
{
	switch (action->type) {
	case NODE_SEND:
		listen_send(d, &action->message, action->links);
		break;
	case NODE_SEND_ADVERT:
		metrics_advert(&d->metrics, ha_now(), d->config->vrrp.advert_interval, action->value);
		listen_advert(d, (uint8_t)action->value);
		break;
	case NODE_WRITE_RECORD:
		*recorded = act_record(d, &action->record);
		break;
	case NODE_ADD_VIP:
		/* S4: no address without its record. */
		if (*recorded)
			vip_add(d);
		else
			vip_add_refused(d);
		break;
	case NODE_REMOVE_VIP:
		vip_remove(d);
		break;
	case NODE_ANNOUNCE:
		listen_announce(d);
		break;
	case NODE_PROBE:
		listen_probe(d);
		break;
	case NODE_START_SERVICE:
		release_start(d->release);
		break;
	case NODE_STOP_SERVICE:
		release_stop(d->release, ha_time_add(ha_now(), action->time));
		break;
	case NODE_FENCE_ORDER:
		workers_order(d->workers, &action->order);
		break;
	case NODE_PROBE_FIT:
		daemon_health_probe_fit(d->health, action->token);
		break;
	case NODE_PROBE_STORAGE:
		daemon_health_probe_storage(d->health, action->token);
		break;
	case NODE_REMEMBER:
		act_remember(d, action);
		break;
	case NODE_REPLY_TO:
		commands_reply(d, action->token, action->reply);
		break;
	case NODE_NOTE:
		act_note(d, &action->note);
		break;
	case NODE_EXIT:
		d->exiting = true;
		sd_event_exit(d->event, 0);
		break;
	case NODE_ACTION_TYPES:
		break;
	}
}

void
act(struct daemon *d, const struct node_update *update)
{
	bool recorded = true;
	for (unsigned i = 0; i < update->count; i++)
		act_one(d, &update->actions[i], &recorded);
}
