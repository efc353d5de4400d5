# FAULTS 26: 20 % loss, duplicates and reordering between B and A's IMM; A freezes and is powered down all the same
given a running pair
bad_cable mgmt-immA -l 20 -d 20 -j 30
sleep 3
status_is B '.summary == "PROTECTED"' || poll_until 20 status_is B '.summary == "PROTECTED"' ||
	fail "B cannot use that LAN at all: $(describe)"
when freeze A
expect holder B within 60
for what in lost twice overtaken; do
	poll_until 5 cable_does mgmt-immA $what || fail "the fault is not real: nothing $what: $(cat "$RUN/cable-mgmt-immA")"
done
expect power A off
expect alarm fenced on B
expect downs A 1
expect fences B 0
expect holder B for 2
expect power A off
