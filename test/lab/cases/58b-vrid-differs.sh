# FAULTS 58: B's file has another VRID; the peer messages go on, A keeps
given a running pair
sed -i 's/virtual_router_id = 51/virtual_router_id = 52/' "$RUN/B/etc/ha-fenced.conf"
when service_stop B ha-fenced
also service_start B ha-fenced
expect alarm vrrp-blocked on B within 15
expect holder A for 3
expect state A MASTER
expect fences A 0
expect fences B 0
expect power A on
