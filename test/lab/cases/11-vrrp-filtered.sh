# FAULTS 11: VRRP (protocol 112) is filtered, the peer messages pass; A keeps, B says which
given a running pair
when rule vrrp_A svc-A in 'ip protocol 112'
also rule vrrp_B svc-B in 'ip protocol 112'
expect alarm vrrp-blocked on B within 15
expect drops vrrp_A
expect no alarm path-down on B
expect holder A for 4
expect state A MASTER
expect state B BACKUP
also heal
poll_until 10 pair_protected || fail "not protected with VRRP back: $(describe)"
expect power A on
expect fences A 0
expect fences B 0
