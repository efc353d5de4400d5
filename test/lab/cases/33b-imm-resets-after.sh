# FAULTS 33: A's IMM restarts right after it has executed the power-down, before "off" is proven; B after it says off
option settle 5.0 # time for the IMM to go
given a running pair
when freeze A
poll_until 20 power_is A off || fail "A is not powered down: $(describe)"
also imm_stop A
[ "$(figure .holder)" = none ] || fail "B has claimed before the IMM was gone: this run shows nothing"
sleep 6
[ "$(figure .holder)" = none ] || fail "B holds without a proof: $(describe)"
also imm_return A
expect holder B within 30
expect power A off
expect alarm fenced on B
expect fences B 0
