# FAULTS 48: Tomcat is killed on A, B's serves the same NFS; B takes over by consent, nobody is powered down
tomcat_pair
given a running pair
when tomcat_dies A
expect holder B within 5
expect page B within 5
measure "a client's gap $(seconds "$(figure .page.longest_gap_ms)")"
expect alarm check-failed on A
expect state A FAULT within 3
expect holder B for 2
expect power A on
also tomcat_returns A
expect state A BACKUP within 30
poll_until 10 pair_protected || fail "not protected with Tomcat back: $(describe)"
expect holder B for 1
expect fences A 0
expect fences B 0
hf A --json test | jq -e '[.[] | select(.check == "storage" or .check == "check-data")] | length == 2 and all(.result == "pass")' >/dev/null ||
	fail "ha-fence test does not see A's storage: $(hf A test)"
