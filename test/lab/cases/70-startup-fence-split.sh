# FAULTS 70: startup = "fence" under a lasting split: each shoots once at most, then both wait; never two holders
# slow
option startup fence
option startup_fence_delay 5
option action reboot
given a pair without power
split_ahead
when power_on_both
poll_until 80 eval '[ "$(figure .holder)" != none ]' || fail "nobody serves: $(describe)"
first=$(figure .holder)
sleep 60
for node in A B; do
	[ "$(power_downs $node)" -le 1 ] || fail "$(power_downs $node) power-downs of $node"
	expect power $node on
done
before=$(power_downs A)$(power_downs B)
sleep 10
[ "$(power_downs A)$(power_downs B)" = "$before" ] || fail "a fence loop: $(describe)"
measure "first $first, in the end $(figure .holder), power-downs of A and B: $(power_downs A), $(power_downs B)"
poll_until 1 eval '[ "$(figure .holder)" != none ]' || fail "nobody serves in the end: $(describe)"
[ "$(figure .holder)" = A ] && waits=B || waits=A
expect alarm 'waiting-for-peer|loop-averted' on $waits
also heal
poll_until 20 pair_protected || fail "not protected when healed: $(describe)"
