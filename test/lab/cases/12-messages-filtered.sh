# FAULTS 12: peer messages are filtered on the service LAN; A keeps, both name the path
given a running pair
when rule messages_A svc-A in 'udp dport 1112'
also rule messages_B svc-B in 'udp dport 1112'
for node in A B; do
	expect alarm path-down on $node within 10
	poll_until 3 status_is $node '(.peer.links[0].heard | not) and .peer.links[1].heard' ||
		fail "$node does not say which path: $(status_of $node | jq -c .peer.links)"
done
expect drops messages_A
expect drops messages_B
expect holder A for 4
pair_protected || fail "not protected though the peer is heard on the other LAN: $(describe)"
also heal
for node in A B; do
	poll_until 10 status_is $node '[.alarms[].name] - ["stalled"] == []' || fail "alarms are left on $node: $(describe)"
done
expect holder A for 1
expect power A on
expect fences A 0
expect fences B 0
