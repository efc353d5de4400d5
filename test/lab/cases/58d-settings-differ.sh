# FAULTS 58: the files differ in what both must agree on; A keeps, and after a minute both say so and name the settings
# slow
given a running pair
when sed -i -e 's/after = 3.0/after = 4.0/' -e 's/priority = 90/priority = 91/' "$RUN/B/etc/ha-fenced.conf"
also hf B reload
expect alarm config-differs on A within 75
expect alarm config-differs on B within 5
for node in A B; do
	status_is $node '.peer.config_groups == ["nodes", "fence"]' || fail "$node does not name the groups: $(status_of $node | jq -c .peer)"
	status_is $node '.peer.config_settings == ["nodes.priority", "fence.after"] and .peer.config_unknown == 0' ||
		fail "$node does not name the settings: $(status_of $node | jq -c .peer)"
	status_is $node '.alarms[] | select(.name == "config-differs") | .text | endswith("configurations: nodes.priority, fence.after")' ||
		fail "the alarm on $node does not name them: $(status_of $node | jq -c .alarms)"
	grep -q "ALARM config-differs: .*: nodes.priority, fence.after$" "$RUN/$node/service/ha-fenced/log" ||
		fail "the log of $node does not name them"
	hf $node status | grep -q 'DIFFERS: nodes.priority, fence.after)' || fail "status on $node does not name them: $(hf $node status)"
	hf $node metrics | grep -q 'config_setting_differs{.*setting="fence.after".*} 1$' || fail "no figure on $node: $(hf $node metrics)"
done
expect holder A for 1
also sed -i -e 's/after = 4.0/after = 3.0/' -e 's/priority = 91/priority = 90/' "$RUN/B/etc/ha-fenced.conf"
also hf B reload
poll_until 5 status_is A '[.alarms[].name] - ["stalled"] == []' || fail "the alarm stays: $(describe)"
for node in A B; do
	poll_until 5 status_is $node '.peer.config_settings == [] and .peer.config_same' || fail "$node still names: $(status_of $node | jq -c .peer)"
done
expect power A on
expect fences A 0
expect fences B 0
