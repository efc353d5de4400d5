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
given a running pair
expect page A within 10

when on_node A systemctl reboot
expect holder B within 20
expect page B within 10
measure "reboot: VIP absent for $(seconds "$(figure '.moves[-1].absent_ms')")"
poll_until 30 rebooted A || fail "A does not reboot"
poll_until 30 status_is A '.state == "BACKUP"' || fail "A does not come back: $(describe)"
poll_until 10 pair_protected || fail "the pair is not protected: $(describe)"
log_of A -b -1 >"$RUN/shutdown-A"
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
