# FAULTS 16: the switch forwards nothing, though every link is up; A keeps, B never claims
given a running pair
when forwarding off svc stor mgmt
expect alarm fence-unreachable on A within 15
expect alarm fence-unreachable on B within 15
expect alarm claim-stuck on B within 10
expect holder A for 6
expect state A MASTER
status_is B '.holding == false' || fail "B holds without a proof: $(describe)"
# The IMMs last: whoever reaches the peer's IMM before the peer is heard again powers it down, and may (S9).
also forwarding on svc stor
poll_until 10 status_is B '.peer.heard' || fail "B does not hear A: $(describe)"
also forwarding on mgmt
poll_until 20 pair_protected || fail "not protected when the switch forwards again: $(describe)"
expect holder A for 1
expect power A on
expect power B on
expect fences A 0
expect fences B 0
