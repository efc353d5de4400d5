# FAULTS 79: B's machine is replaced by another one with its name and key; it is no standby, and named
given a running pair
power_cut B
sed -i "s/${GUID[B]}/${GUID[C]}/" "$RUN/B/etc/ha-fenced.conf"
when power_on B
expect alarm fence-identity on A within 15
expect holder A for 5
expect state A MASTER
status_is A '.alarms | any(.name == "no-standby")' || fail "A takes a stranger for its standby: $(describe)"
expect fences A 0
expect fences B 0
expect power B on
expect power A on
