# systemd: two units in order, one that ignores SIGTERM: FAULTS 71 (undone) and 52 (fenced)
# rows: 52 71
. "$LAB/systemd.sh"
option more 'release: { units = ( "data.service", "web.service" ); release_timeout = 2.0; };
	health: { checks = ( { name = "web"; type = "http"; url = "http://127.0.0.1/"; when = "master"; interval = 0.5;
		timeout = 0.5; rise = 1; fall = 2; start_delay = 3.0; } ); };'
systemd_pair
for node in A B; do
	# Its main process ends when it is told to, as long as /srv/stubborn is not there; a writer that was left behind never.
	systemd_unit $node data.service <<-X
		[Service]
		ExecStart=/bin/sh -c 'trap "test -e /srv/stubborn || exit 0" TERM; while :; do sleep 0.1; done'
		KillMode=mixed
		TimeoutStopSec=1h
	X
done
given a running pair
expect page A within 10
unit_is A data.service active || fail "the first unit was not started"
log_of A | awk '/unit data.service started/ { data = NR } /unit web.service started/ { web = NR } END { exit !(data && data < web) }' ||
	fail "the units were not started in their order"

# In order on B, in reverse on A.
when hf A switchover
expect holder B within 10
expect page B within 10
log_of A | awk '/unit data.service stopped/ { data = NR } /unit web.service stopped/ { web = NR } END { exit !(web && web < data) }' ||
	fail "the units were not stopped in reverse"
unit_is A data.service inactive || fail "A still runs data.service"
poll_until 10 pair_protected || fail "the pair is not protected: $(describe)"

# 71: what cannot be stopped stays, and so does the VIP.
when on_node B touch /srv/stubborn
! hf B switchover >"$RUN/switchover" 2>&1 || fail "the switchover succeeds though data.service runs on"
expect state B MASTER within 5
expect alarm dirty-release on B
expect page B within 10
expect holder B for 2
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
expect fences B 0

# 52: the service dies, the release cannot be proven; A powers B down before it serves.
when on_node B systemctl kill -s KILL web.service
expect holder A within 20
expect page A within 10
expect power B off
expect fences B 1
expect fences A 0
expect alarm fenced on A
