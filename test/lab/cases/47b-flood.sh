# FAULTS 47: a neighbour sends 100,000 forged, replayed, broken adverts, messages and ARP packets a second; adverts stay on time
# rows: 7
option version 3
option advert_int 0.2
given a running pair
# What an earlier run said: both are started anew before it is repeated.
capture_start A
capture_start B
sleep 2
capture_stop A
capture_stop B
for node in B A; do
	also kill_daemon $node
	poll_until 10 daemon_back $node 2 || fail "$node's daemon does not come back: $(describe)"
done
expect holder A within 5
poll_until 15 pair_protected || fail "not protected: $(describe)"
stranger_up
frames=("pcap:$RUN/A.pcap" "pcap:$RUN/B.pcap" "arp:$VIP" "vrrp:192.168.1.66:$(forged_255_v3 192.168.1.66)")
for node in A B; do frames+=("vrrp:${SERVICE[$node]}:$(forged_255_v3 "${SERVICE[$node]}")"); done
also flood 1 50 "${frames[@]}" # what is touched for the first time
i=0
for node in A B; do
	kb[$((++i))]=$(daemon_memory $node)
	fds[i]=$(daemon_descriptors $node)
	lines[i]=$(daemon_lines $node)
done

listen_for_adverts A "$RUN/control.pcap"
when flood_elsewhere 4 "${frames[@]}"
listen_end "$RUN/control.pcap"
control=$(longest_gap_ms "$RUN/control.pcap")
listen_for_adverts A "$RUN/flooded.pcap"
when flood 4 50 "${frames[@]}"
listen_end "$RUN/flooded.pcap"
flooded=$(longest_gap_ms "$RUN/flooded.pcap")
measure "$(cat "$RUN/flood")"
[ "$(sed 's/.*, \([0-9]*\) arrive at A.*/\1/' "$RUN/flood")" -ge 5000 ] || fail "that was no flood: $(cat "$RUN/flood")"
measure "longest gap between adverts of 200 ms: $flooded ms, with the same load elsewhere $control ms"
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP has moved: $(describe)"
awk -v f="$flooded" -v c="$control" 'BEGIN { exit !(f <= 220 || f <= 1.5 * c + 20) }' ||
	fail "an advert came $flooded ms after the one before it ($control ms with the same load elsewhere)"
expect state A MASTER
expect alarm vip-conflict on A
expect alarm advert-mismatch on A
i=0
for node in A B; do
	more=$(($(daemon_memory $node) - kb[++i]))
	said=$(($(daemon_lines $node) - lines[i]))
	measure "$node: $more kB more, $said lines in the log"
	[ $more -lt 300 ] || fail "$node has grown by $more kB"
	[ "$(daemon_descriptors $node)" -le $((fds[i] + 2)) ] || fail "$node has $(daemon_descriptors $node) descriptors, ${fds[i]} before"
	[ $said -le 40 ] || fail "$node has written $said lines: $(tail -n 5 "$RUN/$node/service/ha-fenced/log")"
done
poll_until 10 pair_protected || fail "not protected after the flood: $(describe)"
expect holder A for 1
expect power A on
expect power B on
expect fences A 0
expect fences B 0
