# FAULTS 33: A's IMM restarts while B waits to power A down; B does so when it is back, once
option after 8.0 # time for the IMM to go
given a running pair
when freeze A
poll_until 10 status_is B '.state == "CLAIMING"' || fail "B does not claim: $(describe)"
also imm_stop A
expect alarm claim-stuck on B within 15
also imm_return A
expect holder B within 30
expect power A off
expect alarm fenced on B
expect fences A 1
expect fences B 0
