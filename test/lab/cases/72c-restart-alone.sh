# FAULTS 72: the master crashes while no standby is there; it resumes and the VIP never moves
given a running pair
service_stop B ha-fenced
when kill_daemon A
poll_until 10 daemon_back A 2 || fail "A's daemon does not come back: $(describe)"
expect state A MASTER within 5
expect holder A for 4
expect fences B 0
expect power A on
expect fences A 0
