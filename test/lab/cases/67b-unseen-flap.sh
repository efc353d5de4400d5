# FAULTS 67: B's service link, a bridge, is down for 0.2 s, which the kernel reports only when it is up again; then its switch blocks 20 s
# slow
given a running pair
bridge_b() { # over its service port, as where virtual machines run: what it reports of its carrier is up to 1 s old
	local ns=$PREFIX-B
	ip -n "$ns" -b - <<-X
		addr flush dev enp11s0f0
		link set enp11s0f0 down
		link set enp11s0f0 name port0
		link add enp11s0f0 address $(mac_of B svc) type bridge stp_state 0 forward_delay 0 mcast_snooping 0
		link set port0 master enp11s0f0
		link set port0 up
		link set enp11s0f0 up
		addr add ${SERVICE[B]}/24 dev enp11s0f0
	X
}
bridge_b || { echo "needs bridges" >&2; exit 77; }
sleep 2
poll_until 20 pair_protected || fail "not protected with a bridge: $(describe)"
sleep 2
blocked() { # the switch's ports of B: nothing in, nothing out, the links are up
	local lan
	for lan in svc stor; do
		rule "$lan-in" "$lan-B" in "meta length > 0"
		rule "$lan-out" "$lan-B" out "meta length > 0"
	done
}
open_again() { local lan; for lan in svc stor; do unrule "$lan-in"; unrule "$lan-out"; done; }
when cable_out B svc
also blocked
sleep 0.1
also cable_in B svc
sleep 20
expect drops stor-in
expect power A on
expect fences A 0
also open_again
poll_until 30 pair_protected || fail "not protected after it: $(describe)"
expect holder A for 2
