# FAULTS 54: another tool deletes the VIP on the master; it is put back at once, and said
given a running pair
for _ in 1 2 3; do
	when ip -n "$PREFIX-A" addr del "$VIP/24" dev enp11s0f0
	expect holder A within 2
	expect page A within 2
	[ "$(figure .longest_absent_ms | cut -d. -f1)" -lt 500 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
	sleep 1
done
expect alarm vip-lost on A
expect state A MASTER
expect holder A for 2
expect fences A 0
expect fences B 0
expect power A on
