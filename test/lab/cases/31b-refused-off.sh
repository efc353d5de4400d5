# FAULTS 31: 0xD5 to the power-down of a host that is off: an answer, and the readings prove
given a running pair
imm_knob A completion d5
when power_cut A
expect holder B within 10
expect power A off
expect downs A 0
expect alarm fenced on B
expect fences B 0
