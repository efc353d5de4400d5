# FAULTS 71: a switchover and a standby whose release fails (a release script stands for the unit) are undone
lab_pair
release_script
printf '#!/bin/sh\nip -o addr show dev enp11s0f2 | grep -q " 10.20.20.21/" || exit 0\necho "$3" >>%s; echo "$3 $HA_EPISODE $HA_CAUSE" >>%s\n' \
	"$RUN/told" "$RUN/causes" >"$RUN/notify.sh"
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
grep -qE '^MASTER [0-9]+ a release was undone$' "$RUN/causes" || fail "no cause in the environment: $(cat "$RUN/causes")"
poll_until 5 grep -qE '^BACKUP [1-9][0-9]* switchover$' "$RUN/causes" || fail "no cause in the environment: $(cat "$RUN/causes")"
