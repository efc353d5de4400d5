# FAULTS 46: B's daemon gets the CPU for moments only (stopped in between), packets waiting each time; A keeps
given a running pair
when true
for pause in 0.5 1 0.7 2 0.6 3.5 0.5; do
	also stall_for B "$pause"
	sleep 0.05
done
expect alarm stalled on B
expect state B BACKUP within 3
poll_until 10 pair_protected || fail "not protected after B's stalls: $(describe)"
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
expect fences A 0
expect fences B 0
