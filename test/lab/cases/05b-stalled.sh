# FAULTS 5: A's daemon is stalled for good
given a running pair
when stall A
expect holder B within 20
expect power A off
expect fences A 1
expect alarm fenced on B
expect fences B 0
