# FAULTS 49: the service is dead on both; A keeps, and gives to B as soon as that one can serve
web_check
given a running pair
when web_dies B
expect state B FAULT within 5
also web_dies A
expect alarm check-failed on A within 5
expect holder A for 5
also web_returns B
expect holder B within 8
expect page B within 5
expect fences A 0
expect fences B 0
