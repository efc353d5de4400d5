# FAULTS 56: the fence process hangs on both nodes; seen within seconds, A keeps the VIP, no advert is late, others take their place
given a running pair
stopped() {
	local old_A old_B begun took
	old_A=$(fence_process A) old_B=$(fence_process B)
	begun=${EPOCHREALTIME/./}
	also kill -STOP "$old_A" "$old_B"
	poll_until 5 new_fence_process A "$old_A" || fail "A's fence process hangs and is not replaced: $(describe)"
	poll_until 5 new_fence_process B "$old_B" || fail "B's fence process hangs and is not replaced: $(describe)"
	took=$((${EPOCHREALTIME/./} - begun))
	measure "replaced after $(seconds $((took / 1000)))"
	expect alarm worker-restarted on A
	expect alarm worker-restarted on B
	poll_until 10 pair_protected || fail "not protected with new fence processes: $(describe)"
}
when true
punctual A 100 stopped
expect holder A for 1
expect fences A 0
expect fences B 0
when power_cut A
expect holder B within 10
