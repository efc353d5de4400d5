/* daemon/node_step.h -- what the files of the node share among themselves; nobody else includes it.
 *
 * node.c        events in, actions out; start, stop, commands
 * node_peer.c   hearing and silence (section 3.1, S8, S13), messages of the peer, the answer to its claims (S2)
 * node_claim.c  the own claim: fencing, proof, wire, add (S1, S5, S9)
 * node_hold.c    holding, late wake, two holders, the wish to hand over (S7, S12)
 * node_address.c what is asked of the kernel, the record and the wire for a holder (S3, S4, S5)
 * node_release.c release, its proof, undoing it, dirty, the end of the daemon (S3)
 * node_alarm.c  alarms, derived from the state
 * node_levels.c  the levels behind the peer's IMM: its outlets (S6, S9, S10)
 * node_message.c what the node says */
#ifndef HA_DAEMON_NODE_STEP_H
#define HA_DAEMON_NODE_STEP_H

#include "daemon/node.h"

struct step {
	struct node *n;
	ha_time now;
	const struct node_event *event;
	struct node_update *update;
};

/* node.c */
struct node_action *step_act(struct step *s, enum node_action_type type);
void step_note(struct step *s, enum node_note_type type, uint64_t a, uint64_t b);
void step_state(struct step *s, enum node_state state);
void step_reply(struct step *s, uint32_t token, enum node_command_type type, enum node_reply reply);
void step_end_command(struct step *s, enum node_reply reply); /* the pending switchover or standby */
void step_remember(struct step *s);
void step_episode(struct step *s);
enum node_state node_idle_state(const struct node *n); /* BACKUP, FAULT or STANDBY */
ha_time node_probe_patience(const struct node *n);     /* before a question to the checks counts as lost */
bool node_paused(const struct node *n, ha_time now);

/* node_message.c */
void say(struct step *s);                       /* the regular message */
void say_grant(struct step *s, uint64_t claim); /* S2: only with no claim and no VIP of mine */
void say_no(struct step *s, uint64_t claim);    /* "I hold", "not yet", "dirty" */

/* node_peer.c */
void peer_init(struct node *n, ha_time now);
void peer_message(struct step *s);
void peer_advert(struct step *s);
void peer_invalid(struct step *s);
void peer_timer(struct step *s);
ha_time peer_deadline(const struct node *n);
void peer_restart_silence(struct step *s); /* S13 */
void peer_link_heard(struct step *s, unsigned link);
bool peer_can_take(const struct node *n); /* heard, fit, not standby, not leaving */
bool peer_left(const struct node *n);
bool peer_link_settled(const struct node *n, ha_time now);
ha_time peer_master_down(const struct node *n);
void peer_answer_claim(struct step *s);

/* node_claim.c */
void claim_consider(struct step *s);
void claim_begin(struct step *s, enum node_intent intent);
void claim_end(struct step *s, enum node_end why);
bool claim_is_committed(const struct node *n);
void claim_pause(struct step *s);
void claim_message(struct step *s);
void claim_fence_report(struct step *s);
void claim_worker(struct step *s);
void claim_peer_spoke(struct step *s);
void claim_probe_answer(struct step *s);
void claim_late(struct step *s);
void claim_drained(struct step *s);
void claim_fit_probe(struct step *s);
void claim_operator_heard(struct step *s);
void claim_probe_failed(struct step *s);
void claim_timer(struct step *s);
void claim_vip_added(struct step *s);
void claim_vip_removed(struct step *s);
ha_time claim_deadline(const struct node *n);
enum node_reply claim_confirm(struct step *s, const struct node_command *command);
struct fence_facts claim_facts(const struct node *n, ha_time now);
bool claim_is_lower(const struct node *n);
ha_time claim_shot_at(const struct node *n); /* when the delays of section 3.4 are over */

bool claim_power_down_sent(const struct node *n);
void claim_outlets_off(struct step *s);     /* the outlets prove it */
void claim_outlets_doubted(struct step *s); /* the peer speaks: they do not */

/* node_levels.c */
void levels_begin(struct step *s);
void levels_run(struct step *s, enum fence_topology_event_type type);
/* Before `config` is in force. */
void levels_reload(struct node *n, const struct node_config *config);
void levels_end(struct step *s);
void levels_report(struct step *s); /* .report of a device that is not the IMM */
void levels_heard(struct step *s, bool dirty);
void levels_noise(struct step *s);       /* S8 */
void levels_wire_answer(struct step *s); /* S5: it ends the claim */
void levels_timer(struct step *s);
ha_time levels_deadline(const struct node *n);
void levels_worker(struct step *s);
bool levels_can_fence(const struct node *n);
bool levels_trouble(const struct node *n); /* an outlet that would not help tonight */

/* node_hold.c */
void hold_begin(struct step *s);
void hold_resume(struct step *s);
void hold_message(struct step *s);
void hold_late(struct step *s);
void hold_drained(struct step *s);
void hold_timer(struct step *s);
void hold_probe_answer(struct step *s);
void hold_vip_added(struct step *s);
void hold_storage_probe(struct step *s);
void hold_heal(struct step *s); /* the peer is heard again, or a foreign advert: announce once more */
ha_time hold_deadline(const struct node *n);
void hold_restore_report(struct step *s);
void hold_want(struct step *s); /* handover wished? */
/* Does this holder want to give, as of now, and why? Else *ret_reason is untouched. */
bool hold_wishes(const struct node *n, ha_time now, enum node_release_reason *ret_reason);

/* node_address.c */
#define READD_RETRY HA_SEC /* an add that failed is tried again */

void address_record(struct step *s, enum node_record_state state);
void address_add(struct step *s); /* S3, S4: on record before the first request */
void address_remove(struct step *s);
bool address_newest_answer(struct node *n);
void address_put_back(struct step *s);
void address_ask_later(struct step *s); /* somebody answers for an address that is to be added */
void address_lost(struct step *s);
void address_seen(struct step *s);
void address_probe_failed(struct step *s);
void address_announce(struct step *s);
void address_advert(struct step *s, uint8_t priority);
void address_start_adverts(struct step *s);
void address_advert_timer(struct step *s);
void address_stray_timer(struct step *s);
void address_timer(struct step *s);
ha_time address_deadline(const struct node *n);

/* node_release.c */
#define STOP_HANDOVER HA_SEC /* a stopping master waits so long for its peer's claim */

void release_begin(struct step *s, enum node_release_reason reason);
bool release_under_way(const struct node *n);
void release_gave_up(struct step *s);
void release_made_good(struct step *s);
void release_clean_start(struct step *s);
void release_service_stopped(struct step *s);
void release_vip_removed(struct step *s);
void release_timer(struct step *s);
void release_at_stop(struct step *s);

/* node_alarm.c */
void alarm_update(struct node *n, ha_time now);

#endif
