# systemd: kills, stalls, stop, restart and keepalived: FAULTS 3, 5, 6, 72 with its unit and a managed unit
# rows: 3 5 6 72
. "$LAB/systemd.sh"
option more 'release: { units = ( "web.service" ); release_timeout = 5.0; };'
given a running pair
expect page A within 10
[ "$(on_node A stat -c %U:%G /run/ha-fenced/control)" = ha-fenced:ha-fence ] ||
	fail "the daemon is not ha-fenced, or its socket not for ha-fence: $(on_node A stat -c '%U:%G %a' /run/ha-fenced/control)"
on_node A systemd-analyze security --no-pager --threshold=25 ha-fenced.service >"$RUN/security" 2>&1 ||
	fail "exposure: $(tail -n 1 "$RUN/security")"
measure "exposure $(sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p' "$RUN/security")"
unit_is B web.service inactive || fail "the backup runs the managed unit"
served_by=$(unit_shows A web.service MainPID)

# 3: killed, it is started again and resumes; what it manages runs on.
when kill_daemon A
poll_until 10 daemon_back A 1 || fail "A's daemon does not come back: $(describe)"
expect state A MASTER within 5
also kill_daemon A
poll_until 10 daemon_back A 2 || fail "A's daemon does not come back: $(describe)"
expect state A MASTER within 5

# 5: stalled, its watchdog replaces it.
also stall A
poll_until 15 daemon_back A 3 || fail "the watchdog does not restart A's daemon: $(describe)"
log_of A | grep -q 'Watchdog timeout' || fail "it was not the watchdog"
expect state A MASTER within 5
expect holder A for 2
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
[ "$(unit_shows A web.service MainPID)" = "$served_by" ] || fail "the managed unit was started anew"

# 6: a stop releases by consent; the managed unit ends on A before it starts on B.
when on_node A systemctl stop ha-fenced
expect holder B within 10
expect page B within 10
unit_is A web.service inactive || fail "the managed unit outlives the stop"
[ "$(unit_shows A ha-fenced Result)" = success ] || fail "the stop ended with $(unit_shows A ha-fenced Result)"
measure "stop: VIP absent for $(seconds "$(figure '.moves[-1].absent_ms')")"
also on_node A systemctl start ha-fenced
expect state A BACKUP within 10
poll_until 10 pair_protected || fail "the pair is not protected again: $(describe)"

# 72: a restart, too, as the peer is fit.
when on_node B systemctl restart ha-fenced
expect holder A within 10
expect page A within 10
expect state B BACKUP within 10
poll_until 10 pair_protected || fail "the pair is not protected again: $(describe)"

# Both would manage the same address.
when on_node A systemctl start keepalived
expect holder B within 10
unit_is A ha-fenced.service inactive || fail "ha-fenced runs beside keepalived"
expect fences A 0
expect fences B 0
