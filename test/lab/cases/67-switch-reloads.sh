# FAULTS 67: the switch of both LANs reloads: links down, up, blocked for 30 s; the IMM LAN lives. One holder, nobody powered down
# slow
given a running pair
# One command after the other: A's service cable is the last, else B, still heard on the other LAN, takes over by consent.
when cables_out A stor
also cables_out B stor svc
also cables_out A svc
also cables_out gw svc
expect alarm link-down on A within 3
expect alarm link-down on B within 3
sleep 2
also forwarding block svc stor
for node in A B; do also cables_in $node svc stor; done
also cables_in gw svc
also forwarding block svc stor
sleep 30
# What A said when its cable went ("take over") may have waited in the kernel for the neighbour, and come as the first word
# after the reload: then B has the VIP, by consent.
holder=$(figure .holder)
[[ $holder == [AB] ]] || fail "not one holder: $(describe)"
also forwarding on svc stor
poll_until 30 pair_protected || fail "not protected after the reload: $(describe)"
expect holder "$holder" for 3
expect power A on
expect power B on
expect fences A 0
expect fences B 0
