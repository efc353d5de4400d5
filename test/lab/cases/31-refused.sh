# FAULTS 31: 0xD5 to the power-down of a host that is on: asked again, no claim before it is off
given a running pair
imm_knob A completion d5
when freeze A
poll_until 20 grep -q 'refused 0 with d5' "$RUN/imm-A/calls" || fail "no power-down was ordered: $(describe)"
sleep 2
status_is B '.holding == false' || fail "B holds though A is on: $(describe)"
imm_well A completion
expect holder B within 60
expect power A off
expect downs A 1
expect alarm fenced on B
expect fences B 0
