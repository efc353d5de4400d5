# FAULTS 2: A is frozen for 3 s, shorter than B waits: it goes on
option after 8.0 # far from 3 s: the lab may be late itself
given a running pair
when freeze A
sleep 3
also thaw A
expect holder A for 8
expect fences A 0
expect fences B 0
expect power A on
expect no alarm fenced on B
