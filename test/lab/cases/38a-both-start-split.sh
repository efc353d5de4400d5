# FAULTS 38: both start at once, split on all LANs, startup = "wait"; nobody holds until they hear each other
given a pair without power
split_ahead
when power_on_both
expect alarm waiting-for-peer on A within 60
expect alarm waiting-for-peer on B within 20
expect holder none for 5
expect drops loss_A_B_svc
expect drops loss_B_A_svc
also heal
poll_until 20 pair_protected || fail "not protected when healed: $(describe)"
expect fences A 0
expect fences B 0
