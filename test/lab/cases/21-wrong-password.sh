# FAULTS 21: the password of A's IMM is wrong; alarm of its own, and no claim when A is lost
option password_A wrong-secret
lab_pair
power_on_both
prefer_A
expect alarm fence-authentication on B within 10
expect no alarm fence-unreachable on B
when freeze A
sleep 6
status_is B '.holding == false' || fail "B holds without a proof: $(describe)"
expect never two holders
expect fences A 0
expect power A on
expect alarm claim-stuck on B
expect fences B 0
