# FAULTS 8: B's service interface is made anew while another program has the port of our messages, and nothing else of A is heard; B is deaf, not A silent
given a running pair
bridge() { # add|del: over B's service port, as where virtual machines run
	if [ "$1" = del ]; then
		ip -n "$PREFIX-B" link del enp11s0f0
	else
		ip -n "$PREFIX-B" -b - <<-X
			link add enp11s0f0 address $(mac_of B svc) type bridge stp_state 0 forward_delay 0 mcast_snooping 0
			link set port0 master enp11s0f0
			link set enp11s0f0 up
			addr add ${SERVICE[B]}/24 dev enp11s0f0
		X
	fi
}
squat() { # on B
	lab_run nsenter --net="/run/netns/$PREFIX-B" python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("192.168.1.199", 1112))
time.sleep(300)'
	SQUATTER=$!
}
squats() { in_ns B ss -Hulnp sport = :1112 | grep -q python3; }
shut() { ! in_ns B ss -Hulnp sport = :1112 | grep -q '192.168.1.199.*ha-fenced'; }
says_deaf() { grep -q 'peer messages on enp11s0f0: Address already in use: none is heard' "$RUN/B/service/ha-fenced/log"; }
ip -n "$PREFIX-B" -b - <<-X
	addr flush dev enp11s0f0
	link set enp11s0f0 down
	link set enp11s0f0 name port0
	link set port0 up
X
bridge add || { echo "needs bridges" >&2; exit 77; }
sleep 2
poll_until 20 pair_protected || fail "not protected with a bridge: $(describe)"
when rule vrrp_A svc-A in 'ip protocol 112'
also cable_out B stor
also bridge del
poll_until 5 shut || fail "B's socket stays: $(in_ns B ss -ulnpe)"
also in_ns B sysctl -qw net.ipv4.ip_nonlocal_bind=1
also squat
poll_until 5 squats || fail "the port is not taken"
also bridge add
poll_until 10 says_deaf || fail "B does not say that it is deaf: $(describe)"
expect alarm link-down on B
expect holder A for 12 # suspicion, its delay and the power-down would take 4 s
expect power A on
expect fences A 0
also kill "$SQUATTER"
also cable_in B stor
also heal
poll_until 20 pair_protected || fail "not protected after it: $(describe)"
expect holder A for 2
expect fences A 0
expect fences B 0
