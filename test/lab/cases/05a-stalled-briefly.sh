# FAULTS 5: A's daemon is stalled for 1.5 s, shorter than B waits
given a running pair
when stall_for A 1.5
expect holder A for 5
expect fences A 0
expect alarm stalled on A
expect fences B 0
expect power A on
