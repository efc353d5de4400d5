# FAULTS 2: A is frozen and thawed after B has taken over
given a running pair
when freeze A
expect holder B within 20
expect power A off
expect fences A 1
expect alarm fenced on B
also thaw A
expect holder B for 3
expect fences B 0
