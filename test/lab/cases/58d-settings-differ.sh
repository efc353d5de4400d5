# FAULTS 58: the files differ in what both must agree on; A keeps, and after a minute both say so and status names the group
# slow
given a running pair
when sed -i 's/after = 3.0/after = 4.0/' "$RUN/B/etc/ha-fenced.conf"
also hf B reload
expect alarm config-differs on A within 75
expect alarm config-differs on B within 5
for node in A B; do
	status_is $node '.peer.config_groups | any(. == "fence")' || fail "$node does not name it: $(status_of $node | jq -c .peer)"
	hf $node status | grep -q 'fence' || fail "status on $node does not name it: $(hf $node status)"
done
expect holder A for 1
also sed -i 's/after = 4.0/after = 3.0/' "$RUN/B/etc/ha-fenced.conf"
also hf B reload
poll_until 5 status_is A '.alarms == []' || fail "the alarm stays: $(describe)"
expect power A on
expect fences A 0
expect fences B 0
