# FAULTS 41: A was fenced and boots, the LANs are still split; it must not fence back
option action reboot
given a running pair
when split
expect holder B within 20
expect power A on within 15
expect alarm 'waiting-for-peer|loop-averted' on A within 15
expect holder B for 6
expect drops loss_A_B_svc
expect fences A 1
expect fences B 0
also heal
poll_until 15 status_is A '.state == "BACKUP"' || fail "A is no standby after the heal: $(describe)"
