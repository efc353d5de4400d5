# FAULTS 55: a third host uses the VIP; nobody claims it, until the third host gives it up
given a pair without power
stranger_up
ip -n "$PREFIX-x" addr add "$VIP/32" dev eth0
when power_on_both
expect alarm vip-conflict on A within 15
expect holder none for 4
also ip -n "$PREFIX-x" addr del "$VIP/32" dev eth0
poll_until 20 pair_protected || fail "nobody takes it when it is free: $(describe)"
expect fences A 0
expect fences B 0
