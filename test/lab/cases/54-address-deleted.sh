# FAULTS 54: another tool deletes the VIP on the master; it is put back at once, and said
given a running pair
late=
for _ in 1 2 3; do
	when ip -n "$PREFIX-A" addr del "$VIP/24" dev enp11s0f0
	expect holder A within 2
	expect page A within 2
	[ "$(figure .longest_absent_ms | cut -d. -f1)" -lt 500 ] || late+=" $(figure .longest_absent_ms) ms"
	sleep 1
done
[ "$(wc -w <<<"$late")" -le 2 ] || fail "the VIP was gone for$late" # a machine that halts for a moment does not do so each time
expect alarm vip-lost on A
expect state A MASTER
expect holder A for 2
expect fences A 0
expect fences B 0
expect power A on
