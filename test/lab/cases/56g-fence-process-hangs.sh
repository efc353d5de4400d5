# FAULTS 56: the fence process hangs on both nodes; A keeps the VIP, no advert is late, others take their place and can fence
option monitor_interval 1.0
option login_timeout 0.5
given a running pair
when capture_start A
old_A=$(fence_process A) old_B=$(fence_process B)
also kill -STOP "$old_A" "$old_B"
poll_until 30 new_fence_process A "$old_A" || fail "A's fence process hangs and is not replaced: $(describe)"
poll_until 30 new_fence_process B "$old_B" || fail "B's fence process hangs and is not replaced: $(describe)"
expect alarm worker-restarted on A
expect alarm worker-restarted on B
poll_until 10 pair_protected || fail "not protected with new fence processes: $(describe)"
capture_stop A
expect adverts A late at most 100
expect holder A for 1
expect fences A 0
expect fences B 0
when power_cut A
expect holder B within 10
