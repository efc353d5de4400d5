# FAULTS 27: A's IMM accepts the power-down, the host stays on; nobody claims
given a running pair
imm_knob A stuck
when freeze A
expect alarm off-failed on B within 45
status_is B '.holding == false' || fail "B holds though A is on: $(describe)"
expect never two holders
expect power A on
expect fences A 1
when power_cut A # by hand: the cord
expect holder B within 30
expect fences B 0
