# FAULTS 65: A's IMM restarts and says "off" for a moment while A's LANs blip; A keeps, and is not powered down
option after 30.0
given a running pair
when imm_stop A
also imm_knob A lie 0
also split
also imm_return A
poll_until 6 status_is B '.fence.power == "off"' || fail "B has not seen the wrong reading: $(describe)"
also imm_well A lie
expect drops loss_A_B_svc
also heal
expect holder A for 5
poll_until 15 pair_protected || fail "not protected after the blip: $(describe)"
expect power A on
expect fences A 0
expect fences B 0
