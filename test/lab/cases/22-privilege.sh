# FAULTS 22: the IMM user may not switch power; alarm of its own, and no claim
option privlvl user
lab_pair
power_on_both
prefer_A
expect alarm fence-privilege on B within 10
when freeze A
sleep 6
status_is B '.holding == false' || fail "B holds without a proof: $(describe)"
expect never two holders
expect power A on
expect fences A 0
expect fences B 0
