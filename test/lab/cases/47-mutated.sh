# FAULTS 47: forged, replayed, truncated and mutated adverts and peer messages of both nodes; nothing changes
given a running pair
capture_start A
capture_start B
when hf A switchover
expect holder B within 5
also hf B switchover
expect holder A within 5
capture_stop A
capture_stop B
poll_until 10 pair_protected || fail "not protected after two switchovers: $(describe)"
stranger_up
for broken in 0 50 100; do
	when true
	in_ns x "$TOOLS/flood" -r 1000 -m $broken -n 3 eth0 "pcap:$RUN/A.pcap" "pcap:$RUN/B.pcap" \
		"vrrp:${SERVICE[B]}:$(forged_255)" "vrrp:192.168.1.66:$(forged_255)" >"$RUN/flood"
	measure "$broken % broken: $(cat "$RUN/flood")"
	[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP has moved: $(describe)"
done
expect alarm vip-conflict on A
expect alarm advert-mismatch on A
expect holder A for 2
expect state A MASTER
poll_until 10 pair_protected || fail "not protected after all: $(describe)"
expect power A on
expect power B on
expect fences A 0
expect fences B 0
