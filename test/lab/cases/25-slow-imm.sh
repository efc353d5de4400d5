# FAULTS 25: A's IMM takes 2 s for every answer; B is late but sure, and "off" is executed once
given a running pair
imm_knob A delay 2
when freeze A
expect holder B within 60
expect power A off
expect fences A 1
expect alarm fence-slow on B
expect alarm fenced on B
expect fences B 0
