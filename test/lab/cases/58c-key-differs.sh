# FAULTS 58: B has another cluster key; neither believes the other, A keeps, and nobody is powered down
given a running pair
tr 0-9a-f 1-9a-f0 <"$RUN/A/etc/authkey" >"$RUN/B/etc/authkey"
when service_stop B ha-fenced
also service_start B ha-fenced
expect alarm vip-conflict on B within 10
expect alarm 'vip-conflict|no-standby' on A within 10
expect holder A for 8
expect state A MASTER
expect fences A 0
expect fences B 0
expect power A on
