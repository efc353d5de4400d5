# FAULTS 46: B is suspended, and what has arrived in the meantime is old; it starts its silence anew
given a running pair
when true
for pause in 2 4 6; do
	also freeze B
	sleep "$pause"
	also thaw B
	sleep 0.5
done
expect alarm stalled on B
expect state B BACKUP within 3
poll_until 10 pair_protected || fail "not protected after B's suspends: $(describe)"
expect holder A for 1
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
expect fences A 0
expect fences B 0
