# FAULTS 54: another tool puts the VIP on the standby while the kernel's news of addresses are lost; it is removed all the same
given a running pair
allow two holders # for as long as that takes
flood() { # more than the daemon's socket holds, while it does not read
	local i
	for ((i = 0; i < 20000; i++)); do
		echo "addr add 10.99.$((i / 250)).$((i % 250))/32 dev lo"
		echo "addr del 10.99.$((i / 250)).$((i % 250))/32 dev lo"
	done | ip -n "$PREFIX-B" -b -
}
has_vip() { ip -n "$PREFIX-B" -o addr show | grep -qw "$VIP"; }
not_there() { ! has_vip; }
when stall B
also flood
also ip -n "$PREFIX-B" addr add "$VIP/32" dev lo
also has_vip
also resume B
poll_until 5 not_there || fail "the VIP stays on B: $(describe)"
poll_until 10 pair_protected || fail "not protected after it: $(describe)"
expect state A MASTER
expect holder A for 2
expect fences A 0
expect fences B 0
