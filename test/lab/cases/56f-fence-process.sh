# FAULTS 56: the fence process is killed on either node; A keeps the VIP, no advert is late, and both can fence again
given a running pair
killed() {
	local node
	for node in A B; do
		for _ in 1 2; do
			old=$(fence_process $node)
			also kill -KILL "$old"
			poll_until 10 new_fence_process $node "$old" || fail "a killed fence process is not replaced: $(describe)"
		done
		expect alarm worker-restarted on $node
	done
	poll_until 10 pair_protected || fail "not protected with new fence processes: $(describe)"
	expect holder A for 3
}
when true
punctual A 100 killed
expect fences A 0
expect fences B 0
when power_cut A
expect holder B within 10
