# FAULTS 59: A gets no memory, and its fence process is to be a new one after a reload; A says that it cannot fence
option after 8.0 # a new daemon may take its time on a busy machine
given a running pair
disturbed A
when prlimit --pid "$(cat "$RUN/A/service/ha-fenced/pid")" --as=4096:4096
if hf A reload 2>"$RUN/said"; then # what the heap had left sufficed for the file
	expect alarm 'resources|fence-unreachable' on A within 20
	status_is A '.summary == "UNPROTECTED" or (.fence.reachable | not)' || fail "A says that it can fence: $(describe)"
	poll_until 5 status_is B '.peer.can_fence_me == false' || fail "B is not told: $(describe)"
else
	grep -q 'stays in force: Cannot allocate memory' "$RUN/said" || fail "reload says $(cat "$RUN/said")"
	expect alarm config-invalid on A
fi
expect holder A for 3
also kill_daemon A
poll_until 10 daemon_back A 2 || fail "A's daemon does not come back: $(describe)"
expect state A MASTER within 5
poll_until 10 pair_protected || fail "not protected with the new daemon: $(describe)"
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
expect fences A 0
expect fences B 0
expect power A on
