# FAULTS 47: floods of one kind at a time at both nodes, then at B while A is dead: no power-down while they come, and said
# slow
# rows: 7 36
option version 3
option advert_int 0.2
given a running pair
capture_start A
capture_start B
sleep 2
capture_stop A
capture_stop B
stranger_up
forged_A="vrrp:${SERVICE[A]}:$(forged_255_v3 "${SERVICE[A]}")" forged_B="vrrp:${SERVICE[B]}:$(forged_255_v3 "${SERVICE[B]}")"
kind() { flood_measured "$1" 3 "${@:2}"; } # NAME PERCENT-BROKEN FRAMES...
kind "replayed messages" 0 "pcap:$RUN/A.pcap" "pcap:$RUN/B.pcap"
kind "broken messages and adverts" 100 "pcap:$RUN/A.pcap" "pcap:$RUN/B.pcap"
kind "priority 255" 0 "$forged_A" "$forged_B" "vrrp:192.168.1.66:$(forged_255_v3 192.168.1.66)"
kind "ARP of the VIP" 0 "arp:$VIP"
poll_until 10 pair_protected || fail "not protected after the floods: $(describe)"
expect fences A 0
expect fences B 0

# S8: what comes from A's address, and is not A's, keeps B from powering A down; it is said, and ends with the flood.
tcpdump -r "$RUN/A.pcap" -w "$RUN/A-messages.pcap" 'udp port 1112' 2>/dev/null # a valid advert is a sign of life
when freeze A
flood_begin 20000 100 "pcap:$RUN/A-messages.pcap"
expect alarm claim-stuck on B within 20
expect alarm advert-mismatch on B
expect fences A 0
flood_end || fail "the flood has ended before"
expect holder B within 15
expect downs A 1
power_on A
poll_until 20 pair_protected || fail "not protected with A back: $(describe)"

# S5: while somebody answers for the VIP nobody takes it.
when freeze B
flood_begin 20000 0 "arp:$VIP"
poll_until 20 power_is B off || fail "B is not powered down: $(describe)"
expect holder none for 1
expect alarm vip-conflict on A within 10
flood_end || fail "the flood has ended before"
expect holder A within 15
expect downs B 1
