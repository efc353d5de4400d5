# FAULTS 58: B's file names another VIP; A keeps its own, B gets no consent for its set, nobody is powered down
given a running pair
sed -i 's/192.168.1.210\/24/192.168.1.220\/24/' "$RUN/B/etc/ha-fenced.conf"
when service_stop B ha-fenced
also service_start B ha-fenced
poll_until 10 status_is B '.peer.heard' || fail "B does not hear A: $(describe)"
expect alarm 'advert-mismatch|no-standby' on A within 10
expect holder A for 6
expect state A MASTER
! has_address B 192.168.1.220 || fail "B has added an address of its own"
expect fences A 0
expect fences B 0
expect power B on
expect power A on
