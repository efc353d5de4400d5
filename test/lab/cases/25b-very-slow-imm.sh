# FAULTS 25: A's IMM takes 5 s for every answer; B is late but sure
# slow
given a running pair
imm_knob A delay 5
when freeze A
expect holder B within 110
expect power A off
expect downs A 1
expect alarm fence-slow on B
expect alarm fenced on B
expect fences B 0
