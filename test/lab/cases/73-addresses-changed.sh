# FAULTS 73: an address has gone from the file and the daemons are restarted; A keeps what is left, the old one is cleaned
option after 8.0 # a new daemon may take its time on a busy machine
lab_pair
for node in A B; do
	sed -i 's/"192.168.1.210\/24"/"192.168.1.210\/24", "192.168.1.211\/24"/' "$RUN/$node/etc/ha-fenced.conf"
done
given a running pair
has_address A 192.168.1.211 || fail "A has not added both: $(describe)"
when sed -i 's/, "192.168.1.211\/24"//' "$RUN/A/etc/ha-fenced.conf"
also kill_daemon A
poll_until 10 daemon_back A 2 || fail "A's daemon does not come back: $(describe)"
poll_until 10 no_address A 192.168.1.211 || fail "the old address stays on A: $(describe)"
expect holder A for 3
also sed -i 's/, "192.168.1.211\/24"//' "$RUN/B/etc/ha-fenced.conf"
also kill_daemon B
poll_until 15 pair_protected || fail "not protected with the same file on both: $(describe)"
expect state A MASTER
expect holder A for 1
expect fences A 0
expect fences B 0
expect power A on
