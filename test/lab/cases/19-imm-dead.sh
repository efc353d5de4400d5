# FAULTS 19: A's IMM is dead, A is healthy
given a running pair
when imm_stop A
expect alarm fence-unreachable on B within 10
expect holder A for 3
poll_until 5 status_is A '.peer.can_fence_me == false' || fail "A believes that B can fence it: $(describe)"
also imm_return A
poll_until 10 pair_protected || fail "not protected after the IMM's return: $(describe)"
expect fences A 0
expect power A on
expect fences B 0
