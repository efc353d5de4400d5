# FAULTS 5: A's daemon is stalled for 2 s, shorter than B waits
option after 8.0 # far from 2 s: the lab may be late itself
given a running pair
when stall_for A 2
expect holder A for 8
expect fences A 0
expect alarm stalled on A
expect fences B 0
expect power A on
