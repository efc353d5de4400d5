# FAULTS 56: A is frozen while B's fence process hangs with B's power-down in its hands, thawed later: A is powered down once
option after 3.0
given a running pair
old=$(fence_process B)
when freeze A
# B asks at once and is told "on"; its power-down is due when A has been silent for 3 s.
sleep 1.5
also kill -STOP "$old"
poll_until 20 new_fence_process B "$old" || fail "B's fence process hangs and is not replaced: $(describe)"
expect alarm worker-restarted on B
expect holder B within 30
# The old one is gone: nobody is left who could wake with an order.
! kill -CONT "$old" 2>/dev/null || fail "the fence process that hung is still there"
expect power A off
expect fences A 1
also thaw A
expect holder B for 3
expect fences A 1
