# FAULTS 16: the switch is dead, every link is down; A keeps, B never claims
given a running pair
when cables_out A stor svc mgmt
also cables_out B stor svc mgmt
also cables_out gw svc
expect alarm fence-unreachable on A within 15
expect alarm fence-unreachable on B within 15
expect alarm link-down on B
expect holder A for 6
expect state A MASTER
status_is B '.holding == false' || fail "B holds without a proof: $(describe)"
for node in A B; do also cables_in $node svc stor mgmt; done
also cables_in gw svc
poll_until 20 pair_protected || fail "not protected when the switch is back: $(describe)"
expect holder A for 1
expect power A on
expect power B on
expect fences A 0
expect fences B 0
