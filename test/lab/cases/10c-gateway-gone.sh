# FAULTS 10: A is frozen, but what B must reach to fence (required_to_fence) does not answer: no power-down until it does
option more 'health: { checks = ( { name = "gateway"; type = "ping"; address = "192.168.1.1"; weight = -1;
	required_to_fence = true; interval = 0.5; timeout = 0.5; } ); };'
given a running pair
also rule echo svc-gw in 'ip protocol icmp'
when freeze A
expect holder A for 8
expect fences A 0
expect drops echo
also unrule echo
expect holder B within 10
expect fences A 1
expect fences B 0
