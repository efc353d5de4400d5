# FAULTS 50: A's way to the NFS server is cut, and Tomcat hangs in the kernel there; B powers A down, then serves Tomcat's page
tomcat_pair
given a running pair
when nfs_cut A
expect holder B within 60
expect page B within 5
measure "a client's gap $(seconds "$(figure .page.longest_gap_ms)")"
expect drops nfs_A
expect power A off
expect fences A 1
expect fences B 0
expect alarm storage-hung on A
expect alarm dirty-release on A
expect alarm fenced on B
grep -q 'release not proven' "$RUN/A/service/ha-fenced/log" || fail "A's release was proven"
expect holder B for 2
tomcat_serves B || fail "B serves no page of its own"
