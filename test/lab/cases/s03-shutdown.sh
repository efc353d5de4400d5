# systemd: a reboot and a power-off of the master release in order: FAULTS 6, 75 with systemd's own shutdown
# rows: 6 75
. "$LAB/systemd.sh"
option more 'release: { units = ( "web.service" ); release_timeout = 10.0; };'
systemd_pair
for node in A B; do
	# Takes its time to end, and writes when it has.
	systemd_unit $node web.service <<-X
		[Service]
		ExecStart=/bin/busybox httpd -f -p 80 -h /srv/www
		ExecStop=/bin/sleep 1
		ExecStopPost=/bin/sh -c 'echo ended >>/srv/ended'
	X
done
# On A the generator's drop-in orders the unit after ha-fenced; on B an administrator has hidden it.
mkdir -p "$RUN/B/disk-up/etc/systemd/system/web.service.d"
: >"$RUN/B/disk-up/etc/systemd/system/web.service.d/50-ha-fenced.conf"
given a running pair
expect page A within 10
unit_shows A web.service After | grep -qw ha-fenced.service || fail "the managed unit is not ordered after ha-fenced on A"
! unit_shows B web.service After | grep -qw ha-fenced.service || fail "the managed unit is ordered after ha-fenced on B"

when on_node A systemctl reboot
expect holder B within 20
expect page B within 10
measure "reboot: VIP absent for $(seconds "$(figure '.moves[-1].absent_ms')")"
poll_until 30 rebooted A || fail "A does not reboot"
poll_until 30 status_is A '.state == "BACKUP"' || fail "A does not come back: $(describe)"
poll_until 10 pair_protected || fail "the pair is not protected: $(describe)"
journal_of A -b -1 >"$RUN/shutdown-A"
awk '/Stopped web.service/ { web = NR } /Stopping ha-fenced/ { own = NR } END { exit !(web && web < own) }' "$RUN/shutdown-A" ||
	fail "A's daemon was stopped before its unit"
grep -q 'systemd is shutting down' "$RUN/shutdown-A" || fail "A stops its unit itself, beside systemd"
grep -q 'web.service.*its cgroup is empty' "$RUN/shutdown-A" || fail "A did not wait for its unit"
! grep -q 'not proven' "$RUN/shutdown-A" || fail "A's release was not proven"
expect fences A 0

when on_node B systemctl poweroff
expect holder A within 20
expect page A within 10
measure "power-off: VIP absent for $(seconds "$(figure '.moves[-1].absent_ms')")"
expect power B off within 30
expect fences A 0
expect fences B 0
expect holder A for 2
journalctl -q --no-pager -D "$RUN/B/disk-up/var/log/journal" >"$RUN/shutdown-B"
! grep -q 'not proven' "$RUN/shutdown-B" || fail "B's release was not proven"
grep -q 'web.service stopped, its cgroup is empty' "$RUN/shutdown-B" || fail "B did not wait for its unit"
