# FAULTS 64: A's IMM as configured is of a third machine that is off; its "off" counts for nothing
option imm_A C
lab_pair
imm_start C
power_on_both
prefer_A
expect alarm fence-identity on B within 10
when freeze A
sleep 6
expect never two holders
status_is B '.holding == false' || fail "B holds on a third machine's reading: $(describe)"
[ ! -s "$RUN/imm-C/calls" ] || fail "orders were sent: $(cat "$RUN/imm-C/calls")"
expect power A on
expect fences A 0
expect fences B 0
