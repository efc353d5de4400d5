# FAULTS 71: a switchover and a standby whose release fails (a release script stands for the unit) are undone
lab_pair
release_script
printf '#!/bin/sh\nip -o addr show dev enp11s0f2 | grep -q " 10.20.20.21/" && echo "$3" >>%s\nexit 0\n' "$RUN/told" >"$RUN/notify.sh"
chmod 755 "$RUN/notify.sh"
option more "${OPTION[more]/notify: {/notify: { notify = \"$RUN/notify.sh\";}"
lab_configure
given a running pair
for how in fails hangs; do
	release_does A "$how"
	for command in switchover standby; do
		when true
		: >"$RUN/told"
		! hf A "$command" >"$RUN/$command" 2>&1 || fail "$command succeeds though the release $how: $(cat "$RUN/$command")"
		expect state A MASTER within 5
		expect alarm dirty-release on A
		poll_until 5 grep -qx MASTER "$RUN/told" || fail "the scripts are not told that A goes on: $(cat "$RUN/told")"
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
