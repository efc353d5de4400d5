# FAULTS 51: the storage hangs for both; A keeps, nobody is powered down, and it ends by itself
storage_of_both
given a running pair
when fsfreeze -f "$RUN/data"
expect alarm storage-hung on A within 10
expect alarm storage-hung on B within 10
expect state B FAULT within 10
expect holder A for 8
expect page A within 2
also fsfreeze -u "$RUN/data"
poll_until 10 pair_protected || fail "not protected when the storage is back: $(describe)"
expect holder A for 2
expect fences A 0
expect fences B 0
