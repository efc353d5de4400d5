# FAULTS 18: A freezes, its IMM is dead, and it has two outlets as level 2: B takes over, both outlets off, then on again
for node in A B; do
	OPTION[devices_$node]="devices = ( $(for plug in 1 2; do
		[ $plug = 1 ] || printf ', '
		printf '{ name = "pdu%s"; agent = "%s"; authenticated = true; password_file = "@ETC@/pdu"; monitor_interval = 5;
			options = ( "run=@RUN@", "node=%s", "plug=%s" ); }' "$plug" "$LAB/outlet.sh" "$node" "$plug"
	done) );"
done
option action reboot
given a pair without power
for node in A B; do
	for plug in 1 2; do echo 1 >"$RUN/outlet-$node-$plug"; done
	(umask 077; echo pdu-secret >"$RUN/$node/etc/pdu")
	sed -i "s|@RUN@|$RUN|; s|@ETC@|$RUN/$node/etc|" "$RUN/$node/etc/ha-fenced.conf"
done
mkfifo "$RUN/pdu"
lab_run sh "$LAB/outlet.sh" serve "$RUN"
given a running pair
poll_until 20 status_is B '[.fence.devices[] | [.name, .level, .power, .error]] == [["pdu1", 2, "on", "ok"], ["pdu2", 2, "on", "ok"]]' ||
	fail "status --json does not show A's outlets"
imm_stop A
expect alarm fence-unreachable on B within 10
status_is B '.summary != "DOWN"' || fail "an IMM alone is no reason: $(describe)"
when freeze A
expect holder B within 40
[ "$(grep '^A . 0$' "$RUN/pdu-calls" | sort -u | wc -l)" = 2 ] || fail "not both outlets of A were switched off: $(cat "$RUN/pdu-calls")"
expect alarm fenced on B
grep -q 'fencing NodeA: reboot by level 2' "$RUN/B/service/ha-fenced/log" || fail "B's log does not tell the level"
poll_until 20 grep -q '^A 2 1$' "$RUN/pdu-calls" || fail "the outlets are not switched on again"
expect power A on within 5
expect holder B for 3
