# FAULTS 37: both start at once; A by priority and consent
given a pair without power
when power_on_both
expect holder A within 15
poll_until 10 pair_protected || fail "not protected: $(describe)"
expect holder A for 3
expect fences A 0
expect fences B 0
expect power A on
expect power B on
expect no alarm waiting-for-peer on A
expect no alarm waiting-for-peer on B
expect no alarm vip-conflict on A
