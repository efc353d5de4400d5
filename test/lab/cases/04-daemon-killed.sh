# FAULTS 4: A's daemon is killed for good and leaves the VIP behind
given a running pair
when kill_daemon_for_good A
expect holder B within 20
expect power A off
expect fences A 1
expect alarm fenced on B
expect fences B 0
expect holder B for 2
