# FAULTS 46: B gets hardly any CPU, with packets waiting; A keeps, nobody is powered down
lab_exit() { feed B; }
given a running pair
when starve B
expect holder A for 15
grep -q '^nr_throttled [1-9]' "$CPU/cpu.stat" || fail "the fault is not real: B was never throttled"
measure "B throttled $(awk '/nr_throttled/ { print $2 }' "$CPU/cpu.stat") times"
also feed B
expect alarm stalled on B within 10
expect state B BACKUP within 10
poll_until 20 pair_protected || fail "not protected when B has its CPU again: $(describe)"
expect holder A for 2
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
expect power A on
expect fences A 0
expect fences B 0
