# FAULTS 75: the standby's service is stopped, and its machine rebooted
given a running pair
when service_stop B ha-fenced
expect alarm no-standby on A within 10
expect holder A for 6
also power_cut B
also power_on B
poll_until 15 pair_protected || fail "not protected after B's return: $(describe)"
expect holder A for 2
expect fences A 0
expect fences B 0
expect power A on
