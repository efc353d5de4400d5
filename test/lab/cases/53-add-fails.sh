# FAULTS 53: A freezes, and B, which has powered it down, cannot add the VIP: it says so, tries again, and serves when it can
lab_pair
sed -i "s|\"$VIP/24\"|\"$VIP/24 dev vip0\"|" "$RUN"/[AB]/etc/ha-fenced.conf
for node in A B; do ip -n "$PREFIX-$node" -b - <<-Y
		link add vip0 type bridge
		link set vip0 up
	Y
done
power_on_both
prefer_A
poll_until 15 status_is B '.summary == "PROTECTED"' || fail "not protected: $(describe)"
ip -n "$PREFIX-B" link del vip0
when freeze A
poll_until 20 power_is A off || fail "A is not powered down: $(describe)"
expect alarm vip-add-failed on B within 15
expect holder none for 4
status_is B '.state != "MASTER"' || fail "B calls itself master without the VIP: $(describe)"
also ip -n "$PREFIX-B" link add vip0 type bridge
also ip -n "$PREFIX-B" link set vip0 up
expect holder B within 20
expect downs A 1
expect fences B 0
