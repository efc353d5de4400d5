# FAULTS 52: A's service fails and cannot be stopped (a release script stands for the unit); B powers A down, then serves
web_check
lab_pair
release_script
given a running pair
release_does A hangs
when web_dies A
expect holder B within 15
expect page B within 5
expect power A off
expect fences A 1
expect fences B 0
expect alarm dirty-release on A
expect alarm fenced on B
expect holder B for 2
