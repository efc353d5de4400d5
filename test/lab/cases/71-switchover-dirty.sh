# FAULTS 71: a switchover and a standby whose release fails (a release script stands for the unit) are undone
lab_pair
release_script
given a running pair
for how in fails hangs; do
	release_does A "$how"
	for command in switchover standby; do
		when true
		! hf A "$command" >"$RUN/$command" 2>&1 || fail "$command succeeds though the release $how: $(cat "$RUN/$command")"
		expect state A MASTER within 5
		expect alarm dirty-release on A
		[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
	done
done
status_is A '.alarms | all(.name != "standby-on")' || fail "A is still in standby: $(describe)"
expect holder A for 2
expect fences A 0
expect fences B 0
release_does A well
when hf A switchover
expect holder B within 5
