# FAULTS 7: old "released" messages and forged priority-0 adverts are no consent
given a running pair
capture_start A
when hf A switchover
expect holder B within 5
capture_stop A
when hf B switchover
expect holder A within 5
poll_until 10 pair_protected || fail "not protected after two switchovers: $(describe)"
when replay A
expect holder A for 4
when forge_stop A
expect holder A for 4
expect fences A 0
expect fences B 0
expect power A on
