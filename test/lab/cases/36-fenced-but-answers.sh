# FAULTS 36: A is fenced, and somebody still answers ARP for the VIP; nobody new holds it before that ends
given a running pair
stranger_up
when freeze A
also ip -n "$PREFIX-x" addr add "$VIP/32" dev eth0
poll_until 20 power_is A off || fail "A is not powered down: $(describe)"
expect alarm vip-conflict on B within 10
expect holder none for 5
status_is B '.holding == false' || fail "B holds what a third machine has: $(describe)"
also ip -n "$PREFIX-x" addr del "$VIP/32" dev eth0
expect holder B within 20
expect alarm fenced on B
expect power A off
expect downs A 1
expect fences B 0
