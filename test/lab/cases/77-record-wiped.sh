# FAULTS 77: A's daemon is killed, its record wiped; no consent before its service has stopped (a release script stands for the unit)
lab_pair
release_script
option after 8.0 # time for what has to be done before the new daemon
given a running pair
release_does A fails
: >"$RUN/releases"
when kill_daemon_for_good A
poll_until 5 service_gone A ha-fenced || fail "A's daemon is still there: $(describe)"
also rm -rf "$RUN/A/run"
also mkdir "$RUN/A/run"
also service_start A ha-fenced
expect holder none within 10
poll_until 10 eval '[ "$(releases A)" -ge 2 ]' || fail "the release is not tried without a record: $(describe)"
expect alarm dirty-release on A
expect holder none for 2
expect fences A 0
release_does A well
poll_until 15 pair_protected || fail "not protected after the release: $(describe)"
[ "$(figure .losses_since_mark)" = 1 ] || fail "the VIP was lost $(figure .losses_since_mark) times"
expect power A on
expect fences A 0
expect fences B 0
