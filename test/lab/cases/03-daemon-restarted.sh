# FAULTS 3: A's daemon is killed five times and restarted each time; the VIP never moves
option after 8.0 # a new daemon may take its time on a busy machine
given a running pair
when kill_daemon A
for starts in 2 3 4 5 6; do
	poll_until 10 daemon_back A "$starts" || fail "A's daemon does not come back: $(describe)"
	[ "$starts" = 6 ] || also kill_daemon A
done
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
expect state A MASTER within 5
expect holder A for 4
expect fences A 0
expect fences B 0
expect power A on
expect no alarm fenced on B
expect no alarm vip-conflict on A
