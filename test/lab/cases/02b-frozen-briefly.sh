# FAULTS 2: A is frozen for 2 s, shorter than B waits: it goes on
given a running pair
when freeze A
sleep 2
also thaw A
expect holder A for 6
expect fences A 0
expect fences B 0
expect power A on
expect no alarm fenced on B
