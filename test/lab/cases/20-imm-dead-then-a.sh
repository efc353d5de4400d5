# FAULTS 20: A's IMM is dead, then A freezes; nobody claims until the IMM is back
given a running pair
imm_stop A
expect alarm fence-unreachable on B within 10
when freeze A
sleep 6
status_is B '.holding == false' || fail "B holds without a proof: $(describe)"
expect alarm claim-stuck on B within 10
when imm_return A
expect holder B within 15
expect power A off
expect fences A 1
expect fences B 0
expect alarm fenced on B
