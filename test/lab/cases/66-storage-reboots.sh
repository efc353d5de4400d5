# FAULTS 66: the storage hangs for both, A's probe fails before B's; A keeps, and all is well when it is back
storage_of_each 8
given a running pair
when storage_hangs A
poll_until 5 status_is A '.health[0].detail | test("hangs|answer|deadline")' || fail "A's probe does not fail: $(describe)"
also storage_hangs B
expect alarm storage-hung on A within 10
expect alarm storage-hung on B within 10
expect holder A for 4
also storage_returns A
also storage_returns B
poll_until 10 pair_protected || fail "not protected when the storage is back: $(describe)"
expect holder A for 2
expect fences A 0
expect fences B 0
