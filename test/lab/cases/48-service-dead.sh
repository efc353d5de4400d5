# FAULTS 48: A's service dies, B is fit; B takes over by consent, nobody is powered down
web_check
given a running pair
when web_dies A
expect holder B within 5
expect page B within 5
expect alarm check-failed on A
expect power A on
expect state A FAULT within 3
also web_returns A
expect state A BACKUP within 5
expect holder B for 3
expect fences A 0
expect fences B 0
