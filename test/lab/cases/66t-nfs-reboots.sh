# FAULTS 66: the NFS server reboots, and A's probe fails before B's; A keeps, nobody is powered down, both go on by themselves
tomcat_pair 8
given a running pair
when nfs_cut A
poll_until 5 status_is A '.health[] | select(.name == "data") | .detail | test("hangs|answer|deadline")' ||
	fail "A's probe does not fail: $(describe)"
also nfs_stop
expect drops nfs_A
also unrule nfs_A
expect alarm storage-hung on A within 15
expect alarm storage-hung on B within 15
expect state B FAULT within 15
expect holder A for 4
also nfs_start
poll_until 30 pair_protected || fail "not protected when the NFS server is back: $(describe)"
observe mark "the NFS server is back" >/dev/null
expect page A within 5
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone"
expect holder A for 2
expect power A on
expect fences A 0
expect fences B 0
