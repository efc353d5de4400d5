# FAULTS 50: A's storage hangs, B's does not, and A cannot end what uses it (a release script stands for the unit); B fences, then serves
storage_of_each
release_script "touch $RUN/data/closed"
given a running pair
when storage_hangs A
expect holder B within 60
expect page B within 5
expect power A off
expect fences A 1
expect fences B 0
expect alarm storage-hung on A
expect alarm dirty-release on A
expect alarm fenced on B
expect holder B for 2
