# FAULTS 56: A's health process is killed, then hangs; A keeps the VIP, another process takes its place
web_check
given a running pair
old=$(health_process A)
when kill -KILL "$old"
expect alarm worker-restarted on A
expect holder A for 2
poll_until 5 status_is A '.health[0].ok == true' || fail "no check runs again: $(describe)"
old=$(health_process A)
also kill -STOP "$old"
poll_until 20 new_health_process A "$old" || fail "a health process that hangs is not replaced: $(describe)"
expect holder A for 1
poll_until 5 status_is A '.health[0].ok == true' || fail "no check runs again: $(describe)"
expect fences A 0
expect fences B 0
expect power A on
