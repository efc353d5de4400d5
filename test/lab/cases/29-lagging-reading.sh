# FAULTS 29: the power reading lags 3 s behind the power
given a running pair
imm_knob A lag 3
when freeze A
expect holder B within 30
expect power A off
expect fences A 1
expect alarm fenced on B
expect fences B 0
