/* daemon/control.h -- the control socket: how ha-fence talks to a running ha-fenced.
 *
 * The promise: nobody on this socket can delay the daemon; who may not command can only read; every request gets one
 * answer or its connection is closed.
 *
 * Unix stream socket RUNTIME_DIR/control, mode 0660. One JSON object per line each way, one answer per request, in
 * order. Root and the daemon's own user may do everything; members of the socket's group may only read (R). A line is
 * at most REQUEST_BYTES long, CONTROL_CLIENTS clients at most (a reader makes room for who may command), a client that
 * says or takes nothing for CONTROL_IDLE is dropped (except while it waits for an answer).
 *
 *   {"request":"status"}                                  R  result: object, see below
 *   {"request":"history","n":12}                          R  result: array of episodes; n: only that episode; absent:
 * all
 *   {"request":"test"}                                    R  result: facts for `ha-fence test`, see below
 *   {"request":"version"}                                 R  result: {"version":"0.1.0","pid":812,"started_us":...}
 *   {"request":"switchover"}                                 answered when done or refused (up to release_timeout + 10
 * s)
 *   {"request":"standby"} {"request":"unstandby"}            the same
 *   {"request":"pause","seconds":7200}                       seconds null or absent: until resume
 *   {"request":"resume"}
 *   {"request":"confirm-off","node":"NodeA","dry":true}      dry: would it be accepted? Does nothing.
 *   {"request":"confirm-off","node":"NodeA","claim":"0123456789abcdef"}   of the claim that `status` shows.
 *   {"request":"reload"}
 *   {"request":"metrics"}                                 R  result: everything of test, and metrics (daemon/metrics.h)
 *   {"request":"tested","n":0}                               `ha-fence test` has ended with so many failures
 *   {"request":"reexec"}                                     answered before it is done: then version has another
 * started_us switchover and standby take "force":true as well: also when the peer is not fit.
 *
 * Answer: {"ok":bool,"exit":0|1|2,"text":"one line","remedy":"what to do, or absent","result":...}. `exit` is what
 * ha-fence ends with: 0 done, 1 refused or failed, 2 the request itself is wrong.
 *
 * status result. Times: `*_ms` and `*_s` are lengths (null: never); `since` and `time` are seconds of the wall clock
 * with fractions. Objects without a value are null.
 *   version, pid, uptime_s, cluster, node, config ("3f9c1a"), config_path
 *   summary "PROTECTED"|"UNPROTECTED"|"STUCK"|"DOWN", summary_text "VIP 192.168.1.210 on NodeA (this node) for 3 min"
 *   state "MASTER", since (entered this state), holding, proof "CONSENT"|"OFF"|"OPERATOR"|"NONE",
 *   holder (name or null), held_s (how long this node has held, or null)
 *   priority, effective_priority, fit, standby, paused_s (null: not; -1: until resume)
 *   vips [{address, prefix, interface, present}]
 *   links [{index, address, interface, up, peer_address}]
 *   imm {address, power} (this node's, as the peer reads it)
 *   peer {name, ever, heard, state, holding, fit, standby, leaving, dirty, priority, effective_priority, age_ms,
 *         can_fence_me, fence_error, config, config_same, config_groups [names that differ],
 *         config_settings [names that differ], config_unknown (how many only the peer's release knows), incarnation,
 *         alarms [names], links [{index, address, heard, age_ms, hears_me}]}
 *   fence {configured, action, address, reachable, error ("ok", "unreachable" ...), completion, power, identity
 * ("peer", "opted-out", "unknown", "other", "own"), privilege, can_fence, age_ms, rtt_ms, slow, phase, waits (text: why
 * a power-down waits, or null), last (newest fencing of the history, or null) {reason, result, duration_ms, steps [{ms,
 * text}]}} claim null or {number (hex), intent, proof, age_ms, stuck} health [{name, type, ok, detail, when, since, ms
 * (of the newest probe), required_to_fence, weight (if it has one)}]; ok is null while unknown, and on a backup for
 * when = "master" alarms [{name, severity, since, age_s, node (who raises it), text, advice [lines]}] episode null or
 * the newest of the history, without its steps
 *
 * history result: [{number, title, cause, from, to, time, proof, outage_ms, result ("serving", "open", "ended",
 *   "interrupted": the daemon ended first), duration_ms, next (what to do next, or null), fenced (a power-down was
 *   sent), fence_ms (order to proof, or null), recorded_by {node, peer, version, config, vips}, before {state,
 *   peer_state, peer_held, advert (time of the peer's newest), advert_interval_ms}, steps [{time, ms, id, text, a, b}],
 *   steps_dropped}], oldest first. ms counts from `time`; `id` is the note's identifier (daemon/note.h).
 *
 * test result: everything of status, and
 *   unicast, vrid, vrrp_version, runtime_dir, own_guid, peer_guid (text or null), realtime, memory_locked (bool),
 *   workers {fence {running, restarts}, health {restarts}}, adverts {from_peer, foreign, invalid, last_foreign (address
 * or null), last_foreign_s, last_verdict}, messages [{link, address (the peer's), received, rejected, sent,
 * send_failed, rtt_us}], wire {address, mac, age_s} or null (who else answered for a VIP) */
#ifndef HA_DAEMON_CONTROL_H
#define HA_DAEMON_CONTROL_H

#include "daemon/request.h"
#include "lib/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include <systemd/sd-event.h>

#define CONTROL_CLIENTS      16
#define CONTROL_IDLE         (10 * HA_SEC)
#define CONTROL_ANSWER_BYTES (1024 * 1024) /* one that is longer is dropped with its client */
#define CONTROL_SOCKET       "control"     /* in the runtime directory */

struct control;
struct control_client;

/* A request from somebody who may make it. Answer with control_answer() now, or later with the token given. */
typedef void (*control_handler)(void *userdata, const struct request *request, uint32_t token);

/* Returns 0 or -errno. `event` must outlive it. */
int control_open(sd_event *event, const char *runtime_dir, control_handler handler, void *userdata,
	struct control **ret_control);
void control_close(struct control *control);

/* Answer the request of `token`; a client that has gone is no error. `remedy` and `result` may be NULL; the reference
 * to `result` is taken over. */
void control_answer(
	struct control *control, uint32_t token, int exit_status, const char *text, const char *remedy, json_t *result);

#endif
