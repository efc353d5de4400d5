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
for node in B A; do service_stop $node ha-fenced; done
for node in A B; do service_start $node ha-fenced; done
prefer_A
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

flood_measured "4 s" 4 50 "${frames[@]}"
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
