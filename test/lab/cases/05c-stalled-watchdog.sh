# FAULTS 5: A's daemon is stalled until its watchdog has it restarted; it resumes
option after 8.0 # a new daemon may take its time on a busy machine
lab_pair "-r 100 -w 1200"
given a running pair
when stall A
poll_until 10 daemon_back A 2 || fail "the watchdog does not restart A's daemon: $(describe)"
expect state A MASTER within 5
expect holder A for 5
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
expect fences A 0
expect fences B 0
expect power A on
