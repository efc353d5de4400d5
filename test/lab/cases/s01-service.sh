# systemd: kills, stalls, stop, restart and keepalived: FAULTS 3, 5, 6, 72 with its unit and a managed unit
# rows: 3 5 6 72
. "$LAB/systemd.sh"
option after 8.0 # a new daemon may take its time on a busy machine
option more 'release: { units = ( "web.service" ); release_timeout = 50.0; };'
sleep_inhibited() { on_node A systemd-inhibit --list --no-legend 2>/dev/null | grep ha-fenced | grep -w sleep | grep -qw block; }
scrape() { nsenter -t "$(node_leader "$1")" -n curl -sS -f -m 5 http://127.0.0.1:9861/metrics; }
series() { sed -n 's/^\([a-z][^ ]*{[^}]*}\|[a-z][^ ]*\) .*/\1/p' | sort; }
served_by_somebody() { # sets server: user and effective capabilities of who answers
	server=$(on_node A sh -c 'for p in $(pgrep -f "ha-fence metrics --http"); do
		[ $p = $$ ] || sed -n "s/^Uid:\t\([0-9]*\).*/\1/p; s/^CapEff:\t//p" /proc/$p/status; done' | paste -sd ' ')
	[ -n "$server" ]
}
given a running pair
expect page A within 10
[ "$(on_node A stat -c %U:%G /run/ha-fenced/control)" = ha-fenced:ha-fence ] ||
	fail "the daemon is not ha-fenced, or its socket not for ha-fence: $(on_node A stat -c '%U:%G %a' /run/ha-fenced/control)"
on_node A systemd-analyze security --no-pager --threshold=25 ha-fenced.service >"$RUN/security" 2>&1 ||
	fail "exposure: $(tail -n 1 "$RUN/security")"
measure "exposure $(sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p' "$RUN/security")"
# What systemd makes of the unit: its order, its limits, and the lock that keeps the machine from sleeping.
for unit in network-online.target remote-fs.target dbus.service; do
	unit_shows A ha-fenced After | grep -qw "$unit" || fail "the unit is not ordered after $unit"
done
unit_shows A ha-fenced Conflicts | grep -qw keepalived.service || fail "the unit does not conflict with keepalived's"
[ "$(unit_shows A ha-fenced Restart),$(unit_shows A ha-fenced RuntimeDirectoryPreserve),$(unit_shows A ha-fenced WatchdogSignal)" = always,yes,9 ] ||
	fail "a crash is not mended as it should be: $(on_node A systemctl show -p Restart,RuntimeDirectoryPreserve,WatchdogSignal ha-fenced)"
[ "$(unit_shows A ha-fenced TimeoutStopUSec)" = "1min 5s" ] ||
	fail "a stop has less than release_timeout asks for: $(unit_shows A ha-fenced TimeoutStopUSec)"
poll_until 5 sleep_inhibited || fail "nothing keeps the machine from sleeping: $(on_node A systemd-inhibit --list 2>&1)"

# Off until somebody wants them: the figures over HTTP, each answer by a process of a user of its own that may do nothing.
! scrape A >/dev/null 2>&1 || fail "the figures are served though nobody enabled that"
on_node A systemctl -q enable --now ha-fenced-metrics.socket
scrape A >"$RUN/scraped" || fail "the figures are not served: $(journal_of A -u 'ha-fenced-metrics@*' | tail -n 3)"
[ "$(series <"$RUN/scraped")" = "$(hf A metrics | series)" ] || fail "not the figures of ha-fence metrics: $(cat "$RUN/scraped")"
busybox nsenter -t "$(node_leader A)" -n busybox nc 127.0.0.1 9861 < <(sleep 20) >/dev/null 2>&1 &
poll_until 3 served_by_somebody || fail "no process waits for the request"
[[ $server =~ ^(6[1-5][0-9]{3})\ 0000000000000000$ ]] || fail "the figures are served with user and capabilities \"$server\""
on_node A systemd-analyze security --no-pager --threshold=25 ha-fenced-metrics@1.service >"$RUN/security-metrics" 2>&1 ||
	fail "exposure of the figures' server: $(tail -n 1 "$RUN/security-metrics")"
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
by_watchdog() { log_of A | grep -q 'Watchdog timeout'; }
poll_until 5 by_watchdog || fail "it was not the watchdog"
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
