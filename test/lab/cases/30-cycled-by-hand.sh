# FAULTS 30: A is in the dwell of a manual power cycle when B suspects it
given a running pair
when cycle_by_hand A 3
expect holder B within 10
poll_until 15 status_is A '.state == "BACKUP"' || [ "$(power_of A)" = off ] || fail "A is no standby: $(describe)"
expect holder B for 3
expect fences B 0
