# FAULTS 38: both start at once, split on all LANs, startup = "fence"; one survivor by one power-down
option startup fence
option startup_fence_delay 6
given a pair without power
split_ahead
when power_on_both
poll_until 80 eval '[ "$(figure .holder)" != none ]' || fail "nobody serves: $(describe)"
holder=$(figure .holder)
[ "$holder" = A ] && loser=B || loser=A
expect power $loser off
expect drops loss_A_B_svc
expect drops loss_B_A_svc
expect holder $holder for 5
expect fences $loser 1
expect fences $holder 0
