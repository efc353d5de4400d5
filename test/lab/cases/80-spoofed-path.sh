# FAULTS 80: B's storage path to A is cut and what it sends there comes through the service LAN; the path is down all the same
given a running pair
also rule spoofed svc-A out "ip saddr ${STORAGE[B]} udp dport 1112" accept
when rule cut stor-A out "ether saddr $(mac_of B stor)"
lab_run nsenter --net="/run/netns/$PREFIX-sw" "$TOOLS/inject" relay stor-B "${STORAGE[B]}" svc-A "$(mac_of A svc)"
expect alarm path-down on A within 10
expect drops cut
expect drops spoofed
status_is A '.peer.links[0].heard and (.peer.links[1].heard | not)' || fail "A believes in the path: $(status_of A | jq -c .peer.links)"
expect holder A for 3
expect state A MASTER
expect state B BACKUP
expect fences A 0
expect fences B 0
also unrule cut
poll_until 5 status_is A '.peer.links | all(.heard)' || fail "the path does not come back: $(status_of A | jq -c .peer.links)"
expect holder A for 1
expect power A on
