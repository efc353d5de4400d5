# FAULTS 23: A's IMM refuses the cipher suite; alarm of its own, and no claim when A is lost
lab_pair
bad_cable mgmt-immA -r 0x11 # ipmi_sim takes any that we speak: the answer is changed on its way
power_on_both
prefer_A
expect alarm fence-cipher on B within 20
expect no alarm fence-authentication on B
poll_until 5 cable_does mgmt-immA refused || fail "the fault is not real: nothing was refused"
when freeze A
expect alarm claim-stuck on B within 15
sleep 3
status_is B '.holding == false' || fail "B holds without a proof: $(describe)"
expect power A on
also good_cable mgmt-immA
expect holder B within 60
expect power A off
expect fences A 1
expect fences B 0
