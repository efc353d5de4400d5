# FAULTS 57: both reload a file in which priority, preemption and a second address are new; applied, the VIP never drops
given a running pair
when true
for node in A B; do
	also sed -i -e 's/priority = 100/priority = 120/; s/"192.168.1.210\/24"/"192.168.1.210\/24", "192.168.1.211\/24"/' \
		"$RUN/$node/etc/ha-fenced.conf"
	also hf $node reload
done
poll_until 10 has_address A 192.168.1.211 || fail "the new address is not added: $(describe)"
! has_address B 192.168.1.211 || fail "the new address is on B"
status_is A '.priority == 120' || fail "the new priority is not in force: $(describe)"
poll_until 15 pair_protected || fail "not protected: $(describe)"
expect no alarm worker-restarted on A
[ "$(figure .losses_since_mark)" = 0 ] || fail "the VIP was gone for $(figure .longest_absent_ms) ms"
expect holder A for 2
when hf A switchover
expect holder B within 5
poll_until 5 has_address B 192.168.1.211 || fail "the new address has not moved: $(describe)"
! has_address A 192.168.1.211 || fail "the new address is on both"
expect fences A 0
expect fences B 0
expect power A on
