# FAULTS 45: the wall clock jumps by an hour, either way, on either node
lab_pair
clock_fakeable A
clock_fakeable B
given a running pair
for jump in 'A +3600' 'B +3600' 'A -3600' 'B -3600'; do
	# shellcheck disable=SC2086
	when jump_clock $jump
	expect holder A for 3
done
poll_until 5 pair_protected || fail "not protected: $(describe)"
expect fences A 0
expect fences B 0
expect power A on
expect power B on
expect no alarm no-standby on A
expect no alarm vip-conflict on B
