# FAULTS 73: the VIP is another one in the files and each daemon is killed; the old one is cleaned, the new one held when both have it
option after 8.0 # a new daemon may take its time on a busy machine
given a running pair
when sed -i 's/192.168.1.210\/24/192.168.1.220\/24/' "$RUN/A/etc/ha-fenced.conf"
also kill_daemon A
poll_until 10 daemon_back A 2 || fail "A's daemon does not come back: $(describe)"
poll_until 10 no_address A 192.168.1.210 || fail "the old address stays on A: $(describe)"
no_address A 192.168.1.220 || fail "A has added what B has not consented to: $(describe)"
expect fences A 0
also sed -i 's/192.168.1.210\/24/192.168.1.220\/24/' "$RUN/B/etc/ha-fenced.conf"
also kill_daemon B
poll_until 15 pair_protected || fail "not protected with the same file on both: $(describe)"
expect holder none for 2
has_address A 192.168.1.220 && has_address B 192.168.1.220 && fail "both hold the new one: $(describe)"
has_address A 192.168.1.220 || has_address B 192.168.1.220 || fail "nobody holds the new one: $(describe)"
expect fences A 0
expect fences B 0
expect power A on
